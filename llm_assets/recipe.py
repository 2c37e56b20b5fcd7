"""corpus.yaml -> a frozen, validated `Corpus`: its sources, and the recipe that changes bytes.

What stands here decides what the corpus contains; where and how it runs is said elsewhere
(`resources.py`, `dagster.yaml`). Each stage's part of the recipe has a fingerprint: rows made under
the same fingerprint from the same input are the same rows.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml.comments import CommentedMap

from llm_assets.cleaning_recipe import REASON, Cleaning, Profile, Redaction
from llm_assets.corpus.part_formats.part import TrainingFormat
from llm_assets.corpus_file import YamlMistakeError, mistakes, plain, read_yaml
from llm_assets.decontamination_recipe import BENCHMARK_NAME, Decontamination
from llm_assets.duplicates_recipe import Duplicates
from llm_assets.formats.record_fields import RecordFields, TextFormat
from llm_assets.labelled_recipe import LABEL_NAME, LabelledSets, check_set_sources
from llm_assets.linguistics_recipe import Linguistics
from llm_assets.passages_recipe import Passages, Substrings
from llm_assets.recipe_model import LANGUAGE, Model, mistake
from llm_assets.records_recipe import Fields, record_fields
from llm_assets.tokenizer_recipe import TokenizerChoice
from llm_assets.training_recipe import FillInTheMiddle, Mixture, Packing, SplitShares

Kind = Literal["web", "books", "records"]
Format = Literal[
    "html",
    "xhtml",
    "warc",
    "wet",
    "text",
    "epub",
    "jsonl",
    "json",
    "csv",
    "tsv",
    "parquet",
]

FORMATS_OF_KIND: dict[Kind, tuple[Format, ...]] = {
    "web": ("html", "xhtml", "warc", "wet"),
    "books": ("text", "epub", "xhtml", "html"),
    "records": ("jsonl", "json", "csv", "tsv", "parquet"),
}


_SOURCE_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_CORPUS_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
_SPELLINGS = {
    REASON: "must be lower-case letters, digits and _, at most 63, a letter in front",
    _SOURCE_NAME: "must be lower-case letters, digits, - and _, at most 63, no - or _ in front",
    _CORPUS_NAME: "must be letters, digits, -, _ and ., at most 63, a letter or digit in front",
    BENCHMARK_NAME: "must be lower-case letters, digits and _, at most 50, no _ in front",
    LABEL_NAME: "must not be empty, nor hold quotes, backslashes or control characters",
    LANGUAGE: "must be an ISO 639 code of two or three lower-case letters, such as en",
}


M = TypeVar("M", bound=BaseModel)


class ConfigurationError(Exception):
    """The corpus file is missing or wrong; the message names file, line, field and fix."""


class Source(Model):
    """One place that documents come from."""

    name: Annotated[str, Field(pattern=_SOURCE_NAME)]
    """Names the source in the graph, the ledger and every document id: keep it for ever."""
    kind: Kind
    """What the objects hold: `web` pages, `books`, or `records`: rows of reviews, news, posts."""
    location: Annotated[str, Field(min_length=1)]
    """A folder, a glob (`./pages/**/*.html`) or `s3://bucket/prefix/`, relative to this file."""
    format: Format | None = None
    """How to read the objects; guessed from each object's name when absent."""
    fields: Fields | None = None
    """Of records: where the parts of a document stand in a row; told by their names when absent."""
    text_format: TextFormat | None = None
    """Of records: whether the text is `plain`, as when absent, or `html`."""
    license: str | None = None
    """The licence of the texts, as an SPDX id or `public-domain`; carried to the ledger."""
    language: Annotated[str, Field(pattern=LANGUAGE)] | None = None
    """A hint for pages that declare no language (ISO 639)."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Share in the training mixture: 2 repeats every document, 0.5 samples half of them."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens of this source in the train split, in place of a weight (docs/training-split.md)."""
    priority: int = 0
    """Of duplicates in two sources the one with the higher priority is kept."""
    protected: bool = False
    """Never drop a document of this source as a duplicate of another source's."""
    filters: list[Profile] | None = None
    """Quality profiles for this source; the recipe's when absent."""
    redact: list[Redaction] | None = None
    """Personal data to replace in this source; the recipe's when absent, nothing when empty."""

    @model_validator(mode="after")
    def _format_fits_kind(self) -> Self:
        allowed = FORMATS_OF_KIND[self.kind]
        if self.format is not None and self.format not in allowed:
            raise mistake(
                f"'{self.format}' does not go with kind '{self.kind}': use one of "
                f"{', '.join(allowed)}",
                "format",
            )
        return self

    @model_validator(mode="after")
    def _fields_are_of_records(self) -> Self:
        for name in ("fields", "text_format"):
            if self.kind != "records" and getattr(self, name) is not None:
                raise mistake(f"goes with kind 'records', not with '{self.kind}'", name)
        by_position = self.fields is not None and self.record_fields.by_position
        if by_position and self.format not in ("csv", "tsv"):
            raise mistake("[0], [1], ... are values of a table: say format: csv or tsv", "fields")
        return self

    @property
    def record_fields(self) -> RecordFields:
        """Where the parts of a document stand in a row, as readers take it."""
        return record_fields(self.fields, self.text_format)


