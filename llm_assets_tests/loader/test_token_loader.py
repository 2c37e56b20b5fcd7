import json
import pickle
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.loader.batch import IGNORED
from llm_assets.loader.errors import LoaderError
from llm_assets.loader.reading import Share
from llm_assets.loader.token_loader import TokenLoader
from llm_assets_tests.loader.hand_made import END, read_manifest, rewrite, stream, write_release

UNEVEN = [1, 300, 0, 7, 2, 1000, 90]


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("uneven"), UNEVEN)


def loader(place: Path, **settings: Any) -> TokenLoader:
    return TokenLoader(
        place, **{"sequence_length": 16, "batch_size": 4, "epochs": 1, "workers": 0, **settings}
    )


def offsets(batches: Any) -> list[list[int]]:
    return [batch.offsets.tolist() for batch in batches]


def together(ranks: list[TokenLoader]) -> list[list[int]]:
    """The global batches of several ranks."""
    shares = [offsets(rank) for rank in ranks]
    return [[at for share in step for at in share] for step in zip(*shares, strict=True)]


class TestSamples:
    @pytest.mark.parametrize("format", ["megatron", "npy"])
    @pytest.mark.parametrize("dtype", ["uint16", "int32"])
    @pytest.mark.parametrize("workers", [0, 2])
    def test_are_windows_of_the_stream_across_parts(
        self, tmp_path: Path, format: str, dtype: str, workers: int
    ) -> None:
        place = write_release(tmp_path, UNEVEN, format=format, dtype=dtype)
        expected = stream(sum(UNEVEN))
        seen = []
        for batch in loader(place, workers=workers):
            assert batch.inputs.dtype == batch.labels.dtype == np.int64
            for at, inputs, labels in zip(batch.offsets, batch.inputs, batch.labels, strict=True):
                assert inputs.tolist() == expected[at : at + 16].tolist()
                assert labels.tolist() == expected[at + 1 : at + 17].tolist()
                seen.append(int(at))
        assert len(seen) == len(set(seen)) == 84  # 1,399 // 16 = 87, of which 84 fill batches
        assert all(at % 16 == 0 for at in seen)

    def test_the_last_token_is_a_label_only(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [33])
        assert loader(place, batch_size=1).samples == 2
        place = write_release(tmp_path / "less", [32])
        assert loader(place, batch_size=1).samples == 1

    def test_origin_names_a_token(self, uneven: Path) -> None:
        batch = next(iter(loader(uneven, shuffle=False)))
        assert batch.origin(2, 5) == "v1:train:37"

    def test_files_beyond_the_most_maps_are_read(
        self, uneven: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mapped = [batch.inputs.tolist() for batch in loader(uneven)]
        monkeypatch.setattr("llm_assets.loader.places._MOST_MAPS", 2)
        assert [batch.inputs.tolist() for batch in loader(uneven)] == mapped


class TestPacked:
    def test_rows_are_sequences_and_the_last_label_is_ignored(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [80, 16], packed=16, format="npy")
        for batch in loader(place, sequence_length=None, batch_size=2):
            assert (batch.offsets % 16 == 0).all()
            np.testing.assert_array_equal(batch.inputs, batch.offsets[:, None] + np.arange(16))
            np.testing.assert_array_equal(batch.labels[:, :-1], batch.inputs[:, 1:])
            assert (batch.labels[:, -1] == IGNORED).all()

    def test_one_less_gives_every_position_a_label(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [80, 16], packed=16)
        batch = next(iter(loader(place, sequence_length=15)))
        np.testing.assert_array_equal(batch.labels, batch.offsets[:, None] + np.arange(1, 16))

    @pytest.mark.parametrize(
        ("padding", "labels"),
        [
            (None, [2, END, IGNORED, IGNORED, 5, END, 7, IGNORED]),
            (7, [2, END, END, END, 5, END, IGNORED, IGNORED]),
        ],
    )
    def test_padding_has_no_label(
        self, tmp_path: Path, padding: int | None, labels: list[int]
    ) -> None:
        row = np.array([1, 2, END, END, END, 5, END, 7])
        place = write_release(tmp_path, [8], packed=8, content=row)
        batch = next(iter(loader(place, sequence_length=8, batch_size=1, padding_id=padding)))
        assert batch.labels.tolist() == [labels]

    def test_another_length_is_refused(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [80], packed=16)
        with pytest.raises(LoaderError, match="packed to sequences of 16 tokens: sequence_length"):
            loader(place, sequence_length=8)


class TestOrder:
    def test_is_that_of_the_release_without_shuffling(self, uneven: Path) -> None:
        found = offsets(loader(uneven, shuffle=False, drop_last=False))
        assert [at for step in found for at in step] == list(range(0, 87 * 16, 16))

    def test_another_seed_gives_another(self, uneven: Path) -> None:
        first, second = (offsets(loader(uneven, seed=seed)) for seed in (0, 1))
        assert first != second

    def test_epochs_differ(self, uneven: Path) -> None:
        found = list(loader(uneven, epochs=2))
        assert [(batch.epoch, batch.step) for batch in found] == [
            (epoch, step) for epoch in (0, 1) for step in range(21)
        ]
        assert offsets(found[:21]) != offsets(found[21:])

    @settings(max_examples=25)
    @given(
        world=st.sampled_from([1, 2, 3, 6, 12]),
        workers=st.integers(0, 3),
        prefetch=st.integers(1, 5),
        drop_last=st.booleans(),
        shuffle_bytes=st.sampled_from([1, 2000, 1 << 28]),
    )
    def test_is_the_same_for_any_ranks_and_workers(
        self,
        uneven: Path,
        world: int,
        workers: int,
        prefetch: int,
        drop_last: bool,
        shuffle_bytes: int,
    ) -> None:
        shared = {"drop_last": drop_last, "shuffle_bytes": shuffle_bytes}
        ranks = [
            loader(
                uneven,
                batch_size=12 // world,
                rank=rank,
                world_size=world,
                workers=workers,
                prefetch=prefetch,
                **shared,
            )
            for rank in range(world)
        ]
        found = together(ranks)
        assert found == offsets(loader(uneven, batch_size=12, **shared))
        seen = [at for step in found for at in step]
        assert len(seen) == len(set(seen)) == (84 if drop_last else 87)

    def test_a_smaller_last_step_may_be_empty_on_a_rank(self, uneven: Path) -> None:
        """All ranks take the same number of steps, or they would wait for each other."""
        ranks = [
            list(loader(uneven, batch_size=5, rank=rank, world_size=8, drop_last=False))
            for rank in range(8)
        ]
        assert [len(batches) for batches in ranks] == [3] * 8
        assert [len(batches[-1].inputs) for batches in ranks] == [5, 2, 0, 0, 0, 0, 0, 0]
        assert ranks[-1][-1].inputs.shape == (0, 16)


class TestResume:
    @settings(max_examples=25)
    @given(
        at=st.integers(0, 40),
        before=st.sampled_from([(1, 0), (2, 2), (4, 1)]),
        after=st.sampled_from([(1, 2), (2, 0), (4, 3)]),
        shuffle_bytes=st.sampled_from([1, 1 << 28]),
    )
    def test_goes_on_as_if_uninterrupted(
        self,
        uneven: Path,
        at: int,
        before: tuple[int, int],
        after: tuple[int, int],
        shuffle_bytes: int,
    ) -> None:
        def ranks(world: int, workers: int) -> list[TokenLoader]:
            return [
                loader(
                    uneven,
                    batch_size=4 // world,
                    rank=rank,
                    world_size=world,
                    workers=workers,
                    epochs=2,
                    shuffle_bytes=shuffle_bytes,
                )
                for rank in range(world)
            ]

        whole = together(ranks(1, 0))
        first = ranks(*before)[0]
        for _ in islice(first, at):
            pass
        state = json.loads(json.dumps(first.state_dict()))
        first.close()
        rest = ranks(*after)
        for rank in rest:
            rank.load_state_dict(state)
        assert together(rest) == whole[at:]

    def test_the_state_is_small(self, uneven: Path) -> None:
        assert len(json.dumps(loader(uneven).state_dict())) < 400

    def test_a_new_iteration_goes_on(self, uneven: Path) -> None:
        whole = offsets(loader(uneven))
        stopped = loader(uneven, workers=2)
        found = []
        for batch in stopped:
            found.append(batch.offsets.tolist())
            if len(found) == 5:
                break
        assert found + offsets(stopped) == whole
        assert offsets(stopped) == []

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"seed": 1}, "it has seed=0, and this loader 1"),
            ({"batch_size": 5}, "samples a step over all ranks"),
            ({"sequence_length": 8}, "sequence_length=16"),
            ({"shuffle": False}, "shuffle=True"),
        ],
    )
    def test_a_state_of_another_order_is_refused(
        self, uneven: Path, change: dict[str, Any], told: str
    ) -> None:
        state = loader(uneven).state_dict()
        with pytest.raises(LoaderError, match=told):
            loader(uneven, **change).load_state_dict(state)

    def test_a_state_of_another_release_is_refused(self, uneven: Path, tmp_path: Path) -> None:
        other = loader(write_release(tmp_path, [5000], version="v2")).state_dict()
        with pytest.raises(LoaderError, match=r"of another release \(v2\)"):
            loader(uneven).load_state_dict(other)

    @pytest.mark.parametrize("state", [{}, {"state_version": 9}, [], None], ids=str)
    def test_what_is_no_state_is_refused(self, uneven: Path, state: Any) -> None:
        with pytest.raises(LoaderError, match="this is no state"):
            loader(uneven).load_state_dict(state)


