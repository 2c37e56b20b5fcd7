"""FineWeb's signals as datatrove 0.10 measures them."""

import polars as pl
import pytest

from llm_assets.corpus.profiles.fineweb import FINEWEB_SIGNALS, measure_fineweb


def measure(*texts: str | None) -> pl.DataFrame:
    return measure_fineweb(pl.DataFrame({"text": texts}, schema={"text": pl.String}))


@pytest.mark.parametrize(
    ("text", "lines", "terminal", "short", "repeated", "newlines"),
    [
        ("It ends.", 1, 1.0, 1.0, 0.0, 0.0),
        (f"It ends.\n\n{'word ' * 7}", 2, 0.5, 0.5, 0.0, 2 / 10),
        ("one\ntwo\none\none", 4, 0.0, 1.0, 0.5, 3 / 4),
        ("東京に行く。\n京都に行く。", 2, 1.0, 1.0, 0.0, 1 / 4),  # no rule is left out
        ("  \n ", 0, None, None, 0.0, None),
        ("", 0, None, None, None, None),
        (None, None, None, None, None, None),
    ],
)
def test_signals(
    text: str | None,
    lines: int | None,
    terminal: float | None,
    short: float | None,
    repeated: float | None,
    newlines: float | None,
) -> None:
    assert measure(text).row(0) == (lines, terminal, short, repeated, newlines)


def test_rows_and_schema() -> None:
    assert measure("a", None, "b").schema == FINEWEB_SIGNALS
    assert measure("a", None, "b").height == 3
    assert measure().is_empty()
