import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as HuggingFaceTokenizer
from tokenizers import models, pre_tokenizers

from llm_assets.corpus.schema import tokenized_schema
from llm_assets.corpus.tokenization import huggingface_vocabulary, segments, token_engines
from llm_assets.corpus.tokenization.split_patterns import JSON_PATTERNS
from llm_assets.corpus.tokenization.token_engines import GigatokenEngine, Texts
from llm_assets.corpus.tokenization.token_ids import TokenIds
from llm_assets.corpus.tokenization.tokenize import InexactEngineError, Tokenizer, tokenize_frame
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets_tests.corpus.sample_texts import ARTICLES, END, HOSTILE, small_tokenizer_json

SCRIPTS = (
    "abcXYZ éßſK ñ АБв שלם عرب ہے हिक् ไทย ကမ 語字ー。、 한글ㅎ 👩\u200d🇩🇪 0٣½² \t\n\r\x00'’.,-/<|>"
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(small_tokenizer_json(), END)


@pytest.fixture(scope="module")
def reference() -> Tokenizer:
    return Tokenizer(small_tokenizer_json(), END, reference_only=True)


def _column(texts: list[str]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def test_says_what_it_is(tokenizer: Tokenizer, reference: Tokenizer) -> None:
    assert (tokenizer.engine, reference.engine) == ("gigatoken", "tokenizers")
    assert (tokenizer.vocabulary_size, tokenizer.end_of_document_id) == (600, 0)
    assert tokenizer.token_dtype == np.uint16


def test_ids_that_do_not_fit_16_bits_have_32() -> None:
    config = json.loads(small_tokenizer_json())
    config["model"]["vocab"]["rare"] = 65_535
    assert Tokenizer(json.dumps(config), END).token_dtype == np.uint16
    config["model"]["vocab"]["rare"] = 65_536
    assert Tokenizer(json.dumps(config), END).token_dtype == np.int32


@pytest.mark.parametrize("texts", [ARTICLES, HOSTILE])
def test_ids_are_those_of_the_reference_library(
    tokenizer: Tokenizer, reference: Tokenizer, texts: tuple[str, ...]
) -> None:
    ids = tokenizer.encode(_column(list(texts)))
    assert ids.dtype == pl.List(pl.UInt16)
    assert ids.to_list() == reference.encode(_column(list(texts))).to_list()
    full = HuggingFaceTokenizer.from_str(small_tokenizer_json())
    for text, row in zip(texts, ids.to_list(), strict=True):
        if END not in text:
            assert row == full.encode(text, add_special_tokens=False).ids


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text() | st.text(SCRIPTS) | st.sampled_from([*ARTICLES, *HOSTILE]), max_size=5))
def test_tokens_decode_back_to_the_text_and_engines_agree(
    tokenizer: Tokenizer, reference: Tokenizer, texts: list[str]
) -> None:
    ids = tokenizer.encode(_column(texts))
    assert tokenizer.decode(ids).to_list() == texts
    assert reference.encode(_column(texts)).equals(ids)


@settings(deadline=None)
@given(st.lists(st.sampled_from([END, "<|", "|>", "endoftext", "a", " ", "\n"]), max_size=12))
def test_text_never_becomes_the_control_token(
    tokenizer: Tokenizer, reference: Tokenizer, parts: list[str]
) -> None:
    for engine in (tokenizer, reference):
        assert 0 not in engine.encode(_column(["".join(parts)])).explode()


def test_every_character_is_split_alike_by_both_engines() -> None:
    """A vocabulary in which a character's last byte joins its neighbour unless they are split."""
    to_letter = dict(zip(range(256), _byte_letters(), strict=True))
    neighbours = [to_letter[ord(c)] for c in "a1!\n"] + [to_letter[32]]
    ends = [to_letter[byte] for byte in range(0x80, 0xC0)]
    begins = [to_letter[byte] for byte in range(0xC2, 0xF5)]
    merges = [(e, n) for e in ends for n in neighbours] + [
        (n, b) for n in neighbours for b in begins
    ]
    tokens = [END, *to_letter.values(), *dict.fromkeys(a + b for a, b in merges)]
    model = models.BPE({token: id_ for id_, token in enumerate(tokens)}, merges)
    config = json.loads(small_tokenizer_json())
    config["model"] = json.loads(HuggingFaceTokenizer(model).to_str())["model"]
    plain = Tokenizer(json.dumps(config), END)
    assert plain.engine == "gigatoken"
    wide = [*range(0x3000), *range(0x3000, 0xD800, 7), *range(0xE000, 0xF900, 7)]
    rest = [*range(0xF900, 0x20000), *range(0x20000, 0x110000, 61), *range(0xE0000, 0xE0200)]
    characters = [chr(code) for code in (*wide, *rest)]
    texts = _column([f"a{c}a1{c}1!{c}!\n{c}\n {c} a" for c in characters])
    expected = Tokenizer(json.dumps(config), END, reference_only=True).encode(texts)
    different = (plain.encode(texts) != expected).arg_true()
    assert [hex(ord(characters[place])) for place in different] == []


