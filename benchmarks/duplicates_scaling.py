"""How memory and time of the decision on duplicates grow with the corpus.

    python benchmarks/duplicates_scaling.py FOLDER [--documents N ...] [--most-mb N] [--unverified]

Makes, once for each N, a synthetic corpus in FOLDER: signature tables as `dedup_signatures` writes
them, in shards of 250,000 documents, a fifth of which are in clusters of Zipf sizes, and the texts
of those (100 words). Then decides about each in a process of its own: wall-clock and CPU seconds,
greatest resident memory (mapped files included) and the disk that rows took that waited for their
turn. It fails where memory exceeds `--most-mb`. The last lines say how each figure grew: 1.0 is as
the number of documents did.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.duplicates_ours import Stages, clocked, timed  # noqa: E402
from llm_assets.corpus.duplication import decision  # noqa: E402
from llm_assets.corpus.duplication.policy import DuplicatePolicy  # noqa: E402
from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES  # noqa: E402
from llm_assets.corpus.duplication.signing import bands_of, signature_schema  # noqa: E402

SHARD_ROWS = 250_000
CLUSTERED_SHARE, COPY_SHARE, LARGEST_CLUSTER = 0.2, 0.3, 10_000
BAND_SHARE = 0.43
"""Of two texts of similarity 0.9, the share of bands of 8 rows that agree: 0.9**8."""
TEXT_WORDS, VOCABULARY, LONE_CHARS = 100, 20_000, 3_000
MINHASH = MINHASH_PROFILES["fineweb"]
FIGURES = ("wall", "cpu", "peak_mb", "scratch_mb")


def main() -> None:
    options = _options()
    if options.decide is not None:
        print(json.dumps(_decide(options.decide, not options.unverified)))
        return
    print(
        f"{'':>12} {'':>10} {'':>10} {'candidates':^26} {'whole decision':^26} {'scratch':>8} "
        f"{'signature':>10}\n{'documents':>12} {'connected':>10} {'removed':>10} "
        + 2 * f"{'wall s':>8} {'CPU s':>8} {'peak MB':>8} "
        + f"{'MB':>8} {'bytes/doc':>10}"
    )
    found = [_measure(options, count) for count in options.documents]
    for smaller, larger in pairwise(found):
        ratio = math.log(larger["documents"] / smaller["documents"])
        grown = ", ".join(
            f"{name} {math.log(larger[name] / smaller[name]) / ratio:.2f}" for name in FIGURES
        )
        print(f"{smaller['documents']:,} to {larger['documents']:,}: growth as documents to the "
              f"power of: {grown}")  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="for the synthetic corpora")
    parser.add_argument("--documents", nargs="+", type=int, default=[10**6, 3 * 10**6, 10**7])
    parser.add_argument("--most-mb", type=int, default=4096, help="fail beyond this")
    parser.add_argument("--unverified", action="store_true", help="let bands alone decide")
    parser.add_argument("--decide", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(options: argparse.Namespace, count: int) -> dict[str, Any]:
    corpus = options.folder / f"documents-{count}"
    if not corpus.exists():
        make_corpus(corpus, count)
    program = [sys.executable, __file__, str(options.folder), "--decide", str(corpus)]
    done = subprocess.run(
        [*program, *(["--unverified"] if options.unverified else [])],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    stored = sum(path.stat().st_size for path in (corpus / "signatures").iterdir())
    print(
        f"{count:>12,} {result['rows']:>10,} {result['removed']:>10,} "
        + "".join(
            f"{took['wall']:>8.1f} {took['cpu']:>8.1f} {took['peak_mb']:>8,} "
            for took in (result["candidates"], result)
        )
        + f"{result['scratch_mb']:>8,.0f} {stored / count:>10.0f}",
        flush=True,
    )
    if result["peak_mb"] > options.most_mb:
        sys.exit(f"{count:,} documents took {result['peak_mb']:,} MB, more than {options.most_mb}")
    return {"documents": count, **result}


def _decide(corpus: Path, verify: bool) -> dict[str, Any]:
    """Decide about a corpus in this process."""
    stages: Stages = {}

    def texts(shards: Sequence[str]) -> pl.LazyFrame:
        return pl.scan_parquet([corpus / "texts" / f"{shard}.parquet" for shard in shards])

    signed = decision.SignedCorpus(
        signatures=pl.scan_parquet(
            sorted((corpus / "signatures").iterdir()), include_file_paths="file"
        )
        .with_columns(
            shard=pl.col("file").str.extract(r"([^/]+)\.parquet$"),
            source_priority=pl.lit(0),
            protected=pl.lit(False),
        )
        .drop("file"),
        texts=texts,
    )
    policy = DuplicatePolicy(minhash=MINHASH, verify=verify)
    rows = removed = 0
    with (
        tempfile.TemporaryDirectory(dir=corpus.parent) as scratch,
        clocked(decision, "find_components", stages, "candidates"),
        timed(stages, "whole"),
    ):
        work, out = Path(scratch, "work"), Path(scratch, "rows")
        work.mkdir()
        out.mkdir()
        for number, part in enumerate(decision.decide_duplicates(signed, policy, work)):
            part.write_parquet(out / f"{number}.parquet")
            rows += part.height
            removed += part["duplicate_of"].count()
        scratch_bytes = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
    return {
        "rows": rows,
        "removed": removed,
        **stages["whole"],
        "scratch_mb": scratch_bytes / 1e6,
        "candidates": stages["candidates"],
    }


def make_corpus(folder: Path, count: int) -> None:
    """Write signature tables and texts of `count` documents: the same for the same count."""
    made = folder.with_suffix(".new")
    for name in ("signatures", "texts"):
        (made / name).mkdir(parents=True, exist_ok=True)
    clusters = _draw_clusters(count)
    for shard, start in enumerate(range(0, count, SHARD_ROWS)):
        numbers = np.arange(start, min(start + SHARD_ROWS, count), dtype=np.uint64)
        signatures, texts = _make_shard(numbers, clusters[start : start + SHARD_ROWS])
        name = f"shard-{shard:04d}.parquet"
        signatures.write_parquet(made / "signatures" / name, compression="zstd")
        texts.write_parquet(made / "texts" / name, compression="zstd")
    made.rename(folder)


def _draw_clusters(count: int) -> np.ndarray:
    """Return each document's cluster, 0 for none."""
    chance = np.random.default_rng(count)
    clusters = np.zeros(count, np.uint64)
    sizes = np.minimum(chance.zipf(2.0, count) + 1, LARGEST_CLUSTER)
    wanted = int(np.searchsorted(np.cumsum(sizes), count * CLUSTERED_SHARE))
    members = np.repeat(np.arange(1, wanted + 1, dtype=np.uint64), sizes[:wanted])
    clusters[chance.permutation(count)[: len(members)]] = members
    return clusters


