"""xxh64 and SHA-1 against digests of their own packages."""

import hashlib

import numpy as np
import pytest

from llm_assets.corpus.duplication.digest_kernels import SCHEDULE_WORDS, sha1_eight, xxh64

# By xxhash 3 (the C library), seed 0.
COUNTED = {
    4: 0xFFCED8604453CC1E,
    12: 0x424AF23F1F08DCA5,
    31: 0xC346D2B59B4D8EE1,
    32: 0xCBF59C5116FF32B4,
    33: 0x0C535D1ACAFB8EAD,
    63: 0xE26AA9E2A95F8E4F,
    100: 0x6AC1E58032166597,
}
# Published with implementations of xxHash.
PUBLISHED = {
    b"": 0xEF46DB3751D8E999,
    b"a": 0xD24EC4F1A98C6E5B,
    b"abc": 0x44BC2CF5AD770999,
    b"Nobody inspects the spammish repetition": 0xFBCEA83C8A378BF1,
    b"Call me Ishmael. Some years ago--never mind how long precisely-": 0x02A2E85470D6FD96,
}


@pytest.mark.parametrize(
    ("message", "digest"),
    [*PUBLISHED.items(), *((bytes(range(size)), digest) for size, digest in COUNTED.items())],
)
def test_xxh64_is_the_packages(message: bytes, digest: int) -> None:
    data = np.frombuffer(b"before" + message + b"behind", np.uint8)
    assert int(xxh64(data, 6, 6 + len(message))) == digest


def test_sha1_is_the_packages() -> None:
    schedule = np.empty(SCHEDULE_WORDS, np.uint32)
    data = np.frombuffer(bytes(i * 37 % 256 for i in range(400)), np.uint8)
    for size in (*range(140), 255, 256, 300):
        digest = hashlib.sha1(data[5 : 5 + size].tobytes(), usedforsecurity=False).digest()
        expected = int.from_bytes(digest[:8], "little")
        assert int(sha1_eight(data, 5, 5 + size, schedule)) == expected, size
