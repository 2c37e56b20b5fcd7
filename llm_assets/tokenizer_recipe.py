"""The recipe's section on the tokenizer."""

from typing import Annotated, Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from llm_assets.corpus.tokenization.split_patterns import PatternName
from llm_assets.corpus.tokenization.tokenizer_training import LEAST_VOCABULARY
from llm_assets.recipe_model import Model, mistake

_Token = Annotated[str, Field(min_length=1)]
_TRAINED_END = "<|endoftext|>"


def _without_later_fields(
    dumped: dict[str, Any], model: type[Model], later: tuple[str, ...]
) -> dict[str, Any]:
    """Leave out fields that came later and are at their default.

    So a recipe that does not use them keeps its fingerprint, and the corpus its vocabulary.
    """
    fields = model.model_fields
    return {k: v for k, v in dumped.items() if k not in later or v != fields[k].default}


class TokenizerTraining(Model):
    """A byte-level BPE vocabulary trained on a sample of the corpus."""

    vocabulary_size: Annotated[int, Field(ge=260, le=1_000_000)] = 32_000
    """Entries of the vocabulary, the 256 bytes and the special tokens included."""
    sample_bytes: Annotated[int, Field(ge=1_000)] = 64_000_000
    """How much text to learn from; documents are drawn by hash, so the sample is reproducible."""
    pre_tokenizer: PatternName = "o200k"
    """How texts are split into words, which no token reaches beyond: as in `o200k`, `cl100k`,
    `qwen2` or `gpt2`."""
    special_tokens: list[_Token] = []
    """Tokens that no text has, for later use (`<|im_start|>`); `end_of_document` is one anyway."""

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        later = ("pre_tokenizer", "special_tokens")
        return _without_later_fields(dump(self), TokenizerTraining, later)

    @model_validator(mode="after")
    def _special_tokens_are_few_and_distinct(self) -> Self:
        for place, token in enumerate(self.special_tokens):
            if token in self.special_tokens[:place]:
                raise mistake(f"'{token}' is named twice: leave one out", "special_tokens", place)
        least = LEAST_VOCABULARY + len(self.special_tokens)
        if self.vocabulary_size < least:
            raise mistake(
                f"{self.vocabulary_size} entries cannot hold all 256 bytes and "
                f"{len(self.special_tokens) + 1} special tokens: give {least} or more",
                "vocabulary_size",
            )
        return self


class TokenizerChoice(Model):
    """Where the tokenizer comes from: trained on the corpus, or a file."""

    train: TokenizerTraining | None = None
    """Train one. It is trained once and then kept, so that later changes re-tokenize nothing."""
    file: str | None = None
    """A Hugging Face `tokenizer.json`, tiktoken ranks (`*.tiktoken`) or a SentencePiece `.model`,
    relative to this file (docs/tokenizers.md)."""
    pattern: Annotated[str, Field(min_length=1)] | None = None
    """Of tiktoken ranks: how texts are split, as the name of an encoding (`cl100k_base`) or as a
    regular expression; known from the name of a published file."""
    special_tokens: dict[_Token, Annotated[int, Field(ge=0)]] | list[_Token] | None = None
    """Of tiktoken ranks: the special tokens and their ids, or their names, to be numbered behind
    the ranks; those of a published encoding when absent."""
    end_of_document: _Token | None = None
    """The special token after every document; when absent, `</s>` for a SentencePiece model and
    `<|endoftext|>` for others."""

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without_later_fields(dump(self), TokenizerChoice, ("pattern", "special_tokens"))

    @model_validator(mode="before")
    @classmethod
    def _trained_unless_given(cls, value: Any) -> Any:
        """Spell out the defaults, so that stating them is no other recipe."""
        if not isinstance(value, dict) or value.get("file") is not None:
            return value
        train = value.get("train")
        end = value.get("end_of_document")
        return {
            **value,
            "train": {} if train is None else train,
            "end_of_document": _TRAINED_END if end is None else end,
        }

    @model_validator(mode="after")
    def _settings_go_together(self) -> Self:
        if self.train is not None and self.file is not None:
            raise mistake("give either 'train' or 'file', not both", "file")
        if self.train is not None and self.pattern is not None:
            raise mistake(
                "goes with a file of tiktoken ranks: of a tokenizer to be trained, set "
                "train.pre_tokenizer",
                "pattern",
            )
        if self.train is not None and self.special_tokens is not None:
            raise mistake(
                "goes with a file of tiktoken ranks: of a tokenizer to be trained, set "
                "train.special_tokens",
                "special_tokens",
            )
        return self

    @property
    def training(self) -> TokenizerTraining:
        """The training settings in force where no file is given."""
        return self.train or TokenizerTraining()
