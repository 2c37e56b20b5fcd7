"""The laws of the design, on real documents and through the command line."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from llm_assets_tests.e2e.corpora import SAMPLES, SmallCorpus, command

NewCorpus = Callable[[], SmallCorpus]

ASSETS = (
    "raw_web",
    "raw_books",
    "cleaned_text",
    "near_duplicates",
    "tokenized_corpus",
    "training_split",
)


def _files_in(store: str) -> int:
    """Count files, scratch ones too; unlike rglob, walk does not mind folders that vanish."""
    return sum(len(names) for _, _, names in os.walk(store))


def edit(corpus: SmallCorpus) -> None:
    """Change a page, remove one, rename one; add a copy and a near-duplicate of others."""
    pages = sorted((corpus.folder / "pages").iterdir())
    text = pages[0].read_text(encoding="utf-8", errors="replace")
    pages[0].write_text(text.replace("the", "THE"), encoding="utf-8")
    pages[1].unlink()
    pages[2].rename(pages[2].with_name("renamed.htm"))
    (corpus.folder / "pages" / "copy.htm").write_bytes(pages[3].read_bytes())
    near = pages[4].read_bytes().replace(b"</pre>", b"And so it ends after all.\n</pre>")
    (corpus.folder / "pages" / "near.htm").write_bytes(near)


def test_incremental_equals_rebuild_byte_for_byte(new_corpus: NewCorpus) -> None:
    edited, rebuilt = new_corpus(), new_corpus()
    edited.materialize()
    edit(edited)
    edit(rebuilt)
    edited.materialize(LLM_ASSETS_WORKERS="2")
    rebuilt.materialize()
    assert edited.documents("reason = 'near_duplicate'")
    # Not of cleaned_text: it holds the path where each document was read.
    for asset in ("near_duplicates", "tokenized_corpus", "training_split"):
        assert edited.versions(asset) == rebuilt.versions(asset), asset


def test_a_second_run_recomputes_nothing(made_corpus: SmallCorpus) -> None:
    again = made_corpus.materialize()
    assert all(row["up_to_date"] == row["shards"] for row in again["assets"])
    assert again["funnel"]["tokens"] > 0
    assert "nothing was recomputed" in made_corpus.run("materialize").stdout


def test_one_changed_file_touches_one_shard(corpus: SmallCorpus) -> None:
    corpus.materialize()
    before = {asset: corpus.versions(asset) for asset in ASSETS}
    page = corpus.kept_page()
    page.write_bytes(page.read_bytes().replace(b"Senate", b"Chamber").replace(b"House", b"Floor"))
    corpus.materialize()
    changed = {
        asset: [s for s, version in corpus.versions(asset).items() if before[asset][s] != version]
        for asset in ASSETS
    }
    assert len(changed["raw_web"]) == 1
    assert changed["cleaned_text"] == changed["training_split"] == changed["raw_web"]
    assert changed["raw_books"] == []


@pytest.mark.parametrize("files", [3, 13])
def test_a_killed_run_leaves_nothing_half_done(new_corpus: NewCorpus, files: int) -> None:
    killed, whole = new_corpus(), new_corpus()
    process = subprocess.Popen(
        command(["materialize", "--json"]),
        env=killed.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while _files_in(killed.store) < files and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for asset in ASSETS[:3]:
        for shard, version in killed.versions(asset).items():
            assert (Path(killed.store) / asset / shard / f"{version}.parquet").is_file()
    killed.materialize()
    whole.materialize()
    for asset in ("tokenized_corpus", "training_split"):
        assert killed.versions(asset) == whole.versions(asset)


def test_an_interrupted_run_says_so_and_can_go_on(corpus: SmallCorpus) -> None:
    process = subprocess.Popen(
        command(["materialize"]),
        env=corpus.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while _files_in(corpus.store) < 3 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "Stopped" in told
    assert "Traceback" not in told
    corpus.materialize()


def test_why_answers_in_the_documented_form(made_corpus: SmallCorpus) -> None:
    story = json.loads(made_corpus.run("why", "--example", "kept", "--json").stdout)
    assert {"doc_id", "source", "object_uri", "locator", "url", "license", "language", "stages",
            "duplicate_of", "split", "token_count", "tokens"} <= set(story)  # fmt: skip
    assert [stage["stage"] for stage in story["stages"]][-1] == "training_split"
    assert all(stage["run_id"] for stage in story["stages"])
    (part,) = story["tokens"]
    tokens = np.memmap(Path(made_corpus.store) / part["file"], np.uint16, "r")
    assert part["length"] == story["token_count"] + 1
    assert len(tokens) >= part["offset"] + part["length"]
    by_file = json.loads(made_corpus.run("why", story["object_uri"], "--json").stdout)
    found = by_file if isinstance(by_file, list) else [by_file]
    assert story["doc_id"] in {each["doc_id"] for each in found}
    assert made_corpus.run("why", "no such words anywhere").returncode == 1


def test_parts_hold_the_same_tokens_in_both_formats(made_corpus: SmallCorpus) -> None:
    for folder in Path(made_corpus.store, "training_split").glob("*/*"):
        for split in ("train", "validation", "test"):
            ids = pl.read_parquet(folder / f"{split}.parquet")["input_ids"].explode().drop_nulls()
            tokens = np.fromfile(folder / f"{split}.bin", np.uint16)
            assert np.array_equal(ids.to_numpy(), tokens)


def test_damaged_files_are_quarantined_and_the_run_succeeds(corpus: SmallCorpus) -> None:
    for path in (SAMPLES / "damaged" / "pages").iterdir():
        (corpus.folder / "pages" / path.name).write_bytes(path.read_bytes())
    outcome = corpus.materialize()
    verdicts = {verdict for _, verdict, _, _ in outcome["funnel"]["reasons"]}
    assert "quarantine" in verdicts
    story = json.loads(corpus.run("why", "--example", "quarantined", "--json").stdout)
    assert story["stages"][-1]["reason"]


def test_the_store_can_be_s3(new_corpus: NewCorpus, s3_prefix: str) -> None:
    local, remote = new_corpus(), new_corpus()
    local.materialize()
    replace(remote, store=f"{s3_prefix}store").materialize()
    assert remote.versions("training_split") == local.versions("training_split")


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"LLM_ASSETS_POSTGRES_URL": "postgresql://a:sesame@127.0.0.1:9/x"}, 1, "PostgreSQL"),
        ({"LLM_ASSETS_CORPUS": "/nowhere/corpus.yaml"}, 2, "llm-assets init"),
        ({"LLM_ASSETS_STORE": "/proc/nowhere"}, 1, "store"),
    ],
)
def test_a_wrong_setting_ends_in_one_clear_message(
    made_corpus: SmallCorpus, variables: dict[str, str], code: int, words: str
) -> None:
    done = made_corpus.run("materialize", **variables)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "sesame" not in done.stderr + done.stdout


def test_unknown_assets_and_shards_are_wrong_usage(made_corpus: SmallCorpus) -> None:
    assert made_corpus.run("materialize", "--select", "nothing").returncode == 2
    assert made_corpus.run("materialize", "--shard", "shard-9999").returncode == 2
