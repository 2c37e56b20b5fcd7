"""Claims about the training parts that can be false. Shards that are behind are not looked at."""

import dagster as dg
import polars as pl

from llm_assets.assets.claims import (
    assembled_today,
    count,
    current_table,
    current_texts,
    training_documents,
    training_files,
    verdict,
)
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.split import assign_split
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE, LEFT_OUT_FILE
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource


def training_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    """Build the checks."""
    return [
        _training_split_has_no_leakage(corpus),
        _near_duplicates_are_in_one_split(corpus),
        _splits_never_move(corpus),
        _token_counts_add_up(corpus),
        _kept_documents_are_in_the_parts(corpus),
    ]


def _training_split_has_no_leakage(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="training_split",
        name="training_split_has_no_leakage",
        blocking=True,
        description=(
            "No text and no group of related documents is in two splits. A shard with a document "
            "that gave way to one elsewhere is not looked at until it has followed."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        split = assembled_today(corpus, store, catalog)
        claim, figures = "no text and no group is in two splits", {"shards": len(split.shards)}
        if not split.shards:
            return verdict(0, claim, figures)
        documents = training_documents(split)
        leaks = [
            count(
                documents.group_by(key)
                .agg(pl.col("split").n_unique().alias("splits"))
                .filter(pl.col("splits") > 1)
            )
            for key in ("text_hash", "group_id")
        ]
        return verdict(sum(leaks), claim, figures)

    return check


def _near_duplicates_are_in_one_split(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="training_split",
        name="near_duplicates_are_in_one_split",
        blocking=True,
        description=(
            "No two similar documents, duplicates that both stay or pairs that were compared and "
            "found similar, are in two splits. Shards that have not followed yet are not looked at."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        split = assembled_today(corpus, store, catalog)
        claim, figures = "no two similar documents are in two splits", {"shards": len(split.shards)}
        if not split.shards:
            return verdict(0, claim, figures)
        parts = training_documents(split).select("doc_id", "split").unique()
        verdicts = current_table("near_duplicates", store, catalog).scan_all(["doc_id", "twin"])
        leaks = (
            parts.join(verdicts.drop_nulls("twin"), on="doc_id")
            .join(parts.select(twin="doc_id", twin_split="split"), on="twin")
            .filter(pl.col("split") != pl.col("twin_split"))
        )
        return verdict(count(leaks), claim, figures)

    return check


def _splits_never_move(corpus: Corpus) -> dg.AssetChecksDefinition:
    shares = corpus.recipe.split

    @dg.asset_check(
        asset="training_split",
        name="splits_never_move",
        blocking=True,
        description=(
            "Every document's split follows from its own book, thread or id and the seed alone, so "
            "no document that comes, goes or changes can move another one."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        split = assembled_today(corpus, store, catalog)
        claim = "every split follows from the group and the seed alone"
        if not split.shards:
            return verdict(0, claim, {"shards": 0})
        parts = training_documents(split).select("doc_id", "group_id", "split").unique()
        own = current_table("cleaned_text", store, catalog).only(split.shards)
        groups = own.scan_all(["doc_id", "source", "group_key"]).select("doc_id", own=own_group())
        placed = parts.join(groups, on="doc_id").collect(engine="streaming")
        drawn = assign_split(
            placed["own"], shares.train, shares.validation, shares.test, shares.seed
        )
        wrong = placed.filter(
            (pl.col("group_id") != pl.col("own")) | (pl.col("split") != drawn)
        ).height
        return verdict(wrong, claim, {"shards": len(split.shards)})

    return check


def _token_counts_add_up(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="training_split",
        name="token_counts_add_up",
        blocking=True,
        description=(
            "Every copy of a document in the parts has the tokens of `tokenized_corpus` and one "
            "end-of-document token, in pieces that follow on each other. Of a document with a span "
            "moved to its end only that its pieces do, as it was tokenized anew. Shards that have "
            "not followed yet are not looked at."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        split = assembled_today(corpus, store, catalog)
        claim, figures = "token counts add up", {"shards": len(split.shards)}
        if not split.shards:
            return verdict(0, claim, figures)
        tokenized = current_table("tokenized_corpus", store, catalog).only(split.shards)
        counts = tokenized.scan_all(["doc_id", "token_count"])
        copies = _pieces_together(training_documents(split)).join(counts, on="doc_id", how="left")
        whole = pl.col("tokens").eq_missing(pl.col("token_count").cast(pl.Int64) + 1)
        right = pl.col("follow_on") & (pl.col("is_moved") | whole)
        return verdict(count(copies.filter(~right)), claim, figures)

    return check


def _pieces_together(documents: pl.LazyFrame) -> pl.LazyFrame:
    """Return a row for each copy of a document: its tokens, and whether its pieces make it up."""
    first, length = (
        pl.col(name).cast(pl.Int64).sort_by("first_token")
        for name in ("first_token", "token_length")
    )
    return documents.group_by("doc_id", "repeat").agg(
        tokens=length.sum(),
        follow_on=(first == length.cum_sum() - length).all(),
        is_moved=pl.col("middle_start").is_not_null().any(),
    )


def _kept_documents_are_in_the_parts(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="training_split",
        name="kept_documents_are_in_the_parts",
        blocking=True,
        description=(
            "Every kept document that is no duplicate is in the parts or is left out for a reason, "
            "and nothing else is. Shards whose verdicts just changed are not looked at until they "
            "have followed."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        split = assembled_today(corpus, store, catalog)
        claim, figures = "the parts hold the kept documents", {"shards": len(split.shards)}
        if not split.shards:
            return verdict(0, claim, figures)
        verdicts = current_table("near_duplicates", store, catalog)
        duplicates = verdicts.scan_all(["doc_id", "duplicate_of"]).drop_nulls("duplicate_of")
        kept = (
            current_texts(corpus, store, catalog)
            .only(split.shards)
            .scan_all(["doc_id", "source", "verdict"])
            .filter(pl.col("verdict") == "keep")
            .join(duplicates, on="doc_id", how="anti")
        )
        parts = pl.concat(
            training_files(split, name).select("doc_id").unique()
            for name in (DOCUMENTS_FILE, LEFT_OUT_FILE)
        )
        lost = kept.join(parts, on="doc_id", how="anti")
        strange = parts.join(kept, on="doc_id", how="anti")
        return verdict(count(lost) + count(strange), claim, figures)

    return check
