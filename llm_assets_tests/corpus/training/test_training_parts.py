from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_assets.corpus.schema import LEFT_OUT, PACKED_PART, SPLITS, TRAINING_PART
from llm_assets.corpus.split import Dealing
from llm_assets.corpus.training import training_parts
from llm_assets.corpus.training.fill_in_the_middle import MiddlePlan
from llm_assets.corpus.training.training_parts import WrittenParts, token_suffix, write_parts
from llm_assets.corpus.training.training_selection import StaleTokensError
from llm_assets.corpus.training.training_sequences import PackingPlan
from llm_assets_tests.corpus.training.training_documents import (
    ALL_TRAIN,
    END_ID,
    FIFTY,
    documents,
    files,
    letters,
    plan,
    trainable,
    write,
)


def _check_parts(folder: Path, rows: pl.DataFrame, written: WrittenParts) -> None:
    """Both formats hold exactly what the table says, and the table what the documents say."""
    tokens = dict(rows.select("doc_id", "token_ids").iter_rows())
    texts = dict(rows.select("doc_id", "text").iter_rows())
    for split in SPLITS:
        table = written.documents.filter(pl.col("split") == split)
        part = pl.read_parquet(folder / f"{split}.parquet")
        stream = np.fromfile(folder / f"{split}.bin", np.uint16)
        assert part.schema == TRAINING_PART
        assert part["doc_id"].to_list() == table["doc_id"].to_list()
        offset = 0
        for place, row in enumerate(table.iter_rows(named=True)):
            expected = [*tokens[row["doc_id"]], END_ID]
            assert (row["token_offset"], row["first_token"]) == (offset, 0)
            assert row["token_length"] == len(expected)
            assert stream[offset : offset + len(expected)].tolist() == expected
            assert part["input_ids"][place].to_list() == expected
            assert part["text"][place] == texts[row["doc_id"]]
            offset += len(expected)
        assert len(stream) == offset == written.sizes[split].tokens
        assert written.sizes[split].sequences == table.height
        assert written.sizes[split].padding == 0


def _check_packed(folder: Path, rows: pl.DataFrame, written: WrittenParts, size: int) -> None:
    """The ranges of the table, put together, are the documents; the rest is padding."""
    tokens = dict(rows.select("doc_id", "token_ids").iter_rows())
    for split in SPLITS:
        table = written.documents.filter(pl.col("split") == split)
        part = pl.read_parquet(folder / f"{split}.parquet")
        stream = np.fromfile(folder / f"{split}.bin", np.uint16).tolist()
        assert part.schema == PACKED_PART
        assert part["input_ids"].explode(empty_as_null=False).to_list() == stream
        assert set(part["input_ids"].list.len()) <= {size}
        assert part["doc_ids"].explode(empty_as_null=False).to_list() == table["doc_id"].to_list()
        ranges = table.select("token_offset", "token_length").rows()
        assert sum(length for _, length in ranges) + written.sizes[split].padding == len(stream)
        assert all(a + n <= b for (a, n), (b, _) in pairwise(ranges))
        whole: dict[tuple[str, int], list[int]] = {}
        for row in table.sort("first_token").iter_rows(named=True):
            before = whole.setdefault((row["doc_id"], row["repeat"]), [])
            assert len(before) == row["first_token"]
            start = row["token_offset"]
            before += stream[start : start + row["token_length"]]
        assert all(ids == [*tokens[doc_id], END_ID] for (doc_id, _), ids in whole.items())


