"""Classical NLP of documents, with NLTK: sentences, words, stop words, stems and lemmas.

For studying a corpus and for classification sets (TF-IDF, bag of words). NLTK's own definitions,
one by one; each distinct word of a block is looked at once.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from llm_assets.corpus.linguistic.linguist import LanguageTools, Linguist, LinguisticPlan
from llm_assets.corpus.linguistic.nltk_sentences import SplitSentences
from llm_assets.corpus.linguistic.nltk_words import cut_pieces, tokenize_pieces

LINGUISTIC: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "text_hash": pl.String(),
        "language": pl.String(),
        "sentence_count": pl.UInt32(),
        "word_count": pl.UInt32(),  # tokens with a letter or digit, stop words included
        "stop_word_count": pl.UInt32(),  # of these; null where no list was used
        "kept_word_count": pl.UInt32(),  # entries of `words`
        "vocabulary_size": pl.UInt32(),  # distinct entries of `words`
        "words": pl.List(pl.String()),  # in order, after all steps; null where words have no spaces
        "sentences": pl.List(pl.String()),  # null unless the recipe keeps them
        "missing_steps": pl.List(pl.String()),  # steps done without the language's data, or not
    }
)
"""One row: one kept document's linguistic analysis."""

_BLOCK_CHARS: Final = 1 << 22
"""Sentences tokenized together: enough for words to repeat, and what bounds the memory."""

_IS_WORD: Final = r"[\p{L}\p{N}]"


def analyse_texts(texts: pl.DataFrame, linguist: Linguist) -> pl.DataFrame:
    """Analyse documents.

    Args:
        texts: `doc_id`, `text_hash`, `language` (ISO 639) and `text`; a null text has null figures.
        linguist: the plan and its tools.

    Returns:
        Rows of LINGUISTIC, one for each row of `texts`, in its order.
    """
    rows = texts.with_row_index("row").with_columns(pl.col("language").fill_null("und"))
    analysed = [
        _analyse_language(group.select("row", "text"), linguist, str(language))
        for (language,), group in rows.drop_nulls("text").group_by("language", maintain_order=True)
    ]
    empty = pl.DataFrame(schema={"row": pl.UInt32(), **_figures_schema()})
    return (
        texts.select("doc_id", "text_hash", "language")
        .with_row_index("row")
        .join(pl.concat([empty, *analysed]), on="row", how="left", maintain_order="left")
        .select(LINGUISTIC.names())
    )


def _figures_schema() -> dict[str, pl.DataType]:
    given = ("doc_id", "text_hash", "language")
    return {name: kind for name, kind in LINGUISTIC.items() if name not in given}


def _analyse_language(rows: pl.DataFrame, linguist: Linguist, language: str) -> pl.DataFrame:
    """Analyse rows (`row`, `text`) of one language."""
    tools, plan = linguist.tools(language), linguist.plan
    blocks = _blocks(rows.iter_rows(), tools.split)
    parts = [_analyse_block(block, linguist, tools) for block in blocks]
    sums = pl.col("sentence_count", "word_count", "stop_word_count").sum()
    lists = pl.col("words", "sentences").explode()
    found = pl.concat(parts).group_by("row", maintain_order=True).agg(sums, lists)
    words, known = pl.col("words"), tools.has_words
    return (
        rows.select("row")
        .join(found, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("sentence_count", "word_count", "stop_word_count").fill_null(0))
        .with_columns(pl.col("words", "sentences").fill_null([]))
        .with_columns(
            kept_word_count=words.list.len(),
            vocabulary_size=words.list.n_unique(),
            missing_steps=pl.lit(list(tools.missing), pl.List(pl.String())),
        )
        .with_columns(
            _only_if(plan.keep_sentences, "sentences"),
            _only_if(known and tools.stop_words is not None, "stop_word_count"),
            _only_if(known, "word_count", "kept_word_count", "vocabulary_size", "words"),
        )
        .select(
            pl.col(name).cast(kind)
            for name, kind in {"row": pl.UInt32(), **_figures_schema()}.items()
        )
    )


