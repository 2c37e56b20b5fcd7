"""What a profile says of the documents, beside what the original package said of them."""

from functools import cache

import polars as pl

from llm_assets.corpus.profiles.chain import measure_chain
from llm_assets_tests.conformance.vectors_file import FOLDER
from llm_assets_tests.judging import judge


@cache
def judged(profile: str) -> pl.DataFrame:
    """Measure, edit and judge the documents by a profile; `text` is what is left of them."""
    documents = pl.read_parquet(FOLDER / "documents.parquet")
    measured = measure_chain(documents.with_columns(url=pl.lit(None, pl.String)), [profile])
    return judge(measured, [profile])


def beside_vectors(judged: pl.DataFrame, vectors: str) -> pl.DataFrame:
    """Put a file of vectors beside the documents, its columns with the ending `_vector`."""
    theirs = pl.read_parquet(FOLDER / "vectors" / f"{vectors}.parquet")
    joined = judged.join(
        theirs.select("name", pl.exclude("name").name.suffix("_vector")),
        on="name",
        validate="1:1",
    )
    assert joined.height == judged.height == theirs.height
    return joined


def differences(beside: pl.DataFrame) -> dict[str, tuple[str | None, str | None]]:
    """Return our reason and theirs, by the name of each document on which they differ."""
    verdict = pl.col("verdict") == pl.col("verdict_vector")
    reason = pl.col("reason").eq_missing(pl.col("reason_vector"))
    rows = beside.filter(~(verdict & reason)).select("name", "reason", "reason_vector").rows()
    return {name: (ours, theirs) for name, ours, theirs in rows}