def _byte_letters() -> list[str]:
    """The letters that stand for the bytes 0 to 255."""
    letters = HuggingFaceTokenizer(models.BPE())
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(False, use_regex=False)
    by_byte: dict[int, str] = {}
    for code in range(0x800):
        [(word, _)] = letters.pre_tokenizer.pre_tokenize_str(chr(code))
        by_byte |= dict(zip(chr(code).encode(), word, strict=True))
    unused = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - set(by_byte.values()))
    missing = [byte for byte in range(256) if byte not in by_byte]
    by_byte |= dict(zip(missing, unused, strict=True))
    return [by_byte[byte] for byte in range(256)]


def test_batches_do_not_matter(tokenizer: Tokenizer) -> None:
    texts = _column([*ARTICLES, *HOSTILE])
    whole = tokenizer.encode(texts)
    assert pl.concat([tokenizer.encode(texts[i : i + 1]) for i in range(len(texts))]).equals(whole)
    assert tokenizer.encode(texts.reverse()).reverse().equals(whole)


def test_no_texts_and_null_texts(tokenizer: Tokenizer, reference: Tokenizer) -> None:
    for engine in (tokenizer, reference):
        assert engine.encode(_column([])).dtype == pl.List(pl.UInt16)
        assert engine.encode(pl.Series(["a", None])).list.len().to_list() == [1, 0]


@pytest.mark.parametrize("pattern", ["o200k", "gpt2", "cl100k", "qwen2", "gpt2, spelled out"])
@settings(deadline=None, max_examples=300)
@given(text=st.text(alphabet="aZé1 \n\r\t.-'s。語、\u0301\u00a0", max_size=40))
def test_long_texts_are_cut_only_where_words_end(pattern: str, text: str) -> None:
    splitter = _PATTERNS[pattern].pre_tokenizer
    assert splitter is not None
    words = [word for word, _ in splitter.pre_tokenize_str(text)]
    for split in segments.BETWEEN_WORDS.finditer(text):
        parts = (text[: split.end()], text[split.end() :])
        assert [w for part in parts for w, _ in splitter.pre_tokenize_str(part)] == words


def _with_pattern(pattern: str) -> HuggingFaceTokenizer:
    config = json.loads(small_tokenizer_json())
    if pattern:
        config["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": pattern}
    else:
        config["pre_tokenizer"] = json.loads(pre_tokenizers.ByteLevel(False).__getstate__())
    return HuggingFaceTokenizer.from_str(json.dumps(config))


_PATTERNS = {
    "o200k": _with_pattern(JSON_PATTERNS["o200k"]),
    "gpt2": _with_pattern(""),
    "cl100k": _with_pattern(JSON_PATTERNS["cl100k"]),
    "qwen2": _with_pattern(JSON_PATTERNS["qwen2"]),
    "gpt2, spelled out": _with_pattern(JSON_PATTERNS["gpt2"]),
}


def test_a_long_text_has_the_ids_that_it_has_in_one_piece(tokenizer: Tokenizer) -> None:
    text = "\n".join(ARTICLES) * 2_500
    assert len(text) > 1.5 * segments.SEGMENT_CHARS
    whole = HuggingFaceTokenizer.from_str(small_tokenizer_json()).encode(text).ids
    ids = tokenizer.encode(_column(["before", text, "", "after"]))
    assert ids[1].to_list() == whole
    assert tokenizer.decode(ids)[3] == "after"


@pytest.mark.parametrize("character", ["-", " ", "A", "a", "字", "\u0301"])
def test_a_long_run_takes_time_in_proportion(tokenizer: Tokenizer, character: str) -> None:
    def seconds(size: int) -> float:
        text = character * size
        start = time.perf_counter()
        ids = tokenizer.encode(_column([text]))
        taken = time.perf_counter() - start
        assert tokenizer.decode(ids)[0] == text
        return taken

    short, long = seconds(500_000), seconds(4_000_000)
    assert long < 8 * 4 * short + 1


