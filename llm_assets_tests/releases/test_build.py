"""What a manifest takes over of the stages' figures."""

from llm_assets.io.catalog import Catalog
from llm_assets.io.shards import ShardVersion
from llm_assets.recipe import Corpus
from llm_assets.releases.build import _figures


def test_passages_of_evaluation_sets_stay_here(database_url: str) -> None:
    catalog = Catalog(database_url, "corpus")
    catalog.prepare()
    summary = {
        "rows": 2,
        "documents_by_benchmark": {"gsm8k": 1},
        "ngrams_in_examples": {"gsm8k 1: natalia sold clips to": 1},
        "files": {"rows.parquet": "0" * 32},
    }
    entry = ShardVersion("contamination", "shard-0000", "v", "", "", {}, 2, 1, summary, "run")
    catalog.publish(entry, 0)
    corpus = Corpus.model_validate({"sources": [{"name": "a", "kind": "web", "location": "x"}]})
    assert _figures(corpus, catalog) == {
        "contamination": {"rows": 2, "documents_by_benchmark": {"gsm8k": 1}}
    }
