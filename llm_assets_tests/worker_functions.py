"""What the tests give worker processes to do: a module that imports next to nothing."""

import os
import signal
import time
from collections.abc import Sequence


def double(chunk: Sequence[int]) -> list[int]:
    return [2 * item for item in chunk]


def double_or_die(chunk: Sequence[int]) -> list[int]:
    if 13 in chunk:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(chunk)


def process_id(chunk: Sequence[int]) -> list[int]:
    time.sleep(0.05)  # so that every process of the pool gets some
    return [os.getpid() for _ in chunk]


def interrupted(chunk: Sequence[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGINT)
    return double(chunk)


def prepare_catalog(url: str) -> int:
    from llm_assets.io.catalog import Catalog

    Catalog(url, "corpus").prepare()
    return os.getpid()
