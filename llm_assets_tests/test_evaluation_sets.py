import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from llm_assets.corpus.contamination.contaminated_documents import (
    ContaminationRule,
    judge_contamination,
)
from llm_assets.corpus.contamination.evaluation_index import (
    EVALUATION_TEXTS,
    NgramIndex,
    index_ngrams,
)
from llm_assets.decontamination_recipe import Decontamination
from llm_assets.evaluation_sets import (
    check_evaluation_sets,
    evaluation_set_versions,
    read_evaluation_sets,
)
from llm_assets.recipe import ConfigurationError, Corpus

RECORDS = [{"question": "Why?", "answer": "So.", "n": 1}, {"question": "Ähm\nwho?", "answer": "I"}]
ROWS = [(1, "Why?"), (1, "So."), (2, "Ähm\nwho?"), (2, "I")]
JSONL = "\n".join(json.dumps(record) for record in RECORDS).encode()
CSV = 'question,answer,n\nWhy?,So.,1\n"Ähm\nwho?",I,\n'.encode()


def read(path: Path, fields: list[str] | None = None) -> list[tuple[Any, ...]]:
    sets = {"sets": [{"path": path.name, "name": "x", "fields": fields}]}
    frame = read_evaluation_sets(Decontamination.model_validate(sets), path.parent / "corpus.yaml")
    assert frame.schema == EVALUATION_TEXTS
    assert set(frame["benchmark"]) == {"x"}
    return frame.select("item", "text").rows()


def written(tmp_path: Path, name: str, payload: bytes) -> Path:
    (tmp_path / name).write_bytes(payload)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.jsonl", JSONL),
        ("a.ndjson", JSONL + b"\n\n"),
        ("a.jsonl", b"\xef\xbb\xbf" + JSONL.replace(b"\n", b"\r\n")),
        ("a.test.jsonl.gz", gzip.compress(JSONL)),
        ("A.JSONL.bz2", bz2.compress(JSONL)),
        ("a.jsonl.zst", pa.compress(JSONL, codec="zstd", asbytes=True)),
    ],
)
def test_json_lines(tmp_path: Path, name: str, payload: bytes) -> None:
    assert read(written(tmp_path, name, payload)) == ROWS


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.csv", CSV),
        ("a.csv", b"\xef\xbb\xbf" + CSV),
        ("a.csv.gz", gzip.compress(CSV)),
        ("a.tsv", CSV.replace(b",", b"\t")),
    ],
)
def test_separated_values(tmp_path: Path, name: str, payload: bytes) -> None:
    rows = read(written(tmp_path, name, payload), ["question", "answer"])
    assert rows == ROWS


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"question": ["Why?", "Ähm\nwho?"], "more": [["So."], ["I"]], "n": [1, 2]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == ROWS


def test_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt.bz2", bz2.compress("one\n\nzwölf\r\nlast\n".encode()))
    assert read(path) == [(1, "one"), (2, ""), (3, "zwölf"), (4, "last")]


def test_texts_are_taken_however_deep_and_addresses_are_not(tmp_path: Path) -> None:
    record = {
        "a": {"b": ["one", {"c": "two"}], "d": None},
        "source": "https://example.org/a_page",
        "sources": "https://a.example http://b.example/?x=1 ",
        "e": "see https://example.org",
        "half": "\ud800 pair",
    }
    path = written(tmp_path, "a.jsonl", json.dumps(record).encode())
    assert [text for _, text in read(path)] == ["one", "two", "see https://example.org", "? pair"]
    assert read(path, ["a"]) == [(1, "one"), (1, "two")]


