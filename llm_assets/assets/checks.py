"""Claims about the corpus that can be false. A blocking one stops everything downstream of it."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from llm_assets.assets.contamination_check import no_evaluation_set_is_trained_on
from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.labelled_checks import labelled_checks
from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.assets.tokenizer_checks import tokenizer_checks
from llm_assets.assets.training_split import assembled_from, assembled_tables
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.split import assign_split
from llm_assets.corpus.training_parts import DOCUMENTS_FILE, LEFT_OUT_FILE
from llm_assets.io.postgres import read_table
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource

_SAMPLE_DOCUMENTS = 64


def asset_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    """Build the checks of every asset."""
    return [
        *(_raw_ids_are_unique(f"raw_{kind}") for kind in corpus.kinds),
        _every_record_has_a_verdict(corpus),
        _kept_texts_are_not_empty(),
        _keepers_are_kept(),
        _removals_are_verified(corpus),
        *tokenizer_checks(corpus),
        _tokens_decode_to_the_text(corpus),
        _training_split_has_no_leakage(corpus),
        _near_duplicates_are_in_one_split(corpus),
        _splits_never_move(corpus),
        _token_counts_add_up(corpus),
        _kept_documents_are_in_the_parts(corpus),
        *_contamination_checks(corpus),
        *labelled_checks(corpus),
        _ledger_accounts_for_every_record(corpus),
    ]


def _contamination_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    wanted = corpus.recipe.decontaminate
    return [] if wanted is None else [no_evaluation_set_is_trained_on(corpus, wanted)]


def _final_text(corpus: Corpus, store: StoreResource, catalog: CatalogResource) -> FinalText:
    return FinalText({name: _table(name, store, catalog) for name in final_text_tables(corpus)})


def _table(asset: str, store: StoreResource, catalog: CatalogResource) -> ShardedTable:
    return ShardedTable(asset, catalog.open().current(asset), store.open())


def _assembled_today(
    corpus: Corpus, store: StoreResource, catalog: CatalogResource
) -> ShardedTable:
    """Return the shards of `training_split` that were made from today's versions and recipe."""
    upstream = {name: _table(name, store, catalog) for name in assembled_tables(corpus)}
    return assembled_from(_table("training_split", store, catalog), upstream, corpus)


def _verdict(
    wrong: int, claim: str, metadata: Mapping[str, Any] | None = None
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=wrong == 0,
        description=claim if wrong == 0 else f"not so for {wrong:,}: {claim}",
        metadata={"exceptions": wrong, **(metadata or {})},
    )


