"""What `llm-assets doctor` looks at: is everything here that a run needs, and if not, what to do.

Each check tries the thing itself (connects, writes, starts) rather than asking about it. No message
holds a secret.
"""

import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from llm_assets.nltk_data import describe_nltk_data, find_nltk_data
from llm_assets.recipe import ConfigurationError, Corpus, Source, load_corpus
from llm_assets.services.probes import mask_url, probe_postgres, probe_s3
from llm_assets.services.process import ServiceError

_MIN_FREE_BYTES = 2 << 30
_PROBE = b"llm-assets doctor\n"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `fix` says what to do where it is not in order."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def run_checks(
    corpus_path: Path, home: Path, store: str, postgres_url: str | None
) -> list[Finding]:
    """Check what the runs of one corpus need.

    Args:
        corpus_path: the corpus file.
        home: the folder of local state.
        store: where large files go: a folder or `s3://bucket/prefix`.
        postgres_url: the database; None stands for the embedded server.
    """
    findings = [
        _finding("versions", check_versions),
        _finding("home", lambda: check_home(home)),
        _finding("PostgreSQL", lambda: check_postgres(postgres_url, home)),
        _finding("object store", lambda: check_store(store)),
    ]
    try:
        corpus = load_corpus(corpus_path)
    except ConfigurationError as error:
        fix = f"Correct {corpus_path}, or name another file with --corpus."
        return [*findings, Finding("corpus file", False, str(error), fix)]
    shown = f"{corpus_path}: {len(corpus.sources)} sources, {corpus.shards} shards"
    return [
        *findings,
        Finding("corpus file", True, shown),
        *_recipe(corpus, corpus_path),
        *_sources(corpus, corpus_path),
    ]


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except ServiceError as trouble:
        return Finding(name, False, trouble.cause, trouble.fix)
    except OSError as error:
        return Finding(name, False, str(error), "Give this user access to it.")


def check_versions() -> str:
    """The packages that other installations tend to change fit together.

    An installation without our bounds picks SQLAlchemy 2.1, with which Dagster's PostgreSQL storage
    loses its connections; parts of Dagster of different releases do not understand each other.
    """
    dagster = _version("dagster")
    library = (0, dagster[1] + 16, *dagster[2:])  # dagster 1.13.27 goes with libraries 0.29.27
    wanted = {
        **dict.fromkeys(("dagster-webserver", "dagster-graphql", "dagster-shared"), dagster),
        **dict.fromkeys(("dagster-postgres", "dagster-k8s"), library),
    }
    wrong = [
        f"{name}=={'.'.join(map(str, release))}"
        for name, release in wanted.items()
        if _version(name) != release
    ]
    if not (2, 0, 30) <= _version("sqlalchemy") < (2, 1):
        wrong.append("'sqlalchemy>=2.0.30,<2.1'")
    if _version("polars") < (2,):
        wrong.append("'polars>=2.1'")
    if wrong:
        raise ServiceError(
            f"{len(wrong)} packages do not fit the others", f"Run: pip install {' '.join(wrong)}"
        )
    shown = ", ".join(f"{name} {version(name)}" for name in ("dagster", "polars", "sqlalchemy"))
    return f"Python {sys.version.split()[0]}, {shown}"


def _version(name: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in re.findall(r"\d+", version(name))[:3])
    except PackageNotFoundError:
        raise ServiceError(f"{name} is not installed", f"Run: pip install {name}") from None


def check_home(home: Path) -> str:
    """Local state can be written, by nobody else, and has space."""
    detail = _check_folder(home, "LLM_ASSETS_HOME")
    if home.exists() and home.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ServiceError(
            f"other users may write to {home}, which holds the database and its password",
            f"Run: chmod go-w {home}",
        )
    return detail


