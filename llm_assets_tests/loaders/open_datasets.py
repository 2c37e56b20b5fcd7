"""Opens Parquet and JSON lines with Hugging Face datasets, and torch through it: FOLDER SHARD..."""

import json
import sys
from pathlib import Path
from typing import Any

from datasets import Dataset, load_dataset

_SPLITS = ("train", "validation", "test")


def main() -> None:
    folder, *shards = sys.argv[1:]

    def files(ending: str) -> dict[str, list[str]]:
        return {
            split: [str(Path(folder, shard, split + ending)) for shard in shards]
            for split in _SPLITS
        }

    parts = load_dataset("parquet", data_files=files(".parquet"))
    texts = load_dataset("json", data_files=files(".jsonl.zst"))
    streamed = load_dataset("json", data_files=files(".jsonl.zst"), streaming=True)
    found = {
        "features": {name: repr(kind) for name, kind in parts["train"].features.items()},
        "ids": {split: parts[split]["input_ids"][:] for split in _SPLITS},
        "torch": _torch(parts["train"]),
        "texts": {split: list(texts[split]) for split in _SPLITS},
        "streamed": {split: sum(1 for _ in streamed[split]) for split in _SPLITS},
    }
    sys.stdout.write("\n" + json.dumps(found))


def _torch(data: Dataset) -> dict[str, Any]:
    tensors = data.with_format("torch", columns=["input_ids"])
    last = tensors[len(tensors) - 1]["input_ids"]
    return {"dtype": str(last.dtype), "last": last.tolist()}


if __name__ == "__main__":
    main()
