"""A SentencePiece model as a `tokenizer.json`, which gigatoken reads.

Control pieces are in it under names that no text has, and in no merge: whatever their characters in
a document become, it is never their id.
"""

import json
from typing import Any, Final

from llm_assets.corpus.tokenization.sentencepiece_model import Piece, SentencePieceModel
from llm_assets.corpus.tokenization.spaced_pieces import SPACE

_UNREACHABLE: Final = " {} "
"""A name with a space, which is written as another character wherever it is in a text."""


def to_tokenizer_json(model: SentencePieceModel) -> str:
    """Write a model that merges pairs (BPE) and has a piece for every byte.

    Raises:
        ValueError: if the model is of another kind.
    """
    if model.algorithm != "bpe" or not model.byte_fallback:
        raise ValueError("only BPE models with byte fallback can be written as merges")
    if model.whitespace_as_suffix or not model.escape_whitespaces or model.has_charsmap:
        raise ValueError("only models that put a space before a text, and change nothing else, can")
    if model.remove_extra_whitespaces or model.pieces_of("unused"):
        raise ValueError("models that remove spaces or have unused pieces cannot be written")
    steps: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
    ]
    if model.dummy_prefix:
        steps.insert(0, {"type": "Prepend", "prepend": SPACE})
    [unknown] = model.pieces_of("unknown")
    config: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": unknown,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {_name(place, piece): place for place, piece in enumerate(model.pieces)},
            "merges": _merges(model),
        },
    }
    return json.dumps(config, ensure_ascii=False)


def _name(place: int, piece: Piece) -> str:
    plain = piece.kind in ("normal", "byte", "unknown")
    return piece.text if plain else _UNREACHABLE.format(place)


def _merges(model: SentencePieceModel) -> list[tuple[str, str]]:
    """Return all pairs of pieces that make a piece, those of the highest scores first.

    SentencePiece merges any two neighbours whose characters together are a piece, by its score; of
    equal scores it takes the one further left, which longer pieces first comes down to where equal
    scores are those of runs of spaces.
    """
    scores = {piece.text: piece.score for piece in model.pieces if piece.kind == "normal"}
    merges = [
        (score, place, piece[:place], piece[place:])
        for piece, score in scores.items()
        for place in range(1, len(piece))
        if piece[:place] in scores and piece[place:] in scores
    ]
    merges.sort(key=lambda merge: (merge[0], merge[1], len(merge[3])), reverse=True)
    return [(left, right) for _, _, left, right in merges]
