"""What must be true of a tokenizer before a corpus is made with it."""

from functools import cache

import numpy as np
import polars as pl

from llm_assets.corpus.script import identify_scripts
from llm_assets.corpus.spans import character_series
from llm_assets.corpus.tokenization.tokenize import Tokenizer

_CHARACTERS_A_TEXT = 32
_PLANES = (np.arange(0x20, 0xD800), np.arange(0xE000, 0x40000), np.arange(0xE0000, 0xE1000))
"""Where there are characters: all but surrogates and the planes of private use."""

UNREACHABLE = pl.Schema({"token": pl.String(), "id": pl.Int64(), "problem": pl.String()})
"""One row: one thing that is wrong with a special token."""


@cache
def script_texts() -> pl.DataFrame:
    """Return every character of Unicode, in short texts of one script each.

    Returns:
        `script` (a code of ISO 15924) and `text`, in which characters stand next to each other or
        between spaces.
    """
    characters = character_series(np.concatenate(_PLANES))
    assigned = characters.filter(characters.str.contains(r"^[^\p{Cn}]$"))
    rows = pl.DataFrame({"script": identify_scripts(assigned), "character": assigned})
    piece = pl.int_range(pl.len()).over("script") // _CHARACTERS_A_TEXT
    pieces = rows.group_by("script", piece.alias("piece"), maintain_order=True)
    texts = [
        pieces.agg(text=pl.col("character").str.join(joint)).select("script", "text")
        for joint in ("", " ")
    ]
    return pl.concat(texts).sort("script", maintain_order=True)


def round_trips(texts: pl.Series, tokenizer: Tokenizer) -> pl.Series:
    """Tell which texts decode to themselves, but for what the tokenizer changes and cannot say."""
    return tokenizer.are_ids_of(texts, tokenizer.encode(texts))


def unreachable_special_tokens(tokenizer: Tokenizer) -> pl.DataFrame:
    """Find special tokens that a trainer could not use, or that a document could forge.

    Each must have an id of its own inside the vocabulary that stands for something, be that id
    where special tokens are asked for, and come from no ordinary text.

    Returns:
        Rows of UNREACHABLE.
    """
    special = tokenizer.special_tokens
    wrong = [
        (token, id_, problem)
        for token, id_ in special.items()
        if (problem := _problem(token, id_, tokenizer)) is not None
    ]
    ids = list(special.values())
    wrong += [
        (token, id_, "another special token has the same id")
        for token, id_ in special.items()
        if ids.count(id_) > 1
    ]
    wrong += [
        (token, special[token], "ordinary text turns into it") for token in _forged(tokenizer)
    ]
    return pl.DataFrame(wrong, UNREACHABLE, orient="row")


def _problem(token: str, id_: int, tokenizer: Tokenizer) -> str | None:
    if not 0 <= id_ < tokenizer.vocabulary_size:
        return "its id is outside the vocabulary"
    if tokenizer.token_bytes(id_) is None:
        return "its id stands for nothing"
    if tokenizer.encode_special(token) != [id_]:
        return "it is not encoded as itself where special tokens are asked for"
    return None


def _forged(tokenizer: Tokenizer) -> list[str]:
    """Return the special tokens that come out of texts that show their characters."""
    names = list(tokenizer.special_tokens)
    texts = [text for name in names for text in (name, f"a{name}b", f" {name} \n")]
    ids = tokenizer.encode(pl.Series(texts, dtype=pl.String)).explode().drop_nulls().to_numpy()
    return [name for name in names if np.any(ids == tokenizer.special_tokens[name])]
