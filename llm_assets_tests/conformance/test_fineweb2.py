"""How near our reading of FineWeb-2's filters comes to them, with their own tokenizers.

It is another reading, so it need not be equal. Every difference stands here with its cause, and a
new one fails.
"""

import polars as pl
import pytest

from llm_assets.corpus.profiles.fineweb2 import fineweb2_profile
from llm_assets.corpus.signals import measure_signals
from llm_assets_tests.conformance.vectors_file import FOLDER
from llm_assets_tests.judging import judge

SENTENCE_SPACES = {"tha_Thai": "th", "lao_Laoo": "lo"}
"""Languages without marks at the end of sentences, by the code that texts are found to be in."""

DIFFERENCES = {
    # Words between spaces are fewer than tokens, so shares per word are higher.
    "deu_Latn/DEU017/1#signs": (None, "gopher_too_many_ellipsis"),
    "por_Latn/POR0011_CamCB_Mulheres/3#signs": (
        "gopher_below_alpha_threshold",
        "gopher_too_many_ellipsis",
    ),
    # N-grams of words between spaces are longer than those of tokens.
    "fra_Latn/fra/1#repeated_lines": ("duplicated_5_n_grams", "duplicated_6_n_grams"),
    "fra_Latn/FRA00501_Balzac/0#repeated_words": ("duplicated_5_n_grams", "top_4_gram"),
    "fra_Latn/wikinews/1#repeated_words": ("top_4_gram", "top_3_gram"),
    "hin_Deva/hin/2#repeated_words": ("top_3_gram", "top_2_gram"),
    "hun_Latn/HU13445/2#web_remains": (None, "top_4_gram"),
    "rus_Cyrl/rus/1#repeated_words": (None, "top_4_gram"),
    # Our words are close to the tokens, and the share of those with a letter is close to its limit.
    "hun_Latn/HU13445/1#signs": (None, "gopher_below_alpha_threshold"),
    "hun_Latn/hun/0#signs": (None, "gopher_below_alpha_threshold"),
    "por_Latn/POR0011_CamCB_Mulheres/2#bullets": (None, "gopher_below_alpha_threshold"),
    "tam_Taml/tam/1#long_words": ("gopher_below_alpha_threshold", None),
    # Bullets of more kinds; blank lines are no lines.
    "ces_Latn/ces/0#bullets": (None, "gopher_too_many_bullets"),
    # In scripts without spaces words are cut by other means, and no rule asks for their letters.
    "khm_Khmr/khm/1#bullets": ("gopher_below_alpha_threshold", None),
    "tha_Thai/tha/2#web_remains": ("top_2_gram", None),
    # The tokenizer does not know the wordspace of Ethiopic: it takes a line for one word.
    "amh_Ethi/amh/0": ("list_ratio", None),
    "amh_Ethi/amh/0#short": ("list_ratio", None),
    "amh_Ethi/amh/0#web_remains": ("gopher_below_alpha_threshold", None),
    "amh_Ethi/amh/1": ("list_ratio", None),
    "amh_Ethi/amh/1#short": ("list_ratio", None),
    "amh_Ethi/amh/1#signs": ("gopher_short_doc", None),
}


@pytest.fixture(scope="module")
def judged() -> pl.DataFrame:
    vectors = pl.read_parquet(FOLDER / "vectors" / "fineweb2.parquet")
    return pl.concat(_judged(part) for part in vectors.partition_by("code", maintain_order=True))


def _judged(part: pl.DataFrame) -> pl.DataFrame:
    code = part["code"][0]
    frame = part.select(
        "name",
        "code",
        "text",
        theirs="reason",
        language=pl.lit(SENTENCE_SPACES.get(code, "xx")),
        url=pl.lit(None, pl.String),
        language_score=pl.lit(1.0),  # the vectors leave that rule out
    )
    signals = fineweb2_profile(f"fineweb2@{code}").signals
    assert signals is not None
    frame = measure_signals(frame).hstack(signals.measure(frame.select("text", "language", "url")))
    return judge(frame, [f"fineweb2@{code}"]).select("name", "code", "theirs", ours="reason")


def test_every_difference_is_known(judged: pl.DataFrame) -> None:
    different = judged.filter(pl.col("theirs").ne_missing(pl.col("ours")))
    assert {name: (theirs, ours) for name, _, theirs, ours in different.rows()} == DIFFERENCES


def test_verdicts_agree(judged: pl.DataFrame) -> None:
    same = judged["theirs"].is_null() == judged["ours"].is_null()
    assert judged.height == 426
    assert judged["code"].n_unique() == 34
    assert same.mean() > 0.96
    assert judged.filter(pl.col("code").is_in(["fra_Latn", "deu_Latn", "spa_Latn"])).height == 96


def test_the_vectors_keep_and_drop(judged: pl.DataFrame) -> None:
    assert judged["theirs"].null_count() > 200
    assert judged["theirs"].n_unique() > 12
