"""The texts of a set: with the title in front, or as words without stop words, as lemmas or stems.

Where a language has no data for a step, or no words at all, the text goes without it, as in
`linguistic_analysis`; the set's figures say how often.
"""

from typing import Final

import polars as pl

from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.labelled.chat_template import message, template_fields
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.linguistic.linguist import Linguist
from llm_assets.corpus.linguistic.linguistics import analyse_texts

TEXT_COLUMNS: Final = ("doc_id", "text_hash", "text", "title", "author", "source", "language")
"""What is read of documents to make their texts."""

FACTS: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "text_hash": pl.String(),
        "content_hash": pl.String(),  # of the text as the set writes it
        "text_chars": pl.UInt32(),
        "text_reason": pl.String(),  # why the document cannot be in the set
        "missing_steps": pl.List(pl.String()),  # "de: lemma"
    }
)
"""One row: what is known of one document's text after it was made."""

_TITLE_END: Final = "\n\n"


def prepare_texts(
    batch: pl.DataFrame, plan: LabelledPlan, linguist: Linguist | None
) -> pl.DataFrame:
    """Make the texts of documents.

    Args:
        batch: TEXT_COLUMNS of some documents.
        plan: how.
        linguist: what is done to their words; None for nothing.

    Returns:
        The rows of `batch` in its order, with `text` as the set writes it, and FACTS beside.
    """
    rows = batch.with_columns(pl.lit(None, pl.List(pl.String())).alias("missing_steps"))
    if plan.text == "title+text":
        title = pl.col("title").str.strip_chars()
        whole = pl.when(title != "").then(title + pl.lit(_TITLE_END) + pl.col("text"))
        rows = rows.with_columns(text=pl.coalesce(whole, "text"))
    if linguist is not None:
        rows = _words(rows, linguist)
    same = plan.text == "text" and linguist is None
    hashes = rows["text_hash"] if same else rows["text"].map_elements(text_hash, pl.String)
    return rows.with_columns(
        hashes.alias("content_hash"),
        pl.col("text").str.len_chars().cast(pl.UInt32).alias("text_chars"),
        _reason(plan).alias("text_reason"),
    )


def _words(rows: pl.DataFrame, linguist: Linguist) -> pl.DataFrame:
    analysed = analyse_texts(rows.select("doc_id", "text_hash", "language", "text"), linguist)
    step = pl.concat_str(pl.col("language").fill_null("und"), pl.lit(": "), "missing_steps")
    steps = (
        analysed.select("language", "missing_steps")
        .with_row_index("row")
        .explode("missing_steps")
        .group_by("row", maintain_order=True)
        .agg(step.drop_nulls().alias("missing_steps"))
    )
    return rows.with_columns(
        pl.Series("text", analysed["words"].list.join(" ")).fill_null(rows["text"]),
        steps["missing_steps"],
    )


def _reason(plan: LabelledPlan) -> pl.Expr:
    """Say why a text is of no use: a message, or all its words, came to nothing."""
    if plan.chat is None:
        return pl.when(pl.col("text").str.strip_chars() == "").then(pl.lit("no_words_left"))
    # A message with the label in it has at least that.
    turns = [text for _, text in plan.chat.turns if "label" not in template_fields(text)]
    empty = [message(text) == "" for text in turns]
    return pl.when(pl.any_horizontal(empty or [pl.lit(value=False)])).then(pl.lit("empty_message"))
