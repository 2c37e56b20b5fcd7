"""MinHash signatures as datatrove makes them, by either of its hash functions, bit for bit."""

import polars as pl
import pytest

from llm_assets.corpus.duplication.datatrove_signatures import NO_SHINGLE, full_signatures
from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES
from llm_assets.corpus.duplication.signatures import measure_bands
from llm_assets_tests.conformance.vectors_file import FOLDER, short_hash


@pytest.mark.parametrize("profile", ["datatrove-0.10", "datatrove-0.10-sha1"])
def test_every_signature_is_the_originals(profile: str) -> None:
    documents = pl.read_parquet(FOLDER / "documents.parquet", columns=["name", "text"])
    vectors = pl.read_parquet(FOLDER / "vectors" / f"{profile}.parquet")
    assert documents["name"].equals(vectors["name"])
    settings = MINHASH_PROFILES[profile]
    signatures = full_signatures(documents["text"], settings)
    numbers = [row[row != NO_SHINGLE].tolist() for row in signatures]
    assert [row[:2] for row in numbers] == vectors["first"].to_list()
    hashes = [short_hash(" ".join(map(str, row))) for row in numbers]
    assert hashes == vectors["signature"].to_list()
    assert len(set(hashes)) > 1000
    counts = measure_bands(documents["text"], settings)["shingle_count"]
    assert counts.to_list() == vectors["shingles"].to_list()
