"""What is looked for of evaluation sets: the n-grams of their items, and whose they are.

Words are the tokens of `corpus.shingling`: lower case, without punctuation and accents, every
number alike. 13 of them in a row are what GPT-3 was cleaned of (Brown et al. 2020, appendix C) and
what lm-evaluation-harness and NeMo Curator look for; datatrove's default is 12. A text of 8 to 12
words is looked for as a whole: GPT-3 went down to 8 for sets of short items. Shorter ones ("What is
the capital of France?") stand in texts that know nothing of the set.

Two kinds of n-grams are left out, since they say nothing of an item:

- those of which fewer than half are different words, numbers not counted: every table of numbers
  is "0 0 0 0 ..." to us, and half of all programs say "1 one 2 two 3 three";
- those in more than 10 different texts of a set: its own template. (GPT-3 and NeMo Curator leave
  out what is in more than 10 documents of the corpus. That cannot be told of one document alone,
  and would spare the questions that were copied most.) A passage that many items quote, word for
  word, counts once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.shingling.ngrams import hash_ngrams
from llm_assets.corpus.shingling.tokens import Tokens, find_tokens

Hashes: TypeAlias = NDArray[np.uint64]
Positions: TypeAlias = NDArray[np.int64]

LEAST_WORDS: Final = 8
"""A shorter text is not looked for."""
MOST_TEXTS: Final = 10
"""An n-gram in more texts of its set is the set's template."""

_LEAST_DISTINCT: Final = 0.5
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_FOLD: Final = np.uint64(32)
_WINDOWS: Final = 1 << 16
"""Windows hashed at a time: at 13 words, 7 MB."""

EVALUATION_TEXTS: Final = pl.Schema(
    {"benchmark": pl.String(), "item": pl.UInt32(), "text": pl.String()}
)
"""One row: one text of an item, such as its question; an item may have several."""

EVALUATION_NGRAMS: Final = pl.Schema(
    {
        "benchmark": pl.String(),
        "ngram_hash": pl.UInt64(),  # null: of items in which there is nothing to look for
        "head_hash": pl.UInt64(),  # of its first words, as many as all n-grams have
        "word_count": pl.UInt8(),
        "items": pl.List(pl.UInt32()),  # items of the set that have it, counted from 1
    }
)
"""One row: one n-gram of an evaluation set."""


def head_words(ngram_words: int) -> int:
    """Return how many words every n-gram has at least."""
    return min(LEAST_WORDS, ngram_words)


def index_ngrams(texts: pl.DataFrame, ngram_words: int) -> pl.DataFrame:
    """Find what to look for.

    Args:
        texts: rows of EVALUATION_TEXTS.
        ngram_words: the words of an n-gram.

    Returns:
        Rows of EVALUATION_NGRAMS: the sets in the order of their names, each with a last row (its
        `ngram_hash` null) for the items in which there is nothing to look for, if there are any.
    """
    ngrams = _informative(_ngrams_of(texts, ngram_words))
    known = ngrams.select("benchmark", pl.col("items").alias("item")).explode("item")
    others = texts.join(known, on=["benchmark", "item"], how="anti").group_by("benchmark")
    unknown = others.agg(items=pl.col("item").unique().sort())
    return (
        pl.concat([ngrams, unknown], how="diagonal")
        .sort("benchmark", "word_count", "ngram_hash", nulls_last=True)
        .match_to_schema(EVALUATION_NGRAMS)
    )


def _ngrams_of(texts: pl.DataFrame, ngram_words: int) -> pl.DataFrame:
    """Return every n-gram of every text, with `distinct`: its different words but numbers."""
    distinct = texts.group_by("benchmark", "text", maintain_order=True).agg("item")
    tokens = find_tokens(distinct["text"])
    head = head_words(ngram_words)
    first_heads, heads = hash_ngrams(tokens, head)
    counts = np.diff(tokens.first)
    row_of_head = np.repeat(np.arange(len(counts)), np.diff(first_heads))
    starts = np.arange(len(heads)) - first_heads[row_of_head] + tokens.first[row_of_head]
    words = np.minimum(counts, ngram_words)[row_of_head]
    fits = starts + words <= tokens.first[row_of_head + 1]
    frames = [
        pl.DataFrame(
            {
                "text_row": row_of_head[chosen].astype(np.uint32),
                "head_hash": heads[chosen],
                "word_count": np.full(len(chosen), size, np.uint8),
                "ngram_hash": hash_windows(tokens.hashes, starts[chosen], size),
                "distinct": _distinct_words(tokens, starts[chosen], size),
            }
        )
        for size in range(head, ngram_words + 1)
        if (chosen := np.flatnonzero(fits & (words == size))).size
    ]
    owners = distinct.select("benchmark", "item").with_row_index("text_row")
    empty = pl.DataFrame(schema=_FOUND)
    return pl.concat([empty, *frames]).join(owners, on="text_row", maintain_order="left")


_FOUND: Final = pl.Schema(
    {
        "text_row": pl.UInt32(),
        "head_hash": pl.UInt64(),
        "word_count": pl.UInt8(),
        "ngram_hash": pl.UInt64(),
        "distinct": pl.UInt8(),
    }
)


