"""Token ids beside those of the three reference libraries, called as their makers show it.

The ids of a whole text come from one call of the library; nothing of ours is between. Texts are the
declarations of human rights, books and news in 36 languages of `samples/`, and strings that break
tokenizers; with the shared data real vocabularies and 374 languages.
"""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from tokenizers import Tokenizer as HuggingFaceTokenizer

from llm_assets.corpus.tokenization.rank_file import RankEncoding, read_ranks
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_file import TokenizerFile, given_tokenizer
from llm_assets.corpus.tokenization.tokenizer_training import train_tokenizer
from llm_assets_tests.corpus.sample_texts import ARTICLES, END, HOSTILE
from llm_assets_tests.corpus.tokenization.sample_models import small_tokenizer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

Encode = Callable[[str], list[int]]

MORE_HOSTILE = (
    *("\u0301", "\u0301\u0301a", "a\u0301 \u0302", "\u093f\u094d", "\u20dd"),
    *("👨‍👩‍👧‍👦" * 20, "🇩🇪🇫🇷", "👍🏽👍🏿", "\U0001f1e6", "\u200d\u200d", "☺\ufe0f"),
    *("\u0378", "a\u0378b \u0379", "\U000e0080", "\U0003fffe", "\ufdd0", "\U0010fffe x"),
    *("\x00\x00", "a\x00", "\x00 b", "\x7f\x80\x9f", "\x1b[31m"),
    *("\r\n", "a\r\nb\r\n\r\nc", "\r\r", "a \r\n b", "\u2028\u2029", "\x0b\x0c"),
    *("[INST] a [/INST]", "<s>", "</s>", "<unk>", "<0x0A>", "<0x41>", "<|im_start|>", "[REF_1]"),
    *("▁", "▁▁a▁", "a▁ b", "\u3000字\u3000", "\u00a0a\u00a0", "ﬁ ½ Ⅷ ㍿ ＡＢ", "\u1e9b\u0323"),
    *("a" * 20_000, " " * 20_000, "字" * 20_000, "-" * 20_000, "ab" * 10_000, "\n" * 20_000),
    *("1" * 5_000, "a b " * 5_000, "'" * 3_000, "'s'S'LL" * 100, "\t" * 3_000, "\u00a0" * 3_000),
)


@cache
def sample_texts() -> list[str]:
    """Return the samples' texts, of at most 20,000 characters each, and the hostile ones."""
    folders = ("declarations", "wikinews", "aozora", "eltec", "gutenberg", "congress")
    paths = [path for name in folders for path in sorted((SAMPLES / name).rglob("*"))]
    texts = [_read(path)[:20_000] for path in paths if path.is_file()]
    return [*texts, *ARTICLES, *HOSTILE, *MORE_HOSTILE]


def _read(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    encoding = "shift_jis" if path.parent.name == "aozora" else "utf-8"
    return content.decode(encoding, "replace")


def by_tokenizers(text: str) -> Encode:
    """Return Hugging Face's encoder, special tokens taken for what they are."""
    tokenizer = HuggingFaceTokenizer.from_str(text)
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def by_tiktoken(content: bytes, encoding: RankEncoding) -> Encode:
    """Return tiktoken's encoder of ordinary text."""
    import tiktoken

    loaded = tiktoken.Encoding(
        "conformance",
        pat_str=encoding.pattern,
        mergeable_ranks=read_ranks(content),
        special_tokens=dict(encoding.special_tokens),
    )
    return loaded.encode_ordinary


def by_sentencepiece(content: bytes) -> Encode:
    """Return SentencePiece's encoder."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_proto=content)
    return lambda text: list(processor.encode(text))


def reference(file: TokenizerFile) -> Encode:
    if file.encoding is not None:
        return by_tiktoken(file.content, file.encoding)
    if file.kind == "sentencepiece":
        return by_sentencepiece(file.content)
    return by_tokenizers(file.content.decode("utf-8"))


def assert_equal_ids(file: TokenizerFile, texts: list[str]) -> None:
    """Hold our ids against the reference's, text by text.

    Where Hugging Face's library would make a special token of a document's characters, ours is
    wanted to differ: such texts are held to decode to themselves.
    """
    tokenizer = Tokenizer(file)
    encode = reference(file)
    column = pl.Series(texts, dtype=pl.String)
    ids = tokenizer.encode(column)
    forged = set(tokenizer.special_tokens.values())
    different = []
    agreeing = 0
    for text, ours in zip(texts, ids.to_list(), strict=True):
        theirs = encode(text)
        if not forged.isdisjoint(theirs):
            assert file.kind == "huggingface"
            assert forged.isdisjoint(ours)
        elif ours != theirs:
            different.append(text[:50])
        else:
            agreeing += 1
    assert different == []
    assert agreeing > len(texts) - 10
    assert tokenizer.are_ids_of(column, ids).all()


@pytest.mark.parametrize("kind", ["tiktoken", "spm-bpe", "spm-unigram", "spm-symbols", "spm-plain"])
def test_small_vocabularies(kind: str) -> None:
    assert_equal_ids(small_tokenizer(kind), sample_texts())


@pytest.mark.parametrize("pre_tokenizer", ["o200k", "cl100k", "qwen2", "gpt2"])
def test_trained_vocabularies(pre_tokenizer: str) -> None:
    learnt_from = [text[:2_000] for text in sample_texts()[:60]]
    text = train_tokenizer(learnt_from, 1_500, END, pre_tokenizer)  # type: ignore[arg-type]
    file = TokenizerFile.of_json(text)
    assert Tokenizer(file).engine == "gigatoken"
    assert_equal_ids(file, [*sample_texts()[::3], *HOSTILE, *MORE_HOSTILE])


REAL = {
    "gpt2/tokenizer.json": "gigatoken",
    "cl100k_base.tiktoken": "gigatoken",
    "mistral-v1.model": "gigatoken",
    "mistral-v3.model": "gigatoken",
    "sentencepiece-en-1k.model": "sentencepiece",
    "sentencepiece-ja-8k.model": "sentencepiece",
}


def _real(shared_data: Path, name: str) -> TokenizerFile:
    path = shared_data / "tokenizers" / name
    return given_tokenizer(path.read_bytes(), path.name)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "engine"), REAL.items())
def test_real_vocabularies(shared_data: Path, name: str, engine: str) -> None:
    file = _real(shared_data, name)
    assert Tokenizer(file).engine == engine
    folder = shared_data / "languages" / "udhr"
    declarations = [_read(path)[:4_000] for path in sorted(folder.glob("*.*"))]
    assert_equal_ids(file, [*sample_texts()[::4], *HOSTILE, *MORE_HOSTILE, *declarations[::6]])


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REAL)
def test_published_ids(shared_data: Path, name: str) -> None:
    tokenizer = Tokenizer(_real(shared_data, name))
    lines = (shared_data / "tokenizers" / "expected.jsonl").read_text("utf-8").splitlines()
    rows = pl.DataFrame([row for row in map(json.loads, lines) if row["vocabulary"] == name])
    assert rows.height == 16
    ids = tokenizer.encode(rows["text"])
    assert ids.to_list() == rows["ids"].to_list()
    assert tokenizer.decode(ids).to_list() == rows["decoded"].to_list()
