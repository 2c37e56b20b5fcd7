"""The `decontaminate` section of a recipe: evaluation sets that must not be trained on."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from llm_assets.recipe_model import Model, mistake

Action = Literal["drop", "cut"]

BENCHMARK_NAME: Final = r"^[a-z0-9][a-z0-9_]{0,49}$"
"""How an evaluation set is named: the name is part of a reason in the ledger."""

_GENERIC: Final = frozenset(
    {"data", "dev", "eval", "questions", "test", "train", "val", "valid", "validation"}
)
"""File names that say which part of an evaluation set it is, and not which set."""


# What a JSON Schema says of the members of an object holds for objects alone, so that an editor
# checks either form.
def _or_path(schema: dict[str, Any]) -> None:
    schema["type"] = ["object", "string"]


def _or_sets(schema: dict[str, Any]) -> None:
    schema["type"] = ["object", "array"]
    schema["items"] = schema["properties"]["sets"]["items"]


class EvaluationSet(Model):
    """A file of an evaluation set: JSONL, Parquet, CSV, TSV or plain text, one item a record.

    The path alone stands for a set without further settings.
    """

    model_config = ConfigDict(json_schema_extra=_or_path)

    path: Annotated[str, Field(min_length=1)]
    """The file, relative to this file. It may be compressed by gzip, bzip2 or zstd."""
    name: Annotated[str, Field(pattern=BENCHMARK_NAME)] | None = None
    """What the ledger and reports call it; from the file's name, or from its folder's where that
    says only which part it is (`gsm8k/test.jsonl`), when absent."""
    fields: Annotated[list[str], Field(min_length=1)] | None = None
    """Fields or columns with the text of an item; all that hold text when absent."""

    @model_validator(mode="before")
    @classmethod
    def _path_alone(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @property
    def benchmark(self) -> str:
        """The name in force."""
        return self.name or benchmark_name(self.path)


class Decontamination(Model):
    """Documents that hold items of evaluation sets (docs/decontamination.md).

    A list of files alone stands for these sets and the defaults of the other settings.
    """

    model_config = ConfigDict(json_schema_extra=_or_sets)

    sets: Annotated[list[EvaluationSet], Field(min_length=1)]
    """The evaluation sets."""
    ngram_words: Annotated[int, Field(ge=5, le=100)] = 13
    """How many words in a row a document must share with an item (GPT-3: 13). An item's text with
    fewer, but at least 8, is looked for as a whole."""
    action: Action = "drop"
    """`drop`: leave the document out; `cut`: take the lines around what matches out of it."""
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Least share of a document's words that must match for anything to be done; at 0 one match is
    enough."""

    @model_validator(mode="before")
    @classmethod
    def _sets_alone(cls, value: Any) -> Any:
        return {"sets": value} if isinstance(value, list) else value

    @field_validator("sets")
    @classmethod
    def _unique_names(cls, value: list[EvaluationSet]) -> list[EvaluationSet]:
        for index, name in _repeated(each.benchmark for each in value):
            raise mistake(
                f"'{name}' is the name of another set too: give each a 'name' of its own", index
            )
        return value


def benchmark_name(path: str) -> str:
    """Return the name of a set from its file's path, such as `gsm8k` for `gsm8k/test.jsonl.gz`."""
    file = PurePosixPath(path)
    stem = _plain(file.name.partition(".")[0])
    if stem in _GENERIC and (folder := _plain(file.parent.name)):
        return folder
    return stem or "evaluation"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50]


def _repeated(names: Iterable[str]) -> Iterable[tuple[int, str]]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield index, name
        seen.add(name)
