"""Small tokenizers of every kind, trained on the sample texts."""

import base64
import io
import json
from functools import cache
from typing import Any

from llm_assets.corpus.tokenization.rank_file import PUBLISHED, RankEncoding
from llm_assets.corpus.tokenization.tokenizer_file import TokenizerFile
from llm_assets.corpus.tokenization.tokenizer_training import train_tokenizer
from llm_assets_tests.corpus.sample_texts import ARTICLES, END, small_tokenizer_json

KINDS = ("huggingface", "tiktoken", "spm-bpe", "spm-unigram", "spm-symbols", "spm-plain")


@cache
def small_tokenizer(name: str) -> TokenizerFile:
    """Return one of KINDS."""
    if name == "huggingface":
        return TokenizerFile.of_json(small_tokenizer_json())
    if name == "tiktoken":
        return TokenizerFile("tiktoken", small_ranks(), small_encoding())
    return TokenizerFile("sentencepiece", small_model(name))


@cache
def small_model(name: str) -> bytes:
    """Train a SentencePiece model.

    `spm-bpe` is like Mistral's: byte fallback, no normalization, spaces kept; `spm-symbols` has
    user-defined pieces beside; `spm-unigram` is like the defaults: NFKC, no bytes; `spm-plain` puts
    no space before a text.
    """
    from sentencepiece import SentencePieceTrainer

    kept: dict[str, Any] = {
        "model_type": "bpe",
        "byte_fallback": True,
        "normalization_rule_name": "identity",
        "remove_extra_whitespaces": False,
        "allow_whitespace_only_pieces": True,
        "vocab_size": 700,
    }
    settings = {
        "spm-bpe": kept,
        "spm-symbols": kept | {"user_defined_symbols": ["[REF_1]", "<tool>"]},
        "spm-plain": kept | {"add_dummy_prefix": False},
        "spm-unigram": {"model_type": "unigram", "vocab_size": 250},
    }
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(ARTICLES * 3),
        model_writer=model,
        character_coverage=0.98,
        control_symbols=["[INST]", "[/INST]"],
        minloglevel=2,
        **settings[name],
    )
    return model.getvalue()


@cache
def small_ranks() -> bytes:
    """Write the vocabulary of a tokenizer that was trained with cl100k's pattern as ranks."""
    config = json.loads(train_tokenizer(ARTICLES * 2, 600, END, "cl100k"))
    letters = _bytes_by_letter()
    tokens = sorted(config["model"]["vocab"].items(), key=lambda item: item[1])
    # Ranks are ids: those of single bytes come first, merges in their order.
    lines = [
        f"{base64.b64encode(bytes(letters[c] for c in token)).decode()} {rank}"
        for rank, (token, _) in enumerate(pair for pair in tokens if pair[0] != END)
    ]
    return "\n".join(lines).encode() + b"\n"


def small_encoding() -> RankEncoding:
    """Return how the ranks are used."""
    return RankEncoding(PUBLISHED["cl100k_base"].pattern, {END: 599, "<|pad|>": 605})


def _bytes_by_letter() -> dict[str, int]:
    """Return the byte that each letter of a byte-level `tokenizer.json` stands for.

    Printable bytes of Latin-1 stand for themselves, the others for the letters from U+0100 on.
    """
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(b): b for b in plain} | {chr(256 + n): b for n, b in enumerate(others)}
