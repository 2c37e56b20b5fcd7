"""How likely blocks are content."""

import numpy as np

from llm_assets.corpus.pages.block_context import CONTEXT
from llm_assets.corpus.pages.block_features import FEATURES
from llm_assets.corpus.pages.block_model import (
    CHANCE_ONE,
    SCORE_ONE,
    Trees,
    block_chances,
    block_model,
    look_at,
)
from llm_assets.corpus.pages.html_scan import look_up, name_hash
from llm_assets.corpus.pages.page_layout import page_layout
from llm_assets_tests.corpus.page_layouts import layout_of


def test_a_tree_adds_the_leaf_that_its_answers_lead_to() -> None:
    trees = Trees(
        features=np.array([[0, 1], [1, 1]], np.int32),
        borders=np.array([[0.5, 10], [20, np.inf]], np.float32),
        leaves=np.array([[1, 2, 4, 8], [0, 16, 99, 99]], np.int32),
        start=100,
    )
    rows = np.array([[0, 1, 0, 1, 0.5], [5, 5, 15, 25, 10]], np.float32)
    odds = np.arange(-128, 129, dtype=np.int32)
    assert look_at(rows, trees, odds).tolist() == [101, 102, 104, 124, 101]


def test_odds_beyond_the_table_are_as_good_as_sure() -> None:
    trees = Trees(*(np.empty((0, 1), kind) for kind in (np.int32, np.float32, np.int32)), 10**6)
    chances = np.array([0, 500, 1000], np.int32)
    rows = np.zeros((1, 2), np.float32)
    assert look_at(rows, trees, chances).tolist() == [1000, 1000]
    assert look_at(rows, trees._replace(start=-(10**6)), chances).tolist() == [0, 0]


def test_the_model_fits_the_features() -> None:
    model = block_model()
    for trees, known in ((model.first, FEATURES), (model.second, (*FEATURES, *CONTEXT))):
        assert len(trees.features) == len(trees.borders) == len(trees.leaves) >= 50
        assert trees.leaves.shape[1] == 2 ** trees.features.shape[1] <= 256
        assert 0 <= trees.features.min() <= trees.features.max() < len(known)
    assert model.second.features.max() >= len(FEATURES)
    chances = model.chances
    assert (chances[0], chances[len(chances) // 2], chances[-1]) == (0, CHANCE_ONE // 2, CHANCE_ONE)
    assert chances[len(chances) // 2 + SCORE_ONE] == 731
    assert (np.diff(chances) >= 0).all()


def test_the_model_knows_what_authors_call_the_parts_of_pages() -> None:
    names = block_model().words.names
    assert look_up(np.uint64(name_hash("sidebar")), *names) < 0
    assert look_up(np.uint64(name_hash("footer")), *names) < 0
    assert look_up(np.uint64(name_hash("article")), *names) > 0


def test_text_is_likelier_content_than_navigation() -> None:
    sentence = "The harbour committee agreed that the lighthouse should be repaired, he said. "
    html = (
        "<ul class=menu><li><a href=/>Home</a></li><li><a href=/b>About</a></li></ul>"
        f"<article><p>{sentence * 3}</p><p>{sentence * 2}</p></article><footer>Imprint</footer>"
    )
    model = block_model()
    layout = layout_of(html, words=model.words)
    chances = block_chances(layout, model)
    assert chances[2:4].min() > 800
    assert max(chances[0], chances[1], chances[4]) < 200
    again = page_layout(layout.data.tobytes(), model.words)
    assert block_chances(again, model).tolist() == chances.tolist()
