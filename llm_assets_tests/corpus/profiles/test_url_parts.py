import polars as pl
import tldextract
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.profiles.url_parts import URL_PARTS, url_parts

PARTS = [
    ("http://www.example.com/a?b#c", "example.com", "www.example.com"),
    ("https://user:pass@forum.bbc.co.uk:8080/", "bbc.co.uk", "forum.bbc.co.uk"),
    ("https://a@b@bbc.co.uk", "bbc.co.uk", "bbc.co.uk"),
    ("http://example.com./x", "example.com", "example.com"),
    ("HTTP://WWW.Example.COM/", "Example.COM", "WWW.Example.COM"),
    ("//example.com/x", "example.com", "example.com"),
    ("example.com/x", "example.com", "example.com"),
    ("https://someone.github.io/", "github.io", "someone.github.io"),
    ("http://x.bücher.de/", "bücher.de", "x.bücher.de"),
    ("http://xn--bcher-kva.de/", "xn--bcher-kva.de", "xn--bcher-kva.de"),
    ("http://президент.рф/", "президент.рф", "президент.рф"),
    ("http://a。example。com/", "example.com", "a.example.com"),
    ("http://shop.kawasaki.jp/", None, None),
    ("http://city.kawasaki.jp/", "city.kawasaki.jp", "city.kawasaki.jp"),
    ("http://co.uk/", None, None),
    ("http://203.0.113.7/", None, None),
    ("http://[2001:db8::1]:80/", None, None),
    ("http://localhost/", None, None),
    ("http://xn--\0/", None, None),
    ("", None, None),
    (None, None, None),
]


def test_parts() -> None:
    found = url_parts(pl.Series([url for url, *_ in PARTS]))
    assert found.schema == URL_PARTS
    assert found.rows() == [(domain, host) for _, domain, host in PARTS]


def test_no_urls() -> None:
    assert_frame_equal(url_parts(pl.Series([], dtype=pl.String)), pl.DataFrame(schema=URL_PARTS))


EXTRACT = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
pieces = st.sampled_from(
    [
        *"/?#@:.[]\\ \n\0Aé。",
        "http:",
        "//",
        "..",
        "::1",
        "1.2.3.4",
        "ck",
        "xn--",
        "xn--bcher-kva",
        "www",
        "example",
        "com",
        "co.uk",
    ]
)


@given(st.lists(st.one_of(st.lists(pieces, max_size=9).map("".join), st.text()), max_size=6))
def test_what_stands_before_the_path_is_enough(urls: list[str]) -> None:
    whole = [EXTRACT(url) for url in urls]
    found = url_parts(pl.Series(urls, dtype=pl.String))
    assert found["host"].to_list() == [each.fqdn or None for each in whole]
    assert found["registered_domain"].to_list() == [
        each.top_domain_under_public_suffix or None for each in whole
    ]
