"""`retune`: what the recipe as it stands now would change in the corpus as it was cleaned last."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from llm_assets.cleaning import judging_of, text_fingerprint, text_part, url_rules
from llm_assets.cleaning_recipe import Cleaning
from llm_assets.corpus.retuning import (
    CHANGE,
    compare_verdicts,
    count_changes,
    count_reasons,
    examples,
)
from llm_assets.io.shards import NotMaterializedError, ShardedTable
from llm_assets.recipe import Corpus, validated


@dataclass(frozen=True)
class Retuning:
    """What would change."""

    changes: pl.DataFrame
    """Rows of CHANGE: every readable document."""
    text_would_change: bool
    """The recipe also changes how text and signals are made, which nobody can know beforehand."""

    def figures(self, most_examples: int) -> dict[str, Any]:
        """Return counts and examples as JSON values."""
        kept_now, kept_then = self.changes["kept_now"], self.changes["kept_then"]
        return {
            "documents": self.changes.height,
            "kept_now": int(kept_now.sum()),
            "kept_then": int(kept_then.sum()),
            "newly_kept": int((kept_then & ~kept_now).sum()),
            "newly_dropped": int((kept_now & ~kept_then).sum()),
            "text_would_change": self.text_would_change,
            "by_source_and_language": self.by("source", "language").to_dicts(),
            "by_reason": count_reasons(self.changes).to_dicts(),
            "examples_newly_kept": self.examples(most_examples, kept=True).to_dicts(),
            "examples_newly_dropped": self.examples(most_examples, kept=False).to_dicts(),
        }

    def by(self, *columns: str) -> pl.DataFrame:
        """Count what is kept now and then."""
        return count_changes(self.changes, columns)

    def examples(self, most: int, *, kept: bool) -> pl.DataFrame:
        """Return documents that would newly be kept, or dropped."""
        return examples(self.changes, kept_then=kept, most=most)


def retune(corpus: Corpus, corpus_file: Path, cleaned_text: ShardedTable) -> Retuning:
    """Put the recipe to the signals that are stored, without reading any text.

    Raises:
        NotMaterializedError: if nothing is cleaned yet.
        UnmeasuredError: if the recipe asks for a signal that was not measured.
        ConfigurationError: if a list of URLs cannot be read.
    """
    if not cleaned_text.versions:
        raise NotMaterializedError("cleaned_text has no shard yet: run 'llm-assets materialize'")
    urls = url_rules(corpus, corpus_file)
    parts = [pl.DataFrame(schema=CHANGE)]
    for shard in cleaned_text.shards:
        rows = cleaned_text.scan(shard)
        if rows is None:
            continue
        parts += [
            compare_verdicts(
                rows, [s.name for s in corpus.sources_of(kind)], judging_of(corpus, kind, urls)
            )
            for kind in corpus.kinds
        ]
    made = {text_part(entry.recipe_fingerprint) for entry in cleaned_text.versions.values()}
    return Retuning(pl.concat(parts), made != {text_fingerprint(corpus)})


def with_settings(corpus: Corpus, settings: Mapping[str, Any]) -> Corpus:
    """Return the corpus with other settings of `recipe.cleaning`; thresholds are added to its own.

    Raises:
        ConfigurationError: for a setting that breaks a rule of the corpus file.
    """
    cleaning = corpus.recipe.cleaning
    given = {k: v for k, v in settings.items() if v}
    if "thresholds" in given:
        given["thresholds"] = {**cleaning.thresholds, **given["thresholds"]}
    changed = validated(Cleaning, {**cleaning.model_dump(), **given})
    recipe = corpus.recipe.model_copy(update={"cleaning": changed})
    return corpus.model_copy(update={"recipe": recipe})
