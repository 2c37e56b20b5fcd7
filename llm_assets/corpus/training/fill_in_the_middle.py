"""Documents -> documents with a span moved to the end, to learn filling in (Bavarian et al. 2022).

A text is cut at two characters that a hash draws, and its three pieces are tokenized anew, so that
no token straddles a cut, as none does when a user's cursor stands there. They are put together as
prefix, suffix, middle (PSM)

    <prefix> prefix <suffix> suffix <middle> middle <end of document>

or as suffix, prefix, middle (SPM), in the variant in which both orders share one form:

    <prefix> <suffix> suffix <middle> prefix middle <end of document>
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from llm_assets.corpus.split import copy_draw


@dataclass(frozen=True, slots=True)
class MiddlePlan:
    """What the recipe and the tokenizer say about filling in."""

    rate: float
    """Share of documents that are changed."""
    spm_rate: float
    """Share of these with the suffix in front."""
    prefix_id: int
    middle_id: int
    suffix_id: int
    end_of_document_id: int
    encode: Callable[[pl.Series], pl.Series]
    """Texts to lists of ids, without control tokens."""


def move_middles(documents: pl.DataFrame, plan: MiddlePlan, seed: int) -> pl.DataFrame:
    """Move a span of some documents to their end.

    Args:
        documents: `doc_id`, `repeat`, `text`, `input_ids` and any other columns. Each copy of a
            document is drawn for itself; an empty text stays.
        plan: how.
        seed: salt of the draws.

    Returns:
        The frame with other `input_ids` where a span was moved, and with `middle_start` and
        `middle_end` of it, in characters: null elsewhere.
    """
    cuts = _drawn_cuts(documents, plan, seed)
    moved = cuts.filter(pl.col("middle_end").is_not_null())
    rows = documents.with_columns(cuts.select("middle_start", "middle_end"))
    if moved.is_empty():
        return rows
    new = pl.DataFrame({"row": moved["row"], "moved_ids": _moved_ids(moved, plan)})
    return (
        rows.with_row_index("row")
        .join(new, on="row", how="left", maintain_order="left")
        .with_columns(input_ids=pl.coalesce("moved_ids", "input_ids"))
        .drop("row", "moved_ids")
    )


def _drawn_cuts(documents: pl.DataFrame, plan: MiddlePlan, seed: int) -> pl.DataFrame:
    """Draw which documents are changed, in which order, and where they are cut."""

    def draw(purpose: str) -> np.ndarray:
        return copy_draw(documents["doc_id"], documents["repeat"], purpose, seed)

    chars = documents["text"].str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    cuts = [np.floor(draw(f"middle {n}") * (chars + 1)).astype(np.uint32) for n in (0, 1)]
    chosen = (draw("middle") < plan.rate) & (chars > 0)
    frame = pl.DataFrame(
        {
            "text": documents["text"],
            "chosen": chosen,
            "spm": draw("suffix first") < plan.spm_rate,
            "middle_start": np.minimum(*cuts),
            "middle_end": np.maximum(*cuts),
        }
    ).with_row_index("row")
    cut = pl.col("middle_start", "middle_end")
    return frame.with_columns(pl.when("chosen").then(cut))


def _moved_ids(moved: pl.DataFrame, plan: MiddlePlan) -> pl.Series:
    start, end = pl.col("middle_start"), pl.col("middle_end")
    pieces = moved.select(
        prefix=pl.col("text").str.slice(0, start),
        middle=pl.col("text").str.slice(start, end - start),
        suffix=pl.col("text").str.slice(end),
    )
    # One call, as the fastest engines have to warm up.
    ids = plan.encode(pl.concat([pieces[name].rename("text") for name in pieces.columns]))
    ids = ids.cast(pl.List(pl.UInt32))
    parts = {n: ids.slice(i * moved.height, moved.height) for i, n in enumerate(pieces.columns)}
    pre, mid, suf, last = (
        pl.lit(token, pl.UInt32)
        for token in (plan.prefix_id, plan.middle_id, plan.suffix_id, plan.end_of_document_id)
    )
    return (
        pl.DataFrame({"spm": moved["spm"], **parts})
        .select(
            pl.when("spm")
            .then(pl.concat_list(pre, suf, "suffix", mid, "prefix", "middle", last))
            .otherwise(pl.concat_list(pre, "prefix", suf, "suffix", mid, "middle", last))
        )
        .to_series()
    )
