"""What the commands about releases do, once their options are read. Each returns its exit code."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast, get_args

from rich.markup import escape

from llm_assets.command_line import CHECKS_FAILED, DONE
from llm_assets.io.object_store import ObjectStore, explained, open_store
from llm_assets.recipe import ConfigurationError
from llm_assets.release_terminal import (
    count_table,
    difference_tables,
    origin_lines,
    release_table,
    working_on_bytes,
)
from llm_assets.releases.card.card_page import card_page
from llm_assets.releases.difference import Difference, compare_parts, compare_releases
from llm_assets.releases.manifest import FileFormat, Manifest
from llm_assets.releases.places import (
    Release,
    is_address,
    manifest_key,
    release_at,
    stored_release,
    stored_releases,
)
from llm_assets.settings import Settings, load_settings
from llm_assets.terminal import LOG, OUT, bytes_shown, print_error, print_json

_OF_THE_LEDGER: Final = ("title", "url", "object_uri", "locator", "license", "language")


def run_create(corpus: Path | None, version: str | None, notes: str, as_json: bool) -> int:
    """Freeze the corpus, and tell the UI."""
    import dagster as dg

    from llm_assets.assets.corpus_release import report_release, timestamp
    from llm_assets.releases.creation import create_release
    from llm_assets.resources import CatalogResource, StoreResource
    from llm_assets.runtime import platform

    with platform(corpus) as running:
        settings = running.settings
        creation = create_release(
            running.corpus,
            settings.corpus_file,
            StoreResource(place=settings.store, cache=str(settings.home / "cache")),
            CatalogResource(postgres_url=running.postgres_url, corpus=running.corpus.name),
            now=timestamp,
            version=version,
            notes=notes,
        )
        if creation.is_new:
            with dg.DagsterInstance.get() as instance:
                report_release(creation, instance)
    manifest, store = creation.release.manifest, creation.release.store
    if as_json:
        print_json(_summary(manifest) | {"is_new": creation.is_new, "checks": creation.checks})
        return DONE
    if not creation.is_new:
        OUT.print(
            f"Release [bold]{manifest.version}[/bold] of {manifest.created_at} has this very "
            "content: no other was made.",
            highlight=False,
        )
        return DONE
    OUT.print(f"Release [bold]{manifest.version}[/bold] is made.", highlight=False)
    OUT.print(count_table("Tokens by source", "source", _by_source(manifest)))
    OUT.print(count_table("Tokens by split", "split", manifest.splits))
    OUT.print(
        f"{len(creation.checks)} checks hold. {escape(store.uri(manifest_key(manifest.version)))}",
        highlight=False,
        soft_wrap=True,
    )
    return DONE


def run_list(corpus: Path | None, as_json: bool) -> int:
    """List the releases of the store."""
    releases = [
        release.manifest for release in stored_releases(_store(load_settings(None, corpus)))
    ]
    rows = [
        _summary(m) | {"shared_bytes": s} for m, s in zip(releases, _shared(releases), strict=True)
    ]
    if as_json:
        print_json(rows)
    elif rows:
        OUT.print(release_table(rows))
    else:
        LOG.print("There is no release yet: make one with 'llm-assets release create'.")
    return DONE


def run_diff(corpus: Path | None, before: str, after: str, examples: int, as_json: bool) -> int:
    """Compare two releases."""
    settings = load_settings(corpus_file=corpus)
    difference = compare_releases(_open(settings, before), _open(settings, after))
    if as_json:
        print_json(_difference_figures(difference, examples))
    else:
        for part in difference_tables(difference, examples):
            OUT.print(part, highlight=False)
    return DONE


def run_verify(corpus: Path | None, reference: str, as_json: bool) -> int:
    """Check every byte of a release; exit 3 if something is wrong."""
    from llm_assets.releases.verify import bytes_to_read, verify_release

    release = _open(load_settings(corpus_file=corpus), reference)
    files = sum(1 for _ in release.files()) + len(release.manifest.tokenizer.files)
    faults = []
    with working_on_bytes(f"verify {reference}", bytes_to_read(release)) as advance:
        for fault in verify_release(release, advance):
            faults.append(fault)
            print_error(f"{fault.file}: {fault.problem}", "not as released")
    if as_json:
        print_json(
            {
                "version": release.manifest.version,
                "content_hash": release.manifest.content_hash,
                "files": files,
                "bytes": bytes_to_read(release),
                "faults": [asdict(fault) for fault in faults],
            }
        )
    elif not faults:
        OUT.print(
            f"Release [bold]{release.manifest.version}[/bold] is as its manifest says: {files:,} "
            f"files, {bytes_shown(bytes_to_read(release))}, all hashes and counts.",
            highlight=False,
        )
    return CHECKS_FAILED if faults else DONE


def run_card(corpus: Path | None, reference: str, output: Path | None, as_json: bool) -> int:
    """Write the corpus card of a release."""
    release = _open(load_settings(corpus_file=corpus), reference)
    path = output or Path(f"{release.manifest.version}-card.html")
    with explained("write", path):
        path.write_text(card_page(release.manifest), encoding="utf-8")
    if as_json:
        print_json({"version": release.manifest.version, "card": str(path)})
    else:
        OUT.print(f"The card of {release.manifest.version} is in {escape(str(path))}.")
    return DONE


def run_register(corpus: Path | None, version: str, as_json: bool) -> int:
    """Show a release as Iceberg tables."""
    from llm_assets.releases.iceberg import open_catalog, register_release
    from llm_assets.runtime import platform

    with platform(corpus) as running:
        store = _store(running.settings)
        release = stored_release(store, version)
        tables = register_release(release, open_catalog(running.postgres_url, store, os.environ))
    if as_json:
        print_json([asdict(table) for table in tables])
        return DONE
    for table in tables:
        done = "registered" if table.is_new else "was registered before"
        OUT.print(
            f"{table.table}: {done}, {table.rows:,} rows in {table.files} files, tag {version}",
            highlight=False,
        )
    return DONE


def run_export(
    corpus: Path | None, reference: str, destination: str, formats: Sequence[str], as_json: bool
) -> int:
    """Copy a release."""
    from llm_assets.releases.export import bytes_to_copy, export_release, exported_manifest

    settings = load_settings(corpus_file=corpus)
    release = _open(settings, reference)
    wanted = _formats(formats)
    place = destination if "://" in destination else str(Path(destination).expanduser().absolute())
    total = bytes_to_copy(exported_manifest(release.manifest, wanted))
    target = open_store(place, settings.home / "cache")
    with working_on_bytes(f"export {reference}", total) as advance:
        exported = export_release(release, target, wanted, advance)
    if as_json:
        figures = {"copied": exported.copied, "found": exported.found, "place": place}
        print_json(_summary(exported.manifest) | figures)
    else:
        found = f", {exported.found:,} were there" if exported.found else ""
        OUT.print(
            f"Release [bold]{exported.manifest.version}[/bold] is in {escape(place)}: "
            f"{exported.copied:,} files copied{found}, {bytes_shown(total)}, every hash checked.",
            highlight=False,
            soft_wrap=True,
        )
    return DONE


def run_why_token(corpus: Path | None, address: str, as_json: bool) -> int:
    """Tell where a token of a release came from."""
    from llm_assets.releases.decoder import open_decoder
    from llm_assets.releases.token_origin import read_address, token_origin

    token = read_address(address)
    settings = load_settings(corpus_file=corpus)
    release = _open(settings, token.release)
    origin = token_origin(release, open_decoder(release), token.split, token.offset)
    known: Mapping[str, Any] = {}
    if origin.doc_id is not None and not is_address(token.release):
        known = _in_the_ledger(settings, origin.doc_id)
    story = {**origin.to_json(), **{name: known[name] for name in known if known[name]}}
    if as_json:
        print_json(story)
    else:
        for line in origin_lines(story):
            OUT.print(line, highlight=False, soft_wrap=True)
    return DONE


def _in_the_ledger(settings: Settings, doc_id: str) -> Mapping[str, Any]:
    """Return what today's ledger says of a document of the past: nothing, if it is gone."""
    from llm_assets.runtime import platform
    from llm_assets.story import Ledger, NoLedgerError

    if not settings.corpus_file.is_file():
        return {}
    with platform(settings.corpus_file) as running:
        try:
            rows = Ledger(running.catalog, running.corpus).find(doc_id)
        except NoLedgerError:
            return {}
    found = next((row for row in rows if row["doc_id"] == doc_id), None)
    return {} if found is None else {name: found[name] for name in _OF_THE_LEDGER}


