"""Figures of fine-tuning sets -> tables and pictures on the asset's page in the Dagster UI."""

from collections.abc import Mapping
from typing import Any, Final

import dagster as dg
import polars as pl

from llm_assets.corpus.schema import SPLITS
from llm_assets.metadata import frame_table, picture

CLASS_BALANCE: Final = "class_balance"
TEXT_LENGTHS: Final = "text_lengths"

Balance = Mapping[str, Mapping[str, int]]
"""Rows by label and split."""


def labelled_metadata(name: str, value: Mapping[str, Any], *, pictures: bool) -> dict[str, Any]:
    """Show `class_balance` or `text_lengths` of each set.

    Args:
        name: which of the two.
        value: by set.
        pictures: whether to draw.
    """
    shown: dict[str, Any] = {}
    for each, figures in value.items():
        if name == CLASS_BALANCE:
            shown[f"{each}_balance"] = balance_table(figures)
            shown |= {f"{each}_balance_chart": _balance_chart(each, figures)} if pictures else {}
        elif pictures:
            shown[f"{each}_text_length"] = _lengths(each, figures)
    return shown


def balance_table(balance: Balance) -> dg.MetadataValue[Any]:
    """Show rows by label and split, and each label's share of a split."""
    totals = {split: sum(counts[split] for counts in balance.values()) for split in SPLITS}
    total = sum(totals.values())
    rows: list[dict[str, Any]] = []
    for label, counts in balance.items():
        row: dict[str, Any] = {"label": label}
        for split in SPLITS:
            row |= {split: counts[split], f"{split} share": _share(counts[split], totals[split])}
        row["share"] = _share(sum(counts.values()), total)
        rows.append(row)
    return frame_table(pl.DataFrame(rows))


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else ""


def _balance_chart(name: str, balance: Balance) -> dg.MetadataValue[Any]:
    from llm_assets.plots import bar_chart

    counts = {label: sum(by_split.values()) for label, by_split in balance.items()}
    return picture(bar_chart(counts, f"Labels of {name}"), f"rows of {name} by label")


def _lengths(name: str, histogram: Mapping[str, Any]) -> dg.MetadataValue[Any]:
    from llm_assets.plots import length_histogram

    return picture(length_histogram(histogram, f"Texts of {name}"), f"texts of {name} by length")
