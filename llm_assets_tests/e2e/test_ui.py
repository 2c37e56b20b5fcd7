"""The Dagster UI in a real browser: see the graph, materialize, see the run and its figures."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from llm_assets.corpus.identity import shard_of
from llm_assets.services.ports import free_ports
from llm_assets_tests.e2e.corpora import SmallCorpus, command

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

_SECONDS_FOR_A_RUN = 150


def chromium() -> str:
    """Return the browser's path, as `make browser` finds or installs it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("LLM_ASSETS_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), ""
    )
    assert found, "no Chromium: `make test` says how to get one"
    return found


@contextmanager
def user_interface(corpus: SmallCorpus) -> Iterator[str]:
    """Run `llm-assets dev`; its end must leave no process behind."""
    (port,) = free_ports(1)
    log = corpus.folder / "dev.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command(["dev", "--port", str(port)]),
            env=corpus.environment(),
            stdout=stream,
            stderr=stream,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert server.poll() is None, log.read_text()
            try:
                urlopen(f"{address}/server_info", timeout=2).close()
                break
            except (URLError, OSError):
                time.sleep(0.5)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0, log.read_text()


@contextmanager
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        page = browser.new_page(viewport={"width": 1700, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


@pytest.mark.timeout(420)
def test_a_corpus_is_materialized_and_looked_at_in_the_ui(corpus: SmallCorpus) -> None:
    with user_interface(corpus) as address, browser_page() as page:
        page.goto(f"{address}/asset-groups")
        for group in ("sources", "raw", "cleaned", "duplicates", "tokens", "training", "ledger"):
            expect(page.get_by_text(group, exact=True).first).to_be_visible()

        page.get_by_role("button", name="Materialize all").click()
        page.get_by_role("button", name="All", exact=True).click()
        page.get_by_role("button", name="Launch backfill").click()
        deadline = time.monotonic() + _SECONDS_FOR_A_RUN
        while len(corpus.versions("document_ledger")) < 4:
            assert time.monotonic() < deadline, (corpus.folder / "dev.log").read_text()
            time.sleep(1)

        page.goto(f"{address}/runs")
        expect(page.get_by_text("Success").first).to_be_visible(timeout=90_000)
        assert page.get_by_text("Failure").count() == 0

        page.goto(f"{address}/assets/cleaned_text?view=partitions&partition=shard-0001")
        for name in ("dagster/row_count", "verdicts", "content_version"):
            expect(page.get_by_text(name, exact=True).first).to_be_visible()
        page.goto(f"{address}/assets/document_ledger?view=partitions&partition=shard-0001")
        page.get_by_text("[Show Markdown]").first.click()
        picture = page.locator("img[alt='documents left after each stage']").first
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") > 100

        # The daemon's sensor notices an edit and refreshes its shard, and no other.
        before = corpus.versions("raw_web")
        edited = corpus.kept_page()
        edited.write_bytes(edited.read_bytes().replace(b"the", b"THE"))
        shard = shard_of("pages", edited.name, 4)
        deadline = time.monotonic() + _SECONDS_FOR_A_RUN
        while corpus.versions("raw_web")[shard] == before[shard]:
            assert time.monotonic() < deadline, (corpus.folder / "dev.log").read_text()
            time.sleep(1)
        after = corpus.versions("raw_web")
        assert [name for name in after if after[name] != before[name]] == [shard]


def test_the_command_has_a_help_that_names_every_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "llm_assets", "--help"], capture_output=True, text=True, check=True
    )
    for name in ("init", "dev", "materialize", "why", "funnel", "doctor", "schema"):
        assert name in shown.stdout
