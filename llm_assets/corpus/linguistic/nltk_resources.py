"""NLTK's data files: which languages they serve, reading them, naming what is missing.

Files are read here, from paths that the caller gives, and not through `nltk.data`: that looks in
folders of its own choice, refuses others, and can unpickle. Three kinds of resource are used, in
the layout in which NLTK distributes them:

- `tokenizers/punkt_tab/<language>/`: a Punkt sentence model, four tables of text;
- `corpora/stopwords/<language>`: one word a line;
- `corpora/wordnet/`: WordNet's `index.*` and `*.exc` files, of English.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from llm_assets.corpus.identity import digest

if TYPE_CHECKING:  # NLTK takes a second to import: only where it is used
    from nltk.tokenize.punkt import PunktParameters

NLTK_LANGUAGES: Final = {
    "ar": "arabic",
    "az": "azerbaijani",
    "be": "belarusian",
    "bn": "bengali",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "he": "hebrew",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "kk": "kazakh",
    "ml": "malayalam",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sl": "slovene",
    "sq": "albanian",
    "sv": "swedish",
    "ta": "tamil",
    "tg": "tajik",
    "tr": "turkish",
    "uz": "uzbek",
}
"""ISO 639 code -> the name of the language's files in NLTK's data.

A language that is not here goes by its ISO code, so that files can be added for any.
"""

PUNKT_FILES: Final = (
    "abbrev_types.txt",
    "collocations.tab",
    "ortho_context.tab",
    "sent_starters.txt",
)

WORDNET_PARTS: Final = ("noun", "verb", "adj", "adv")
WORDNET_FILES: Final = tuple(
    name for part in WORDNET_PARTS for name in (f"index.{part}", f"{part}.exc")
)

ResourceKind = Literal["punkt", "stop_words", "wordnet"]

_PLACES: Final[Mapping[ResourceKind, tuple[str, str, str]]] = {
    "punkt": (
        "punkt_tab",
        "tokenizers/punkt_tab/{name}/",
        "'python -m llm_assets.punkt_models FOLDER' writes those of 19 languages",
    ),
    "stop_words": ("stopwords", "corpora/stopwords/{name}", "it is a file with a word a line"),
    "wordnet": ("wordnet", "corpora/wordnet/", "Debian's package wordnet-base has it too"),
}
"""What `nltk.download` calls the resource, where it belongs in a folder of NLTK data, and how to
come by it without a network."""


class MissingNltkDataError(Exception):
    """The recipe asks for what this installation lacks; the message says how to get it."""


class DamagedNltkDataError(Exception):
    """A resource is there and cannot be read; the message names the file."""


@dataclass(frozen=True)
class NltkData:
    """Where the resources are that were found, by NLTK's name of the language."""

    punkt: Mapping[str, Traversable] = field(default_factory=dict)
    stop_words: Mapping[str, Traversable] = field(default_factory=dict)
    wordnet: Traversable | None = None
    searched: Sequence[Path] = ()
    """The folders that were looked in, for messages."""

    def has(self, kind: ResourceKind, language: str) -> bool:
        """Tell whether there is a resource for a language (ISO 639)."""
        if kind == "wordnet":
            return language == "en" and self.wordnet is not None
        table = self.punkt if kind == "punkt" else self.stop_words
        return nltk_name(language) in table

    def digest(self, kinds: Iterable[ResourceKind]) -> str:
        """Name the content of all resources of these kinds, wherever they are."""
        return digest(part for kind in sorted(kinds) for part in self._contents(kind))

    def _contents(self, kind: ResourceKind) -> Iterator[str | bytes]:
        for place, path in self._files(kind):
            yield place
            yield path.read_bytes()

    def _files(self, kind: ResourceKind) -> Iterator[tuple[str, Traversable]]:
        if kind == "wordnet" and self.wordnet is not None:
            yield from ((f"wordnet/{name}", self.wordnet / name) for name in WORDNET_FILES)
        elif kind == "punkt":
            for language, folder in sorted(self.punkt.items()):
                yield from ((f"punkt/{language}/{name}", folder / name) for name in PUNKT_FILES)
        elif kind == "stop_words":
            yield from (
                (f"stop_words/{name}", path) for name, path in sorted(self.stop_words.items())
            )


def nltk_name(language: str) -> str:
    """Return what NLTK's files of a language (ISO 639) are called."""
    return NLTK_LANGUAGES.get(language, language)


def missing_resource(kind: ResourceKind, language: str, data: NltkData) -> str:
    """Say in one sentence what is missing, where it was looked for and how to get it."""
    download, place, without_network = _PLACES[kind]
    where = ", ".join(map(str, data.searched)) or "no folder"
    return (
        f"the language '{language}' needs {place.format(name=nltk_name(language))}, which is not "
        f"in {where}. Put it into a folder that NLTK_DATA names: nltk.download('{download}', "
        f"download_dir=...) gets it where there is a network; {without_network}."
    )


def read_stop_words(path: Traversable) -> frozenset[str]:
    """Read a list of stop words: one a line, as NLTK reads it."""
    return frozenset(line for line in _text(path).splitlines() if line.strip())


def read_punkt(folder: Traversable) -> "PunktParameters":
    """Read a Punkt sentence model."""
    from nltk.tabdata import PunktDecoder
    from nltk.tokenize.punkt import PunktParameters

    tables = {name: _text(folder / name) for name in PUNKT_FILES}
    decoder, parameters = PunktDecoder(), PunktParameters()
    try:
        parameters.abbrev_types = decoder.txt2set(StringIO(tables["abbrev_types.txt"]))
        parameters.sent_starters = decoder.txt2set(StringIO(tables["sent_starters.txt"]))
        parameters.collocations = set(decoder.tab2tups(StringIO(tables["collocations.tab"])))
        parameters.ortho_context = decoder.tab2intdict(StringIO(tables["ortho_context.tab"]))
    except ValueError as error:
        raise DamagedNltkDataError(f"{folder} is no Punkt model: {error}") from error
    return parameters


@dataclass(frozen=True)
class WordNetForms:
    """What lemmatizing needs of WordNet, for one part of speech."""

    lemmas: frozenset[str]
    irregular: Mapping[str, Sequence[str]]


def read_wordnet(folder: Traversable, part: str) -> WordNetForms:
    """Read WordNet's lemmas and irregular forms of a part of speech, one of WORDNET_PARTS.

    An index has the lemma in front of each line, and a preamble whose lines start with a space.
    """
    index = _text(folder / f"index.{part}").splitlines()
    irregular = (line.split() for line in _text(folder / f"{part}.exc").splitlines())
    return WordNetForms(
        lemmas=frozenset(line.split(" ", 1)[0] for line in index if line[:1] not in ("", " ")),
        irregular={form: lemmas for form, *lemmas in filter(None, irregular)},
    )


def _text(path: Traversable) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedNltkDataError(f"{path} cannot be read: {error}") from error
