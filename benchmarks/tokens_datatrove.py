"""One measurement of `tokens.py`: datatrove's DocumentTokenizer and Merger on JSON lines.

python benchmarks/tokens_datatrove.py TOKENIZER FOLDER OUTPUT
"""

import json
import os
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer, DocumentTokenizerMerger
    from loguru import logger

    logger.remove()
    tokenizer, folder, output = sys.argv[1:]
    inputs = sorted(Path(folder).glob("*.jsonl"))
    size = sum(
        len(json.loads(line)["text"].encode()) for path in inputs for line in path.open("rb")
    )
    tokens = DocumentTokenizer(
        f"{output}/tokens",
        tokenizer_name_or_path=tokenizer,
        eos_token="<|endoftext|>",
        local_working_dir=f"{output}/local",
        shuffle_documents=True,
        max_tokens_per_file=10**9,
    )
    merger = DocumentTokenizerMerger(
        f"{output}/tokens", f"{output}/merged", save_filename="d", shuffle=True
    )
    reader = JsonlReader(folder, glob_pattern="*.jsonl", compression=None)
    before, start = _cpu(), time.perf_counter()
    for steps, tasks in (([reader, tokens], len(inputs)), ([merger], 1)):
        executor = LocalPipelineExecutor(
            pipeline=steps,
            tasks=tasks,
            workers=1,
            logging_dir=f"{output}/log{tasks}",
            skip_completed=False,
        )
        executor.run()
    print(
        json.dumps(
            {
                "bytes": size,
                "cpu": _cpu() - before,
                "wall": time.perf_counter() - start,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
            }
        )
    )


def _cpu() -> float:
    children = os.times()
    return children.user + children.system + children.children_user + children.children_system


if __name__ == "__main__":
    main()
