"""Which lines the kernel shows to which rules."""

import polars as pl
import pytest

from llm_assets.corpus.personal_data.pii_kernels import (
    ADDRESS,
    ASSIGNMENT,
    AT_SIGN,
    CALL,
    NUMBER,
    TOKEN,
)
from llm_assets.corpus.personal_data.pii_suspects import find_suspect_lines
from llm_assets.corpus.redact import ALL_SIGNS

TEXT = "In 1948 all human beings were born free, equal - in dignity: and rights."


def signs_of(line: str) -> int:
    lines = find_suspect_lines(pl.Series([line]), ALL_SIGNS).lines
    return int(lines[0, 3]) if len(lines) else 0


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        *((line, 0) for line in ("", TEXT, "Straße №5, 東京。", "a @ b", "@a", "a@")),
        ("a@b", AT_SIGN),
        ("1.2.3.4", ADDRESS),
        *((line, 0) for line in ("1.2.3", "1.2.3.", "1.2345.6.7", "a.1.2.3")),
        *((line, ADDRESS) for line in ("2a00::", "x 2001:db8:", "3FFF:1:")),
        *((line, 0) for line in ("1a00:1:", "2a0:1:", "12:30:45", "2a0f:12345:")),
        *((line, CALL) for line in ("+1 23 45 67", "0123456", "0 1-2.3 (4) 5 6", "０ +４４ 12345")),
        *((line, 0) for line in ("+123456", "1234567", "1000000", "01 Jan 23456")),
        *((line, NUMBER) for line in ("AB123456", "AB 12 34 56 C", "131052A3", "12.34.56-K")),
        *((line, 0) for line in ("ab123456", "AB12345", "12-34-56", "ABC  123456")),
        *((line, NUMBER) for line in ("123 456 789", "12-34-56-78-9")),
        *((line, NUMBER | CALL) for line in ("1234567890", "12 3456 7890", "٠١٢٣٤٥٦٧٨٩")),
        *((line, 0) for line in ("1234     5678 9012"[:9], "12 a 34 a 56 a 78 a 90 a")),
        *((line, TOKEN) for line in ("a1bcdefghijklmnopqrs", "x aBcdefghij_lmnopqr-t.")),
        *((line, 0) for line in ("abcdefghijklmnopqrstuvw", "A" + "b" * 30, "a1bcdefghijklmnopqr")),
        *((line, ASSIGNMENT) for line in ("password=abcdefgh", '"Secret" : "abcdefgh"')),
        *((line, ASSIGNMENT) for line in ("api_key => xxxxxxxx", "my password is: abcdefgh")),
        *((line, 0) for line in ("password=abcdefg", "pass: abcdefgh", "password abcdefgh")),
        ("ftp://u:p@h", AT_SIGN | ASSIGNMENT),
    ],
)
def test_signs(line: str, signs: int) -> None:
    assert signs_of(line) == signs
    assert signs_of(f"x {line} ") == signs
    assert signs_of(f"{TEXT} {line}") == signs


def test_lines_of_texts() -> None:
    texts = pl.Series(["a@b\n" + TEXT + "\n\n1.2.3.4", "", TEXT, "\na@b\n"])
    data, offsets, lines = find_suspect_lines(texts, ALL_SIGNS)
    found = [
        (row, data[start:end].tobytes().decode(), signs)
        for row, start, end, signs in lines.tolist()
    ]
    assert found == [(0, "a@b", AT_SIGN), (0, "1.2.3.4", ADDRESS), (3, "a@b", AT_SIGN)]
    assert offsets.tolist()[-1] == len(data)
    assert len(find_suspect_lines(texts, ADDRESS).lines) == 1
    assert len(find_suspect_lines(texts.clear(), ALL_SIGNS).lines) == 0


def test_many_lines() -> None:
    lines = find_suspect_lines(pl.Series(["a@b\n" * 5_000]), ALL_SIGNS).lines
    assert lines[:, 1].tolist() == list(range(0, 20_000, 4))
