"""Steps cut the lines of a page's frame, count them, and leave all else as it is."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from llm_assets.corpus.line_steps import cut_lines
from llm_assets.corpus.site_lines import SITE_LINES, site_hashes

LINES = [
    "Skip to main content",
    "We use cookies.",
    "A sentence of the article.",
    "",
    "Another one, about the next menu.",
    "Next",
    "Story of the day",
]
REPEATED = pl.DataFrame([("source:s", "Story of the day", 9, 0.9)], SITE_LINES, orient="row")
TEXTS = st.lists(
    st.none() | st.lists(st.sampled_from(LINES), max_size=8).map("\n".join), max_size=6
)


def frame(texts: list[str | None]) -> pl.DataFrame:
    schema = {"text": pl.String, "url": pl.String, "source": pl.String}
    return pl.DataFrame([(text, None, "s") for text in texts], schema, orient="row")


def test_what_is_cut() -> None:
    text = "Skip to main content\n\nFirst paragraph.\n\nWe use cookies.\n\nSecond.\nNext"
    rows = frame([text, "First paragraph.", None])
    cut = cut_lines(rows, ["cookie_banners", "navigation"])
    assert cut["text"].to_list() == ["First paragraph.\n\nSecond.", "First paragraph.", None]
    assert cut["cut_line_count"].to_list() == [3, 0, None]
    assert cut_lines(rows, ["cookie_banners"])["cut_line_count"].to_list() == [1, 0, None]


def test_a_paragraph_is_no_frame() -> None:
    paragraph = "We use cookies. " * 60
    assert cut_lines(frame([paragraph]), ["cookie_banners"])["text"].item() == paragraph


def test_repeated_lines_are_cut_and_named() -> None:
    rows = frame(["Story of the day\nText.", "Text."])
    cut = cut_lines(rows, ["site_boilerplate"], REPEATED)
    assert cut["text"].to_list() == ["Text.", "Text."]
    assert cut["cut_line_count"].to_list() == [1, 0]
    assert cut["boilerplate_hash"].unique().to_list() == (
        site_hashes(REPEATED)["boilerplate_hash"].to_list()
    )
    assert cut_lines(rows, [], REPEATED)["boilerplate_hash"].null_count() == 2


@given(TEXTS)
def test_laws(texts: list[str | None]) -> None:
    steps = ["site_boilerplate", "cookie_banners", "navigation"]
    rows = frame(texts)
    cut = cut_lines(rows, steps, REPEATED)
    assert_series_equal(cut_lines(cut, steps, REPEATED)["text"], cut["text"])
    assert_frame_equal(cut_lines(rows, steps[::-1], REPEATED), cut)
    one_by_one = [cut_lines(rows[i : i + 1], steps, REPEATED) for i in range(rows.height)]
    assert_frame_equal(pl.concat([cut.clear(), *one_by_one]), cut)
    untouched = cut["cut_line_count"] == 0
    assert_series_equal(cut["text"].filter(untouched), rows["text"].filter(untouched))
    before = set(LINES)
    assert all(line in before for text in cut["text"].drop_nulls() for line in text.split("\n"))
