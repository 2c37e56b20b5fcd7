"""Figures of an analysis, and that they add up over shards."""

import polars as pl

from llm_assets.corpus.linguistic.linguistic_report import summarize_linguistic
from llm_assets.corpus.linguistic.linguistics import LINGUISTIC
from llm_assets.corpus.report import add_summaries
from llm_assets.metadata import summary_metadata


def rows(*documents: tuple[str | None, list[str] | None, list[str]]) -> pl.DataFrame:
    """Return documents of a language, words and missing steps; each has two sentences."""
    return pl.DataFrame(
        [
            {
                "language": language,
                "sentence_count": 2,
                "word_count": None if words is None else len(words) + 1,
                "stop_word_count": None if words is None else 1,
                "kept_word_count": None if words is None else len(words),
                "vocabulary_size": None if words is None else len(set(words)),
                "words": words,
                "missing_steps": missing,
            }
            for language, words, missing in documents
        ],
        schema=LINGUISTIC,
    )


FIRST = rows(
    ("en", ["tax", "law", "tax"], []),
    ("en", ["law", "tax"], []),
    ("de", ["recht"], ["stop_words"]),
)
SECOND = rows(("ja", None, ["sentences", "words"]), (None, ["law"] * 20, []), ("en", [], []))


def test_figures() -> None:
    assert summarize_linguistic(FIRST.lazy()) == {
        "rows": 3,
        "sentences": 6,
        "words": 9,
        "stop_words": 3,
        "words_kept": 6,
        "sentences_by_language": {"de": 2, "en": 4},
        "words_by_language": {"de": 2, "en": 7},
        "documents_by_type_token_ratio": {"0.6 to 0.7": 1, "0.9 to 1.0": 2},
        "documents_without_a_step": {"de: stop_words": 1},
        "top_words_en": {"tax": 3, "law": 2},
        "top_words_de": {"recht": 1},
    }


def test_documents_without_words_or_language() -> None:
    summary = summarize_linguistic(SECOND.lazy())
    assert summary["words_by_language"] == {"en": 1, "und": 21}
    assert summary["documents_by_type_token_ratio"] == {"0.0 to 0.1": 1}
    assert summary["documents_without_a_step"] == {"ja: sentences": 1, "ja: words": 1}
    assert summary["top_words_und"] == {"law": 20}
    assert "top_words_ja" not in summary


def test_nothing_at_all() -> None:
    summary = summarize_linguistic(rows().lazy())
    assert summary["words"] == summary["rows"] == 0
    assert not [name for name in summary if name.startswith("top_words")]


def test_sums_of_shards_are_figures_of_the_whole() -> None:
    whole = summarize_linguistic(pl.concat([FIRST, SECOND]).lazy())
    parts = add_summaries(summarize_linguistic(FIRST.lazy()), summarize_linguistic(SECOND.lazy()))
    assert parts == whole


def test_few_words_and_languages_are_told() -> None:
    words = [f"word{number:03}" for number in range(150) for _ in range(150 - number)]
    languages = [(f"l{letter}", ["a"], []) for letter in "abcdefghij"]
    summary = summarize_linguistic(rows(("en", words, []), *languages).lazy())
    assert list(summary["top_words_en"]) == [f"word{number:03}" for number in range(100)]
    assert len([name for name in summary if name.startswith("top_words")]) == 8


def test_the_most_frequent_words_are_a_table_in_the_ui() -> None:
    table = summary_metadata(summarize_linguistic(FIRST.lazy()))["top_words_en"].value
    assert table.splitlines()[2:] == ["| tax | 3 | 60.0% |", "| law | 2 | 40.0% |"]
