"""Where a token came from, down to its characters."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.io.object_store import LocalStore, ObjectStore
from llm_assets.recipe import ConfigurationError
from llm_assets.releases.manifest import ReleaseError
from llm_assets.releases.token_origin import TokenAddress, read_address, token_origin
from llm_assets_tests.releases.tiny import (
    END,
    ByteDecoder,
    Row,
    Tiny,
    document,
    padding,
    release,
)

TWO_SHARDS = Tiny(
    {
        "shard-0000": {"train": [document("d1", "ab"), document("d2", "cde", "books")]},
        "shard-0001": {"train": [document("d1", "ab", repeat=1)], "test": [document("d4", "x")]},
    }
)


@pytest.mark.parametrize(
    ("offset", "shard", "doc_id", "repeat", "place", "kind"),
    [
        (0, "shard-0000", "d1", 0, 0, "text"),
        (2, "shard-0000", "d1", 0, 2, "end of document"),
        (3, "shard-0000", "d2", 0, 0, "text"),
        (6, "shard-0000", "d2", 0, 3, "end of document"),
        (7, "shard-0001", "d1", 1, 0, "text"),
        (9, "shard-0001", "d1", 1, 2, "end of document"),
    ],
)
def test_offsets_run_through_the_parts_in_their_order(
    folder_store: ObjectStore,
    offset: int,
    shard: str,
    doc_id: str,
    repeat: int,
    place: int,
    kind: str,
) -> None:
    made = release(folder_store, TWO_SHARDS)
    found = token_origin(made, ByteDecoder(), "train", offset)
    assert (found.shard, found.doc_id, found.repeat, found.token_in_document, found.kind) == (
        *(shard, doc_id, repeat, place, kind),
    )
    assert found.license == "CC0-1.0"
    assert (found.characters is None) == (kind != "text")


def test_the_characters_and_what_stands_around_them(folder_store: ObjectStore) -> None:
    found = token_origin(release(folder_store, TWO_SHARDS), ByteDecoder(), "train", 4)
    assert found.to_json()["characters"] == {
        "start": 1,
        "end": 2,
        "before": "c",
        "text": "d",
        "after": "e",
        "is_part": False,
    }
    assert (found.source, found.token_id, found.document_tokens) == ("books", ord("d") + 1, 4)


@pytest.mark.parametrize("formats", [("npy",), ("parquet",), ("megatron", "parquet")])
@pytest.mark.parametrize("length", [None, 5])
def test_every_format_with_tokens_tells_the_same(
    store: ObjectStore, formats: tuple[str, ...], length: int | None
) -> None:
    rows = [document("d1", "abcdefg"), document("d2", "hi"), padding(4)]
    splits = {"train": rows if length else rows[:2]}
    made = release(store, Tiny({"shard-0000": splits}, formats=formats, sequence_length=length))
    texts = []
    for offset in range(11):
        characters = token_origin(made, ByteDecoder(), "train", offset).characters
        texts.append(characters.text if characters else "")
    assert texts == [*"abcdefg", "", *"hi", ""]


def test_a_document_that_packing_cut_is_put_together_again(folder_store: ObjectStore) -> None:
    ids = [byte + 1 for byte in "aéb".encode()] + [END]
    rows = [
        Row("d1", ids[2:], first_token=2),  # as best-fit may place it: the end comes first
        padding(1),
        Row("d2", [ord("x") + 1, END]),
        Row("d1", ids[:2]),
    ]
    tiny = Tiny({"shard-0000": {"train": rows}}, ("megatron",), sequence_length=4)
    made = release(folder_store, tiny)
    end_of_letter = token_origin(made, ByteDecoder(), "train", 0)
    assert (end_of_letter.token_in_document, end_of_letter.document_tokens) == (2, 5)
    assert end_of_letter.characters is not None
    assert (end_of_letter.characters.text, end_of_letter.characters.is_part) == ("é", True)
    assert end_of_letter.characters.before == "a"
    assert end_of_letter.characters.after == "b"
    nobodys = token_origin(made, ByteDecoder(), "train", 3)
    assert (nobodys.kind, nobodys.doc_id, nobodys.token_id) == ("padding", None, END)


def test_control_tokens_have_no_characters_and_a_moved_middle_is_told(
    folder_store: ObjectStore,
) -> None:
    row = Row("d1", [300, ord("a") + 1, 301, ord("c") + 1, 302, ord("b") + 1, END], middle=(1, 2))
    made = release(folder_store, Tiny({"shard-0000": {"train": [row]}}, ("megatron",)))
    kinds = [token_origin(made, ByteDecoder(), "train", n).kind for n in range(7)]
    control, text = "control token", "text"
    assert kinds == [control, text, control, text, control, text, "end of document"]
    assert token_origin(made, ByteDecoder(), "train", 5).middle == (1, 2)


def test_an_end_of_document_token_within_a_text_is_a_control_token(
    folder_store: ObjectStore,
) -> None:
    made = release(folder_store, Tiny({"shard-0000": {"train": [Row("d1", [5, END, 6, END])]}}))
    assert token_origin(made, ByteDecoder(), "train", 1).kind == "control token"


def test_beyond_the_end_there_is_no_token(folder_store: ObjectStore) -> None:
    made = release(folder_store, TWO_SHARDS)
    with pytest.raises(ReleaseError, match=r"10 tokens in train, from 0 to 9.*no token 10"):
        token_origin(made, ByteDecoder(), "train", 10)
    with pytest.raises(ReleaseError, match="0 tokens in validation"):
        token_origin(made, ByteDecoder(), "validation", 0)


def test_a_release_without_readable_tokens_says_what_to_do(folder_store: ObjectStore) -> None:
    made = release(folder_store, Tiny(TWO_SHARDS.shards, ("mds",)))
    with pytest.raises(ReleaseError, match="megatron, npy or parquet"):
        token_origin(made, ByteDecoder(), "train", 0)


@settings(max_examples=60)
@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_characters="\N{REPLACEMENT CHARACTER}"),
        min_size=1,
        max_size=12,
    ),
    cuts=st.sets(st.integers(1, 47)),
)
def test_the_characters_of_all_tokens_cover_the_text(text: str, cuts: set[int]) -> None:
    """However a text's bytes are cut into tokens, also within characters."""
    data = text.encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    vocabulary = dict(enumerate(pieces, start=1))
    with TemporaryDirectory() as folder:
        row = Row("d1", [*vocabulary, END])
        made = release(
            LocalStore(Path(folder)), Tiny({"shard-0000": {"train": [row]}}, ("megatron",))
        )
        found = [
            token_origin(made, ByteDecoder(vocabulary), "train", n).characters
            for n in range(len(pieces))
        ]
    bounds = [0]
    for piece, characters in zip(pieces, found, strict=True):
        assert characters is not None
        start = len(data[: bounds[-1]].decode(errors="ignore"))
        whole = data[bounds[-1] : bounds[-1] + len(piece)]
        bounds.append(bounds[-1] + len(piece))
        stop = len(text) - len(data[bounds[-1] :].decode(errors="ignore"))
        assert (characters.start, characters.end) == (start, stop)
        assert characters.text == text[start:stop]
        assert characters.is_part == (characters.text.encode() != whole)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("v1:train:0", TokenAddress("v1", "train", 0)),
        ("v1:test:1,234,567", TokenAddress("v1", "test", 1_234_567)),
        ("s3://b:1/p:validation:7", TokenAddress("s3://b:1/p", "validation", 7)),
        ("C:/out:train:5", TokenAddress("C:/out", "train", 5)),
    ],
)
def test_an_address_is_read_from_its_end(text: str, address: TokenAddress) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "v1", "v1:train", "train:5", ":train:5", "v1:trial:5", "v1:train:-1", "v1:train:٣"]
)
def test_what_names_no_token_is_wrong_usage(text: str) -> None:
    with pytest.raises(ConfigurationError, match="RELEASE:SPLIT:OFFSET"):
        read_address(text)
