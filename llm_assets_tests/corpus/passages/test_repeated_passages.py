"""Of what several documents have, one keeps it; nothing else is touched."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.cuts import apply_cuts
from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.passages.passages import PassagePlan, find_passage_records
from llm_assets.corpus.passages.repeated_passages import (
    REPEATED_PASSAGES,
    TOO_LITTLE_LEFT,
    PassageDecision,
)
from llm_assets_tests.corpus.passages.plain_passages import is_compared, passages_of, words_of

Document = tuple[str, str, str | None]
"""Its id, its site and its text."""

LEGAL = "All rights reserved by the publisher of this page."


def frame(documents: Sequence[Document]) -> pl.DataFrame:
    schema = {"doc_id": pl.String, "site": pl.String, "text": pl.String}
    texts = pl.DataFrame(documents, schema, orient="row")
    hashes = [None if text is None else text_hash(text) for text in texts["text"]]
    return texts.with_columns(text_hash=pl.Series(hashes, dtype=pl.String))


def batches(documents: Sequence[Document], size: int) -> list[pl.DataFrame]:
    return list(frame(documents).iter_slices(size))


def decide(
    shards: Sequence[Sequence[Document]], plan: PassagePlan, *, ranges: int = 1, size: int = 2
) -> tuple[pl.DataFrame, dict[int, dict[str, int]]]:
    with tempfile.TemporaryDirectory() as folder:
        decision = PassageDecision(plan, Path(folder), ranges)
        for number, documents in enumerate(shards):
            decision.read(number, batches(documents, size))
        decision.decide()
        rows = [
            row
            for number, documents in enumerate(shards)
            for row in decision.rows(number, batches(documents, size))
        ]
    return pl.concat([pl.DataFrame(schema=REPEATED_PASSAGES), *rows]), decision.excerpts


def final_texts(documents: Sequence[Document], rows: pl.DataFrame) -> dict[str, str]:
    texts = frame(documents).drop_nulls("text")
    cut = apply_cuts(texts, rows)
    return dict(cut.select("doc_id", "text").iter_rows())


PIECES = [
    "a b",
    "A B",
    "a c",
    "İ x",
    "ß y",
    "字字",
    "字",
    "a\x00b c",
    "\u3000",
    " ",
    "",
    "\t",
    "\x85",
]
LINES = st.sampled_from([*PIECES, " a b", "a b ", "a b\u3000", "b c\x1c"])
TEXTS = st.lists(LINES, max_size=8).map("\n".join)
PLANS = st.builds(
    PassagePlan,
    unit=st.sampled_from(["line", "paragraph"]),
    scope=st.sampled_from(["corpus", "site"]),
    min_words=st.integers(1, 3),
    min_chars=st.integers(1, 4),
    copies=st.integers(2, 3),
    min_words_left=st.integers(0, 3),
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Document]:
    texts = draw(st.lists(st.none() | TEXTS, max_size=6))
    return [(f"doc-{i}", draw(st.sampled_from("st")), text) for i, text in enumerate(texts)]


@given(corpora(), PLANS)
@settings(max_examples=100, deadline=None)
def test_one_document_keeps_each_repeated_passage(
    documents: list[Document], plan: PassagePlan
) -> None:
    rows, _ = decide([documents], plan)
    before = {
        doc_id: (site if plan.scope == "site" else "", passages_of(text, plan.unit))
        for doc_id, site, text in documents
        if text is not None
    }
    holders = Counter((site, passage) for site, found in before.values() for passage in set(found))
    repeated = {
        key for key, count in holders.items() if count >= plan.copies and is_compared(key[1], plan)
    }
    left: Counter[tuple[str, str]] = Counter()
    for doc_id, text in final_texts(documents, rows).items():
        site, found = before[doc_id]
        now = passages_of(text, plan.unit)
        assert [p for p in now if (site, p) not in repeated] == [
            p for p in found if (site, p) not in repeated
        ]
        left.update((site, p) for p in now if (site, p) in repeated)
    assert left == Counter(repeated)
    # What is dropped keeps nothing for others, so every passage that is repeated stays somewhere.
    for row in rows.filter(action="drop").iter_rows(named=True):
        site, _ = before[row["doc_id"]]
        text = final_texts(documents, rows)[row["doc_id"]]
        assert not [p for p in passages_of(text, plan.unit) if (site, p) in repeated]
        assert words_of(text) == row["measured"] < plan.min_words_left == row["threshold"]


@given(corpora(), PLANS)
@settings(max_examples=40, deadline=None)
def test_figures_are_those_of_the_texts(documents: list[Document], plan: PassagePlan) -> None:
    rows, _ = decide([documents], plan)
    texts = final_texts(documents, rows)
    given_texts = {doc_id: text for doc_id, _, text in documents}
    for row in rows.iter_rows(named=True):
        before, after = given_texts[row["doc_id"]], texts[row["doc_id"]]
        assert before is not None
        assert row["cut_chars"] == len(before) - len(after)
        assert row["cut_share"] == pytest.approx(row["cut_chars"] / len(before))
        assert row["measured"] == words_of(after)
        ends = [0, *(cut[name] for cut in row["cuts"] for name in ("start", "end"))]
        assert ends == sorted(ends)
        assert all(cut["start"] < cut["end"] for cut in row["cuts"])


@given(corpora(), PLANS, st.data())
@settings(max_examples=40, deadline=None)
def test_order_batches_shards_and_ranges_do_not_matter(
    documents: list[Document], plan: PassagePlan, data: st.DataObject
) -> None:
    expected, _ = decide([documents], plan, size=100)
    shuffled = data.draw(st.permutations(documents))
    at = data.draw(st.integers(0, len(documents)))
    size, ranges = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    rows, _ = decide([shuffled[:at], shuffled[at:]], plan, ranges=ranges, size=size)
    assert_frame_equal(rows.sort("doc_id"), expected.sort("doc_id"))


def test_who_keeps_nothing_and_has_too_little_left_is_dropped() -> None:
    documents = [(f"d{i}", "s", f"{LEGAL}\n\nOwn words {i}") for i in range(4)]
    plan = PassagePlan(min_words=5, min_words_left=10)
    rows, excerpts = decide([documents], plan)
    assert rows["action"].to_list() == ["drop"] * 3
    assert set(rows["reason"]) == {TOO_LITTLE_LEFT}
    assert set(rows["measured"]) == {3.0}
    assert excerpts == {0: {LEGAL: 4}}
    generous, _ = decide([documents], PassagePlan(min_words=5, min_words_left=3))
    assert generous["action"].to_list() == ["cut"] * 3


def test_who_keeps_a_passage_for_others_is_never_dropped() -> None:
    passages = [f"Passage number {i} stands in all of them." for i in range(6)]
    documents = [(f"d{i}", "s", "\n\n".join(passages)) for i in range(12)]
    rows, _ = decide([documents], PassagePlan(min_words=5, min_words_left=1000))
    texts = final_texts(documents, rows)
    dropped = rows.filter(action="drop")["doc_id"].to_list()
    assert {texts[doc_id] for doc_id in dropped} == {""}
    left = [texts[doc_id] for doc_id in sorted(set(texts) - set(dropped))]
    assert sorted(p for text in left for p in text.split("\n\n")) == passages


def test_halves_of_words_add_up_over_what_is_left() -> None:
    documents = [("a", "s", f"字\n{LEGAL}\n字"), ("b", "s", f"字\n{LEGAL}\n字")]
    rows, _ = decide([documents], PassagePlan(unit="line", min_words=5))
    assert rows["measured"].to_list() == [1.0]


def test_one_document_alone_repeats_nothing() -> None:
    rows, excerpts = decide([[("d", "s", f"{LEGAL}\n\n{LEGAL}")]], PassagePlan(min_words=5))
    assert rows.is_empty()
    assert excerpts == {0: {}}


def test_a_site_does_not_hear_of_another() -> None:
    documents = [("a", "s", LEGAL), ("b", "t", LEGAL)]
    assert decide([documents], PassagePlan(min_words=5))[0].height == 1
    assert decide([documents], PassagePlan(min_words=5, scope="site"))[0].is_empty()


@pytest.mark.parametrize(
    ("text", "unit", "left"),
    [
        ("one\nX Y Z\ntwo", "line", "one\ntwo"),
        ("one\n\nX Y Z\n\ntwo", "line", "one\n\ntwo"),
        ("one\n\nX Y Z\nX Y Z\n\ntwo", "line", "one\n\ntwo"),
        ("one\nX Y Z\n\ntwo", "line", "one\n\ntwo"),
        ("X Y Z\n\ntwo", "paragraph", "two"),
        ("one\n\n x y z \n", "paragraph", "one"),
        ("one\nX Y Z\n\nX Y Z", "line", "one"),
        ("X Y Z\n\nX Y Z", "paragraph", ""),
    ],
)
def test_no_blank_lines_are_left_behind(text: str, unit: str, left: str) -> None:
    # Whoever keeps the passage keeps it once in a row of others: so many that it is not this text.
    for copy in range(20):
        documents = [(f"cut-{copy}", "s", text), *((f"d{i}", "s", "X Y Z") for i in range(9))]
        plan = PassagePlan(unit="line" if unit == "line" else "paragraph", min_words=3)
        rows, _ = decide([documents], plan)
        found = final_texts(documents, rows)[f"cut-{copy}"]
        if "X Y Z" not in found.upper():
            assert found == left
            return
    pytest.fail("this text kept the passage twenty times")


def plain_mix(number: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        number = (number ^ number >> 33) * factor & (1 << 64) - 1
    return number ^ number >> 33


def plain_hash(text: str, seed: int) -> int:
    data = text.encode()
    for at in range(0, len(data), 8):
        seed = plain_mix(seed ^ int.from_bytes(data[at : at + 8], "little"))
    return plain_mix(seed ^ len(data))


def test_hashes_are_the_same_in_every_release() -> None:
    documents = frame([("d", "s", "Ünder 字 the\nlong line of text\n12345678")])
    records = find_passage_records(documents, PassagePlan(unit="line", min_words=1), 3, 5)
    lines = ["ünder 字 the", "long line of text", "12345678"]
    assert records["hash"].tolist() == [plain_hash(line, 0x243F6A8885A308D3) for line in lines]
    checks = [plain_hash(line, 0x13198A2E03707344) >> 32 for line in lines]
    assert records["check"].tolist() == checks
    assert records["document"].tolist() == [(3 << 32) + 5] * 3


def test_similar_numbers_do_not_collide() -> None:
    """Tables of digits differ in few bits of several words: a weak hash makes them equal."""
    lines = [
        f"{i % 997:07d} {i * 7 % 1009:07d} {i * 13 % 1013:07d} {i:07d}" for i in range(200_000)
    ]
    records = find_passage_records(
        frame([("d", "s", "\n".join(lines))]), PassagePlan(unit="line", min_words=4), 0, 0
    )
    assert len(np.unique(records["hash"])) == len(lines)
    # Of 32 bits, about 200,000^2 / 2^33 = 4.7 pairs are equal by chance.
    assert len(np.unique(records["check"])) > len(lines) - 30
