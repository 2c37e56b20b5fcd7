import unicodedata

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.spans import arrow_buffers
from llm_assets.corpus.tokenization.unassigned import find_unassigned, has_unassigned


@given(st.lists(st.text(max_size=20) | st.text("aé語👍\u0378\U000e0080\U0010ffff", max_size=20)))
def test_texts_with_unassigned_characters_are_found(texts: list[str]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    found = has_unassigned(*arrow_buffers(column)).tolist()
    assert found == column.str.contains(r"\p{Cn}").to_list()
    assert [bool(find_unassigned(text)) for text in texts] == found


def test_says_where_they_are() -> None:
    assert find_unassigned("a\u0378語\U0010ffff") == [1, 3]


def test_what_python_knows_is_assigned() -> None:
    known = [chr(c) for c in range(0x3000) if unicodedata.category(chr(c)) != "Cn"]
    assert find_unassigned("".join(known)) == []


def test_a_part_of_a_column_is_looked_at_alone() -> None:
    column = pl.Series(["\u0378", "abcdefgh" * 5, "12345678\u0378"])
    assert has_unassigned(*arrow_buffers(column[1:])).tolist() == [False, True]
