"""Releases of a small corpus: made, listed, checked, copied, and looked into down to characters."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from llm_assets.assets.corpus_release import CORPUS_RELEASE, RELEASE_JOB
from llm_assets.definitions import build_definitions
from llm_assets.io.catalog import Catalog
from llm_assets.io.object_store import LocalStore
from llm_assets.jobs import REFRESH
from llm_assets.recipe import load_corpus
from llm_assets.releases.decoder import open_decoder
from llm_assets.releases.places import Release, release_at, stored_release
from llm_assets.releases.token_origin import token_origin
from llm_assets.settings import load_settings
from llm_assets_tests.e2e.corpora import SmallCorpus


def told(corpus: SmallCorpus, *arguments: str, code: int = 0, **more: str) -> Any:
    done = corpus.run(*arguments, "--json", **more)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def made(made_corpus: SmallCorpus) -> dict[str, Any]:
    """What `release create` said, the first time."""
    first: dict[str, Any] = told(made_corpus, "release", "create", "--notes", "for the tests")
    return first


@pytest.fixture
def release(made: dict[str, Any], made_corpus: SmallCorpus) -> Release:
    return stored_release(LocalStore(Path(made_corpus.store)), made["version"])


@pytest.fixture
def copied_store(release: Release, made_corpus: SmallCorpus, tmp_path: Path) -> Path:
    """The store's files, to be spoilt."""
    shutil.copytree(made_corpus.store, tmp_path / "store")
    return tmp_path / "store"


def test_the_first_release_has_everything_and_the_second_is_needless(
    made: dict[str, Any], made_corpus: SmallCorpus
) -> None:
    assert (made["version"], made["is_new"], made["notes"]) == ("v1", True, "for the tests")
    assert {"training_split_has_no_leakage", "token_counts_add_up"} <= set(made["checks"])
    card = Path(made_corpus.store, "releases", "v1", "card.html")
    assert made["content_hash"] in card.read_text(encoding="utf-8")
    card.unlink()  # as if the process had been killed right after the manifest
    again = told(made_corpus, "release", "create")
    assert (again["version"], again["is_new"]) == ("v1", False)
    assert card.is_file()
    (listed,) = told(made_corpus, "release", "list")
    assert listed["content_hash"] == made["content_hash"]
    assert listed["documents"] > 40


def test_the_manifest_counts_what_is_there_and_names_no_place(
    release: Release, made_corpus: SmallCorpus
) -> None:
    manifest = release.manifest
    entries = Catalog(made_corpus.database_url, "small").current("training_split").values()
    assert sum(split.tokens for split in manifest.splits.values()) == sum(
        entry.summary["tokens"] for entry in entries
    )
    for counts in (manifest.licenses, manifest.languages, {s.name: s for s in manifest.sources}):
        assert sum(count.tokens for count in counts.values()) == sum(
            split.tokens for split in manifest.splits.values()
        )
    assert set(manifest.licenses) == {"public-domain", "CC0-1.0"}
    assert {"en", "ja"} <= set(manifest.languages)
    assert manifest.funnel[-1]["documents"] == sum(s.documents for s in manifest.splits.values())
    assert str(made_corpus.folder) not in manifest.to_json().decode()


def test_fifty_tokens_are_found_in_the_texts(release: Release, made_corpus: SmallCorpus) -> None:
    texts = dict(
        pl.read_parquet(f"{made_corpus.store}/cleaned_text/*/*.parquet")
        .filter(pl.col("verdict") == "keep")
        .select("doc_id", "text")
        .iter_rows()
    )
    decoder = open_decoder(release)
    draw = random.Random(0)
    places = [
        (split, draw.randrange(count.tokens))
        for split, count in release.manifest.splits.items()
        for _ in range(17)
        if count.tokens
    ]
    assert len(places) > 30
    for split, offset in places:
        found = token_origin(release, decoder, split, offset)
        assert found.doc_id in texts
        if found.kind == "end of document":
            assert found.token_in_document == (found.document_tokens or 0) - 1
            continue
        characters, text = found.characters, texts[found.doc_id]
        assert characters is not None
        assert characters.text == text[characters.start : characters.end]
        assert text[: characters.start].endswith(characters.before)
        assert text[characters.end :].startswith(characters.after)
        (alone,) = decoder.decode(pl.Series([[found.token_id]]))
        assert characters.is_part or alone == characters.text


def test_a_copy_stands_without_database_and_store(
    release: Release, made_corpus: SmallCorpus, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    told(made_corpus, "release", "export", release.manifest.version, str(copy))
    nowhere = {
        "LLM_ASSETS_CORPUS": str(tmp_path / "none.yaml"),
        "LLM_ASSETS_STORE": str(tmp_path / "none"),
        "LLM_ASSETS_POSTGRES_URL": "postgresql://127.0.0.1:1/none",
    }
    assert told(made_corpus, "release", "verify", str(copy), **nowhere)["faults"] == []
    here = told(made_corpus, "why", "--token", f"{copy}:train:1000", **nowhere)
    there = told(made_corpus, "why", "--token", f"{release.manifest.version}:train:1000")
    assert there.items() >= here.items()
    assert there["object_uri"]
    assert release_at(str(copy), tmp_path).manifest.content_hash == release.manifest.content_hash


def test_a_file_that_was_tampered_with_is_named(
    copied_store: Path, made_corpus: SmallCorpus
) -> None:
    victim = max(copied_store.glob("training_split/*/*/train.bin"), key=lambda p: p.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    found = told(made_corpus, "release", "verify", "v1", code=3, LLM_ASSETS_STORE=str(copied_store))
    assert found["faults"] == [{"file": str(victim), "problem": "its bytes do not fit its hash"}]


def test_a_corpus_that_is_not_of_one_piece_is_not_released(
    release: Release, made_corpus: SmallCorpus, tmp_path: Path
) -> None:
    text = (made_corpus.folder / "corpus.yaml").read_text(encoding="utf-8")
    other = made_corpus.folder / "other.yaml"
    other.write_text(text.replace("train: 0.6, validation: 0.2", "train: 0.7, validation: 0.1"))
    done = made_corpus.run("release", "create", "--corpus", str(other))
    assert done.returncode == 1
    assert "training_split was made by another recipe" in done.stderr.replace("\n", " ")
    assert "llm-assets materialize" in done.stderr
    assert len(told(made_corpus, "release", "list")) == 1


@pytest.mark.filterwarnings("default")
def test_the_job_shows_the_release_on_the_assets_page(
    release: Release, made_corpus: SmallCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in made_corpus.environment().items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    definitions = build_definitions(load_corpus(settings.corpus_file), settings)
    refreshed = definitions.resolve_job_def(REFRESH).asset_layer.executable_asset_keys
    assert dg.AssetKey(CORPUS_RELEASE) not in refreshed
    job = definitions.resolve_job_def(RELEASE_JOB)
    config = {"ops": {CORPUS_RELEASE: {"config": {"version": "v1", "notes": "once more"}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(config, instance=instance)
    (event,) = result.get_asset_materialization_events()
    shown = {name: value.value for name, value in event.materialization.metadata.items()}
    assert shown["version"] == "v1"
    assert shown["is_new"] is False
    assert shown["content_hash"] == release.manifest.content_hash
    assert "CC0-1.0" in str(shown["tokens_by_license"])
    config["ops"][CORPUS_RELEASE]["config"]["version"] = "a name with spaces"
    with dg.DagsterInstance.ephemeral() as instance:
        failed = job.execute_in_process(config, instance=instance, raise_on_error=False)
    assert not failed.success
