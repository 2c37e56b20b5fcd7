"""Where a token of a release came from: the document, its source, and the characters."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Protocol

import polars as pl

from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.recipe import ConfigurationError
from llm_assets.releases.manifest import Part, ReleaseError
from llm_assets.releases.places import Release
from llm_assets.releases.stored_tokens import read_tokens

TokenKind = Literal["text", "end of document", "control token", "padding"]

_CONTEXT_CHARS = 60
_ABSENT = {"first_token": 0, "middle_start": None, "middle_end": None}


class Decoder(Protocol):
    """What turns ids into text: the release's own tokenizer."""

    def decode(self, token_ids: pl.Series) -> pl.Series:
        """Return the text of each list of ids, without control tokens."""


@dataclass(frozen=True)
class TokenAddress:
    """`RELEASE:SPLIT:OFFSET`."""

    release: str
    split: Split
    offset: int


@dataclass(frozen=True)
class Characters:
    """The characters that a token covers, and those around them."""

    start: int
    end: int
    """Into the document's text; after the token's last character."""
    before: str
    text: str
    after: str
    is_part: bool
    """The token holds only a part of a character, which is shown whole."""


@dataclass(frozen=True)
class TokenOrigin:
    """All that a release knows of one of its tokens."""

    release: str
    split: Split
    offset: int
    kind: TokenKind
    token_id: int | None
    shard: str
    offset_in_part: int
    doc_id: str | None = None
    source: str | None = None
    license: str | None = None
    repeat: int | None = None
    token_in_document: int | None = None
    """Which token of the document as it was trained on, from 0."""
    document_tokens: int | None = None
    """How many it has there, the end-of-document token included."""
    characters: Characters | None = None
    middle: tuple[int, int] | None = None
    """The span (characters) that fill-in-the-middle moved to the end; `characters` are then places
    in the text as it was rearranged."""

    def to_json(self) -> dict[str, Any]:
        """Return it in the form of `why --token --json`."""
        return asdict(self)


@dataclass(frozen=True)
class _Piece:
    """A row of TRAINING_DOCUMENTS."""

    doc_id: str
    source: str
    repeat: int
    token_offset: int
    token_length: int
    first_token: int
    middle_start: int | None
    middle_end: int | None


def read_address(text: str) -> TokenAddress:
    """Read `RELEASE:SPLIT:OFFSET`; a release may be an address with colons of its own.

    Raises:
        ConfigurationError: if it is not of that form.
    """
    release, split_name, offset = ("", "", *text.rsplit(":", 2))[-3:]
    split = next((name for name in SPLITS if name == split_name), None)
    number = offset.replace(",", "").replace("_", "")
    if not release or split is None or not (number.isascii() and number.isdigit()):
        raise ConfigurationError(
            f"'{text}' names no token: write RELEASE:SPLIT:OFFSET, such as v1:train:123456; the "
            f"splits are {', '.join(SPLITS)}"
        )
    return TokenAddress(release, split, int(number))


def find_token(release: Release, split: Split, offset: int) -> tuple[Part, int]:
    """Return the part that holds a token, and the token's place in the part's stream.

    Raises:
        ReleaseError: if the split is not that long.
    """
    left = offset
    for part in release.manifest.parts:
        tokens = part.splits[split].tokens
        if left < tokens:
            return part, left
        left -= tokens
    total = release.manifest.splits[split].tokens
    raise ReleaseError(
        f"{release.manifest.version} has {total:,} tokens in {split}, from 0 to "
        f"{max(total - 1, 0):,}: there is no token {offset:,}"
    )


