"""A Hugging Face `tokenizer.json` -> what tokenizing needs of it, control tokens set apart.

A document that merely shows the characters of a control token (`<|endoftext|>` typed in a forum
post) must not end a document in training. So texts are encoded with a *plain* tokenizer from which
every control token is removed, and the control token itself is only ever appended as an id.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from tokenizers import Tokenizer as HuggingFaceTokenizer

from llm_assets.corpus.tokenization.split_patterns import JSON_PATTERNS
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError

Json = dict[str, Any]

_SPLITTING_PATTERNS: Final = frozenset(JSON_PATTERNS.values())


@dataclass(frozen=True, slots=True)
class TokenizerDefinition:
    """What a tokenizer file says."""

    full_json: str
    """The file as given."""
    plain_json: str
    """The same tokenizer without control tokens, truncation, padding or anything random."""
    vocabulary_size: int
    """One more than the largest id: the rows that an embedding table needs."""
    end_of_document_id: int
    special_tokens: dict[str, int]
    """Control tokens and their ids; the one that ends a document is among them."""
    unknown_id: int | None
    """The id of what the vocabulary cannot say; None if it can say everything."""
    splits_at_spaces: bool
    """Whether long texts may be cut as the module `segments` does, with equal ids."""
    inner_json: str | None
    """The plain tokenizer without the space that it puts before every text; None: it puts none."""
    words: tuple[str, ...]
    """What texts consist of: the vocabulary without control tokens."""


def read_definition(text: str, end_of_document: str) -> TokenizerDefinition:
    """Read a `tokenizer.json`.

    Args:
        text: the file's content.
        end_of_document: the control token that ends a document.

    Raises:
        UnusableTokenizerError: if it is no BPE tokenizer of this format, or lacks that token.
    """
    try:
        config = json.loads(text)
        HuggingFaceTokenizer.from_str(text)
    except Exception as error:  # tokenizers raises bare Exception
        raise UnusableTokenizerError(f"this is no Hugging Face tokenizer.json: {error}") from error
    if "merges" not in config["model"]:
        kind = config["model"].get("type", "unknown")
        raise UnusableTokenizerError(f"a BPE tokenizer is needed, this one's model is {kind}")
    ids: dict[str, int] = config["model"]["vocab"] | _added_ids(config)
    if end_of_document not in ids:
        raise UnusableTokenizerError(
            f"the tokenizer has no token '{end_of_document}': set recipe.tokenizer.end_of_document "
            f"to one of its control tokens ({', '.join(_control_tokens(config)) or 'it has none'})"
        )
    control = dict.fromkeys([*_control_tokens(config), end_of_document])
    plain = _plain(config, end_of_document)
    inner = _inner(plain)
    unknown = plain["model"].get("unk_token")
    return TokenizerDefinition(
        full_json=text,
        plain_json=_written(plain),
        vocabulary_size=max(ids.values()) + 1,
        end_of_document_id=ids[end_of_document],
        special_tokens={token: ids[token] for token in control if token != unknown},
        unknown_id=None if unknown is None else ids.get(unknown),
        splits_at_spaces=_splits_at_spaces(config),
        inner_json=None if inner is None else _written(inner),
        words=tuple(plain["model"]["vocab"]),
    )


def _written(config: Json) -> str:
    return json.dumps(config, ensure_ascii=False)


def _added_ids(config: Json) -> dict[str, int]:
    return {token["content"]: token["id"] for token in config.get("added_tokens") or []}


def _control_tokens(config: Json) -> list[str]:
    return [t["content"] for t in config.get("added_tokens") or [] if t["special"]]


def _plain(config: Json, end_of_document: str) -> Json:
    """Remove control tokens from the added tokens, the vocabulary and the merges."""
    control = {*_control_tokens(config), end_of_document}
    model = config["model"]
    kept = [t for t in config.get("added_tokens") or [] if t["content"] not in control]
    # Added tokens that are text keep their ids by standing in the vocabulary: otherwise the
    # library numbers them anew once the control tokens before them are gone.
    vocabulary = model["vocab"] | {t["content"]: t["id"] for t in kept}
    # Letters of the alphabet and the unknown token are needed to encode anything.
    removed = {token for token in control if len(token) > 1} - {model.get("unk_token")}
    return {
        **config,
        "added_tokens": kept,
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "model": {
            **model,
            "dropout": None,
            "vocab": {token: id_ for token, id_ in vocabulary.items() if token not in removed},
            "merges": [m for m in model["merges"] if not _touches(m, removed)],
        },
    }


def _touches(merge: str | list[str], tokens: set[str]) -> bool:
    """Tell whether a merge makes or takes one of the tokens; old files write "a b" for a pair."""
    pair = merge.split(" ") if isinstance(merge, str) else merge
    return not tokens.isdisjoint((*pair, "".join(pair)))


def _splits_at_spaces(config: Json) -> bool:
    if (config.get("normalizer") or {"type": "NFC"})["type"] != "NFC":
        return False
    pre_tokenizer = config.get("pre_tokenizer") or {"type": None}
    *splits, last = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    if last["type"] != "ByteLevel" or last["add_prefix_space"]:
        return False
    if not splits:
        return bool(last.get("use_regex", True))  # the GPT-2 pattern
    return len(splits) == 1 and (
        splits[0]["type"] == "Split"
        and splits[0]["behavior"] == "Isolated"
        and splits[0]["pattern"].get("Regex") in _SPLITTING_PATTERNS
    )


def _inner(config: Json) -> Json | None:
    """Take away the space that a Llama-style tokenizer puts before every text.

    These write a space as "▁" and split no words: the normalizer is Prepend "▁" and Replace " " by
    "▁", and there is no pre-tokenizer.

    Returns:
        The configuration; None if the tokenizer is of another kind.
    """
    normalizer = config.get("normalizer") or {"type": None}
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    steps = [{"type": "Prepend", "prepend": "▁"}, replace]
    if config.get("pre_tokenizer") is not None or normalizer.get("normalizers") != steps:
        return None
    return {**config, "normalizer": replace}
