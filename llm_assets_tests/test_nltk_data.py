"""Which NLTK data is found, and where."""

import shutil
from pathlib import Path

import nltk
import pytest

from llm_assets import nltk_data
from llm_assets.corpus.linguistic.linguist import Linguist, LinguisticPlan
from llm_assets.corpus.linguistic.nltk_resources import DamagedNltkDataError, read_stop_words
from llm_assets.nltk_data import describe_nltk_data, find_nltk_data, look_in, nltk_data_folders
from llm_assets.services.process import ServiceError
from llm_assets_tests.nltk_folders import write_nltk_folder


@pytest.fixture
def no_other_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide what this machine happens to have."""
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk_data, "_WORDNET_OF_DEBIAN", tmp_path / "none")


def zipped(folder: Path, name: str) -> None:
    """Put a resource into an archive, as `nltk.download` leaves it."""
    source = folder / name
    shutil.make_archive(str(source), "zip", source.parent, source.name)
    shutil.rmtree(source)


def test_variable_first_then_nltk_s_own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nltk.data, "path", ["/usr/share/nltk_data", "/a"])
    folders = nltk_data_folders({"NLTK_DATA": "/a:/b:"})
    assert folders == [Path("/a"), Path("/b"), Path("/usr/share/nltk_data")]
    assert nltk_data_folders({}) == [Path("/usr/share/nltk_data"), Path("/a")]


@pytest.mark.parametrize("archives", [False, True])
def test_a_folder_s_resources_are_found_and_read(tmp_path: Path, archives: bool) -> None:
    write_nltk_folder(tmp_path)
    if archives:
        for name in ("tokenizers/punkt_tab", "corpora/stopwords", "corpora/wordnet"):
            zipped(tmp_path, name)
    data = look_in([tmp_path])
    assert (list(data.punkt), list(data.stop_words)) == (["english"], ["english"])
    plan = LinguisticPlan(languages=("en",), word_form="lemma")
    reduce = Linguist(plan, data).tools("en").reduce
    assert reduce is not None
    assert reduce("wolves") == "wolf"
    assert data.digest(plan.resources) == look_in([tmp_path]).digest(plan.resources)


def test_archives_and_folders_have_one_digest(tmp_path: Path) -> None:
    plain, packed = (write_nltk_folder(tmp_path / name) for name in ("plain", "packed"))
    zipped(packed, "corpora/wordnet")
    kinds = ("punkt", "stop_words", "wordnet")
    assert look_in([plain]).digest(kinds) == look_in([packed]).digest(kinds)  # type: ignore[arg-type]


def test_the_first_folder_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "first", write_nltk_folder(tmp_path / "second")
    (first / "corpora" / "stopwords").mkdir(parents=True)
    (first / "corpora" / "stopwords" / "english").write_text("mine\n")
    data = look_in([tmp_path / "none", first, second])
    assert read_stop_words(data.stop_words["english"]) == {"mine"}
    assert list(data.punkt) == ["english"]
    assert data.wordnet == second / "corpora" / "wordnet"


def test_incomplete_resources_are_not_there(tmp_path: Path) -> None:
    write_nltk_folder(tmp_path)
    (tmp_path / "tokenizers" / "punkt_tab" / "english" / "sent_starters.txt").unlink()
    (tmp_path / "corpora" / "wordnet" / "index.adv").unlink()
    data = look_in([tmp_path])
    assert data.punkt == {}
    assert data.wordnet is None


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "stopwords.zip").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DamagedNltkDataError, match=r"stopwords\.zip cannot be opened"):
        look_in([tmp_path])


@pytest.mark.usefixtures("no_other_data")
def test_without_any_folder_there_are_the_stop_words_of_postgresql() -> None:
    data = find_nltk_data({})
    assert {"english", "german", "russian", "turkish"} <= set(data.stop_words)
    assert {"the", "of", "and"} <= read_stop_words(data.stop_words["english"])
    assert data.punkt == {}
    assert data.wordnet is None


@pytest.mark.usefixtures("no_other_data")
def test_a_folder_s_lists_go_before_those_of_postgresql(tmp_path: Path) -> None:
    data = find_nltk_data({"NLTK_DATA": str(write_nltk_folder(tmp_path))})
    assert "don't" in read_stop_words(data.stop_words["english"])
    assert "german" in data.stop_words


@pytest.mark.usefixtures("no_other_data")
def test_postgresql_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise ServiceError("not installed", "install it")

    monkeypatch.setattr(nltk_data, "find_programs", missing)
    assert find_nltk_data({}).stop_words == {}


@pytest.mark.usefixtures("no_other_data")
def test_a_dictionary_of_the_system_serves_where_no_folder_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_nltk_folder(tmp_path)
    monkeypatch.setattr(nltk_data, "_WORDNET_OF_DEBIAN", tmp_path / "corpora" / "wordnet")
    assert find_nltk_data({}).wordnet == tmp_path / "corpora" / "wordnet"


def test_a_description_is_one_line(tmp_path: Path) -> None:
    told = describe_nltk_data(look_in([write_nltk_folder(tmp_path)]))
    assert told == "sentence models: english; stop words: english; WordNet: yes"
    assert (
        describe_nltk_data(look_in([])) == "sentence models: none; stop words: none; WordNet: none"
    )
