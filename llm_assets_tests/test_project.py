"""Promises about the project's files that no other tool checks."""

import re
import tomllib
from pathlib import Path

from llm_assets.recipe import load_corpus

CHECKOUT = Path(__file__).resolve().parents[1]


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    text = (CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = [re.split(r"[\[<>=;, ]", line, maxsplit=1)[0] for line in wanted]
    assert [name for name in names if name not in text] == []


def test_links_in_the_documents_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md")]
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_sample_corpus_is_valid_and_small() -> None:
    corpus = load_corpus(CHECKOUT / "samples" / "corpus.yaml")
    assert len(corpus.sources) > 10
    size = sum(path.stat().st_size for path in (CHECKOUT / "samples").rglob("*") if path.is_file())
    assert size < 15_000_000


def test_lock_files_name_no_place() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "sqlalchemy==2.0." in text
