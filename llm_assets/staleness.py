"""Which shards were made from older versions than today's: the catalog knows."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.dedup_signatures import DEDUP_SIGNATURES
from llm_assets.assets.evaluation_ngrams import EVALUATION_NGRAMS_TABLE
from llm_assets.assets.final_text import final_text_tables
from llm_assets.assets.labelled_dataset import LABELLED_DATASET, set_tables
from llm_assets.assets.mixture import wants_mixture
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.assets.repeated_passages import REPEATED_PASSAGES_TABLE
from llm_assets.assets.site_boilerplate import SITE_BOILERPLATE, wants_site_lines
from llm_assets.assets.trainable import MIXTURE_TABLE, TOKENIZED_CORPUS
from llm_assets.assets.training_split import assembled_tables
from llm_assets.corpus.identity import digest
from llm_assets.io.catalog import Catalog
from llm_assets.partitions import WHOLE
from llm_assets.recipe import Corpus

_OF_ONE_SHARD: Final = frozenset({"tokenizer", EVALUATION_NGRAMS_TABLE})
"""Assets that have one shard for the whole corpus."""


def stale_shards(corpus: Corpus, catalog: Catalog) -> dict[str, str]:
    """Return the shards in which something was made from an older version than today's.

    A run over one shard decides anew about the whole corpus, which concerns other shards; and a run
    that failed half-way has left its shard behind. Both show in what the shards were made from.

    Returns:
        By shard a name of what is stale there: the same until something is published.
    """
    current = cache(catalog.current)
    found: dict[str, list[str]] = {}

    def compare(shard: str, made_from: Mapping[str, str], upstream: str, revision: int) -> None:
        by = WHOLE if upstream in _OF_ONE_SHARD else shard
        made = current(upstream).get(by)
        if made is not None and made_from.get(f"{upstream}/{by}") != made.version:
            found.setdefault(shard, []).append(f"{upstream}:{made.version}:{revision}")

    for follower, upstreams in _followers(corpus).items():
        for shard, entry in current(follower).items():
            for upstream in upstreams:
                compare(shard, entry.made_from, upstream, entry.revision)
    for decision, upstreams in _decisions(corpus).items():
        # Made from all shards of what is above it; all of its own shards say the same.
        for entry in list(current(decision).values())[:1]:
            for upstream in upstreams:
                for shard in current(upstream):
                    compare(shard, entry.made_from, upstream, entry.revision)
    return {shard: digest(names) for shard, names in found.items()}


def _followers(corpus: Corpus) -> dict[str, list[str]]:
    """Return what a shard of each asset is made from, beside what the sources' sensors follow."""
    texts = final_text_tables(corpus)
    to_train = [*texts, NEAR_DUPLICATES, TOKENIZED_CORPUS]
    followers = {
        DEDUP_SIGNATURES: _signed(corpus),
        TOKENIZED_CORPUS: [*texts, "tokenizer"],
        "training_split": assembled_tables(corpus),
        "document_ledger": [*to_train, "training_split"],
    }
    if CONTAMINATION_TABLE in texts:
        followers[CONTAMINATION_TABLE] = ["cleaned_text", EVALUATION_NGRAMS_TABLE]
    if wants_site_lines(corpus):
        followers["cleaned_text"] = [SITE_BOILERPLATE]
    return followers


def _decisions(corpus: Corpus) -> dict[str, list[str]]:
    """Return what each decision about the whole corpus is made from."""
    decisions = {NEAR_DUPLICATES: [DEDUP_SIGNATURES]}
    if REPEATED_PASSAGES_TABLE in final_text_tables(corpus):
        decisions[REPEATED_PASSAGES_TABLE] = [*_signed(corpus), NEAR_DUPLICATES]
    if wants_mixture(corpus):
        decisions[MIXTURE_TABLE] = [*final_text_tables(corpus), NEAR_DUPLICATES, TOKENIZED_CORPUS]
    if corpus.recipe.labelled:
        decisions[LABELLED_DATASET] = set_tables(corpus)
    return decisions


def _signed(corpus: Corpus) -> list[str]:
    return [name for name in final_text_tables(corpus) if name != REPEATED_PASSAGES_TABLE]