def _check_folder(folder: Path, variable: str) -> str:
    """Write, rename and delete a file in the folder, or where it is going to be made."""
    place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as scratch:
            draft = Path(scratch, "draft")
            draft.write_bytes(_PROBE)
            draft.rename(draft.with_name("final")).unlink()
    except OSError as error:
        raise ServiceError(
            f"{folder} cannot be written: {error.strerror} ({place})",
            f"Give this user the right to write to {place}, or set {variable} to another folder.",
        ) from error
    free = shutil.disk_usage(place).free
    if free < _MIN_FREE_BYTES:
        raise ServiceError(
            f"the disk of {folder} has {free / 2**30:.1f} GiB left",
            f"Free some space, or set {variable} to a folder on another disk.",
        )
    made = "" if place == folder else ", will be made"
    return f"{folder}: {free / 2**30:.0f} GiB free{made}"


def check_postgres(url: str | None, home: Path) -> str:
    """The database answers, is recent, in UTF-8, and lets us make tables."""
    if url is not None:
        return f"{mask_url(url)}: {probe_postgres(url)}"
    with _embedded_postgres(home) as embedded:
        return f"embedded server: {probe_postgres(embedded)}"


@contextmanager
def _embedded_postgres(home: Path) -> Iterator[str]:
    """Start the server of this home; if it has none yet, one on the same disk for a trial."""
    from llm_assets.services.embedded_postgres import EmbeddedPostgres

    if (home / "postgres" / "PG_VERSION").exists():
        with EmbeddedPostgres(home / "postgres") as server:
            yield server.url
        return
    place = next(path for path in (home, *home.absolute().parents) if path.is_dir())
    with (
        tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as trial,
        EmbeddedPostgres(Path(trial, "postgres"), durable=False) as server,
    ):
        yield server.url


def check_store(store: str) -> str:
    """Large files can be written, read and deleted."""
    if not store.startswith("s3://"):
        return _check_folder(Path(store), "LLM_ASSETS_STORE")
    return probe_s3(store)


def _recipe(corpus: Corpus, corpus_path: Path) -> Iterator[Finding]:
    """The packages, lists and data that the recipe names are there."""
    yield _finding("recipe", partial(check_recipe, corpus, corpus_path))
    if corpus.recipe.linguistics is not None:
        yield Finding("NLTK data", True, describe_nltk_data(find_nltk_data()))


def check_recipe(corpus: Corpus, corpus_path: Path) -> str:
    """Optional packages are installed where they are asked for, and named files can be read."""
    # Not above: the quality profiles bring compiled kernels with them.
    from llm_assets.cleaning import check_extras, url_rules
    from llm_assets.evaluation_sets import check_evaluation_sets

    try:
        check_extras(corpus, corpus_path)
        lists = url_rules(corpus, corpus_path)
        check_evaluation_sets(corpus, corpus_path)
    except ConfigurationError as error:
        raise ServiceError(str(error), f"Do so, or correct {corpus_path}.") from error
    return "packages are there" + ("" if lists is None else ", lists of URLs can be read")


def _sources(corpus: Corpus, corpus_path: Path) -> Iterator[Finding]:
    for source in corpus.sources:
        check = partial(_check_source, source, corpus_path)
        yield _finding(f"source {source.name}", check)


def _check_source(source: Source, corpus_path: Path) -> str:
    """A local source has at least one file; others are looked at when they are read."""
    from llm_assets.sources.folder import FolderPlace
    from llm_assets.sources.objects import SourceError

    if "://" in source.location:
        return f"{mask_url(source.location)}: not looked into"
    fix = f"Correct 'location' of the source '{source.name}'; it is relative to {corpus_path}."
    place = FolderPlace(
        source.name, corpus_path.parent / source.location, known=dict, remember=lambda _: None
    )
    try:
        first = next(place.objects(), None)
    except (SourceError, OSError) as error:
        raise ServiceError(str(error), fix) from error
    if first is None:
        raise ServiceError(f"no file fits {source.location}", fix)
    return f"{source.location}: {first.key} and what follows it"
