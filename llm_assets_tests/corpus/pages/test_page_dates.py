"""Dates of pages: read where they are certain, else not at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.pages.page_dates import OLDEST_DECLARED, OLDEST_FOUND, read_date, url_date

CERTAIN = [
    ("2014-05-13", None, "2014-05-13 00:00"),
    ("2014-05-13T10:20:30+02:00", None, "2014-05-13 08:20"),
    ("2014-05-13T10:20:30Z", None, "2014-05-13 10:20"),
    ("2014-05-13T00:30:00.123+0200", None, "2014-05-12 22:30"),
    ("2014-05-13T10:20", None, "2014-05-13 10:20"),
    ("2014-05-13 10:20:30", None, "2014-05-13 10:20"),
    ("20140513", None, "2014-05-13 00:00"),
    ("20140513T1205Z", None, "2014-05-13 12:05"),
    ("20140513120533", None, "2014-05-13 12:05"),
    ("2014/5/3", "en", "2014-05-03 00:00"),
    ("Tue, 05 May 2015 17:13:00 GMT", None, "2015-05-05 17:13"),
    ("Tue, 5 May 2015 23:13:00 -0200", None, "2015-05-06 01:13"),
    ("Tue May 05 2015 23:13:00 GMT-0200 (CEST)", None, "2015-05-06 01:13"),
    ("Posted on May 13th, 2014 at 5:15 pm", "en", "2014-05-13 17:15"),
    ("2019-10-15 12:10 am", None, "2019-10-15 00:10"),
    ("13.05.2014", None, "2014-05-13 00:00"),
    ("3.5.2014, 18:30 Uhr", "de", "2014-05-03 18:30"),
    ("13/02/2014", "en", "2014-02-13 00:00"),
    ("02/13/2014", None, "2014-02-13 00:00"),
    ("02/03/2014", "en-US", "2014-02-03 00:00"),
    ("02/03/2014", "en-GB", "2014-03-02 00:00"),
    ("02/03/2014", "pt-BR", "2014-03-02 00:00"),
    ("13. Mai 2014", "de", "2014-05-13 00:00"),
    ("1er août 2014 à 12:30", "fr", "2014-08-01 12:30"),
    ("13 de mayo de 2014", "es", "2014-05-13 00:00"),
    ("13 мая 2014", "ru", "2014-05-13 00:00"),
    ("13 मई 2014", "hi", "2014-05-13 00:00"),
    ("2014. május 13.", "hu", "2014-05-13 00:00"),
    ("2014年5月13日 12:10", "zh", "2014-05-13 12:10"),
    ("2014년 5월 13일", "ko", "2014-05-13 00:00"),
    ("3 listopada 2014", "pl", "2014-11-03 00:00"),
    ("3. listopad 2014", "hr", "2014-10-03 00:00"),
    ("1874-03-01", None, "1874-03-01 00:00"),
    ("30 February 2014, then 1 March 2014", "en", "2014-03-01 00:00"),
    ("2014-05-13T10:20:30+99:00", None, "2014-05-13 10:20"),
    ("2014-05-13 25:99", None, "2014-05-13 00:00"),
]
UNCERTAIN = [
    ("", None),
    ("02/03/2014", None),
    ("02/03/2014", "en"),
    ("02-03-2014", "ja"),
    ("3 listopada 2014", None),  # November in Polish, October in Croatian
    ("2014-05", None),
    ("May 2014", "en"),
    ("2014", None),
    ("13.05.14", "de"),
    ("2014-13-45", None),
    ("30 February 2014", "en"),
    ("1970-01-01T00:00:00Z", None),
    ("0001-01-01T00:00:00", None),
    ("9999-12-31", None),
    ("version 10.20140513.7", None),
    ("1399952400", None),
    ("call 555-2014-05-1313", None),
    ("13 Foo 2014", "en"),
    ("1 January 1970", "en"),
]


@pytest.mark.parametrize(("text", "language", "expected"), CERTAIN)
def test_certain_dates(text: str, language: str | None, expected: str) -> None:
    found = read_date(text, language)
    assert found is not None
    assert found.tzinfo is UTC
    assert f"{found:%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(("text", "language"), UNCERTAIN)
def test_what_would_be_a_guess_is_none(text: str, language: str | None) -> None:
    assert read_date(text, language) is None


@pytest.mark.parametrize("text", ["1985-05-13", "13 May 1985", "13.5.1985"])
def test_a_date_that_is_only_found_is_not_older_than_the_web(text: str) -> None:
    assert read_date(text, "en", OLDEST_FOUND) is None
    assert read_date(text, "en", OLDEST_DECLARED) == datetime(1985, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.org/2014/05/13/title.html", "2014-05-13"),
        ("https://example.org/2014/5/3", "2014-05-03"),
        ("https://example.org/local/2020-02/19/c_112.htm", "2020-02-19"),
        ("https://example.org/detail/20200102/1000_1.html", "2020-01-02"),
        ("https://example.org/a-20140513-b", "2014-05-13"),
        ("https://example.org/2014/13/45/2014/05/13", "2014-05-13"),
    ],
)
def test_dates_in_urls(url: str, day: str) -> None:
    found = url_date(url)
    assert found is not None
    assert found.date().isoformat() == day


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/2014/05/title",
        "https://example.org/1874/03/01/",
        "https://example.org/item/12014051399",
        "https://example.org/a?date=2014/05/13",
        "https://example.org/3/5/2014",
        "",
    ],
)
def test_urls_without_a_day(url: str) -> None:
    assert url_date(url) is None


@given(st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 31)))
def test_every_instant_is_read_as_it_was_written(instant: datetime) -> None:
    expected = instant.replace(microsecond=0, tzinfo=UTC)
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S+00:00", "%a, %d %b %Y %H:%M:%S GMT"):
        assert read_date(expected.strftime(form), None, OLDEST_FOUND) == expected


@given(
    st.text(st.sampled_from("0123456789-/.:, TZ+aMyde年"), max_size=60) | st.text(max_size=300),
    st.sampled_from([None, "en", "de", "en-US", "x" * 400]),
)
def test_any_text_gives_a_date_in_range_or_none(text: str, language: str | None) -> None:
    found = read_date(text, language)
    assert found is None or OLDEST_DECLARED - 1 <= found.year <= 2100
    url_date(text)
