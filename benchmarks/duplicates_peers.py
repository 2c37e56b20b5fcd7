"""Near-duplicate removal by a peer: `duplicates_peers.py PEER DATA WORK` prints a JSON line.

Runs in the peer's environment, not in the project's. PEER is `datatrove` (0.10.1), `text-dedup`
(0.4.0) or `data-prep-toolkit` (1.1.8, its `fdedup`), each with FineWeb's settings: word 5-grams,
14 bands of 8 rows. DATA holds `text/*.jsonl` (`{"id": ..., "text": ...}` a line); the ids of the
documents that stay are written to WORK/kept.json. Two more words are no peers: `prepare` writes
what data-prep-toolkit wants to read, outside of what is timed, and `normalise` writes datatrove's
normal form of each text to WORK/normal.jsonl, which the truth of duplicates_quality.py is made
from.
"""

import json
import os
import sys
import time
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

NGRAM, BANDS, ROWS = 5, 14, 8


def main(peer: str, data: Path, work: Path) -> None:
    stages: dict[str, dict[str, float]] = {}
    with redirect_stdout(sys.stderr):  # peers print as they go
        kept = WORK[peer](data, work, stages)
    if kept is not None:
        (work / "kept.json").write_text(json.dumps(kept))
    print(json.dumps({"who": peer, "stages": stages, "kept": kept and len(kept)}))


@contextmanager
def timed(stages: dict[str, dict[str, float]], name: str):
    """Note wall-clock and CPU seconds of a stage; CPU is that of children too."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    yield
    stages[name] = {"wall": time.perf_counter() - wall, "cpu": sum(os.times()[:4]) - cpu}


def datatrove(data: Path, work: Path, stages: dict[str, dict[str, float]]) -> list[str]:
    """Run its four stages with its local executor and one worker, as its example does."""
    with timed(stages, "import"):
        from loguru import logger

        logger.remove()
        from datatrove.executor.local import LocalPipelineExecutor
        from datatrove.pipeline.dedup import MinhashDedupSignature
        from datatrove.pipeline.dedup.minhash import (
            MinhashConfig,
            MinhashDedupBuckets,
            MinhashDedupCluster,
            MinhashDedupFilter,
        )
        from datatrove.pipeline.readers import JsonlReader
        from datatrove.pipeline.writers import JsonlWriter
        from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(
        n_grams=NGRAM,
        num_buckets=BANDS,
        hashes_per_bucket=ROWS,
        hash_config=HashConfig(hash_fc="sha1", precision=64),
    )
    files = len(list((data / "text").glob("*.jsonl")))
    signatures, buckets, removed, out = (str(work / name) for name in ("sig", "bkt", "rm", "out"))

    def reader():
        return JsonlReader(str(data / "text"), glob_pattern="*.jsonl")

    writer = JsonlWriter(out, compression=None)
    pipelines = {
        "signatures": ([reader(), MinhashDedupSignature(signatures, config=config)], files),
        "buckets": ([MinhashDedupBuckets(signatures, buckets, config=config)], BANDS),
        "clusters": ([MinhashDedupCluster(buckets, removed, config=config)], 1),
        "filter": ([reader(), MinhashDedupFilter(removed), writer], files),
    }
    for name, (pipeline, tasks) in pipelines.items():
        with timed(stages, name):
            LocalPipelineExecutor(
                pipeline=pipeline, tasks=tasks, workers=1, logging_dir=str(work / f"log-{name}")
            ).run()
    return [
        json.loads(line)["id"]
        for path in sorted(Path(out).glob("*.jsonl"))
        for line in path.open(encoding="utf-8")
    ]


def text_dedup(data: Path, work: Path, stages: dict[str, dict[str, float]]) -> list[str]:
    """Run its command in this process."""
    os.environ["HF_HOME"] = str(work / "home")
    with timed(stages, "import"):
        import datasets
        from text_dedup import minhash

    options = {
        "path": "json", "data_files": str(data / "text" / "*.jsonl"), "split": "train",
        "cache_dir": str(work / "cache"), "output": str(work / "out"), "column": "text",
        "batch_size": "10000", "ngram": str(NGRAM), "min_length": str(NGRAM), "hash_func": "xxh3",
        "num_perm": str(BANDS * ROWS), "b": str(BANDS), "r": str(ROWS), "num_proc": "1",
    }  # fmt: skip
    with timed(stages, "all"):
        minhash.main(
            [part for name, value in options.items() for part in (f"--{name}", value)],
            standalone_mode=False,
        )
    return list(datasets.load_from_disk(str(work / "out"))["id"])


def data_prep_toolkit(data: Path, work: Path, stages: dict[str, dict[str, float]]) -> list[str]:
    """Run the four services of its fuzzy dedup one by one."""
    with timed(stages, "import"):
        import pyarrow.parquet as pq
        from dpk_fdedup.transform_python import Fdedup

    services = {
        "signatures": "SignatureCalculation",
        "buckets": "ClusterAnalysis",
        "clusters": "GetDuplicateList",
        "filter": "DataCleaning",
    }
    for name, service in services.items():
        with timed(stages, name):
            Fdedup(
                input_folder=str(data / "fdedup"),
                output_folder=str(work / "out"),
                contents_column="contents",
                document_id_column="int_id_column",
                num_permutations=BANDS * ROWS,
                num_bands=BANDS,
                num_minhashes_per_band=ROWS,
                word_shingle_size=NGRAM,
                operation_mode="filter_duplicates",
                services=service,
            ).transform()
    files = sorted((work / "out" / "cleaned").rglob("*.parquet"))
    return [
        each
        for path in files
        for each in pq.read_table(path, columns=["document_id"])["document_id"].to_pylist()
    ]


def prepare(data: Path, work: Path, stages: dict[str, dict[str, float]]) -> None:
    """Write DATA/fdedup/*.parquet, once: data-prep-toolkit wants numbers as ids."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if (data / "fdedup").exists():
        return
    made, number = data / "fdedup.new", 0
    made.mkdir(exist_ok=True)
    for path in sorted((data / "text").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.open(encoding="utf-8")]
        table = {
            "document_id": [row["id"] for row in rows],
            "contents": [row["text"] for row in rows],
            "int_id_column": pa.array(range(number, number + len(rows)), pa.int64()),
        }
        pq.write_table(pa.table(table), made / f"{path.stem}.parquet")
        number += len(rows)
    made.rename(data / "fdedup")


def normalise(data: Path, work: Path, stages: dict[str, dict[str, float]]) -> None:
    """Write `{"id": ..., "text": ...}` with each text as datatrove compares it."""
    from datatrove.utils.text import simplify_text

    with (work / "normal.jsonl").open("w", encoding="utf-8") as out:
        for path in sorted((data / "text").glob("*.jsonl")):
            for line in path.open(encoding="utf-8"):
                row = json.loads(line)
                print(json.dumps({"id": row["id"], "text": simplify_text(row["text"])}), file=out)


WORK = {
    "datatrove": datatrove,
    "text-dedup": text_dedup,
    "data-prep-toolkit": data_prep_toolkit,
    "prepare": prepare,
    "normalise": normalise,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
