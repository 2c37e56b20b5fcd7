"""Write the MinHash signatures that datatrove makes of the documents: `vectors/datatrove-0.10*`.

In an environment with `datatrove==0.10.1 spacy==3.8.18 regex xxhash pyarrow`, under Python 3.11:

    python make_datatrove_minhash_vectors.py

`datatrove-0.10` has its default hash, xxh64, and `datatrove-0.10-sha1` the one of FineWeb. A
signature is stored as a hash of its numbers, with the first two beside.
"""

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from vectors_file import read_documents, short_hash, write_vectors

PROFILES = {"datatrove-0.10": "xxhash", "datatrove-0.10-sha1": "sha1"}


def main() -> None:
    documents = list(read_documents())
    for profile, hash_function in PROFILES.items():
        rows = ask_datatrove(documents, hash_function)
        write_vectors(profile, rows, ["datatrove", "spacy", "regex", "xxhash", "numpy"])


def ask_datatrove(
    documents: Iterable[tuple[str, str]], hash_function: str
) -> Iterator[dict[str, Any]]:
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(hash_fc=hash_function))
    with tempfile.TemporaryDirectory() as folder:
        step = MinhashDedupSignature(folder, config)
        for name, text in documents:
            shingles = step.get_shingles(text)
            # The original makes no signature where there is no shingle.
            bands = step.get_signature(shingles) if shingles.size else []
            signature = [number for band in bands for number in band]
            yield {
                "name": name,
                "shingles": len(shingles),
                "signature": short_hash(" ".join(map(str, signature))),
                "first": signature[:2],
            }


if __name__ == "__main__":
    main()
