"""A tokenizer is kept as it was given, and read back without the recipe's help."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from llm_assets.assets.tokenizer import (
    load_tokenizer,
    tokenized_schema_of,
    tokenizer_fingerprint,
    tokenizer_task,
)
from llm_assets.corpus.schema import CLEANED
from llm_assets.corpus.tokenization.tokenize import Tokenizer, tokenize_frame
from llm_assets.io.shards import NotMaterializedError, ShardedTable, ShardVersion, Summary
from llm_assets.recipe import ConfigurationError, Corpus
from llm_assets_tests.corpus.sample_texts import ARTICLES, END
from llm_assets_tests.corpus.tokenization.sample_models import small_ranks, small_tokenizer

TEXTS = pl.DataFrame({"doc_id": ["b", "a"], "text_hash": ["2", "1"], "text": ARTICLES[:2]})


class Folder:
    """A store of one folder, and of one shard of kept texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        rows = [
            {"doc_id": f"{n:032x}", "text": t, "verdict": "keep"} for n, t in enumerate(ARTICLES)
        ]
        return pl.LazyFrame(rows * 2, CLEANED)

    def open_local(self, key: str) -> Path:
        return self.folder / Path(key).name


def corpus(**tokenizer: Any) -> Corpus:
    source = {"name": "s", "kind": "web", "location": "."}
    return Corpus.model_validate({"sources": [source], "recipe": {"tokenizer": tokenizer}})


def entry(summary: Summary) -> ShardVersion:
    return ShardVersion("tokenizer", "all", "v", "tokenizer/all/v/", "f", {}, 1, 1, summary, "run")


def made(folder: Path, **tokenizer: Any) -> tuple[Corpus, ShardedTable]:
    """Make the asset's folder; files that the recipe names lie beside it."""
    wanted = corpus(**tokenizer)
    out = folder / "out"
    out.mkdir()
    texts = ShardedTable("cleaned_text", {"shard-0000": entry({})}, Folder(out))
    task = tokenizer_task(wanted, folder / "corpus.yaml", texts)
    summary = task.make(out, lambda _: None)
    return wanted, ShardedTable("tokenizer", {"all": entry(summary)}, Folder(out))


@pytest.mark.parametrize(
    ("kind", "given", "kept", "tokenizer"),
    [
        ("huggingface", "mine.json", ["tokenizer.json"], {}),
        ("spm-bpe", "mine.model", ["tokenizer.model"], {}),
        ("spm-unigram", "no-ending", ["tokenizer.model"], {}),
        (
            "tiktoken",
            "mine.tiktoken",
            ["encoding.json", "tokenizer.tiktoken"],
            {"pattern": "cl100k_base", "special_tokens": {END: 599, "<|pad|>": 605}},
        ),
    ],
)
def test_a_given_file_is_kept_and_read_back(
    tmp_path: Path, kind: str, given: str, kept: list[str], tokenizer: dict[str, Any]
) -> None:
    file = small_tokenizer(kind)
    (tmp_path / given).write_bytes(file.content)
    wanted, table = made(tmp_path, file=given, **tokenizer)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == kept
    assert (tmp_path / "out" / file.name).read_bytes() == file.content
    right, loaded = Tokenizer(file), load_tokenizer(wanted, table)
    summary = table.versions["all"].summary
    assert summary == {
        "rows": right.vocabulary_size,
        "vocabulary_size": right.vocabulary_size,
        "sample_documents": 0,
        "kind": file.kind,
        "engine": right.engine,
        "end_of_document_id": right.end_of_document_id,
        "token_dtype": "uint16",
        "special_token_count": len(right.special_tokens),
    }
    rows = tokenize_frame(TEXTS, loaded)
    assert rows.schema == tokenized_schema_of(table)
    assert rows["token_ids"].to_list() == right.encode(TEXTS["text"]).to_list()
    assert load_tokenizer(wanted, table, reference_only=True).engine == right.reference


