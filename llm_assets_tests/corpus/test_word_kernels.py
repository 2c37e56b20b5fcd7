"""What the kernels on words share: hash tables and UTF-8."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.word_kernels import (
    CLASSIFIED,
    SEPARATOR,
    decode,
    skip_separators,
    slot_of,
    table_size,
)

COMPILES = settings(deadline=None)  # the first call compiles


@COMPILES
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**31))
def test_slots_lie_in_their_table(key: int, keys: int) -> None:
    size = table_size(keys)
    assert size > keys
    assert 0 <= slot_of(np.uint64(key), size) < size


@COMPILES
@given(st.text(min_size=1))
def test_decodes_as_python_does(text: str) -> None:
    data = np.frombuffer(text.encode("utf-8"), np.uint8)
    at = 0
    for character in text:
        code_point, after = decode(data, at)
        assert (code_point, after) == (ord(character), at + len(character.encode("utf-8")))
        at = after


@COMPILES
@given(st.text(" \t\u3000\x00a\x7f\u2028é", max_size=20))
def test_skips_what_stands_between_words(text: str) -> None:
    classes = np.zeros(CLASSIFIED, np.uint8)
    for character in " \t\u3000\u2028":
        classes[ord(character)] = SEPARATOR
    data = np.frombuffer(text.encode(), np.uint8)
    rest = text.lstrip(" \t\u3000\u2028")
    assert skip_separators(data, 0, len(data), classes) == len(data) - len(rest.encode())
