from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_assets.corpus import training_parts
from llm_assets.corpus.identity import digest
from llm_assets.corpus.megatron import MegatronReader
from llm_assets.corpus.schema import (
    CLEANED,
    DUPLICATES,
    LEFT_OUT,
    SPLITS,
    TOKENIZED,
    TRAINING_DOCUMENTS,
    TRAINING_PART,
)
from llm_assets.corpus.training_parts import (
    StaleTokensError,
    TrainableDocuments,
    TrainingPlan,
    select_documents,
    write_parts,
)

END_ID = 9
_TYPES = {
    "doc_id": pl.String,
    "source": pl.String,
    "text": pl.String,
    "text_hash": pl.String,
    "group_id": pl.String,
    "token_ids": pl.List(pl.UInt32),
    "twin_split": pl.String,
}


def _plan(**changes: Any) -> TrainingPlan:
    usual: dict[str, Any] = {
        "train": 0.6,
        "validation": 0.2,
        "test": 0.2,
        "seed": 0,
        "weights": {},
        "formats": ("megatron", "parquet"),
        "end_of_document_id": END_ID,
        "token_dtype": np.dtype(np.uint16),
    }
    return TrainingPlan(**usual | changes)


def _documents(tokens: list[list[int]], source: str = "web") -> pl.DataFrame:
    ids = [digest([str(place)]) for place in range(len(tokens))]
    texts = ["".join(chr(97 + id_) for id_ in row) for row in tokens]
    hashes = [f"hash of {text}" for text in texts]
    columns = [ids, [source] * len(ids), texts, hashes, ids, tokens, [None] * len(ids)]
    return pl.DataFrame(dict(zip(_TYPES, columns, strict=True)), _TYPES)


FIFTY = _documents([[place % 7, place % 5] * (place % 4) for place in range(50)])


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _trainable(documents: pl.LazyFrame) -> TrainableDocuments:
    return TrainableDocuments(
        selected=documents.select(
            *("doc_id", "source", "text_hash", "group_id", "twin_split"),
            text_bytes=pl.col("text").str.len_bytes(),
            token_count=pl.col("token_ids").list.len().cast(pl.UInt32),
        ),
        texts=documents.select("doc_id", "text"),
        tokens=documents.select("doc_id", "token_ids"),
    )


def _write(folder: Path, documents: pl.DataFrame, plan: TrainingPlan) -> pl.DataFrame:
    folder.mkdir(exist_ok=True)
    table = write_parts(folder, _trainable(documents.lazy()), plan)
    assert table.schema == TRAINING_DOCUMENTS
    assert pl.read_parquet(folder / "documents.parquet").equals(table)
    return table


def _check_parts(folder: Path, documents: pl.DataFrame, table: pl.DataFrame) -> None:
    """Both formats hold exactly what the table says, and the table what the documents say."""
    tokens = dict(documents.select("doc_id", "token_ids").iter_rows())
    texts = dict(documents.select("doc_id", "text").iter_rows())
    for split in SPLITS:
        rows = table.filter(pl.col("split") == split)
        part = pl.read_parquet(folder / f"{split}.parquet")
        reader = MegatronReader(folder / split)
        assert part.schema == TRAINING_PART
        assert part["doc_id"].to_list() == rows["doc_id"].to_list()
        assert len(reader) == rows.height
        offset = 0
        for place, row in enumerate(rows.iter_rows(named=True)):
            expected = [*tokens[row["doc_id"]], END_ID]
            assert row["token_offset"] == offset
            assert row["token_length"] == len(expected)
            assert reader.tokens[offset : offset + len(expected)].tolist() == expected
            assert reader[place].tolist() == expected
            assert part["input_ids"][place].to_list() == expected
            assert part["text"][place] == texts[row["doc_id"]]
            offset += len(expected)
        assert len(reader.tokens) == offset


def test_formats_and_table_agree(tmp_path: Path) -> None:
    table = _write(tmp_path, FIFTY, _plan(weights={"web": 1.5}))
    assert set(table["split"]) == set(SPLITS)
    assert set(table["repeat"]) == {0, 1}
    assert table["doc_id"].n_unique() == FIFTY.height
    _check_parts(tmp_path, FIFTY, table)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(st.integers(0, 8), max_size=6), max_size=12),
    st.sampled_from([0.4, 1.0, 2.5]),
    st.integers(0, 3),
    st.sampled_from([1, 50, 1 << 20]),
    st.randoms(),
)
def test_laws(
    tmp_path_factory: pytest.TempPathFactory,
    tokens: list[list[int]],
    weight: float,
    seed: int,
    bucket_bytes: int,
    shuffle: Any,
) -> None:
    documents = _documents(tokens)
    plan = _plan(weights={"web": weight}, seed=seed)
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_parts, "_BUCKET_BYTES", bucket_bytes)
        table = _write(folder, documents, plan)
    _check_parts(folder, documents, table)
    order = list(range(documents.height))
    shuffle.shuffle(order)
    again = tmp_path_factory.mktemp("again")
    assert _write(again, documents[order], plan).equals(table)
    binary = [f"{split}.{ending}" for split in SPLITS for ending in ("bin", "idx")]
    assert [_files(again)[name] for name in binary] == [_files(folder)[name] for name in binary]


