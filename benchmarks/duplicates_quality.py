"""How right the removal of near-duplicates is, beside other toolkits, against brute force.

    python benchmarks/duplicates_quality.py DATA CACHE --datatrove PYTHON [--text-dedup PYTHON]
        [--data-prep-toolkit PYTHON] [--words datatrove|plain]

DATA holds `text/*.jsonl` as duplicates_sample.py writes them. The similarity of every pair of
documents is computed exactly (duplicates_truth.py) over word 5-grams of a normal form of the
texts. `datatrove`: its own, by its own code; signs that are not on its list (‘ and • among them)
and invisible joiners are part of words there. `plain`: lower case, a word is a run of letters,
marks and digits, whatever their number; nobody's. CACHE keeps the truth and what each peer left;
ours is run anew each time. CACHE belongs to one DATA: take another folder when DATA changes.

For a limit t of 0.75 and of 0.8:

- removed: documents that the method leaves out.
- precision: share of them that are similar to a document that stays (Jaccard of at least t).
- recall: share of the documents that have to go that went. Who has to go: visit the documents that
  the method keeps, in the order of input, then the others; each is kept if it is similar to none
  that was kept before, else it has to go. So a method is measured by its own choice of who stays.
- pairs: share of all similar pairs of which not both stay.
- false merges: documents that were removed although none that stays has half of the shingles in
  common with them (Jaccard below 0.5).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.duplicates_ours import METHODS, remove_duplicates  # noqa: E402
from benchmarks.duplicates_truth import LEAST_SIMILARITY, NGRAM, find_pairs  # noqa: E402

LIMITS = (0.75, 0.8)
UNLIKE = 0.5
TEXTS = pl.Schema({"id": pl.String, "text": pl.String})
PEERS = ("datatrove", "text-dedup", "data-prep-toolkit")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


def main() -> None:
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    ids, pairs = _truth(options)
    print(f"{len(ids):,} documents; pairs by Jaccard: " + _histogram(pairs))
    truth = Truth(ids, pairs)
    print(f"{'method':<36} {'t':>5} {'removed':>8} {'precision':>9} {'recall':>7} {'pairs':>7} "
          f"{'false merges':>12}")  # fmt: skip
    kept = {peer: _peer(options, peer) for peer in PEERS if getattr(options, _option(peer))}
    kept |= {who: _ours(options, who) for who in options.ours}
    for who, stays in kept.items():
        for limit in LIMITS:
            print(f"{who:<36} {limit:>5} {truth.row(stays, limit)}", flush=True)
    if {"ours", "ours, unverified"} <= kept.keys():
        _show_prevented(truth, options, kept)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="folder with text/")
    parser.add_argument("cache", type=Path, help="folder for the truth and the peers' results")
    for peer in PEERS:
        parser.add_argument(f"--{peer}", help=f"python of an environment with {peer}")
    parser.add_argument(
        "--words", choices=("datatrove", "plain"), default="datatrove", help="normal form"
    )
    parser.add_argument(
        "--ours", nargs="+", choices=METHODS, default=list(METHODS), help="only these of ours"
    )
    return parser.parse_args()


def _option(peer: str) -> str:
    return peer.replace("-", "_")


def _truth(options: argparse.Namespace) -> tuple[list[str], pl.DataFrame]:
    """Return the documents' ids and all pairs that have something in common."""
    texts = _normal_form(options)
    found = options.cache / f"pairs-{options.words}.parquet"
    if not found.exists():
        pairs, sizes = find_pairs(texts["text"])
        short = int((sizes == 0).sum())
        if short:
            print(f"{short} documents of fewer than {NGRAM} words: no method can compare them")
        pairs.write_parquet(found)
    return texts["id"].to_list(), pl.read_parquet(found)


def _normal_form(options: argparse.Namespace) -> pl.DataFrame:
    if options.words == "datatrove":
        path = options.cache / "normal.jsonl"
        if not path.exists():
            if not options.datatrove:
                sys.exit("its normal form of the texts needs --datatrove once, or --words plain")
            _run_peer(options.datatrove, "normalise", options.data, options.cache)
        return pl.read_ndjson(path, schema=TEXTS)
    texts = pl.concat(
        pl.read_ndjson(path, schema=TEXTS) for path in sorted((options.data / "text").iterdir())
    )
    lower = pl.col("text").str.to_lowercase().str.replace_all(r"\p{Cf}", "")
    return texts.with_columns(text=lower.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " "))


def _histogram(pairs: pl.DataFrame) -> str:
    bounds = (0.3, 0.5, 0.75, 0.8, 0.9, 1.0)
    counts = [pairs.filter(pl.col("jaccard") >= bound).height for bound in bounds]
    return ", ".join(f"{count:,} >= {bound}" for bound, count in zip(bounds, counts, strict=True))