def _make_shard(numbers: np.ndarray, clusters: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return signatures of these documents, and the texts of those that are in clusters."""
    clustered = clusters > 0
    copies = clustered & (_share(numbers, 1) < COPY_SHARE)
    # What a text is made from: the cluster's own one, or one of the document.
    made_from = np.where(copies, _mix(clusters, 2), _mix(numbers, 3))
    text_key = _mix(made_from, 4)
    columns = {
        "doc_id": _hex(_mix(numbers, 5), _mix(numbers, 6)),
        "source": pl.Series(numbers % 7).cast(pl.String),
        "title": "Document " + pl.Series(numbers).cast(pl.String),
        "text_hash": _hex(text_key.byteswap(), _mix(made_from, 7)),
        "text_chars": pl.Series(np.where(clustered, TEXT_WORDS * 6, LONE_CHARS)),
        "quality": pl.Series(_share(numbers, 8)),
        "text_key": pl.Series(text_key),
        "shingle_count": pl.Series(np.full(len(numbers), TEXT_WORDS - MINHASH.shingle + 1)),
    }
    for band, name in enumerate(bands_of(MINHASH)):
        shared = copies | (clustered & (_share(made_from, 100 + band) < BAND_SHARE))
        columns[name] = pl.Series(
            np.where(shared, _mix(clusters, 200 + band), _mix(numbers, 300 + band))
        )
    schema = signature_schema(MINHASH)
    missing = {name: pl.lit(None) for name in schema if name not in columns}
    signatures = (
        pl.DataFrame(columns)
        .with_columns(**missing)
        .select(pl.col(name).cast(kind) for name, kind in schema.items())
    )
    texts = signatures.filter(clustered).select("doc_id", "text_hash")
    made = _texts(clusters[clustered], made_from[clustered], copies[clustered])
    return signatures, texts.with_columns(text=made)


def _texts(clusters: np.ndarray, made_from: np.ndarray, copies: np.ndarray) -> pl.Series:
    """Make texts: a cluster's words, one of which is another unless it is a copy."""
    places = np.arange(TEXT_WORDS, dtype=np.uint64)
    words = _mix(clusters[:, None] * np.uint64(TEXT_WORDS) + places, 9) % np.uint64(VOCABULARY)
    changed = np.flatnonzero(~copies)
    words[changed, (made_from % np.uint64(TEXT_WORDS))[changed]] = _mix(made_from, 10)[
        changed
    ] % np.uint64(VOCABULARY)
    vocabulary = pl.Series([f"w{number}" for number in range(VOCABULARY)])
    named = vocabulary.gather(words.ravel()).reshape((len(clusters), TEXT_WORDS))
    return named.arr.join(" ") if len(clusters) else pl.Series([], dtype=pl.String)


def _mix(values: np.ndarray, salt: int) -> np.ndarray:
    """Return a hash of each value (SplitMix64)."""
    with np.errstate(over="ignore"):
        state = values + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _share(values: np.ndarray, salt: int) -> np.ndarray:
    """Return a number from 0 to 1 for each value."""
    return _mix(values, salt) / 2.0**64


def _hex(high: np.ndarray, low: np.ndarray) -> pl.Series:
    """Return 32 hexadecimal digits for each pair."""
    both = np.ascontiguousarray(np.stack([high, low], axis=1))
    names = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(high), [None, pa.py_buffer(both)]
    )
    return pl.Series(pl.from_arrow(names.cast(pa.binary()))).bin.encode("hex")


if __name__ == "__main__":
    os.environ.setdefault("POLARS_MAX_THREADS", "2")
    main()
