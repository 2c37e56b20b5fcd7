"""Sequences to write, and every way to cut them into batches."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import strategies as st

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, TrainingFormat
from llm_assets.corpus.part_formats.writers import open_part_writer

UINT16 = PartLayout(np.dtype(np.uint16), None)
INT32 = PartLayout(np.dtype(np.int32), None)

Document = tuple[str, str, str, list[int]]
"""Id, source, text, tokens."""

STRANGE = [
    ("0", "web", "a\x00b", [1, 2, 3]),
    ("1", "books", 'two\nlines, a "quote", a \\, \u2028, \x7f', [65_535]),
    ("\U0001f600", "wéb", "e\u0301 \ufeff\ufffe \U0010ffff 漢字 עברית", list(range(300))),
    ("3", "web", "", [0]),
    ("1", "books", 'two\nlines, a "quote", a \\, \u2028, \x7f', [65_535]),
    ("5", "web", "long", [7] * 70_000),
]
"""One of them is repeated, as a mixture does."""

DOCUMENTS: st.SearchStrategy[list[Document]] = st.lists(
    st.tuples(
        st.text(max_size=4),
        st.sampled_from(["web", "books", "", "ünicode"]),
        st.text(max_size=30),
        st.lists(st.integers(0, 65_535), min_size=1, max_size=12),
    ),
    max_size=12,
)
CUTS = st.lists(st.integers(0, 12), max_size=4)
"""Where batches end; some have no rows."""


def frame(documents: Sequence[Document]) -> pl.DataFrame:
    columns = {"doc_id": pl.String, "source": pl.String, "text": pl.String}
    return pl.DataFrame(documents, {**columns, "input_ids": pl.List(pl.UInt32)}, orient="row")


def batch(documents: Sequence[Document]) -> PartBatch:
    rows = frame(documents)
    return PartBatch(rows, rows.drop("input_ids"))


def batches(documents: Sequence[Document], cuts: Sequence[int]) -> list[PartBatch]:
    """Cut documents at these places; the slices share one frame's memory, as those of packing."""
    whole = batch(documents)
    edges = [0, *sorted(min(cut, len(documents)) for cut in cuts), len(documents)]
    return [
        PartBatch(whole.sequences[start:stop], whole.documents[start:stop])
        for start, stop in pairwise(edges)
    ]


def packed(rows: Sequence[Sequence[int]]) -> PartBatch:
    """Make packed sequences, each of two documents."""
    columns = {
        "input_ids": pl.List(pl.UInt32),
        "doc_ids": pl.List(pl.String),
        "piece_lengths": pl.List(pl.UInt32),
    }
    data = [(list(ids), [f"{place}", "ü"], [1, len(ids) - 1]) for place, ids in enumerate(rows)]
    names = pl.DataFrame({"doc_id": [f"{place}" for place in range(len(rows))]})
    return PartBatch(
        pl.DataFrame(data, columns, orient="row"),
        names.with_columns(source=pl.lit("web"), text=pl.lit("text")),
    )


def write(
    format: TrainingFormat, folder: Path, layout: PartLayout, content: Iterable[PartBatch]
) -> None:
    """Write the split `train`."""
    folder.mkdir(exist_ok=True)
    with open_part_writer(format, folder, "train", layout) as writer:
        for each in content:
            writer.append(each)


def digests(folder: Path) -> dict[str, str]:
    """Name every file with a digest of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
