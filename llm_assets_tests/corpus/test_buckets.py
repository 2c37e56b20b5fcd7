from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.buckets import Buckets

_ROWS = pl.DataFrame(
    {
        "doc_id": list("abcde"),
        "text": ["A", "", "猫" * 10, "D", "E"],
        "ids": [[1], [], [2, 3], [4], [5]],
    }
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 3))), st.integers(1, 5))
def test_a_bucket_has_the_rows_of_its_documents(
    tmp_path_factory: object, dealt: list[tuple[str, int]], group_rows: int
) -> None:
    folder = tmp_path_factory.mktemp("buckets")  # type: ignore[attr-defined]
    path = folder / "rows.parquet"
    _ROWS.write_parquet(path, row_group_size=group_rows)
    names = pl.DataFrame(dealt, {"doc_id": pl.String, "bucket": pl.Int64}, orient="row")
    buckets = Buckets(folder)
    rows = pl.scan_parquet(path).join(names.unique().lazy(), on="doc_id")
    buckets.deal("rows", rows.collect_batches(lazy=True))
    for bucket in {bucket for _, bucket in dealt}:
        inside = {doc_id for doc_id, place in dealt if place == bucket}
        expected = _ROWS.filter(pl.col("doc_id").is_in(inside))
        assert_frame_equal(buckets.read("rows", bucket), expected, check_row_order=False)
    assert len(list(folder.glob("*.arrow"))) == len({bucket for _, bucket in dealt})


def test_tables_do_not_mix(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path)
    rows = _ROWS.head(1).with_columns(bucket=0)
    buckets.deal("texts", [rows.select("doc_id", "text", "bucket")])
    buckets.deal("ids", [rows.select("doc_id", "ids", "bucket")])
    assert buckets.holds("ids", 0)
    assert not buckets.holds("ids", 1)
    assert buckets.read("texts", 0).rows() == [("a", "A")]
    assert buckets.read("ids", 0).rows() == [("a", [1])]
