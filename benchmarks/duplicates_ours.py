"""Our near-duplicate removal, measured: `duplicates_ours.py WHO DATA WORK` prints a JSON line.

WHO is a name of `METHODS`. DATA holds `text/*.jsonl` (`{"id": ..., "text": ...}` a line); the ids
of the documents that stay are written to WORK/kept.json, their lines to WORK/out.jsonl, the
evidence to WORK/decided.parquet, as the peers of duplicates_peers.py write theirs. No orchestrator
is in it: it is what the assets `dedup_signatures` and `near_duplicates` call.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Stages = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to run ours."""

    profile: str
    verify: bool = True
    similarity: float = 0.75


METHODS = {
    "ours": Method("fineweb"),
    "ours at 0.8": Method("fineweb", similarity=0.8),
    "ours, unverified": Method("fineweb", verify=False),
    "ours datatrove-0.10": Method("datatrove-0.10"),
    "ours datatrove-0.10-sha1": Method("datatrove-0.10-sha1"),
    "ours datatrove-0.10-sha1, unverified": Method("datatrove-0.10-sha1", verify=False),
}


def main(who: str, data: Path, work: Path) -> None:
    stages: Stages = {}
    kept = remove_duplicates(data, work, METHODS[who], stages)
    (work / "kept.json").write_text(json.dumps(kept))
    print(
        json.dumps(
            {
                "who": who,
                "stages": stages,
                "kept": len(kept),
                "peak_mb": peak_mb(),
            }
        )
    )


def remove_duplicates(data: Path, work: Path, method: Method, stages: Stages) -> list[str]:
    """Run every step from lines of JSON to lines of JSON; return the ids of what stays."""
    with timed(stages, "import"):
        import polars as pl

        from llm_assets.corpus.duplication import decision, signing
        from llm_assets.corpus.duplication.policy import DuplicatePolicy
        from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES
        from llm_assets.corpus.identity import text_hash

    minhash = MINHASH_PROFILES[method.profile]
    policy = DuplicatePolicy(minhash=minhash, verify=method.verify, similarity=method.similarity)
    with timed(stages, "read"):
        texts = pl.concat(
            pl.read_ndjson(path, schema={"id": pl.String, "text": pl.String})
            for path in sorted((data / "text").glob("*.jsonl"))
        )
        documents = texts.select(
            pl.col("text"),
            doc_id="id",
            source=pl.lit("bench"),
            object_key=pl.lit(None, pl.String),
            url=pl.lit(None, pl.String),
            title=pl.lit(None, pl.String),
            group_key=pl.lit(None, pl.String),
            published_at=pl.lit(None, pl.Datetime("us", "UTC")),
            language_score=pl.lit(None, pl.Float64),
            text_chars=pl.col("text").str.len_chars().cast(pl.UInt64),
            text_hash=pl.col("text").map_elements(text_hash, pl.String),
        ).lazy()
    with timed(stages, "signatures"):
        signatures = signing.sign(documents, None, minhash)
        signatures.write_parquet(work / "signatures.parquet", compression="zstd")
    corpus = decision.SignedCorpus(
        signatures=pl.scan_parquet(work / "signatures.parquet").with_columns(
            shard=pl.lit("shard-0000"), source_priority=pl.lit(0), protected=pl.lit(False)
        ),
        texts=lambda _: documents.select("doc_id", "text_hash", "text"),
    )
    (work / "scratch").mkdir()
    with clocked(decision, "find_components", stages, "candidates"), timed(stages, "decision"):
        rows = pl.concat(
            [
                pl.DataFrame(schema={"doc_id": pl.String, "duplicate_of": pl.String}),
                *decision.decide_duplicates(corpus, policy, work / "scratch"),
            ],
            how="diagonal",
        )
        rows.write_parquet(work / "decided.parquet")
    without(stages, "decision", "candidates")
    with timed(stages, "filter"):
        dropped = rows.filter(pl.col("duplicate_of").is_not_null()).select("doc_id")
        kept = texts.join(
            dropped, left_on="id", right_on="doc_id", how="anti", maintain_order="left"
        )
        kept.write_ndjson(work / "out.jsonl")
    return kept["id"].to_list()


def peak_mb() -> int:
    """Return the greatest resident memory of this process so far, mapped files included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def timed(stages: Stages, name: str) -> Iterator[None]:
    """Note wall-clock and CPU seconds of a stage, and the memory that was needed until its end."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    yield
    stages[name] = {
        "wall": time.perf_counter() - wall,
        "cpu": sum(os.times()[:4]) - cpu,
        "peak_mb": peak_mb(),
    }


@contextmanager
def clocked(module: Any, name: str, stages: Stages, stage: str) -> Iterator[None]:
    """Note how long a function of a module takes when others of it call it."""
    call: Callable[..., Any] = getattr(module, name)

    def measured(*arguments: Any, **options: Any) -> Any:
        with timed(stages, stage):
            return call(*arguments, **options)

    setattr(module, name, measured)
    try:
        yield
    finally:
        setattr(module, name, call)


def without(stages: Stages, whole: str, part: str) -> None:
    """Take a stage's time out of that of the stage around it."""
    for clock in ("wall", "cpu"):
        stages[whole][clock] -= stages[part][clock]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