def test_a_published_name_says_everything(tmp_path: Path) -> None:
    (tmp_path / "cl100k_base.tiktoken").write_bytes(small_ranks())
    wanted, table = made(tmp_path, file="cl100k_base.tiktoken")
    assert table.versions["all"].summary["end_of_document_id"] == 100_257
    assert table.versions["all"].summary["token_dtype"] == "int32"
    assert tokenized_schema_of(table)["token_ids"] == pl.List(pl.UInt32)
    rows = tokenize_frame(TEXTS, load_tokenizer(wanted, table))
    assert rows.schema == tokenized_schema_of(table)


def test_a_trained_one_has_the_recipes_words_and_special_tokens(tmp_path: Path) -> None:
    training = {
        "vocabulary_size": 300,
        "sample_bytes": 5_000,
        "pre_tokenizer": "gpt2",
        "special_tokens": ["<|im_start|>"],
    }
    wanted, table = made(tmp_path, train=training)
    tokenizer = load_tokenizer(wanted, table)
    assert tokenizer.special_tokens == {END: 0, "<|im_start|>": 1}
    assert (tokenizer.vocabulary_size, tokenizer.engine) == (300, "gigatoken")
    assert table.versions["all"].summary["sample_documents"] > 0


@pytest.mark.parametrize(
    ("content", "tokenizer", "message"),
    [
        (None, {}, "recipe.tokenizer.file: there is no file"),
        (b"<html>", {}, "recipe.tokenizer.file: .*x: this is neither"),
        (small_ranks(), {}, "set recipe.tokenizer.pattern to one of"),
        (small_tokenizer("spm-bpe").content, {"end_of_document": "<|x|>"}, "control pieces"),
        (small_tokenizer("huggingface").content, {"pattern": "gpt2"}, "goes with tiktoken ranks"),
    ],
)
def test_a_file_that_cannot_serve_is_named_with_what_to_do(
    tmp_path: Path, content: bytes | None, tokenizer: dict[str, str], message: str
) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"(?s)corpus.yaml: .*{message}"):
        made(tmp_path, file="x", **tokenizer)


def test_a_tokenizer_from_before_there_were_kinds_is_a_tokenizer_json(tmp_path: Path) -> None:
    small_tokenizer("huggingface").write(tmp_path)
    old = ShardedTable("tokenizer", {"all": entry({"vocabulary_size": 600})}, Folder(tmp_path))
    assert load_tokenizer(corpus(), old).kind == "huggingface"


def test_without_a_tokenizer_nothing_is_tokenized(tmp_path: Path) -> None:
    none = ShardedTable("tokenizer", {}, Folder(tmp_path))
    with pytest.raises(NotMaterializedError, match="no tokenizer yet"):
        tokenized_schema_of(none)
    with pytest.raises(NotMaterializedError, match="no tokenizer yet"):
        load_tokenizer(corpus(), none)


def test_a_tokenizer_is_loaded_once_while_it_stays_the_same(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(small_tokenizer("huggingface").content)
    wanted, table = made(tmp_path, file="mine.json")
    loaded = load_tokenizer(wanted, table)
    assert load_tokenizer(wanted, table) is loaded
    assert load_tokenizer(wanted, table, reference_only=True) is not loaded
    other = small_tokenizer("huggingface").content + b"\n"
    (tmp_path / "out" / "tokenizer.json").write_bytes(other)
    assert load_tokenizer(wanted, table) is not loaded


def test_defaults_of_later_settings_change_no_fingerprint() -> None:
    same = corpus(train={"pre_tokenizer": "o200k", "special_tokens": []})
    assert tokenizer_fingerprint(same) == tokenizer_fingerprint(corpus())
    other = corpus(train={"pre_tokenizer": "gpt2"})
    assert tokenizer_fingerprint(other) != tokenizer_fingerprint(corpus())
    dumped = corpus().recipe.tokenizer.model_dump(mode="json")
    assert dumped == {
        "train": {"vocabulary_size": 32_000, "sample_bytes": 64_000_000},
        "file": None,
        "end_of_document": END,
    }
