import json

import polars as pl
import pytest

from llm_assets.corpus.tokenization.fertility import FERTILITY, measure_fertility
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_audit import (
    round_trips,
    script_texts,
    unreachable_special_tokens,
)
from llm_assets_tests.corpus.sample_texts import ARTICLES, END, small_tokenizer_json
from llm_assets_tests.corpus.tokenization.sample_models import KINDS, small_tokenizer


def test_every_script_is_there() -> None:
    scripts = set(script_texts()["script"])
    assert len(scripts) > 160
    assert {"Latn", "Cyrl", "Grek", "Arab", "Hebr", "Deva", "Thai", "Hang", "Ethi"} <= scripts
    characters = set("".join(script_texts()["text"]))
    assert set("aßжΩبאहไ한語ー👍½€\u0301\u200d") <= characters


@pytest.mark.parametrize("kind", KINDS)
def test_every_character_of_unicode_decodes_to_itself(kind: str) -> None:
    texts = script_texts()["text"]
    assert round_trips(texts, Tokenizer(small_tokenizer(kind))).all()


def test_a_tokenizer_that_loses_text_is_found_out() -> None:
    config = json.loads(small_tokenizer_json())
    config["normalizer"] = {"type": "Lowercase"}
    lower = Tokenizer(json.dumps(config))
    assert round_trips(pl.Series(["A"]), lower).all()  # it says itself that it does
    config = json.loads(small_tokenizer_json())
    config["decoder"] = None
    texts = pl.Series(["a human", "語"])
    assert round_trips(texts, Tokenizer(json.dumps(config))).to_list() == [False, False]


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_of_sound_tokenizers_can_be_used(kind: str) -> None:
    assert unreachable_special_tokens(Tokenizer(small_tokenizer(kind))).is_empty()


def test_two_names_of_one_id_are_found() -> None:
    config = json.loads(small_tokenizer_json())
    [end] = config["added_tokens"]
    config["added_tokens"].append(end | {"content": "<pad>"})
    wrong = unreachable_special_tokens(Tokenizer(json.dumps(config)))
    assert set(wrong["token"]) == {END, "<pad>"}
    assert "another special token has the same id" in set(wrong["problem"])


def test_a_token_that_no_text_of_its_own_gives_is_found() -> None:
    """The end of documents is in the vocabulary, but is no added token that would be looked for."""
    config = json.loads(small_tokenizer_json())
    config["added_tokens"] = []
    wrong = unreachable_special_tokens(Tokenizer(json.dumps(config)))
    assert wrong["token"].to_list() == [END]
    assert wrong["problem"].str.contains("not encoded as itself").all()


def test_fertility_by_language() -> None:
    texts = pl.DataFrame(
        {"language": ["en", "de", "en", None, "xx"], "text": [*ARTICLES[:2], "a b", "語語", ""]}
    )
    tokenizer = Tokenizer(small_tokenizer("huggingface"))
    rows = measure_fertility(texts, tokenizer)
    assert rows.schema == FERTILITY
    assert set(rows["language"]) == {"en", "de", "und", "xx"}
    assert rows["characters"].is_sorted(descending=True)
    english = rows.row(by_predicate=pl.col("language") == "en", named=True)
    tokens = sum(len(ids) for ids in tokenizer.encode(pl.Series([ARTICLES[0], "a b"])))
    assert (english["documents"], english["words"], english["tokens"]) == (2, 32, tokens)
    assert english["tokens_per_word"] == tokens / 32
    assert english["tokens_per_character"] == tokens / (len(ARTICLES[0]) + 3)
    empty = rows.row(by_predicate=pl.col("language") == "xx", named=True)
    assert (empty["tokens_per_word"], empty["unknown_share"]) == (None, 0.0)
    assert measure_fertility(texts.clear(), tokenizer).schema == FERTILITY


def test_what_a_vocabulary_cannot_say_is_counted() -> None:
    texts = pl.DataFrame({"language": ["am"], "text": ["ሀ a ሀ"]})
    [row] = measure_fertility(texts, Tokenizer(small_tokenizer("spm-unigram"))).rows(named=True)
    assert 0 < row["unknown_share"] < 1
