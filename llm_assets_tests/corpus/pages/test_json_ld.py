"""What pages say in JSON-LD."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.json_ld import MAX_JSON_CHARS, LinkedData, comparable_url, linked_data

URL = "https://www.example.org/post/"
HERE = frozenset({comparable_url(URL)})
ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "A title",
    "datePublished": "2014-05-13",
    "author": {"@type": "Person", "name": "Ann"},
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "inLanguage": "en-GB",
}
EXPECTED = LinkedData(
    "A title", ("Ann",), "2014-05-13", "https://creativecommons.org/licenses/by/4.0/", "en-GB"
)


def read(*values: object) -> LinkedData:
    return linked_data([json.dumps(value) for value in values], HERE)


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        [ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "Site"}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {**ARTICLE, "@type": ["Thing", "BlogPosting"]},
    ],
)
def test_the_work_is_found_where_generators_put_it(value: object) -> None:
    assert read(value) == EXPECTED


@pytest.mark.parametrize(
    "block",
    [
        "<!-- %s -->",
        "//<![CDATA[\n%s\n//]]>",
        "/*<![CDATA[*/%s/*]]>*/",
        " %s ;",
        "\ufeff%s".removeprefix("\ufeff"),
    ],
)
def test_json_in_wrappings(block: str) -> None:
    assert linked_data([block % json.dumps(ARTICLE)], HERE) == EXPECTED


def test_stray_commas_and_line_ends_in_strings() -> None:
    block = '{"@type": "Article", "headline": "A\ntitle", "author": ["Ann", "Bob",],}'
    assert linked_data([block], HERE) == LinkedData("A\ntitle", ("Ann", "Bob"))


def test_an_author_by_reference() -> None:
    person = {"@type": "Person", "@id": "#ann", "name": "Ann"}
    found = read({"@graph": [{**ARTICLE, "author": [{"@id": "#ann"}, {"@id": "#bob"}]}, person]})
    assert found.authors == ("Ann",)


def test_of_several_works_the_one_at_this_address_counts() -> None:
    others = [{**ARTICLE, "headline": f"Other {n}", "url": f"{URL}{n}"} for n in range(3)]
    assert read(others) == LinkedData()
    own = {**ARTICLE, "mainEntityOfPage": {"@id": "http://example.org/post#top"}}
    assert read([*others, own]) == EXPECTED


def test_what_is_about_something_else_does_not_count() -> None:
    assert read({"@type": "Organization", "name": "Site", "author": "Ann"}) == LinkedData()
    related = {"@type": "Product", "review": ARTICLE, "itemListElement": [ARTICLE]}
    assert read(related) == LinkedData()


def test_a_page_gives_what_its_work_does_not() -> None:
    page = {"@type": "WebPage", "datePublished": "2014-05-13", "name": "Not a title", "author": 7}
    assert read(page) == LinkedData(published="2014-05-13")


@pytest.mark.parametrize(
    "block",
    [
        "",
        "{",
        '"headline"',
        "null",
        '{"@type": "Article", "headline": ' + "[" * 100_000,
        '{"@type": "Article", "headline": ' + "9" * 5_000 + "}",
        '{"@type": "Article", "headline": "' + "x" * MAX_JSON_CHARS + '"}',
        '{"@type": {"a": 1}, "@id": [], "headline": {"name": {"name": 1}}, "author": [[{}]]}',
    ],
)
def test_hostile_blocks_say_nothing_and_hide_nothing(block: str) -> None:
    assert linked_data([block], HERE) == LinkedData()
    if len(block) < MAX_JSON_CHARS:
        assert linked_data([block, json.dumps(ARTICLE)], HERE) == EXPECTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "@id", "@graph", "url", "headline", "author", "name"])
            | st.just("mainEntityOfPage"),
            inner | st.sampled_from(["Article", "WebPage"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=3))
def test_any_json_is_read_without_error(values: list[object]) -> None:
    found = read(*values)
    assert all(value is None or isinstance(value, str | tuple) for value in found)
    assert all(isinstance(name, str) for name in found.authors)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/post", "https://www.example.org/post/#c", " HTTPS://example.org/post "],
)
def test_addresses_of_one_page_compare_equal(url: str) -> None:
    assert comparable_url(url) == comparable_url(URL)