def token_origin(release: Release, decoder: Decoder, split: Split, offset: int) -> TokenOrigin:
    """Tell where a token came from. Of the side table the columns of one split are looked at.

    Args:
        release: the release.
        decoder: its tokenizer.
        split: the split.
        offset: the place in the split's token stream.

    Raises:
        ReleaseError: if there is no such token, or the copy lacks what would tell.
    """
    part, place = find_token(release, split, offset)
    piece = _piece_at(release, part, split, place)
    token_id = int(read_tokens(release, part, split, [(place, 1)])[0])
    found = TokenOrigin(
        release=release.manifest.version,
        split=split,
        offset=offset,
        kind="padding",
        token_id=token_id,
        shard=part.shard,
        offset_in_part=place,
    )
    if piece is None:
        return found
    pieces = _pieces_of(release, part, split, piece)
    ids = read_tokens(
        release, part, split, [(p.token_offset, p.token_length) for p in pieces]
    ).tolist()
    position = (
        place
        - piece.token_offset
        + sum(other.token_length for other in pieces if other.first_token < piece.first_token)
    )
    kind, characters = _look(decoder, ids, position, release.manifest.tokenizer.end_of_document_id)
    return replace(
        found,
        kind=kind,
        doc_id=piece.doc_id,
        source=piece.source,
        license=next((s.license for s in release.manifest.sources if s.name == piece.source), None),
        repeat=piece.repeat,
        token_in_document=position,
        document_tokens=len(ids),
        characters=characters,
        middle=_middle(piece),
    )


def _piece_at(release: Release, part: Part, split: Split, place: int) -> _Piece | None:
    """Return the row whose range holds a place in a part's stream; None for padding."""
    start, length = pl.col("token_offset"), pl.col("token_length").cast(pl.UInt64)
    # By the rows' statistics in the file, all groups of rows but one are passed over.
    inside = (pl.col("split") == split) & (start <= place) & (start + length > place)
    rows = _pieces(release.scan_documents(part).filter(inside))
    return rows[0] if rows else None


def _pieces_of(release: Release, part: Part, split: Split, piece: _Piece) -> list[_Piece]:
    """Return all ranges of one copy of a document, in the order of its text."""
    same = (
        (pl.col("split") == split)
        & (pl.col("doc_id") == piece.doc_id)
        & (pl.col("repeat") == piece.repeat)
    )
    rows = _pieces(release.scan_documents(part).filter(same))
    return sorted(rows, key=lambda row: row.first_token)


def _pieces(rows: pl.LazyFrame) -> list[_Piece]:
    names = [field.name for field in fields(_Piece)]
    known = rows.collect_schema().names()
    # Parts that an early release made know neither packing nor fill-in-the-middle.
    columns = [pl.col(n) if n in known else pl.lit(_ABSENT[n]).alias(n) for n in names]
    return [_Piece(**row) for row in rows.select(columns).collect().to_dicts()]


def _middle(piece: _Piece) -> tuple[int, int] | None:
    if piece.middle_start is None or piece.middle_end is None:
        return None
    return piece.middle_start, piece.middle_end


def _look(
    decoder: Decoder, ids: Sequence[int], position: int, end_of_document: int
) -> tuple[TokenKind, Characters | None]:
    """Find the characters of one of a document's tokens.

    A token may begin or end within a character; what is decoded up to there then ends in
    replacement characters, where the whole text goes on otherwise.
    """
    token = ids[position]
    if token == end_of_document and position == len(ids) - 1:
        return "end of document", None
    lists = [list(ids), ids[:position], ids[: position + 1], [token]]
    text, before, through, alone = decoder.decode(pl.Series(lists, dtype=pl.List(pl.UInt32)))
    if not alone and before == through:
        return "control token", None
    start, end = (_agreement(text, part) for part in (before, through))
    begins_within, ends_within = len(before) > start, len(through) > end
    if ends_within or end == start:
        end = min(end + 1, len(text))
    start = min(start, max(end - 1, 0))
    return "text", Characters(
        start=start,
        end=end,
        before=text[max(start - _CONTEXT_CHARS, 0) : start],
        text=text[start:end],
        after=text[end : end + _CONTEXT_CHARS],
        is_part=begins_within or ends_within,
    )


def _agreement(text: str, other: str) -> int:
    """Return how many characters of two texts agree from the beginning."""
    if text.startswith(other):
        return len(other)
    pairs = enumerate(zip(text, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(text), len(other)))
