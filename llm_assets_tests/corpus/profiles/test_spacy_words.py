"""Words as spaCy makes them: always what spaCy itself says of the same text."""

import random

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.profiles import spacy_rules as rules_module
from llm_assets.corpus.profiles.spacy_rule_kernels import (
    LONGEST_ASKED,
    LONGEST_EXCEPTION,
    LONGEST_UNIT,
)
from llm_assets.corpus.profiles.spacy_rules import SpacyRules, spacy_rules
from llm_assets.corpus.profiles.spacy_words import find_spacy_words
from llm_assets_tests.corpus.pieces import strings_of

COMPILES = settings(deadline=None)  # the first call compiles
ENGLISH = spacy.blank("en")
EXCEPTIONS = sorted(ENGLISH.tokenizer.rules)
EMOTICONS = [text for text in EXCEPTIONS if not any(map(str.isalpha, text))]


def words(*texts: str) -> list[list[str]]:
    return strings_of(find_spacy_words, texts)


def spacys(text: str) -> list[str]:
    return [token.text for token in ENGLISH.tokenizer(text) if token.text.strip()]


TEXTS = [
    "Plain words, and more; of them: all!",
    "It isn't Mr. O'Neill's, they're “hers”. ('Cause she'd said: don't.)",
    "e.g., i.e., etc. at 5p.m. or 10 a.m. on Jan. 3rd, U.S.A.",
    "5km 10mb 3m/s 7% 100€ $5 US$5 5$ A$ +5 5+ x+ 20°C. 20°c 5° 3мм 12мс",
    "3-4 3--4 a-b a--b a---b a----b a–b a—b a——b a~b 5-b b-5 -a- --a",
    "a/b a=b a<b>c 1/2 a:b 1:b a:1 and/or w/o a*b 1*2 2^3 1+2",
    "word.Word word.word WORD.Word a,b 1,2 a,1 x...y x..y .. ... …… x……y",
    "see www.example.com/a/b, http://a.b.co.uk/x?y=1#z and me@example.org. 192.168.1.4 8.8.8.8/a",
    "com.sun.star.ucb.SimpleFileAccess java.lang.Enum<ResolverStyle> /home/a/b.key a.b/c",
    ":) :-) x:) :(( foo:)) :D :'( (: o.O <3 </3 ^_^ (^_^) ¯\\(ツ)/¯",
    "x) :(foo", "a :( ( b", ": ) :) :(", ": - ) x:-)", "(-8 ) :-0", "foo:( (bar", "'s ' s ''x",
    "Ça coûte 5,50 €; « déjà » vu… И т.д. это «так». 中文，标点。 日本語です",
    "हिन्दी में, वाक्य। עברית! العربية؟ ไทย 한국어.",
    "a\u00a0b\u3000c\u2028d\x1ce\x00f\x01 \n\n \t",
    "IS_ALPHA ORTH LEMMA <space> \\n \\t ' '' \"",
    "🙂🙂 a🙂b ©2020 №5 a½ ²² x² 5² °",
    "\u0301a a\u0301. \u200b\u200ba \ufeffa",
    "((((a)))) ((((:)))) [[[[Dr.]]]] \"\"\"Mr.\"\"\" ...a... ,,,a,,,",
    "can't've Couldn't shouldn’t cannot gonna dont Im ill Ill wed's id",
    "", " ", "\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_spacys(text: str) -> None:
    assert words(text) == [spacys(text)]


@pytest.mark.parametrize("frame", ["{}", "({})", '"{}."', "x{}", "{}x", "{} {}", "{}'s", "5{}"])
def test_every_exception_is_spacys(frame: str) -> None:
    texts = [frame.replace("{}", text) for text in EXCEPTIONS]
    assert words(*texts) == list(map(spacys, texts))


SIGNS = [
    *".,;:!?'\"()[]{}<>/\\|-–—~_=+*^#&%$§°²…’‘“”`@ \n\u00a0aBzé中и5×€½🙂\u0301\x01",
    *("--", "...", "US$", "km", "m", "'s", "4", "12", "xy", "p.m", "http://", "e.com", "co.uk"),
]


@COMPILES
@given(st.lists(st.one_of(st.sampled_from(SIGNS), st.sampled_from(EXCEPTIONS)), max_size=14))
def test_any_text_is_cut_as_by_spacy(parts: list[str]) -> None:
    text = "".join(parts)
    assert words(text) == [spacys(text)]


def test_emoticons_that_meet_across_spaces() -> None:
    chance = random.Random(7)
    parts = [*EMOTICONS, *list(":;()-'=8<>[]oDP/|*_^.3"), " ", " ", " ", "a"]
    texts = ["".join(chance.choices(parts, k=12)) for _ in range(4_000)]
    assert words(*texts) == list(map(spacys, texts))


def test_texts_do_not_see_each_other() -> None:
    assert words(*TEXTS) == [words(text)[0] for text in TEXTS]
    assert words(*reversed(TEXTS)) == [spacys(text) for text in reversed(TEXTS)]


def test_what_is_remembered_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_module, "_MOST_REMEMBERED", 3)
    spacy_rules()._remembered.clear()
    for _ in range(2):
        assert words(*TEXTS) == list(map(spacys, TEXTS))
        assert len(spacy_rules()._remembered) <= 3


def test_a_chunk_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    cut = SpacyRules._cut

    def counted(rules: SpacyRules, text: bytes) -> object:
        asked.append(text)
        return cut(rules, text)

    monkeypatch.setattr(SpacyRules, "_cut", counted)
    spacy_rules()._remembered.clear()
    words("Mr. A saw Mr. B, plainly.", "Mr. C")
    words("Mr. D")
    assert asked == [b"Mr."]


@pytest.mark.parametrize(
    "chunk", [sign * 50_000 for sign in ("a", "(", ":a", "a,", "a.b/", ":)", "é")]
)
def test_long_chunks_take_no_long_time_and_lose_nothing(chunk: str) -> None:
    assert "".join(words(f"Mr. {chunk} x:)) ({chunk}")[0]) == f"Mr.{chunk}x:))({chunk}"


def test_a_long_chunk_is_cut_by_the_rules_alone() -> None:
    shortest = "x" * LONGEST_ASKED
    assert words(f"{shortest}.com/a") == [[f"{shortest}.com", "/", "a"]]
    assert words(f"({shortest}),")[0] == ["(", shortest, ")", ","] == spacys(f"({shortest}),")


def test_no_rule_of_spacys_is_longer_than_the_kernel_looks() -> None:
    assert max(map(len, EXCEPTIONS)) <= LONGEST_EXCEPTION
    assert max(map(len, rules_module._units())) <= LONGEST_UNIT


def test_character_classes_are_those_of_spacys_expressions() -> None:
    """Each class against the tokenizer's own expressions, over all characters."""
    tokenizer = ENGLISH.tokenizer
    classes = spacy_rules().tables[0]
    kernels = rules_module.kernels
    for point in [*range(0x3100), *range(0xA000, 0xA100), *range(0xAC00, 0xD800, 97), 0x1F600]:
        character, kind = chr(point), int(classes[point])
        if character.isspace():
            continue
        is_prefix = tokenizer.find_prefix(character + "x") == 1
        assert is_prefix == bool(kind & kernels.PREFIX or character == "+"), hex(point)
        is_suffix = tokenizer.find_suffix("x" + character) == 1
        assert is_suffix == bool(kind & kernels.SUFFIX or character == "."), hex(point)
        is_stopped = tokenizer.find_suffix(character + ".") in (1, 2)
        dots = character == "." or kind & kernels.BEFORE_STOP
        assert is_stopped == bool(dots), hex(point)
