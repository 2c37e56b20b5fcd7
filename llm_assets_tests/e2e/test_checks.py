"""Every check can fail: each is shown a corpus in which just its claim is false."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from llm_assets.assets.checks import asset_checks
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE
from llm_assets.io.catalog import Catalog
from llm_assets.recipe import load_corpus
from llm_assets.resources import CatalogResource, StoreResource
from llm_assets_tests.e2e.corpora import SmallCorpus

Change = Callable[[pl.DataFrame], pl.DataFrame]

pytestmark = pytest.mark.filterwarnings("default")


def run_check(corpus: SmallCorpus, name: str) -> dg.AssetCheckResult:
    checks = {
        key.name: check
        for check in asset_checks(load_corpus(corpus.folder / "corpus.yaml"))
        for key in check.check_keys
    }
    return checks[name](
        store=StoreResource(place=corpus.store, cache=str(corpus.folder / "cache")),
        catalog=CatalogResource(postgres_url=corpus.database_url, corpus="small"),
    )


@contextmanager
def spoiled(corpus: SmallCorpus, asset: str, change: Change) -> Iterator[None]:
    """Make a changed copy of an asset's largest shard current, and the true one afterwards."""
    catalog = Catalog(corpus.database_url, "small")
    true = max(catalog.current(asset).values(), key=lambda entry: entry.rows)
    inner = DOCUMENTS_FILE if asset == "training_split" else ""
    rows = change(pl.read_parquet(Path(corpus.store, true.location + inner)))
    location = f"spoiled/{asset}/" if inner else f"spoiled/{asset}.parquet"
    target = Path(corpus.store, location + inner)
    if inner:
        shutil.copytree(Path(corpus.store, true.location), target.parent, dirs_exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(target)
    false = catalog.publish(replace(true, location=location, rows=rows.height), true.revision)
    try:
        yield
    finally:
        catalog.publish(true, false.revision)


def first_row(**values: pl.Expr) -> Change:
    """Return a change of the first row alone."""

    def change(rows: pl.DataFrame) -> pl.DataFrame:
        first = pl.int_range(pl.len()) == 0
        return rows.with_columns(
            pl.when(first).then(value).otherwise(name).cast(rows.schema[name]).alias(name)
            for name, value in values.items()
        )

    return change


def twice(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows, rows.head(1)])


def in_another_split(rows: pl.DataFrame) -> pl.DataFrame:
    other = pl.when(pl.col("split") == "test").then(pl.lit("train")).otherwise(pl.lit("test"))
    return pl.concat([rows, rows.head(1).with_columns(split=other)])


def without_first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.slice(1)


