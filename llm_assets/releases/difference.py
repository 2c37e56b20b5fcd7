"""What two releases differ in: parts, tokens, recipe, documents."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from llm_assets.releases.manifest import Manifest, Part
from llm_assets.releases.places import Release

_SIDES = ("before", "after")


@dataclass(frozen=True)
class RecipeChange:
    """One setting that differs."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """Two releases, side by side."""

    parts: dict[str, list[str]]
    """Shards that are `shared`, `changed`, `added` or `removed`."""
    mixture: pl.DataFrame
    """`split`, `source`, and documents and tokens `_before` and `_after`."""
    recipe: list[RecipeChange]
    documents: pl.DataFrame
    """`change` (added, removed, text_changed or split_changed), `source` and `doc_id`, of
    documents that differ."""


def compare_releases(before: Release, after: Release) -> Difference:
    """Compare two releases; only side tables of parts that differ are read."""
    old, new = (_by_shard(release.manifest) for release in (before, after))
    parts = compare_parts(before.manifest, after.manifest)
    differing = {*parts["changed"], *parts["added"], *parts["removed"]}
    return Difference(
        parts=parts,
        mixture=_compare_mixtures(before.manifest, after.manifest),
        recipe=list(_compare_settings(_settings(before.manifest), _settings(after.manifest))),
        documents=_compare_documents(
            _documents(before, (part for shard, part in old.items() if shard in differing)),
            _documents(after, (part for shard, part in new.items() if shard in differing)),
        ),
    )


def compare_parts(before: Manifest, after: Manifest) -> dict[str, list[str]]:
    """Sort shards by what became of their parts."""
    old, new = _by_shard(before), _by_shard(after)
    both = old.keys() & new.keys()
    shared = {shard for shard in both if old[shard].version == new[shard].version}
    return {
        "shared": sorted(shared),
        "changed": sorted(both - shared),
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
    }


def _by_shard(manifest: Manifest) -> dict[str, Part]:
    return {part.shard: part for part in manifest.parts}


def _compare_mixtures(before: Manifest, after: Manifest) -> pl.DataFrame:
    sides = (
        pl.DataFrame(
            [(r.split, r.source, r.documents, r.tokens) for r in manifest.mixture],
            schema={
                "split": pl.String,
                "source": pl.String,
                f"documents_{side}": pl.Int64,
                f"tokens_{side}": pl.Int64,
            },
            orient="row",
        )
        .group_by("split", "source")
        .sum()
        for side, manifest in zip(_SIDES, (before, after), strict=True)
    )
    old, new = sides
    numbers = [f"{name}_{side}" for name in ("documents", "tokens") for side in _SIDES]
    return (
        old.join(new, on=["split", "source"], how="full", coalesce=True)
        .select("split", "source", pl.col(numbers).fill_null(0))
        .sort("split", "source")
    )


def _settings(manifest: Manifest) -> dict[str, Any]:
    """Return all that a person sets, by dotted names."""
    sources = {
        source.name: source.model_dump(include={"kind", "location", "license", "weight"})
        for source in manifest.sources
    }
    tree = {
        "recipe": manifest.recipe,
        "sources": sources,
        "tokenizer": {"version": manifest.tokenizer.location.rstrip("/").rpartition("/")[2]},
    }
    return dict(_flat(tree, ""))


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _compare_settings(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[RecipeChange]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield RecipeChange(key, before.get(key), after.get(key))


def _documents(release: Release, parts: Iterable[Part]) -> pl.LazyFrame:
    columns = ("doc_id", "source", "text_hash", "split")
    empty = pl.LazyFrame(schema=dict.fromkeys(columns, pl.String))
    tables = [release.scan_documents(part).select(columns).unique() for part in parts]
    return pl.concat([empty, *tables])


def _compare_documents(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """Return the documents that came, went, or are another text or in another split.

    A document of which only the repeats differ is the same.
    """
    known = pl.col("text_hash").is_not_null()
    new = pl.col("text_hash_new").is_not_null()
    change = (
        pl.when(~known)
        .then(pl.lit("added"))
        .when(~new)
        .then(pl.lit("removed"))
        .when(pl.col("text_hash") != pl.col("text_hash_new"))
        .then(pl.lit("text_changed"))
        .when(pl.col("split") != pl.col("split_new"))
        .then(pl.lit("split_changed"))
    )
    return (
        before.join(after, on="doc_id", how="full", coalesce=True, suffix="_new")
        .select(change=change, source=pl.coalesce("source", "source_new"), doc_id="doc_id")
        .drop_nulls("change")
        .sort("change", "source", "doc_id")
        .collect(engine="streaming")
    )
