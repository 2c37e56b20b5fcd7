"""Settings of MinHash: the published ones find what they are said to."""

import pytest

from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES, Family, MinHash, ShingleUnit


def share_found(profile: MinHash, similarity: float) -> float:
    return 1 - (1 - similarity**profile.rows) ** profile.bands


@pytest.mark.parametrize("name", MINHASH_PROFILES)
def test_a_profile_finds_most_pairs_at_its_similarity_and_few_far_below(name: str) -> None:
    profile = MINHASH_PROFILES[name]
    # RedPajama's find 40 and 44 % of the pairs at the similarity that they are named for.
    assert share_found(profile, profile.similarity) > (0.39 if name.startswith("rpv2") else 0.67)
    assert share_found(profile, 0.5 * profile.similarity) < 0.02


@pytest.mark.parametrize(
    ("name", "hashes"),
    [("fineweb", 112), ("refinedweb", 9000), ("dclm", 1395), ("curator", 260), ("marin", 286)],
)
def test_signatures_are_as_long_as_published(name: str, hashes: int) -> None:
    assert MINHASH_PROFILES[name].hashes == hashes


@pytest.mark.parametrize(
    ("bands", "similarity", "unit", "family", "why"),
    [
        (0, 0.8, "word", "native", "at least 1"),
        (1, 0.0, "word", "native", "similarity 0.0"),
        (1, 1.1, "word", "native", "similarity 1.1"),
        (1, 0.8, "character", "datatrove", "of words"),
    ],
)
def test_settings_that_mean_nothing_are_refused(
    bands: int, similarity: float, unit: ShingleUnit, family: Family, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        MinHash(bands, 1, 5, unit, similarity, family)