def _peer(options: argparse.Namespace, peer: str) -> set[str]:
    work = options.cache / peer
    if not (work / "kept.json").exists():
        work.mkdir(exist_ok=True)
        python = getattr(options, _option(peer))
        if peer == "data-prep-toolkit":
            _run_peer(python, "prepare", options.data, work)
        _run_peer(python, peer, options.data, work)
    return set(json.loads((work / "kept.json").read_text()))


def _run_peer(python: str, word: str, data: Path, work: Path) -> None:
    done = subprocess.run(
        [python, str(HERE / "duplicates_peers.py"), word, str(data), str(work)],
        env={**os.environ, **ONE_CORE, "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{word} failed:\n{done.stderr[-2000:]}")


def _ours(options: argparse.Namespace, who: str) -> set[str]:
    work = options.cache / who
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return set(remove_duplicates(options.data, work, METHODS[who], {}))


class Truth:
    """All pairs of similar documents, and what a method made of them."""

    def __init__(self, ids: list[str], pairs: pl.DataFrame) -> None:
        self.ids = ids
        self.place = {name: place for place, name in enumerate(ids)}
        self._pairs = pairs

    def row(self, stays: set[str], limit: float) -> str:
        """Return a method's line of the table."""
        kept = self.flags(stays)
        removed = ~kept
        right = removed & (self.best_kept(kept) >= limit)
        must_go = self._must_go(kept, limit)
        pairs = self._pairs.filter(pl.col("jaccard") >= limit)
        split = ~(kept[pairs["one"].to_numpy()] & kept[pairs["other"].to_numpy()])
        unlike = removed & (self.best_kept(kept) < UNLIKE)
        return (
            f"{removed.sum():>8,} {right.sum() / max(removed.sum(), 1):>9.2%} "
            f"{(removed & must_go).sum() / must_go.sum():>7.2%} {split.mean():>7.2%} "
            f"{unlike.sum():>12,}"
        )

    def similarity(self, one: str, other: str) -> float:
        """Return the similarity of two documents, 0 where it is below 0.3."""
        low, high = sorted((self.place[one], self.place[other]))
        found = self._pairs.filter(one=low, other=high)["jaccard"]
        return float(found[0]) if len(found) else 0.0

    def flags(self, stays: set[str]) -> np.ndarray:
        return np.array([name in stays for name in self.ids])

    def best_kept(self, kept: np.ndarray) -> np.ndarray:
        """Return each document's greatest similarity to another that stays; 0 below 0.3."""
        best = np.zeros(len(kept))
        one, other, jaccard = (self._pairs[name].to_numpy() for name in self._pairs.columns)
        for mine, its in ((one, other), (other, one)):
            np.maximum.at(best, mine[kept[its]], jaccard[kept[its]])
        return best

    def _must_go(self, kept: np.ndarray, limit: float) -> np.ndarray:
        """Return who is not in the cover that a walk makes, of those that stay first."""
        alike: dict[int, list[int]] = defaultdict(list)
        for one, other in (
            self._pairs.filter(pl.col("jaccard") >= limit).select("one", "other").iter_rows()
        ):
            alike[one].append(other)
            alike[other].append(one)
        covered = np.zeros(len(kept), bool)
        for place in (*np.flatnonzero(kept), *np.flatnonzero(~kept)):
            if not covered[place]:
                # Those of an earlier turn that are alike would have covered this one.
                covered[alike[place]] = True
        return covered


def _show_prevented(truth: Truth, options: argparse.Namespace, kept: dict[str, set[str]]) -> None:
    """Name documents that bands alone would have removed, and for whom."""
    decided = pl.read_parquet(options.cache / "ours, unverified" / "decided.parquet")
    saved = kept["ours"] - kept["ours, unverified"]
    best = truth.best_kept(truth.flags(kept["ours, unverified"]))
    rows = decided.filter(pl.col("doc_id").is_in(saved)).select("doc_id", "duplicate_of")
    worst = sorted((best[truth.place[one]], one, other) for one, other in rows.iter_rows())
    print(
        f"\n{len(saved)} documents stay because pairs are verified; those most unlike any keeper:"
    )
    for similarity, one, other in worst[:20]:
        direct = truth.similarity(one, other)
        print(f"  {one}\n    would go for {other}: {_figure(direct)}, to the most similar document"
              f" that stays {_figure(similarity)}")  # fmt: skip


def _figure(similarity: float) -> str:
    return f"{similarity:.2f}" if similarity else f"below {LEAST_SIMILARITY}"


if __name__ == "__main__":
    main()