def _raw_ids_are_unique(asset: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset,
        name=f"{asset}_ids_are_unique",
        blocking=True,
        description="Every document has an id of its own over all shards.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        ids = _table(asset, store, catalog).scan_all(["doc_id"])
        copies = ids.select(pl.len() - pl.col("doc_id").n_unique()).collect().item()
        return _verdict(copies, "every document has an id of its own")

    return check


def _every_record_has_a_verdict(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="cleaned_text",
        name="every_record_has_a_verdict",
        blocking=True,
        description="As many records were judged as were collected, and each drop has a reason.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        cleaned = _table("cleaned_text", store, catalog)
        raw = [_table(f"raw_{kind}", store, catalog) for kind in corpus.kinds]
        lost = sum(
            abs(sum(table.rows(shard) for table in raw) - cleaned.rows(shard))
            for shard in cleaned.shards
        )
        silent = _count(
            cleaned.scan_all(["verdict", "reason"]).filter(
                (pl.col("verdict") != "keep") & pl.col("reason").is_null()
            )
        )
        return _verdict(lost + silent, "every collected record was judged, every drop has a reason")

    return check


def _kept_texts_are_not_empty() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="cleaned_text",
        name="kept_texts_are_not_empty",
        blocking=True,
        description="Every kept document has text, and no dropped one does.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        kept = pl.col("verdict") == "keep"
        has_text = pl.col("text").str.len_bytes().fill_null(0) > 0
        texts = _table("cleaned_text", store, catalog).scan_all(["verdict", "text"])
        wrong = _count(texts.filter(kept != has_text))
        return _verdict(wrong, "a document has text if and only if it is kept")

    return check


def _keepers_are_kept() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="near_duplicates",
        name="keepers_are_kept",
        blocking=True,
        description="Whatever a document is dropped for is itself a document that stays.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        verdicts = _table("near_duplicates", store, catalog).scan_all(["doc_id", "duplicate_of"])
        dropped = verdicts.filter(pl.col("duplicate_of").is_not_null())
        wrong = _count(dropped.join(dropped, left_on="duplicate_of", right_on="doc_id", how="semi"))
        return _verdict(wrong, "no document is dropped in favour of one that is dropped itself")

    return check


def _removals_are_verified(corpus: Corpus) -> dg.AssetChecksDefinition:
    policy = corpus.recipe.duplicates

    @dg.asset_check(
        asset="near_duplicates",
        name="removals_are_verified",
        blocking=True,
        description=(
            "Every document that is dropped as a duplicate is as similar to the one that stays as "
            "the recipe asks for, and the similarity was measured."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        columns = ["duplicate_of", "method", "similarity", "threshold"]
        verdicts = _table("near_duplicates", store, catalog).scan_all(columns)
        dropped = verdicts.filter(pl.col("duplicate_of").is_not_null())
        exact = (pl.col("method") == "exact") & (pl.col("similarity") == 1)
        near = (pl.col("method") == "near") & (pl.col("similarity") >= policy.least_similarity)
        # Of an excerpt the containment was verified, which the similarity does not tell.
        verified = exact | near | (pl.col("method") == "excerpt")
        if not policy.verify:
            verified |= pl.col("method") == "proposed"
        wrong = _count(dropped.filter(~verified.fill_null(value=False)))
        return _verdict(wrong, "every removal has the similarity that the recipe asks for")

    return check


def _tokens_decode_to_the_text(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="tokenized_corpus",
        name="tokens_decode_to_the_text",
        blocking=True,
        description=(
            f"The tokens of {_SAMPLE_DOCUMENTS} documents decode to their exact text, or to what "
            "the tokenizer's own normalization makes of it."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        texts = _final_text(corpus, store, catalog).scan_all(["doc_id", "text_hash", "text"])
        tokenized = _table("tokenized_corpus", store, catalog)
        sample = (
            tokenized.scan_all(["doc_id", "text_hash", "token_ids"])
            .bottom_k(_SAMPLE_DOCUMENTS, by="doc_id")
            # By the text too: in shards that have not followed yet, other texts were tokenized.
            .join(texts, on=["doc_id", "text_hash"], how="inner")
            .collect()
        )
        tokenizer = load_tokenizer(corpus, _table("tokenizer", store, catalog))
        right = tokenizer.are_ids_of(sample["text"], sample["token_ids"])
        wrong = int((~right).sum())
        return _verdict(wrong, "tokens decode to the text", {"documents": sample.height})

    return check


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
        split = _assembled_today(corpus, store, catalog)
        claim, figures = "no text and no group is in two splits", {"shards": len(split.shards)}
        if not split.shards:
            return _verdict(0, claim, figures)
        documents = _documents(split)
        leaks = [
            _count(
                documents.group_by(key)
                .agg(pl.col("split").n_unique().alias("splits"))
                .filter(pl.col("splits") > 1)
            )
            for key in ("text_hash", "group_id")
        ]
        return _verdict(sum(leaks), claim, figures)

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
        split = _assembled_today(corpus, store, catalog)
        claim, figures = "no two similar documents are in two splits", {"shards": len(split.shards)}
        if not split.shards:
            return _verdict(0, claim, figures)
        parts = _documents(split).select("doc_id", "split").unique()
        verdicts = _table("near_duplicates", store, catalog).scan_all(["doc_id", "twin"])
        leaks = (
            parts.join(verdicts.drop_nulls("twin"), on="doc_id")
            .join(parts.select(twin="doc_id", twin_split="split"), on="twin")
            .filter(pl.col("split") != pl.col("twin_split"))
        )
        return _verdict(_count(leaks), claim, figures)

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
        split = _assembled_today(corpus, store, catalog)
        claim = "every split follows from the group and the seed alone"
        if not split.shards:
            return _verdict(0, claim, {"shards": 0})
        parts = _documents(split).select("doc_id", "group_id", "split").unique()
        own = _table("cleaned_text", store, catalog).only(split.shards)
        groups = own.scan_all(["doc_id", "source", "group_key"]).select("doc_id", own=own_group())
        placed = parts.join(groups, on="doc_id").collect(engine="streaming")
        drawn = assign_split(
            placed["own"], shares.train, shares.validation, shares.test, shares.seed
        )
        wrong = placed.filter(
            (pl.col("group_id") != pl.col("own")) | (pl.col("split") != drawn)
        ).height
        return _verdict(wrong, claim, {"shards": len(split.shards)})

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
        split = _assembled_today(corpus, store, catalog)
        claim, figures = "token counts add up", {"shards": len(split.shards)}
        if not split.shards:
            return _verdict(0, claim, figures)
        tokenized = _table("tokenized_corpus", store, catalog).only(split.shards)
        counts = tokenized.scan_all(["doc_id", "token_count"])
        copies = _pieces_together(_documents(split)).join(counts, on="doc_id", how="left")
        whole = pl.col("tokens").eq_missing(pl.col("token_count").cast(pl.Int64) + 1)
        right = pl.col("follow_on") & (pl.col("is_moved") | whole)
        return _verdict(_count(copies.filter(~right)), claim, figures)

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
        split = _assembled_today(corpus, store, catalog)
        claim, figures = "the parts hold the kept documents", {"shards": len(split.shards)}
        if not split.shards:
            return _verdict(0, claim, figures)
        verdicts = _table("near_duplicates", store, catalog)
        duplicates = verdicts.scan_all(["doc_id", "duplicate_of"]).drop_nulls("duplicate_of")
        kept = (
            _final_text(corpus, store, catalog)
            .only(split.shards)
            .scan_all(["doc_id", "source", "verdict"])
            .filter(pl.col("verdict") == "keep")
            .join(duplicates, on="doc_id", how="anti")
        )
        parts = pl.concat(
            _files(split, name).select("doc_id").unique()
            for name in (DOCUMENTS_FILE, LEFT_OUT_FILE)
        )
        lost = kept.join(parts, on="doc_id", how="anti")
        strange = parts.join(kept, on="doc_id", how="anti")
        return _verdict(_count(lost) + _count(strange), claim, figures)

    return check


def _ledger_accounts_for_every_record(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="document_ledger",
        name="ledger_accounts_for_every_record",
        blocking=True,
        description="Every record of `cleaned_text` is in the ledger exactly once, and no other.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        cleaned = _table("cleaned_text", store, catalog).scan_all(["doc_id"]).collect()
        with catalog.open().connect() as connection:
            ledger = read_table(
                connection, "document_ledger", corpus.name, pl.Schema({"doc_id": pl.String})
            )
        wrong = (
            cleaned.join(ledger, on="doc_id", how="anti").height
            + ledger.join(cleaned, on="doc_id", how="anti").height
            + ledger.height
            - ledger["doc_id"].n_unique()
        )
        return _verdict(wrong, "every record is in the ledger exactly once")

    return check


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def _documents(training_split: ShardedTable) -> pl.LazyFrame:
    return _files(training_split, DOCUMENTS_FILE)


def _files(training_split: ShardedTable, name: str) -> pl.LazyFrame:
    return pl.concat(
        pl.scan_parquet(training_split.file(shard, name), glob=False)
        for shard in training_split.shards
    )
