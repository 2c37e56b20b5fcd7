"""Figures on the pages of the UI: numbers, tables and pictures."""

import base64
import re
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.io.object_store import LocalStore
from llm_assets.io.shards import ShardVersion, Summary
from llm_assets.metadata import (
    corpus_metadata,
    funnel_metadata,
    shard_metadata,
    summary_metadata,
    total_summary,
)
from llm_assets.progress import NoProgress, Outcome, ShardReport

LEDGER: Summary = {
    "rows": 10,
    "verdicts": {"keep": 6, "drop": 3, "quarantine": 1},
    "lost_at": {"raw": 1, "cleaned_text": 2, "near_duplicates": 1},
    "kept_by_split": {"train": 6},
}


def entry(summary: Summary, location: str = "a/shard-0000/v.parquet") -> ShardVersion:
    return ShardVersion("a", "shard-0000", "v", location, "r", {}, 5, 1000, summary, "run")


def report(outcome: Outcome = "published", seconds: float = 2.0) -> ShardReport:
    return ShardReport("a", "shard-0000", outcome, 5, 1_000_000, seconds)


def rows_of(value: object) -> list[str]:
    assert isinstance(value, dg.MarkdownMetadataValue)
    return value.value.split("\n")


def picture_of(value: object) -> bytes:
    assert isinstance(value, dg.MarkdownMetadataValue)
    found = re.fullmatch(
        r"!\[[^\]]+\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", value.value
    )
    assert found
    return base64.b64decode(found[1])


def test_a_shard_s_figures() -> None:
    metadata = shard_metadata(report(), entry({"rows": 5, "tokens": 7}), LocalStore(Path("/s")))
    assert metadata["dagster/row_count"] == 5
    assert metadata["outcome"] == "published"
    assert metadata["size"] == dg.MetadataValue.int(1000)
    assert metadata["content_version"] == "v"
    assert metadata["stored_at"] == dg.MetadataValue.path("/s/a/shard-0000/v.parquet")
    assert metadata["seconds"] == 2.0
    assert metadata["rows_per_second"] == 2.5
    assert metadata["megabytes_per_second"] == 0.5
    assert metadata["tokens"] == 7


def test_work_that_was_not_done_has_no_speed() -> None:
    metadata = shard_metadata(report("up to date", 0.0), entry({}), LocalStore(Path("/s")))
    assert not metadata.keys() & {"seconds", "rows_per_second", "megabytes_per_second"}


def test_a_table_in_postgresql_is_told_as_such() -> None:
    place = "postgresql:llm_assets.document_ledger"
    metadata = shard_metadata(report(), entry({}, place), LocalStore(Path("/s")))
    assert metadata["stored_at"] == dg.MetadataValue.text(place)


def test_a_wide_asset_s_figures_add_up() -> None:
    reports = [report("published"), report("unchanged"), report("up to date"), report("published")]
    entries = [entry({"rows": 5, "dropped": 1, "reasons": {"a": 1}})] * 4
    metadata = corpus_metadata(reports, entries)
    assert metadata["dagster/row_count"] == 20
    assert metadata["size"] == dg.MetadataValue.int(4_000_000)
    assert metadata["shards_published"] == 2
    assert metadata["shards_unchanged"] == metadata["shards_up_to_date"] == 1
    assert metadata["dropped"] == 4
    assert rows_of(metadata["reasons"])[-1] == "| a | 4 | 100.0% |"
    assert corpus_metadata([], [])["dagster/row_count"] == 0


def test_counts_are_a_table_with_the_largest_first() -> None:
    metadata = summary_metadata({"drop_reasons": {"b": 1, "c": 1, "a": 2}, "none": {}})
    assert rows_of(metadata["drop_reasons"]) == [
        "| drop reasons | count | share |",
        "|---|---:|---:|",
        "| a | 2 | 50.0% |",
        "| b | 1 | 25.0% |",
        "| c | 1 | 25.0% |",
    ]
    assert "none" not in metadata


