"""What `llm-assets doctor` looks at: is everything here that a run will need, and if not, what to do.

Each check tries the thing itself (connects, writes, starts) rather than asking about it. No message
holds a secret.
"""

import glob
import re
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from llm_assets.recipe import ConfigurationError, Corpus, load_corpus

_MIN_FREE_BYTES = 2 << 30
_PROBE = b"llm-assets doctor\n"
_SECRET_IN_URL = re.compile(r"(?<=://)([^/@:\s]*):([^/\s]*)@")
_SECRET_WORD = re.compile(r"(?i)\b(password|passfile|sslpassword)(\s*=\s*)('[^']*'|[^&\s]+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `fix` says what to do where it is not in order."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


class _Trouble(Exception):
    def __init__(self, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix


def run_checks(
    corpus_path: Path, home: Path, store: str, postgres_url: str | None
) -> list[Finding]:
    """Check the installation of one corpus.

    Args:
        corpus_path: the corpus file.
        home: the folder of local state.
        store: where large files go: a folder or `s3://bucket/prefix`.
        postgres_url: the database; None stands for the embedded server.
    """
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", check_python),
        ("packages", check_packages),
        ("home", lambda: check_home(home)),
        ("disk", lambda: check_disk(home)),
        ("PostgreSQL", lambda: check_postgres(postgres_url, home)),
        ("object store", lambda: check_store(store)),
    ]
    findings = [_find(name, check) for name, check in checks]
    try:
        corpus = load_corpus(corpus_path)
    except ConfigurationError as error:
        return [*findings, Finding("corpus file", False, str(error), "Correct the corpus file.")]
    findings.append(Finding("corpus file", True, f"{corpus_path}: {len(corpus.sources)} sources"))
    return findings + list(_source_findings(corpus, corpus_path))
