from functools import cache
from typing import Any

import polars as pl
import pytest

from llm_assets.assets.training_plan import training_plan
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_training import train_tokenizer
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets.corpus.training.training_sequences import PackingPlan
from llm_assets.recipe import Corpus

SOURCES = [
    {"name": "web", "kind": "web", "location": "x", "weight": 2.0},
    {"name": "books", "kind": "books", "location": "y", "tokens": 10},
]


@cache
def _tokenizer() -> Tokenizer:
    text = train_tokenizer(pl.Series(["some text to learn from"]), 300, "<|endoftext|>")
    return Tokenizer(text, "<|endoftext|>")


def _corpus(**recipe: Any) -> Corpus:
    return Corpus.model_validate({"sources": SOURCES, "recipe": recipe})


def test_the_recipe_becomes_the_plan() -> None:
    packing = {"sequence_length": 16, "method": "best-fit", "padding_token": "<|endoftext|>"}
    plan = training_plan(_corpus(packing=packing, formats=["npy"]), _tokenizer())
    assert plan.packing == PackingPlan(16, "best-fit", _tokenizer().end_of_document_id)
    assert plan.formats == ["npy"]
    assert plan.order.weights == {"web": 2.0}
    assert plan.order.budgeted == ["books"]
    assert plan.middle is None


@pytest.mark.parametrize(
    ("recipe", "field", "token"),
    [
        ({"packing": {"padding_token": "<pad>"}}, "packing.padding_token", "<pad>"),
        ({"fill_in_the_middle": {}}, "fill_in_the_middle.prefix", "<|fim_prefix|>"),
        # A word of the vocabulary is no special token: any text could have it.
        ({"packing": {"padding_token": "e"}}, "packing.padding_token", "e"),
    ],
)
def test_a_special_token_that_the_tokenizer_lacks_is_named(
    recipe: dict[str, Any], field: str, token: str
) -> None:
    with pytest.raises(UnusableTokenizerError) as caught:
        training_plan(_corpus(**recipe), _tokenizer())
    assert f"recipe.{field}" in str(caught.value)
    assert f"'{token}'" in str(caught.value)
    assert "<|endoftext|>" in str(caught.value)
