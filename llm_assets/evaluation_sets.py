"""Reading the evaluation sets that a recipe names: JSONL, Parquet, CSV, TSV and plain text.

An item is a record: a JSON object, a row, or a line of a plain text. They are counted from 1.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from llm_assets.decontamination_recipe import Decontamination, EvaluationSet
from llm_assets.io.parquet_file import file_hash
from llm_assets.recipe import ConfigurationError, Corpus

Record = tuple[int, Any]
"""Where an item stands, as a line or row counted from 1, and what it holds."""

_COMPRESSED: Final = (".gz", ".bz2", ".zst")
_MOST_SHOWN: Final = 8

_ADDRESSES: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*://\S+\s*)+")
"""A value of nothing but URLs says where an item is from: half the web links to the same place."""


def check_evaluation_sets(corpus: Corpus, corpus_file: Path) -> None:
    """See to it that the evaluation sets of a recipe can be read.

    Raises:
        ConfigurationError: if one cannot; the message names file and line, and says what to do.
    """
    if corpus.recipe.decontaminate is not None:
        for each in corpus.recipe.decontaminate.sets:
            _read_set(each, corpus_file)


def read_evaluation_sets(decontamination: Decontamination, corpus_file: Path) -> pl.DataFrame:
    """Read the texts of all items.

    Args:
        decontamination: names the files, relative to the corpus file.
        corpus_file: the corpus file.

    Returns:
        Rows of EVALUATION_TEXTS, in the order of the sets and their items.

    Raises:
        ConfigurationError: for a file that cannot be read, a record that is broken, or one without
            a field that the recipe names.
    """
    return pl.concat([_read_set(each, corpus_file) for each in decontamination.sets])


def evaluation_set_versions(decontamination: Decontamination, corpus_file: Path) -> dict[str, str]:
    """Name the content of every set's file.

    Raises:
        ConfigurationError: for a file that cannot be read.
    """
    try:
        return {
            f"evaluation_set/{each.benchmark}": file_hash(corpus_file.parent / each.path)
            for each in decontamination.sets
        }
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: cannot be read: {error.strerror}") from None


def _read_set(evaluation_set: EvaluationSet, corpus_file: Path) -> pl.DataFrame:
    path = corpus_file.parent / evaluation_set.path
    try:
        state = path.stat()
        fields = None if evaluation_set.fields is None else tuple(evaluation_set.fields)
        texts = _texts_of(path, fields, state.st_size, state.st_mtime_ns)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{corpus_file}: recipe.decontaminate: there is no file {path}; give the path of an "
            "evaluation set, relative to the corpus file"
        ) from None
    except (OSError, pa.ArrowException) as error:
        raise ConfigurationError(f"{path}: cannot be read: {_first_line(error)}") from None
    return texts.select(pl.lit(evaluation_set.benchmark).alias("benchmark"), "item", "text")


@cache
def _texts_of(
    path: Path, fields: tuple[str, ...] | None, size: int, changed_at: int
) -> pl.DataFrame:
    """Read a file once for each state of it: a process looks at it again and again."""
    rows = [
        (item, text)
        for item, (place, record) in enumerate(_records(path), start=1)
        for text in _chosen(path, place, record, fields)
    ]
    if not rows:
        raise ConfigurationError(f"{path}: holds no text: an evaluation set has items with words")
    return pl.DataFrame(rows, {"item": pl.UInt32, "text": pl.String}, orient="row")


def _records(path: Path) -> Iterator[Record]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = next((suffix for suffix in reversed(suffixes) if suffix not in _COMPRESSED), "")
    reader = _READERS.get(kind)
    if reader is None:
        raise ConfigurationError(
            f"{path}: the name says nothing of the format: let it end in one of "
            f"{', '.join(_READERS)}, with {', '.join(_COMPRESSED)} behind it where it is compressed"
        )
    return reader(path)


def _read_bytes(path: Path) -> bytes:
    with pa.input_stream(str(path), compression="detect") as stream:
        return bytes(stream.read())


def _read_text(path: Path) -> str:
    payload = _read_bytes(path)
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = payload.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path}:{line}: is not UTF-8: save it in that encoding") from None


def _lines(path: Path) -> Iterator[Record]:
    for number, line in enumerate(_read_text(path).removesuffix("\n").split("\n"), start=1):
        yield number, line.removesuffix("\r")


def _json_lines(path: Path) -> Iterator[Record]:
    for number, line in _lines(path):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ConfigurationError(
                    f"{path}:{number}: is no JSON: {_first_line(error)}; JSONL has one record a "
                    "line"
                ) from None


def _separated(path: Path, delimiter: str) -> Iterator[Record]:
    rows = csv.DictReader(io.StringIO(_read_text(path), newline=""), delimiter=delimiter)
    try:
        for row in rows:
            if None in row:
                raise ConfigurationError(
                    f"{path}:{rows.line_num}: has more values than the {len(rows.fieldnames or ())}"
                    f" columns of the first line: put values with '{delimiter}' in quotes"
                )
            yield rows.line_num, row
    except csv.Error as error:
        raise ConfigurationError(
            f"{path}:{rows.line_num + 1}: is no CSV that can be read: {error}; save it as JSONL"
        ) from None


def _parquet(path: Path) -> Iterator[Record]:
    with pq.ParquetFile(path) as file:
        place = 0
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                place += 1
                yield place, row


_READERS: Final[dict[str, Callable[[Path], Iterator[Record]]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": _parquet,
    ".csv": lambda path: _separated(path, ","),
    ".tsv": lambda path: _separated(path, "\t"),
    ".txt": _lines,
}


def _chosen(path: Path, place: int, record: Any, fields: Sequence[str] | None) -> Iterator[str]:
    """Yield the texts of a record."""
    if fields is None:
        yield from _strings(record)
        return
    known = record if isinstance(record, dict) else {}
    for name in fields:
        if name not in known:
            there = ", ".join(list(known)[:_MOST_SHOWN]) or "none"
            raise ConfigurationError(
                f"{path}:{place}: has no field '{name}': its fields are {there}"
            )
        yield from _strings(known[name])


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings in a JSON value, however deep, in order."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if not _ADDRESSES.fullmatch(each):
                # What JSON writes as half a surrogate pair is no text that a document could hold.
                yield each.encode("utf-8", "replace").decode()
        elif isinstance(each, dict):
            waiting.extend(reversed(each.values()))
        elif isinstance(each, list):
            waiting.extend(reversed(each))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).partition("\n")[0]
