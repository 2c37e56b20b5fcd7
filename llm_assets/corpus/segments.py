"""Cutting very long texts where every known pre-tokenizer splits anyway.

A tokenizer needs memory in proportion to the text it is given: Hugging Face's about 170 bytes a
byte, so that a document of 100 MB would need 17 GB, and its regular expressions give up (with a
Rust panic) on a run of ten million equal characters. Encoded in segments, all bytes cost the same.
"""

import re
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

SEGMENT_CHARS = 1 << 20
"""Texts of more characters are cut; the longest segment, in characters."""

# A letter or digit before a space, line break, tab or CJK stop. The GPT-2, cl100k, Qwen and o200k
# patterns all end a match there: none has an alternative in which such a character follows a
# letter or digit, and none looks behind, so both sides are matched as they are in the whole text.
_CERTAIN_SPLIT = re.compile(r"[^\W_](?=[ \n\r\t。、])")
_WINDOWS = (1 << 12, 1 << 16)


def cut_text(text: str, limit: int = SEGMENT_CHARS) -> list[str]:
    """Cut a text into segments of at most `limit` characters; joined they are the text.

    Cuts are made at the last certain split of each stretch. A stretch without one (a run of dashes,
    an encoded picture) is cut at its end.
    """
    starts = [0]
    while len(text) - starts[-1] > limit:
        starts.append(_last_split(text, starts[-1], starts[-1] + limit))
    return [text[start:stop] for start, stop in pairwise([*starts, len(text)])]


def _last_split(text: str, start: int, stop: int) -> int:
    for window in (*_WINDOWS, stop - start):
        splits = [m.end() for m in _CERTAIN_SPLIT.finditer(text, max(start, stop - window), stop)]
        if splits:
            return splits[-1]
    return stop


def cut_texts(texts: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """Cut every text of a column that is longer than SEGMENT_CHARS.

    Returns:
        The segments of all texts in order, and for each text the index of its first segment, with
        the number of segments as last entry.
    """
    if texts.is_empty() or int(texts.str.len_bytes().max()) <= SEGMENT_CHARS:  # type: ignore[arg-type]
        return texts, np.arange(len(texts) + 1, dtype=np.int64)
    long = texts.str.len_chars() > SEGMENT_CHARS
    counts = np.ones(len(texts), dtype=np.int64)
    pieces: list[pl.Series] = []
    done = 0
    for place in long.arg_true():
        segments = cut_text(texts[place])
        counts[place] = len(segments)
        pieces += [texts[done:place], pl.Series(segments, dtype=pl.String)]
        done = place + 1
    pieces.append(texts[done:])
    return pl.concat(pieces), np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
