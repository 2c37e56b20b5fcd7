"""The claim about training parts fails where a part has what the recipe does not allow."""

from pathlib import Path

import polars as pl
import pytest

from llm_assets.assets.contamination import ContaminationJudge
from llm_assets.assets.contamination_check import _contaminated
from llm_assets.assets.final_text import FinalText
from llm_assets.corpus.cuts import apply_cuts
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE
from llm_assets.decontamination_recipe import Decontamination
from llm_assets.io.shards import ShardedTable, ShardVersion
from llm_assets_tests.corpus.contamination.planted import LAMPS, NGRAMS, SHORT, frame, judge, prose

SHARD = "shard-0000"
DOCUMENTS = frame(prose(4), f"{prose(3)}\n{SHORT}\n{prose(3)}", LAMPS)
VERDICTS = judge(*DOCUMENTS["text"], action="cut")
FINAL = apply_cuts(DOCUMENTS, VERDICTS)
EVALUATION = Decontamination.model_validate({"sets": ["riddles.csv"], "action": "cut"})


class Store:
    """Holds one shard of a table, and the parts' documents."""

    def __init__(self, rows: pl.DataFrame, folder: Path) -> None:
        self._rows = rows
        self._folder = folder

    def scan_parquet(self, key: str) -> pl.LazyFrame:
        return self._rows.lazy()

    def open_local(self, key: str) -> Path:
        return self._folder / Path(key).name


def wrong(folder: Path, parts: pl.DataFrame, verdicts: pl.DataFrame | None = VERDICTS) -> int:
    """Return how many documents of these parts are not known to be clean."""
    parts.select("doc_id", "text_hash").write_parquet(folder / DOCUMENTS_FILE)

    def table(name: str, rows: pl.DataFrame, shard: str = SHARD) -> ShardedTable:
        version = ShardVersion(name, shard, "v", f"{name}/", "", {}, rows.height, 1, {}, "run")
        return ShardedTable(name, {shard: version}, Store(rows, folder))

    tables = {"cleaned_text": table("cleaned_text", DOCUMENTS)}
    if verdicts is not None:
        tables["contamination"] = table("contamination", verdicts)
    judged_by = ContaminationJudge(EVALUATION, table("evaluation_ngrams", NGRAMS, "all"))
    return _contaminated(table("training_split", parts), FinalText(tables), judged_by, SHARD)


def test_clean_and_cut_documents_are_right(tmp_path: Path) -> None:
    assert VERDICTS["action"].to_list() == [None, "cut", "drop"]
    assert wrong(tmp_path, FINAL[:2]) == 0
    assert wrong(tmp_path, FINAL[:0]) == 0


@pytest.mark.parametrize(
    "parts",
    [
        FINAL,  # with the document that was to be dropped
        DOCUMENTS[:2],  # with the text that was to be cut
        pl.concat([FINAL[:1], FINAL[1:2].with_columns(doc_id=pl.lit("unknown"))]),
        pl.concat([FINAL[:1], FINAL[1:2].with_columns(text_hash=pl.lit("another text"))]),
    ],
)
def test_what_should_not_be_there_is_counted(tmp_path: Path, parts: pl.DataFrame) -> None:
    assert wrong(tmp_path, parts) == 1


def test_documents_that_were_not_looked_through_are_counted(tmp_path: Path) -> None:
    assert wrong(tmp_path, FINAL[:2], None) == 2


def test_a_verdict_that_the_recipe_does_not_allow_is_not_believed(tmp_path: Path) -> None:
    nothing_done = VERDICTS.with_columns(
        action=pl.lit(None, pl.String), cuts=pl.lit(None, VERDICTS.schema["cuts"])
    )
    assert wrong(tmp_path, DOCUMENTS, nothing_done) == 2
