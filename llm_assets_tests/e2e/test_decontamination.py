"""Items of an evaluation set that stand in documents are found, left out or cut, and told of."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from llm_assets.corpus.schema import SPLITS
from llm_assets.io.catalog import Catalog
from llm_assets.metadata import total_summary
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets_tests.e2e.corpora import SmallCorpus, write_small_corpus

QUESTION = (
    "A lighthouse keeper climbs nineteen steps every morning before breakfast and polishes both "
    "lamps twice. How many lamps has he polished after one week of this?"
)
UNSEEN = (
    "Seven painters share four ladders, and whoever holds one lends it to the next at noon. Which "
    "painter never climbs at all on the second day?"
)


@pytest.fixture(scope="module")
def contaminated(
    postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> SmallCorpus:
    """A corpus with a question inside one page, and a page that says little else."""
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute("create database e2e_contaminated")
    folder = tmp_path_factory.mktemp("contaminated") / "corpus"
    corpus = write_small_corpus(folder, postgres_server.database_url("e2e_contaminated"))
    items = [{"question": UNSEEN, "answer": "The fifth"}, {"question": QUESTION, "answer": "28"}]
    (folder / "riddles").mkdir()
    (folder / "riddles" / "test.jsonl").write_text("\n".join(json.dumps(item) for item in items))
    page = sorted((folder / "pages").iterdir())[4]
    text = page.read_text(encoding="utf-8")
    middle = text.index("\n", len(text) // 2)
    page.rename(page.with_name("long.htm"))
    page.with_name("long.htm").write_text(
        f"{text[:middle]}\n\n{QUESTION}\n\n{text[middle:]}", encoding="utf-8"
    )
    page.with_name("short.htm").write_text(f"<html><body><p>{QUESTION}</p></body></html>")
    path = folder / "corpus.yaml"
    recipe = """recipe:
  cleaning: {filters: []}
  decontaminate: {sets: [./riddles/test.jsonl], action: cut}
"""
    path.write_text(path.read_text().replace("recipe:\n", recipe))
    corpus.materialize()
    return corpus


def rows(corpus: SmallCorpus, asset: str, *files: str) -> pl.DataFrame:
    current = Catalog(corpus.database_url, "small").current(asset).values()
    names = files or ("",)
    places = [Path(corpus.store) / f"{entry.location}{name}" for entry in current for name in names]
    return pl.read_parquet(places)


def story(corpus: SmallCorpus, words: str) -> dict[str, Any]:
    done = corpus.run("why", words, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_question_is_in_no_training_part(contaminated: SmallCorpus) -> None:
    cleaned = rows(contaminated, "cleaned_text").filter(verdict="keep")
    parts = rows(contaminated, "training_split", *(f"{split}.parquet" for split in SPLITS))
    assert cleaned["text"].str.contains("lighthouse keeper").sum() == 2
    assert parts["text"].str.contains("lighthouse keeper").sum() == 0
    verdicts = rows(contaminated, "contamination")
    assert verdicts.height == cleaned.height
    found = verdicts.filter(pl.col("benchmark").is_not_null()).sort("share")
    assert found.select("action", "benchmark", "item").rows() == [
        ("cut", "riddles", 2),
        ("drop", "riddles", 2),
    ]
    assert set(found["matched_text"]) == {QUESTION.removesuffix("?")}
    long, short = found["doc_id"]
    assert parts["doc_id"].is_in([long]).sum() == 1
    assert parts["doc_id"].is_in([short]).sum() == 0
    cut = parts.filter(doc_id=long)["text"].item()
    whole = cleaned.filter(doc_id=long)["text"].item()
    (removed,) = found["cuts"][0]
    data = whole.encode()
    assert cut.encode() == data[: removed["start"]] + data[removed["end"] :]


def test_the_story_of_a_contaminated_document(contaminated: SmallCorpus) -> None:
    *_, last = story(contaminated, "short.htm")["stages"]
    assert (last["stage"], last["verdict"]) == ("contamination", "drop")
    assert last["reason"] == "contaminated_riddles"
    assert (last["measured"], last["threshold"]) == (1.0, 0.0)
    assert last["detail"] == f"riddles item 2: {QUESTION.removesuffix('?')}"
    stages = [stage["stage"] for stage in story(contaminated, "long.htm")["stages"]]
    assert stages[2] == "contamination"
    assert stages[-1] == "training_split"


def test_the_figures_are_on_the_pages_of_the_assets(contaminated: SmallCorpus) -> None:
    current = Catalog(contaminated.database_url, "small").current("contamination").values()
    total = total_summary(current)
    assert (total["dropped"], total["cut"]) == (1, 1)
    assert total["documents_by_benchmark"] == {"riddles": 2}
    (index,) = Catalog(contaminated.database_url, "small").current("evaluation_ngrams").values()
    assert index.summary["items_by_benchmark"] == {"riddles": 2}
