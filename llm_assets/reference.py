"""The reference pages, written from the code: `python -m llm_assets.reference --write`."""

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import polars as pl
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from llm_assets.cleaning_recipe import Cleaning, OwnRule, UrlLists
from llm_assets.corpus import schema
from llm_assets.corpus.contamination.contaminated_documents import CONTAMINATION
from llm_assets.corpus.contamination.evaluation_index import EVALUATION_NGRAMS
from llm_assets.corpus.labelled.labelled_set import SET_DOCUMENTS
from llm_assets.corpus.linguistic.linguistics import LINGUISTIC
from llm_assets.corpus.passages.repeated_passages import REPEATED_PASSAGES
from llm_assets.corpus.passages.repeated_substrings import REPEATED_SUBSTRINGS
from llm_assets.corpus.site_lines import SITE_LINES
from llm_assets.corpus.training.mixture import MIXTURE
from llm_assets.decontamination_recipe import Decontamination, EvaluationSet
from llm_assets.duplicates_recipe import Duplicates
from llm_assets.labelled_recipe import Chat, LabelledSet
from llm_assets.linguistics_recipe import Linguistics
from llm_assets.passages_recipe import Passages, Substrings
from llm_assets.recipe import (
    Corpus,
    Recipe,
    Source,
)
from llm_assets.records_recipe import Fields
from llm_assets.tokenizer_recipe import TokenizerChoice, TokenizerTraining
from llm_assets.training_recipe import FillInTheMiddle, Mixture, Packing, SplitShares

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The file", Corpus),
    ("sources[]", Source),
    ("sources[].fields", Fields),
    ("recipe", Recipe),
    ("recipe.cleaning", Cleaning),
    ("recipe.cleaning.urls", UrlLists),
    ("recipe.cleaning.rules[]", OwnRule),
    ("recipe.duplicates", Duplicates),
    ("recipe.decontaminate", Decontamination),
    ("recipe.decontaminate.sets[]", EvaluationSet),
    ("recipe.passages", Passages),
    ("recipe.substrings", Substrings),
    ("recipe.tokenizer", TokenizerChoice),
    ("recipe.tokenizer.train", TokenizerTraining),
    ("recipe.split", SplitShares),
    ("recipe.mixture", Mixture),
    ("recipe.packing", Packing),
    ("recipe.fill_in_the_middle", FillInTheMiddle),
    ("recipe.linguistics", Linguistics),
    ("recipe.labelled[]", LabelledSet),
    ("recipe.labelled[].chat", Chat),
)

_TABLES: tuple[tuple[str, pl.Schema, str], ...] = (
    ("raw_web, raw_books, raw_records", schema.RAW, "One row: one document as collected."),
    ("cleaned_text", schema.CLEANED, "One row: one collected record with its verdict."),
    ("near_duplicates", schema.DUPLICATES, "One row: one kept document with a duplicate."),
    ("tokenized_corpus", schema.TOKENIZED, "One row: one kept document's token ids."),
    (
        "training_split: train, validation, test .parquet",
        schema.TRAINING_PART,
        "One row: one training sequence.",
    ),
    (
        "training_split: train, validation, test .parquet, where there is `recipe.packing`",
        schema.PACKED_PART,
        "One row: one training sequence.",
    ),
    (
        "mixture, where there is a token budget",
        MIXTURE,
        "One row: one document of the train split whose source has a budget.",
    ),
    ("training_split: documents.parquet", schema.TRAINING_DOCUMENTS, "One row: one token range."),
    ("document_ledger", schema.LEDGER, "One row: one document ever seen."),
    (
        "site_boilerplate, where `recipe.cleaning.lines` names it",
        SITE_LINES,
        "One row: one line that a site repeats.",
    ),
    (
        "evaluation_ngrams, where there is `recipe.decontaminate`",
        EVALUATION_NGRAMS,
        "One row: one n-gram of an evaluation set.",
    ),
    (
        "contamination, where there is `recipe.decontaminate`",
        CONTAMINATION,
        "One row: one kept document that was looked through.",
    ),
    (
        "repeated_passages, where there is `recipe.passages`",
        REPEATED_PASSAGES,
        "One row: one document with passages that another document keeps.",
    ),
    (
        "repeated_substrings, where there is `recipe.substrings`",
        REPEATED_SUBSTRINGS,
        "One row: one place of one of the largest repeated spans.",
    ),
    (
        "linguistic_analysis, where there is `recipe.linguistics`",
        LINGUISTIC,
        "One row: one kept document's words and sentences.",
    ),
    (
        "labelled_dataset: documents.parquet, where there is `recipe.labelled`",
        SET_DOCUMENTS,
        "One row: one document of the set's sources, and what became of it.",
    ),
)


