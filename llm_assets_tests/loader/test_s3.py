"""Reading from the real S3 server."""

import threading
import time
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from llm_assets.loader import s3_place
from llm_assets.loader.errors import LoaderError
from llm_assets.loader.token_loader import TokenLoader
from llm_assets_tests.loader.hand_made import write_release

TOKENS = [900_000, 3, 500_000]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write_release(tmp_path / "store", TOKENS, format="npy")
    return tmp_path / "store"


@pytest.fixture
def address(store: Path, s3_prefix: str) -> str:
    bucket, _, prefix = s3_prefix.removeprefix("s3://").partition("/")
    client = boto3.client("s3")
    for path in store.rglob("*.*"):
        client.upload_file(str(path), bucket, prefix + path.relative_to(store).as_posix())
    return f"{s3_prefix}releases/v1"


def loader(place: str | Path, **settings: Any) -> TokenLoader:
    return TokenLoader(
        place, **{"sequence_length": 256, "epochs": 1, "shuffle_bytes": 1 << 20, **settings}
    )


def seen(made: TokenLoader) -> list[tuple[list[int], int]]:
    return [(batch.offsets.tolist(), int(batch.inputs.sum())) for batch in made]


@pytest.mark.parametrize("workers", [0, 4])
def test_gives_what_the_folder_gives(address: str, store: Path, workers: int) -> None:
    local = loader(store / "releases/v1", workers=0)
    assert seen(loader(address, workers=workers)) == seen(local)


def test_resumes_what_the_folder_began(address: str, store: Path) -> None:
    local = loader(store / "releases/v1")
    for batch in islice(local, 300):
        last = batch
    remote = loader(address)
    remote.load_state_dict(local.state_after(last))
    whole = seen(loader(store / "releases/v1"))
    assert seen(remote) == whole[300:]


def test_a_full_cache_needs_no_server_and_stays_small(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = seen(loader(address, cache=cache))
    made = loader(address, cache=cache)
    monkeypatch.setattr(s3_place.S3Place, "_range", _no_server)
    assert seen(made) == first


def test_the_cache_keeps_to_its_size(address: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    whole = seen(loader(address))
    assert seen(loader(address, cache=cache, cache_bytes=500_000)) == whole
    assert 0 < sum(path.stat().st_size for path in cache.glob("*/*")) <= 500_000


def test_an_answer_that_breaks_off_is_asked_for_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = seen(loader(address))
    breaks, once = _breaking_off(times=4)
    monkeypatch.setattr(s3_place.S3Place, "_get_once", once)
    monkeypatch.setattr(s3_place, "_FIRST_WAIT", 0.001)
    assert seen(loader(address)) == whole
    assert len(breaks) > 3


def test_a_server_that_always_breaks_off_is_told(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = loader(address, workers=3)
    before = threading.active_count()
    monkeypatch.setattr(s3_place.S3Place, "_get_once", _breaking_off(times=5)[1])
    monkeypatch.setattr(s3_place, "_FIRST_WAIT", 0.001)
    with pytest.raises(LoaderError, match=r"train\.npy: .*Read timeout"):
        list(made)
    assert threading.active_count() == before


def test_a_closed_loader_stops_fetching(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    get = s3_place.S3Place._get_once

    def counted(self: s3_place.S3Place, path: str, byte_range: str | None) -> tuple[bytes, int]:
        asked.append(path)
        time.sleep(0.02)
        return get(self, path, byte_range)

    monkeypatch.setattr(s3_place.S3Place, "_get_once", counted)
    endless = loader(address, workers=2, epochs=None)
    batches = iter(endless)
    next(batches)
    before = len(asked)
    endless.close()
    assert len(asked) <= before + 2  # what was being fetched; a window has some 20 ranges
    time.sleep(0.1)
    assert len(asked) <= before + 2


@pytest.mark.parametrize("tokens", [100, 600_000], ids=["shorter", "longer"])
def test_an_object_of_another_size_is_told(address: str, s3_prefix: str, tokens: int) -> None:
    bucket, _, prefix = s3_prefix.removeprefix("s3://").partition("/")
    key = f"{prefix}training_split/shard-0002/v1/train.npy"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"\0" * 2 * tokens)
    with pytest.raises(LoaderError, match=r"shard-0002/v1/train\.npy: has .* by the manifest"):
        seen(loader(address))


def test_what_is_not_there_is_told(address: str, s3_prefix: str) -> None:
    with pytest.raises(LoaderError, match=r"v2/manifest\.json: there is no such object"):
        loader(f"{s3_prefix}releases/v2")
    with pytest.raises(LoaderError, match="names no bucket"):
        loader("s3://")
    with pytest.raises(LoaderError, match="llm-assets release verify"):
        loader(address, verify=True)


def _no_server(*_: Any) -> bytes:
    raise AssertionError("all ranges are in the cache")


def _breaking_off(times: int) -> tuple[list[str], Any]:
    """Every range breaks off so many times."""
    get, breaks = s3_place.S3Place._get_once, []

    def once(self: s3_place.S3Place, path: str, byte_range: str | None) -> tuple[bytes, int]:
        asked = f"{path} {byte_range}"
        if byte_range is not None and breaks.count(asked) < times:
            breaks.append(asked)
            raise ReadTimeoutError(endpoint_url="the server")
        return get(self, path, byte_range)

    return breaks, once
