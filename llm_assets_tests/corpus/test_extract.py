"""Frames of payloads -> frames of texts."""

from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from llm_assets.corpus.extract import extract_documents
from llm_assets.corpus.schema import EXTRACTED

PAGE = (
    b"<html lang='en'><head><title>Of the page</title><meta name='author' content='Page Author'>"
    b"<link rel=canonical href='/a'><meta property='article:published_time' content='2014-05-13'>"
    b"<link rel=license href='https://creativecommons.org/licenses/by/4.0/'></head>"
    b"<body><p>Some words of a page.</p></body></html>"
)


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    kinds = dict.fromkeys(("media_type", "encoding_hint", "url"), pl.String)
    known = dict.fromkeys(("title", "author", "language_hint"), pl.String)
    times = {"published_at": pl.Datetime("us", "UTC")}
    schema = {"name": pl.String, "payload": pl.Binary, **kinds, **known, **times}
    return pl.DataFrame(rows, schema=schema)


def row(name: str, payload: bytes = PAGE, **known: object) -> dict[str, object]:
    return {"name": name, "payload": payload, "media_type": "text/html", **known}


def test_rows_keep_their_order_and_failures_their_place() -> None:
    found = extract_documents(frame([row("b"), row("a", b""), row("c", b"<p>Third.")]), "default")
    assert found.schema == EXTRACTED
    assert found["text"].to_list() == ["Some words of a page.", None, "Third."]
    assert found["failure"].to_list() == [None, "empty", None]


def test_what_the_source_says_counts_before_what_the_page_says() -> None:
    day = datetime(2001, 2, 3, tzinfo=UTC)
    rows = [
        row("a", title="Known", language_hint="de", url="https://example.org/b"),
        row("b", author="Known", published_at=day),
    ]
    found = extract_documents(frame(rows), "default")
    assert found.select("title", "author", "declared_language", "canonical_url").rows() == [
        ("Known", "Page Author", "de", "https://example.org/a"),
        ("Of the page", "Known", "en", None),
    ]
    assert found["published_at"].to_list() == [datetime(2014, 5, 13, tzinfo=UTC), day]
    assert found["license_url"].unique().to_list() == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]


def test_the_source_may_say_nothing_at_all() -> None:
    few = frame([row("a")]).drop("title", "author", "language_hint", "published_at")
    assert extract_documents(few, "default")["title"].to_list() == ["Of the page"]


def test_no_rows() -> None:
    assert_frame_equal(extract_documents(frame([]), "default"), EXTRACTED.to_frame())


@pytest.mark.parametrize("size", [1, 2, 5])
def test_batches_do_not_matter(size: int) -> None:
    whole = frame([row(str(n), b"<p>Page %d." % n) for n in range(5)])
    parts = [extract_documents(part, "all-text", "books") for part in whole.iter_slices(size)]
    assert_frame_equal(pl.concat(parts), extract_documents(whole, "all-text", "books"))
