"""Reading the documents and writing a file of vectors, with nothing but pyarrow.

The scripts that use it run in the environments of the original packages.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(__file__).parent


def read_documents() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each document."""
    table = pq.read_table(FOLDER / "documents.parquet", columns=["name", "text"])
    yield from zip(table["name"].to_pylist(), table["text"].to_pylist(), strict=True)


def write_vectors(
    profile: str, rows: Iterable[Mapping[str, Any]], packages: Iterable[str], **more: str
) -> None:
    """Write one row a document, with the versions that said so in the file's metadata."""
    versions = {name: version(name) for name in packages} | more
    table = pa.Table.from_pylist(list(rows)).replace_schema_metadata(versions)
    pq.write_table(
        table,
        FOLDER / "vectors" / f"{profile}.parquet",
        compression="zstd",
        compression_level=19,
        write_statistics=False,
    )


def short_hash(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
