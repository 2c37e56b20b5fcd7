"""Reading NLTK's files gives what NLTK reads."""

from pathlib import Path

import nltk
import pytest
from nltk.corpus.reader import WordListCorpusReader
from nltk.tokenize import PunktTokenizer

from llm_assets.corpus.linguistic.nltk_resources import (
    DamagedNltkDataError,
    NltkData,
    WordNetForms,
    missing_resource,
    read_punkt,
    read_stop_words,
    read_wordnet,
)
from llm_assets.nltk_data import look_in
from llm_assets_tests.nltk_folders import STOP_WORDS, write_nltk_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_nltk_folder(tmp_path_factory.mktemp("nltk_data"))


@pytest.fixture
def data(folder: Path) -> NltkData:
    return look_in([folder])


def test_a_sentence_model_is_nltk_s(
    folder: Path, data: NltkData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nltk.data, "path", [str(folder)])
    theirs = PunktTokenizer("english")._params
    ours = read_punkt(data.punkt["english"])
    assert ours.abbrev_types == theirs.abbrev_types != set()
    assert ours.collocations == theirs.collocations
    assert ours.sent_starters == theirs.sent_starters
    assert ours.ortho_context == theirs.ortho_context != {}


def test_stop_words_are_nltk_s(
    folder: Path, data: NltkData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nltk.data, "path", [str(folder)])
    reader = WordListCorpusReader(nltk.data.find("corpora/stopwords"), ["english"])
    assert read_stop_words(data.stop_words["english"]) == set(reader.words()) == set(STOP_WORDS)


def test_a_dictionary_has_lemmas_and_irregular_forms(data: NltkData) -> None:
    assert data.wordnet is not None
    forms = read_wordnet(data.wordnet, "verb")
    assert isinstance(forms, WordNetForms)
    assert {"run", "leave"} < forms.lemmas
    assert all(lemma.isalpha() for lemma in forms.lemmas)  # no line of the preamble
    assert forms.irregular["ran"] == ["run"]


@pytest.mark.parametrize(
    ("kind", "language", "there"),
    [
        ("punkt", "en", True),
        ("punkt", "de", False),
        ("stop_words", "en", True),
        ("stop_words", "xx", False),
        ("wordnet", "en", True),
        ("wordnet", "de", False),
    ],
)
def test_what_there_is(data: NltkData, kind: str, language: str, there: bool) -> None:
    assert data.has(kind, language) is there  # type: ignore[arg-type]
    assert NltkData().has(kind, language) is False  # type: ignore[arg-type]


def test_a_message_names_resource_folders_and_remedy(data: NltkData, folder: Path) -> None:
    message = missing_resource("stop_words", "de", data)
    assert "corpora/stopwords/german" in message
    assert str(folder) in message
    assert "NLTK_DATA" in message
    assert "nltk.download('stopwords'" in message
    assert "tokenizers/punkt_tab/xx/" in missing_resource("punkt", "xx", NltkData())


def test_the_digest_names_the_content_of_what_is_used(tmp_path: Path) -> None:
    first = look_in([write_nltk_folder(tmp_path / "a")])
    second = look_in([write_nltk_folder(tmp_path / "b")])
    every = ("punkt", "stop_words", "wordnet")
    assert first.digest(every) == second.digest(every[::-1])
    (tmp_path / "b" / "corpora" / "stopwords" / "english").write_text("the\n")
    assert first.digest(every) != second.digest(every)
    assert first.digest(["punkt"]) == second.digest(["punkt"])
    (tmp_path / "b" / "corpora" / "wordnet" / "noun.exc").write_text("")
    assert first.digest(["wordnet"]) != second.digest(["wordnet"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ortho_context.tab", b"word\tmany\n"),
        ("ortho_context.tab", b"word\n"),
        ("abbrev_types.txt", b"\xff\xfe"),
    ],
)
def test_a_damaged_model_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    model = look_in([write_nltk_folder(tmp_path)]).punkt["english"]
    (tmp_path / "tokenizers" / "punkt_tab" / "english" / name).write_bytes(content)
    with pytest.raises(DamagedNltkDataError, match="punkt_tab/english"):
        read_punkt(model)
