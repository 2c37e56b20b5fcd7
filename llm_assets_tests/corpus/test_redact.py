"""Redaction of whole frames: its laws, its columns, and that hostile texts cost little."""

from collections.abc import Collection
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus import redact as module
from llm_assets.corpus.personal_data.pii_kinds import KINDS, PLACEHOLDERS, Find
from llm_assets.corpus.redact import redact, redact_line
from llm_assets.corpus.schema import PII_COUNTS
from llm_assets_tests.corpus.redacted_text import (
    PIECES,
    frame_of,
    kinds,
    languages,
    pieces,
    redacted,
    texts,
)

MIXED = "ada@example.org 93.184.216.34 +44 20 7946 0018 IBAN GB29 NWBK 6016 1331 9268 19"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], MIXED),
        (["email"], MIXED.replace("ada@example.org", "<email>")),
        (["iban", "ip"], "ada@example.org <ip> +44 20 7946 0018 IBAN <iban>"),
        (["phone", "iban", "ip", "email"], "<email> <ip> <phone> IBAN <iban>"),
    ],
)
def test_kinds(chosen: list[str], expected: str) -> None:
    assert redacted(MIXED, chosen) == expected


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="passport"):
        redact(frame_of(["a"]), ["email", "passport"])


def test_columns_order_and_nulls() -> None:
    values = [None, "a", MIXED, "", "x\n" + MIXED + "\n\n" + MIXED + "\n"]
    result = redact(frame_of(values).with_columns(other=pl.int_range(5)), KINDS)
    assert dict(result.schema) == {
        **{"text": pl.String, "language": pl.String, "other": pl.Int64, "pii_count": pl.UInt32},
        "pii_counts": PII_COUNTS,
    }
    bare = "<email> <ip> <phone> IBAN <iban>"
    assert result["text"].to_list() == [None, "a", bare, "", f"x\n{bare}\n\n{bare}\n"]
    assert result["pii_count"].to_list() == [0, 0, 4, 0, 8]
    assert result["pii_counts"].struct.field("iban").to_list() == [0, 0, 1, 0, 2]
    assert redact(frame_of([]), KINDS).schema == frame_of([]).schema | {
        "pii_count": pl.UInt32,
        "pii_counts": PII_COUNTS,
    }


def test_no_placeholder_holds_what_a_rule_looks_for() -> None:
    marks = "".join(PLACEHOLDERS.values())
    assert not any(sign in "0123456789@.:=+" for sign in marks)
    assert redacted(" ".join(PLACEHOLDERS.values())) == " ".join(PLACEHOLDERS.values())


def test_a_placeholder_may_bare_the_value_beside_it() -> None:
    assert redacted("8.8.8.8+1 415 555 2671") == "<ip><phone>"


@settings(deadline=None)  # the first number of a region loads its rules
@given(texts, languages, kinds)
def test_twice_is_once(values: list[str], language: str | None, chosen: list[str]) -> None:
    once = redact(frame_of(values, language), chosen)
    twice = redact(once.select("text", "language"), chosen)
    assert twice["text"].to_list() == once["text"].to_list()
    assert twice["pii_count"].sum() == 0


@settings(deadline=None)
@given(texts, languages, kinds, st.data())
def test_neither_batches_nor_order_matter(
    values: list[str], language: str | None, chosen: list[str], data: st.DataObject
) -> None:
    whole = redact(frame_of(values, language).with_row_index("place"), chosen)
    order = data.draw(st.permutations(range(len(values))))
    cut = data.draw(st.integers(0, len(values)))
    shuffled = frame_of(values, language).with_row_index("place")[order]
    other_order = data.draw(st.permutations(chosen))
    parts = [redact(part, other_order) for part in (shuffled[:cut], shuffled[cut:])]
    assert_frame_equal(pl.concat(parts).sort("place"), whole)


@settings(deadline=None)
@given(texts, languages, kinds)
def test_no_line_with_a_value_is_passed_over(
    values: list[str], language: str | None, chosen: list[str]
) -> None:
    in_lines = [kind for kind in chosen if kind != "private_key"]
    lines = [line for value in values for line in value.split("\n")]
    expected = [redact_line(line, language, in_lines) for line in lines]
    result = redact(frame_of(lines, language), in_lines)
    assert result["text"].to_list() == [line for line, _ in expected]
    assert result["pii_counts"].to_list() == [
        {kind: found.get(kind, 0) for kind in KINDS} for _, found in expected
    ]


