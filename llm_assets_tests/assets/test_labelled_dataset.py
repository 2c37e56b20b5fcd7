"""The asset over tiny tables, in this process: what is made, what is not again, what checks say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from llm_assets.assets.labelled_checks import _leaks, _Sets, _unaccounted, labelled_checks
from llm_assets.assets.labelled_dataset import labelled_dataset_asset
from llm_assets.corpus.schema import DUPLICATES
from llm_assets.io.managers import FilesIOManager, ParquetIOManager
from llm_assets.io.shards import FrameTask
from llm_assets.labelled_recipe import LabelledSet
from llm_assets.recipe import Corpus, Recipe, Source
from llm_assets.resources import CatalogResource, StoreResource
from llm_assets.training_recipe import SplitShares
from llm_assets_tests.corpus.labelled.set_documents import cleaned, doc_id, document, duplicates
from llm_assets_tests.io.workshop import Watcher, Workshop, open_workshop, sharded

SHARDS = ("shard-0000", "shard-0001")
PARTITIONS = dg.StaticPartitionsDefinition(list(SHARDS))
SOURCES = [Source(name=name, kind="web", location=f"./{name}/") for name in ("reviews", "pages")]
SHARES = SplitShares(train=0.6, validation=0.2, test=0.2)
GROUPED = [
    # Groups of three; eight of them share a text.
    document(f"r{n}", n % 5, group_key=f"g{n // 3}", text=f"Text {n if n % 10 else 0}.")
    for n in range(80)
]
DOCUMENTS = [*GROUPED, document("odd", "4/5"), document("none"), document("copy", 1)]
TWINS = duplicates(
    {"doc_id": "copy", "duplicate_of": "r0"},
    {"doc_id": "r1", "rejected": [{"doc_id": doc_id("r40"), "similarity": 0.6}]},
)


def a_set(name: str = "ratings", **given: Any) -> LabelledSet:
    usual = {"task": "classification", "label": "rating", "type": "integer"}
    return LabelledSet(name=name, sources=["reviews"], **{**usual, **given})


def corpus_of(*sets: LabelledSet) -> Corpus:
    return Corpus(shards=2, sources=SOURCES, recipe=Recipe(labelled=list(sets), split=SHARES))


CORPUS = corpus_of(a_set(), a_set("even", stratify=True), a_set("fewer", labels=[0, 1, 2, 3, 4, 5]))


def upstream(name: str, frame: pl.DataFrame) -> dg.AssetsDefinition:
    """Stand in for a sharded table: every other row is in the second shard."""

    def task(shard: str) -> FrameTask:
        rows = frame.gather_every(2, SHARDS.index(shard))

        def make(*_: object) -> Iterator[pl.DataFrame]:
            yield rows

        return FrameTask(
            shard, {"rows": repr(rows.rows())}, "r", frame.schema, make, lambda _: {"rows": 0}
        )

    return sharded(lambda shards: [task(s) for s in shards], name, partitions=PARTITIONS)


@pytest.fixture
def workshop(tmp_path: Path, database_url: str) -> Workshop:
    return open_workshop(tmp_path, database_url)


Run = Callable[..., dict[str, dg.AssetCheckEvaluation]]


@pytest.fixture
def run(workshop: Workshop, tmp_path: Path, database_url: str) -> Run:
    """Materialize all tables and the sets of a corpus; return what the checks say, by name."""

    def materialize(
        corpus: Corpus = CORPUS, documents: list[dict[str, Any]] = DOCUMENTS
    ) -> dict[str, dg.AssetCheckEvaluation]:
        workshop.watcher.reports.clear()
        storage = (workshop.store, workshop.catalog, workshop.watcher)
        place, cache = str(tmp_path / "store"), str(tmp_path / "cache")
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [
                    upstream("cleaned_text", cleaned(documents)),
                    upstream("near_duplicates", TWINS.match_to_schema(DUPLICATES)),
                    labelled_dataset_asset(corpus),
                    *labelled_checks(corpus),
                ],
                instance=instance,
                resources={
                    "parquet": ParquetIOManager(*storage),
                    "files": FilesIOManager(*storage),
                    "store": StoreResource(place=place, cache=cache),
                    "catalog": CatalogResource(postgres_url=database_url, corpus="corpus"),
                },
                tags={
                    "dagster/asset_partition_range_start": SHARDS[0],
                    "dagster/asset_partition_range_end": SHARDS[1],
                },
            )
        return {each.check_name: each for each in result.get_asset_check_evaluations()}

    return materialize


def made_of(watcher: Watcher) -> dict[str, str]:
    return {r.shard: r.outcome for r in watcher.reports if r.asset == "labelled_dataset"}


def sets_of(corpus: Corpus, workshop: Workshop) -> _Sets:
    class Opened:
        def __init__(self, value: Any) -> None:
            self.open = lambda: value

    return _Sets.open(corpus, Opened(workshop.store), Opened(workshop.catalog))  # type: ignore[arg-type]


def test_a_set_is_a_folder_and_checks_hold(run: Run, workshop: Workshop) -> None:
    checks = run()
    assert {name: check.passed for name, check in checks.items()} == {
        "labelled_splits_do_not_leak": True,
        "every_labelled_document_is_accounted_for": True,
        "labels_are_in_every_split": False,
    }
    warning = checks["labels_are_in_every_split"]
    assert warning.severity == dg.AssetCheckSeverity.WARN
    assert "5 in test" in str(warning.metadata["absent"].value)
    entries = workshop.current("labelled_dataset")
    assert sorted(entries) == ["even", "fewer", "ratings"]
    assert entries["even"].rows == 80
    assert set(entries["even"].made_from) == {
        f"{table}/{shard}" for table in ("cleaned_text", "near_duplicates") for shard in SHARDS
    }
    assert {"train.parquet", "test.jsonl.zst", "labels.json"} <= entries["even"].summary[
        "files"
    ].keys()
    assert entries["even"].summary["documents_by_outcome"] == {
        "even: row": 80,
        "even: missing": 1,
        "even: quarantined": 1,
        "even: left_out": 0,
    }


def test_only_what_changed_is_made_again(run: Run, workshop: Workshop) -> None:
    run()
    first = workshop.current("labelled_dataset")
    run()
    assert set(made_of(workshop.watcher).values()) == {"up to date"}
    run(CORPUS, [*DOCUMENTS, document("elsewhere", 1, source="pages")])
    assert set(made_of(workshop.watcher).values()) == {"unchanged"}
    again = workshop.current("labelled_dataset")
    assert {n: e.version for n, e in again.items()} == {n: e.version for n, e in first.items()}
    run(corpus_of(a_set(), a_set("even", stratify=True, one_hot=True)))
    assert made_of(workshop.watcher) == {"even": "published", "ratings": "unchanged"}
    assert sorted(workshop.current("labelled_dataset")) == ["even", "ratings"]


def test_checks_see_what_is_wrong(run: Run, workshop: Workshop, tmp_path: Path) -> None:
    run()
    sets, wanted = sets_of(CORPUS, workshop), CORPUS.recipe.labelled[1]
    assert [each.name for each in sets] == ["ratings", "even", "fewer"]
    assert (_leaks(sets, wanted), _unaccounted(sets, wanted)) == (0, 0)
    folder = tmp_path / "store" / sets.made.versions["even"].location
    rows = {s: pl.read_parquet(folder / f"{s}.parquet") for s in ("train", "test")}

    def write(train: pl.DataFrame, test: pl.DataFrame) -> None:
        train.write_parquet(folder / "train.parquet")
        test.write_parquet(folder / "test.parquet")

    write(rows["train"].tail(-1), rows["test"])
    assert _unaccounted(sets, wanted) == 1  # one is lost
    write(pl.concat([rows["train"], rows["train"].head(1)]), rows["test"])
    assert _unaccounted(sets, wanted) == 1  # one is there twice
    moved = pl.col("doc_id").is_in(leaving(rows["train"]))
    write(rows["train"].filter(~moved), pl.concat([rows["test"], rows["train"].filter(moved)]))
    assert _leaks(sets, wanted) == 1
    assert _unaccounted(sets, wanted) == 0


def leaving(rows: pl.DataFrame) -> list[str]:
    """Return a document whose group is in these rows and whose text is its own."""
    here = set(rows["doc_id"])
    numbers = (n for n in range(0, 78, 3) if all((n + k) % 10 for k in range(3)))
    return [doc_id(f"r{n}") for n in numbers if doc_id(f"r{n}") in here and n not in (0, 39)][:1]


def test_sets_that_have_not_followed_are_not_looked_at(run: Run, workshop: Workshop) -> None:
    run()
    other = corpus_of(a_set(one_hot=True), *CORPUS.recipe.labelled[1:])
    assert [each.name for each in sets_of(other, workshop)] == ["even", "fewer"]


def test_a_missing_shard_is_no_set(workshop: Workshop) -> None:
    tables = [upstream("cleaned_text", cleaned(DOCUMENTS)), upstream("near_duplicates", TWINS)]
    workshop.run(*tables, shards=(SHARDS[0], SHARDS[0]))
    result = workshop.run(
        *tables, labelled_dataset_asset(CORPUS), only="labelled_dataset", raise_on_error=False
    )
    failure = result.failure_data_for_node("labelled_dataset")
    assert failure is not None
    assert "cleaned_text lacks 1 of 2 shards (shard-0001, ...)" in str(failure.error)


def test_without_sets_there_is_nothing() -> None:
    assert labelled_checks(corpus_of()) == []
