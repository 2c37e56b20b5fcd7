"""Write random tokens as a release, MDS and litdata's chunks: `loader_write.py WORK TOKENS`."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LENGTH = 2_048
PARTS = 4
VOCABULARY = 50_257


def main(work: Path, tokens: int) -> None:
    stream = np.random.default_rng(0).integers(0, VOCABULARY, tokens, dtype=np.uint16)
    write_release(work / "release", stream)
    write_mds(work / "mds", stream)
    # litdata reads its input in processes of its own.
    np.save(work / "stream.npy", stream)
    write_litdata(work)
    (work / "stream.npy").unlink()
    print("{}")


def samples(stream: np.ndarray) -> Iterator[np.ndarray]:
    """Samples that overlap by a token, as our loader cuts them."""
    for start in range(0, len(stream) - LENGTH, LENGTH):
        yield stream[start : start + LENGTH + 1]


def write_release(folder: Path, stream: np.ndarray) -> None:
    parts = []
    for number, tokens in enumerate(np.array_split(stream, PARTS)):
        location = f"training_split/shard-{number:04d}/v/"
        (folder / location).mkdir(parents=True)
        content = tokens.tobytes()
        (folder / location / "train.bin").write_bytes(content)
        parts.append(
            {
                "shard": f"shard-{number:04d}",
                "location": location,
                "splits": {"train": {"tokens": len(tokens)}},
                "files": [
                    {
                        "name": "train.bin",
                        "bytes": len(content),
                        "hash": hashlib.sha256(content).hexdigest()[:32],
                        "format": "megatron",
                        "split": "train",
                    }
                ],
            }
        )
    manifest = {
        "manifest_version": 1,
        "version": "v1",
        "content_hash": "0" * 32,
        "root": "./",
        "tokenizer": {
            "vocabulary_size": VOCABULARY,
            "end_of_document_id": VOCABULARY - 1,
            "dtype": "uint16",
        },
        "sequence_length": None,
        "formats": ["megatron"],
        "splits": {"train": {"tokens": len(stream)}},
        "parts": parts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def write_mds(folder: Path, stream: np.ndarray) -> None:
    from streaming import MDSWriter

    with MDSWriter(out=str(folder), columns={"tokens": "ndarray:uint16"}) as writer:
        for sample in samples(stream):
            writer.write({"tokens": sample})


def pieces(where: tuple[str, int, int]) -> Iterator[np.ndarray]:
    path, start, stop = where
    stream = np.load(path, mmap_mode="r")
    for sample in samples(stream[start : stop + 1]):
        yield np.asarray(sample)


def write_litdata(work: Path) -> None:
    import litdata

    path = str(work / "stream.npy")
    tokens = len(np.load(path, mmap_mode="r"))
    step = 1_000 * LENGTH
    litdata.optimize(
        fn=pieces,
        inputs=[(path, start, min(start + step, tokens)) for start in range(0, tokens, step)],
        output_dir=str(work / "litdata"),
        item_loader=litdata.TokensLoader(block_size=LENGTH + 1),
        # As many samples as MDS's default of 64 MiB a shard has.
        chunk_size=(LENGTH + 1) * 16_384,
        num_workers=1,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
