import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from llm_assets.corpus.tokenization.sentencepiece_json import to_tokenizer_json
from llm_assets.corpus.tokenization.sentencepiece_model import (
    WITHOUT_DUMMY_PREFIX,
    NoSentencePieceModelError,
    read_sentencepiece_model,
)
from llm_assets_tests.corpus.tokenization.sample_models import small_model


@pytest.mark.parametrize("name", ["spm-bpe", "spm-unigram", "spm-symbols", "spm-plain"])
def test_reads_what_sentencepiece_reads(name: str) -> None:
    model = read_sentencepiece_model(small_model(name))
    theirs = SentencePieceProcessor(model_proto=small_model(name))
    assert len(model.pieces) == theirs.get_piece_size()
    for place, piece in enumerate(model.pieces):
        assert piece.text == theirs.id_to_piece(place)
        assert piece.score == theirs.get_score(place)
        assert (piece.kind == "control") == theirs.is_control(place)
        assert (piece.kind == "byte") == theirs.is_byte(place)
        assert (piece.kind == "unknown") == theirs.is_unknown(place)


def test_reads_the_settings() -> None:
    bpe, unigram = (read_sentencepiece_model(small_model(n)) for n in ("spm-bpe", "spm-unigram"))
    assert (bpe.algorithm, unigram.algorithm) == ("bpe", "unigram")
    assert (bpe.byte_fallback, unigram.byte_fallback) == (True, False)
    assert (bpe.has_charsmap, unigram.has_charsmap) == (False, True)
    assert (bpe.remove_extra_whitespaces, unigram.remove_extra_whitespaces) == (False, True)
    assert bpe.dummy_prefix
    assert not read_sentencepiece_model(small_model("spm-plain")).dummy_prefix
    symbols = read_sentencepiece_model(small_model("spm-symbols"))
    assert symbols.pieces_of("user_defined") == ["[REF_1]", "<tool>"]


def test_the_space_before_a_text_can_be_switched_off() -> None:
    content = small_model("spm-bpe") + WITHOUT_DUMMY_PREFIX
    assert not read_sentencepiece_model(content).dummy_prefix
    assert SentencePieceProcessor(model_proto=content).normalize("a b") == "a▁b"


@pytest.mark.parametrize("content", [b"", b"\x0a", b"\x0a\xff", b"{}", b"\xff" * 20, b"\x07\x00"])
def test_refuses_what_is_no_model(content: bytes) -> None:
    with pytest.raises(NoSentencePieceModelError):
        read_sentencepiece_model(content)


@given(st.binary(max_size=200))
def test_bytes_are_a_model_or_none(content: bytes) -> None:
    with suppress(NoSentencePieceModelError):
        assert read_sentencepiece_model(content).pieces


@given(st.integers(0, 5_000))
def test_a_model_that_was_cut_off_is_refused_or_has_fewer_pieces(size: int) -> None:
    content = small_model("spm-bpe")[:size]
    with suppress(NoSentencePieceModelError):
        assert len(read_sentencepiece_model(content).pieces) < 700


def test_control_pieces_have_no_names_that_a_text_has() -> None:
    written = json.loads(to_tokenizer_json(read_sentencepiece_model(small_model("spm-symbols"))))
    vocabulary = written["model"]["vocab"]
    assert vocabulary.keys().isdisjoint({"<s>", "</s>", "[INST]", "[REF_1]"})
    assert sorted(vocabulary.values()) == list(range(700))


def test_models_of_other_kinds_are_not_written() -> None:
    with pytest.raises(ValueError, match="only BPE models"):
        to_tokenizer_json(read_sentencepiece_model(small_model("spm-unigram")))
