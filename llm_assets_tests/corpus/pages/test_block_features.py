"""What is known of each block of a page."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.pages import block_model
from llm_assets.corpus.pages.block_context import CONTEXT
from llm_assets.corpus.pages.block_features import FEATURES, Features
from llm_assets.corpus.pages.block_model import Ints, feature_rows
from llm_assets.corpus.pages.page_layout import Layout
from llm_assets.corpus.pages.page_vocabulary import ARTICLE, H2, LI, PARAGRAPH
from llm_assets_tests.corpus.page_layouts import layout_of

COMPILES = settings(deadline=None)  # the first call compiles
PAGE = """<h1>Harbour</h1><nav><a href=/>Home</a></nav><article>
<p>One two, three. Four!</p><p>See <a href=x>more of it</a>.</p><h2>Ships</h2>
<ul><li>Ann</li><li>Bob</li></ul></article><p class=comments>Home</p>"""
HARBOUR, HOME, ONE, SEE, SHIPS, ANN, BOB, COMMENT = range(8)


def rows_of(layout: Layout, chances: Ints | None = None) -> dict[str, list[float]]:
    rows: Features = np.concatenate(list(feature_rows(layout, chances)), axis=1)
    names = FEATURES if chances is None else (*FEATURES, *CONTEXT)
    return dict(zip(names, rows.tolist(), strict=True))


def test_features_have_names_of_their_own() -> None:
    assert len({*FEATURES, *CONTEXT}) == len(FEATURES) + len(CONTEXT) < 256


@pytest.mark.parametrize(
    ("name", "block", "value"),
    [
        ("chars", ONE, 18),
        ("words", ONE, 4),
        ("mark_share", ONE, 2 / 18),
        ("link_share", SEE, 8 / 12),
        ("link_share", HOME, 1),
        ("ends_in_mark", ONE, 1),
        ("ends_in_mark", SHIPS, 0),
        ("copies", HOME, 2),
        ("copies", ONE, 1),
        ("tag", SHIPS, H2),
        ("depth", ANN, 4),
        (f"flag_{ARTICLE.bit_length() - 1}", ANN, 1),
        (f"flag_{ARTICLE.bit_length() - 1}", COMMENT, 0),
        ("blocks_before", SEE, 3),
        ("blocks_after", SEE, 4),
        ("chars_before", ONE, 11),
        ("since_h1", ONE, 2),
        ("since_heading", BOB, 2),
        ("heading_tag", BOB, H2),
        ("heading_tag", HARBOUR, H2 - 1),
        ("page_blocks", ONE, 8),
        ("page_chars", ONE, 56),
        ("items", ONE, 6 / 56),
        ("articles", ONE, 1),
        ("comments", ONE, 4 / 56),
        ("chars_at_-1", ONE, 4),
        ("chars_at_-3", ONE, -1),
        ("tag_at_+1", ONE, PARAGRAPH),
        ("tag_at_+3", ONE, LI),
        ("chars_within_3", HARBOUR, 7 + 4 + 18 + 12),
        ("blocks_up_1", ONE, 5),
        ("twins_up_0", ANN, 2),
        ("place_up_1", BOB, 1),
        ("share_up_2", BOB, (18 + 12 + 5 + 6) / 56),
        ("blocks_over_90", ANN, 5),
        ("group_size_up_0", ANN, 2),
        ("group_chars_up_0", ANN, 3),
    ],
)
def test_a_feature_is_what_its_name_says(name: str, block: int, value: float) -> None:
    assert rows_of(layout_of(PAGE))[name][block] == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "block", "value"),
    [
        ("chance", ONE, 900),
        ("chance_at_-1", ONE, 0),
        ("chance_at_+3", BOB, -1),
        ("chance_within_3", HARBOUR, (18 * 900 + 12 * 600) / 41),
        ("chance_up_1", BOB, 300),
        ("chance_up_2", BOB, (18 * 900 + 12 * 600 + 6 * 300) / 41),
        ("best_chance", HOME, 900),
        ("likely_chars", HOME, (18 * 900 + 12 * 600 + 6 * 300 + 4 * 100) // 1000),
        ("likely_before", SEE, 18 * 900 / (18 * 900 + 12 * 600 + 6 * 300 + 4 * 100)),
        ("likely_comments", SEE, 400 / (18 * 900 + 12 * 600 + 6 * 300 + 4 * 100)),
    ],
)
def test_a_second_look_sees_what_a_first_one_found(name: str, block: int, value: float) -> None:
    chances = np.array([0, 0, 900, 600, 0, 300, 300, 100], np.int32)
    assert rows_of(layout_of(PAGE), chances)[name][block] == pytest.approx(value)


@COMPILES
@given(st.text(st.sampled_from("<>/pdivla 123.\n"), max_size=200))
def test_features_are_finite_and_do_not_depend_on_how_many_are_filled_at_a_time(
    html: str,
) -> None:
    layout = layout_of(f"{html}<p>a")
    chances = np.full(len(layout.blocks), 500, np.int32)
    whole = rows_of(layout, chances)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_model, "_CHUNK", 2)
        assert rows_of(layout, chances) == whole
    assert np.isfinite(np.array(list(whole.values()))).all()
