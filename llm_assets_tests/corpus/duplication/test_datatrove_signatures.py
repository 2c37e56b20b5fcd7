"""Whole signatures of datatrove's families."""

import numpy as np
import polars as pl
import pytest

from llm_assets.corpus.duplication.datatrove_kernels import lower_minhashes
from llm_assets.corpus.duplication.datatrove_signatures import NO_SHINGLE, full_signatures
from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES


@pytest.mark.parametrize("name", ["datatrove-0.10", "datatrove-0.10-sha1"])
def test_texts_without_shingles_have_no_minhashes(name: str) -> None:
    texts = pl.Series(["one two three four", None, "", "one two three four five"])
    signatures = full_signatures(texts, MINHASH_PROFILES[name])
    assert signatures.shape == (4, 112)
    assert (signatures[:3] == NO_SHINGLE).all()
    assert (signatures[3] < 2**61 - 1).all()
    assert full_signatures(texts.clear(), MINHASH_PROFILES[name]).shape == (0, 112)


@pytest.mark.parametrize("number", [0, 5, 2**61 - 2, 2**61 - 1, 2**61, 2**62 - 2, 2**64 - 1])
def test_numbers_are_reduced_as_the_remainder(number: int) -> None:
    minhashes = np.array([NO_SHINGLE])
    factor, term = np.array([1], np.uint64), np.array([0], np.uint64)
    lower_minhashes(np.array([number], np.uint64), factor, term, minhashes)
    assert int(minhashes[0]) == number % (2**61 - 1)
