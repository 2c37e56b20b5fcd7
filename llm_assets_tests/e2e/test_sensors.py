"""Sensors ask for just the shards whose files changed."""

import dagster as dg
import pytest

from llm_assets.corpus.identity import shard_of
from llm_assets.definitions import build_definitions
from llm_assets.recipe import load_corpus
from llm_assets.resources import CatalogResource, SourcesResource
from llm_assets.settings import load_settings
from llm_assets_tests.e2e.corpora import SmallCorpus

pytestmark = pytest.mark.filterwarnings("default")


def tick(corpus: SmallCorpus, name: str) -> dg.SensorResult | dg.SkipReason:
    settings = load_settings(corpus.environment())
    definitions = build_definitions(load_corpus(settings.corpus_file), settings)
    resources = {
        "sources": SourcesResource(corpus_file=str(settings.corpus_file)),
        "catalog": CatalogResource(postgres_url=corpus.database_url, corpus="small"),
    }
    sensor = definitions.resolve_sensor_def(name)
    needed = {key: resources[key] for key in sensor.required_resource_keys}
    with dg.DagsterInstance.ephemeral() as instance:
        return sensor(dg.build_sensor_context(instance, resources=needed))


def test_a_source_sensor_follows_its_source(corpus: SmallCorpus) -> None:
    assert isinstance(tick(corpus, "watch_pages"), dg.SkipReason)  # nothing materialized yet
    corpus.materialize()
    assert isinstance(tick(corpus, "watch_pages"), dg.SkipReason)
    page = sorted((corpus.folder / "pages").iterdir())[0]
    original = page.read_bytes()
    page.write_bytes(original.replace(b"the", b"THE"))
    asked = tick(corpus, "watch_pages")
    assert isinstance(asked, dg.SensorResult)
    (request,) = asked.run_requests or []
    assert isinstance(tick(corpus, "watch_books"), dg.SkipReason)
    before = corpus.versions("raw_web")
    corpus.materialize()
    after = corpus.versions("raw_web")
    assert [shard for shard in after if after[shard] != before[shard]] == [request.partition_key]
    assert isinstance(tick(corpus, "watch_pages"), dg.SkipReason)
    page.write_bytes(original)  # going back is a change as well, under another run key
    (back,) = tick(corpus, "watch_pages").run_requests or []  # type: ignore[union-attr]
    assert back.partition_key == request.partition_key
    assert back.run_key != request.run_key


def test_verdicts_are_followed_where_they_changed(corpus: SmallCorpus) -> None:
    corpus.materialize()
    page = corpus.kept_page()
    home = shard_of("pages", page.name, 4)
    name = next(n for n in map("twin-{}.htm".format, range(99)) if shard_of("pages", n, 4) != home)
    page.with_name(name).write_bytes(page.read_bytes())
    corpus.materialize()
    assert isinstance(tick(corpus, "follow_duplicate_verdicts"), dg.SkipReason)
    (twin,) = corpus.documents("duplicate_of is not null")
    (keeper,) = {page, page.with_name(name)} - {twin}
    keeper.unlink()
    done = corpus.run("materialize", "--shard", shard_of("pages", keeper.name, 4))
    assert done.returncode == 0, done.stderr
    asked = tick(corpus, "follow_duplicate_verdicts")
    assert isinstance(asked, dg.SensorResult)
    (request,) = asked.run_requests or []
    other = shard_of("pages", twin.name, 4)
    assert request.tags["dagster/asset_partition_range_start"] == other
    assert request.tags["dagster/asset_partition_range_end"] == other
    assert corpus.run("materialize", "--shard", other).returncode == 0
    assert isinstance(tick(corpus, "follow_duplicate_verdicts"), dg.SkipReason)
    assert twin in corpus.documents("verdict = 'keep'")
