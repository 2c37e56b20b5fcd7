"""Word boundaries of the Unicode standard, rule by rule, and what of a word is one.

The words of the conformance documents are compared with the original's in `conformance/`.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.profiles.unicode_words import find_unicode_words
from llm_assets_tests.corpus.pieces import strings_of

COMPILES = settings(deadline=None)  # the first call compiles


def words(*texts: str) -> list[list[str]]:
    return strings_of(find_unicode_words, texts)


RULES = [
    ("The quick (“brown”) fox can’t jump 32.3 feet, right?", None),  # of the standard
    ("", []),
    ("...", []),
    ("a\r\nb", ["a", "b"]),
    ("a\u0301b", ["a\u0301b"]),  # WB4
    ("a\n\u0301b", ["a", "b"]),  # WB3a: what follows a line end begins anew
    ("\u0301a", ["a"]),  # a mark with nothing before it is a word of its own
    ("don't", ["don't"]),  # WB6, 7
    ("don'", ["don"]),
    ("'don", ["don"]),
    ("a.b", ["a.b"]),
    ("a.\u00ad\u0301b", ["a.\u00ad\u0301b"]),  # WB6 through what WB4 skips
    ("a..b", ["a", "b"]),
    ("a,b", ["a", "b"]),
    ("א'", ["א'"]),  # WB7a
    ('א"א', ['א"א']),  # WB7b, 7c
    ('א"a', ["א", "a"]),
    ('a"b', ["a", "b"]),
    ("3.14", ["3.14"]),  # WB11, 12
    ("3.", ["3"]),
    ("1,000.5", ["1,000.5"]),
    ("1:2", ["1", "2"]),
    ("a1b2", ["a1b2"]),  # WB9, 10
    ("3a.4", ["3a", "4"]),
    ("カタカナ", ["カタカナ"]),  # WB13
    ("漢字", ["漢", "字"]),
    ("ひら", ["ひ", "ら"]),
    ("snake_case_1", ["snake_case_1"]),  # WB13a, 13b
    ("_private", []),  # begins with an underscore
    ("カ_a", ["カ_a"]),
    ("🇩🇪🇫🇷", []),
    ("👩\u200d👩", []),
    ("a\u200d👩", ["a\u200d👩"]),  # WB3c
    ("a\u200bb", ["a", "b"]),
    ("²x", ["²", "x"]),
    ("½", ["½"]),
    ("\x00a\x00", ["a"]),
    ("\ue000", []),
]


@pytest.mark.parametrize(("text", "found"), RULES)
def test_rule(text: str, found: list[str] | None) -> None:
    if found is None:
        found = ["The", "quick", "brown", "fox", "can’t", "jump", "32.3", "feet", "right"]
    assert words(text) == [found]


# A character of each class that rules tell apart.
of_every_class = st.text(
    "ab1א٣アー_\u0301\u00ad\u200d:,;.'\"·🇩🇪\r\n\x0b 👩漢ก\u3000\u2028$", max_size=20
)


@COMPILES
@given(st.lists(of_every_class, max_size=5))
def test_texts_do_not_see_each_other(texts: list[str]) -> None:
    assert words(*texts) == [words(text)[0] for text in texts]


@COMPILES
@given(of_every_class, of_every_class)
def test_a_line_end_parts_all_words(before: str, behind: str) -> None:
    """So nothing on one side of it may depend on the other."""
    before, behind = before.rstrip("\r"), behind.lstrip("\n")
    assert words(f"{before}\n{behind}") == [words(before + "\n")[0] + words("\n" + behind)[0]]


@COMPILES
@given(of_every_class)
def test_words_start_with_a_letter_or_number_and_stand_in_the_text(text: str) -> None:
    found = words(text)[0]
    assert all(word[0].isalnum() for word in found)
    at = 0
    for word in found:
        at = text.index(word, at) + len(word)
