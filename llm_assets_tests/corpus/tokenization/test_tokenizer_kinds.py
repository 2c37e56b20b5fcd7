"""What is true of a tokenizer of any kind."""

import time
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.tokenization import segments
from llm_assets.corpus.tokenization.tokenize import InexactEngineError, Tokenizer
from llm_assets_tests.corpus.sample_texts import ARTICLES, HOSTILE
from llm_assets_tests.corpus.tokenization.sample_models import KINDS, small_tokenizer

LETTERS = "ab é語ー字한ไ \t\n\r▁\u0301\u00a0\u3000ﬁ½.-<|>[]/_1\x00\U0001f469\u0378"
SYMBOLS = ("[INST]", "[/INST]", "</s>", "<s>", "<unk>", "<|endoftext|>", "<|pad|>", "[REF_1]")

SPACED = segments.cut_texts_at_spaces.__kwdefaults__ or {}

kinds = pytest.mark.parametrize("kind", KINDS)
texts = st.lists(
    st.text(LETTERS, max_size=60)
    | st.text(max_size=20)
    | st.lists(st.sampled_from([*SYMBOLS, "<tool>", " ", "a"]), max_size=8).map("".join)
    | st.sampled_from([*ARTICLES, *HOSTILE]),
    max_size=4,
)


@cache
def fast(kind: str) -> Tokenizer:
    return Tokenizer(small_tokenizer(kind))


@cache
def slow(kind: str) -> Tokenizer:
    return Tokenizer(small_tokenizer(kind), reference_only=True)


def _column(texts: list[str]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


@kinds
def test_the_fast_engine_is_used_where_it_is_exact(kind: str) -> None:
    assert fast(kind).engine == ("sentencepiece" if kind == "spm-unigram" else "gigatoken")
    assert fast(kind).reference == slow(kind).engine != "gigatoken"


@kinds
@settings(max_examples=40, deadline=None)
@given(texts=texts)
def test_ids_are_the_references_and_decode_back(kind: str, texts: list[str]) -> None:
    column = _column(texts)
    ids = fast(kind).encode(column)
    assert ids.equals(slow(kind).encode(column))
    assert fast(kind).are_ids_of(column, ids).all()
    if kind not in ("spm-unigram",):
        said = fast(kind).decode(ids).to_list()
        assert said == [t.replace("▁", " ") if kind.startswith("spm") else t for t in texts]


@kinds
@settings(max_examples=40, deadline=None)
@given(text=st.text(LETTERS, max_size=200) | texts.map(" ".join), limit=st.integers(2, 30))
def test_long_texts_are_cut_without_a_difference_where_they_can_be(
    kind: str, text: str, limit: int
) -> None:
    """Where no cut is certain the ids may differ; what they say does not."""
    with pytest.MonkeyPatch.context() as patch:
        for function in (segments.cut_text, segments.cut_texts):
            defaults = [limit if d == segments.SEGMENT_CHARS else d for d in _defaults(function)]
            patch.setattr(function, "__defaults__", tuple(defaults))
        patch.setitem(SPACED, "limit", limit)
        cut = fast(kind).encode(_column([text]))
        slowly = slow(kind).encode(_column([text]))
    assert cut.equals(slowly)
    assert fast(kind).are_ids_of(_column([text]), cut).all()


def _defaults(function: object) -> tuple[object, ...]:
    defaults: tuple[object, ...] = getattr(function, "__defaults__", None) or ()
    return defaults


@kinds
def test_a_long_text_of_words_has_the_ids_that_it_has_in_one_piece(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(ARTICLES * 30)
    whole = slow(kind).encode(_column([text]))
    monkeypatch.setattr(segments.cut_text, "__defaults__", (900, segments.BETWEEN_WORDS, None))
    monkeypatch.setattr(segments.cut_texts, "__defaults__", (segments.cut_text, 900))
    monkeypatch.setitem(SPACED, "limit", 900)
    pieces = fast(kind)._vocabulary.cut(_column([text])).texts
    assert len(pieces) > 10
    assert fast(kind).encode(_column(["a", text, "b"]))[1].to_list() == whole[0].to_list()


@kinds
def test_documents_never_make_a_special_token(kind: str) -> None:
    tokenizer = fast(kind)
    names = [*tokenizer.special_tokens, *SYMBOLS]
    shown = [
        f"{a}{name}{b}" for name in names for a in ("", "x", " ") for b in ("", "y", " ", "\n")
    ]
    for engine in (tokenizer, slow(kind)):
        ids = set(engine.encode(_column(shown)).explode().to_list())
        assert ids.isdisjoint(tokenizer.special_tokens.values())


@kinds
def test_special_tokens_are_left_out_of_decoded_text(kind: str) -> None:
    tokenizer = fast(kind)
    [word] = tokenizer.encode(_column(["human"])).to_list()
    special = list(tokenizer.special_tokens.values())
    assert tokenizer.decode(pl.Series([[*word, *special]])).to_list() == ["human"]


@kinds
def test_batches_do_not_matter(kind: str) -> None:
    column = _column([*ARTICLES, *HOSTILE])
    whole = fast(kind).encode(column)
    single = [fast(kind).encode(column[place : place + 1]) for place in range(len(column))]
    assert pl.concat(single).equals(whole)
    assert fast(kind).encode(column.reverse()).reverse().equals(whole)
    chunked = pl.concat([column[:5], column[5:]], rechunk=False)
    assert fast(kind).encode(chunked).equals(whole)


@kinds
@pytest.mark.parametrize("character", ["a", "字"])
def test_a_long_run_takes_time_in_proportion(kind: str, character: str) -> None:
    def seconds(size: int) -> float:
        text = character * size
        start = time.process_time()
        ids = fast(kind).encode(_column([text]))
        taken = time.process_time() - start
        assert fast(kind).are_ids_of(_column([text]), ids).all()
        return taken

    short, long = seconds(200_000), seconds(1_600_000)
    assert long < 3 * 8 * short + 1


@kinds
def test_an_engine_that_errs_is_found_out(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The references are asked about a sample of each batch, whatever the kind."""
    tokenizer = Tokenizer(small_tokenizer(kind))
    if tokenizer.engine != "gigatoken":
        return
    right = tokenizer._engine
    monkeypatch.setattr(tokenizer, "_engine", slow("spm-unigram")._reference)
    with pytest.raises(InexactEngineError, match=f"differ from those of {tokenizer.reference}"):
        tokenizer.encode(_column(["All human beings"]))
    monkeypatch.setattr(tokenizer, "_engine", right)
    assert len(tokenizer.encode(_column(["All human beings"]))) == 1


def test_symbols_of_the_models_own_are_text() -> None:
    """SentencePiece makes a user-defined piece of its characters, and so must we."""
    ids = fast("spm-symbols").encode(_column(["a[REF_1] b<tool>c"]))
    reference = slow("spm-symbols")._vocabulary
    names = [reference.token_bytes(token) for token in ids[0]]
    assert names.count(b"[REF_1]") == names.count(b"<tool>") == 1
    assert fast("spm-symbols").decode(ids).to_list() == ["a[REF_1] b<tool>c"]