def test_the_reference_survives_a_run_that_its_regular_expressions_give_up_on(
    reference: Tokenizer,
) -> None:
    assert len(reference.encode(_column(["A" * 11_000_000]))[0]) > 0


def test_a_fresh_engine_gives_the_same_ids(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tokenizer.encode(_column(list(ARTICLES)))
    loads = []
    from_json = huggingface_vocabulary.from_json

    def counted(text: str) -> Callable[[], object]:
        load = from_json(text)

        def counting() -> object:
            loads.append(1)
            return load()

        return counting

    monkeypatch.setattr(token_engines, "REFRESH_BYTES", 100)
    monkeypatch.setattr(huggingface_vocabulary, "from_json", counted)
    fresh = Tokenizer(small_tokenizer_json(), END)
    for _ in range(3):
        assert fresh.encode(_column(list(ARTICLES))).equals(expected)
    assert len(loads) >= 3


class _OffByOne(GigatokenEngine):
    """Errs on texts with an "x"."""

    def encode(self, texts: Texts) -> TokenIds:
        ids = super().encode(texts)
        wrong = any("x" in text for text in texts.to_pylist())
        return TokenIds(ids.values + np.uint32(1), ids.offsets) if wrong else ids


def test_an_engine_that_errs_on_known_texts_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "llm_assets.corpus.tokenization.huggingface_vocabulary.GigatokenEngine", _OffByOne
    )
    tokenizer = Tokenizer(small_tokenizer_json(), END)
    assert tokenizer.engine == "tokenizers"
    assert tokenizer.decode(tokenizer.encode(_column(["axa"]))).to_list() == ["axa"]


def test_an_engine_that_errs_on_a_document_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "llm_assets.corpus.tokenization.huggingface_vocabulary.GigatokenEngine", _OffByOne
    )
    monkeypatch.setattr("llm_assets.corpus.tokenization.tokenize._PROBE", ("abc",))
    tokenizer = Tokenizer(small_tokenizer_json(), END)
    assert tokenizer.engine == "gigatoken"
    assert len(tokenizer.encode(_column(["a"]))) == 1
    with pytest.raises(InexactEngineError, match="differ"):
        tokenizer.encode(_column(["x"]))


def test_an_engine_that_cannot_load_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ValueError("unsupported pre-tokenizer")

    monkeypatch.setattr(huggingface_vocabulary, "from_json", lambda text: refuse)
    assert Tokenizer(small_tokenizer_json(), END).engine == "tokenizers"


def test_a_control_token_that_text_consists_of_is_refused() -> None:
    with pytest.raises(UnusableTokenizerError, match="ordinary text can turn into 'e'"):
        Tokenizer(small_tokenizer_json(), "e")


def test_tokenize_frame_makes_a_row_for_each_document(tokenizer: Tokenizer) -> None:
    frame = pl.DataFrame(
        {"doc_id": ["b", "a"], "text_hash": ["2", "1"], "text": ["free and equal", ""]}
    )
    made = tokenize_frame(frame, tokenizer)
    assert made.schema == tokenized_schema(600)
    assert made["doc_id"].to_list() == ["b", "a"]
    assert made["token_count"].to_list() == [len(made["token_ids"][0]), 0]
    assert tokenize_frame(frame.clear(), tokenizer).schema == tokenized_schema(600)


@pytest.mark.shared_data
def test_real_texts_have_the_reference_ids(shared_data: Path) -> None:
    vocabulary = (shared_data / "tokenizers" / "gpt2" / "tokenizer.json").read_text("utf-8")
    texts = [p.read_text("utf-8") for p in sorted((shared_data / "languages" / "udhr").glob("*.*"))]
    fast, slow = (Tokenizer(vocabulary, END, reference_only=only) for only in (False, True))
    assert (fast.engine, fast.end_of_document_id) == ("gigatoken", 50_256)
    ids = fast.encode(_column(texts))
    assert ids.equals(slow.encode(_column(texts)))
    assert fast.decode(ids).to_list() == texts


@pytest.mark.shared_data
def test_published_ids_of_gpt2(shared_data: Path) -> None:
    folder = shared_data / "tokenizers"
    tokenizer = Tokenizer((folder / "gpt2" / "tokenizer.json").read_text("utf-8"), END)
    lines = (folder / "expected.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["vocabulary"] == "gpt2/tokenizer.json"]
    assert rows
    for row in rows:
        if END not in row["text"]:
            assert tokenizer.encode(_column([row["text"]]))[0].to_list() == row["ids"]
