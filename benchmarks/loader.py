"""Tokens a second of our loader, beside mosaicml-streaming's and litdata's, on the same tokens.

    python benchmarks/loader.py --python PYTHON [--tokens N] [--batches N] [--rounds N] [--work DIR]

PYTHON has torch, mosaicml-streaming and litdata; everything runs in it. The tokens are random, with
a vocabulary of 50,257. Each library reads the format its authors' own writer made, in samples of
2,049 tokens (2,048 inputs, and labels), shuffled, in batches of 8, from a local disk whose files
are in the page cache, and all hand out int64 tensors. Every measurement is a process of its own, in
turn; the median of the rounds is shown. Start-up, up to the tenth batch, is told apart.

ours        TokenLoader by itself; "workers" are its threads
ours/torch  the same within torch's DataLoader; here and below workers are processes
streaming   StreamingDataset and StreamingDataLoader
litdata     StreamingDataset and StreamingDataLoader, with TokensLoader
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WHO = ("ours", "ours/torch", "streaming", "litdata")
WORKERS = (0, 1, 2)

Figures = dict[str, Any]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or Path(scratch)
        if not (work / "written").is_file():
            _run(options.python, "loader_write.py", work, options.tokens)
            (work / "written").touch()
        found: dict[tuple[str, int], list[Figures]] = {}
        for _ in range(options.rounds):
            for workers in WORKERS:
                for who in WHO:
                    figures = _run(
                        options.python, "loader_read.py", who, work, workers, options.batches
                    )
                    found.setdefault((who, workers), []).append(figures)
    _print_rates({key: _median(figures) for key, figures in found.items()})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", required=True, help="python with the trainers' libraries")
    parser.add_argument("--tokens", type=int, default=100_000_000)
    parser.add_argument("--batches", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, help="a folder whose files are used again")
    return parser.parse_args()


def _run(python: str, script: str, *arguments: object) -> Figures:
    command = [python, str(HERE / script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    figures: Figures = json.loads(run.stdout.strip().splitlines()[-1])
    return figures


def _median(figures: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]}


def _print_rates(found: dict[tuple[str, int], Figures]) -> None:
    print(
        f"{'':12}{'workers':>8}{'M tokens/s':>12}{'M tokens/CPU s':>16}"
        f"{'start s':>9}{'MB':>7}{'ours/torch is':>15}"
    )
    for (who, workers), each in found.items():
        ours = found["ours/torch", workers]
        rate = each["tokens"] / each["wall"]
        print(
            f"{who:12}{workers:8}{rate / 1e6:12.1f}{each['tokens'] / each['cpu'] / 1e6:16.1f}"
            f"{each['start']:9.2f}{each['mb']:7,.0f}"
            f"{ours['tokens'] / ours['wall'] / rate:13.1f} x"
        )


if __name__ == "__main__":
    main()
