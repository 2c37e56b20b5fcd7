"""The catalog on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from llm_assets.io.catalog import Catalog, CatalogUnreachableError, PublishConflictError
from llm_assets.io.shards import ShardVersion

ENTRY = ShardVersion(
    "a", "shard-0000", "v1", "a/x.parquet", "r", {"b/shard-0000": "1"}, 3, 9, {}, "run"
)


@pytest.fixture
def catalog(database_url: str) -> Catalog:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    return catalog


def test_preparing_at_once_from_many_sides_is_safe(database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: Catalog(database_url, "c").prepare(), range(8)))
    assert Catalog(database_url, "c").current("a") == {}


def test_what_is_published_is_current(catalog: Catalog) -> None:
    published = catalog.publish(ENTRY, 0)
    assert catalog.current("a") == {"shard-0000": published}
    assert published.revision == 1


def test_of_two_racing_runs_one_wins(catalog: Catalog) -> None:
    first = catalog.publish(ENTRY, 0)
    with pytest.raises(PublishConflictError):
        catalog.publish(replace(ENTRY, version="other"), 0)
    catalog.publish(replace(ENTRY, version="v2"), first.revision)
    with pytest.raises(PublishConflictError):
        catalog.publish(replace(ENTRY, version="v3"), first.revision)
    assert catalog.current("a")["shard-0000"].version == "v2"


def test_many_racing_runs_leave_one_winner(catalog: Catalog) -> None:
    def attempt(number: int) -> bool:
        try:
            catalog.publish(replace(ENTRY, version=str(number)), 0)
        except PublishConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_corpora_do_not_see_each_other(catalog: Catalog) -> None:
    catalog.publish(ENTRY, 0)
    assert Catalog(catalog.url, "another").current("a") == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.replace("://", "://nobody:").replace("nobody:", "x:sesame@", 0),
        lambda _url: "postgresql://llm:sesame@127.0.0.1:9/x",
    ],
)
def test_no_server_is_one_clear_message_without_the_password(
    database_url: str, spoil: Callable[[str], str]
) -> None:
    with (
        pytest.raises(CatalogUnreachableError) as error,
        Catalog(spoil(database_url), "c").connect(),
    ):
        pass
    assert "LLM_ASSETS_POSTGRES_URL" in str(error.value)
    assert "sesame" not in str(error.value)
