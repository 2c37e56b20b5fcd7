"""How fast near-duplicates are removed, beside other toolkits on the same input in one run.

    python benchmarks/duplicates.py DATA [--datatrove PYTHON] [--text-dedup PYTHON]
        [--data-prep-toolkit PYTHON] [--larger DATA] [--ours NAME ...]
        [--rounds N] [--peer-rounds N] [--results FILE]

DATA holds `text/*.jsonl` (`{"id": ..., "text": ...}` a line). Each PYTHON is the interpreter of an
environment with that peer; what is not given is left out. All read the same lines and write the
lines of the documents that stay, with FineWeb's settings (word 5-grams, 14 bands of 8 rows). Every
measurement is a process of its own on one core, ours and theirs in turn; the median of the rounds
is shown. `whole` is the process from start to end, its start-up included: seconds by the clock and
of CPU. Rates and ratios are of CPU seconds, which other work on the machine disturbs least. Ours
is run once before, unmeasured, for what it compiles on first use.

Below stands what each stage took. `marginal`, with a second, larger DATA as `--larger`, is what
each more MB costs: start-up is in neither.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PEERS = ("datatrove", "data-prep-toolkit", "text-dedup")
OURS = ("ours", "ours datatrove-0.10", "ours datatrove-0.10-sha1")
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"), "1"
) | {"TOKENIZERS_PARALLELISM": "false", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

Result = dict[str, Any]


def main() -> None:
    options = _options()
    tables = {}
    for data in filter(None, (options.data, options.larger)):
        results = _measure_all(options, data.resolve())
        tables[data] = results
        _print_table(data, results)
        _print_stages(results)
    if options.larger:
        _print_marginal(*((_megabytes(data), results) for data, results in tables.items()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="folder with text/")
    parser.add_argument("--larger", type=Path, help="another one, for the marginal rates")
    for peer in PEERS:
        parser.add_argument(f"--{peer}", help=f"python of an environment with {peer}")
    parser.add_argument("--ours", nargs="+", default=OURS, help="names of METHODS of ours")
    parser.add_argument("--rounds", type=int, default=3, help="times to measure ours")
    parser.add_argument("--peer-rounds", type=int, default=1, help="times to measure the peers")
    parser.add_argument("--results", type=Path, help="also add each measurement to this file")
    return parser.parse_args()


def _measure_all(options: argparse.Namespace, data: Path) -> dict[str, list[Result]]:
    """Run each in turn, round by round."""
    ours = {who: [sys.executable, str(HERE / "duplicates_ours.py"), who] for who in options.ours}
    peers = {
        who: [python, str(HERE / "duplicates_peers.py"), who]
        for who in PEERS
        if (python := getattr(options, who.replace("-", "_")))
    }
    for program in ours.values():
        _run(program, data)
    if "data-prep-toolkit" in peers:
        _run([*peers["data-prep-toolkit"][:-1], "prepare"], data)
    results: dict[str, list[Result]] = defaultdict(list)
    for turn in range(max(options.rounds, options.peer_rounds)):
        for programs, rounds in ((ours, options.rounds), (peers, options.peer_rounds)):
            for who, program in programs.items():
                if turn < rounds:
                    results[who].append(_run(program, data))
                    _note(options.results, data, results[who][-1])
    return results


def _run(program: list[str], data: Path) -> Result:
    """Run a process, and say what it took as a whole, its children included."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as work,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as errors,
    ):
        started = time.perf_counter()
        process = subprocess.Popen(
            [*program, str(data), work],
            env={**os.environ, **ONE_CORE, "PYTHONPATH": str(HERE.parent)},
            stdout=out,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(program)} failed:\n{errors.read()[-2000:]}")
        result: Result = json.loads(out.read().splitlines()[-1])
    return result | {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss // 1024,
    }


def _note(file: Path | None, data: Path, result: Result) -> None:
    if file is not None:
        with file.open("a", encoding="utf-8") as lines:
            print(json.dumps({"data": data.name, **result}), file=lines)


def _print_table(data: Path, results: dict[str, list[Result]]) -> None:
    size = _megabytes(data)
    compared = [who for who in ("ours", "ours datatrove-0.10-sha1") if who in results]
    print(f"\n{data.name}: {size:.1f} MB of text")
    heads = "".join(f"{who + ' is':>28}" for who in compared)
    names = ("wall s", "CPU s", "MB/CPU s", "RSS MB", "kept")
    widths = (7, 7, 9, 7, 7)
    columns = (f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    print(f"{'whole process':<26} {' '.join(columns)}{heads}")
    for who, rounds in results.items():
        cpu = _median(rounds, "cpu")
        ratios = [f"{cpu / _median(results[other], 'cpu'):.1f} x as fast" for other in compared]
        print(
            f"{who:<26} {_median(rounds, 'wall'):>7.2f} {cpu:>7.2f} {size / cpu:>9.2f} "
            f"{_median(rounds, 'peak_mb'):>7,.0f} {rounds[0]['kept']:>7,}"
            + "".join(f"{ratio:>28}" for ratio in ratios),
            flush=True,
        )


def _print_stages(results: dict[str, list[Result]]) -> None:
    print("CPU seconds by stage")
    for who, rounds in results.items():
        stages = {
            name: statistics.median(each["stages"][name]["cpu"] for each in rounds)
            for name in rounds[0]["stages"]
        }
        start = _median(rounds, "cpu") - sum(stages.values())
        print(f"  {who:<26} start {start:.2f}, "
              + ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items()))  # fmt: skip


def _print_marginal(
    smaller: tuple[float, dict[str, list[Result]]], larger: tuple[float, dict[str, list[Result]]]
) -> None:
    """Print rates without start-up: by how much more text costs more."""
    (size, small), (more, large) = smaller, larger
    rates = {
        who: (more - size) / (_median(large[who], "cpu") - _median(small[who], "cpu"))
        for who in small
    }
    print(f"\nmarginal, from {size:.1f} to {more:.1f} MB: MB/CPU s, and how many times as fast")
    for who, rate in rates.items():
        ratios = ", ".join(
            f"{other} {rates[other] / rate:.1f} x" for other in rates if other.startswith("ours")
        )
        print(f"  {who:<26} {rate:>7.2f}   {ratios}")


def _median(rounds: list[Result], figure: str) -> float:
    return statistics.median(each[figure] for each in rounds)


def _megabytes(data: Path) -> float:
    """Return the size of all texts, in MB of UTF-8."""
    lines = (line for path in (data / "text").glob("*.jsonl") for line in path.open("rb"))
    return sum(len(json.loads(line)["text"].encode()) for line in lines) / 1e6


if __name__ == "__main__":
    main()
