"""The environment variables, their defaults, and what is said of wrong values."""

import os
from pathlib import Path

import pytest

from llm_assets.recipe import ConfigurationError
from llm_assets.settings import Settings, load_settings


def test_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3}, raising=False)
    assert load_settings({}) == Settings(
        corpus_file=tmp_path / "corpus.yaml",
        home=tmp_path / ".llm-assets",
        store=str(tmp_path / ".llm-assets" / "store"),
        postgres_url=None,
        workers=2,
    )


def test_the_environment_says_otherwise(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "LLM_ASSETS_CORPUS": "/x/my.yaml",
            "LLM_ASSETS_HOME": "/y",
            "LLM_ASSETS_STORE": "s3://bucket/prefix",
            "LLM_ASSETS_POSTGRES_URL": "postgresql://u:secret@h/d",
            "LLM_ASSETS_WORKERS": "3",
        }
    )
    assert settings == Settings(
        Path("/x/my.yaml"), Path("/y"), "s3://bucket/prefix", "postgresql://u:secret@h/d", 3
    )
    assert settings.dagster_home == Path("/y/dagster")
    assert settings.postgres_data == Path("/y/postgres")
    assert "secret" not in repr(settings)


def test_a_corpus_file_that_is_named_comes_before_the_environment(tmp_path: Path) -> None:
    settings = load_settings({"LLM_ASSETS_CORPUS": "/x/my.yaml"}, tmp_path / "other.yaml")
    assert settings.corpus_file == tmp_path / "other.yaml"
    assert settings.home == tmp_path / ".llm-assets"


def test_empty_variables_are_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("CORPUS", "HOME", "STORE", "POSTGRES_URL", "WORKERS")
    assert load_settings({f"LLM_ASSETS_{name}": "" for name in names}) == load_settings({})


def test_relative_paths_start_where_the_command_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster's processes have working directories of their own."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings(
        {"LLM_ASSETS_CORPUS": "c/corpus.yaml", "LLM_ASSETS_HOME": "h", "LLM_ASSETS_STORE": "s"}
    )
    assert settings.corpus_file == tmp_path / "c" / "corpus.yaml"
    assert settings.home == tmp_path / "h"
    assert settings.store == str(tmp_path / "s")


def test_the_user_s_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    settings = load_settings({"LLM_ASSETS_HOME": "~/h", "LLM_ASSETS_STORE": "~/s"})
    assert (settings.home, settings.store) == (Path("/home/me/h"), "/home/me/s")


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5", "2x"])
def test_a_wrong_number_of_workers_is_told_by_its_variable(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"LLM_ASSETS_WORKERS: must be a whole number"):
        load_settings({"LLM_ASSETS_WORKERS": value})


def test_the_process_s_own_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_ASSETS_WORKERS", "7")
    assert load_settings().workers == 7


def test_systems_that_do_not_tell_which_processors_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert load_settings({}).workers == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert load_settings({}).workers == 1