def _only_if(wanted: bool, *columns: str) -> pl.Expr:
    return pl.when(wanted).then(pl.col(*columns))


def _blocks(rows: Iterable[tuple[int, str]], split: SplitSentences) -> Iterator[pl.DataFrame]:
    """Yield sentences (`row`, `sentence`) in blocks of about `_BLOCK_CHARS`, in order."""
    places: list[int] = []
    sentences: list[str] = []
    size = 0
    for row, text in rows:
        for sentence in split(text):
            places.append(row)
            sentences.append(sentence)
            size += len(sentence)
            if size >= _BLOCK_CHARS:
                yield _block(places, sentences)
                places, sentences, size = [], [], 0
    yield _block(places, sentences)


def _block(places: list[int], sentences: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"row": places, "sentence": sentences}, {"row": pl.UInt32, "sentence": pl.String}
    )


def _analyse_block(block: pl.DataFrame, linguist: Linguist, tools: LanguageTools) -> pl.DataFrame:
    """Return figures, words and sentences of each row that has sentences in the block."""
    kept = block if linguist.plan.keep_sentences else block.clear()
    sentences = kept.group_by("row").agg(sentences="sentence")
    counts = block.group_by("row", maintain_order=True).agg(sentence_count=pl.len())
    words = _words(block if tools.has_words else block.clear(), linguist, tools)
    return counts.join(words, on="row", how="left", maintain_order="left").join(
        sentences, on="row", how="left", maintain_order="left"
    )


def _words(block: pl.DataFrame, linguist: Linguist, tools: LanguageTools) -> pl.DataFrame:
    """Count and reduce the words of each row of sentences (`row`, `sentence`)."""
    pieces = block.select("row", piece=cut_pieces(block["sentence"])).explode("piece")
    tokens = tokenize_pieces(pieces["piece"].unique(maintain_order=True))
    known = _reduced(tokens, linguist.plan, tools)
    return (
        pieces.join(known, on="piece", how="left", maintain_order="left")
        .group_by("row", maintain_order=True)
        .agg(pl.col("word_count", "stop_word_count").sum(), pl.col("words").explode())
    )


def _reduced(tokens: pl.DataFrame, plan: LinguisticPlan, tools: LanguageTools) -> pl.DataFrame:
    """Return counts and words, after all steps, of each piece of rows (`piece`, `token`)."""
    vocabulary = _vocabulary(tokens["token"].unique(maintain_order=True), plan, tools)
    return (
        tokens.join(vocabulary, on="token", how="left", maintain_order="left")
        .group_by("piece")
        .agg(
            word_count=pl.col("is_word").sum(),
            stop_word_count=pl.col("is_stop_word").sum(),
            words=pl.col("word").drop_nulls(),
        )
    )


def _vocabulary(tokens: pl.Series, plan: LinguisticPlan, tools: LanguageTools) -> pl.DataFrame:
    """Say of each distinct token what it is, and what becomes of it: `word` is null if nothing."""
    token = pl.col("token")
    stop_words = pl.Series(sorted(tools.stop_words or ()), dtype=pl.String)
    frame = (
        tokens.to_frame("token")
        .with_columns(is_word=token.str.contains(_IS_WORD), lower=token.str.to_lowercase())
        .with_columns(
            # NLTK's lists are in lower case; a stop word at the start of a sentence is one too.
            is_stop_word=pl.col("is_word") & pl.col("lower").is_in(stop_words.implode()),
            shown=pl.col("lower") if plan.lowercase else token,
        )
    )
    kept = frame.select(
        (pl.col("is_word") | plan.keep_punctuation)
        & (token.str.len_chars() >= plan.least_word_chars)
        & ~pl.col("is_stop_word")
    ).to_series()
    words = pl.select(pl.when(kept).then(frame["shown"]).alias("word")).to_series()
    if tools.reduce is not None:
        reduced = [word and tools.reduce(word) for word in words]
        words = pl.Series("word", [word or None for word in reduced], pl.String)
    return frame.select("token", "is_word", "is_stop_word").with_columns(words)
