"""One step of our cleaning, measured: `cleaning_ours.py STEP DATA WORK` prints a JSON line."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

BATCH_ROWS = 512
Work = Callable[[pl.DataFrame], int]
"""Works on a batch and returns how many documents it keeps."""


def main(step: str, data: Path, work: Path) -> None:
    if step == "command":
        print(json.dumps(_command(data, work)))
        return
    if step in ("extract", "whole"):
        frame = _pages(data)
        size = int(frame["payload"].bin.size().sum())
    else:
        frame = _texts(data)
        size = int(frame["text"].str.len_bytes().sum())
    job = _WORK[step]()
    job(frame.head(max(BATCH_ROWS, frame.height // 100)))
    started = time.process_time()
    kept = sum(job(batch) for batch in frame.iter_slices(BATCH_ROWS))
    seconds = time.process_time() - started
    print(
        json.dumps(
            {
                "step": step,
                "documents": frame.height,
                "bytes": size,
                "seconds": seconds,
                "kept": kept,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def _texts(data: Path) -> pl.DataFrame:
    """Texts with the language that is identified beforehand, so that no step pays for another."""
    from llm_assets.corpus.language import identify_languages

    frame = pl.concat(
        [
            pl.read_ndjson(path, schema={"text": pl.String})
            for path in sorted((data / "text").glob("*.jsonl"))
        ]
    )
    return frame.hstack(identify_languages(frame["text"])).with_columns(
        url=pl.lit(None, pl.String), source=pl.lit("bench")
    )


def _pages(data: Path) -> pl.DataFrame:
    """The archived pages as rows of a raw asset."""
    from llm_assets.corpus.schema import RAW
    from llm_assets.formats.record import Record
    from llm_assets.formats.warc import read_warc

    found: list[Record] = []
    for path in sorted((data / "warc").glob("*.warc.gz")):
        with path.open("rb") as stream:
            found += [each for each in read_warc(stream, path.name) if isinstance(each, Record)]
    rows = [
        {
            "doc_id": f"{number:032x}",
            "source": "bench",
            "url": record.url,
            "media_type": record.media_type,
            "encoding_hint": record.encoding_hint,
            "payload": record.payload,
        }
        for number, record in enumerate(found)
    ]
    return pl.DataFrame(rows, schema=RAW)


def _language() -> Work:
    from llm_assets.corpus.language import identify_languages

    return lambda batch: (identify_languages(batch["text"])["language"] == "en").sum()


def _profiles(*names: str) -> Callable[[], Work]:
    def build() -> Work:
        from llm_assets.corpus.profiles.chain import measure_chain
        from llm_assets.corpus.verdicts import Judging, reach_verdicts

        judging = Judging(profiles=names)

        def judge(batch: pl.DataFrame) -> int:
            measured = measure_chain(batch, names)
            return (reach_verdicts(measured, judging)["verdict"] == "keep").sum()

        return judge

    return build


def _redact() -> Work:
    from llm_assets.corpus.redact import redact

    return lambda batch: redact(batch, ("email", "ip")).height


def _extract() -> Work:
    from llm_assets.corpus.extract import extract_documents

    return lambda batch: extract_documents(batch, "default")["text"].is_not_null().sum()


def _whole() -> Work:
    from llm_assets.corpus.clean import CleaningPlan, clean, cleaned_schema
    from llm_assets.corpus.extract import extract_documents
    from llm_assets.corpus.verdicts import Judging

    chain = ("gopher@paper", "c4@tfds", "fineweb@0.10")
    judging = Judging(languages=("en",), language_score=0.65, profiles=chain)
    plan = CleaningPlan("web", judging, ("email", "ip"), cleaned_schema([chain]))

    def work(batch: pl.DataFrame) -> int:
        rows = clean(batch, plan, lambda frame: extract_documents(frame, "default"))
        return (rows["verdict"] == "keep").sum()

    return work


_WORK: dict[str, Callable[[], Work]] = {
    "language": _language,
    "gopher": _profiles("gopher@paper"),
    "fineweb": _profiles("fineweb@0.10"),
    "c4": _profiles("c4@datatrove-0.10"),
    "filters": _profiles("gopher@paper", "c4@tfds", "fineweb@0.10"),
    "redact": _redact,
    "extract": _extract,
    "whole": _whole,
}

_CORPUS = """
name: bench
shards: 4
sources: [{{name: bench, kind: web, location: {warc}/, license: unknown}}]
recipe:
  cleaning:
    languages: [en]
    filters: [gopher@paper, c4@tfds, fineweb@0.10]
    redact: [email, ip]
"""


def _command(data: Path, work: Path) -> dict[str, Any]:
    """Run the command as a user would, in a new home, with one worker process."""
    corpus = work / "corpus.yaml"
    corpus.write_text(_CORPUS.format(warc=data / "warc"))
    pages = _pages(data)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "llm_assets", "materialize", "--corpus", str(corpus), "--json",
         "-s", "raw_web", "-s", "cleaned_text"],
        env={**os.environ, "LLM_ASSETS_WORKERS": "1", "LLM_ASSETS_HOME": str(work / "home")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    files = (work / "home" / "store" / "cleaned_text").rglob("*.parquet")
    kept = sum(
        pl.scan_parquet(path).filter(verdict="keep").select(pl.len()).collect().item()
        for path in files
    )
    size = int(pages["payload"].bin.size().sum())
    return {"step": "command", "bytes": size, "seconds": seconds, "kept": kept}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
