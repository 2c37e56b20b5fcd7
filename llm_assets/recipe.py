"""corpus.yaml -> a frozen, validated `Corpus`: its sources, and the recipe that changes bytes.

What stands here decides what the corpus contains; where and how it runs is said elsewhere
(`resources.py`, `dagster.yaml`). Each stage's part of the recipe has a fingerprint: rows made under
the same fingerprint from the same input are the same rows.
"""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from llm_assets.corpus.filters import PROFILE_NAMES

Kind = Literal["web", "books"]
Format = Literal["html", "xhtml", "warc", "wet", "text", "epub"]
Redaction = Literal["email", "phone", "ip"]
TrainingFormat = Literal["megatron", "parquet"]
KeepRule = Literal["source_priority", "quality", "length", "oldest"]

FORMATS_OF_KIND: dict[Kind, tuple[Format, ...]] = {
    "web": ("html", "xhtml", "warc", "wet"),
    "books": ("text", "epub", "xhtml", "html"),
}


class ConfigurationError(Exception):
    """The corpus file is missing or wrong; the message names file, line, field and fix."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Source(_Model):
    """One place that documents come from."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    """Names the source in the graph, the ledger and every document id: keep it for ever."""
    kind: Kind
    """What the objects hold: `web` pages or `books`."""
    location: Annotated[str, Field(min_length=1)]
    """A folder, a glob (`./pages/**/*.html`) or `s3://bucket/prefix/`, relative to this file."""
    format: Format | None = None
    """How to read the objects; guessed from each object's name when absent."""
    license: str | None = None
    """The licence of the texts, as an SPDX id or `public-domain`; carried to the ledger."""
    language: str | None = None
    """A hint for pages that declare no language (ISO 639)."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Share in the training mixture: 2 repeats every document, 0.5 samples half of them."""
    priority: int = 0
    """Of duplicates in two sources the one with the higher priority is kept."""
    protected: bool = False
    """Never drop a document of this source as a duplicate of another source's."""
    filters: list[str] | None = None
    """Quality profiles for this source; the recipe's when absent."""

    @field_validator("filters")
    @classmethod
    def _known_filters(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else _known_profiles(value)

    @model_validator(mode="after")
    def _format_fits_kind(self) -> Self:
        allowed = FORMATS_OF_KIND[self.kind]
        if self.format is not None and self.format not in allowed:
            raise ValueError(
                f"format '{self.format}' does not go with kind '{self.kind}': use one of "
                f"{', '.join(allowed)}"
            )
        return self


def _known_profiles(names: list[str]) -> list[str]:
    for name in names:
        if name not in PROFILE_NAMES:
            known = ", ".join(sorted(PROFILE_NAMES))
            raise ValueError(f"'{name}' is not a known quality profile: use some of {known}")
    return names


class Cleaning(_Model):
    """How a collected document becomes text, and which texts are kept."""

    extractor: Literal["default", "all-text"] = "default"
    """`default`: the main content of a page; `all-text`: all of it, navigation included."""
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = []
    """Keep these languages (ISO 639) only; all when empty."""
    language_score: Annotated[float, Field(ge=0, le=1)] = 0.65
    """Least confidence of the language identification (FineWeb: 0.65)."""
    filters: list[str] = ["gopher@paper", "fineweb@2024-05"]
    """Quality profiles that web pages must pass, in this order."""
    book_filters: list[str] = ["books@1"]
    """Quality profiles that books must pass: the web's limits on length do not fit them."""
    redact: list[Redaction] = ["email", "phone", "ip"]
    """Personal data replaced by placeholders."""

    @field_validator("filters", "book_filters")
    @classmethod
    def _known_filters(cls, value: list[str]) -> list[str]:
        return _known_profiles(value)


class Duplicates(_Model):
    """Which of several equal documents stays."""

    profile: Literal["exact"] = "exact"
    """`exact`: documents whose cleaned text is the same."""
    keep: list[KeepRule] = ["source_priority", "quality", "length"]
    """What decides between duplicates, in this order; then the smallest doc_id."""


class TokenizerTraining(_Model):
    """A byte-level BPE vocabulary trained on a sample of the corpus."""

    vocabulary_size: Annotated[int, Field(ge=260, le=1_000_000)] = 32_000
    """Entries of the vocabulary, the 256 bytes and the special token included."""
    sample_bytes: Annotated[int, Field(ge=1_000)] = 64_000_000
    """How much text to learn from; documents are drawn by hash, so the sample is reproducible."""


class TokenizerChoice(_Model):
    """Where the tokenizer comes from: trained on the corpus, or a file."""

    train: TokenizerTraining | None = None
    """Train one. It is trained once and then kept, so that later changes re-tokenize nothing."""
    file: str | None = None
    """A Hugging Face `tokenizer.json`, relative to this file."""
    end_of_document: str = "<|endoftext|>"
    """The special token after every document."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.train is not None and self.file is not None:
            raise ValueError("give either 'train' or 'file', not both")
        return self

    @property
    def training(self) -> TokenizerTraining:
        """The training settings in force where no file is given."""
        return self.train or TokenizerTraining()


class SplitShares(_Model):
    """How documents are dealt to train, validation and test: by a salted hash of their group."""

    train: Annotated[float, Field(ge=0, le=1)] = 0.98
    validation: Annotated[float, Field(ge=0, le=1)] = 0.01
    test: Annotated[float, Field(ge=0, le=1)] = 0.01
    seed: int = 0
    """Salt of the hash that assigns and shuffles."""

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train + validation + test must be 1, not {total:g}")
        return self


class Recipe(_Model):
    """Everything that changes the bytes of the corpus, stage by stage."""

    cleaning: Cleaning = Cleaning()
    duplicates: Duplicates = Duplicates()
    tokenizer: TokenizerChoice = TokenizerChoice()
    split: SplitShares = SplitShares()
    formats: Annotated[list[TrainingFormat], Field(min_length=1)] = ["megatron", "parquet"]
    """What `training_split` writes."""


class Corpus(_Model):
    """A corpus file: what to read, and the recipe."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")] = "corpus"
    """Names the corpus in reports."""
    shards: int = 4
    """A power of two up to 4096; about total raw bytes / 1 GiB."""
    sources: Annotated[list[Source], Field(min_length=1)]
    """Where documents come from."""
    recipe: Recipe = Recipe()

    @field_validator("shards")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if not 1 <= value <= 4096 or value & (value - 1):
            raise ValueError(f"must be a power of two from 1 to 4096, not {value}")
        return value

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, value: list[Source]) -> list[Source]:
        names = [source.name for source in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named '{name}': give each its own name")
        return value

    def sources_of(self, kind: Kind) -> list[Source]:
        """Return the sources of one kind, in the order of their names."""
        return sorted((s for s in self.sources if s.kind == kind), key=lambda s: s.name)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that some source has, in flow order."""
        return [kind for kind in FORMATS_OF_KIND if self.sources_of(kind)]


def load_corpus(path: Path) -> Corpus:
    """Read and validate a corpus file.

    Raises:
        ConfigurationError: if the file is missing, is no YAML or breaks a rule; the message has a
            line for each mistake: file, line, field, what is wrong and what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: there is no such corpus file. Write one with 'llm-assets init', or name "
            "yours with --corpus FILE or LLM_ASSETS_CORPUS."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    if not isinstance(document, CommentedMap):
        raise ConfigurationError(f"{path}:1: a corpus file is a mapping with the key 'sources'")
    try:
        return Corpus.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(_explain(path, document, error)) from error


def corpus_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a corpus file, for editors."""
    schema = Corpus.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _explain(path: Path, document: CommentedMap, error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False):
        location = item["loc"]
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "is no known key here" + _suggest(location)
        elif item["type"] == "missing":
            message = "is required"
        given = item["input"]
        shown = f" (given: {given!r})" if isinstance(given, str | int | float) else ""
        lines.append(f"{path}:{_line_of(document, location)}: {_dotted(location)}: {message}{shown}")
    return "\n".join(lines)


def _dotted(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "file"


def _line_of(document: Any, location: Sequence[str | int]) -> int:
    """Return the 1-based line of the deepest part of `location` that stands in the file."""
    line = 0
    node = document
    for part in location:
        try:
            if isinstance(node, CommentedMap) and part in node:
                line = node.lc.key(part)[0]
            elif isinstance(node, CommentedSeq) and isinstance(part, int):
                line = node.lc.item(part)[0]
            else:
                break
            node = node[part]
        except (KeyError, IndexError):
            break
    return int(line) + 1


def _suggest(location: Sequence[str | int]) -> str:
    """Name the nearest known key, or list those that may stand there."""
    import difflib

    known = _keys_at(location[:-1])
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    if near:
        return f": did you mean '{near[0]}'?"
    return f": known are {', '.join(known)}"


def _keys_at(location: Sequence[str | int]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "": Corpus,
        "sources": Source,
        "recipe": Recipe,
        "recipe.cleaning": Cleaning,
        "recipe.duplicates": Duplicates,
        "recipe.tokenizer": TokenizerChoice,
        "recipe.tokenizer.train": TokenizerTraining,
        "recipe.split": SplitShares,
    }
    path = ".".join(str(part) for part in location if not isinstance(part, int))
    return list(models[path].model_fields)


def fingerprint(*parts: BaseModel | str | float | None | Sequence[str], libraries: Sequence[str] = ()) -> str:
    """Name what a stage does: its settings, its code version and the libraries that shape bytes.

    Args:
        parts: settings and code versions, in a fixed order.
        libraries: distributions whose release may change the stage's output.

    Raises:
        TypeError: for a value that has no single JSON form.
    """
    plain = [part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in parts]
    content = [plain, {name: version(name) for name in sorted(libraries)}]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()
