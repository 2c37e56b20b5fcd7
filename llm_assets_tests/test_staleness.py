"""What was made from older versions than today's is found, whatever left it behind."""

from collections.abc import Mapping

import dagster as dg
import pytest

from llm_assets.assets.final_text import final_text_tables
from llm_assets.corpus.identity import shard_names
from llm_assets.io.catalog import Catalog
from llm_assets.io.shards import ShardVersion
from llm_assets.partitions import WHOLE
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource
from llm_assets.sensors import stale_shards_sensor
from llm_assets.staleness import stale_shards

_LONGEST_INDEXED = 2_704
"""Bytes of a value in an index of PostgreSQL, as Dagster has one over run tags."""


def corpus_of(shards: int, **recipe: object) -> Corpus:
    source = {"name": "pages", "kind": "web", "location": "./pages"}
    return Corpus.model_validate({"shards": shards, "sources": [source], "recipe": recipe})


@pytest.fixture
def catalog(database_url: str) -> Catalog:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    return catalog


def publish(catalog: Catalog, asset: str, shard: str, made_from: Mapping[str, str]) -> None:
    """Publish the next version of a shard."""
    before = catalog.current(asset, [shard]).get(shard)
    revision = before.revision if before else 0
    version = f"{asset}-{shard}-{revision}"
    entry = ShardVersion(asset, shard, version, "", "", made_from, 0, 0, {"rows": 0}, "run")
    catalog.publish(entry, revision)


def make(catalog: Catalog, asset: str, shard: str, *upstreams: str) -> None:
    """Make a shard from what its upstream shards are now: `asset`, or `asset/shard`."""
    made_from = {}
    for upstream in upstreams:
        name, _, part = upstream.partition("/")
        current = catalog.current(name)
        parts = list(current) if part == "*" else [part or shard]
        made_from |= {f"{name}/{each}": current[each].version for each in parts}
    publish(catalog, asset, shard, made_from)


def make_shard(catalog: Catalog, shard: str) -> None:
    """Do what a run does behind the decision on duplicates."""
    make(catalog, "tokenized_corpus", shard, "cleaned_text", f"tokenizer/{WHOLE}")
    texts = ("cleaned_text", "near_duplicates", "tokenized_corpus")
    make(catalog, "training_split", shard, *texts, f"tokenizer/{WHOLE}")
    make(catalog, "document_ledger", shard, *texts, "training_split")


def make_all(catalog: Catalog, corpus: Corpus) -> None:
    shards = shard_names(corpus.shards)
    publish(catalog, "tokenizer", WHOLE, {})
    for shard in shards:
        publish(catalog, "cleaned_text", shard, {})
        make(catalog, "dedup_signatures", shard, "cleaned_text")
    for shard in shards:
        make(catalog, "near_duplicates", shard, "dedup_signatures/*")
        make_shard(catalog, shard)


def test_a_finished_corpus_has_no_stale_shard(catalog: Catalog) -> None:
    corpus = corpus_of(2)
    assert stale_shards(corpus, catalog) == {}
    make_all(catalog, corpus)
    assert stale_shards(corpus, catalog) == {}


def test_a_run_that_fails_after_any_stage_leaves_a_stale_shard(catalog: Catalog) -> None:
    corpus = corpus_of(2)
    make_all(catalog, corpus)
    shard = "shard-0001"
    stages = [
        ("cleaned_text", []),
        ("dedup_signatures", ["cleaned_text"]),
        ("near_duplicates", ["dedup_signatures/*"]),
        ("tokenized_corpus", ["cleaned_text", f"tokenizer/{WHOLE}"]),
        (
            "training_split",
            ["cleaned_text", "near_duplicates", "tokenized_corpus", f"tokenizer/{WHOLE}"],
        ),
    ]
    seen = set()
    for asset, upstreams in stages:
        make(catalog, asset, shard, *upstreams)
        if asset == "near_duplicates":  # a decision is published for all shards
            make(catalog, asset, "shard-0000", *upstreams)
        stale = stale_shards(corpus, catalog)
        assert shard in stale, asset
        assert stale[shard] not in seen
        seen.add(stale[shard])
    make(
        catalog, "document_ledger", shard,
        "cleaned_text", "near_duplicates", "tokenized_corpus", "training_split",
    )  # fmt: skip
    # What is left is the other shard, whose verdicts were published anew.
    assert set(stale_shards(corpus, catalog)) == {"shard-0000"}
    make_shard(catalog, "shard-0000")
    assert stale_shards(corpus, catalog) == {}


def test_another_decision_concerns_shards_that_follow_it(catalog: Catalog) -> None:
    corpus = corpus_of(4)
    make_all(catalog, corpus)
    make(catalog, "near_duplicates", "shard-0002", "dedup_signatures/*")
    assert set(stale_shards(corpus, catalog)) == {"shard-0002"}
    publish(catalog, "tokenizer", WHOLE, {})
    assert len(stale_shards(corpus, catalog)) == 4


def test_optional_tables_are_followed_where_the_recipe_asks_for_them(catalog: Catalog) -> None:
    plain, cutting = corpus_of(1), corpus_of(1, passages={})
    assert final_text_tables(cutting) == ["cleaned_text", "repeated_passages"]
    make_all(catalog, plain)
    upstreams = ("cleaned_text/*", "dedup_signatures/*", "near_duplicates/*")
    make(catalog, "repeated_passages", "shard-0000", *upstreams)
    assert stale_shards(plain, catalog) == {}
    assert set(stale_shards(cutting, catalog)) == {"shard-0000"}


def test_a_budget_is_followed_where_there_is_one(catalog: Catalog) -> None:
    plain, budgeted = corpus_of(2), corpus_of(2, mixture={"tokens": 10})
    make_all(catalog, plain)
    upstreams = ("cleaned_text", "near_duplicates", "tokenized_corpus")
    for shard in shard_names(2):
        make(catalog, "mixture", shard, *(f"{name}/*" for name in upstreams))
    assert stale_shards(plain, catalog) == {}
    assert set(stale_shards(budgeted, catalog)) == set(shard_names(2))
    for shard in shard_names(2):
        make(catalog, "training_split", shard, *upstreams, "mixture", f"tokenizer/{WHOLE}")
        make(catalog, "document_ledger", shard, *upstreams, "training_split")
    assert stale_shards(budgeted, catalog) == {}
    # Other tokens in one shard concern the budget, and through it all that follow.
    publish(catalog, "tokenized_corpus", "shard-0000", {})
    assert "shard-0000" in stale_shards(budgeted, catalog)


def test_shards_are_asked_for_by_a_short_key_while_nothing_runs(catalog: Catalog) -> None:
    corpus = corpus_of(128)
    publish(catalog, "tokenizer", WHOLE, {})
    for shard in shard_names(corpus.shards):
        publish(catalog, "tokenized_corpus", shard, {})
    resource = CatalogResource(postgres_url=catalog.url, corpus="corpus")
    sensor = stale_shards_sensor(corpus)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, resources={"catalog": resource})
        asked = sensor(context)
        instance.add_run(dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.STARTED))
        waiting = sensor(dg.build_sensor_context(instance, resources={"catalog": resource}))
    assert isinstance(waiting, dg.SkipReason)
    assert "under way" in (waiting.skip_message or "")
    assert isinstance(asked, dg.SensorResult)
    (request,) = asked.run_requests or []
    assert len(request.run_key or "") < _LONGEST_INDEXED
    assert request.tags["dagster/asset_partition_range_start"] == "shard-0000"
    assert request.tags["dagster/asset_partition_range_end"] == "shard-0127"