def kept_without_text(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(text=pl.lit(None, pl.String))


def chained(rows: pl.DataFrame) -> pl.DataFrame:
    links = [{"doc_id": "a", "duplicate_of": "b"}, {"doc_id": "b", "duplicate_of": "c"}]
    return pl.DataFrame(links, rows.schema)


def unverified(rows: pl.DataFrame) -> pl.DataFrame:
    row = {"doc_id": "a", "duplicate_of": "b", "method": "near", "similarity": 0.6}
    return pl.DataFrame([row], rows.schema)


def unmeasured(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([{"doc_id": "a", "duplicate_of": "b", "method": "near"}], rows.schema)


def moved(rows: pl.DataFrame) -> pl.DataFrame:
    other = pl.when(pl.col("split") == "test").then(pl.lit("train")).otherwise(pl.lit("test"))
    return rows.with_columns(split=other)


CASES: list[tuple[str, str, Change]] = [
    ("raw_web_ids_are_unique", "raw_web", twice),
    ("raw_books_ids_are_unique", "raw_books", twice),
    ("every_record_has_a_verdict", "cleaned_text", without_first),
    (
        "every_record_has_a_verdict",
        "cleaned_text",
        first_row(verdict=pl.lit("drop"), reason=pl.lit(None, pl.String)),
    ),
    ("kept_texts_are_not_empty", "cleaned_text", kept_without_text),
    ("keepers_are_kept", "near_duplicates", chained),
    ("removals_are_verified", "near_duplicates", unverified),
    ("removals_are_verified", "near_duplicates", unmeasured),
    (
        "tokens_decode_to_the_text",
        "tokenized_corpus",
        lambda rows: rows.with_columns(pl.col("token_ids").list.slice(1)),
    ),
    ("training_split_has_no_leakage", "training_split", in_another_split),
    ("splits_never_move", "training_split", moved),
    ("splits_never_move", "training_split", first_row(group_id=pl.lit("another"))),
    ("token_counts_add_up", "training_split", first_row(token_length=pl.col("token_length") + 1)),
    ("token_counts_add_up", "training_split", first_row(first_token=pl.lit(1, pl.UInt32))),
    ("kept_documents_are_in_the_parts", "training_split", without_first),
    ("kept_documents_are_in_the_parts", "training_split", first_row(doc_id=pl.lit("x"))),
    ("ledger_accounts_for_every_record", "cleaned_text", without_first),
]


@pytest.mark.parametrize(("name", "asset", "change"), CASES)
def test_a_check_fails_where_its_claim_is_false(
    made_corpus: SmallCorpus, name: str, asset: str, change: Change
) -> None:
    assert run_check(made_corpus, name).passed
    with spoiled(made_corpus, asset, change):
        assert not run_check(made_corpus, name).passed
    assert run_check(made_corpus, name).passed


def test_similar_documents_in_two_splits_are_noticed(made_corpus: SmallCorpus) -> None:
    catalog = Catalog(made_corpus.database_url, "small")
    parts = pl.concat(
        pl.read_parquet(Path(made_corpus.store, entry.location, DOCUMENTS_FILE))
        for entry in catalog.current("training_split").values()
    )
    one, other = (
        parts.filter(pl.col("split") == split)["doc_id"][0] for split in ("train", "test")
    )
    row = {"doc_id": one, "twin": other, "twin_split": "test"}
    name = "near_duplicates_are_in_one_split"
    assert run_check(made_corpus, name).passed
    with spoiled(made_corpus, "near_duplicates", lambda rows: pl.DataFrame([row], rows.schema)):
        assert not run_check(made_corpus, name).passed


def without_decoder(config: dict[str, Any]) -> None:
    config["decoder"] = None


def with_a_second_name(config: dict[str, Any]) -> None:
    [end] = config["added_tokens"]
    config["added_tokens"].append(end | {"content": "<pad>"})


TOKENIZER_CASES: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("tokenizer_round_trips_every_script", without_decoder),
    ("no_special_token_is_unreachable", with_a_second_name),
]


@pytest.mark.parametrize(("name", "change"), TOKENIZER_CASES)
def test_a_check_of_the_tokenizer_fails_where_its_claim_is_false(
    made_corpus: SmallCorpus, name: str, change: Callable[[dict[str, Any]], None]
) -> None:
    right = run_check(made_corpus, name)
    assert right.passed
    if name == "tokenizer_round_trips_every_script":
        assert {"fertility", "fertility_chart", "scripts"} <= right.metadata.keys()
    catalog = Catalog(made_corpus.database_url, "small")
    [true] = catalog.current("tokenizer").values()
    path = Path(made_corpus.store, f"spoiled/{name}/tokenizer.json")
    path.parent.mkdir(parents=True)
    config = json.loads(Path(made_corpus.store, true.location, path.name).read_text("utf-8"))
    change(config)
    path.write_text(json.dumps(config), "utf-8")
    false = catalog.publish(replace(true, location=f"spoiled/{name}/"), true.revision)
    try:
        assert not run_check(made_corpus, name).passed
    finally:
        catalog.publish(true, false.revision)


def test_every_check_is_shown_a_false_claim(made_corpus: SmallCorpus) -> None:
    corpus = load_corpus(made_corpus.folder / "corpus.yaml")
    names = {key.name for check in asset_checks(corpus) for key in check.check_keys}
    shown = {name for name, *_ in [*CASES, *TOKENIZER_CASES]}
    assert names == shown | {"near_duplicates_are_in_one_split"}
