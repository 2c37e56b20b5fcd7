from llm_assets.corpus.contamination.contamination_report import (
    report_by_benchmark,
    summarize_contamination,
    summarize_ngrams,
)
from llm_assets.corpus.report import add_summaries
from llm_assets_tests.corpus.contamination.planted import (
    LADDERS,
    LAMPS,
    NGRAMS,
    SHORT,
    judge,
    prose,
)

JUDGED = judge(
    f"{prose(3)}\n{SHORT}\n{prose(1)}", LAMPS, f"{LAMPS}\n{LADDERS}", prose(2), action="cut"
)


def test_the_figures_of_a_shard() -> None:
    assert summarize_contamination(JUDGED.lazy()) == {
        "rows": 4,
        "contaminated": 3,
        "dropped": 2,
        "cut": 1,
        "bytes_cut": len(SHORT) + 1,
        "documents_by_benchmark": {"riddles": 2, "rivers": 1},
        "items_by_benchmark": {"riddles": 3, "rivers": 1},
        "ngrams_in_examples": {
            f"riddles 1: {LAMPS[:120]}": 11,
            f"rivers 7: {SHORT[:-1]}": 1,
        },
    }


def test_the_figures_of_shards_add_up() -> None:
    parts = [summarize_contamination(JUDGED[i : i + 2].lazy()) for i in (0, 2)]
    whole = summarize_contamination(JUDGED.lazy())
    added = add_summaries(*parts)
    examples = "ngrams_in_examples"
    assert {**added, examples: {}} == {**whole, examples: {}}


def test_a_shard_without_documents() -> None:
    summary = summarize_contamination(JUDGED.clear().lazy())
    assert summary["rows"] == summary["bytes_cut"] == 0
    assert summary["documents_by_benchmark"] == {}


def test_the_figures_of_the_index() -> None:
    summary = summarize_ngrams(NGRAMS.lazy())
    assert summary["rows"] == NGRAMS.height
    assert summary["items_by_benchmark"] == {"riddles": 2, "rivers": 2}
    assert summary["items_without_ngrams_by_benchmark"] == {"rivers": 1}
    assert summary["ngrams_by_benchmark"]["rivers"] == 1


def test_the_report_counts_an_item_once_however_many_documents_have_it() -> None:
    report = report_by_benchmark(JUDGED.lazy(), NGRAMS.lazy())
    counts = report.drop("largest_share", "share_found", "example").rows()
    assert counts == [("riddles", 2, 0, 2, 2, 2, 0), ("rivers", 2, 1, 1, 1, 0, 1)]
    assert report["share_found"].to_list() == [1.0, 0.5]
    assert report["largest_share"][0] == 1.0
    assert report["example"].to_list() == [LAMPS[:120], SHORT[:-1]]


def test_the_report_has_sets_of_which_nothing_was_found() -> None:
    report = report_by_benchmark(JUDGED.clear().lazy(), NGRAMS.lazy())
    assert report.select("benchmark", "items", "items_found", "documents").rows() == [
        ("riddles", 2, 0, 0),
        ("rivers", 2, 0, 0),
    ]