class Recipe(Model):
    """Everything that changes the bytes of the corpus, stage by stage."""

    cleaning: Cleaning = Cleaning()
    """How documents become text, and which are kept."""
    duplicates: Duplicates = Duplicates()
    """Which documents are duplicates, and which of them stays."""
    decontaminate: Decontamination | None = None
    """Evaluation sets whose items must not be trained on: a list of files, or a mapping."""
    passages: Passages | None = None
    """Lines or paragraphs to cut because another document has them."""
    substrings: Substrings | None = None
    """A report on spans of tokens that stand in several places."""
    tokenizer: TokenizerChoice = TokenizerChoice.model_validate({})
    """The vocabulary."""
    split: SplitShares = SplitShares()
    """How documents are dealt to train, validation and test."""
    mixture: Mixture = Mixture()
    """Token budgets of the train split."""
    packing: Packing | None = None
    """Sequences of one length; absent: a sequence is a document."""
    fill_in_the_middle: FillInTheMiddle | None = None
    """Spans moved to the end of documents, to be filled in; absent: none."""
    formats: Annotated[list[TrainingFormat], Field(min_length=1)] = ["megatron", "parquet"]
    """What `training_split` writes."""
    linguistics: Linguistics | None = None
    """Words, stems and sentences of kept documents, by NLTK (docs/linguistics.md)."""

    @field_validator("formats")
    @classmethod
    def _formats_once(cls, value: list[TrainingFormat]) -> list[TrainingFormat]:
        for index, name in enumerate(value):
            if name in value[:index]:
                raise mistake(f"'{name}' is named twice: leave one out", index)
        return value

    labelled: LabelledSets = []
    """Fine-tuning sets: documents with a label (docs/labelled-datasets.md)."""


class Corpus(Model):
    """A corpus file: what to read, and the recipe."""

    name: Annotated[str, Field(pattern=_CORPUS_NAME)] = "corpus"
    """Names the corpus in reports."""
    shards: int = 4
    """A power of two up to 4096; about total raw bytes / 1 GiB."""
    sources: Annotated[list[Source], Field(min_length=1)]
    """Where documents come from."""
    recipe: Recipe = Recipe()
    """What becomes of them: everything that changes the bytes of the result."""

    @field_validator("shards")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if not 1 <= value <= 4096 or value & (value - 1):
            raise mistake(f"must be a power of two from 1 to 4096, not {value}")
        return value

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, value: list[Source]) -> list[Source]:
        seen: dict[str, str] = {}
        for index, name in enumerate(source.name for source in value):
            # Dagster's names have no hyphen, so that a-b and a_b would be one there.
            other = seen.setdefault(name.replace("-", "_"), name)
            if index >= len(seen):
                raise mistake(
                    f"'{name}' is taken by another source ('{other}'): give each its own name, "
                    "in which - and _ count as the same",
                    index,
                    "name",
                )
        return value

    @model_validator(mode="after")
    def _budgets_fit(self) -> Self:
        for index, source in enumerate(self.sources):
            if source.tokens is not None and source.weight != 1.0:
                at = ("sources", index, "tokens")
                raise mistake("give either 'weight' or 'tokens', not both", *at)
        own = sum(source.tokens or 0 for source in self.sources)
        total = self.recipe.mixture.tokens
        if total is not None and own > total:
            raise mistake(
                f"is less than what sources ask for by themselves: use at least {own}",
                *("recipe", "mixture", "tokens"),
            )
        return self

    @model_validator(mode="after")
    def _sets_have_sources(self) -> Self:
        check_set_sources(self.recipe.labelled, [source.name for source in self.sources])
        return self

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
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path}:{line}: is not UTF-8: save it in that encoding") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        document = read_yaml(text)
        return Corpus.model_validate(plain(document))
    except YamlMistakeError as error:
        found = [(error.line, str(error))]
    except ValidationError as error:
        found = mistakes(document, error, Corpus, _SPELLINGS)
    raise ConfigurationError("\n".join(f"{path}:{line}: {message}" for line, message in found))


def validated(model: type[M], values: dict[str, Any]) -> M:
    """Build a part of the recipe from settings that were given outside the corpus file.

    Raises:
        ConfigurationError: with a line for each setting that breaks a rule.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [message for _, message in mistakes(CommentedMap(), error, model, _SPELLINGS)]
        raise ConfigurationError("\n".join(lines)) from None


def corpus_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a corpus file, for editors."""
    schema = Corpus.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def fingerprint(
    *parts: BaseModel | str | float | Sequence[str] | None, libraries: Sequence[str] = ()
) -> str:
    """Name what a stage does: its settings, its code version and the libraries that shape bytes.

    Args:
        parts: settings and code versions, in a fixed order.
        libraries: distributions whose release may change the stage's output.

    Raises:
        TypeError: for a value that has no single JSON form.
        ValueError: for a number that has none.
    """
    settings = [
        part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in parts
    ]
    content = [settings, {name: _release(name) for name in libraries}]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()


@cache
def _release(library: str) -> str:
    return version(library)