def configuration_page() -> str:
    """Return docs/configuration.md: every key of corpus.yaml."""
    lines = [
        "# corpus.yaml",
        "",
        "Generated from `llm_assets/recipe.py` and the modules of its sections; `make docs` writes "
        "it anew. `llm-assets schema` prints the same as JSON Schema.",
    ]
    for title, model in _SECTIONS:
        lines += ["", f"## {title}", "", inspect.cleandoc(model.__doc__ or ""), ""]
        lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
        lines += [_row(name, info) for name, info in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def columns_page() -> str:
    """Return docs/columns.md: every column of every asset."""
    lines = [
        "# Columns",
        "",
        "Generated from `llm_assets/corpus/schema.py`; `make docs` writes it anew.",
    ]
    for title, table, about in _TABLES:
        lines += ["", f"## {title}", "", about, "", "| column | type |", "|---|---|"]
        lines += [f"| `{name}` | {kind} |" for name, kind in table.items()]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """Return docs/cli.md: the help of every command."""
    from typer.main import get_command

    from llm_assets.cli import app

    group = get_command(app)
    lines = [
        "# llm-assets",
        "",
        "Generated from `llm_assets/cli.py`; `make docs` writes it anew.",
    ]
    for name, command in _commands(group, "llm-assets"):
        lines += ["", f"## {name}", "", (command.help or "").strip()]
        if command.params:
            lines += ["", "| option | meaning |", "|---|---|"]
            lines += [_option(parameter) for parameter in command.params]
    return "\n".join(lines) + "\n"


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield every command below a group with its full name, a group before its own."""
    for own, command in sorted(group.commands.items()):
        yield f"{name} {own}", command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} {own}")


def _option(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    text = (getattr(parameter, "help", None) or "").replace("|", "\\|")
    return f"| {names} | {text} |"


def _row(name: str, info: FieldInfo) -> str:
    default = "required" if info.is_required() else f"`{_default(info)}`"
    meaning = (info.description or "").replace("\n", " ").replace("|", "\\|")
    return f"| `{name}` | {_type(info.annotation)} | {default} | {meaning} |"


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "{}"
    return "null" if value is None else str(value)


def _type(annotation: Any) -> str:
    return " or ".join(dict.fromkeys(_names(annotation)))


def _names(annotation: Any) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        yield f"list of {_type(arguments[0])}"
    elif origin is not None and str(origin) == "typing.Literal":
        yield ", ".join(f"`{value}`" for value in arguments)
    elif hasattr(annotation, "__metadata__"):
        yield from _names(arguments[0])
    elif arguments:
        for each in arguments:
            if each is not type(None):
                yield from _names(each)
    else:
        yield {"str": "text", "int": "integer", "float": "number", "bool": "true, false"}.get(
            annotation.__name__, "mapping"
        )


PAGES = {
    "configuration.md": configuration_page,
    "columns.md": columns_page,
    "cli.md": cli_page,
}


def main() -> int:
    """Write the pages, or tell which of them are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--write", action="store_true", help="write the pages")
    group.add_argument("--check", action="store_true", help="exit 1 if a page is stale")
    parser.add_argument("--folder", type=Path, default=Path("docs"))
    options = parser.parse_args()
    stale = []
    for name, page in PAGES.items():
        path, text = options.folder / name, page()
        if options.write:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
    for path in stale:
        sys.stderr.write(f"{path} is stale: run 'make docs'\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