def test_from_the_tables_of_a_shard_to_its_parts(tmp_path: Path) -> None:
    rows = [row | {"doc_id": row["doc_id"] * 32} for row in _CLEANED]
    cleaned = pl.LazyFrame(rows, CLEANED)
    tokenized = pl.LazyFrame(
        [(row["doc_id"], row.get("text_hash"), [n], 1) for n, row in enumerate(rows)],
        TOKENIZED,
        orient="row",
    )
    table = write_parts(tmp_path, select_documents(cleaned, None, tokenized), _plan())
    assert sorted(table["doc_id"]) == [letter * 32 for letter in "abce"]
    _check_parts(tmp_path, cleaned.join(tokenized, on="doc_id").collect(), table)


def test_the_same_documents_are_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "a", FIFTY, _plan())
    _write(tmp_path / "b", FIFTY.reverse(), _plan())
    # A scan in batches and in another order, as a store might give it.
    parquet = tmp_path / "documents.parquet"
    FIFTY.write_parquet(parquet, row_group_size=3)
    (tmp_path / "c").mkdir()
    write_parts(tmp_path / "c", _trainable(pl.scan_parquet(parquet)), _plan())
    assert _files(tmp_path / "a") == _files(tmp_path / "b") == _files(tmp_path / "c")
    assert len(_files(tmp_path / "a")) == 11


def test_rows_are_shuffled_by_seed(tmp_path: Path) -> None:
    shares = {"train": 1.0, "validation": 0.0, "test": 0.0}
    first, second = (
        _write(tmp_path / str(seed), FIFTY, _plan(**shares, seed=seed))["doc_id"] for seed in (0, 1)
    )
    assert first.to_list() != second.to_list()
    assert first.to_list() != sorted(first)
    assert sorted(first) == sorted(second)


