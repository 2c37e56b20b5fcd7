"""Band keys and shingles: what they depend on, and what they find."""

import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES, MinHash
from llm_assets.corpus.duplication.signatures import (
    Shingles,
    band_columns,
    measure_bands,
    shingle_sets,
)

FAMILIES = {
    "words": MinHash(3, 2, 2),
    "characters": MinHash(3, 2, 4, unit="character"),
    "xxh64": MinHash(3, 2, 2, family="datatrove"),
    "sha1": MinHash(3, 2, 2, family="datatrove-sha1"),
}
each_family = pytest.mark.parametrize("profile", FAMILIES.values(), ids=FAMILIES.keys())
FEW = settings(max_examples=30)  # of each family
TEXTS = st.lists(st.none() | st.text("abc .,東1é", max_size=30), max_size=6)


def sets(shingles: Shingles) -> list[list[int]]:
    return [shingles.hashes[i:j].tolist() for i, j in pairwise(shingles.first.tolist())]


def strings(texts: Sequence[str | None]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


@each_family
@FEW
@given(texts=TEXTS, cut=st.integers(0, 6))
def test_a_text_has_its_own_answer_in_any_batch(
    profile: MinHash, texts: list[str | None], cut: int
) -> None:
    whole = measure_bands(strings(texts), profile)
    parts = [measure_bands(strings(part), profile) for part in (texts[:cut], texts[cut:])]
    assert whole.equals(pl.concat(parts))
    assert dict(whole.schema) == {"shingle_count": pl.UInt32(), **band_columns(profile)}
    together = sets(shingle_sets(strings(texts), profile))
    assert together == [sets(shingle_sets(strings([text]), profile))[0] for text in texts]


@each_family
def test_a_batch_of_many_short_texts_is_no_other(profile: MinHash) -> None:
    few = ["a b c d", "", "b c d e"]
    keys = measure_bands(strings(few * 4000), profile)
    assert keys.equals(pl.concat([measure_bands(strings(few), profile)] * 4000))


@each_family
@FEW
@given(texts=TEXTS)
def test_keys_are_there_where_shingles_are(profile: MinHash, texts: list[str | None]) -> None:
    bands = measure_bands(strings(texts), profile)
    shingles = sets(shingle_sets(strings(texts), profile))
    assert all(row == sorted(set(row)) for row in shingles)
    for row, (count, *keys) in zip(shingles, bands.iter_rows(), strict=True):
        assert len(row) <= count
        assert (count == 0) == (not row) == all(key is None for key in keys)
        assert (count > 0) == all(key is not None for key in keys)


@each_family
@FEW
@given(texts=st.lists(st.text("abc ", min_size=8, max_size=12), min_size=2, max_size=6))
def test_the_same_shingles_have_the_same_keys(profile: MinHash, texts: list[str]) -> None:
    keys = measure_bands(strings(texts), profile).drop("shingle_count").rows()
    shingles = sets(shingle_sets(strings(texts), profile))
    for i in range(1, len(texts)):
        assert (shingles[0] == shingles[i]) <= (keys[0] == keys[i])


@given(st.lists(st.sampled_from("abcdefg"), min_size=1), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_shingles_counts(
    words: list[str], shuffler: random.Random
) -> None:
    other = words * 2
    shuffler.shuffle(other)
    profile = MinHash(4, 2, 1)
    bands = measure_bands(strings([" ".join(words), " ".join(other)]), profile)
    assert bands.drop("shingle_count").n_unique() == 1
    assert bands["shingle_count"].to_list() == [len(words), 2 * len(words)]


def test_a_text_of_many_blocks_has_the_keys_of_its_shingles() -> None:
    words = [f"{a}{b}{c}" for a in "abcdefghijklm" for b in "nopqrst" for c in "uvwxyzabcd"]
    texts = [" ".join(words), " ".join(words * 3), " ".join(words[:450])]
    for profile in (MinHash(200, 1, 1), MinHash(200, 1, 1, family="datatrove")):
        bands = measure_bands(strings(texts), profile)
        one, three, half = bands.drop("shingle_count").rows()
        assert one == three
        assert (
            not any(key == other for key, other in zip(one[:20], half[:20], strict=True))
            or one != half
        )


@pytest.mark.parametrize("share", [0.3, 0.8])
@each_family
def test_minhashes_agree_as_often_as_jaccard_says(profile: MinHash, share: float) -> None:
    shuffler = random.Random(7)
    words = ["".join(shuffler.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(600)]
    common = round(300 * share)
    texts = strings([" ".join(words[:300]), " ".join(words[300 - common : 600 - common])])
    singles = MinHash(1024, 1, profile.shingle, profile.unit, family=profile.family)
    one, other = sets(shingle_sets(texts, singles))
    jaccard = len(set(one) & set(other)) / len(set(one) | set(other))
    keys = measure_bands(texts, singles).drop("shingle_count").to_numpy()
    # Four standard deviations of 1,024 tosses.
    agreed = np.mean(keys[0] == keys[1])
    assert abs(agreed - jaccard) < 4 * (jaccard * (1 - jaccard) / 1024) ** 0.5
    assert 0.1 < jaccard < 0.9


def test_a_near_copy_is_a_candidate_and_a_stranger_is_none() -> None:
    words = [f"{a}{b}" for a in "bcdfghjklm" for b in ("an", "el", "is", "or", "uth", "ab", "ock")]
    near = [*words[:35], "changed", *words[36:]]
    texts = strings([" ".join(words), ", ".join(near).upper(), " ".join(words[::-1])])
    for name in MINHASH_PROFILES.keys() - {"rpv2@0.8", "rpv2@0.7"}:
        one, other, stranger = measure_bands(texts, MINHASH_PROFILES[name]).rows()
        assert any(a == b for a, b in zip(one[1:], other[1:], strict=True)), name
        assert not any(a == b for a, b in zip(one[1:], stranger[1:], strict=True)), name


def test_scripts_without_spaces_have_shingles() -> None:
    text = strings(["吾輩は猫である。名前はまだ無い。", "นี่คือประโยคภาษาไทย"])
    assert measure_bands(text, MINHASH_PROFILES["fineweb"])["shingle_count"].to_list() == [10, 12]


@each_family
def test_keys_never_change(profile: MinHash) -> None:
    """They are kept; other keys for the same text would no longer find its duplicates."""
    text = strings(["The quick brown fox jumps over 13 lazy dogs."])
    keys = measure_bands(text, profile)["band_002"].to_list()
    assert keys == [KEYS[profile.unit, profile.family]]


KEYS = {
    ("word", "native"): 0x6B4BAB02A65E0AC0,
    ("character", "native"): 0xEFD9F79AC7813AD8,
    ("word", "datatrove"): 0x56A563AA737D4998,
    ("word", "datatrove-sha1"): 0x4DCA2C2521D4A64C,
}
