"""A shard's tables -> the documents that may be trained on, and what is known of them."""

from dataclasses import dataclass

import polars as pl

from llm_assets.corpus.groups import own_group
from llm_assets.corpus.schema import DUPLICATES
from llm_assets.corpus.training.mixture import MIXTURE, MixturePlan


class StaleTokensError(Exception):
    """Kept documents have no tokens, or no place in the mixture: those tables are older."""


@dataclass(frozen=True, slots=True)
class TrainableDocuments:
    """The documents of a shard that may be trained on."""

    selected: pl.LazyFrame
    """`doc_id`, `source`, `text_hash`, `group_id`, `twin_split` (null for none); `text_bytes`,
    about (as measured by cleaning, so that the texts need not be read for it); `token_count`, null
    where tokens are missing; `budgeted_repeats`, null where no token budget decides."""
    texts: pl.LazyFrame
    """`doc_id` and `text`, of others too."""
    tokens: pl.LazyFrame
    """`doc_id` and `token_ids`, of others too."""


def select_documents(
    cleaned: pl.LazyFrame,
    duplicates: pl.LazyFrame | None,
    tokenized: pl.LazyFrame,
    mixture: pl.LazyFrame | None = None,
) -> TrainableDocuments:
    """Select the documents of a shard that were kept and are no duplicates.

    Args:
        cleaned: rows of CLEANED.
        duplicates: rows of DUPLICATES; None where there are no duplicates.
        tokenized: rows of TOKENIZED, made from the same texts.
        mixture: rows of MIXTURE; None where there is no token budget.
    """
    kept = cleaned.filter(pl.col("verdict") == "keep").select(
        "doc_id", "source", "text_hash", "group_key", pl.col("text_bytes").fill_null(0)
    )
    if duplicates is None:
        duplicates = pl.LazyFrame(schema=DUPLICATES)
    if mixture is None:
        mixture = pl.LazyFrame(schema=MIXTURE)
    verdicts = duplicates.select("doc_id", "duplicate_of", "twin_split")
    counts = tokenized.select("doc_id", "text_hash", "token_count")
    selected = (
        kept.join(verdicts, on="doc_id", how="left")
        .filter(pl.col("duplicate_of").is_null())
        .with_columns(group_id=own_group())
        .select("doc_id", "source", "text_hash", "group_id", "twin_split", "text_bytes")
        .join(counts, on=["doc_id", "text_hash"], how="left")
        .join(mixture.select("doc_id", budgeted_repeats="repeats"), on="doc_id", how="left")
    )
    return TrainableDocuments(
        selected=selected,
        texts=cleaned.select("doc_id", "text"),
        tokens=tokenized.select("doc_id", "token_ids"),
    )


def with_tokens(selected: pl.LazyFrame) -> pl.DataFrame:
    """Return the selected documents with their `token_length`, end-of-document token included.

    Raises:
        StaleTokensError: if one has no tokens.
    """
    length = pl.col("token_count") + 1
    rows = selected.with_columns(token_length=length).collect(engine="streaming")
    if missing := rows["token_length"].null_count():
        raise StaleTokensError(
            f"{missing} of {rows.height} kept documents have no tokens: materialize "
            "tokenized_corpus from the current cleaned_text first"
        )
    return rows


def budgeted_documents(selected: pl.LazyFrame, plan: MixturePlan) -> pl.DataFrame:
    """Return the documents of a shard that share a token budget, as `decide_mixture` takes them.

    They are those of the train split; a document that gives way to a similar one elsewhere is in no
    split.

    Raises:
        StaleTokensError: if one has no tokens.
    """
    among = pl.col("source").is_in(plan.sources) & pl.col("twin_split").is_null()
    rows = with_tokens(selected.filter(among))
    in_train = plan.dealing.assign(rows["group_id"]) == "train"
    return rows.filter(in_train).select("doc_id", "source", "token_length").sort("doc_id")
