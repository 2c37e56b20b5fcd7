"""How fast texts become tokens, beside the tokenizer library alone and beside datatrove.

    python benchmarks/tokens.py FOLDER TOKENIZER [--datatrove PYTHON] [--rounds N]
        [--peer-rounds N] [--cores N] [--memory MEGABYTES]

FOLDER holds `*.jsonl` (`{"id": ..., "text": ...}` a line), TOKENIZER is a `tokenizer.json`. Every
measurement is a process of its own, in turn; the median of the rounds is shown. Start-up (imports,
and for `raw`, `encode` and `asset` the reading of texts and vocabulary too) is not in it. Rates are
megabytes of text by CPU second; with more cores than one, by the clock as well.

raw     gigatoken alone: one call on texts in Arrow memory
encode  frames of ids, a sample held against the reference library, nothing written
asset   the same, written as `tokenized_corpus` writes it: Parquet, zstd, synced hash
files   from JSON lines and the tokenizer's file to that Parquet: datatrove's input
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
OURS = ("raw", "encode", "asset", "files")
THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")

Figures = dict[str, Any]


def main() -> None:
    options = _options()
    results: dict[str, list[Figures]] = {}
    _ours(options, "asset")  # compiles what is compiled once
    for number in range(max(options.rounds, options.peer_rounds)):
        if number < options.rounds:
            for method in OURS:
                results.setdefault(method, []).append(_ours(options, method))
        if options.datatrove and number < options.peer_rounds:
            results.setdefault("datatrove", []).append(_datatrove(options))
    _print_rates({name: _median(figures) for name, figures in results.items()})
    if options.memory:
        figures = _ours(options, "memory", "--megabytes", str(options.memory))
        print(f"\nmemory over {figures['bytes'] / 1e6:,.0f} MB: peak {figures['peak_mb']:,} MB")
        print("every 250 MB: " + ", ".join(f"{size:,}" for size in figures["resident_mb"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--datatrove", help="python of an environment with datatrove")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rounds", type=int, default=1)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--memory", type=int, default=0, help="megabytes of text to go through")
    return parser.parse_args()


def _ours(options: argparse.Namespace, method: str, *more: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        output = f"{folder}/rows.parquet"
        script = str(HERE / "tokens_ours.py")
        files = (str(options.tokenizer), str(options.folder), output)
        return _run([sys.executable, script, method, *files, *more], options.cores)


def _datatrove(options: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        files = (str(options.tokenizer), str(options.folder), folder)
        script = str(HERE / "tokens_datatrove.py")
        return _run([options.datatrove, script, *files], options.cores)


def _run(command: list[str], cores: int) -> Figures:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    environment |= dict.fromkeys(THREADS, str(cores))
    environment |= {"TOKENIZERS_PARALLELISM": "false" if cores == 1 else "true"}
    places = sorted(os.sched_getaffinity(0))[-cores:]
    run = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, places),
    )
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    figures: Figures = json.loads(run.stdout.strip().splitlines()[-1])
    return figures


def _median(figures: list[Figures]) -> Figures:
    return {
        name: statistics.median(each[name] for each in figures)
        for name in ("bytes", "cpu", "wall", "peak_mb")
    }


def _print_rates(results: dict[str, Figures]) -> None:
    print(f"{'':10}{'CPU s':>8}{'MB/CPU s':>10}{'clock s':>9}{'MB/s':>7}{'peak MB':>9}")
    for name, each in results.items():
        size = each["bytes"] / 1e6
        print(
            f"{name:10}{each['cpu']:8.2f}{size / each['cpu']:10.1f}"
            f"{each['wall']:9.2f}{size / each['wall']:7.1f}{each['peak_mb']:9,.0f}"
        )
    pairs = [("encode", "raw"), ("asset", "raw"), ("asset", "datatrove"), ("files", "datatrove")]
    print()
    for ours, theirs in pairs:
        if theirs in results:
            by_cpu, by_clock = (
                results[theirs][unit] / results[ours][unit] for unit in ("cpu", "wall")
            )
            print(f"{ours} beside {theirs}: {by_cpu:.2f} by CPU, {by_clock:.2f} by the clock")


if __name__ == "__main__":
    main()
