"""Whether the corpus may be released: complete, all of one piece, and its checks hold."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from llm_assets.assets.checks import asset_checks
from llm_assets.assets.contamination import CONTAMINATION_TABLE, contamination_fingerprint
from llm_assets.assets.dedup_signatures import DEDUP_SIGNATURES, signing_fingerprint
from llm_assets.assets.document_ledger import ledger_fingerprint
from llm_assets.assets.mixture import mixture_fingerprint, wants_mixture
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES, duplicates_fingerprint
from llm_assets.assets.raw import reading_fingerprint
from llm_assets.assets.repeated_passages import REPEATED_PASSAGES_TABLE, passages_fingerprint
from llm_assets.assets.site_boilerplate import (
    SITE_BOILERPLATE,
    site_lines_fingerprint,
    wants_site_lines,
)
from llm_assets.assets.tokenized_corpus import tokenization_fingerprint
from llm_assets.assets.tokenizer import tokenizer_fingerprint
from llm_assets.assets.trainable import MIXTURE_TABLE
from llm_assets.assets.training_split import (
    assembled_from,
    assembled_tables,
    assembly_fingerprint,
)
from llm_assets.cleaning import cleaning_fingerprint
from llm_assets.corpus.identity import shard_names
from llm_assets.io.catalog import Catalog
from llm_assets.io.object_store import ObjectStore
from llm_assets.io.shards import ShardedTable
from llm_assets.partitions import WHOLE
from llm_assets.recipe import Corpus
from llm_assets.releases.manifest import ChecksFailedError, ReleaseError
from llm_assets.resources import CatalogResource, StoreResource
from llm_assets.staleness import stale_shards

_GUARDS = frozenset({"tokenized_corpus", "training_split", "document_ledger"})
"""Assets whose blocking checks must hold: what a trainer reads, and what accounts for it."""

_MOST_NAMED = 5


def require_ready(
    corpus: Corpus, corpus_file: Path, catalog: Catalog, store: ObjectStore
) -> ShardedTable:
    """Make sure that every part was made by today's recipe from today's versions.

    Returns:
        The shards of `training_split`: all that the corpus has.

    Raises:
        ReleaseError: if something is missing or behind; the message says what to run.
    """
    names = _expected(corpus, corpus_file)
    tables = {name: ShardedTable(name, catalog.current(name), store) for name in names}
    behind: dict[str, list[str]] = {}
    for name, recipe in names.items():
        made = tables[name].versions
        for shard in [WHOLE] if name == "tokenizer" else shard_names(corpus.shards):
            if shard not in made:
                behind.setdefault(f"{name} is missing", []).append(shard)
            elif made[shard].recipe_fingerprint != recipe:
                behind.setdefault(f"{name} was made by another recipe", []).append(shard)
    if not behind:
        upstream = {name: tables[name] for name in assembled_tables(corpus)}
        today = assembled_from(tables["training_split"], upstream, corpus)
        split = tables["training_split"].versions
        late = stale_shards(corpus, catalog).keys() | (split.keys() - today.versions.keys())
        if late:
            behind["something was made from older versions than today's"] = sorted(late)
    if behind:
        raise ReleaseError(
            "the corpus is not of one piece, so nothing was released: "
            + "; ".join(f"{what} ({_some(shards)})" for what, shards in behind.items())
            + ". Run 'llm-assets materialize' first."
        )
    return tables["training_split"]


def require_checks(corpus: Corpus, store: StoreResource, catalog: CatalogResource) -> list[str]:
    """Evaluate the blocking checks that guard training on the corpus as it is now.

    Returns:
        The names of the checks, all of which hold.

    Raises:
        ChecksFailedError: if one does not.
    """
    held, failed = [], []
    for name, result in _evaluations(corpus, store, catalog):
        if result.passed:
            held.append(name)
        else:
            failed.append(f"{name}: {result.description}")
    if failed:
        raise ChecksFailedError("nothing was released, as checks failed. " + "; ".join(failed))
    return held


def _evaluations(
    corpus: Corpus, store: StoreResource, catalog: CatalogResource
) -> Iterator[tuple[str, dg.AssetCheckResult]]:
    for definition in asset_checks(corpus):
        for spec in definition.check_specs:
            if spec.blocking and spec.asset_key.to_user_string() in _GUARDS:
                result = definition(store=store, catalog=catalog)
                assert isinstance(result, dg.AssetCheckResult)
                yield spec.name, result


def _expected(corpus: Corpus, corpus_file: Path) -> Mapping[str, str]:
    """Return the fingerprint that each asset's shards must have been made by."""
    recipe = corpus.recipe
    expected = {f"raw_{kind}": reading_fingerprint() for kind in corpus.kinds}
    if wants_site_lines(corpus):
        expected[SITE_BOILERPLATE] = site_lines_fingerprint(corpus)
    expected["cleaned_text"] = cleaning_fingerprint(corpus, corpus_file)
    if recipe.decontaminate is not None:
        expected[CONTAMINATION_TABLE] = contamination_fingerprint(recipe.decontaminate)
    expected[DEDUP_SIGNATURES] = signing_fingerprint(corpus)
    expected[NEAR_DUPLICATES] = duplicates_fingerprint(corpus)
    if recipe.passages is not None:
        expected[REPEATED_PASSAGES_TABLE] = passages_fingerprint(recipe.passages)
    if wants_mixture(corpus):
        expected[MIXTURE_TABLE] = mixture_fingerprint(corpus)
    return expected | {
        "tokenizer": tokenizer_fingerprint(corpus),
        "tokenized_corpus": tokenization_fingerprint(),
        "training_split": assembly_fingerprint(corpus),
        "document_ledger": ledger_fingerprint(),
    }


def _some(shards: list[str]) -> str:
    more = f" and {len(shards) - _MOST_NAMED} more" if len(shards) > _MOST_NAMED else ""
    return ", ".join(shards[:_MOST_NAMED]) + more
