"""Small corpora of bundled texts, and running the command on them as a user would."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

from llm_assets.corpus.tokenization.tokenizer_training import train_tokenizer
from llm_assets.io.catalog import Catalog

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "samples"

CORPUS = """
name: small
shards: 4
sources:
  - {name: pages, kind: web, location: ./pages/, license: public-domain}
  - {name: books, kind: books, location: ./books/, license: CC0-1.0}
recipe:
  tokenizer: {file: ./tokenizer.json}
  split: {train: 0.6, validation: 0.2, test: 0.2}
"""


@dataclass(frozen=True)
class SmallCorpus:
    """A folder with a corpus file and sources, its state, and a database of its own."""

    folder: Path
    database_url: str
    store: str

    def environment(self, **more: str) -> dict[str, str]:
        values = {
            "LLM_ASSETS_CORPUS": str(self.folder / "corpus.yaml"),
            "LLM_ASSETS_HOME": str(self.folder / "state"),
            "LLM_ASSETS_STORE": self.store,
            "LLM_ASSETS_POSTGRES_URL": self.database_url,
            "LLM_ASSETS_WORKERS": "1",
            "PYTHONPATH": str(CHECKOUT),
        }
        return {**os.environ, **values, **more}

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command(arguments),
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def materialize(self, **more: str) -> dict[str, Any]:
        done = self.run("materialize", "--json", **more)
        assert done.returncode == 0, done.stderr
        outcome: dict[str, Any] = json.loads(done.stdout)
        return outcome

    def versions(self, asset: str) -> dict[str, str]:
        current = Catalog(self.database_url, "small").current(asset)
        return {shard: entry.version for shard, entry in current.items()}

    def kept_page(self) -> Path:
        """Return a web page that is in the training split."""
        return self.documents("verdict = 'keep'")[0]

    def documents(self, condition: LiteralString) -> list[Path]:
        """Return the web pages of which the ledger says this."""
        with Catalog(self.database_url, "small").connect() as connection:
            rows = connection.execute(
                "select object_uri from llm_assets.document_ledger "
                "where source = 'pages' and " + condition + " order by object_uri"
            )
            return [Path(row["object_uri"]) for row in rows]


def command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "llm_assets", *arguments]


def write_small_corpus(folder: Path, database_url: str, store: str | None = None) -> SmallCorpus:
    """Lay out nine web pages, two books in chapters and one plain book."""
    (folder / "pages").mkdir(parents=True)
    (folder / "books").mkdir()
    pages = sorted((SAMPLES / "congress").rglob("*.htm"))[:9]
    for page in pages:
        shutil.copy(page, folder / "pages" / page.name)
    books = [
        *sorted((SAMPLES / "standard-ebooks").glob("*.epub"), key=lambda p: p.stat().st_size)[:2],
        *sorted((SAMPLES / "aozora").glob("*.txt"))[:1],
    ]
    for book in books:
        shutil.copy(book, folder / "books" / book.name)
    (folder / "corpus.yaml").write_text(CORPUS)
    words = [page.read_text(encoding="utf-8", errors="replace") for page in pages[:3]]
    (folder / "tokenizer.json").write_text(train_tokenizer(words, 512, "<|endoftext|>"))
    return SmallCorpus(folder, database_url, store or str(folder / "store"))
