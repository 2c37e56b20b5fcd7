"""A SentencePiece `.model` file -> what tokenizing needs to know of it.

The file is a protocol buffer of the message `ModelProto`, published as `sentencepiece_model.proto`.
The few fields that matter are read here, so that neither a protobuf runtime nor the version that
SentencePiece's own bindings insist on is needed.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

PieceKind = Literal["normal", "unknown", "control", "user_defined", "unused", "byte"]
Algorithm = Literal["unigram", "bpe", "word", "char"]

_PIECE_KINDS: Final[dict[int, PieceKind]] = {
    1: "normal",
    2: "unknown",
    3: "control",
    4: "user_defined",
    5: "unused",
    6: "byte",
}
_ALGORITHMS: Final[dict[int, Algorithm]] = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}

# Field numbers of sentencepiece_model.proto.
_PIECES, _TRAINER, _NORMALIZER, _DENORMALIZER = 1, 2, 3, 5
_TEXT, _SCORE, _KIND = 1, 2, 3
_MODEL_TYPE, _WHITESPACE_AS_SUFFIX, _BYTE_FALLBACK = 3, 24, 35
_CHARSMAP, _DUMMY_PREFIX, _REMOVE_EXTRA_WHITESPACES, _ESCAPE_WHITESPACES = 2, 3, 4, 5

WITHOUT_DUMMY_PREFIX: Final = bytes([_NORMALIZER << 3 | 2, 2, _DUMMY_PREFIX << 3, 0])
"""Appended to a model, it switches the space before every text off: of two occurrences of a message
in a protocol buffer, the fields of the second replace those of the first."""

_Message = dict[int, list[int | bytes]]


class NoSentencePieceModelError(ValueError):
    """The bytes are no SentencePiece model."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the vocabulary; its place is its id."""

    text: str
    kind: PieceKind
    score: float
    """Of two merges, that to the piece of the higher score is done first."""


@dataclass(frozen=True, slots=True)
class SentencePieceModel:
    """What a model file says."""

    pieces: tuple[Piece, ...]
    algorithm: Algorithm
    byte_fallback: bool
    whitespace_as_suffix: bool
    dummy_prefix: bool
    """Whether a space is put before every text."""
    remove_extra_whitespaces: bool
    """Whether runs of spaces become one, and those at both ends go."""
    escape_whitespaces: bool
    has_charsmap: bool
    """Whether characters are replaced by others (NFKC, for example)."""

    def pieces_of(self, kind: PieceKind) -> list[str]:
        """Return the pieces of one kind, in the order of their ids."""
        return [piece.text for piece in self.pieces if piece.kind == kind]


def read_sentencepiece_model(content: bytes) -> SentencePieceModel:
    """Read a model file.

    Raises:
        NoSentencePieceModelError: if the bytes are no such message, or hold no pieces.
    """
    try:
        message = _message(content)
        pieces = tuple(_piece(value) for value in message.get(_PIECES, ()))
        trainer = _inner(message, _TRAINER)
        normalizer = _inner(message, _NORMALIZER)
        algorithm = _ALGORITHMS[_number(trainer, _MODEL_TYPE, 1)]
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise NoSentencePieceModelError("this is no SentencePiece model") from error
    if not pieces:
        raise NoSentencePieceModelError("this SentencePiece model has no pieces")
    return SentencePieceModel(
        pieces=pieces,
        algorithm=algorithm,
        byte_fallback=bool(_number(trainer, _BYTE_FALLBACK, 0)),
        whitespace_as_suffix=bool(_number(trainer, _WHITESPACE_AS_SUFFIX, 0)),
        dummy_prefix=bool(_number(normalizer, _DUMMY_PREFIX, 1)),
        remove_extra_whitespaces=bool(_number(normalizer, _REMOVE_EXTRA_WHITESPACES, 1)),
        escape_whitespaces=bool(_number(normalizer, _ESCAPE_WHITESPACES, 1)),
        has_charsmap=any(normalizer.get(_CHARSMAP, ())),
    )


def _piece(value: int | bytes) -> Piece:
    message = _message(_bytes(value))
    (score,) = struct.unpack("<f", _bytes(message.get(_SCORE, [bytes(4)])[-1]))
    return Piece(
        text=_bytes(message.get(_TEXT, [b""])[-1]).decode("utf-8"),
        kind=_PIECE_KINDS[_number(message, _KIND, 1)],
        score=score,
    )


def _inner(message: _Message, field: int) -> _Message:
    # Repeated occurrences of a message field are merged, as the wire format asks for.
    merged: _Message = {}
    for value in message.get(field, ()):
        for key, values in _message(_bytes(value)).items():
            merged.setdefault(key, []).extend(values)
    return merged


def _number(message: _Message, field: int, default: int) -> int:
    value = message.get(field, [default])[-1]
    if not isinstance(value, int):
        raise TypeError(f"field {field} is no number")
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("a number stands where bytes are expected")
    return value


def _message(content: bytes) -> _Message:
    fields: _Message = {}
    for field, value in _fields(content):
        fields.setdefault(field, []).append(value)
    return fields


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field; values of fixed width come as bytes."""
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        wire = key & 7
        if wire == 0:
            value, place = _varint(content, place)
            yield key >> 3, value
            continue
        if wire == 2:
            size, place = _varint(content, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"there is no wire type {wire}")
        if place + size > len(content):
            raise ValueError("a field is longer than the message")
        yield key >> 3, content[place : place + size]
        place += size


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number is longer than 64 bits")
