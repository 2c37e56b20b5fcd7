"""Write `fineweb2_thresholds.tsv.gz` from FineWeb-2's settings by language.

In the project's environment, beside a checkout of huggingface/fineweb-2:

    python make_fineweb2_thresholds.py fineweb-2 d0defb24f193bb9a5a11b8b14524a03c4858e1b6

A cell is empty where the original's value turns the rule off: its filters take 0 as no limit, and
no share is below 0. The columns have the names of our drop reasons.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROFILES = Path(__file__).parents[2] / "llm_assets" / "corpus" / "profiles"
OUT = PROFILES / "fineweb2_thresholds.tsv.gz"
HEAD = """\
# Thresholds and stop words by language, from the configurations of FineWeb-2:
# github.com/huggingface/fineweb-2, folder configs, commit {commit}.
# Licence of that repository: Apache-2.0. Changed: brought into one table.
"""


def main(checkout: Path, commit: str) -> None:
    lines = ["\t".join(("code", *COLUMNS, "stop_words"))]
    lines += [row(path) for path in sorted((checkout / "configs").glob("*.yml"))]
    text = HEAD.format(commit=commit) + "\n".join(lines) + "\n"
    OUT.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def row(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        config = YAML(typ="safe", pure=True).load(file)
    words = config["stopwords"]
    assert not any(set(word) & set('\t|\n"') for word in words), path
    numbers = dict(limits(config))
    assert list(numbers) == list(COLUMNS), path
    return "\t".join((path.stem, *map(cell, numbers.values()), "|".join(words)))


def limits(config: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    yield "language_uncertain", config["language_score"]
    yield "dup_line_frac", config["dup_line_frac"] or None
    for size, limit in config["top_n_grams"]:
        yield f"top_{size}_gram", limit
    for size, limit in config["dup_n_grams"]:
        yield f"duplicated_{size}_n_grams", limit
    yield "line_punct_ratio", above_zero(config["line_punct_thr"])
    yield "list_ratio", config["new_line_ratio"]
    yield "gopher_below_avg_threshold", above_zero(config["min_avg_word_length"])
    yield "gopher_above_avg_threshold", config["max_avg_word_length"]
    yield "gopher_below_alpha_threshold", config["max_non_alpha_words_ratio"]


COLUMNS = (
    "language_uncertain",
    "dup_line_frac",
    *(f"top_{size}_gram" for size in (2, 3, 4)),
    *(f"duplicated_{size}_n_grams" for size in (5, 6, 7, 8, 9, 10)),
    "line_punct_ratio",
    "list_ratio",
    "gopher_below_avg_threshold",
    "gopher_above_avg_threshold",
    "gopher_below_alpha_threshold",
)


def above_zero(value: float) -> float | None:
    return value if value > 0 else None


def cell(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
