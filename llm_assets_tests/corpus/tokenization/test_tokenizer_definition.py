import json
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from llm_assets.corpus.tokenization.tokenizer_definition import read_definition
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets_tests.corpus.sample_texts import END, small_tokenizer_json


def _config() -> dict[str, Any]:
    config = json.loads(small_tokenizer_json())
    assert isinstance(config, dict)
    return config


def _token(content: str, id_: int, *, special: bool) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": id_, "content": content, "special": special, **flags}


def test_reads_size_and_control_token() -> None:
    definition = read_definition(small_tokenizer_json(), END)
    assert (definition.vocabulary_size, definition.end_of_document_id) == (600, 0)


def test_the_plain_tokenizer_has_no_control_token() -> None:
    plain = Tokenizer.from_str(read_definition(small_tokenizer_json(), END).plain_json)
    assert plain.token_to_id(END) is None
    assert plain.decode(plain.encode(f"a{END}b").ids) == f"a{END}b"


def test_added_tokens_that_are_text_keep_their_ids() -> None:
    config = _config()
    config["added_tokens"] += [
        _token("<pad>", 600, special=True),
        _token("    ", 601, special=False),
    ]
    plain = Tokenizer.from_str(read_definition(json.dumps(config), END).plain_json)
    assert plain.encode("    ").ids == [601]
    assert 600 not in plain.encode("<pad>").ids


def test_merges_cannot_make_a_control_token() -> None:
    config = _config()
    vocabulary = config["model"]["vocab"]
    vocabulary |= {"<s": 600, "<s>": 601}
    config["model"]["merges"] += [["<", "s"], ["<s", ">"]]
    config["added_tokens"].append(_token("<s>", 601, special=True))
    plain = Tokenizer.from_str(read_definition(json.dumps(config), END).plain_json)
    assert plain.encode("<s>").ids == [600, vocabulary[">"]]


def test_whatever_makes_encoding_partial_or_random_is_switched_off() -> None:
    tokenizer = Tokenizer.from_str(small_tokenizer_json())
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=50)
    config = json.loads(tokenizer.to_str())
    config["model"]["dropout"] = 0.5
    plain = Tokenizer.from_str(read_definition(json.dumps(config), END).plain_json)
    expected = Tokenizer.from_str(small_tokenizer_json()).encode("human beings are born free").ids
    assert len(expected) > 3
    assert all(plain.encode("human beings are born free").ids == expected for _ in range(20))


def test_old_files_write_merges_as_text() -> None:
    config = _config()
    config["model"]["merges"] = [" ".join(pair) for pair in config["model"]["merges"]]
    new = Tokenizer.from_str(read_definition(small_tokenizer_json(), END).plain_json)
    old = Tokenizer.from_str(read_definition(json.dumps(config), END).plain_json)
    assert old.encode("human beings").ids == new.encode("human beings").ids


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no Hugging Face tokenizer.json"),
        ("{}", "no Hugging Face tokenizer.json"),
        ("[1, 2]", "no Hugging Face tokenizer.json"),
        ("\x00\x01", "no Hugging Face tokenizer.json"),
        (Tokenizer(models.WordLevel({"a": 0}, "a")).to_str(), "BPE tokenizer is needed.*WordLevel"),
        (Tokenizer(models.BPE()).to_str(), r"no token '<\|endoftext\|>'.*it has none"),
    ],
)
def test_refuses_what_cannot_serve(text: str, message: str) -> None:
    with pytest.raises(UnusableTokenizerError, match=message):
        read_definition(text, END)


def test_names_the_control_tokens_that_there_are() -> None:
    with pytest.raises(UnusableTokenizerError, match=r"no token '</s>'.*\(<\|endoftext\|>\)"):
        read_definition(small_tokenizer_json(), "</s>")


def _with(pre_tokenizer: Any, normalizer: Any = None) -> str:
    return json.dumps(_config() | {"pre_tokenizer": pre_tokenizer, "normalizer": normalizer})


_BYTES = json.loads(pre_tokenizers.ByteLevel(False).__getstate__())
_PREFIXED = json.loads(pre_tokenizers.ByteLevel(True).__getstate__())


@pytest.mark.parametrize(
    ("text", "splits"),
    [
        (small_tokenizer_json(), True),
        (_with(_BYTES), True),
        (_with(_BYTES, {"type": "NFC"}), True),
        (_with(_BYTES, {"type": "Lowercase"}), False),
        (_with(_PREFIXED), False),
        (_with(_BYTES | {"use_regex": False}), False),
        (_with(None), False),
    ],
)
def test_knows_which_tokenizers_split_at_spaces(text: str, splits: bool) -> None:
    assert read_definition(text, END).splits_at_spaces is splits
