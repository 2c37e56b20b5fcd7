"""Texts through a kernel and back."""

import numpy as np
import polars as pl
import pytest

from llm_assets.corpus import spans
from llm_assets.corpus.profiles.edited_texts import edit_texts
from llm_assets.corpus.word_kernels import Bytes, Counts, Offsets


def drop_spaces(
    data: Bytes, offsets: Offsets, left: Bytes, left_offsets: Offsets, counts: Counts
) -> None:
    written = 0
    left_offsets[0] = 0
    for row in range(len(offsets) - 1):
        text = data[offsets[row] : offsets[row + 1]]
        kept = text[text != ord(" ")]
        left[written : written + len(kept)] = kept
        written += len(kept)
        left_offsets[row + 1] = written
        counts[row, 0] = len(text) - len(kept)


@pytest.mark.parametrize("group_bytes", [1 << 24, 4])
def test_rows_stay_in_place(group_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_GROUP_BYTES", group_bytes)
    texts = pl.Series("any", ["a b", None, "", "é  é", "a long text of words", " ", "x"])
    left, counts = edit_texts(texts[1:], ["spaces"], drop_spaces)
    assert left.name == "text"
    assert left.to_list() == [None, "", "éé", "alongtextofwords", "", "x"]
    assert counts["spaces"].to_list() == [0, 0, 2, 4, 1, 0]


def test_no_rows() -> None:
    left, counts = edit_texts(pl.Series([], dtype=pl.String), ["spaces"], drop_spaces)
    assert left.to_list() == []
    assert counts.schema == {"spaces": pl.Int64}
    assert np.asarray(counts).shape == (0, 1)
