"""How fast WARC files become a training split, beside datatrove's FineWeb recipe, in one run.

    python benchmarks/end_to_end.py DATA --tokenizer FILE [--datatrove PYTHON] [--cores N ...]
        [--ours NAME ...] [--postgres URL] [--rounds N] [--peer-rounds N]
        [--results FILE] [--recorded FILE]

DATA holds `warc/*.warc.gz`, FILE is a `tokenizer.json` with `<|endoftext|>` (GPT-2's), PYTHON the
interpreter of an environment with datatrove. Ours is `python -m llm_assets materialize` as a user
runs it: a new home, all stages, all checks, the ledger; theirs is end_to_end_datatrove.py. Both
read, extract, identify English, filter by Gopher's, C4's and FineWeb's rules, remove
near-duplicates and write tokens. They run in turn, each as a process of its own on so many cores,
and what is measured is the whole process, start included: seconds by the clock, seconds of CPU and
the greatest memory (proportional set size) of it and all that it starts, servers too. Each of
ours is run once before, unmeasured, for what it compiles on first use.

With `--postgres`, the address of a running server whose user may make databases, each method of
ours is measured in a new database there as well; that server's CPU is then not in the figures.
`--results` adds each measurement to a file; `--recorded` takes what was not measured from one, such
as datatrove's, which takes minutes.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from end_to_end_ours import METHODS, kept_and_tokens, materialize_command, new_database
from process_tree import run_tree

HERE = Path(__file__).parent
PEER = "datatrove"
THREADS = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")

Result = dict[str, Any]
Results = dict[tuple[str, int], list[Result]]


def main() -> None:
    options = _options()
    data = options.data.resolve()
    results: Results = defaultdict(list)
    for name in options.ours:
        _measure_ours(options, data, name, options.cores[0], None)  # compiles
    for turn in range(max(options.rounds, options.peer_rounds if options.datatrove else 0)):
        for cores in options.cores:
            if turn < options.rounds:
                for name in options.ours:
                    for server in (None, options.postgres) if options.postgres else (None,):
                        result = _measure_ours(options, data, name, cores, server)
                        _note(options.results, results, result)
            if options.datatrove and turn < options.peer_rounds:
                _note(options.results, results, _measure_peer(options, data, cores))
    _add_recorded(results, options.recorded, data.name)
    _print_table(data, options.cores, results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="folder with warc/")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    parser.add_argument("--datatrove", help="python of an environment with datatrove")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="numbers of cores")
    parser.add_argument("--ours", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--postgres", metavar="URL", help="a server to measure ours with as well")
    parser.add_argument("--rounds", type=int, default=3, help="times to measure ours")
    parser.add_argument("--peer-rounds", type=int, default=1, help="times to measure datatrove")
    parser.add_argument("--results", type=Path, help="also add each measurement to this file")
    parser.add_argument("--recorded", type=Path, help="results to take what was not measured from")
    return parser.parse_args()


def _measure_ours(
    options: argparse.Namespace, data: Path, name: str, cores: int, server: str | None
) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as work, ExitStack() as stack:
        url = stack.enter_context(new_database(server)) if server else None
        command, settings = materialize_command(name, data, Path(work), options.tokenizer, url)
        result = _run(command, cores, settings, Path(work))
        kept, tokens = kept_and_tokens(result.pop("said"))
    who = f"{name}, given server" if server else name
    return {"data": data.name, "who": who, "cores": cores, "kept": kept, "tokens": tokens, **result}


def _measure_peer(options: argparse.Namespace, data: Path, cores: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        script = str(HERE / "end_to_end_datatrove.py")
        arguments = [str(data), work, str(options.tokenizer.resolve()), str(cores)]
        result = _run([options.datatrove, script, *arguments], cores, {}, Path(work))
        said = json.loads(result.pop("said").splitlines()[-1])
    return {"data": data.name, "who": PEER, "cores": cores, **said, **result}


def _run(command: list[str], cores: int, settings: dict[str, str], work: Path) -> Result:
    """Run on so many cores; say what the whole took, all that it started included."""
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    if len(chosen) < cores:
        sys.exit(f"this machine has {len(chosen)} cores for us, not {cores}")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LLM_ASSETS_")}
    environment |= dict.fromkeys(THREADS, str(cores)) | {"TOKENIZERS_PARALLELISM": "false"}
    pinned = ["taskset", "-c", ",".join(map(str, chosen)), *command]
    started = time.perf_counter()
    run = run_tree(pinned, environment | settings, work)
    wall = time.perf_counter() - started
    if run.code:
        sys.exit(f"{' '.join(command)} failed:\n{run.errors[-2000:]}")
    return {"wall": wall, "cpu": run.cpu_seconds, "peak_mb": run.peak_mb, "said": run.output}


def _note(file: Path | None, results: Results, result: Result) -> None:
    results[result["who"], result["cores"]].append(result)
    print(json.dumps(result), file=sys.stderr, flush=True)
    if file is not None:
        with file.open("a", encoding="utf-8") as lines:
            print(json.dumps(result), file=lines)


def _add_recorded(results: Results, file: Path | None, data: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines() if file else []
    measured = set(results)
    for result in map(json.loads, lines):
        key = (result["who"], result["cores"])
        if result["data"] == data and key not in measured:
            results[key].append(result | {"who": f"{result['who']} (recorded)"})


def _print_table(data: Path, wanted: list[int], results: Results) -> None:
    size = sum(path.stat().st_size for path in (data / "warc").glob("*.warc.gz"))
    print(f"\n{data.name}: {size / 1e6:.1f} MB of WARC files, compressed")
    for cores in wanted:
        print(f"\n{f'{cores} cores':<42} wall s   CPU s  RSS MB     kept     tokens  times as fast")
        peer = results.get((PEER, cores))
        for (_, count), rounds in results.items():
            if count != cores:
                continue
            wall, last = _median(rounds, "wall"), rounds[-1]
            ratio = f"{_median(peer, 'wall') / wall:>13.1f}" if peer else ""
            print(
                f"{last['who']:<40} {wall:>8.1f} {_median(rounds, 'cpu'):>7.1f} "
                f"{_median(rounds, 'peak_mb'):>7,.0f} {_shown(last['kept'])} "
                f"{_shown(last['tokens'], 10)} {ratio}"
            )


def _median(rounds: list[Result], figure: str) -> float:
    """Return the median of what was measured; not a number where it never was."""
    known = [each[figure] for each in rounds if each.get(figure) is not None]
    return statistics.median(known) if known else float("nan")


def _shown(count: int | None, width: int = 8) -> str:
    return f"{'-' if count is None else f'{count:,}':>{width}}"


if __name__ == "__main__":
    main()
