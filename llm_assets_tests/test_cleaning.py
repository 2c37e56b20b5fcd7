"""What the recipe says about cleaning comes out as the plan of each kind, and is named."""

from pathlib import Path
from typing import Any

import pytest

from llm_assets.cleaning import (
    check_extras,
    cleaning_fingerprint,
    cleaning_plan,
    table_schema,
    text_fingerprint,
    text_part,
    url_rules,
    verdict_fingerprint,
)
from llm_assets.corpus.schema import CLEANED
from llm_assets.recipe import ConfigurationError, Corpus
from llm_assets.retune import with_settings


def corpus(cleaning: dict[str, Any], **pages: Any) -> Corpus:
    sources = [
        {"name": "pages", "kind": "web", "location": "x", **pages},
        {"name": "mails", "kind": "web", "location": "x", "redact": ["email", "api_key"]},
        {"name": "books", "kind": "books", "location": "x"},
        {"name": "posts", "kind": "records", "location": "x"},
    ]
    return Corpus.model_validate({"sources": sources, "recipe": {"cleaning": cleaning}})


def test_plans_of_each_kind() -> None:
    made = corpus({"lines": ["navigation"], "redact": ["ip"]}, filters=["c4@tfds"])
    web, books, records = (cleaning_plan(made, kind, None) for kind in made.kinds)
    assert web.lines == ("navigation",)
    assert books.lines == records.lines == ()
    assert web.redact == books.redact == ("ip",)
    assert web.redact_of_source == {"mails": ("email", "api_key")}
    assert web.judging.profiles_for("pages") == ("c4@tfds",)
    assert web.judging.profiles_for("mails") == ("gopher@paper", "fineweb@0.10")
    assert books.judging.profiles_for("books") == ("books@1",)
    assert records.judging.profiles_for("posts") == ("records@1",)
    assert records.kind == "records"
    assert web.schema == books.schema == table_schema(made)


def test_the_table_has_the_signals_of_every_chain() -> None:
    assert table_schema(corpus({})) == CLEANED
    by_source = table_schema(corpus({}, filters=["c4@tfds"]))
    assert set(by_source) > set(CLEANED)
    assert by_source == table_schema(corpus({"filters": ["c4@tfds"]}))
    assert list(by_source)[: len(CLEANED)] == list(CLEANED)


def test_lists_of_urls_are_read_and_named_by_content(tmp_path: Path) -> None:
    corpus_file = tmp_path / "corpus.yaml"
    made = corpus({"urls": {"domains": "domains.txt"}})
    with pytest.raises(ConfigurationError, match=r"domains\.txt: cannot be read"):
        url_rules(made, corpus_file)
    (tmp_path / "domains.txt").write_text("# refused\nexample.org\n")
    rules = url_rules(made, corpus_file)
    assert cleaning_plan(made, "web", rules).judging.urls is rules
    assert cleaning_plan(made, "books", rules).judging.urls is None
    assert url_rules(corpus({}), corpus_file) is None
    before = cleaning_fingerprint(made, corpus_file)
    (tmp_path / "domains.txt").write_text("example.com\nexample.net\n")
    after = cleaning_fingerprint(made, corpus_file)
    assert before != after
    assert text_part(before) == text_part(after) == text_fingerprint(made)


def test_chains_that_cut_lines_are_another_text() -> None:
    chains = [["gopher@paper"], ["gopher@paper", "c4@tfds"], ["c4@tfds", "gopher@paper"]]
    named = [text_fingerprint(corpus({"filters": chain})) for chain in chains]
    assert len(set(named)) == 3
    assert text_fingerprint(corpus({"filters": ["fineweb@paper"]})) == named[0]
    own = corpus({"filters": ["gopher@paper"]}, filters=["c4@tfds"])
    assert text_fingerprint(own) not in named


def test_settings_to_try() -> None:
    made = corpus({"thresholds": {"gopher_short_doc": 30.0}})
    tried = with_settings(
        made,
        {
            "thresholds": {"line_punct_ratio": 0.2},
            "filters": ["gopher@dolma"],
            "languages": None,
            "rules": [{"reason": "few", "drop_if": "line_count < 2"}],
        },
    )
    cleaning = tried.recipe.cleaning
    assert cleaning.thresholds == {"gopher_short_doc": 30.0, "line_punct_ratio": 0.2}
    assert cleaning.filters == ["gopher@dolma"]
    assert cleaning.languages == []
    assert cleaning.rules[0].reason == "few"
    assert with_settings(made, {}) == made
    for wrong, words in (
        ({"filters": ["nobody"]}, r"filters\[0\]: there is no quality profile 'nobody'"),
        ({"language_score": 2.0}, "language_score: must be less than or equal to 1"),
        ({"rules": [{"reason": "x", "drop_if": "words < 2"}]}, r"rules\[0\].drop_if: is no condi"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            with_settings(made, wrong)


def test_verdict_settings_name_verdicts_alone() -> None:
    strict = corpus({"thresholds": {"gopher_short_doc": 99}})
    assert text_fingerprint(strict) == text_fingerprint(corpus({}))
    here = Path("corpus.yaml")
    assert verdict_fingerprint(strict, here) != verdict_fingerprint(corpus({}), here)


@pytest.mark.parametrize(
    ("cleaning", "words"),
    [
        ({"filters": ["gopher@datatrove-0.10"]}, "'gopher@datatrove-0.10'.*llm-assets.spacy."),
        ({"filters": ["c4@tfds"]}, "'c4@tfds'.*llm-assets.punkt."),
        ({"extractor": "trafilatura"}, "extractor.*llm-assets.trafilatura."),
    ],
)
def test_a_missing_package_is_named(
    cleaning: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_extras(corpus(cleaning), Path("corpus.yaml"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=words):
        check_extras(corpus(cleaning), Path("corpus.yaml"))
    check_extras(corpus({}), Path("corpus.yaml"))


def test_texts_that_are_left_otherwise_have_another_name() -> None:
    cutting = {"filters": ["c4@tfds"]}
    # Pages of a source that follows the recipe are cut; with rules of its own they are not.
    assert text_fingerprint(corpus(cutting)) != text_fingerprint(
        corpus(cutting, filters=["gopher@paper"])
    )
    assert text_fingerprint(corpus(cutting)) == text_fingerprint(
        corpus(cutting, filters=["c4@tfds"])
    )
    # A rule of records is another verdict of what was measured, not another measurement.
    strict = {"record_filters": ["books@1"]}
    assert text_fingerprint(corpus(strict)) == text_fingerprint(corpus({}))
    # What is measured of pages is not measured of books.
    pages = {"filters": ["gopher@dolma"], "book_filters": ["books@1"]}
    books = {"filters": ["books@1"], "book_filters": ["gopher@dolma"]}
    assert text_fingerprint(corpus(pages)) != text_fingerprint(corpus(books))
