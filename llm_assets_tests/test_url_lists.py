import gzip
from pathlib import Path

import pytest

from llm_assets.cleaning_recipe import UrlLists
from llm_assets.recipe import ConfigurationError
from llm_assets.url_lists import read_url_lists, url_lists_fingerprint

FIRST = "# the first\nexample.com\n\n  b.example.co.uk \n"


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    return tmp_path / "corpus.yaml"


def write(corpus_file: Path, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    (corpus_file.parent / "lists" / "a").write_bytes(data)
    return "lists/a"


def test_domains_are_read(corpus_file: Path) -> None:
    rules = read_url_lists(UrlLists(domains=write(corpus_file, FIRST)), corpus_file)
    assert rules.domains.sorted.to_list() == ["b.example.co.uk", "example.com"]
    assert rules.soft_word_threshold == 2
    assert len(rules.urls) == len(rules.hard_words) == len(rules.allowed_domains) == 0


@pytest.mark.parametrize(
    "content",
    [
        FIRST.replace("\n", "\r\n"),
        FIRST.rstrip("\n"),
        "\ufeff" + FIRST,
        "\ufeffexample.com\nb.example.co.uk",
        gzip.compress(FIRST.encode()),
    ],
    ids=["windows", "no end", "mark in front", "mark in front of bare domains", "compressed"],
)
def test_files_of_other_makers_are_read(content: str | bytes, corpus_file: Path) -> None:
    rules = read_url_lists(UrlLists(domains=write(corpus_file, content)), corpus_file)
    assert rules.domains.sorted.to_list() == ["b.example.co.uk", "example.com"]


def test_allowed_domains_are_read(corpus_file: Path) -> None:
    rules = read_url_lists(UrlLists(allowed_domains=write(corpus_file, FIRST)), corpus_file)
    assert len(rules.allowed_domains) == 2
    assert len(rules.domains) == 0


def test_an_empty_list_refuses_nothing(corpus_file: Path) -> None:
    rules = read_url_lists(UrlLists(hard_words=write(corpus_file, "# none\n")), corpus_file)
    assert len(rules.hard_words) == 0


def test_a_url_without_scheme_stands_for_both(corpus_file: Path) -> None:
    lists = UrlLists(urls=write(corpus_file, "a.org/x\nhttps://b.org/#y\n"))
    assert read_url_lists(lists, corpus_file).urls.sorted.to_list() == [
        *("http://a.org/x", "https://a.org/x", "https://b.org/#y")
    ]


def test_words_are_stripped(corpus_file: Path) -> None:
    lists = UrlLists(soft_words=write(corpus_file, "No-Go\nnogo\nx 9\n"), soft_word_threshold=3)
    rules = read_url_lists(lists, corpus_file)
    assert rules.soft_words.to_list() == ["nogo", "x9"]
    assert rules.soft_word_threshold == 3


@pytest.mark.parametrize(
    ("list_name", "content", "message"),
    [
        ("domains", "a.org\n\nhttp://b.org\n", "lists/a:3: 'http://b.org' is no domain"),
        ("domains", "*.b.org", "lists/a:1: '\\*.b.org' is no domain"),
        ("urls", "http://a.org/x\nhttp://a.org/y z", "lists/a:2: .* is no URL"),
        ("hard_words", "# --\nслово\n", "lists/a:2: 'слово' is no word"),
        ("soft_words", "ok\n---\n", "lists/a:2: '---' is no word"),
        ("subwords", "ok\n---\n", "lists/a:2: '---' is no word"),
        ("domains", b"a.org\nb\xff.org\n", "lists/a:2: is not UTF-8"),
    ],
)
def test_an_entry_that_could_match_nothing_is_told(
    list_name: str, content: str | bytes, message: str, corpus_file: Path
) -> None:
    lists = UrlLists(**{list_name: write(corpus_file, content)})
    with pytest.raises(ConfigurationError, match=message):
        read_url_lists(lists, corpus_file)


def test_a_missing_file_is_told(corpus_file: Path) -> None:
    for ask in (read_url_lists, url_lists_fingerprint):
        with pytest.raises(ConfigurationError, match="lists/b: cannot be read: No such file"):
            ask(UrlLists(urls="lists/b"), corpus_file)
        with pytest.raises(ConfigurationError, match="lists: cannot be read: Is a directory"):
            ask(UrlLists(urls="lists"), corpus_file)


def test_the_fingerprint_names_the_content(corpus_file: Path, tmp_path: Path) -> None:
    lists = UrlLists(domains=write(corpus_file, FIRST))
    before = url_lists_fingerprint(lists, corpus_file)
    assert url_lists_fingerprint(lists, corpus_file) == before
    moved = tmp_path / "elsewhere" / "c.yaml"
    moved.parent.mkdir()
    (moved.parent / "other").write_text(FIRST)
    assert url_lists_fingerprint(UrlLists(domains="other"), moved) == before
    assert url_lists_fingerprint(UrlLists(allowed_domains="other"), moved) != before
    assert url_lists_fingerprint(UrlLists(domains="other", soft_word_threshold=3), moved) != before
    write(corpus_file, FIRST + "c.org\n")
    assert url_lists_fingerprint(lists, corpus_file) != before
