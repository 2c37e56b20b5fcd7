"""Frames of payloads -> frames of texts."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from llm_assets.corpus.extract import EXTRACTED, extract_documents

PAGE = (
    b"<html lang='en'><head><title>Of the page</title><meta name='author' content='Page'></head>"
    b"<body><p>Some words of a page.</p></body></html>"
)


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    kinds = dict.fromkeys(("doc_id", "media_type", "encoding_hint"), pl.String)
    known = dict.fromkeys(("title", "author", "language_hint"), pl.String)
    schema = {"doc_id": pl.String, "payload": pl.Binary, **kinds, **known}
    return pl.DataFrame(rows, schema=schema)


def row(name: str, payload: bytes = PAGE, **known: str) -> dict[str, object]:
    return {"doc_id": name, "payload": payload, "media_type": "text/html", **known}


def test_rows_keep_their_order_and_failures_their_place() -> None:
    found = extract_documents(frame([row("b"), row("a", b""), row("c", b"<p>Third.")]), "default")
    assert found.schema == EXTRACTED
    assert found["doc_id"].to_list() == ["b", "a", "c"]
    assert found["text"].to_list() == ["Some words of a page.", None, "Third."]
    assert found["failure"].to_list() == [None, "empty", None]


def test_what_the_source_says_counts_before_what_the_page_says() -> None:
    rows = [row("a", title="Known", language_hint="de"), row("b", author="Known")]
    found = extract_documents(frame(rows), "default")
    assert found.select("title", "author", "language_hint").rows() == [
        ("Known", "Page", "de"),
        ("Of the page", "Known", "en"),
    ]


def test_the_source_may_say_nothing_at_all() -> None:
    few = frame([row("a")]).drop("title", "author", "language_hint")
    assert extract_documents(few, "default")["title"].to_list() == ["Of the page"]


def test_no_rows() -> None:
    assert_frame_equal(extract_documents(frame([]), "default"), EXTRACTED.to_frame())


@pytest.mark.parametrize("size", [1, 2, 5])
def test_batches_do_not_matter(size: int) -> None:
    whole = frame([row(str(n), b"<p>Page %d." % n) for n in range(5)])
    parts = [extract_documents(part, "all-text", "books") for part in whole.iter_slices(size)]
    assert_frame_equal(pl.concat(parts), extract_documents(whole, "all-text", "books"))
