"""Token budgets and packing, through the command line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from llm_assets.io.catalog import Catalog
from llm_assets.metadata import total_summary
from llm_assets_tests.e2e.corpora import SmallCorpus
from llm_assets_tests.e2e.test_checks import run_check

pytestmark = pytest.mark.filterwarnings("default")

_RECIPE = """
  mixture: {tokens: 60000}
  packing: {sequence_length: 256, method: best-fit}
  formats: [npy, jsonl]
"""


def test_a_budget_is_kept_and_incremental_equals_rebuild(
    new_corpus: Callable[[], SmallCorpus],
) -> None:
    edited, rebuilt = new_corpus(), new_corpus()
    for corpus in (edited, rebuilt):
        path = corpus.folder / "corpus.yaml"
        path.write_text(path.read_text(encoding="utf-8") + _RECIPE, encoding="utf-8")
    edited.materialize()
    page = edited.folder / "pages" / "more.html"
    page.write_bytes(edited.kept_page().read_bytes().replace(b"e", b"o"))
    shutil.copy(page, rebuilt.folder / "pages")
    edited.materialize()
    rebuilt.materialize()
    for asset in ("mixture", "training_split"):
        assert edited.versions(asset) == rebuilt.versions(asset), asset

    catalog = Catalog(edited.database_url, "small")
    mixed = total_summary(catalog.current("mixture").values())
    parts = total_summary(catalog.current("training_split").values())
    train = parts["tokens_by_split"]["train"] - parts["padding_by_split"]["train"]
    assert mixed["tokens"] == train <= sum(mixed["mixture"]["wanted"].values()) == 60_000
    for name in ("token_counts_add_up", "kept_documents_are_in_the_parts", "splits_never_move"):
        assert run_check(edited, name).passed, name

    with catalog.connect() as connection:
        (row,) = connection.execute(
            "select token_count, tokens from llm_assets.document_ledger "
            "where split = 'train' order by token_count limit 1"
        )
    ranges = json.loads(row["tokens"])
    stream = np.load(Path(edited.store, ranges[0]["file"]), mmap_mode="r")
    assert stream.shape[1] == 256
    assert sum(each["length"] for each in ranges) % (row["token_count"] + 1) == 0