@settings(deadline=None)
@given(texts, languages)
def test_lines_are_redacted_apart_and_kept(values: list[str], language: str | None) -> None:
    in_lines = KINDS[1:]
    lines = [line for value in values for line in value.split("\n")]
    apart = redact(frame_of(lines, language), in_lines)["text"].to_list()
    together = redact(frame_of(["\n".join(lines)], language), in_lines)["text"].item()
    assert together.split("\n") == apart if lines else together == ""


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="@", exclude_categories=["Nd"]))
    )
)
def test_a_text_without_digits_and_at_signs_is_left(values: list[str]) -> None:
    assert redact(frame_of(values), KINDS)["text"].to_list() == values


def _count_calls(line: str, language: str | None, chosen: Collection[str]) -> int:
    calls = 0

    def counting(find: Find) -> Find:
        def wrapped(line: str, language: str | None) -> object:
            nonlocal calls
            calls += 1
            return find(line, language)

        return wrapped  # type: ignore[return-value]

    rules = [rule._replace(find=counting(rule.find)) for rule in module._LINE_RULES]
    with patch.object(module, "_LINE_RULES", rules):
        redact_line(line, language, chosen)
    return calls


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces, min_size=1, max_size=4), languages)
def test_values_in_a_row_do_not_wait_for_each_other(unit: list[str], language: str | None) -> None:
    """If each placeholder bared only the next value, a line would cost its length squared."""
    line = "".join(unit).replace("\n", " ") * 30
    assert _count_calls(line, language, KINDS) <= 5 * len(module._LINE_RULES)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "7",
            "a",
            "A",
            "@",
            "a@",
            "x@a.a.",
            "1 ",
            "1.",
            "2001:",
            "+1",
            "A1",
            "aB3_-",
            "key=",
            "８",
        ),
        *(
            "password:",
            "eyJ",
            "://a:",
            "sk-",
            "-----BEGIN PRIVATE KEY-----",
            "(",
            "\\",
            "/1",
            "SSN ",
        ),
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ",
    ],
)
@pytest.mark.timeout(30)
def test_a_long_line_of_one_sign_is_no_trap(unit: str) -> None:
    """Where a pattern tried again from each sign to the end, these would take hours."""
    text = "x 1@2.3 " + unit * (300_000 // len(unit))
    once = redact(frame_of([text]), KINDS)
    assert redact(once.select("text", "language"), KINDS)["pii_count"].item() == 0


def test_every_piece_is_redacted_the_same_in_a_longer_line() -> None:
    """A window on a long line shows a rule all that it looks at."""
    filler = "words that say nothing " * 200
    for piece in PIECES:
        line = piece.replace("\n", " ")
        alone, _ = redact_line(f" {line} ", "en", KINDS)
        inside, _ = redact_line(f"{filler} {line} {filler}", "en", KINDS)
        assert inside == f"{filler}{alone}{filler}"


@pytest.mark.shared_data
def test_mail_loses_its_addresses(shared_data: Path) -> None:
    paths = sorted(path for path in (shared_data / "social" / "mail").rglob("*") if path.is_file())
    mails = frame_of([path.read_text(encoding="latin-1") for path in paths])
    result = redact(mails, KINDS)
    assert result["pii_count"].sum() > 3_000
    plain = r"[A-Za-z0-9]+@[A-Za-z0-9]+\.(?:com|org|net|ie|de)\b"
    left = result["text"].str.count_matches(plain).sum()
    assert left < mails["text"].str.count_matches(plain).sum() / 500


@pytest.mark.shared_data
def test_books_lose_only_the_publishers_addresses(shared_data: Path) -> None:
    paths = sorted((shared_data / "books" / "gutenberg").rglob("*.txt"))
    books = frame_of([path.read_text(encoding="latin-1") for path in paths])
    counts = redact(books, KINDS)["pii_counts"].struct.unnest().sum().row(0, named=True)
    assert 0 < counts.pop("email") < 5 * len(paths)
    assert counts.pop("phone") < 5 * len(paths)
    assert not any(counts.values())
