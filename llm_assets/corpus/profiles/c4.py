"""C4's rules (Raffel et al. 2020, arXiv 1910.10683, section 2.2) as two programs have them.

C4 cuts the lines of a page that are no sentences, and citations, then judges what is left: too few
sentences, lorem ipsum and curly brackets drop the page. `c4@tfds` is the reference, TensorFlow
Datasets 4.9.10, with which C4 is made: 3 sentences as NLTK's Punkt counts them, 5 words a line.
`c4@datatrove-0.10` has datatrove's defaults: 5 sentences as spaCy counts them, 3 words a line,
citations counted among them, and lines that may end in an apostrophe.

Neither has C4's list of bad words: it is a list that the user gives. C4 also keeps but one copy of
each line of the whole corpus, which is no rule on a page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.profiles.c4_kernels import COLUMNS, cut_lines
from llm_assets.corpus.profiles.edited_texts import edit_texts
from llm_assets.corpus.profiles.rules import Profile, Rule, SignalSet
from llm_assets.corpus.profiles.sentences import (
    MOST_SENTENCES,
    SentenceSplitter,
    count_sentences,
    punkt_splitter,
    spacy_splitter,
)
from llm_assets.corpus.spans import PYTHON_SPACE

_LAST_DIGIT_BLOCK: Final = 0x20000
_FIRST_SPACE: Final = rf"^{PYTHON_SPACE}+"
"""What stood behind a citation at the very start."""
_COUNTED_LINES: Final = ("kept", "long_word", "unterminated", "short", "javascript", "policy")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the two programs do differently."""

    suffix: str
    least_words: int
    count_cited: bool
    apostrophe_ends: bool
    splitter: Callable[[], SentenceSplitter]

    @property
    def schema(self) -> pl.Schema:
        """The signals.

        Sentences are counted up to `MOST_SENTENCES`. Lines are counted by what became of them:
        kept, or cut by the first rule that they break. Lorem ipsum counts only before the first
        line with a curly bracket: the programs read no further than the first of the two.
        """
        return pl.Schema(
            {
                f"page_chars_{self.suffix}": pl.UInt64(),  # before lines are cut
                f"sentence_count_{self.suffix}": pl.UInt32(),
                f"has_lorem_ipsum_{self.suffix}": pl.UInt32(),  # 0 or 1
                f"has_curly_bracket_{self.suffix}": pl.UInt32(),  # 0 or 1
                **{f"{line}_line_count_{self.suffix}": pl.UInt32() for line in _COUNTED_LINES},
            }
        )

    def measure(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Measure the signals of the column `text`."""
        left, counts = _cut(frame["text"], self)
        suffix = self.suffix
        return (
            counts.with_columns(
                _sentences(left, counts, self.splitter()),
                frame["text"].str.len_chars().alias("page_chars"),
            )
            .select(
                pl.col("page_chars", "sentence_count").name.suffix(f"_{suffix}"),
                (pl.col("lorem_ipsum", "curly_bracket") > 0).name.map(
                    lambda name: f"has_{name}_{suffix}"
                ),
                pl.col(*_COUNTED_LINES).name.suffix(f"_line_count_{suffix}"),
            )
            .select(pl.when(frame["text"].is_not_null()).then(pl.all()))
            .cast(self.schema)
        )

    def edit(self, frame: pl.DataFrame) -> pl.Series:
        """Return the texts without the lines and citations that C4 cuts."""
        left, _ = _cut(frame["text"], self)
        return left.str.replace(_FIRST_SPACE, "")

    def rules(self, least_sentences: int) -> tuple[Rule, ...]:
        """Return the rules on a page, in the order in which a reader would come to them."""
        return (
            Rule("lorem_ipsum", f"has_lorem_ipsum_{self.suffix}", ">", 0),
            Rule("curly_bracket", f"has_curly_bracket_{self.suffix}", ">", 0),
            Rule("too_few_sentences", f"sentence_count_{self.suffix}", "<", least_sentences),
        )


def _cut(texts: pl.Series, reading: _Reading) -> tuple[pl.Series, pl.DataFrame]:
    """Return what is left of the texts, and the kernel's counts with a row a text."""
    unsure_words = reading.splitter().unsure_words

    def cut(*buffers: NDArray[Any]) -> None:
        data, offsets, *filled = buffers
        cut_lines(
            data,
            offsets,
            _decimal_digits(),
            unsure_words,
            reading.least_words,
            reading.count_cited,
            reading.apostrophe_ends,
            *filled,
        )

    return edit_texts(texts, COLUMNS, cut)


def _sentences(left: pl.Series, counts: pl.DataFrame, splitter: SentenceSplitter) -> pl.Series:
    """Count sentences up to `MOST_SENTENCES`: one by one only where their bounds differ."""
    least = counts["least_sentences"].to_numpy().clip(max=MOST_SENTENCES)
    is_open = (least < MOST_SENTENCES) & (counts["open_sentences"].to_numpy() > 0)
    for row in np.flatnonzero(is_open):
        least[row] = count_sentences(left[int(row)], splitter)
    return pl.Series("sentence_count", least)


@cache
def _decimal_digits() -> NDArray[np.bool_]:
    return np.fromiter((chr(point).isdecimal() for point in range(_LAST_DIGIT_BLOCK)), np.bool_)


_TFDS: Final = _Reading(
    suffix="c4_tfds",
    least_words=5,
    count_cited=False,
    apostrophe_ends=False,
    splitter=punkt_splitter,
)
_DATATROVE: Final = _Reading(
    suffix="c4_datatrove",
    least_words=3,
    count_cited=True,
    apostrophe_ends=True,
    splitter=spacy_splitter,
)

C4_TFDS: Final = Profile(
    (Rule("too_long", "page_chars_c4_tfds", ">", 190_000), *_TFDS.rules(least_sentences=3)),
    SignalSet(_TFDS.schema, _TFDS.measure, needs=("punkt",)),
    _TFDS.edit,
)
"""tensorflow_datasets/text/c4_utils.py: `is_valid_length`, then `clean_page`."""

C4_DATATROVE: Final = Profile(
    _DATATROVE.rules(least_sentences=5),
    SignalSet(_DATATROVE.schema, _DATATROVE.measure, needs=("spacy",)),
    _DATATROVE.edit,
)
"""datatrove 0.10.1, `C4QualityFilter` with its defaults, English."""