@pytest.mark.parametrize(
    ("name", "payload", "message"),
    [
        ("a.jsonl", b'{"a": "x"}\n{"a": ', ":2: is no JSON: "),
        ("a.jsonl", b"[" * 100_000, ":1: is no JSON: "),
        ("a.jsonl", b"", ": holds no text: "),
        ("a.jsonl", b'{"a": "x"}\n{"a": "\xff"}', ":2: is not UTF-8: "),
        ("a.csv", b"a,b\nx,y\nx,y,z\n", ":3: has more values than the 2 columns of the first line"),
        ("a.csv", b'a,b\n"' + b"x" * 200_000 + b'",y\n', ":2: is no CSV that can be read: "),
        ("a.jsonl.gz", b"no gzip", ": cannot be read: "),
        ("a.jsonl.bz2", bz2.compress(JSONL)[:-9], ": cannot be read: "),
        ("a.parquet", b"PAR1", ": cannot be read: "),
        ("a.docx", b"PK", ": the name says nothing of the format: let it end in one of .jsonl, "),
        ("a", b"x", ": the name says nothing of the format: "),
    ],
)
def test_broken_files_are_told_with_line_and_fix(
    tmp_path: Path, name: str, payload: bytes, message: str
) -> None:
    path = written(tmp_path, name, payload)
    with pytest.raises(ConfigurationError) as told:
        read(path)
    assert str(told.value).startswith(f"{path}{message}")


def test_a_field_that_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", b'{"q": "x", "b": 1}\n\n{"b": "x", "c": 1}')
    with pytest.raises(ConfigurationError, match=r"a.jsonl:3: has no field 'q': its fields are b"):
        read(path, ["q"])
    with pytest.raises(ConfigurationError, match=r"1: has no field 'q': its fields are none"):
        read(written(tmp_path, "a.txt", b"line"), ["q"])


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no file .*gone.jsonl; give the path"):
        read(tmp_path / "gone.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(ConfigurationError, match=r"folder.jsonl: cannot be read"):
        read(tmp_path / "folder.jsonl")


def test_files_are_looked_at_when_the_corpus_is_loaded(tmp_path: Path) -> None:
    sources = [{"name": "a", "kind": "web", "location": "./a/"}]
    broken = written(tmp_path, "a.jsonl", b"{")
    recipes: list[dict[str, Any]] = [{}, {"decontaminate": [broken.name]}]
    plain, asking = (Corpus.model_validate({"sources": sources, "recipe": r}) for r in recipes)
    check_evaluation_sets(plain, tmp_path / "corpus.yaml")
    with pytest.raises(ConfigurationError, match=r"a.jsonl:1: is no JSON"):
        check_evaluation_sets(asking, tmp_path / "corpus.yaml")


def test_the_content_of_a_file_is_its_version(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", JSONL)
    asked = Decontamination.model_validate(["a.jsonl"])
    before = evaluation_set_versions(asked, tmp_path / "corpus.yaml")
    assert list(before) == ["evaluation_set/a"]
    path.write_bytes(JSONL + b"\n")
    assert evaluation_set_versions(asked, tmp_path / "corpus.yaml") != before
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"a.jsonl: cannot be read"):
        evaluation_set_versions(asked, tmp_path / "corpus.yaml")


@pytest.mark.shared_data
def test_a_planted_item_of_every_real_set_is_found(shared_data: Path) -> None:
    files = sorted(path for path in (shared_data / "evalsets").glob("*/*") if path.is_file())
    asked = Decontamination.model_validate([str(path) for path in files])
    texts = read_evaluation_sets(asked, shared_data / "corpus.yaml")
    assert texts.group_by("benchmark").agg(pl.col("item").n_unique()).sort("benchmark").rows() == [
        ("gsm8k", 1319),
        ("hellaswag_val_full", 60252),
        ("humaneval", 164),
        ("mmlu", 2892),
        ("truthfulqa", 813),
    ]
    index = NgramIndex.of(index_ngrams(texts, asked.ngram_words), asked.ngram_words)
    long = texts.filter(pl.col("text").str.count_matches(r"\p{L}+") > 30)
    planted = long.unique("benchmark", keep="first").with_columns(
        text="Before it.\n" + pl.col("text").str.to_uppercase() + "\nBehind it."
    )
    found = judge_contamination(
        planted.select(doc_id="benchmark", text="text", text_hash="text"),
        index,
        ContaminationRule("drop", 0.0),
    )
    assert found["action"].to_list() == ["drop"] * 5
    for row, item in zip(found.to_dicts(), planted["item"], strict=True):
        assert {"benchmark": row["doc_id"], "item": item} in row["items"]
