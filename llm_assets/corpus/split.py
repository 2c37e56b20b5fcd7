"""Dealing documents to train, validation and test, and mixing sources: all by stable hashes.

Nothing here looks at other documents, so nothing moves when the corpus grows: a split is drawn by
the document's group and the seed alone, repeats and the order by its id and the seed alone.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.identity import digest
from llm_assets.corpus.schema import SPLITS

UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dealing:
    """How groups are dealt to splits."""

    train: float = 0.98
    validation: float = 0.01
    test: float = 0.01
    seed: int = 0

    def assign(self, group_id: pl.Series) -> pl.Series:
        """Deal each document by its group; see `assign_split`."""
        return assign_split(group_id, self.train, self.validation, self.test, self.seed)


def held_out(split: str) -> pl.Expr:
    """Return how much the split that a column names is to be kept apart: test most, train least."""
    return pl.col(split).cast(pl.Enum(SPLITS)).to_physical()


def assign_split(
    group_id: pl.Series, train: float, validation: float, test: float, seed: int
) -> pl.Series:
    """Deal each document by a salted hash of its group, a number from 0 up to 1.

    Train has the numbers below `train`, validation the next, test the rest. So what can move an
    assignment is another seed; or other shares, and then only groups between the old limit and the
    new. Documents that come, go or change move nothing.

    Args:
        group_id: each document's group.
        train: share of groups; the three add up to 1.
        validation: share of groups.
        test: share of groups.
        seed: salt of the hash.
    """
    groups = group_id.unique()
    draws = [_draw(("split", str(seed), group)) for group in groups]
    # The last split with a share takes what rounding leaves, so that a share of 0 stays empty.
    shares = zip(SPLITS, (train, validation, test), strict=True)
    names, sizes = zip(*((name, share) for name, share in shares if share > 0), strict=True)
    limits = np.cumsum(sizes[:-1])
    dealt = pl.Series(
        [names[place] for place in np.searchsorted(limits, draws, side="right")], dtype=pl.String
    )
    return group_id.replace_strict(groups, dealt, return_dtype=pl.String).alias("split")


def _draw(fields: tuple[str, ...]) -> float:
    """Map fields to a number from 0 up to 1, evenly; 53 bits, so that no rounding makes it 1."""
    return (int(digest(fields)[:16], 16) >> 11) / (1 << 53)


def repeats_of(doc_id: pl.Series, weight: pl.Series, seed: int) -> pl.Series:
    """Return how often each document stands in the training mixture.

    A weight of 2.5 means two copies, and a third one of the half of the documents that a hash
    chooses. A larger weight never takes a copy away.

    Args:
        doc_id: the documents.
        weight: of each document, at least 0.
        seed: salt of the hash.
    """
    weights = weight.to_numpy()
    whole = np.floor(weights)
    repeats = whole + (mixture_draw(doc_id, seed) < weights - whole)
    return pl.Series("repeats", repeats.astype(np.uint32))


def mixture_draw(doc_id: pl.Series, seed: int) -> Floats:
    """Draw a number from 0 up to 1 for each document: which are sampled before others."""
    return _unit(_mix(_bits(doc_id), "repeats", seed))


def shuffle_key(doc_id: pl.Series, repeat: pl.Series, seed: int) -> pl.Series:
    """Return what puts the copies of documents in a random order when sorted by.

    Args:
        doc_id: the documents.
        repeat: which copy of the document, from 0.
        seed: salt of the order.
    """
    return pl.Series("shuffle_key", _mixed_copies(doc_id, repeat, "shuffle", seed))


def sequence_key(doc_id: pl.Series, repeat: pl.Series, first_token: UInt64s, seed: int) -> UInt64s:
    """Return what puts packed sequences in a random order: by the piece that each begins with.

    Args:
        doc_id: the document of that piece.
        repeat: which copy of the document, from 0.
        first_token: where in the document the piece begins.
        seed: salt of the order.
    """
    return _mix(_mixed_copies(doc_id, repeat, "sequences", seed) + first_token, "", 0)


def copy_draw(doc_id: pl.Series, repeat: pl.Series, purpose: str, seed: int) -> Floats:
    """Draw a number from 0 up to 1 for each copy of a document.

    Args:
        doc_id: the documents.
        repeat: which copy of the document, from 0.
        purpose: what is drawn; draws for different purposes are independent.
        seed: salt of the hash.
    """
    return _unit(_mixed_copies(doc_id, repeat, purpose, seed))


def _mixed_copies(doc_id: pl.Series, repeat: pl.Series, purpose: str, seed: int) -> UInt64s:
    copies = repeat.cast(pl.UInt64).to_numpy()
    return _mix(_mix(_bits(doc_id), purpose, seed) + copies, "", 0)


def _unit(bits: UInt64s) -> Floats:
    """Map 64 bits to a number from 0 up to 1; 53 of them, so that no rounding makes it 1."""
    numbers: Floats = (bits >> np.uint64(11)) / float(1 << 53)
    return numbers


def _bits(doc_id: pl.Series) -> UInt64s:
    """Return the leading 64 bits of ids, which are hashes already."""
    leading = doc_id.str.slice(0, 16).str.decode("hex")
    return leading.bin.reinterpret(dtype=pl.UInt64, endianness="big").to_numpy()


def _mix(bits: UInt64s, purpose: str, seed: int) -> UInt64s:
    """Salt and scramble: the finalizer of SplitMix64, which is a permutation (Steele et al. 2014).

    It stands in for a digest of each row, at a hundredth of the time; the ids are no one's to
    choose, so it need not resist an attacker.
    """
    salt = np.uint64(int(digest((purpose, str(seed)))[:16], 16))
    bits = bits ^ salt
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