def _informative(ngrams: pl.DataFrame) -> pl.DataFrame:
    return (
        ngrams.filter(pl.col("distinct") >= _LEAST_DISTINCT * pl.col("word_count"))
        .group_by("benchmark", "word_count", "ngram_hash")
        .agg(
            pl.col("head_hash").first(),
            texts=pl.col("text_row").n_unique(),
            items=pl.col("item").explode().unique().sort(),
        )
        .filter(pl.col("texts") <= MOST_TEXTS)
        .drop("texts")
    )


def hash_windows(hashes: Hashes, starts: Positions, size: int) -> Hashes:
    """Hash `size` token hashes from each start on, in order; few at a time, to bound the memory."""
    found = np.full(len(starts), size, np.uint64)
    for part in _parts(len(starts)):
        mixed = found[part]
        for offset in range(size):
            mixed = (mixed ^ hashes[starts[part] + offset]) * _MULTIPLIER
            mixed ^= mixed >> _FOLD
        found[part] = mixed
    return found


def _distinct_words(tokens: Tokens, starts: Positions, size: int) -> NDArray[np.uint8]:
    """Count the different words of windows; numbers are all one word, which does not count."""
    number = find_tokens(pl.Series(["0"])).hashes[0]
    counts = np.empty(len(starts), np.uint8)
    for part in _parts(len(starts)):
        words = np.sort(tokens.hashes[starts[part][:, None] + np.arange(size)], axis=1)
        different = 1 + (np.diff(words, axis=1) != 0).sum(axis=1)
        counts[part] = different - (words == number).any(axis=1)
    return counts


def _parts(length: int) -> Iterator[slice]:
    for start in range(0, length, _WINDOWS):
        yield slice(start, start + _WINDOWS)


@dataclass(frozen=True)
class NgramIndex:
    """EVALUATION_NGRAMS, ready to be looked up."""

    head_words: int
    heads: Hashes
    """Distinct, ascending."""
    by_size: Sequence[tuple[int, Hashes, int]]
    """For every size of n-grams: the size, their distinct hashes, ascending, and the number of the
    first of them."""
    owners: pl.DataFrame
    """`ngram` (its number), `benchmark` and `items`: an n-gram may be of several sets."""

    @classmethod
    def of(cls, ngrams: pl.DataFrame, ngram_words: int) -> "NgramIndex":
        """Prepare rows of EVALUATION_NGRAMS that were made with so many words an n-gram."""
        known = ngrams.filter(pl.col("ngram_hash").is_not_null())
        distinct = known.select("word_count", "ngram_hash").unique().sort(pl.all())
        numbered = distinct.with_row_index("ngram")
        by_size = [
            (int(size), part["ngram_hash"].to_numpy(), int(part["ngram"][0]))
            for (size,), part in numbered.group_by("word_count", maintain_order=True)
        ]
        owners = known.join(numbered, on=["word_count", "ngram_hash"], maintain_order="left")
        return cls(
            head_words=head_words(ngram_words),
            heads=known["head_hash"].unique().sort().to_numpy(),
            by_size=by_size,
            owners=owners.select("ngram", "benchmark", "items"),
        )

    @cached_property
    def _marks(self) -> tuple[NDArray[np.bool_], np.uint64]:
        """A table in which every head leaves a mark, by its leading bits, and the shift to them.

        With at least 16 places a head, one look tells most other hashes apart, several times as
        fast as a search. The table takes at most 32 MB.
        """
        bits = min(max((16 * len(self.heads)).bit_length(), 10), 25)
        shift = np.uint64(64 - bits)
        marks = np.zeros(1 << bits, np.bool_)
        marks[self.heads >> shift] = True
        return marks, shift

    def find_heads(self, hashes: Hashes) -> Positions:
        """Return where a head's hash stands, ascending."""
        marks, shift = self._marks
        found = [np.empty(0, np.int64)]
        for part in _parts(len(hashes)):
            marked = np.flatnonzero(marks[hashes[part] >> shift])
            if marked.size:
                there, _ = _search(self.heads, hashes[part][marked])
                found.append(marked[there] + part.start)
        return np.concatenate(found)

    def find_ngrams(
        self, tokens: Tokens, starts: Positions, ends: Positions
    ) -> tuple[Positions, Positions, Positions]:
        """Find n-grams that begin at some tokens.

        Args:
            tokens: of some texts.
            starts: the tokens at which they may begin.
            ends: behind the last token of the text, for each.

        Returns:
            The token at which each begins, the token behind it, and its number; by size and place.
        """
        found = [(np.empty(0, np.int64),) * 3]
        for size, hashes, first in self.by_size:
            fitting = starts[starts + size <= ends]
            there, places = _search(hashes, hash_windows(tokens.hashes, fitting, size))
            begins = fitting[there]
            found.append((begins, begins + size, places + first))
        begins, behind, numbers = (np.concatenate(each) for each in zip(*found, strict=True))
        return begins, behind, numbers


def _search(known: Hashes, asked: Hashes) -> tuple[Positions, Positions]:
    """Return which of those asked for are known, and their places."""
    if not len(known):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    there = np.flatnonzero(known[places] == asked)
    return there, places[there]
