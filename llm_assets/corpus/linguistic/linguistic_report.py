"""Figures of a shard's linguistic analysis that add up; see `llm_assets.corpus.report`."""

from typing import Any, Final

import polars as pl

Summary = dict[str, Any]

_LANGUAGES: Final = 8
"""Languages with most words, of which the most frequent are told."""

_TOP_WORDS: Final = 100
"""So many of each shard. A word that is rarer in a shard is counted too low in the sum over shards;
the twenty that the UI shows are hardly touched."""


def summarize_linguistic(rows: pl.LazyFrame) -> Summary:
    """Summarize rows of LINGUISTIC."""
    figures = rows.select(
        pl.col("language").fill_null("und"),
        "sentence_count",
        "word_count",
        "stop_word_count",
        "kept_word_count",
        "vocabulary_size",
        "missing_steps",
    ).collect(engine="streaming")
    words = _sums(figures, "word_count")
    return {
        "rows": figures.height,
        "sentences": _total(figures["sentence_count"]),
        "words": _total(figures["word_count"]),
        "stop_words": _total(figures["stop_word_count"]),
        "words_kept": _total(figures["kept_word_count"]),
        "sentences_by_language": _sums(figures, "sentence_count"),
        "words_by_language": words,
        "documents_by_type_token_ratio": _ratios(figures),
        "documents_without_a_step": _missing(figures),
        **_top_words(rows, sorted(words, key=lambda name: (-words[name], name))[:_LANGUAGES]),
    }


def _top_words(rows: pl.LazyFrame, languages: list[str]) -> Summary:
    """Return the most frequent words of each language, after all steps."""
    counted = (
        rows.select(pl.col("language").fill_null("und"), word="words")
        .filter(pl.col("language").is_in(languages))
        .explode("word")
        .drop_nulls("word")
        .group_by("language", "word")
        .len()
        .sort("language", "len", "word", descending=[False, True, False])
        .group_by("language", maintain_order=True)
        .head(_TOP_WORDS)
        .collect(engine="streaming")
    )
    return {
        f"top_words_{language}": dict(
            counted.filter(language=language).select("word", "len").rows()
        )
        for language in languages
        if language in counted["language"]
    }


def _ratios(figures: pl.DataFrame) -> dict[str, int]:
    """Count documents by their type-token ratio: distinct words to words, in tenths.

    The ratio falls with the length of a text: compare documents of about one length.
    """
    ratio = 100 * pl.col("vocabulary_size").cast(pl.Int64) // pl.col("kept_word_count")
    tenth = (ratio // 10).clip(0, 9)
    counted = (
        figures.filter(pl.col("kept_word_count") > 0)
        .group_by(tenth.alias("tenth"))
        .len()
        .sort("tenth")
    )
    return {f"{t / 10:.1f} to {(t + 1) / 10:.1f}": count for t, count in counted.iter_rows()}


def _missing(figures: pl.DataFrame) -> dict[str, int]:
    """Count documents by the language and the step that there was nothing for."""
    counted = (
        figures.explode("missing_steps")
        .drop_nulls("missing_steps")
        .group_by(pl.concat_str("language", pl.lit(": "), "missing_steps").alias("step"))
        .len()
        .sort("step")
    )
    return dict(counted.rows())


def _sums(figures: pl.DataFrame, column: str) -> dict[str, int]:
    sums = figures.group_by("language").agg(pl.col(column).cast(pl.Int64).sum()).sort("language")
    return {language: total for language, total in sums.iter_rows() if total}


def _total(column: pl.Series) -> int:
    return int(column.cast(pl.Int64).sum() or 0)
