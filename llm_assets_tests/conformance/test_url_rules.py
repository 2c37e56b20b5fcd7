"""Our URL rules give datatrove's answer: the same reason for every URL."""

import json

import polars as pl
from polars.testing import assert_series_equal

from llm_assets.corpus.profiles.url_rules import URL_REASONS, UrlRules, judge_urls
from llm_assets_tests.conformance.vectors_file import FOLDER

VECTORS = FOLDER / "vectors" / "urls.parquet"


def rules_of_the_vectors() -> UrlRules:
    lists = json.loads(pl.read_parquet_metadata(VECTORS)["lists"])
    return UrlRules.of(**{name: as_datatrove_reads(lines) for name, lines in lists.items()})


def as_datatrove_reads(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if not line.startswith("#")]


def test_every_url_is_judged_as_by_datatrove() -> None:
    vectors = pl.read_parquet(VECTORS)
    judged = judge_urls(vectors.select("url"), rules_of_the_vectors())
    different = vectors.with_columns(ours=judged["reason"]).filter(
        pl.col("ours").ne_missing(pl.col("reason"))
    )
    assert different.rows() == []
    assert_series_equal(judged["verdict"], vectors["verdict"])


def test_the_vectors_ask_every_rule() -> None:
    reasons = pl.read_parquet(VECTORS)["reason"]
    assert len(reasons) > 3_000
    assert reasons.drop_nulls().value_counts()["count"].min() >= 30
    assert set(reasons.drop_nulls()) == set(URL_REASONS)
