from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.cuts import CUTS, apply_cuts, final_texts, without_dropped
from llm_assets.corpus.identity import text_hash

Ranges = list[tuple[int, int]]


def documents(*texts: str | None) -> pl.DataFrame:
    rows = [
        (str(i), text, None if text is None else text_hash(text)) for i, text in enumerate(texts)
    ]
    return pl.DataFrame(
        rows, {"doc_id": pl.String, "text": pl.String, "text_hash": pl.String}, orient="row"
    )


def cuts(*rows: tuple[str, Ranges]) -> pl.DataFrame:
    ranges = [
        (doc_id, [{"start": start, "end": end} for start, end in each]) for doc_id, each in rows
    ]
    return pl.DataFrame(ranges, CUTS, orient="row")


@pytest.mark.parametrize(
    ("text", "ranges", "left"),
    [
        ("one two three", [(0, 4)], "two three"),
        ("one two three", [(3, 7)], "one three"),
        ("one two three", [(7, 13)], "one two"),
        ("one two three", [(7, 99)], "one two"),
        ("one two three", [(0, 4), (7, 13)], "two"),
        ("one two three", [(7, 13), (0, 4)], "two"),
        ("one two three", [(0, 5), (3, 7)], " three"),
        ("one two three", [(0, 3), (3, 7)], " three"),
        ("one two three", [(0, 13)], ""),
        ("one two three", [(4, 4)], "one two three"),
        ("zwölf äpfel", [(7, 9)], "zwölf pfel"),
        ("日本語の本", [(3, 9)], "日の本"),
        ("", [(0, 3)], ""),
    ],
)
def test_ranges_go(text: str, ranges: Ranges, left: str) -> None:
    cut = apply_cuts(documents("before", text, "after"), cuts(("1", ranges)))
    assert_frame_equal(cut, documents("before", left, "after"))


def test_ranges_of_several_tables_are_united() -> None:
    both = cuts(("0", [(0, 4)]), ("1", [(0, 1)]), ("0", [(2, 8)]))
    assert_frame_equal(apply_cuts(documents("one two three", "x"), both), documents("three", ""))


def test_what_is_not_cut_stays_as_it_was() -> None:
    texts = documents("one", None, "three").with_columns(text_hash=pl.lit("given"), more=1)
    assert apply_cuts(texts, cuts(("9", [(0, 1)]), ("1", [(0, 1)]), ("0", []))) is texts
    cut = apply_cuts(texts, cuts(("2", [(0, 1)])))
    assert cut["text"].to_list() == ["one", None, "hree"]
    assert cut["text_hash"].to_list() == ["given", "given", text_hash("hree")]
    assert cut["more"].to_list() == [1, 1, 1]


def test_a_cut_through_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="another text"):
        apply_cuts(documents("äöü"), cuts(("0", [(1, 4)])))


TEXTS = st.lists(st.text(max_size=30), min_size=1, max_size=6)


@given(TEXTS, st.data())
def test_a_cut_text_is_what_lies_between_the_cuts(texts: list[str], data: st.DataObject) -> None:
    rows: list[tuple[str, Ranges]] = []
    expected = []
    for doc_id, text in enumerate(texts):
        places = st.integers(0, len(text))
        chosen = data.draw(st.lists(st.tuples(places, places).map(sorted), max_size=3))
        gone = {i for start, end in chosen for i in range(start, end)}
        expected.append("".join(c for i, c in enumerate(text) if i not in gone))
        size = [len(text[:i].encode()) for i in range(len(text) + 1)]
        rows += [(str(doc_id), [(size[start], size[end])]) for start, end in chosen]
    assert_frame_equal(apply_cuts(documents(*texts), cuts(*rows)), documents(*expected))


def final(rows: pl.DataFrame, *decisions: pl.DataFrame, **options: Any) -> pl.DataFrame:
    return final_texts(rows.lazy(), [each.lazy() for each in decisions]).collect(**options)


def test_final_texts_are_cut_by_every_table() -> None:
    texts = documents("one two three", "four", None).with_columns(more=pl.lit("x"))
    one, other = cuts(("0", [(0, 4)])), cuts(("0", [(2, 8)]), ("1", []))
    expected = documents("three", "four", None).with_columns(more=pl.lit("x"))
    assert_frame_equal(final(texts, one, other), expected)
    assert_frame_equal(final(texts, one, other, engine="streaming"), expected)
    assert_frame_equal(final(texts), texts)
    hashes = final_texts(texts.lazy(), [one.lazy(), other.lazy()]).select("text_hash").collect()
    assert_frame_equal(hashes, expected.select("text_hash"))


def test_what_was_decided_about_an_earlier_text_is_left_aside() -> None:
    texts = documents("one two three", "four")
    decided = cuts(("0", [(0, 4)]), ("1", [(0, 1)]))
    stale = decided.with_columns(text_hash=pl.Series([text_hash("an earlier"), text_hash("four")]))
    assert_frame_equal(final(texts, stale), documents("one two three", "our"))


def test_documents_that_a_table_drops_are_out() -> None:
    texts = documents("one", "two", "three")
    decided = cuts(("0", []), ("1", []))
    with_action = decided.with_columns(action=pl.Series(["drop", "cut"]))
    left = without_dropped(texts.lazy(), [decided.lazy(), with_action.lazy()]).collect()
    assert left["text"].to_list() == ["two", "three"]
