"""Our side of end_to_end.py: the corpus file, the command, and what it says it kept."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

METHODS = {
    "ours": ("gopher@paper", "c4@tfds", "fineweb@0.10"),
    "ours datatrove's rules": ("gopher@datatrove-0.10", "c4@datatrove-0.10", "fineweb@0.10"),
}
"""Quality profiles by the name of the method; the second's are those of datatrove to the letter."""

_CORPUS = """
name: bench
shards: 4
sources: [{{name: bench, kind: web, location: {warc}/, license: unknown}}]
recipe:
  cleaning: {{languages: [en], filters: [{filters}]}}
  duplicates: {{profile: fineweb}}
  tokenizer: {{file: {tokenizer}}}
  formats: [megatron]
"""


def materialize_command(
    method: str, data: Path, work: Path, tokenizer: Path, postgres_url: str | None
) -> tuple[list[str], dict[str, str]]:
    """Write the corpus file; return the command and the variables it runs with."""
    corpus = work / "corpus.yaml"
    filters = ", ".join(METHODS[method])
    corpus.write_text(
        _CORPUS.format(warc=data / "warc", filters=filters, tokenizer=tokenizer.resolve())
    )
    command = [sys.executable, "-m", "llm_assets", "materialize", "--corpus", str(corpus), "--json"]
    settings = {"LLM_ASSETS_HOME": str(work / "home"), "PYTHONPATH": str(Path(__file__).parents[1])}
    if postgres_url is not None:
        settings["LLM_ASSETS_POSTGRES_URL"] = postgres_url
    return command, settings


def kept_and_tokens(output: str) -> tuple[int, int]:
    """Return the documents in the training split and its tokens, from the command's JSON."""
    figures = json.loads(output)["funnel"]
    return dict(figures["funnel"])["in the training split"], figures["tokens"]


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make a database on a server, yield its address, and drop it."""
    import psycopg

    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"drop database {name} with (force)")
