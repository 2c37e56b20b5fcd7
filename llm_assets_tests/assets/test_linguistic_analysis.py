"""The asset over a tiny corpus, in this process: what is made, and what is not made again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import dagster as dg
import nltk
import polars as pl
import pytest

from llm_assets import nltk_data
from llm_assets.assets import linguistic_analysis as asset_module
from llm_assets.assets.linguistic_analysis import linguistic_analysis_asset
from llm_assets.corpus.identity import text_hash
from llm_assets.corpus.linguistic.linguistics import LINGUISTIC
from llm_assets.corpus.schema import CLEANED
from llm_assets.io.shards import FrameTask
from llm_assets.linguistics_recipe import Linguistics
from llm_assets.recipe import Corpus, Source
from llm_assets_tests.io.workshop import Workshop, open_workshop, sharded
from llm_assets_tests.nltk_folders import write_nltk_folder

SHARD = "shard-0000"
SHARDS = (SHARD, "shard-0001")
CORPUS = Corpus(shards=2, sources=[Source(name="pages", kind="web", location="./pages/")])
COLUMNS = ["doc_id", "text", "text_hash", "language", "verdict"]
SCHEMA = pl.Schema({name: CLEANED[name] for name in COLUMNS})

DOCUMENTS = {
    "a": ("keep", "en", "The wolves ran. They were in the city."),
    "b": ("drop", "en", None),
    "c": ("keep", "de", "Die Wölfe rannten."),
}

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of NLTK data that the environment names, and no other data on this machine."""
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk_data, "_WORDNET_OF_DEBIAN", tmp_path / "none")
    monkeypatch.setenv("NLTK_DATA", str(tmp_path / "nltk_data"))
    return write_nltk_folder(tmp_path / "nltk_data")


@pytest.fixture
def workshop(tmp_path: Path, database_url: str) -> Workshop:
    return open_workshop(tmp_path, database_url)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were analysed, and not taken over, so far."""
    seen: list[str] = []
    analyse = asset_module.analyse_texts

    def watch(texts: pl.DataFrame, linguist: asset_module.Linguist) -> pl.DataFrame:
        seen.extend(texts["doc_id"])
        return analyse(texts, linguist)

    monkeypatch.setattr(asset_module, "analyse_texts", watch)
    return seen


def cleaned_text(documents: dict[str, tuple[str, str, str | None]]) -> dg.AssetsDefinition:
    """Stand in for the asset upstream: all documents are in the first shard."""
    frame = pl.DataFrame(
        [
            (name, text, None if text is None else text_hash(text), language, verdict)
            for name, (verdict, language, text) in documents.items()
        ],
        SCHEMA,
        orient="row",
    )

    def task(shard: str) -> FrameTask:
        rows = frame if shard == SHARD else frame.clear()

        def make(*_: object) -> Iterator[pl.DataFrame]:
            yield rows

        return FrameTask(
            shard, {"documents": repr(documents)}, "recipe", SCHEMA, make, lambda _: {"rows": 0}
        )

    def tasks(shards: list[str]) -> Iterable[FrameTask]:
        return [task(shard) for shard in shards]

    partitions = dg.StaticPartitionsDefinition(list(SHARDS))
    return sharded(tasks, "cleaned_text", partitions=partitions)


def run(workshop: Workshop, linguistics: Linguistics, **changed: tuple[str, str, str]) -> bool:
    assets = (
        cleaned_text({**DOCUMENTS, **changed}),
        linguistic_analysis_asset(CORPUS, linguistics),
    )
    return workshop.run(*assets, shards=SHARDS, raise_on_error=False).success


def rows(workshop: Workshop) -> pl.DataFrame:
    version = workshop.current("linguistic_analysis")[SHARD]
    return workshop.store.scan_parquet(version.location).collect()


def test_one_row_is_one_kept_document(workshop: Workshop) -> None:
    assert run(workshop, Linguistics(word_form="lemma"))
    table = rows(workshop)
    assert table.schema == LINGUISTIC
    assert table["doc_id"].to_list() == ["a", "c"]
    assert table["words"].to_list() == [["wolf", "ran", "they", "city"], ["wölfe", "rannten"]]
    assert table["missing_steps"].to_list() == [[], ["sentences", "lemma"]]
    summary = workshop.current("linguistic_analysis")[SHARD].summary
    assert summary["sentences"] == 3
    assert summary["top_words_en"] == {"city": 1, "ran": 1, "they": 1, "wolf": 1}


def test_only_changed_documents_are_analysed_again(workshop: Workshop, analysed: list[str]) -> None:
    run(workshop, Linguistics())
    first = workshop.current("linguistic_analysis")
    run(workshop, Linguistics())
    assert workshop.current("linguistic_analysis") == first
    assert analysed == ["a", "c"]
    run(workshop, Linguistics(), c=("keep", "de", "Der Wolf."), d=("keep", "en", "Dogs."))
    assert analysed == ["a", "c", "c", "d"]
    again = rows(workshop)
    run(workshop, Linguistics(), c=("keep", "no", "Der Wolf."), d=("keep", "en", "Dogs."))
    assert analysed[4:] == ["c"]
    assert again["words"].to_list() == [["wolves", "ran", "they", "city"], ["wolf"], ["dogs"]]


def test_another_recipe_or_other_data_analyses_all_again(
    workshop: Workshop, analysed: list[str], folder: Path
) -> None:
    run(workshop, Linguistics())
    run(workshop, Linguistics(word_form="stem"))
    assert analysed == ["a", "c"] * 2
    (folder / "corpora" / "stopwords" / "english").write_text("city\n", encoding="utf-8")
    run(workshop, Linguistics(word_form="stem"))
    assert analysed == ["a", "c"] * 3
    assert rows(workshop)["words"][0].to_list() == [
        "the",
        "wolv",
        "ran",
        "they",
        "were",
        "in",
        "the",
    ]
    (folder / "corpora" / "wordnet" / "noun.exc").write_text("", encoding="utf-8")
    run(workshop, Linguistics(word_form="stem"))
    assert analysed == ["a", "c"] * 3  # stems do not need the dictionary


def test_a_run_without_the_data_that_the_recipe_names_fails_at_its_start(
    workshop: Workshop, analysed: list[str]
) -> None:
    assets = (
        cleaned_text(DOCUMENTS),
        linguistic_analysis_asset(CORPUS, Linguistics(languages=["en", "de"])),
    )
    result = workshop.run(*assets, shards=SHARDS, raise_on_error=False)
    failure = result.failure_data_for_node("linguistic_analysis")
    assert failure is not None
    assert "tokenizers/punkt_tab/german/" in str(failure.error)
    assert analysed == []
    assert workshop.current("linguistic_analysis") == {}


def test_the_definition_says_what_it_is() -> None:
    definition = linguistic_analysis_asset(CORPUS, Linguistics())
    key = dg.AssetKey("linguistic_analysis")
    assert definition.specs_by_key[key].deps[0].asset_key == dg.AssetKey("cleaned_text")
    assert "One row: one kept document" in (definition.descriptions_by_key[key] or "")