def test_formats_and_table_agree(tmp_path: Path) -> None:
    written = write(tmp_path, FIFTY, plan(Dealing(0.6, 0.2, 0.2), {"web": 1.5}))
    table = written.documents
    assert set(table["split"]) == set(SPLITS)
    assert set(table.filter(pl.col("split") == "train")["repeat"]) == {0, 1}
    assert set(table.filter(pl.col("split") != "train")["repeat"]) == {0}
    assert table["doc_id"].n_unique() == FIFTY.height
    _check_parts(tmp_path, FIFTY, written)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(st.integers(0, 8), max_size=6), max_size=12),
    st.sampled_from([0.4, 1.0, 2.5]),
    st.integers(0, 3),
    st.sampled_from([1, 50, 1 << 20]),
    st.sampled_from([None, "concatenate", "best-fit"]),
    st.randoms(),
)
def test_laws(
    tmp_path_factory: pytest.TempPathFactory,
    tokens: list[list[int]],
    weight: float,
    seed: int,
    bucket_bytes: int,
    method: Any,
    shuffle: Any,
) -> None:
    rows = documents(tokens)
    packing = None if method is None else PackingPlan(4, method, 8)
    how = plan(Dealing(0.6, 0.2, 0.2, seed), {"web": weight}, packing=packing)
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_parts, "_BUCKET_BYTES", bucket_bytes)
        written = write(folder, rows, how)
        if packing is None:
            _check_parts(folder, rows, written)
        else:
            _check_packed(folder, rows, written, packing.sequence_length)
        order = list(range(rows.height))
        shuffle.shuffle(order)
        again = tmp_path_factory.mktemp("again")
        assert write(again, rows[order], how).documents.equals(written.documents)
    assert files(again) == files(folder)


@pytest.mark.parametrize("bucket_bytes", [1, 300, 1 << 20])
def test_concatenated_documents_are_the_stream_cut_into_sequences(
    tmp_path: Path, bucket_bytes: int
) -> None:
    write(tmp_path / "whole", FIFTY, plan(ALL_TRAIN))
    stream = np.fromfile(tmp_path / "whole" / "train.bin", np.uint16).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_parts, "_BUCKET_BYTES", bucket_bytes)
        how = plan(ALL_TRAIN, packing=PackingPlan(16, "concatenate", 8))
        written = write(tmp_path / "packed", FIFTY, how)
    padding = written.sizes["train"].padding
    packed = np.fromfile(tmp_path / "packed" / "train.bin", np.uint16).tolist()
    assert packed == stream + [8] * padding
    assert 0 < padding < 16


def test_all_formats_hold_the_same_stream(tmp_path: Path) -> None:
    how = plan(
        ALL_TRAIN,
        formats=("npy", "mds", "megatron", "jsonl", "parquet"),
        packing=PackingPlan(16, "best-fit", END_ID),
    )
    write(tmp_path, FIFTY, how)
    stream = np.load(tmp_path / "train.npy", mmap_mode="r")
    assert stream.shape[1] == 16
    assert stream.ravel().tolist() == np.fromfile(tmp_path / "train.bin", np.uint16).tolist()
    assert np.load(tmp_path / "test.npy").shape == (0, 16)
    assert (tmp_path / "train.mds" / "index.json").is_file()
    assert (tmp_path / "train.jsonl.zst").is_file()


def test_spans_are_moved_in_train_alone(tmp_path: Path) -> None:
    middle = MiddlePlan(1.0, 0.0, 5, 6, 7, END_ID, letters)
    rows = documents([[1, 2, 3, 4]] * 30)
    written = write(tmp_path, rows, plan(middle=middle))
    table = written.documents
    moved = pl.col("middle_start").is_not_null()
    assert set(table.filter(moved)["split"]) == {"train"}
    assert set(table.filter(~moved)["split"]) == {"validation", "test"}
    part = pl.read_parquet(tmp_path / "train.parquet")
    for ids, row in zip(part["input_ids"], table.filter(moved).iter_rows(named=True), strict=True):
        text, start, end = [1, 2, 3, 4], row["middle_start"], row["middle_end"]
        pieces = [5, *text[:start], 7, *text[end:], 6, *text[start:end], END_ID]
        assert ids.to_list() == pieces
        assert row["token_length"] == len(pieces)
    assert set(part["text"]) == {"bcde"}


