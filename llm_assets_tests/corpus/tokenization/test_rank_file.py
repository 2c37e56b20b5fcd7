import base64

import pytest
from tiktoken_ext import openai_public

from llm_assets.corpus.tokenization.rank_file import (
    PUBLISHED,
    RankEncoding,
    find_encoding,
    looks_like_ranks,
    read_ranks,
)
from llm_assets.corpus.tokenization.split_patterns import RANK_PATTERNS
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets_tests.corpus.sample_texts import END
from llm_assets_tests.corpus.tokenization.sample_models import small_encoding, small_ranks

BYTES = b"".join(base64.b64encode(bytes([b])) + b" %d\n" % b for b in range(256))


def test_reads_ranks() -> None:
    ranks = read_ranks(small_ranks())
    assert len(ranks) == 599
    assert sorted(ranks.values()) == list(range(599))
    assert ranks[b" and"] > 256


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot encode every text: byte 0x00"),
        (BYTES + b"YQ== x\n", "line 257"),
        (BYTES + b"YQ==\n", "line 257"),
        (BYTES + b"*** 5\n", "line 257"),
        (BYTES + b"YWI= 5\n", "a rank is there twice"),
        (BYTES + b"YWI= -5\n", "a rank is there twice|no file"),
        (BYTES.replace(b"YQ== 97\n", b""), "byte 0x61 is no token"),
    ],
)
def test_refuses_what_is_no_rank_file(content: bytes, message: str) -> None:
    with pytest.raises(UnusableTokenizerError, match=message):
        read_ranks(content)


def test_knows_a_rank_file_by_its_first_line() -> None:
    assert looks_like_ranks(small_ranks())
    for content in (b"", b"{}", b"a b c", b"*** 1\n", b"YQ== x\n", b"\x0a\x0e\x0a"):
        assert not looks_like_ranks(content)


@pytest.mark.parametrize("name", [n for n in PUBLISHED if n != "gpt2"])
def test_published_encodings_are_tiktokens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    theirs = openai_public.ENCODING_CONSTRUCTORS[name]()
    assert PUBLISHED[name].pattern == theirs["pat_str"]
    assert PUBLISHED[name].special_tokens == theirs["special_tokens"]


RANKS = {bytes([b]): b for b in range(256)}


@pytest.mark.parametrize(
    ("stem", "pattern", "special", "expected"),
    [
        ("cl100k_base", None, None, PUBLISHED["cl100k_base"]),
        ("mine", "cl100k_base", None, PUBLISHED["cl100k_base"]),
        ("mine", "r50k", None, PUBLISHED["r50k_base"]),
        ("mine", "o200k", None, RankEncoding(RANK_PATTERNS["o200k"], {END: 256})),
        ("mine", r"\w+|\W+", ["<a>", END], RankEncoding(r"\w+|\W+", {"<a>": 256, END: 257})),
        ("o200k_base", "gpt2", {END: 300}, RankEncoding(RANK_PATTERNS["gpt2"], {END: 300})),
    ],
)
def test_says_how_ranks_are_used(
    stem: str, pattern: str | None, special: list[str] | None, expected: RankEncoding
) -> None:
    assert find_encoding(stem, RANKS, pattern, special, END) == expected


def test_published_special_tokens_that_are_words_here_are_not_taken() -> None:
    ranks = RANKS | {b"ab": 50_256}
    assert find_encoding("r50k_base", ranks, None, None, END).special_tokens == {END: 50_257}


def test_nothing_is_guessed() -> None:
    with pytest.raises(UnusableTokenizerError, match=r"recipe\.tokenizer\.pattern to one of gpt2"):
        find_encoding("mine", RANKS, None, None, END)


def test_what_was_written_is_read_back() -> None:
    assert RankEncoding.from_json(small_encoding().to_json()) == small_encoding()
