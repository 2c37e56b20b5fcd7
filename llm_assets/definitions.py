"""The table of contents: every asset in flow order, with its checks, sensors and jobs."""

import warnings
from pathlib import Path

import dagster as dg

from llm_assets.assets.checks import asset_checks
from llm_assets.assets.cleaned_text import cleaned_text_asset
from llm_assets.assets.contamination import contamination_asset
from llm_assets.assets.corpus_release import corpus_release_asset, release_job
from llm_assets.assets.dedup_signatures import dedup_signatures_asset
from llm_assets.assets.document_ledger import document_ledger_asset
from llm_assets.assets.evaluation_ngrams import evaluation_ngrams_asset
from llm_assets.assets.external_sources import external_sources
from llm_assets.assets.labelled_dataset import labelled_dataset_asset
from llm_assets.assets.linguistic_analysis import linguistic_analysis_asset
from llm_assets.assets.mixture import mixture_asset, wants_mixture
from llm_assets.assets.near_duplicates import near_duplicates_asset
from llm_assets.assets.raw import raw_asset
from llm_assets.assets.repeated_passages import repeated_passages_asset
from llm_assets.assets.repeated_substrings import repeated_substrings_asset
from llm_assets.assets.site_boilerplate import site_boilerplate_asset, wants_site_lines
from llm_assets.assets.tokenized_corpus import tokenized_corpus_asset
from llm_assets.assets.tokenizer import tokenizer_asset
from llm_assets.assets.training_split import training_split_asset
from llm_assets.cleaning import check_extras
from llm_assets.evaluation_sets import check_evaluation_sets
from llm_assets.jobs import refresh_job, retune_job
from llm_assets.progress import Progress
from llm_assets.recipe import Corpus, load_corpus
from llm_assets.resources import build_resources
from llm_assets.sensors import source_sensor, stale_shards_sensor
from llm_assets.settings import Settings, load_settings


def build_definitions(
    corpus: Corpus, settings: Settings, progress: Progress | None = None
) -> dg.Definitions:
    """Build the asset graph of one corpus."""
    check_extras(corpus, settings.corpus_file)
    check_evaluation_sets(corpus, settings.corpus_file)
    # Every sharded asset needs a backfill policy, which Dagster marks as beta, once an asset.
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    return dg.Definitions(
        assets=[
            *external_sources(corpus),
            *(raw_asset(corpus, kind) for kind in corpus.kinds),
            *([site_boilerplate_asset(corpus)] if wants_site_lines(corpus) else []),
            cleaned_text_asset(corpus, settings.corpus_file),
            *decontamination_assets(corpus, settings.corpus_file),
            dedup_signatures_asset(corpus),
            near_duplicates_asset(corpus),
            tokenizer_asset(corpus, settings.corpus_file),
            tokenized_corpus_asset(corpus),
            *([mixture_asset(corpus)] if wants_mixture(corpus) else []),
            training_split_asset(corpus),
            document_ledger_asset(corpus),
            corpus_release_asset(corpus, settings.corpus_file),
            *optional_assets(corpus),
        ],
        asset_checks=asset_checks(corpus),
        jobs=[refresh_job(), release_job(), retune_job(corpus, settings.corpus_file)],
        sensors=[
            *(source_sensor(corpus, source) for source in corpus.sources),
            stale_shards_sensor(corpus),
        ],
        resources=build_resources(corpus, settings, progress),
        executor=dg.in_process_executor,
    )


def decontamination_assets(corpus: Corpus, corpus_file: Path) -> list[dg.AssetsDefinition]:
    """Return the assets that look for evaluation sets, if the recipe names some."""
    wanted = corpus.recipe.decontaminate
    if wanted is None:
        return []
    return [evaluation_ngrams_asset(wanted, corpus_file), contamination_asset(corpus, wanted)]


def optional_assets(corpus: Corpus) -> list[dg.AssetsDefinition]:
    """Return the assets that a section of the recipe asks for."""
    recipe = corpus.recipe
    wanted = []
    if recipe.passages is not None:
        wanted.append(repeated_passages_asset(corpus, recipe.passages))
    if recipe.substrings is not None:
        wanted.append(repeated_substrings_asset(corpus, recipe.substrings))
    if recipe.linguistics is not None:
        wanted.append(linguistic_analysis_asset(corpus, recipe.linguistics))
    if recipe.labelled:
        wanted.append(labelled_dataset_asset(corpus))
    return wanted


@dg.definitions
def defs() -> dg.Definitions:
    """Load the corpus that LLM_ASSETS_CORPUS names (default: ./corpus.yaml)."""
    settings = load_settings()
    return build_definitions(load_corpus(settings.corpus_file), settings)
