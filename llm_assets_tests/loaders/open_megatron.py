"""Opens `.bin` and `.idx` with megatron-core: FOLDER SHARD..."""

import json
import sys
from pathlib import Path

from megatron.core.datasets.indexed_dataset import IndexedDataset


def main() -> None:
    folder, *shards = sys.argv[1:]
    found = []
    for shard in shards:
        data = IndexedDataset(str(Path(folder, shard, "train")), mmap=True)
        found.append(
            {
                "ids": [data[place].tolist() for place in range(len(data))],
                "dtype": data[0].dtype.name,
                "bounds": data.document_indices.tolist(),
                "inside": data.get(5, offset=2, length=3).tolist(),
            }
        )
    sys.stdout.write("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
