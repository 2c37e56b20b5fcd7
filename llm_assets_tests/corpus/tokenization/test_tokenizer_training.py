import hashlib
import random
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from llm_assets.corpus.identity import digest
from llm_assets.corpus.tokenization.tokenizer_training import draw_sample, train_tokenizer
from llm_assets_tests.corpus.sample_texts import ARTICLES, END, HOSTILE, small_tokenizer_json


def _documents(texts: list[str | None]) -> pl.DataFrame:
    ids = [digest([str(place)]) for place in range(len(texts))]
    return pl.DataFrame({"doc_id": ids, "text": texts}, {"doc_id": pl.String, "text": pl.String})


def test_every_byte_and_the_control_token_are_in_the_vocabulary() -> None:
    tokenizer = Tokenizer.from_str(small_tokenizer_json())
    assert tokenizer.token_to_id(END) == 0
    assert tokenizer.get_vocab_size() == 600
    for text in HOSTILE:
        ids = tokenizer.encode(text).ids
        assert tokenizer.decode(ids, skip_special_tokens=False) == text


def test_frequent_words_become_tokens() -> None:
    assert len(Tokenizer.from_str(small_tokenizer_json()).encode(" and").ids) == 1


def test_the_order_of_texts_does_not_matter() -> None:
    texts = list(ARTICLES * 2)
    random.Random(1).shuffle(texts)
    assert train_tokenizer(texts, 600, END) == small_tokenizer_json()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_does_not_matter(threads: str) -> None:
    program = (
        "import hashlib, sys\n"
        "from llm_assets_tests.corpus.sample_texts import small_tokenizer_json\n"
        "print(hashlib.sha256(small_tokenizer_json().encode()).hexdigest())"
    )
    environment = {"RAYON_NUM_THREADS": threads, "PYTHONPATH": ":".join(filter(None, sys.path))}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True
    )
    assert run.stdout.strip() == hashlib.sha256(small_tokenizer_json().encode()).hexdigest()


def test_a_small_corpus_gets_a_small_vocabulary() -> None:
    assert Tokenizer.from_str(train_tokenizer(["ab"], 1_000, END)).get_vocab_size() == 257
    assert Tokenizer.from_str(train_tokenizer([], 1_000, END)).get_vocab_size() == 257


@pytest.mark.timeout(60)
def test_long_runs_do_not_hold_up_training() -> None:
    """A million characters in one word took minutes, ten million made the library panic."""
    genome = "".join(random.Random(0).choices("ACGT", k=1_000_000))
    texts = ["A" * 11_000_000, "-" * 1_000_000, genome, *ARTICLES]
    assert Tokenizer.from_str(train_tokenizer(texts, 300, END)).get_vocab_size() == 300


@pytest.mark.parametrize(
    ("size", "token", "message"),
    [(256, END, "256 bytes"), (300, "a", "texts consist of it"), (300, "", "texts consist of it")],
)
def test_refuses_what_cannot_be_trained(size: int, token: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train_tokenizer(["text"], size, token)


def test_a_sample_is_drawn_until_its_size_is_reached() -> None:
    sample = draw_sample(_documents(["x" * 10] * 10).lazy(), 45)
    assert sample == ["x" * 10] * 4 + ["x" * 5]


def test_a_sample_of_everything() -> None:
    assert sorted(draw_sample(_documents(["a", "", None, "b"]).lazy(), 1_000)) == ["a", "b"]
    assert draw_sample(_documents([]).lazy(), 1_000) == []


def test_the_last_text_is_cut_before_the_character_that_does_not_fit() -> None:
    assert draw_sample(_documents(["語語語"]).lazy(), 8) == ["語語"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=20), st.integers(1, 60), st.randoms())
def test_the_sample_depends_on_no_order(
    texts: list[str], size: int, shuffle: random.Random
) -> None:
    documents = _documents(list(texts))
    order = list(range(documents.height))
    shuffle.shuffle(order)
    sample = draw_sample(documents.lazy(), size)
    assert draw_sample(documents[order].lazy(), size) == sample
    total = sum(len(text.encode()) for text in sample)
    assert total <= size
    assert total > size - 4 or total == sum(len(text.encode()) for text in texts)


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    documents = _documents([str(place) * 5 for place in range(50)]).lazy()
    smaller, larger = draw_sample(documents, 100), draw_sample(documents, 300)
    assert larger[: len(smaller) - 1] == smaller[:-1]
