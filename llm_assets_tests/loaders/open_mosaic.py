"""Opens MDS parts with mosaicml-streaming: FOLDER SHARD..."""

import json
import sys
from pathlib import Path
from typing import Any

from streaming import Stream, StreamingDataset
from torch.utils.data import DataLoader


def _plain(sample: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "tolist", lambda v=value: v)() for name, value in sample.items()}


def main() -> None:
    folder, *shards = sys.argv[1:]
    # As a trainer far from the store does: fetched, checked, and kept.
    streams = [
        Stream(remote=str(Path(folder, shard, "train.mds")), local=str(Path.home() / shard))
        for shard in shards
    ]
    data = StreamingDataset(
        streams=streams, shuffle=True, shuffle_seed=7, batch_size=4, validate_hash="sha256"
    )
    found = {
        "by_place": [_plain(data[place]) for place in range(len(data))],
        "epochs": [[_plain(sample) for sample in data] for _epoch in range(2)],
        "dtype": data[0]["tokens"].dtype.name,
        "batches": [len(batch) for batch in DataLoader(data, batch_size=4, collate_fn=list)],
    }
    sys.stdout.write("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
