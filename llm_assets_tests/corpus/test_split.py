import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.identity import digest
from llm_assets.corpus.split import assign_split, repeats_of, shuffle_key

IDS = pl.Series([digest([str(place)]) for place in range(20_000)])


def test_shares_are_met() -> None:
    counts = assign_split(IDS, 0.8, 0.15, 0.05, seed=0).value_counts()
    shares = {name: count / len(IDS) for name, count in counts.iter_rows()}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.15, "test": 0.05}, abs=0.01)


def test_assignments_are_the_same_for_ever() -> None:
    """A change here would move the documents of every corpus from one split to another."""
    groups = pl.Series(["books/moby", *"abcdefghijklmnop"])
    splits = assign_split(groups, 0.5, 0.25, 0.25, seed=1)
    assert "".join(split[0] for split in splits) == "tttttttvtttvttttv"


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=5), max_size=20),
    st.lists(st.text(max_size=5), max_size=20),
    st.integers(),
)
def test_others_move_no_assignment(some: list[str], others: list[str], seed: int) -> None:
    groups = pl.Series("group_id", some, dtype=pl.String)
    alone = assign_split(groups, 0.5, 0.25, 0.25, seed)
    everyone = pl.concat([groups, pl.Series(others, dtype=pl.String), groups])
    among = assign_split(everyone, 0.5, 0.25, 0.25, seed)
    assert among[: len(some)].equals(alone)
    assert among[len(some) + len(others) :].equals(alone)


def test_larger_shares_move_only_what_lies_between_the_limits() -> None:
    before = assign_split(IDS, 0.8, 0.1, 0.1, seed=0)
    after = assign_split(IDS, 0.9, 0.05, 0.05, seed=0)
    moved = pl.DataFrame({"before": before, "after": after}).filter(before != after)
    # Numbers from 0.8 to 0.9 were validation, those from 0.9 to 0.95 test.
    assert set(moved.rows()) == {("validation", "train"), ("test", "validation")}
    assert moved.height / len(IDS) == pytest.approx(0.15, abs=0.01)


def test_another_seed_is_another_split() -> None:
    first, second = (assign_split(IDS, 0.5, 0.25, 0.25, seed) for seed in (0, 1))
    assert 0.3 < (first == second).mean() < 0.45  # 0.5² + 2 · 0.25² = 0.375


@pytest.mark.parametrize(
    ("shares", "names"),
    [
        ((1.0, 0.0, 0.0), {"train"}),
        ((0.0, 0.0, 1.0), {"test"}),
        ((0.7, 0.3, 0.0), {"train", "validation"}),
        ((0.1 + 0.2, 0.7, 0.0), {"train", "validation"}),
        ((0.0, 0.5, 0.5), {"validation", "test"}),
    ],
)
def test_a_split_without_a_share_stays_empty(
    shares: tuple[float, float, float], names: set[str]
) -> None:
    assert set(assign_split(IDS, *shares, seed=3)) == names


def test_what_rounding_leaves_goes_to_a_split_that_has_a_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("llm_assets.corpus.split._draw", lambda _fields: 1 - 2**-53)
    assert assign_split(IDS[:1], 0.3, 0.6999999995, 0.0, seed=0).to_list() == ["validation"]


def _repeats(weight: float, seed: int = 0) -> pl.Series:
    return repeats_of(IDS, pl.Series(np.full(len(IDS), weight)), seed)


def test_whole_weights_repeat_every_document() -> None:
    assert set(_repeats(1.0)) == {1}
    assert set(_repeats(3.0)) == {3}
    assert _repeats(1.0).dtype == pl.UInt32


def test_fractions_are_a_sample_by_hash() -> None:
    assert set(_repeats(2.5)) == {2, 3}
    assert _repeats(2.5).mean() == pytest.approx(2.5, abs=0.02)
    assert _repeats(0.1).mean() == pytest.approx(0.1, abs=0.01)
    assert not _repeats(0.5, seed=0).equals(_repeats(0.5, seed=1))


@settings(deadline=None)
@given(st.floats(0, 50), st.floats(0, 50))
def test_a_larger_weight_takes_no_copy_away(first: float, second: float) -> None:
    smaller, larger = sorted((first, second))
    assert (_repeats(larger) >= _repeats(smaller)).all()


def test_the_sample_has_nothing_to_do_with_the_split() -> None:
    sampled = IDS.filter(_repeats(0.5) == 1)
    counts = dict(assign_split(sampled, 0.5, 0.25, 0.25, seed=0).value_counts().iter_rows())
    assert counts["train"] / len(sampled) == pytest.approx(0.5, abs=0.02)


def test_the_order_is_random_and_known() -> None:
    first = pl.Series(np.zeros(len(IDS), dtype=np.uint32))
    keys = shuffle_key(IDS, first, seed=0)
    assert keys.n_unique() == len(IDS)
    assert keys.equals(shuffle_key(IDS, first, seed=0))
    order = keys.arg_sort().to_numpy()
    assert abs(np.corrcoef(order, np.arange(len(IDS)))[0, 1]) < 0.03
    by_id = IDS.arg_sort().arg_sort().to_numpy()
    assert abs(np.corrcoef(keys.arg_sort().arg_sort().to_numpy(), by_id)[0, 1]) < 0.03


def test_copies_and_seeds_have_places_of_their_own() -> None:
    first = pl.Series(np.zeros(len(IDS), dtype=np.uint32))
    keys = [shuffle_key(IDS, first + copy, seed) for copy in (0, 1) for seed in (0, 1)]
    ranks = [key.arg_sort().arg_sort().to_numpy() for key in keys]
    for place, one in enumerate(ranks):
        for other in ranks[:place]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_hashes_of_rows_are_the_same_for_ever() -> None:
    """A change here would change the bytes of every training split."""
    ids = pl.Series(["00" * 16, "ff" * 16, digest(["x"]), digest(["y"])])
    assert shuffle_key(ids, pl.Series([0, 1, 2, 0]), seed=5).to_list() == [
        4804959376169171873,
        16680074211811939742,
        3802377611752126733,
        6351903482688359714,
    ]
    assert repeats_of(ids, pl.Series([0.5] * 4), seed=5).to_list() == [0, 1, 0, 0]


def test_nothing_is_dealt_from_nothing() -> None:
    none = pl.Series([], dtype=pl.String)
    assert assign_split(none, 0.8, 0.1, 0.1, seed=0).dtype == pl.String
    assert repeats_of(none, pl.Series([], dtype=pl.Float64), seed=0).is_empty()
    assert shuffle_key(none, pl.Series([], dtype=pl.UInt32), seed=0).is_empty()