def _store(settings: Settings) -> ObjectStore:
    return open_store(settings.store, settings.home / "cache")


def _open(settings: Settings, reference: str) -> Release:
    """Open a release by its version in this corpus's store, or by its address."""
    if is_address(reference):
        return release_at(reference, settings.home / "cache")
    return stored_release(_store(settings), reference)


def _formats(names: Sequence[str]) -> list[FileFormat]:
    known = [name for name in get_args(FileFormat) if name != "documents"]
    for name in names:
        if name not in known:
            raise ConfigurationError(f"--format is one of {', '.join(known)}, not '{name}'")
    return [cast(FileFormat, name) for name in names]


def _summary(manifest: Manifest) -> dict[str, Any]:
    """Return what a line of `release list` says."""
    return {
        "version": manifest.version,
        "created_at": manifest.created_at,
        "content_hash": manifest.content_hash,
        "notes": manifest.notes,
        "documents": sum(split.documents for split in manifest.splits.values()),
        "tokens": sum(split.tokens for split in manifest.splits.values()),
        "splits": {name: split.model_dump() for name, split in manifest.splits.items()},
        "formats": manifest.formats,
        "bytes": manifest.size_bytes,
    }


def _shared(releases: Sequence[Manifest]) -> list[int]:
    """Return for each release the bytes of the parts that the one before it has as well."""
    shared = [0] if releases else []
    for before, after in pairwise(releases):
        same = set(compare_parts(before, after)["shared"])
        shared.append(
            sum(file.bytes for part in after.parts if part.shard in same for file in part.files)
        )
    return shared


def _by_source(manifest: Manifest) -> dict[str, Any]:
    return {source.name: source for source in manifest.sources}


def _difference_figures(difference: Difference, examples: int) -> dict[str, Any]:
    documents = difference.documents
    return {
        "parts": difference.parts,
        "mixture": difference.mixture.to_dicts(),
        "recipe": [asdict(change) for change in difference.recipe],
        "documents": documents.group_by("change", "source")
        .len("documents")
        .sort("change", "source")
        .to_dicts(),
        "examples": documents.group_by("change", maintain_order=True).head(examples).to_dicts(),
    }
