"""The data card: a README.md in the form that dataset hubs read, and its sections."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from llm_assets.corpus.schema import SPLITS
from llm_assets.releases.manifest import Manifest

_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
_LARGER: Final = "n>1B"

_HUB_LICENSES: Final = frozenset(
    {
        *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "odc-by", "odbl", "pddl"),
        *("cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0"),
        *("cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-sa-4.0"),
    }
)
"""Licences that hubs know by name; any other is `other`."""

_DATA_FILES: Final = (("parquet", "data", "parquet"), ("jsonl", "jsonl", "jsonl.zst"))
"""Format, and the folder and suffix of its files in a copy."""


class Section(NamedTuple):
    """A heading, and paragraphs or list entries below it, as plain text."""

    title: str
    paragraphs: list[str]
    entries: Sequence[str] = ()


def readme(manifest: Manifest) -> str:
    """Return the README.md of an exported release: a head for machines, then the card."""
    lines = ["---", *_head(manifest), "---", "", f"# {_plain(_name(manifest))}", ""]
    for section in data_card(manifest):
        lines += [f"## {section.title}", ""]
        for paragraph in section.paragraphs:
            lines += [_plain(paragraph), ""]
        lines += [f"- {_plain(entry)}" for entry in section.entries]
        lines += [""] if section.entries else []
    return "\n".join(lines)


def data_card(manifest: Manifest) -> Iterator[Section]:
    """Yield what the figures say under the headings of dataset cards. What nobody knows is out."""
    documents = sum(split.documents for split in manifest.splits.values())
    tokens = sum(split.tokens for split in manifest.splits.values())
    about = (
        f"{documents:,} documents, {tokens:,} tokens, from {len(_used(manifest))} sources in "
        f"{len(manifest.languages)} languages. Release {manifest.version} of "
        f"{manifest.created_at}; its content is named {manifest.content_hash}."
    )
    yield Section("Dataset Description", [about, *([manifest.notes] if manifest.notes else [])])
    yield Section(
        "Uses",
        [
            "Training and evaluating language models. Validation and test are for measuring: no "
            "document of theirs, and none that the search for duplicates found similar to one, is "
            "in train."
        ],
    )
    yield Section("Dataset Structure", [_structure(manifest)], list(_splits(manifest)))
    yield Section("Source Data", [], list(_sources(manifest)))
    yield Section("Processing", [], list(_processing(manifest)))
    yield Section("Personal and Sensitive Information", _personal(manifest))
    yield Section("Bias, Risks and Limitations", _limits(manifest), list(_largest(manifest)))
    yield Section("Licensing Information", [], list(_licenses(manifest)))


def _name(manifest: Manifest) -> str:
    return f"{manifest.corpus} {manifest.version}"


def _head(manifest: Manifest) -> Iterator[str]:
    licenses = sorted({_hub_license(name) for name in manifest.licenses}) or ["other"]
    languages = sorted(name for name in manifest.languages if name.isalpha() and len(name) <= 3)
    documents = sum(split.documents for split in manifest.splits.values())
    yield f"pretty_name: {json.dumps(_name(manifest), ensure_ascii=False)}"
    yield from _yaml_list("license", licenses)
    if languages:
        yield from _yaml_list("language", languages)
    yield from _yaml_list("task_categories", ["text-generation"])
    yield from _yaml_list(
        "size_categories", [next((n for most, n in _SIZES if documents < most), _LARGER)]
    )
    for name, folder, suffix in _DATA_FILES:
        if name in manifest.formats:
            yield from _configs(manifest, folder, suffix)
            return


def _configs(manifest: Manifest, folder: str, suffix: str) -> Iterator[str]:
    """Name the files of each split that has rows: a loader refuses a split without any."""
    filled = [split for split in SPLITS if manifest.splits[split].sequences]
    if not filled:
        return
    yield "configs:"
    yield "- config_name: default"
    yield "  data_files:"
    for split in filled:
        yield f"  - split: {split}"
        yield f"    path: {folder}/{split}-*.{suffix}"


def _yaml_list(name: str, values: list[str]) -> Iterator[str]:
    yield f"{name}:"
    for value in values:
        yield f"- {json.dumps(value)}"


def _hub_license(name: str) -> str:
    return name.lower() if name.lower() in _HUB_LICENSES else "other"


def _structure(manifest: Manifest) -> str:
    form = (
        "a document with its end-of-document token"
        if manifest.sequence_length is None
        else f"{manifest.sequence_length:,} tokens of packed documents"
    )
    return (
        f"A sequence is {form}. Formats: {', '.join(manifest.formats)}. Tokenizer: "
        f"{manifest.tokenizer.kind}, {manifest.tokenizer.vocabulary_size:,} entries, stored as "
        f"{manifest.tokenizer.dtype}."
    )


def _splits(manifest: Manifest) -> Iterator[str]:
    padding = manifest.figures.get("training_split", {}).get("padding_by_split", {})
    for name in SPLITS:
        split = manifest.splits[name]
        share = padding.get(name, 0) / split.tokens if split.tokens else 0.0
        filled = f", {share:.2%} padding" if manifest.sequence_length is not None else ""
        yield (
            f"{name}: {split.documents:,} documents, {split.sequences:,} sequences, "
            f"{split.tokens:,} tokens{filled}"
        )


def _used(manifest: Manifest) -> list[Any]:
    return [source for source in manifest.sources if source.documents]


def _sources(manifest: Manifest) -> Iterator[str]:
    for source in _used(manifest):
        weight = "" if source.weight == 1.0 else f", weight {source.weight:g}"
        yield (
            f"{source.name} ({source.kind}, licence {source.license or 'not stated'}): "
            f"{source.documents:,} documents, {source.tokens:,} tokens{weight}"
        )


def _processing(manifest: Manifest) -> Iterator[str]:
    for before, after in zip(manifest.funnel, manifest.funnel[1:], strict=False):
        lost = before["documents"] - after["documents"]
        yield f"{after['stage']}: {after['documents']:,} documents, {lost:,} fewer than before"
    methods = manifest.figures.get("near_duplicates", {}).get("dropped_by_method", {})
    if methods:
        yield f"duplicates dropped: {_counted(methods)}"
    contamination = manifest.figures.get("contamination")
    if contamination is not None:
        found = contamination.get("documents_by_benchmark") or {}
        yield f"evaluation sets that were found in documents: {_counted(found) or 'none'}"
    else:
        yield "no evaluation set was looked for"


def _personal(manifest: Manifest) -> list[str]:
    figures = manifest.figures.get("cleaned_text", {})
    kinds = figures.get("redactions_by_kind", {})
    wanted = manifest.recipe.get("cleaning", {}).get("redact", [])
    if not wanted:
        return ["Nothing was redacted: texts are as their sources published them."]
    found = f" Replaced: {_counted(kinds)}." if kinds else " None was found."
    return [
        f"Looked for and replaced by placeholders: {', '.join(map(str, wanted))}.{found} Names of "
        "people, and what no pattern finds, are still there."
    ]


def _limits(manifest: Manifest) -> list[str]:
    unknown = manifest.licenses.get("unknown")
    missing = (
        []
        if unknown is None
        else [f"{unknown.documents:,} documents come from sources whose licence nobody stated."]
    )
    return [
        "The texts say what their authors said; nothing was checked for truth or fairness. "
        "Sources and languages weigh as follows.",
        *missing,
    ]


def _largest(manifest: Manifest) -> Iterator[str]:
    total = sum(count.tokens for count in manifest.languages.values())
    ranked = sorted(manifest.languages.items(), key=lambda item: (-item[1].tokens, item[0]))
    for name, count in ranked[:10]:
        yield f"{name}: {count.tokens / total if total else 0:.1%} of tokens"


def _licenses(manifest: Manifest) -> Iterator[str]:
    for name, count in sorted(manifest.licenses.items()):
        yield f"{name}: {count.documents:,} documents, {count.tokens:,} tokens"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


_MARKUP: Final = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*[]<>|#"} | {"\n": " ", "\r": " "}
)


def _plain(text: str) -> str:
    """Keep what a source or a person wrote from being markup."""
    return text.translate(_MARKUP)
