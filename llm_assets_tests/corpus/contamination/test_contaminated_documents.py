import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.contamination.contaminated_documents import (
    LEAST_BYTES,
    MATCHED_CHARS,
    MOST_CUTS,
    without_contaminated,
)
from llm_assets.corpus.cuts import apply_cuts
from llm_assets_tests.corpus.contamination.planted import (
    LADDERS,
    LAMPS,
    SHORT,
    frame,
    judge,
    prose,
    row,
)

MATCHED_LAMPS = LAMPS.removesuffix("?")


def test_a_document_with_an_item_is_dropped_with_the_evidence() -> None:
    found = row(f"{prose(3)}\n{LAMPS}\n{prose(3)}")
    assert (found["action"], found["benchmark"], found["item"]) == ("drop", "riddles", 1)
    assert found["items"] == [{"benchmark": "riddles", "item": 1}]
    assert found["matched_text"] == MATCHED_LAMPS
    words = len(LAMPS.split())
    assert found["ngram_count"] == words - 13 + 1
    assert found["share"] == pytest.approx(words / (words + 6 * 14))
    assert found["threshold"] == 0.0
    assert found["cuts"] is None


@pytest.mark.parametrize(
    "text",
    [
        LAMPS.upper(),
        LAMPS.replace(" ", "\n"),
        LAMPS.replace(" ", ", ").replace("?", "!"),
        "und davor " + LAMPS + " und danach",
        f"<b>{LAMPS}</b>",
        LAMPS.replace("e", "é"),
        " ".join(LAMPS.split()[4:17]),
        SHORT,
        f"x {SHORT.lower()} y",
    ],
)
def test_an_item_is_known_however_it_is_written(text: str) -> None:
    assert row(text)["action"] == "drop"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "\0\0\0",
        prose(20),
        " ".join(LAMPS.split()[4:16]),
        LAMPS.replace("polishes", "cleans").replace("keeper", "owner").replace("lamps has", "has"),
        " ".join(SHORT.split()[:-1]),
        "No",
        "0 " * 100,
    ],
)
def test_what_shares_less_is_no_item(text: str | None) -> None:
    found = row(text)
    assert (found["action"], found["benchmark"], found["matched_text"]) == (None, None, None)
    assert (found["ngram_count"], found["share"]) == (0, 0.0)


def test_of_several_items_the_one_with_most_ngrams_counts() -> None:
    found = row(f"{SHORT}\n{LADDERS}\n{LAMPS}")
    assert (found["benchmark"], found["item"]) == ("riddles", 1)
    names = [(each["benchmark"], each["item"]) for each in found["items"]]
    assert names == [("riddles", 1), ("riddles", 2), ("rivers", 7)]
    assert found["matched_text"] == MATCHED_LAMPS
    assert found["share"] == 1.0


def test_an_ngram_counts_once_however_often_it_stands_there() -> None:
    assert row(SHORT + "\n" + SHORT)["ngram_count"] == 1


def test_the_evidence_is_bounded() -> None:
    assert len(row(LAMPS.replace(" ", "     -     "))["matched_text"]) == MATCHED_CHARS


def test_below_the_share_nothing_is_done() -> None:
    text = f"{prose(10)}\n{SHORT}"
    share = row(text)["share"]
    assert row(text, share=share)["action"] == "drop"
    assert row(text, share=share, action="cut")["action"] == "cut"
    found = row(text, share=share + 0.001)
    assert (found["action"], found["benchmark"]) == (None, "rivers")


def test_a_cut_takes_out_the_lines_of_an_item() -> None:
    before, after = prose(3), prose(4)
    texts = frame(f"{before}\n{LAMPS}\n{after}\n{SHORT}")
    found = judge(*texts["text"], action="cut")
    assert found["action"].to_list() == ["cut"]
    assert apply_cuts(texts, found)["text"].to_list() == [f"{before}\n{after}"]


def test_what_a_cut_leaves_too_little_of_is_dropped() -> None:
    rest = "x" * LEAST_BYTES
    assert row(f"{rest}\n{LAMPS}", action="cut")["action"] == "cut"
    found = row(f"{rest[1:]}\n{LAMPS}", action="cut")
    assert (found["action"], found["cuts"]) == ("drop", None)


def test_what_falls_into_too_many_pieces_is_dropped() -> None:
    piece = f"{prose(2)}\n{SHORT}\n"
    assert row(piece * MOST_CUTS, action="cut")["action"] == "cut"
    assert row(piece * (MOST_CUTS + 1), action="cut")["action"] == "drop"


def test_what_a_cut_brings_together_may_be_an_item() -> None:
    words = LADDERS.split()
    text = f"{prose(3)}\n{' '.join(words[:6])}\n{SHORT}\n{' '.join(words[6:])}\n{prose(3)}"
    assert row(text, action="cut")["action"] == "drop"


def test_an_item_does_not_begin_in_one_document_and_end_in_the_next() -> None:
    words = LADDERS.split()
    assert judge(" ".join(words), " ".join(words[3:]))["ngram_count"].to_list() == [1, 0]
    assert judge(" ".join(words[:10]), " ".join(words[10:]))["ngram_count"].to_list() == [0, 0]


PIECES = st.sampled_from(
    [LAMPS, LADDERS, SHORT, prose(2), LADDERS[:40], LADDERS[40:], "日本語の文", "\0", "é", "\n"]
)
TEXTS = st.lists(st.none() | st.lists(PIECES, max_size=8).map(" ".join), min_size=1, max_size=6)


@settings(max_examples=40)
@given(TEXTS, st.sampled_from(["drop", "cut"]), st.sampled_from([0.0, 0.2]))
def test_a_row_does_not_depend_on_its_neighbours(
    texts: list[str | None], action: str, share: float
) -> None:
    together = judge(*texts, action=action, share=share).drop("doc_id")  # type: ignore[arg-type]
    alone = [judge(text, action=action, share=share) for text in texts]  # type: ignore[arg-type]
    assert_frame_equal(together, pl.concat(alone).drop("doc_id"))


@settings(max_examples=40)
@given(TEXTS)
def test_a_cut_text_has_nothing_left_to_be_found(texts: list[str | None]) -> None:
    rows = frame(*texts)
    found = judge(*texts, action="cut")
    kept = without_contaminated(apply_cuts(rows, found).lazy(), found.lazy()).collect()
    assert judge(*kept["text"])["benchmark"].null_count() == kept.height


def test_dropped_documents_are_not_seen_by_what_comes_after() -> None:
    rows = frame(LAMPS, prose(3), f"{prose(3)}\n{SHORT}").lazy()
    found = judge(*rows.collect()["text"], action="cut").lazy()
    assert without_contaminated(rows, found).collect()["doc_id"].to_list() == ["d1", "d2"]
    assert without_contaminated(rows, None).collect().height == 3
