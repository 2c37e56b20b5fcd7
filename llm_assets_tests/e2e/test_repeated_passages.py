"""What several documents have is in the training split once, and the report tells of the rest."""

from pathlib import Path

import polars as pl

from llm_assets.io.catalog import Catalog
from llm_assets.metadata import total_summary
from llm_assets_tests.e2e.corpora import SmallCorpus

LETTER = "Sign up for the weekly letter of this site and never miss another of its long debates."
RECIPE = """recipe:
  cleaning: {filters: []}
  passages: {unit: line, min_words: 12, min_words_left: 5}
  substrings: {tokens: 50}
"""


def table(corpus: SmallCorpus, asset: str, name: str = "") -> pl.DataFrame:
    current = Catalog(corpus.database_url, "small").current(asset)
    return pl.concat(
        pl.read_parquet(Path(corpus.store) / f"{entry.location}{name}")
        for entry in current.values()
    )


def test_a_repeated_line_is_trained_on_once(corpus: SmallCorpus) -> None:
    pages = sorted((corpus.folder / "pages").iterdir())
    for page in pages:
        text = page.read_text(encoding="utf-8")
        middle = text.index("\n", len(text) // 2)
        page.write_text(text[:middle] + f"\n\n{LETTER}\n\n" + text[middle:], encoding="utf-8")
    path = corpus.folder / "corpus.yaml"
    path.write_text(path.read_text().replace("recipe:\n", RECIPE))
    corpus.materialize()
    cleaned = table(corpus, "cleaned_text").filter(verdict="keep")
    assert cleaned["text"].str.contains(LETTER, literal=True).sum() == len(pages)
    trained = pl.concat(
        table(corpus, "training_split", f"{split}.parquet")
        for split in ("train", "validation", "test")
    )
    assert trained["text"].str.contains(LETTER, literal=True).sum() == 1
    rows = table(corpus, "repeated_passages")
    current = Catalog(corpus.database_url, "small").current("repeated_passages")
    summary = total_summary(current.values())
    assert summary["rows"] == rows.height >= len(pages) - 1
    assert summary["documents_of_the_most_repeated"][LETTER[:80]] == len(pages)
    assert sum(summary["passages_cut_by_site"].values()) == rows["cut_passages"].sum()
    dropped = rows.filter(action="drop")["doc_id"].to_list()
    with Catalog(corpus.database_url, "small").connect() as connection:
        lost = connection.execute(
            "select doc_id from llm_assets.document_ledger where stage = 'repeated_passages'"
        )
        assert sorted(row["doc_id"] for row in lost) == sorted(dropped)
    tokens = table(corpus, "tokenized_corpus")
    twins = table(corpus, "near_duplicates").drop_nulls("duplicate_of")
    report = total_summary(
        Catalog(corpus.database_url, "small").current("repeated_substrings").values()
    )
    assert report["tokens"] == tokens.join(twins, on="doc_id", how="anti")["token_count"].sum()
    assert "pages " in report["share_of_tokens_in_repeated_spans"]