def test_long_tables_are_cut_and_say_so() -> None:
    counts = {f"r{number:02}": 100 - number for number in range(30)}
    lines = rows_of(summary_metadata({"reasons": counts})["reasons"])
    assert len(lines) == 2 + 20 + 1
    assert lines[-1] == f"| 10 more | {sum(range(71, 81))} | {sum(range(71, 81)) / 2565:.1%} |"


def test_counts_of_nothing_have_no_share() -> None:
    assert rows_of(summary_metadata({"x": {"a": 0}})["x"])[-1] == "| a | 0 |  |"


@given(st.text(max_size=200))
def test_no_name_breaks_out_of_its_cell(name: str) -> None:
    lines = rows_of(summary_metadata({"media_types": {name: 1}})["media_types"])
    assert len([line for line in lines if line.startswith("|")]) == 3
    cell = lines[2].removeprefix("| ").removesuffix(" | 1 | 100.0% |")
    assert not re.search(r"(?<!\\)(\\\\)*[|`*\[\]]", cell)
    assert "<" not in cell
    assert len(name) <= 80 or cell.endswith("...")


def test_names_are_text_and_no_markup() -> None:
    names = {"<img src=x>": 1, "[x](javascript:y)": 1, "a|b\nc": 1}
    lines = rows_of(summary_metadata({"t": names})["t"])[2:]
    assert lines == [
        "| &lt;img src=x> | 1 | 33.3% |",
        r"| \[x\](javascript:y) | 1 | 33.3% |",
        r"| a\|b c | 1 | 33.3% |",
    ]


@pytest.mark.parametrize("name", ["kept_text_length", "tokens_per_document"])
def test_a_histogram_is_a_picture(name: str) -> None:
    metadata = summary_metadata({name: {"edges": [10, 100, 1000], "counts": [3, 1]}})
    assert picture_of(metadata[name]).startswith(b"<svg ")


def test_pictures_are_drawn_only_where_they_are_wanted() -> None:
    summary = {**LEDGER, "kept_text_length": {"edges": [10, 100], "counts": [1]}}
    store = LocalStore(Path("/s"))
    drawn = shard_metadata(report(), entry(summary), store)
    plain = shard_metadata(report(), entry(summary), store, pictures=False)
    assert drawn.keys() - plain.keys() == {"funnel", "kept_text_length"}


def test_a_ledger_has_a_funnel() -> None:
    assert picture_of(summary_metadata(LEDGER)["funnel"]).startswith(b"<svg ")
    assert list(funnel_metadata(LEDGER, "funnel_of_the_corpus")) == ["funnel_of_the_corpus"]
    assert funnel_metadata({"rows": 1}) == {}
    assert funnel_metadata({}) == {}


def test_rows_and_files_are_told_elsewhere() -> None:
    assert summary_metadata({"rows": 5, "files": {"a": "hash"}}) == {}


def test_totals() -> None:
    assert total_summary([]) == {}
    assert total_summary([entry({"n": 1, "x": {"a": 1}}), entry({"n": 2, "x": {"b": 1}})]) == {
        "n": 3,
        "x": {"a": 1, "b": 1},
    }


def test_nobody_needs_to_watch() -> None:
    progress = NoProgress()
    with progress.working("a", "shard-0000", None) as advance:
        advance(5)
    progress.finished(report())


def test_languages_and_reasons_are_drawn_as_well() -> None:
    summary = {"languages_kept": {"en": 3, "fr": 1}, "media_types": {"text/html": 4}}
    metadata = summary_metadata(summary)
    assert set(metadata) == {"languages_kept", "languages_kept_chart", "media_types"}
    assert picture_of(metadata["languages_kept_chart"]).startswith(b"<svg ")
    assert set(summary_metadata(summary, pictures=False)) == {"languages_kept", "media_types"}
