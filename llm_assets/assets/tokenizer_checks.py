"""Claims about the tokenizer that can be false, and how many tokens it needs by language."""

from typing import Any

import dagster as dg
import polars as pl

from llm_assets.assets.claims import current_table, verdict
from llm_assets.assets.tokenizer import load_tokenizer
from llm_assets.corpus.tokenization.fertility import FERTILITY, measure_fertility
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_audit import (
    round_trips,
    script_texts,
    unreachable_special_tokens,
)
from llm_assets.io.shards import ShardedTable
from llm_assets.metadata import frame_table, picture
from llm_assets.plots import value_chart
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource

_SHARDS = 4
"""Documents come from the first shards; any are as good, as objects are dealt by hash."""
_DOCUMENTS_A_LANGUAGE = 32
_CHARACTERS_A_DOCUMENT = 4_000


def tokenizer_checks(corpus: Corpus) -> list[dg.AssetChecksDefinition]:
    """Build the checks."""
    return [_round_trips_every_script(corpus), _no_special_token_is_unreachable(corpus)]


def _round_trips_every_script(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="tokenizer",
        name="tokenizer_round_trips_every_script",
        blocking=True,
        description=(
            "Every character of Unicode, and kept documents of every language, decode to what was "
            "encoded, or to what the tokenizer's own normalization makes of it. Beside it: tokens "
            "per character and per word by language."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        tokenizer = load_tokenizer(corpus, current_table("tokenizer", store, catalog))
        documents = kept_documents(current_table("cleaned_text", store, catalog))
        scripts = script_texts()
        wrong = scripts.filter(~round_trips(scripts["text"], tokenizer))
        lost = documents.filter(~round_trips(documents["text"], tokenizer))
        return verdict(
            wrong.height + lost.height,
            "every script decodes to what was encoded",
            {
                "scripts": scripts["script"].n_unique(),
                "scripts_with_exceptions": ", ".join(wrong["script"].unique().sort()) or "none",
                "documents": documents.height,
                **fertility_metadata(measure_fertility(documents, tokenizer)),
                **_unknown(scripts, tokenizer),
            },
        )

    return check


def _no_special_token_is_unreachable(corpus: Corpus) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset="tokenizer",
        name="no_special_token_is_unreachable",
        blocking=True,
        description=(
            "Every special token has an id of its own and is encoded as that where special tokens "
            "are asked for, and no text of a document turns into one."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        tokenizer = load_tokenizer(corpus, current_table("tokenizer", store, catalog))
        wrong = unreachable_special_tokens(tokenizer)
        shown = {} if wrong.is_empty() else {"unreachable": frame_table(wrong)}
        return verdict(
            wrong.height,
            "every special token can be used, and none can be forged",
            {"special_tokens": len(tokenizer.special_tokens), **shown},
        )

    return check


def kept_documents(cleaned_text: ShardedTable) -> pl.DataFrame:
    """Draw kept documents of every language: their beginnings, with `language` and `text`."""
    some = cleaned_text.only(cleaned_text.shards[:_SHARDS])
    columns = ["doc_id", "language", "verdict", "text"]
    return (
        some.scan_all(columns)
        .filter(pl.col("verdict") == "keep")
        .select("doc_id", "language", text=pl.col("text").str.head(_CHARACTERS_A_DOCUMENT))
        .group_by("language")
        .agg(pl.all().sort_by("doc_id").head(_DOCUMENTS_A_LANGUAGE))
        .explode("doc_id", "text")
        .sort("doc_id")
        .select("language", "text")
        .collect(engine="streaming")
    )


def fertility_metadata(fertility: pl.DataFrame) -> dict[str, Any]:
    """Show rows of FERTILITY as a table and as bars."""
    if fertility.is_empty():
        return {}
    words = fertility.drop_nulls("tokens_per_word").sort("tokens_per_word")
    drawn = dict(words.select("language", "tokens_per_word").iter_rows())
    tokens, characters = int(fertility["tokens"].sum()), int(fertility["characters"].sum())
    chart = value_chart(
        drawn,
        "Tokens per word by language",
        f"{tokens / max(characters, 1):.2f} a character",
        "tokens per word",
    )
    return {
        "fertility": frame_table(fertility.select(FERTILITY.names())),
        "fertility_chart": picture(chart, "tokens per word by language"),
    }


def _unknown(scripts: pl.DataFrame, tokenizer: Tokenizer) -> dict[str, Any]:
    """Name the scripts with characters that the vocabulary cannot say."""
    if tokenizer.unknown_id is None:
        return {}
    ids = tokenizer.encode(scripts["text"])
    lacking = scripts.filter(ids.list.contains(tokenizer.unknown_id))["script"].unique()
    return {"scripts_with_unknown_characters": len(lacking)}
