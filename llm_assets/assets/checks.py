"""Claims about the corpus that can be false. A blocking one stops everything downstream of it."""

import dagster as dg
import polars as pl

from llm_assets.assets.claims import count, current_table, current_texts, verdict
from llm_assets.assets.contamination_check import no_evaluation_set_is_trained_on
from llm_assets.assets.labelled_checks import labelled_checks
from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.assets.tokenizer_checks import tokenizer_checks
from llm_assets.assets.training_checks import training_checks
from llm_assets.io.postgres import read_table
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
        *training_checks(corpus),
        *_contamination_checks(corpus),
        *labelled_checks(corpus),
        _ledger_accounts_for_every_record(corpus),
    ]


def _contamination_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    wanted = corpus.recipe.decontaminate
    return [] if wanted is None else [no_evaluation_set_is_trained_on(corpus, wanted)]


def _raw_ids_are_unique(asset: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=asset,
        name=f"{asset}_ids_are_unique",
        blocking=True,
        description="Every document has an id of its own over all shards.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        ids = current_table(asset, store, catalog).scan_all(["doc_id"])
        copies = ids.select(pl.len() - pl.col("doc_id").n_unique()).collect().item()
        return verdict(copies, "every document has an id of its own")

    return check


def _every_record_has_a_verdict(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="cleaned_text",
        name="every_record_has_a_verdict",
        blocking=True,
        description="As many records were judged as were collected, and each drop has a reason.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        cleaned = current_table("cleaned_text", store, catalog)
        raw = [current_table(f"raw_{kind}", store, catalog) for kind in corpus.kinds]
        lost = sum(
            abs(sum(table.rows(shard) for table in raw) - cleaned.rows(shard))
            for shard in cleaned.shards
        )
        silent = count(
            cleaned.scan_all(["verdict", "reason"]).filter(
                (pl.col("verdict") != "keep") & pl.col("reason").is_null()
            )
        )
        return verdict(lost + silent, "every collected record was judged, every drop has a reason")

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
        texts = current_table("cleaned_text", store, catalog).scan_all(["verdict", "text"])
        wrong = count(texts.filter(kept != has_text))
        return verdict(wrong, "a document has text if and only if it is kept")

    return check


def _keepers_are_kept() -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="near_duplicates",
        name="keepers_are_kept",
        blocking=True,
        description="Whatever a document is dropped for is itself a document that stays.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        verdicts = current_table("near_duplicates", store, catalog).scan_all(
            ["doc_id", "duplicate_of"]
        )
        dropped = verdicts.filter(pl.col("duplicate_of").is_not_null())
        wrong = count(dropped.join(dropped, left_on="duplicate_of", right_on="doc_id", how="semi"))
        return verdict(wrong, "no document is dropped in favour of one that is dropped itself")

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
        verdicts = current_table("near_duplicates", store, catalog).scan_all(columns)
        dropped = verdicts.filter(pl.col("duplicate_of").is_not_null())
        exact = (pl.col("method") == "exact") & (pl.col("similarity") == 1)
        near = (pl.col("method") == "near") & (pl.col("similarity") >= policy.least_similarity)
        # Of an excerpt the containment was verified, which the similarity does not tell.
        verified = exact | near | (pl.col("method") == "excerpt")
        if not policy.verify:
            verified |= pl.col("method") == "proposed"
        wrong = count(dropped.filter(~verified.fill_null(value=False)))
        return verdict(wrong, "every removal has the similarity that the recipe asks for")

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
        texts = current_texts(corpus, store, catalog).scan_all(["doc_id", "text_hash", "text"])
        tokenized = current_table("tokenized_corpus", store, catalog)
        sample = (
            tokenized.scan_all(["doc_id", "text_hash", "token_ids"])
            .bottom_k(_SAMPLE_DOCUMENTS, by="doc_id")
            # By the text too: in shards that have not followed yet, other texts were tokenized.
            .join(texts, on=["doc_id", "text_hash"], how="inner")
            .collect()
        )
        tokenizer = load_tokenizer(corpus, current_table("tokenizer", store, catalog))
        right = tokenizer.are_ids_of(sample["text"], sample["token_ids"])
        wrong = int((~right).sum())
        return verdict(wrong, "tokens decode to the text", {"documents": sample.height})

    return check


def _ledger_accounts_for_every_record(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="document_ledger",
        name="ledger_accounts_for_every_record",
        blocking=True,
        description="Every record of `cleaned_text` is in the ledger exactly once, and no other.",
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        cleaned = current_table("cleaned_text", store, catalog).scan_all(["doc_id"]).collect()
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
        return verdict(wrong, "every record is in the ledger exactly once")

    return check
