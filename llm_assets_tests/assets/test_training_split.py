"""What a shard of the training split is made from, and what happens where an engine errs."""

from pathlib import Path
from typing import Any

import pytest

from llm_assets.assets import training_split
from llm_assets.assets.training_split import assembled_from, assembly_fingerprint
from llm_assets.corpus.tokenization.tokenize import InexactEngineError
from llm_assets.io.shards import ShardedTable, ShardVersion
from llm_assets.recipe import Corpus

CORPUS = Corpus.model_validate({"sources": [{"name": "a", "kind": "web", "location": "x"}]})


def table(asset: str, shard: str, version: str, **given: Any) -> ShardedTable:
    usual: dict[str, Any] = {"recipe_fingerprint": "", "made_from": {}}
    entry = ShardVersion(
        asset, shard, version, "", rows=0, size_bytes=0, summary={}, run_id="", **{**usual, **given}
    )
    return ShardedTable(asset, {shard: entry}, None)  # type: ignore[arg-type]


def test_parts_follow_the_tokenizer_where_no_id_changes() -> None:
    """A control token may have another id though every text has the ids that it had."""
    tokens = table("tokenized_corpus", "shard-0000", "same")
    before, after = (table("tokenizer", "all", version) for version in ("t1", "t2"))
    made_from = {"tokenized_corpus/shard-0000": "same", "tokenizer/all": "t1"}
    parts = table(
        "training_split",
        "shard-0000",
        "p",
        recipe_fingerprint=assembly_fingerprint(CORPUS),
        made_from=made_from,
    )
    for tokenizer, current in ((before, ["shard-0000"]), (after, [])):
        tables = {"tokenized_corpus": tokens, "tokenizer": tokenizer}
        assert assembled_from(parts, tables, CORPUS).shards == current


def test_a_shard_is_begun_anew_by_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[bool] = []

    def write(_folder: Path, _documents: object, plan: bool, _advance: object) -> str:
        used.append(plan)
        if not plan:
            raise InexactEngineError
        return "written"

    monkeypatch.setattr(training_split, "trainable_documents", lambda *_: None)
    monkeypatch.setattr(training_split, "load_tokenizer", lambda _c, _t, reference: reference)
    monkeypatch.setattr(training_split, "training_plan", lambda _c, tokenizer: tokenizer)
    monkeypatch.setattr(training_split, "write_parts", write)
    monkeypatch.setattr(training_split, "summarize_training", lambda parts: {"parts": parts})
    tables = {"tokenizer": table("tokenizer", "all", "t1")}
    made = training_split._assemble(CORPUS, "shard-0000", tables, tmp_path, lambda _: None)
    assert (used, made) == ([False, True], {"parts": "written"})
