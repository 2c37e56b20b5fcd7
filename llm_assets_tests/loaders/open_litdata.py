"""Opens Parquet with litdata, which wants all files of a split in one folder: FOLDER SHARD..."""

import json
import sys
from pathlib import Path

from litdata import StreamingDataset, index_parquet_dataset
from litdata.streaming.item_loader import ParquetLoader


def main() -> None:
    folder, *shards = sys.argv[1:]
    together = Path.home() / "train"
    together.mkdir()
    for shard in shards:
        (together / f"{shard}.parquet").symlink_to(Path(folder, shard, "train.parquet"))
    index_parquet_dataset(str(together))
    loader = ParquetLoader(columns=["input_ids"])
    data = StreamingDataset(str(together), item_loader=loader, shuffle=True, seed=7)
    found = {
        "by_place": [data[place]["input_ids"] for place in range(len(data))],
        "epoch": [row["input_ids"] for row in data],
    }
    sys.stdout.write("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