def test_the_same_documents_are_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a", FIFTY, plan())
    write(tmp_path / "b", FIFTY.reverse(), plan())
    # A scan in batches and in another order, as a store might give it.
    parquet = tmp_path / "documents.parquet"
    FIFTY.write_parquet(parquet, row_group_size=3)
    (tmp_path / "c").mkdir()
    write_parts(tmp_path / "c", trainable(pl.scan_parquet(parquet)), plan())
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c")
    assert len(files(tmp_path / "a")) == 11


@pytest.mark.parametrize(
    ("formats", "names"),
    [
        (["megatron"], {f"{split}.{end}" for split in SPLITS for end in ("bin", "idx")}),
        (["parquet"], {f"{split}.parquet" for split in SPLITS}),
    ],
)
def test_only_the_chosen_formats_are_written(
    tmp_path: Path, formats: list[str], names: set[str]
) -> None:
    write(tmp_path, FIFTY, plan(formats=formats))
    assert set(files(tmp_path)) == {*names, "documents.parquet", "left_out.parquet"}


@pytest.mark.parametrize(
    ("packing", "middle"),
    [
        (None, None),
        (PackingPlan(8, "concatenate", 0), None),
        (PackingPlan(8, "best-fit", 0), MiddlePlan(0.5, 0.5, 5, 6, 7, END_ID, letters)),
    ],
)
def test_no_documents_make_valid_empty_files(
    tmp_path: Path, packing: PackingPlan | None, middle: MiddlePlan | None
) -> None:
    written = write(tmp_path, FIFTY.clear(), plan(packing=packing, middle=middle))
    assert written.documents.is_empty()
    for split in SPLITS:
        assert pl.read_parquet(tmp_path / f"{split}.parquet").is_empty()
        assert written.sizes[split].tokens == (tmp_path / f"{split}.bin").stat().st_size == 0


def test_large_vocabularies_have_32_bit_tokens(tmp_path: Path) -> None:
    rows = documents([[1, 2]]).with_columns(
        token_ids=pl.Series([[1, 100_000]], dtype=pl.List(pl.UInt32))
    )
    write(tmp_path, rows, plan(ALL_TRAIN, token_dtype=np.dtype(np.int32)))
    assert np.fromfile(tmp_path / "train.bin", np.int32).tolist() == [1, 100_000, END_ID]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_parts, "_BUCKET_BYTES", 200)
        write_parts(tmp_path, trainable(FIFTY.lazy()), plan(), told.append)
    assert sum(told) == 50
    assert len(told) > 1


def test_documents_without_tokens_stop_it(tmp_path: Path) -> None:
    stale = FIFTY.with_columns(token_ids=pl.when(pl.int_range(pl.len()) != 3).then("token_ids"))
    with pytest.raises(StaleTokensError, match="1 of 50 kept documents have no tokens"):
        write_parts(tmp_path, trainable(stale.lazy()), plan())
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_no_part_is_named(tmp_path: Path) -> None:
    table = write(tmp_path, FIFTY, plan(weights={"web": 0.5})).documents
    assert 0 < table.height < 50
    missing = FIFTY.join(table, on="doc_id", how="anti")["doc_id"]
    left_out = pl.read_parquet(tmp_path / "left_out.parquet")
    assert left_out.schema == LEFT_OUT
    assert dict(left_out.iter_rows()) == dict.fromkeys(missing, "not_sampled")


@pytest.mark.parametrize(
    ("files_of_parts", "suffix"),
    [
        (["train.npy", "train.idx", "train.bin"], ".bin"),
        (["train.parquet", "train.jsonl.zst"], ".parquet"),
        (["train.mds/index.json", "train.mds/shard.00000.mds"], ".mds/"),
        (["train.jsonl.zst", "documents.parquet"], None),
    ],
)
def test_ranges_are_in_a_file_with_tokens(files_of_parts: list[str], suffix: str | None) -> None:
    assert token_suffix(files_of_parts) == suffix
