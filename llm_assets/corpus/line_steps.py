"""Cutting lines that are no part of a document: what a page's frame leaves in its text.

A step takes whole lines, never parts of one. What a step takes for the frame is written down here
or, for lines that a site repeats, found in `site_lines.py`.
"""

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

from llm_assets.corpus.pages.page_frame import COOKIE_BANNER, MAX_FRAME_LINE_CHARS, NAVIGATION
from llm_assets.corpus.site_lines import repeated_in, site_hashes, site_of

LineStep = Literal["site_boilerplate", "cookie_banners", "navigation"]

_PATTERNS: Final[dict[str, str]] = {"cookie_banners": COOKIE_BANNER, "navigation": NAVIGATION}


def cut_lines(
    frame: pl.DataFrame, steps: Sequence[LineStep], repeated_lines: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Cut the lines that these steps take for the page's frame.

    Args:
        frame: with `text`, `url` and `source`; null texts stay null.
        steps: what to cut; their order does not matter.
        repeated_lines: rows of SITE_LINES for the sites of the frame, for `site_boilerplate`.

    Returns:
        The frame with `text` rewritten where a line was cut; `cut_line_count`, their number; and
        `boilerplate_hash`, which names the repeated lines of the document's site, if it has any.
    """
    repeated = repeated_lines if "site_boilerplate" in steps else None
    rows = frame.select(site_of(), "text").with_row_index("row")
    suspects = rows.filter(_is_suspect(steps, repeated))
    lines = (
        # Without the whole text, which explode would copy beside each of its lines.
        suspects.select("row", "site", line=pl.col("text").str.split("\n")).explode("line")
    )
    marked = _marked(lines, steps, repeated)
    concerned = marked.filter(pl.col("is_cut").any().over("row"))
    rewritten = concerned.group_by("row", maintain_order=True).agg(
        cut=pl.col("is_cut").sum(),
        rest=pl.col("line").filter(~pl.col("is_cut")).str.join("\n"),
    )
    outcome = rows.join(rewritten, on="row", how="left", maintain_order="left").select(
        text=pl.coalesce(_closed_up("rest"), "text"),
        cut_line_count=pl.when(pl.col("text").is_not_null())
        .then(pl.col("cut").fill_null(0))
        .cast(pl.UInt32),
    )
    return frame.with_columns(*outcome, _hash_column(rows, repeated))


def _is_suspect(steps: Sequence[LineStep], repeated: pl.DataFrame | None) -> pl.Expr:
    """Tell which texts may have a line to cut; most have none and are not taken apart."""
    patterns = [pl.col("text").str.contains(_PATTERNS[s]) for s in steps if s in _PATTERNS]
    known = [] if repeated is None else [pl.col("site").is_in(repeated["site"].unique().to_list())]
    return pl.any_horizontal(pl.lit(value=False), *patterns, *known)


def _marked(
    lines: pl.DataFrame, steps: Sequence[LineStep], repeated: pl.DataFrame | None
) -> pl.DataFrame:
    is_short = pl.col("line").str.len_chars() <= MAX_FRAME_LINE_CHARS
    frames = [pl.col("line").str.contains(_PATTERNS[s]) for s in steps if s in _PATTERNS]
    is_frame = is_short & pl.any_horizontal(pl.lit(value=False), *frames)
    marked = lines.with_columns(is_cut=is_frame)
    return marked if repeated is None else repeated_in(marked, repeated)


def _closed_up(column: str) -> pl.Expr:
    """Close the gap that cut lines leave between paragraphs."""
    return pl.col(column).str.replace_all(r"\n{3,}", "\n\n").str.strip_chars("\n")


def _hash_column(rows: pl.DataFrame, repeated: pl.DataFrame | None) -> pl.Series:
    if repeated is None:
        return pl.Series("boilerplate_hash", [None] * rows.height, pl.String)
    hashes = site_hashes(repeated)
    return rows.join(hashes, on="site", how="left", maintain_order="left")["boilerplate_hash"]
