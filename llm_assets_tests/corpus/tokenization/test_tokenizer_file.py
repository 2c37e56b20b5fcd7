from pathlib import Path

import pytest

from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_file import (
    ENCODING_FILE,
    TokenizerFile,
    given_tokenizer,
    read_tokenizer_file,
    recognize,
)
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets_tests.corpus.sample_texts import END
from llm_assets_tests.corpus.tokenization.sample_models import KINDS, small_ranks, small_tokenizer


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_known_by_its_content(kind: str) -> None:
    assert recognize(small_tokenizer(kind).content) == small_tokenizer(kind).kind


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"<html>", b"version https://git-lfs.github.com/spec/v1\noid 1\n"]
)
def test_what_is_no_tokenizer_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableTokenizerError, match=r"neither .* nor .* nor"):
        recognize(content)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read_back(kind: str, tmp_path: Path) -> None:
    file = small_tokenizer(kind)
    file.write(tmp_path)
    names = [file.name, *([ENCODING_FILE] if file.kind == "tiktoken" else [])]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    contents = [(tmp_path / name).read_bytes() for name in names]
    assert read_tokenizer_file(file.kind, contents[0], contents[-1]) == file


def test_the_end_of_a_document_is_the_kinds_usual_token() -> None:
    assert Tokenizer(small_tokenizer("huggingface")).end_of_document_id == 0
    assert Tokenizer(small_tokenizer("tiktoken")).end_of_document_id == 599
    assert Tokenizer(small_tokenizer("spm-bpe")).end_of_document_id == 2
    assert Tokenizer(small_tokenizer("spm-bpe"), "<s>").end_of_document_id == 1


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("huggingface", r"no token '<x>'.*control tokens \(<\|endoftext\|>\)"),
        ("tiktoken", r"no token '<x>'.*special tokens \(<\|endoftext\|>, <\|pad\|>\)"),
        ("spm-bpe", r"no token '<x>'.*control pieces \(<s>, </s>, \[INST\], \[/INST\]\)"),
    ],
)
def test_a_token_that_is_not_there_is_named_with_those_that_are(kind: str, message: str) -> None:
    with pytest.raises(UnusableTokenizerError, match=message):
        small_tokenizer(kind).vocabulary("<x>")


@pytest.mark.parametrize("special", [{END: 5}, {END: 700, "<a>": 700}])
def test_ids_that_are_taken_are_refused(special: dict[str, int]) -> None:
    file = given_tokenizer(small_ranks(), "x.tiktoken", "cl100k", special)
    with pytest.raises(UnusableTokenizerError, match=r"two tokens have the id (5|700)"):
        file.vocabulary()


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(UnusableTokenizerError, match="cannot use these ranks"):
        given_tokenizer(small_ranks(), "x.tiktoken", "(").vocabulary()


def test_an_unknown_pattern_is_used_as_it_is() -> None:
    file = given_tokenizer(small_ranks(), "x.tiktoken", r"\p{L}+|\P{L}+", ["<e>"], "<e>")
    tokenizer = Tokenizer(file, "<e>")
    assert (tokenizer.engine, tokenizer.end_of_document_id) == ("tiktoken", 599)


@pytest.mark.parametrize("setting", [{"pattern": "cl100k"}, {"special_tokens": ["<a>"]}])
@pytest.mark.parametrize("kind", ["huggingface", "spm-bpe"])
def test_settings_of_ranks_go_with_ranks_only(kind: str, setting: dict[str, str]) -> None:
    with pytest.raises(UnusableTokenizerError, match=f"recipe.tokenizer.{next(iter(setting))} "):
        given_tokenizer(small_tokenizer(kind).content, "file", **setting)


def test_a_published_file_is_known_by_its_name() -> None:
    file = given_tokenizer(small_ranks(), "cl100k_base.tiktoken")
    assert file.vocabulary().end_of_document_id == 100_257
    assert isinstance(file, TokenizerFile)
