from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.loader.order import SampleOrder, _keys, plan_order

orders = st.builds(
    SampleOrder,
    key=st.text(max_size=3),
    samples=st.integers(1, 400),
    global_batch=st.integers(1, 12),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    block=st.integers(1, 30),
    window=st.integers(1, 30),
)


def planned(key: str, samples: int, batch: int) -> SampleOrder:
    return plan_order(
        key, samples, 4096, batch, shuffle=True, drop_last=True, shuffle_bytes=1 << 28
    )


def taken(order: SampleOrder, epoch: int = 0) -> list[int]:
    """All samples of an epoch, in order."""
    made, columns = order.epoch(epoch), range(order.global_batch)
    return [
        sample
        for window in range(order.windows)
        for row in made.samples(window, columns).tolist()
        for sample in row
    ]


@given(orders)
def test_every_sample_once_an_epoch(order: SampleOrder) -> None:
    found = taken(order)
    whole = order.samples - (order.samples % order.global_batch if order.drop_last else 0)
    assert len(found) == whole
    assert len(set(found)) == whole
    assert all(0 <= sample < order.samples for sample in found)


@given(orders, st.data())
def test_ranks_share_each_step(order: SampleOrder, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, order.global_batch))
    made = order.epoch(1)
    for window in range(order.windows):
        left = made.samples(window, range(cut))
        right = made.samples(window, range(cut, order.global_batch))
        whole = made.samples(window, range(order.global_batch))
        assert len(left) == len(right) == len(order.window_steps(window))
        np.testing.assert_array_equal(np.hstack([left, right]), whole)


@given(orders)
def test_windows_are_the_steps_one_after_another(order: SampleOrder) -> None:
    windows = [order.window_steps(window) for window in range(order.windows)]
    assert [step for steps in windows for step in steps] == list(range(order.steps))
    assert all(order.window_of(step) == w for w, steps in enumerate(windows) for step in steps)
    lengths = [len(steps) for steps in windows[: len(windows) - (order.left_over > 0)]]
    assert not lengths or max(lengths) <= order.window
    assert not lengths or max(lengths) - min(lengths) <= 1


@given(orders)
def test_a_rank_reads_the_blocks_below_its_lanes_alone(order: SampleOrder) -> None:
    order = replace(order, shuffle=True)
    for window in range(order.windows):
        steps = len(order.window_steps(window))
        blocks = np.unique(order.epoch(0).samples(window, range(1)) // order.block)
        # A run of `steps` positions touches so many blocks, one of which may be short.
        assert len(blocks) <= (steps - 1) // order.block + 3


def test_not_shuffled_is_the_order_of_the_release() -> None:
    order = plan_order("k", 103, 8, 10, shuffle=False, drop_last=False, shuffle_bytes=64)
    assert taken(order) == list(range(103))


def test_keys_are_those_of_splitmix64() -> None:
    """The first outputs for the seed 1234567, as its authors' own program gives them."""
    keys = _keys(np.array([[1234567]], dtype=np.uint64), 5)[0].tolist()
    assert keys == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_order_never_changes() -> None:
    """These numbers are in saved states of trainings: another order would repeat samples."""
    order = planned("release", 20, 4)
    assert taken(order) == [8, 11, 2, 0, 1, 19, 9, 16, 5, 10, 12, 17, 3, 7, 13, 6, 4, 15, 14, 18]


@pytest.mark.parametrize("other", ["key", "epoch"])
def test_another_seed_or_epoch_is_another_order(other: str) -> None:
    order = planned("a", 1000, 8)
    first = taken(order)
    second = taken(order, epoch=1) if other == "epoch" else taken(replace(order, key="b"))
    same_place = sum(a == b for a, b in zip(first, second, strict=True))
    assert same_place < 20  # 1 on average
    assert sorted(first) == sorted(second)


def test_samples_are_mixed() -> None:
    """No sample tends to stay near its place or its neighbours, in a batch or in time."""
    order = planned("a", 40_000, 8)
    found = np.array(taken(order))
    steps = found.reshape(-1, 8)
    assert abs(np.corrcoef(found, np.arange(len(found)))[0, 1]) < 0.2  # 157 blocks are ordered
    spread = np.sort(steps, axis=1)
    assert (np.diff(spread, axis=1) == 1).mean() < 0.01
    one_column = np.abs(np.diff(steps[:, 0]))
    assert (one_column < order.block).mean() < 0.1


def test_lanes_are_mixed_each_in_its_own_way() -> None:
    order = SampleOrder("k", 400, 2, shuffle=True, drop_last=True, block=400, window=100)
    made = order.epoch(0)
    lanes = [made.samples(window, range(2))[:, lane] for window in (0, 1) for lane in (0, 1)]
    assert len({tuple(lane - lane.min()) for lane in lanes}) == 4


@pytest.mark.parametrize(
    ("samples", "batch", "block", "window"),
    [
        (10**9, 1024, 256, 1024),  # 4 TB: lanes of 4 blocks
        (10**6, 8, 256, 8192),
        (1000, 8, 15, 8192),  # small blocks, so that a lane has several
        (5, 8, 1, 8192),
    ],
)
def test_sizes(samples: int, batch: int, block: int, window: int) -> None:
    order = plan_order(
        "", samples, 4096, batch, shuffle=True, drop_last=True, shuffle_bytes=1 << 28
    )
    assert (order.block, order.window) == (block, window)
    assert order.window * batch * 8 <= 8 << 20
    assert -(-samples // order.block) <= 1 << 22


def test_blocks_grow_with_a_huge_release() -> None:
    order = planned("", 10**11, 8)
    assert 10**11 / order.block <= 1 << 22
