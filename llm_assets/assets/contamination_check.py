"""The claim that nothing of an evaluation set is trained on, and the report on what was found."""

import dagster as dg
import polars as pl

from llm_assets.assets.claims import assembled_today, current_table, current_texts, verdict
from llm_assets.assets.contamination import CONTAMINATION_TABLE, ContaminationJudge
from llm_assets.assets.evaluation_ngrams import EVALUATION_NGRAMS_TABLE
from llm_assets.assets.final_text import FinalText
from llm_assets.corpus.contamination.contaminated_documents import CONTAMINATION
from llm_assets.corpus.contamination.contamination_report import report_by_benchmark
from llm_assets.corpus.training.training_parts import DOCUMENTS_FILE
from llm_assets.decontamination_recipe import Decontamination
from llm_assets.io.shards import ShardedTable
from llm_assets.metadata import frame_table
from llm_assets.partitions import WHOLE
from llm_assets.recipe import Corpus
from llm_assets.resources import CatalogResource, StoreResource

_CLAIM = "no document in the parts has more of an evaluation set than the recipe allows"


def no_evaluation_set_is_trained_on(
    corpus: Corpus, decontamination: Decontamination
) -> dg.AssetChecksDefinition:
    """Build the check."""

    @dg.asset_check(
        asset="training_split",
        name="no_evaluation_set_is_trained_on",
        blocking=True,
        description=(
            "Every text in the parts was looked through for today's evaluation sets, and has no "
            "more of them than the recipe allows; texts of which something was cut are looked "
            "through again. Shards that have not followed yet are left out."
        ),
    )
    def check(store: StoreResource, catalog: CatalogResource) -> dg.AssetCheckResult:
        ngrams = current_table(EVALUATION_NGRAMS_TABLE, store, catalog)
        texts = current_texts(corpus, store, catalog)
        judge = ContaminationJudge(decontamination, ngrams)
        split = assembled_today(corpus, store, catalog)
        wrong = sum(_contaminated(split, texts, judge, shard) for shard in split.shards)
        report = frame_table(_report(texts.tables[CONTAMINATION_TABLE], ngrams))
        figures = {"shards": len(split.shards), "evaluation_sets": report}
        return verdict(wrong, _CLAIM, figures)

    return check


def _report(contamination: ShardedTable, ngrams: ShardedTable) -> pl.DataFrame:
    index = ngrams.scan(WHOLE)
    assert index is not None, "shards were looked through without it"
    return report_by_benchmark(contamination.scan_all(CONTAMINATION.names()), index)


def _contaminated(
    split: ShardedTable, texts: FinalText, judge: ContaminationJudge, shard: str
) -> int:
    """Count the documents in a shard's parts of which the claim is not known to be true."""
    parts = pl.scan_parquet(split.file(shard, DOCUMENTS_FILE), glob=False)
    parts = parts.select("doc_id", "text_hash").unique()
    verdicts = texts.optional(CONTAMINATION_TABLE, shard)
    final = texts.scan(shard)
    if verdicts is None or final is None:
        return int(parts.select(pl.len()).collect().item())
    allowed = verdicts.filter(
        pl.col("action").is_null(),
        pl.col("benchmark").is_null() | (pl.col("share") < pl.col("threshold")),
    )
    unknown = parts.join(allowed, on=["doc_id", "text_hash"], how="anti").collect()
    if unknown.is_empty():
        return 0
    clean = 0
    chosen = final.select("doc_id", "text_hash", "text").join(
        unknown.lazy(), on=["doc_id", "text_hash"], how="semi"
    )
    for batch in chosen.collect_batches(lazy=True):
        clean += judge(batch)["action"].null_count()
    return unknown.height - clean
