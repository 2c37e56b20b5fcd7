"""RefinedWeb's rules on lines (Penedo et al. 2023, arXiv 2306.01116, appendix G.2), by DCLM.

`refinedweb@dclm` has what `dclm_baseline_refinedweb.yaml` (mlfoundations/dclm 361714b) does behind
its rules on pages: lines mostly in capitals, of digits alone, that count likes or shares, and of
one word are cut, and from lines of at most ten words "items in cart", "Read more..." and "Sign-in".
A page is dropped if more than 5 % of its words went.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from llm_assets.corpus.profiles.edited_texts import edit_texts
from llm_assets.corpus.profiles.refinedweb_kernels import COLUMNS, cut_lines
from llm_assets.corpus.profiles.refinedweb_line_kernels import ALNUM, DECIMAL, DIGIT, UPPER
from llm_assets.corpus.profiles.rules import Profile, Rule, SignalSet
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import CODE_POINTS
from llm_assets.corpus.word_kernels import CLASSIFIED

_LINES: Final = ("uppercase", "numeric", "counter", "short", "phrase")

REFINEDWEB_SIGNALS: Final = pl.Schema(
    {
        "cut_word_share_refinedweb_dclm": pl.Float64(),  # 1 where nothing is left of the text
        **{f"{line}_line_count_refinedweb_dclm": pl.UInt32() for line in _LINES},
    }
)
"""Words are fastText's that start with a letter or digit; lines are counted by the rule that cut
them, or words out of them."""


def measure_refinedweb(frame: pl.DataFrame) -> pl.DataFrame:
    """Measure `REFINEDWEB_SIGNALS` of the column `text`."""
    left, counts = _cut(frame["text"])
    before, after = pl.col("words_before"), pl.col("words_after")
    share = pl.when(left.str.len_bytes() == 0).then(1.0).otherwise((before - after) / before)
    return (
        counts.select(
            pl.when(before > 0).then(share).otherwise(1.0).alias("cut_word_share_refinedweb_dclm"),
            pl.col(*_LINES).name.suffix("_line_count_refinedweb_dclm"),
        )
        .select(pl.when(frame["text"].is_not_null()).then(pl.all()))
        .cast(REFINEDWEB_SIGNALS)
    )


def edit_refinedweb(frame: pl.DataFrame) -> pl.Series:
    """Return the texts without the lines and phrases that are cut."""
    left, _ = _cut(frame["text"])
    return left


def _cut(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    def cut(*buffers: np.ndarray) -> None:
        data, offsets, *filled = buffers
        cut_lines(data, offsets, _character_classes(), *filled)

    return edit_texts(texts, COLUMNS, cut)


@cache
def _character_classes() -> Classes:
    """Return the class bits of every code point, by Python's tables, as the original asks them."""
    characters = [chr(point) for point in range(CLASSIFIED)]  # all letters and digits are there
    kinds = (
        (str.isupper, UPPER),
        (str.isdigit, DIGIT),
        (str.isdecimal, DECIMAL),
        (str.isalnum, ALNUM),
    )
    classes = np.zeros(CODE_POINTS, np.uint16)
    for is_kind, bit in kinds:
        classes[:CLASSIFIED] |= np.fromiter(map(is_kind, characters), np.bool_) * np.uint16(bit)
    return classes


REFINEDWEB_DCLM: Final = Profile(
    (Rule("too_many_words_cut", "cut_word_share_refinedweb_dclm", ">", 0.05),),
    SignalSet(REFINEDWEB_SIGNALS, measure_refinedweb),
    edit_refinedweb,
)
