from typing import Any

import pytest
from pydantic import ValidationError

from llm_assets.tokenizer_recipe import TokenizerChoice


def test_a_tokenizer_is_trained_unless_one_is_given() -> None:
    trained, given = TokenizerChoice.model_validate({}), TokenizerChoice(file="x.model")
    assert (trained.training.vocabulary_size, trained.training.pre_tokenizer) == (32_000, "o200k")
    assert trained.end_of_document == "<|endoftext|>"
    assert (given.train, given.end_of_document) == (None, None)


def test_special_tokens_of_ranks_are_names_or_names_with_ids() -> None:
    numbered = TokenizerChoice.model_validate({"file": "x", "special_tokens": {"<a>": 7}})
    named = TokenizerChoice.model_validate({"file": "x", "special_tokens": ["<a>"]})
    assert numbered.special_tokens == {"<a>": 7}
    assert named.special_tokens == ["<a>"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"train": {}, "file": "x"}, "either 'train' or 'file'"),
        ({"pattern": "cl100k"}, "set train.pre_tokenizer"),
        ({"train": {}, "special_tokens": ["<a>"]}, "set train.special_tokens"),
        ({"train": {"pre_tokenizer": "words"}}, "o200k"),
        ({"train": {"special_tokens": ["<a>", "<b>", "<a>"]}}, "'<a>' is named twice"),
        ({"train": {"special_tokens": [""]}}, "at least 1 character"),
        (
            {"train": {"vocabulary_size": 260, "special_tokens": ["<1>", "<2>", "<3>", "<4>"]}},
            "260 entries cannot hold all 256 bytes and 5 special tokens: give 261 or more",
        ),
        ({"file": "x", "special_tokens": {"<a>": -1}}, "greater than or equal to 0"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TokenizerChoice.model_validate(values)