def test_a_group_is_in_one_split(tmp_path: Path) -> None:
    grouped = FIFTY.with_columns(group_id=pl.format("book {}", pl.int_range(pl.len()) // 10))
    table = _write(tmp_path, grouped, _plan(train=0.4, validation=0.3, test=0.3))
    assert table["split"].n_unique() > 1
    assert (table.group_by("group_id").agg(pl.col("split").n_unique())["split"] == 1).all()


def test_other_documents_move_nothing(tmp_path: Path) -> None:
    few = _write(tmp_path / "few", FIFTY[:20], _plan())
    many = _write(tmp_path / "many", FIFTY, _plan())
    among = many.filter(pl.col("doc_id").is_in(few["doc_id"].implode()))
    assert among.drop("token_offset").equals(few.drop("token_offset"))


def test_weights_are_by_source(tmp_path: Path) -> None:
    documents = pl.concat([FIFTY[:25], FIFTY[25:].with_columns(source=pl.lit("books"))])
    table = _write(tmp_path, documents, _plan(weights={"books": 2.0}))
    assert dict(table["source"].value_counts().iter_rows()) == {"web": 25, "books": 50}


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
    _write(tmp_path, FIFTY, _plan(formats=formats))
    assert set(_files(tmp_path)) == {*names, "documents.parquet", "left_out.parquet"}


def test_no_documents_make_valid_empty_files(tmp_path: Path) -> None:
    table = _write(tmp_path, FIFTY.clear(), _plan())
    assert table.is_empty()
    _check_parts(tmp_path, FIFTY, table)


def test_large_vocabularies_have_32_bit_tokens(tmp_path: Path) -> None:
    documents = _documents([[1, 2]]).with_columns(
        token_ids=pl.Series([[1, 100_000]], dtype=pl.List(pl.UInt32))
    )
    shares = {"train": 1.0, "validation": 0.0, "test": 0.0}
    _write(tmp_path, documents, _plan(**shares, token_dtype=np.dtype(np.int32)))
    assert MegatronReader(tmp_path / "train")[0].tolist() == [1, 100_000, END_ID]


def test_parquet_is_plain_and_compressed(tmp_path: Path) -> None:
    _write(tmp_path, FIFTY, _plan())
    metadata = pq.read_metadata(tmp_path / "train.parquet")
    assert metadata.row_group(0).column(2).compression == "ZSTD"
    assert [str(field.type) for field in pq.read_schema(tmp_path / "train.parquet")] == [
        "large_string",
        "large_string",
        "large_string",
        "large_list<element: uint32>",
    ]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_parts, "_BUCKET_BYTES", 200)
        write_parts(tmp_path, _trainable(FIFTY.lazy()), _plan(), told.append)
    assert sum(told) == 50
    assert len(told) > 1


def test_documents_without_tokens_stop_it(tmp_path: Path) -> None:
    stale = FIFTY.with_columns(token_ids=pl.when(pl.int_range(pl.len()) != 3).then("token_ids"))
    with pytest.raises(StaleTokensError, match="1 of 50 kept documents have no tokens"):
        write_parts(tmp_path, _trainable(stale.lazy()), _plan())
    assert list(tmp_path.iterdir()) == []


_CLEANED: list[dict[str, Any]] = [
    {"doc_id": "a", "source": "web", "text": "A", "text_hash": "1", "verdict": "keep"},
    {"doc_id": "b", "source": "web", "text": "B", "text_hash": "2", "verdict": "keep"},
    {"doc_id": "c", "source": "books", "text": "C", "text_hash": "3", "verdict": "keep",
     "group_key": "moby"},
    {"doc_id": "d", "source": "web", "verdict": "drop"},
    {"doc_id": "e", "source": "web", "text": "E", "text_hash": "5", "verdict": "keep"},
]  # fmt: skip


def _selected(duplicates: pl.LazyFrame | None) -> dict[str, str]:
    cleaned = pl.LazyFrame(_CLEANED, CLEANED)
    tokenized = pl.LazyFrame(
        [(row["doc_id"], row.get("text_hash"), [1], 1) for row in _CLEANED], TOKENIZED, orient="row"
    )
    documents = select_documents(cleaned, duplicates, tokenized)
    selected = documents.selected.collect()
    assert selected["token_count"].null_count() == 0
    assert selected["text_bytes"].null_count() == 0
    for table, columns in ((documents.texts, ["text"]), (documents.tokens, ["token_ids"])):
        assert table.collect_schema().names() == ["doc_id", *columns]
        assert set(selected["doc_id"]) <= set(table.collect()["doc_id"])
    return dict(selected.select("doc_id", "group_id").iter_rows())


def test_kept_documents_are_selected() -> None:
    assert _selected(None) == {"a": "a", "b": "b", "c": "books/moby", "e": "e"}


def test_duplicates_are_left_out() -> None:
    rows = [{"doc_id": "a", "duplicate_of": "x"}, {"doc_id": "b"}, {"doc_id": "c"}]
    assert _selected(pl.LazyFrame(rows, DUPLICATES)) == {"b": "b", "c": "books/moby", "e": "e"}


def _left_out(folder: Path) -> dict[str, str]:
    rows = pl.read_parquet(folder / "left_out.parquet")
    assert rows.schema == LEFT_OUT
    return dict(rows.iter_rows())


def test_twins_of_documents_in_other_splits_are_left_out(tmp_path: Path) -> None:
    alone = _write(tmp_path / "alone", FIFTY, _plan())
    assert _left_out(tmp_path / "alone") == {}
    some = pl.int_range(pl.len()) % 3 == 0
    linked = FIFTY.with_columns(twin_split=pl.when(some).then(pl.lit("test")))
    table = _write(tmp_path / "linked", linked, _plan())
    leaking = linked.drop_nulls("twin_split")["doc_id"]
    assert _left_out(tmp_path / "linked") == dict.fromkeys(leaking, "twin_in_test")
    # Nothing else changed: what is not left out is where it was.
    staying = alone.filter(~pl.col("doc_id").is_in(leaking.implode()))
    columns = ("doc_id", "split")
    assert set(table.select(columns).rows()) == set(staying.select(columns).rows())


def test_documents_that_the_mixture_leaves_out_are_named(tmp_path: Path) -> None:
    table = _write(tmp_path, FIFTY, _plan(weights={"web": 0.5}))
    assert 0 < table.height < 50
    missing = FIFTY.join(table, on="doc_id", how="anti")["doc_id"]
    assert _left_out(tmp_path) == dict.fromkeys(missing, "not_sampled")


def test_tokens_of_another_text_are_no_tokens() -> None:
    tokenized = pl.LazyFrame([("a", "old", [1], 1)], TOKENIZED, orient="row")
    documents = select_documents(pl.LazyFrame(_CLEANED[:1], CLEANED), None, tokenized)
    assert documents.selected.collect()["token_count"].to_list() == [None]
