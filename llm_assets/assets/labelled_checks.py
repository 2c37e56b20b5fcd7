"""Claims about fine-tuning sets that can be false. Sets of older versions are not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import polars as pl

from llm_assets.assets.claims import verdict
from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.labelled_dataset import (
    LABELLED_DATASET,
    set_fingerprint,
    set_ingredients,
    set_plan,
    set_tables,
)
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.labelled.set_card import DOCUMENTS_FILE, QUARANTINE_FILE
from llm_assets.corpus.labelled.similar_documents import find_similar
from llm_assets.corpus.schema import SPLITS
from llm_assets.io.shards import ShardedTable
from llm_assets.labelled_recipe import LabelledSet
from llm_assets.metadata import frame_table
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource


def labelled_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    """Build the checks, if the recipe names sets."""
    if not corpus.recipe.labelled:
        return []
    return [
        _labelled_splits_do_not_leak(corpus),
        _every_labelled_document_is_accounted_for(corpus),
        _labels_are_in_every_split(corpus),
    ]


@dataclass(frozen=True)
class _Sets:
    """The sets that were made from today's versions and recipe."""

    corpus: Corpus
    tables: dict[str, ShardedTable]
    made: ShardedTable

    @classmethod
    def open(cls, corpus: Corpus, store: StoreResource, catalog: CatalogResource) -> "_Sets":
        index, opened = catalog.open(), store.open()
        names = [*set_tables(corpus), LABELLED_DATASET]
        tables = {name: ShardedTable(name, index.current(name), opened) for name in names}
        return cls(corpus, tables, tables.pop(LABELLED_DATASET))

    def __iter__(self) -> Iterator[LabelledSet]:
        for wanted in self.corpus.recipe.labelled:
            entry = self.made.versions.get(wanted.name)
            if (
                entry is not None
                and entry.recipe_fingerprint == set_fingerprint(self.corpus, wanted)
                and dict(entry.made_from) == set_ingredients(self.corpus, wanted, self.tables)
            ):
                yield wanted

    def documents(self, wanted: LabelledSet) -> pl.DataFrame:
        """Read what became of each document of a set."""
        return pl.read_parquet(self.made.file(wanted.name, DOCUMENTS_FILE), glob=False)

    def rows(self, wanted: LabelledSet) -> pl.DataFrame:
        """Return `doc_id` and `split` of the rows as they stand in the set's files.

        JSON lines of messages name no document; of sets that have nothing else, the table tells.
        """
        if "parquet" not in wanted.formats:
            made = self.documents(wanted).filter(pl.col("outcome") == "row")
            return made.select("doc_id", "split")
        return pl.concat(
            pl.read_parquet(
                self.made.file(wanted.name, f"{split}.parquet"), columns=["doc_id"], glob=False
            ).with_columns(split=pl.lit(split))
            for split in SPLITS
        )

    def input(self, wanted: LabelledSet) -> pl.DataFrame:
        """Return `doc_id` and `group_id` of the documents that the corpus has for a set today."""
        texts = FinalText({name: self.tables[name] for name in final_text_tables(self.corpus)})
        verdicts = self.tables[NEAR_DUPLICATES].scan_all(["doc_id", "duplicate_of"])
        kept = texts.scan_all(["doc_id", "source", "group_key", "verdict"]).filter(
            pl.col("verdict") == "keep", pl.col("source").is_in(wanted.sources)
        )
        return (
            kept.join(verdicts.drop_nulls("duplicate_of"), on="doc_id", how="anti")
            .select("doc_id", group_id=own_group())
            .collect(engine="streaming")
        )


def _verdict(wrong: dict[str, int], claim: str) -> dg.AssetCheckResult:
    by_set = pl.DataFrame({"set": list(wrong), "exceptions": list(wrong.values())})
    return verdict(sum(wrong.values()), claim, {"sets": frame_table(by_set)})


def _labelled_splits_do_not_leak(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=LABELLED_DATASET,
        name="labelled_splits_do_not_leak",
        blocking=True,
        description=(
            "No group, no text and no two similar documents are in two splits of a set: groups as "
            "the corpus has them today, rows as they stand in the files."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        sets = _Sets.open(corpus, store, catalog)
        wrong = {wanted.name: _leaks(sets, wanted) for wanted in sets}
        return _verdict(wrong, "no group, text or similar document is in two splits")

    return check


def _leaks(sets: _Sets, wanted: LabelledSet) -> int:
    """Count groups and texts in several splits, and documents that a similar one is parted from."""
    hashes = sets.documents(wanted).select("doc_id", "text_hash", "content_hash")
    rows = sets.rows(wanted).join(sets.input(wanted), on="doc_id").join(hashes, on="doc_id")
    shared = sum(
        rows.group_by(key).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        for key in ("group_id", "text_hash", "content_hash")
    )
    columns = ["doc_id", "cluster_id", "twin", "rejected"]
    duplicates = sets.tables[NEAR_DUPLICATES].scan_all(columns).collect(engine="streaming")
    limit = set_plan(sets.corpus, wanted).split_similarity
    pairs = find_similar(rows, duplicates, limit).pairs
    split = rows["split"]
    parted = split.gather(pairs["place"]) != split.gather(pairs["other"])
    return shared + int(parted.sum())


def _every_labelled_document_is_accounted_for(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=LABELLED_DATASET,
        name="every_labelled_document_is_accounted_for",
        blocking=True,
        description=(
            "Every document of a set's sources that stays in the corpus is a row of one split, "
            "dropped for its missing label, quarantined for a reason, or left out for a similar "
            "one; and nothing else is."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        sets = _Sets.open(corpus, store, catalog)
        wrong = {wanted.name: _unaccounted(sets, wanted) for wanted in sets}
        return _verdict(wrong, "every document is a row, or is not for a reason")

    return check


def _unaccounted(sets: _Sets, wanted: LabelledSet) -> int:
    documents, rows, given = sets.documents(wanted), sets.rows(wanted), sets.input(wanted)
    quarantined = pl.read_parquet(sets.made.file(wanted.name, QUARANTINE_FILE), glob=False)
    not_rows = documents.filter(pl.col("outcome") != "row")
    silent = not_rows.filter(pl.col("outcome") != "missing", pl.col("reason").is_null())
    unquarantined = not_rows.filter(pl.col("outcome") == "quarantined").join(
        quarantined, on="doc_id", how="anti"
    )
    told = pl.concat([rows.select("doc_id"), not_rows.select("doc_id")])
    twice = told.height - told["doc_id"].n_unique()
    lost = given.join(told, on="doc_id", how="anti").height
    strange = told.join(given, on="doc_id", how="anti").height
    return twice + lost + strange + silent.height + unquarantined.height


def _labels_are_in_every_split(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=LABELLED_DATASET,
        name="labels_are_in_every_split",
        blocking=False,
        description="Every split that has a share has a document of each class.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        sets = _Sets.open(corpus, store, catalog)
        absent = {
            wanted.name: list(sets.made.versions[wanted.name].summary["labels_absent"])
            for wanted in sets
        }
        names = [name.partition(": ")[2] for each in absent.values() for name in each]
        of = [name for name, each in absent.items() for _ in each]
        shown = pl.DataFrame({"set": of, "absent": names}, {"set": pl.String, "absent": pl.String})
        claim = "every split has a document of each class"
        return dg.AssetCheckResult(
            passed=not names,
            severity=dg.AssetCheckSeverity.WARN,
            description=claim if not names else f"not so for {len(names):,}: {claim}",
            metadata={"exceptions": len(names), "absent": frame_table(shown)},
        )

    return check
