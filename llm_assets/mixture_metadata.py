"""Figures of the mixture -> a table and a picture for its page: what budgets wanted and got."""

from collections.abc import Mapping

import polars as pl

from llm_assets.metadata import Metadata, frame_table, picture
from llm_assets.plots import before_after_chart


def mixture_metadata(
    figures: Mapping[str, Mapping[str, int]], *, pictures: bool = True
) -> Metadata:
    """Return metadata of the figures that `summarize_mixture` collects.

    Args:
        figures: by name, and then by source.
        pictures: whether to draw.
    """
    if not any(figures.values()):
        return {}
    table = _by_source(figures)
    metadata: Metadata = {"mixture": frame_table(table)}
    # What is wanted of the corpus shows only where all of it is added up.
    if pictures and figures["wanted"]:
        pairs = {name: (want, got) for name, want, got in table[:, :3].iter_rows()}
        note = "grey: wanted, blue: taken"
        drawn = before_after_chart(pairs, "Training tokens by source", note, "tokens")
        metadata["mixture_chart"] = picture(drawn, "tokens wanted and taken, by source")
    return metadata


def _by_source(figures: Mapping[str, Mapping[str, int]]) -> pl.DataFrame:
    sources = sorted({name for counts in figures.values() for name in counts})

    def column(figure: str) -> list[int]:
        return [figures[figure].get(name, 0) for name in sources]

    columns = {
        "source": sources,
        "tokens_wanted": column("wanted"),
        "tokens_taken": column("taken"),
        "tokens_available": column("available"),
        "documents": column("documents"),
        "left_out": column("left_out"),
        "copies": column("copies"),
    }
    lacking = (pl.col("tokens_wanted") - pl.col("tokens_taken")).clip(lower_bound=0)
    repeats = pl.col("tokens_taken") / pl.col("tokens_available")
    return pl.DataFrame(columns).with_columns(
        tokens_lacking=lacking, repeats=repeats.fill_nan(None).round(2)
    )
