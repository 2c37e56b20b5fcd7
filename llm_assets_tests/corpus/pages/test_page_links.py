"""Addresses that pages name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.page_links import creative_commons, licence_url, web_url

BASE = "https://example.org/a/b.html"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("https://Example.org/x#y", "https://example.org/x"),
        ("/x", "https://example.org/x"),
        ("c.html", "https://example.org/a/c.html"),
        ("//other.org", "https://other.org/"),
        ("?q=1", "https://example.org/a/b.html?q=1"),
        (" https://example.org/x\n", "https://example.org/x"),
        ("", None),
        ("javascript:alert(1)", None),
        ("mailto:ann@example.org", None),
        ("ftp://example.org/", None),
        ("https://", None),
        ("https://localhost/", None),
        ("http://[::1", None),
        ("https://example.org:99999/", None),
        ("https://example.org/a b", None),
        ("https://example.org/" + "x" * 3000, None),
    ],
)
def test_only_addresses_of_the_web(reference: str, expected: str | None) -> None:
    assert web_url(reference, BASE) == expected


def test_a_relative_address_needs_a_base() -> None:
    assert web_url("/x", None) is None


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (
            ["http://creativecommons.org/licenses/by-sa/4.0/deed.de"],
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        (
            [
                "//www.creativecommons.org/licenses/by/3.0/de/",
                "https://creativecommons.org/licenses/BY/3.0/de",
            ],
            "https://creativecommons.org/licenses/by/3.0/de/",
        ),
        (
            ["https://creativecommons.org/publicdomain/zero/1.0/"],
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        (["/terms"], "https://example.org/terms"),
        (["/terms", "https://creativecommons.org/licenses/by/4.0/"], None),
        (["javascript:void(0)"], None),
        ([], None),
    ],
)
def test_a_licence_is_one_licence(references: list[str], expected: str | None) -> None:
    assert licence_url(references, BASE) == expected


def test_creative_commons_licences_are_known() -> None:
    assert creative_commons("https://creativecommons.org/licenses/by-nc/4.0/")
    assert not creative_commons("https://creativecommons.org/about")
    assert not creative_commons("https://example.org/?creativecommons.org/licenses/by/4.0")


@given(st.text(max_size=60), st.none() | st.text(max_size=30) | st.just(BASE))
def test_any_reference_gives_an_address_or_none(reference: str, base: str | None) -> None:
    found = web_url(reference, base)
    assert found is None or web_url(found, None) == found
