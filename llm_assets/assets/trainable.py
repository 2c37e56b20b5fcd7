"""The documents that are trained on, of a shard's tables: read by the mixture and the parts."""

from collections.abc import Mapping

import dagster as dg

from llm_assets.assets.final_text import FinalText, final_text_tables
from llm_assets.assets.near_duplicates import NEAR_DUPLICATES
from llm_assets.corpus.training.training_selection import TrainableDocuments, select_documents
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import Corpus

TOKENIZED_CORPUS = "tokenized_corpus"
MIXTURE_TABLE = "mixture"


def trainable_documents(
    corpus: Corpus, tables: Mapping[str, ShardedTable], shard: str
) -> TrainableDocuments:
    """Select the documents of a shard.

    Args:
        corpus: what the corpus file says.
        tables: the tables of `final_text_tables`, `near_duplicates`, `tokenized_corpus`, and
            `mixture` where a budget is to decide.
        shard: which.

    Raises:
        dagster.Failure: if the shard has no text or no tokens yet.
    """
    texts = FinalText({name: tables[name] for name in final_text_tables(corpus)}).scan(shard)
    tokenized = tables[TOKENIZED_CORPUS].scan(shard)
    if texts is None or tokenized is None:
        raise dg.Failure(
            f"{shard} has no text or no tokens yet: materialize cleaned_text and tokenized_corpus",
            allow_retries=False,
        )
    mixture = tables[MIXTURE_TABLE].scan(shard) if MIXTURE_TABLE in tables else None
    return select_documents(texts, tables[NEAR_DUPLICATES].scan(shard), tokenized, mixture)