class TestThreads:
    def test_end_with_the_iteration(self, uneven: Path) -> None:
        before = threading.active_count()
        with loader(uneven, workers=3, epochs=None) as endless:
            next(iter(endless))
        for _ in loader(uneven, workers=3, epochs=None):
            break
        list(loader(uneven, workers=3))
        assert threading.active_count() == before

    def test_close_from_another_thread_ends_the_loop(self, uneven: Path) -> None:
        endless = loader(uneven, workers=2, epochs=None)
        started = threading.Event()

        def train() -> None:
            for _ in endless:
                started.set()

        trainer = threading.Thread(target=train)
        trainer.start()
        assert started.wait(10)
        endless.close()
        trainer.join(10)
        assert not trainer.is_alive()

    def test_an_interrupt_ends_the_process(self, uneven: Path) -> None:
        script = (
            "import signal, sys\n"
            "from llm_assets.loader.token_loader import TokenLoader\n"
            "for batch in TokenLoader(sys.argv[1], sequence_length=16, workers=3):\n"
            "    if batch.epoch == 2: signal.raise_signal(signal.SIGINT)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(uneven)],
            capture_output=True,
            timeout=30,
            text=True,
            check=False,
        )
        assert done.returncode not in (0, None)
        assert done.stderr.rstrip().endswith("KeyboardInterrupt")

    def test_a_file_that_vanishes_is_told(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [1000])
        made = loader(place, workers=2)
        (tmp_path / "training_split/shard-0000/v1/train.bin").unlink()
        with pytest.raises(FileNotFoundError):
            list(made)


