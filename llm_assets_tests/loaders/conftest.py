"""Small training parts, and the interpreter that has the trainers' libraries."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llm_assets.corpus.part_formats import mds
from llm_assets.corpus.part_formats.part import PartLayout, TrainingFormat
from llm_assets.corpus.part_formats.writers import open_part_writer
from llm_assets.corpus.schema import SPLITS, Split
from llm_assets_tests.corpus.part_formats.batches import Document, batch, packed

CHECKOUT = Path(__file__).parents[2]
# Read before the tests hide the developer's own variables.
_NAMED = os.environ.get("LLM_ASSETS_LOADERS_PYTHON")
_PYTHON = Path(_NAMED) if _NAMED else CHECKOUT / ".venv-loaders" / "bin" / "python"

SHARDS = ("shard-0000", "shard-0001")
LENGTH = 8
"""Tokens of a packed sequence."""
SHARD_BYTES = 2_000
"""So that a part has several MDS shards."""

_FORMATS: tuple[TrainingFormat, ...] = ("megatron", "parquet", "mds", "jsonl", "npy")
_COUNTS: dict[Split, int] = {"train": 60, "validation": 7, "test": 3}

Open = Callable[..., Any]
"""Runs one of the scripts beside this file on a folder and returns what it found."""


@pytest.fixture
def open_with(tmp_path: Path) -> Open:
    """Run a script with the trainers' libraries."""
    if not _PYTHON.is_file():
        pytest.skip(
            "the trainers' libraries are not installed (about 6 GB): make test LOADERS=yes, "
            "or name a Python that has them in LLM_ASSETS_LOADERS_PYTHON"
        )

    def run(script: str, *arguments: Path | str) -> Any:
        home = tmp_path / "home"
        home.mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKOUT),
            "HOME": str(home),
            "TMPDIR": str(home),
            "HF_HUB_OFFLINE": "1",
        }
        command = [_PYTHON, Path(__file__).with_name(script), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # Some libraries greet on standard output.
        return json.loads(done.stdout.splitlines()[-1])

    return run


def documents(shard: int, split: Split) -> list[Document]:
    return [
        (f"{split}-{shard}-{row}", "wéb", f"text\x00 {row} 漢", _ids(shard, row))
        for row in range(_COUNTS[split])
    ]


def sequences(shard: int, split: Split) -> list[list[int]]:
    """What is in a packed part."""
    return [
        [(shard * 9_973 + row * 31 + place) % 65_536 for place in range(LENGTH)]
        for row in range(_COUNTS[split])
    ]


def _ids(shard: int, row: int) -> list[int]:
    return [(65_535 - shard * 977 - row * 13 - place) % 65_536 for place in range(1 + row * 7)]


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards' parts in all formats, a document a sequence."""
    return _written(tmp_path_factory.mktemp("parts"), PartLayout(np.dtype(np.uint16), None))


@pytest.fixture(scope="session")
def packed_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards' parts in all formats, packed, with 32-bit tokens and compressed MDS shards."""
    layout = PartLayout(np.dtype(np.int32), LENGTH, "zstd")
    return _written(tmp_path_factory.mktemp("packed"), layout)


def _written(folder: Path, layout: PartLayout) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mds, "SHARD_BYTES", SHARD_BYTES)
        for shard, name in enumerate(SHARDS):
            (folder / name).mkdir()
            for split in SPLITS:
                for format in _FORMATS:
                    with open_part_writer(format, folder / name, split, layout) as writer:
                        if layout.sequence_length is None:
                            writer.append(batch(documents(shard, split)))
                        else:
                            writer.append(packed(sequences(shard, split)))
    return folder
