"""Writes samples with mosaicml-streaming's own writer: SAMPLES (JSON) FOLDER SHARD_BYTES."""

import json
import sys
from pathlib import Path

import numpy as np
from streaming import MDSWriter


def main() -> None:
    content = json.loads(Path(sys.argv[1]).read_text())
    with MDSWriter(
        out=sys.argv[2],
        columns=content["columns"],
        hashes=["sha256"],
        size_limit=int(sys.argv[3]),
    ) as writer:
        for sample in content["samples"]:
            writer.write({**sample, "tokens": np.array(sample["tokens"], content["dtype"])})
    sys.stdout.write("\n" + json.dumps("written"))


if __name__ == "__main__":
    main()