class TestOpening:
    def test_needs_numpy_alone(self, uneven: Path) -> None:
        script = (
            "import sys\n"
            "from llm_assets.loader.token_loader import TokenLoader\n"
            "next(iter(TokenLoader(sys.argv[1], sequence_length=16)))\n"
            "heavy = {'dagster', 'polars', 'pyarrow', 'torch', 'boto3', 'pydantic', 'numba'}\n"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", script, str(uneven)], check=True, timeout=60)

    def test_pickles(self, uneven: Path) -> None:
        made = loader(uneven)
        next(iter(made))
        copy = pickle.loads(pickle.dumps(made))
        assert offsets(copy) == offsets(made)

    def test_a_worker_processs_batch_is_sent_as_it_is_stored(self, uneven: Path) -> None:
        own = list(loader(uneven))
        for number in range(3):
            share = [pickle.dumps(batch) for batch in loader(uneven).read_stored(Share(number, 3))]
            assert len(share[0]) < 1000  # 4 samples of 17 tokens, 2 bytes each
            for batch, sent in zip(own[number::3], share, strict=True):
                arrived = pickle.loads(sent)
                assert arrived.inputs.tolist() == batch.inputs.tolist()
                assert arrived.labels.tolist() == batch.labels.tolist()
                assert arrived.origin(1) == batch.origin(1)

    def test_verify_finds_changed_bytes(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [1000])
        loader(place, verify=True)
        path = tmp_path / "training_split/shard-0000/v1/train.bin"
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        with pytest.raises(LoaderError, match=r"train\.bin: its bytes have changed"):
            loader(place, verify=True)

    @pytest.mark.parametrize("change", ["short", "long", "gone"])
    def test_a_file_of_another_size_is_told(self, tmp_path: Path, change: str) -> None:
        place = write_release(tmp_path, [1000])
        path = tmp_path / "training_split/shard-0000/v1/train.bin"
        if change == "gone":
            path.unlink()
        else:
            path.write_bytes(b"\0" * (1999 if change == "short" else 2001))
        told = "No such file" if change == "gone" else r"by the manifest 2,000; export"
        with pytest.raises(LoaderError, match=told):
            loader(place)

    def test_too_few_samples_are_told(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [50])
        with pytest.raises(LoaderError, match=r"50 tokens, 3 samples of 16, fewer than the 8"):
            loader(place, world_size=2)
        assert offsets(loader(place, drop_last=False, shuffle=False)) == [[0, 16, 32]]
        with pytest.raises(LoaderError, match="0 samples of 50: take a smaller sequence_length"):
            loader(place, sequence_length=50, drop_last=False)
        with pytest.raises(LoaderError, match="'test' has 0 tokens"):
            loader(place, split="test")

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ({"batch_size": 0}, "batch_size is 0"),
            ({"rank": 2, "world_size": 2}, "rank is 2"),
            ({"workers": -1}, "workers is -1"),
            ({"sequence_length": 0}, "sequence_length is 0"),
            ({"dtype": np.int16}, "int16 does not hold 60,000 token ids"),
            ({"dtype": np.float32}, "float32 does not hold"),
            ({"split": "dev"}, "has no split 'dev'; it has test, train"),
        ],
        ids=["batch", "rank", "workers", "length", "int16", "float32", "split"],
    )
    def test_settings_that_make_no_sense(
        self, uneven: Path, settings: dict[str, Any], told: str
    ) -> None:
        with pytest.raises(LoaderError, match=told):
            loader(uneven, **settings)

    def test_no_release(self, tmp_path: Path) -> None:
        with pytest.raises(LoaderError, match="holds no release"):
            loader(tmp_path)
        with pytest.raises(LoaderError, match="in a folder or at s3://"):
            TokenLoader("gs://bucket/releases/v1")

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"manifest_version": 2}, "no release manifest of version 1"),
            ({"parts": [{}]}, "is damaged"),
            ({"root": "/etc/"}, "the root '/etc/' is none"),
            ({"splits": {"train": {"tokens": 5}}}, "have 1,400 tokens, the split 5"),
        ],
        ids=["version", "damaged", "root", "counts"],
    )
    def test_a_manifest_that_cannot_be_used(
        self, tmp_path: Path, change: dict[str, Any], told: str
    ) -> None:
        place = write_release(tmp_path, UNEVEN)
        rewrite(place, {**read_manifest(place), **change})
        with pytest.raises(LoaderError, match=told):
            loader(place)

    def test_a_manifest_that_leads_out_is_refused(self, tmp_path: Path) -> None:
        place = write_release(tmp_path, [100])
        manifest = read_manifest(place)
        manifest["parts"][0]["location"] = "../../elsewhere/"
        rewrite(place, manifest)
        with pytest.raises(LoaderError, match="leads out of the release"):
            loader(place)

    @pytest.mark.parametrize(
        ("left_out", "fix"),
        [([], "add one to recipe.formats"), (["npy"], "export the release anew with one of them")],
        ids=["never-made", "not-exported"],
    )
    def test_no_format_with_a_stream(self, tmp_path: Path, left_out: list[str], fix: str) -> None:
        place = write_release(tmp_path, [100], format="npy")
        manifest = read_manifest(place)
        manifest["parts"][0]["files"][0]["format"] = "parquet"
        rewrite(place, {**manifest, "formats": ["parquet"], "left_out_formats": left_out})
        with pytest.raises(LoaderError, match=fix):
            loader(place)
