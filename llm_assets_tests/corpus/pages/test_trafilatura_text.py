"""The main content of a page as trafilatura finds it."""

import sys
from importlib.util import find_spec

import pytest

from llm_assets.corpus.pages.trafilatura_text import load_trafilatura, trafilatura_text

SENTENCE = "The harbour committee agreed that the lighthouse should be repaired before winter. "


@pytest.mark.skipif(find_spec("trafilatura") is None, reason="an optional extra")
def test_text_is_found_by_the_library() -> None:
    html = f"<nav><a href=/>Home</a></nav><article><p>{SENTENCE * 4}</p></article>"
    assert trafilatura_text(html).strip() == (SENTENCE * 4).strip()
    assert trafilatura_text("") == ""


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    load_trafilatura.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"llm-assets\[trafilatura\]"):
        trafilatura_text("<p>a")
    monkeypatch.undo()
    load_trafilatura.cache_clear()
