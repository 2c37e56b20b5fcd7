"""Iterate batches with one library: `loader_read.py WHO WORK WORKERS BATCHES` prints JSON."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

LENGTH = 2_048
BATCH = 8
SETTLED = 10  # batches until everything runs

Pair = tuple[object, object]


def ours(work: Path, workers: int) -> Iterator[Pair]:
    from llm_assets.loader.token_loader import TokenLoader

    loader = TokenLoader(work / "release", batch_size=BATCH, workers=workers, as_torch=True)
    for batch in loader:
        yield batch.inputs, batch.labels


def ours_in_torch(work: Path, workers: int) -> Iterator[Pair]:
    from torch.utils.data import DataLoader

    from llm_assets.loader.token_loader import TokenLoader

    loader = TokenLoader(work / "release", batch_size=BATCH, workers=0, as_torch=True)
    data = DataLoader(loader.as_iterable_dataset(), batch_size=None, num_workers=workers)
    for batch in data:
        yield batch.inputs, batch.labels


def streaming(work: Path, workers: int) -> Iterator[Pair]:
    from streaming import StreamingDataLoader, StreamingDataset

    data = StreamingDataset(local=str(work / "mds"), shuffle=True, batch_size=BATCH)
    while True:
        for batch in StreamingDataLoader(data, batch_size=BATCH, num_workers=workers):
            tokens = batch["tokens"].long()
            yield tokens[:, :-1], tokens[:, 1:]


def litdata(work: Path, workers: int) -> Iterator[Pair]:
    from litdata import StreamingDataLoader, StreamingDataset, TokensLoader

    data = StreamingDataset(
        str(work / "litdata"), item_loader=TokensLoader(block_size=LENGTH + 1), shuffle=True
    )
    while True:
        for batch in StreamingDataLoader(data, batch_size=BATCH, num_workers=workers):
            tokens = batch.long()
            yield tokens[:, :-1], tokens[:, 1:]


WHO = {"ours": ours, "ours/torch": ours_in_torch, "streaming": streaming, "litdata": litdata}


def own_memory_mb() -> float:
    """What all our processes hold and the system cannot drop; mapped files it can."""
    total = 0
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for process in ["self", *children]:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                total += int(line.split()[1])
    return total / 1024


def cpu_seconds() -> float:
    """Of this process and its children, which are still running."""
    ticks = 0
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for process in ["self", *children]:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main(who: str, work: Path, workers: int, count: int) -> None:
    import torch

    torch.set_num_threads(1)
    begun = time.perf_counter()
    batches = WHO[who](work, workers)
    for inputs, labels in islice(batches, SETTLED):
        assert inputs.shape == labels.shape == (BATCH, LENGTH), inputs.shape
        assert inputs.dtype == labels.dtype == torch.int64
        assert bool((inputs[:, 1:] == labels[:, :-1]).all())
    wall, cpu = time.perf_counter(), cpu_seconds()
    tokens = sum(inputs.numel() for inputs, _ in islice(batches, count))
    figures = {
        "tokens": tokens,
        "wall": time.perf_counter() - wall,
        "cpu": cpu_seconds() - cpu,
        "start": wall - begun,
        "mb": own_memory_mb(),
    }
    print("\n" + json.dumps(figures), flush=True)
    batches.close()
    os._exit(0)  # some libraries take seconds to end their processes


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home  # litdata keeps a cache there
        main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
