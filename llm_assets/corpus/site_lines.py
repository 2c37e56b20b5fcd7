"""Lines that a site repeats from page to page: found on a sample of its pages, cut from all.

Extraction sees one page at a time, and takes a newsletter box or a legal notice for content where
its markup says so. Seen beside other pages of the same site it gives itself away.
"""

from typing import Final

import polars as pl

from llm_assets.corpus.identity import digest

SITE_LINES: Final = pl.Schema(
    {
        "site": pl.String,  # host, or the source where pages have no URL
        "line": pl.String,  # without surrounding whitespace
        "page_count": pl.UInt32,  # sampled pages with the line
        "page_share": pl.Float64,  # of the site's sampled pages
    }
)
"""One row: one line that a site repeats."""

MIN_PAGES: Final = 8
"""A site with fewer pages shows no pattern."""
SAMPLE_PAGES: Final = 40
"""More pages of a site add no line that is worth cutting; they would only be extracted twice."""
MIN_SHARE: Final = 0.4
"""Of a site's pages. Sites have several templates; a running topic is on fewer pages."""
_MIN_COPIES: Final = 5
_LONG_LINE_BYTES: Final = 40
"""A short line may also be a heading that many pages need, such as "Parameters": it is cut from the
top and the bottom of a page only. A longer one says the same thing wherever it stands."""

_HOST: Final = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)"


def site_of() -> pl.Expr:
    """Return the site of a document, from the columns `url` and `source`."""
    host = pl.col("url").str.extract(_HOST).str.to_lowercase()
    return pl.coalesce(host, pl.lit("source:") + pl.col("source")).alias("site")


def draw_pages(pages: pl.LazyFrame) -> pl.LazyFrame:
    """Choose the pages to learn a site's repeated lines from.

    Args:
        pages: `doc_id` and `site` of every page.

    Returns:
        `doc_id` and `site` of at most SAMPLE_PAGES pages of each site with MIN_PAGES or more: those
        with the smallest ids, which are hashes.
    """
    return (
        pages.filter(pl.len().over("site") >= MIN_PAGES)
        .group_by("site")
        .agg(pl.col("doc_id").bottom_k(SAMPLE_PAGES).sort())
        .explode("doc_id")
        .select("doc_id", "site")
    )


def find_repeated_lines(pages: pl.DataFrame) -> pl.DataFrame:
    """Find the lines that a site repeats.

    Args:
        pages: `site` and `text` of the sampled pages of some sites, all of a site together. A text
            that another page of the site has too counts once; null texts do not count.

    Returns:
        SITE_LINES, by site and line.
    """
    distinct = pages.filter(pl.col("text").is_not_null()).unique(["site", "text"])
    return (
        distinct.with_row_index("page")
        .with_columns(pages=pl.len().over("site"))
        .select("site", "page", "pages", line=pl.col("text").str.split("\n"))
        .explode("line")
        .with_columns(pl.col("line").str.strip_chars())
        .filter(pl.col("line") != "")
        .unique()
        .group_by("site", "line")
        .agg(page_count=pl.len(), pages=pl.col("pages").first())
        .with_columns(page_share=pl.col("page_count") / pl.col("pages"))
        .filter(pl.col("page_count") >= _MIN_COPIES, pl.col("page_share") >= MIN_SHARE)
        .select(SITE_LINES.names())
        .cast(SITE_LINES)
        .sort("site", "line")
    )


def site_hashes(repeated: pl.DataFrame) -> pl.DataFrame:
    """Name each site's repeated lines: `site` and `boilerplate_hash`."""
    return (
        repeated.sort("site", "line")
        .group_by("site", maintain_order=True)
        .agg(pl.col("line"))
        .select(
            "site",
            boilerplate_hash=pl.col("line").map_elements(
                lambda lines: digest(lines), return_dtype=pl.String
            ),
        )
    )


def repeated_in(lines: pl.DataFrame, repeated: pl.DataFrame) -> pl.DataFrame:
    """Tell which lines to cut.

    Args:
        lines: `row` (the document), `site`, `line`, and `is_cut` for lines that go anyway, in the
            order of the text.
        repeated: SITE_LINES.

    Returns:
        The frame with `is_cut` also true for these, in the same order.
    """
    bare = pl.col("line").str.strip_chars()
    known = repeated.select("site", bare="line", is_known=pl.lit(value=True))
    is_known = pl.col("is_known").fill_null(value=False)
    at_an_edge = is_known | (pl.col("bare") == "") | pl.col("is_cut")
    return (
        lines.with_columns(bare=bare)
        .join(known, on=["site", "bare"], how="left", maintain_order="left")
        .with_columns(
            at_top=at_an_edge.cum_min().over("row"),
            at_bottom=at_an_edge.cum_min(reverse=True).over("row"),
        )
        .with_columns(
            is_cut=pl.col("is_cut")
            | is_known
            & (
                pl.col("at_top")
                | pl.col("at_bottom")
                | (pl.col("bare").str.len_bytes() >= _LONG_LINE_BYTES)
            )
        )
        .drop("bare", "is_known", "at_top", "at_bottom")
    )
