"""Where text without spaces is cut: at words, inside runs, in any batch."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus import segmentation, words
from llm_assets.corpus.segmentation import find_cuts
from llm_assets.corpus.word_kernels import CUT

COMPILES = settings(deadline=None)  # the first call compiles


def cut(*texts: str) -> list[list[str]]:
    """Return what each text is cut into; pieces of what whitespace parts stay together."""
    classes = words._character_classes()
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    runs = np.array(
        [
            sum(any(classes[ord(c)] & CUT for c in run if ord(c) < len(classes)) for run in runs)
            for runs in map(str.split, texts)
        ],
        np.int64,
    )
    cuts = find_cuts(data, offsets, classes, runs)
    assert (np.diff(cuts) > 0).all()
    pieces = []
    for row, text in enumerate(encoded):
        inside = cuts[(cuts > offsets[row]) & (cuts < offsets[row + 1])] - offsets[row]
        bounds = [0, *inside.tolist(), len(text)]
        pieces.append([text[a:b].decode() for a, b in pairwise(bounds)])
    return pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("東京に行く。", ["東京", "に", "行く。"]),  # signs stay with the word before
        ("「東京」に", ["「東京」", "に"]),  # at the front, with the word behind
        ("人人有权自由迁徙", ["人人", "有权", "自由", "迁徙"]),
        ("สวัสดีครับ", ["สวัสดี", "ครับ"]),
        ("ສິດທິມະນຸດ", ["ສິດທິ", "ມະນຸດ"]),
        ("មនុស្សទាំងអស់", ["មនុស្ស", "ទាំងអស់"]),
        ("လူတိုင်းသည်", ["လူ", "တိုင်း", "သည်"]),
        ("2024年Linux版", ["2024", "年", "Linux", "版"]),
        ("𠮷野家で", ["𠮷", "野家", "で"]),  # beyond 16 bits
        ("…東京", ["…東京"]),
        ("the cat sat", ["the cat sat"]),
        ("한국어는 띄어쓰기를", ["한국어는 띄어쓰기를"]),
        ("", [""]),
    ],
)
def test_cuts(text: str, pieces: list[str]) -> None:
    assert cut(text) == [pieces]


def test_long_runs_are_cut_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "_LONGEST_RUN", 30)
    monkeypatch.setattr(segmentation, "_LEAST_PIECE", 27)
    (pieces,) = cut("東京" * 40)
    assert "".join(pieces) == "東京" * 40
    assert pieces.count("東京") > 30
    assert cut("。" * 10 + "東" + "。" * 30) == [["。" * 10, "東" + "。" * 30]]


def test_a_hundred_thousand_letters_without_a_space_take_no_longer_each() -> None:
    assert len(cut("ก" * 100_000)[0]) > 1_000
    assert len(cut("ア" * 100_000)[0]) > 100


mixed = st.lists(
    st.one_of(
        st.sampled_from(
            ["東京に", "ไปกรุงเทพ", "លោក", "cat", " ", "\n", "。", "7", "한국", "ー", "𠮷"]
        ),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    ),
    max_size=12,
).map("".join)


@COMPILES
@given(st.lists(mixed, max_size=5), st.integers(1, 40))
def test_neither_batches_nor_neighbours_matter(texts: list[str], batch: int) -> None:
    alone = [cut(text)[0] for text in texts]
    assert cut(*texts) == alone
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmentation, "_BATCH_BYTES", batch)
        assert cut(*texts) == alone


@COMPILES
@given(mixed)
def test_every_piece_has_a_letter_or_number_and_nothing_is_lost(text: str) -> None:
    (pieces,) = cut(text)
    assert "".join(pieces) == text
    if len(pieces) > 1:
        assert all(any(words._character_classes()[ord(c)] & 6 for c in p) for p in pieces[1:])
