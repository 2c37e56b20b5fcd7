"""Zip archives from strangers."""

import random
import zipfile

import pytest

from llm_assets.formats import zip_archive
from llm_assets.formats.zip_archive import Archive, ArchiveError, resolve
from llm_assets_tests.formats.builders import zipped

NOISE = random.Random(9).randbytes(3000)


def reason_of(error: pytest.ExceptionInfo[ArchiveError]) -> str:
    return error.value.reason


def test_parts_are_found_however_their_names_are_spelt() -> None:
    archive = Archive(zipped({"OEBPS\\Chapter.xhtml": "one", "Cafe\u0301.xhtml": "two"}))
    assert archive.names == ["mimetype", "OEBPS/Chapter.xhtml", "Café.xhtml"]
    assert archive.read("oebps/chapter.xhtml") == b"one"
    assert archive.read("Cafe\u0301.xhtml") == b"two"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/passwd", "C:/evil", "..\\evil"])
def test_names_that_lead_out_make_the_archive_unsafe(name: str) -> None:
    with pytest.raises(ArchiveError) as error:
        Archive(zipped({name: "x"}))
    assert reason_of(error) == "unsafe"


@pytest.mark.parametrize(
    ("base", "reference", "path"),
    [
        ("OEBPS/book.opf", "text/a.xhtml", "OEBPS/text/a.xhtml"),
        ("OEBPS/book.opf", "../a.xhtml", "a.xhtml"),
        ("book.opf", "./a.xhtml", "a.xhtml"),
    ],
)
def test_references_resolve_inside(base: str, reference: str, path: str) -> None:
    assert resolve(base, reference) == path


@pytest.mark.parametrize("reference", ["../../a", "/etc/passwd"])
def test_references_do_not_lead_out(reference: str) -> None:
    with pytest.raises(ArchiveError) as error:
        resolve("OEBPS/book.opf", reference)
    assert reason_of(error) == "unsafe"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (zipped({"a": NOISE})[:1500], "truncated"),
        (b"PK\x03\x04" + NOISE, "truncated"),
        (zipped({"a": NOISE})[:-60] + bytes(60), "truncated"),
        (b"not a zip", "malformed"),
        (b"PK\x01\x02" * 20_000, "archive_limit"),
    ],
)
def test_what_is_no_whole_archive_says_why(payload: bytes, reason: str) -> None:
    with pytest.raises(ArchiveError) as error:
        Archive(payload)
    assert reason_of(error) == reason


def test_a_missing_and_a_damaged_part_cost_themselves_only() -> None:
    payload = bytearray(zipped({"a": NOISE, "b": "sound"}))
    payload[payload.index(NOISE[1000:1100]) if NOISE[1000:1100] in payload else 1200] ^= 0xFF
    archive = Archive(bytes(payload))
    for name in ("a", "c"):
        with pytest.raises(ArchiveError) as error:
            archive.read(name)
        assert reason_of(error) == "malformed"
    assert archive.read("b") == b"sound"


def test_an_encrypted_part_is_unsafe() -> None:
    payload = bytearray(zipped({"a": "x"}))
    with zipfile.ZipFile(zip_archive.io.BytesIO(bytes(payload))) as archive:
        start = archive.getinfo("a").header_offset
    payload[start + 6] |= 1
    payload[payload.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError) as error:
        Archive(bytes(payload)).read("a")
    assert reason_of(error) == "unsafe"


def test_a_part_that_expands_too_much_is_refused() -> None:
    archive = Archive(zipped({"bomb": bytes(20 << 20), "b": "sound"}))
    with pytest.raises(ArchiveError) as error:
        archive.read("bomb")
    assert reason_of(error) == "archive_limit"
    assert archive.read("b") == b"sound"


def test_all_parts_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MAX_TOTAL_BYTES", 5000)
    archive = Archive(zipped({"a": NOISE, "b": NOISE}))
    assert archive.read("a") == NOISE
    with pytest.raises(ArchiveError) as error:
        archive.read("b")
    assert reason_of(error) == "archive_limit"
