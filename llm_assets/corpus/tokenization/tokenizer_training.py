"""Learning a vocabulary from a sample of the corpus: byte-level BPE.

The words that merges stay inside are those of OpenAI's o200k pattern unless the recipe asks for
another. On 9 MB of books, transcripts, news and 374 languages a vocabulary of 32,000 needs 2.35 M
tokens with it, 2.36 M with cl100k's and 2.46 M with GPT-2's; unlike those two it keeps combining
marks inside words, without which Hindi, Thai or Arabic with vowels fall apart, and it never joins
more than three digits.

The result is a function of the texts alone, byte for byte: of equally frequent pairs the trainer
takes the one with the smaller ids, whatever the order of texts and the number of threads.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from llm_assets.corpus.tokenization.segments import cut_text
from llm_assets.corpus.tokenization.split_patterns import JSON_PATTERNS, PatternName

LEAST_VOCABULARY: Final = 257
"""All bytes and one special token."""
_LEAST_FREQUENCY: Final = 2
"""Pairs seen once are no pattern: a small corpus gets a smaller vocabulary than asked for."""

_MOST_CHARS: Final = 1_000
"""Texts are learnt from in pieces of this size, cut between words where there are any: the trainer
takes quadratic time in the length of a word: on a run of a million letters, over 13 minutes."""


def draw_sample(texts: pl.LazyFrame, sample_bytes: int) -> list[str]:
    """Draw documents by hash until `sample_bytes` of text are reached.

    The order is that of the second half of `doc_id`, a hash: the first half decides between
    duplicates elsewhere. The document that crosses the limit is cut there, before the character
    that does not fit. Only the sample is held in memory.

    Args:
        texts: `doc_id` and `text` of the documents to draw from.
        sample_bytes: the size of the sample, in bytes of UTF-8.
    """
    order = pl.col("doc_id").str.slice(16) + pl.col("doc_id").str.slice(0, 16)
    sizes = texts.select("doc_id", size=pl.col("text").str.len_bytes().cast(pl.Int64))
    drawn = (
        sizes.sort(order)
        .with_columns(room=sample_bytes - pl.col("size").cum_sum() + pl.col("size"))
        .filter(pl.col("room") > 0, pl.col("size") > 0)
        .select("doc_id", "room")
        .collect(engine="streaming")
    )
    rows = texts.join(drawn.lazy(), on="doc_id").sort(order).collect(engine="streaming")
    return [_at_most(text, room) for text, room in rows.select("text", "room").iter_rows()]


def _at_most(text: str, size: int) -> str:
    """Return the longest beginning of at most `size` bytes."""
    if len(text) * 4 <= size:
        return text
    return text.encode("utf-8")[:size].decode("utf-8", "ignore")


def train_tokenizer(
    texts: Sequence[str],
    vocabulary_size: int,
    end_of_document: str,
    pre_tokenizer: PatternName = "o200k",
    special_tokens: Sequence[str] = (),
) -> str:
    """Train a byte-level BPE tokenizer.

    Args:
        texts: what to learn from; their order does not matter.
        vocabulary_size: the most entries, all 256 bytes and the special tokens included.
        end_of_document: the special token that ends a document; it gets id 0.
        pre_tokenizer: how texts are split into words.
        special_tokens: others; they get the ids behind it.

    Returns:
        A Hugging Face `tokenizer.json`.

    Raises:
        ValueError: if the vocabulary cannot hold every byte and special token, or one of these is a
            single character of the alphabet.
    """
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = list(dict.fromkeys([end_of_document, *special_tokens]))
    if vocabulary_size < LEAST_VOCABULARY - 1 + len(special):
        raise ValueError(
            f"a vocabulary of {vocabulary_size} cannot hold all 256 bytes and {len(special)} tokens"
        )
    for token in special:
        if not token or token in alphabet:
            raise ValueError(f"'{token}' cannot be a control token: texts consist of it")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(pre_tokenizer)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        min_frequency=_LEAST_FREQUENCY,
        special_tokens=special,
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_pieces(texts), trainer)
    return tokenizer.to_str()


def _splitter(name: PatternName) -> pre_tokenizers.PreTokenizer:
    if name == "gpt2":  # as GPT-2's own file has it: the pattern is built in
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(JSON_PATTERNS[name]), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def _pieces(texts: Sequence[str]) -> Iterator[list[str]]:
    return (cut_text(text, _MOST_CHARS) for text in texts)
