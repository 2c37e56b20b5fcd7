"""Sentences are Punkt's, however the text is read."""

import random
from collections.abc import Callable

import pytest
from nltk import redos
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

from llm_assets.corpus.linguistic import nltk_sentences
from llm_assets.corpus.linguistic.nltk_sentences import (
    allow_any_time,
    punkt_splitter,
    split_unspaced,
)

WORDS = [
    "a", "The", "dr", "Dr.", "e.g.", "3.", "J.", "Hi", "no", '"So', 'so."', "(x.)", 'foo."Bar',
    "!!!", "?", "...", "--", "end.", "End!", "x?y", ".)", "“Ah.”", "is", "New.", 'a.)"B', '!"?',
    'e.g."The', 'dr."X', "dr.)Hi", '3."hi', '"', ".", 'x."y."z.', 'J."', "dr.'",
]  # fmt: skip


def model() -> PunktParameters:
    parameters = PunktParameters()
    parameters.abbrev_types = {"dr", "e.g"}
    parameters.sent_starters = {"the"}
    parameters.collocations = {("3", "hi")}
    return parameters


def test_sentences_do_not_depend_on_where_a_long_text_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut_somewhere: list[bool] = []
    last_start = nltk_sentences._last_start

    def watch(piece: str, spans: list[tuple[int, int]]) -> int:
        found = last_start(piece, spans)
        cut_somewhere.append(found == 0)
        return found

    monkeypatch.setattr(nltk_sentences, "_last_start", watch)
    draw = random.Random(0)
    whole, split = PunktSentenceTokenizer(model()), punkt_splitter(model())
    compared = 0
    for _ in range(1_200):
        words = draw.choices(WORDS, k=draw.randint(5, 60))
        text = "".join(word + draw.choice([" ", " ", "\n", ""]) for word in words)
        monkeypatch.setattr(nltk_sentences, "PIECE_CHARS", draw.randint(30, 120))
        cut_somewhere.clear()
        found = list(split(text))
        if cut_somewhere and not any(cut_somewhere):
            compared += 1
            assert found == whole.tokenize(text)
    assert compared > 200


def test_a_long_text_is_read_in_pieces_and_an_endless_sentence_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nltk_sentences, "PIECE_CHARS", 20)
    split = punkt_splitter(model())
    assert list(split("One two three four five six. Seven. Eight")) == [
        "One two three four",
        " five six.",
        "Seven.",
        "Eight",
    ]
    assert list(split("x" * 45)) == ["x" * 20, "x" * 20, "x" * 5]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two? Three! four", 4),
        ("सभी मनुष्य समान हैं। वे बुद्धि से सम्पन्न हैं।", 2),
        ("هل هذا صحيح؟ نعم", 2),
        ("ሰላም። እንዴት ነህ። ደህና።", 3),
        ("", 0),
        ("\n \n", 0),
    ],
)
def test_without_a_model_every_full_stop_counts(text: str, count: int) -> None:
    assert len(list(punkt_splitter(None)(text))) == count


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("吾輩は猫である。名前はまだ無い。", ["吾輩は猫である。", "名前はまだ無い。"]),
        ("「そうか。」と彼。何?!\n次", ["「そうか。」", "と彼。", "何?!", "次"]),
        ("សួស្តី។ អរគុណ", ["សួស្តី។", "អរគុណ"]),
        ("。。。", ["。。。"]),
        (" \n", []),
        ("", []),
    ],
)
def test_languages_without_spaces_have_full_stops_of_their_own(
    text: str, sentences: list[str]
) -> None:
    assert list(split_unspaced(text)) == sentences


@pytest.mark.parametrize("split", [lambda text: punkt_splitter(None)(text), split_unspaced])
@pytest.mark.parametrize("unit", ["a", ".", "?!", "a. ", ". . ", '."', "。", "\n", ' "', "a.b"])
def test_work_grows_with_the_length_of_a_text_and_no_faster(
    split: Callable[[str], list[str]], unit: str
) -> None:
    text = unit * 12_000
    assert len("".join(split(text))) <= len(text)


def test_a_model_does_not_grow_by_being_used() -> None:
    parameters = model()
    split = punkt_splitter(parameters)
    assert len(list(split("J. Doe. Unknown words. 3. Others e.g. These."))) > 1
    assert parameters.ortho_context == {}


def test_no_clock_decides_what_a_match_finds() -> None:
    redos.DEFAULT_TIMEOUT = 5.0
    punkt_splitter(None)
    assert redos.DEFAULT_TIMEOUT is None
    redos.DEFAULT_TIMEOUT = 5.0
    allow_any_time()
    assert redos.DEFAULT_TIMEOUT is None
