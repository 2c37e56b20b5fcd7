"""Token ids are taken over only where they would come out the same."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from llm_assets.assets import tokenized_corpus
from llm_assets.assets.final_text import FinalText
from llm_assets.assets.tokenized_corpus import _tokenize, tokenization_fingerprint
from llm_assets.corpus.schema import CLEANED, TOKENIZED
from llm_assets.corpus.tokenization.tokenize import InexactEngineError
from llm_assets.io.shards import RowsWithdrawnError, ShardedTable, ShardVersion

ROW = {"doc_id": "a", "text_hash": "h", "text": "some words", "verdict": "keep"}
VERSION = ShardVersion(
    "tokenized_corpus", "shard-0000", "v", "x", tokenization_fingerprint(), {"tokenizer/all": "t"},
    1, 1, {}, "run",
)  # fmt: skip


class Store:
    """Holds one cleaned shard."""

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        return pl.LazyFrame([ROW], CLEANED)

    def open_local(self, key: str) -> Path:
        raise NotImplementedError


class Before:
    """What was tokenized before, under some version."""

    def __init__(self, version: ShardVersion) -> None:
        self.version = version

    def scan(self) -> pl.LazyFrame:
        return pl.LazyFrame([("a", "h", [1, 2], 2)], TOKENIZED, orient="row")


@pytest.mark.parametrize(
    ("before", "made"),
    [
        (VERSION, 0),
        (replace(VERSION, recipe_fingerprint="an older way"), 1),
        (replace(VERSION, made_from={"tokenizer/all": "another"}), 1),
    ],
)
def test_ids_of_another_vocabulary_or_another_way_are_made_anew(
    before: ShardVersion, made: int
) -> None:
    asked: list[str] = []

    def encode(texts: pl.DataFrame) -> pl.DataFrame:
        asked.extend(texts["doc_id"])
        return pl.DataFrame([("a", "h", [7], 1)], TOKENIZED, orient="row")

    cleaned = ShardedTable("cleaned_text", {"shard-0000": VERSION}, Store())
    texts = FinalText({"cleaned_text": cleaned})
    tokenizer = ShardedTable("tokenizer", {"all": replace(VERSION, version="t")}, Store())
    frames = _tokenize(texts, tokenizer, "shard-0000", encode, Before(before), lambda _: None)
    (frame,) = list(frames)
    assert len(asked) == made
    assert frame["token_ids"].to_list() == [[7] if made else [1, 2]]


def test_an_engine_that_erred_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[bool] = []

    def load(_corpus: object, _table: object, reference_only: bool = False) -> bool:
        return reference_only

    def tokenize(texts: pl.DataFrame, reference_only: bool) -> pl.DataFrame:
        used.append(reference_only)
        if not reference_only:
            raise InexactEngineError
        return texts

    monkeypatch.setattr(tokenized_corpus, "load_tokenizer", load)
    monkeypatch.setattr(tokenized_corpus, "tokenize_frame", tokenize)
    encode = tokenized_corpus._Encoder(None, None)  # type: ignore[arg-type]
    with pytest.raises(RowsWithdrawnError):
        encode(pl.DataFrame())
    encode(pl.DataFrame())
    assert used == [False, True]
