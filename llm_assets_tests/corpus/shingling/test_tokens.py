"""Normalised tokens, against the same rules in plain Python."""

import re
import unicodedata
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.shingling.tokens import find_tokens, normal_characters
from llm_assets.corpus.spans import arrow_buffers

ALONE = "東国々〇゙タガーｶかำกာမខបລㄅꀀ"
OTHERS = (
    "aZsſßßéÉe\u0301ÄİıΣςσΩΩÅﬁⅫ½한한ъЪجअकि་ཀ₀²"  # letters and marks
    "019٣๑१𝟗１.,،٫⎖"  # digits and points
    " \t\n\r\x00\x0b\x1c\x85\xa0\u2028\u3000\u1680-–—'’\"!¿·;;。、$+<`|~∶►©€°→😀"  # or not
    "\u00ad\u200b\u200d\ufeff\u0301\u0e31\u3099\ufe0f"  # nothing
)
TEXTS = st.text(ALONE + OTHERS, max_size=40)
PLAIN = "$+<=>^`|~∶►％"


def normal_text(text: str) -> str:
    """Return a text's normalised tokens, those of unspaced scripts between U+0001."""
    text = re.sub(r"\d+(?:[.,،٫⎖⎗⎘]\d+)?", "0", text)
    return "".join(map(normal_character, text))


def normal_character(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or character in PLAIN or category[0] in "PZ" or category == "Cc":
        return " "
    decomposed = unicodedata.normalize("NFD", character.lower().replace("ς", "σ"))
    kept = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    if unicodedata.category(kept[:1] or "a")[0] == "P":
        return " "
    return f"\1{kept}\1" if kept and character in ALONE else kept


def python_tokens(text: str) -> list[str]:
    return [token for token in re.split("[ \1]", normal_text(text)) if token]


def python_hash(token: str) -> int:
    """FNV-1a over code points, then the finalizer of MurmurHash3."""
    key = 0xCBF29CE484222325
    for character in token:
        key = (key ^ ord(character)) * 0x100000001B3 % 2**64
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        key = (key ^ key >> 33) * factor % 2**64
    return key ^ key >> 33


def token_bytes(text: str) -> list[bytes]:
    tokens = find_tokens(pl.Series([text]))
    places = zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)
    return [text.encode()[start:end] for start, end in places]


@given(st.lists(st.none() | TEXTS, max_size=5))
def test_tokens_are_those_of_plain_python(texts: list[str | None]) -> None:
    tokens = find_tokens(pl.Series(texts, dtype=pl.String))
    expected = [[python_hash(token) for token in python_tokens(text or "")] for text in texts]
    rows = pairwise(tokens.first.tolist())
    assert [tokens.hashes[start:end].tolist() for start, end in rows] == expected
    assert tokens.first[0] == 0
    assert tokens.first[-1] == len(tokens.hashes) == len(tokens.starts) == len(tokens.ends)


@given(TEXTS)
def test_a_token_is_where_it_says(text: str) -> None:
    tokens = find_tokens(pl.Series([text]))
    found = [piece.decode() for piece in token_bytes(text)]
    assert find_tokens(pl.Series(["\n".join(found)])).hashes.tolist() == tokens.hashes.tolist()
    assert (tokens.starts < tokens.ends).all()
    assert (tokens.ends[:-1] <= tokens.starts[1:]).all()


def test_places_are_in_bytes_and_marks_stay_with_what_they_mark() -> None:
    text = "« Élan\u0301, 1.234,5 東京は กำ\u0e31!"
    found = [piece.decode() for piece in token_bytes(text)]
    assert found == ["Élan\u0301", "1.234", "5", "東", "京", "は", "ก", "ำ\u0e31"]


def test_what_reads_the_same_is_the_same() -> None:
    pairs = [
        ("Don't STOP", "don’t stop"),
        ("ΟΔΟΣ", "οδος"),
        ("caf\u00e9", "CAFE\u0301"),
        ("in 1,5 km", "in 27 km"),
        ("co\u00adop", "coop"),
        ("한국", unicodedata.normalize("NFD", "한국")),
    ]
    for one, other in pairs:
        tokens = [find_tokens(pl.Series([text])).hashes.tolist() for text in (one, other)]
        assert tokens[0] == tokens[1], one
    assert len(find_tokens(pl.Series(["no now on"])).hashes) == 3


def test_token_hashes_never_change() -> None:
    assert find_tokens(pl.Series(["Straße"])).hashes.tolist() == [0xB021AA62C5226866]


@given(st.lists(TEXTS, max_size=4))
def test_characters_are_those_of_plain_python(texts: list[str]) -> None:
    first, characters = normal_characters(*arrow_buffers(pl.Series(texts, dtype=pl.String)))
    expected = [" ".join(normal_text(text).replace("\1", "").split(" ")) for text in texts]
    expected = [re.sub(" +", " ", text).strip(" ") for text in expected]
    rows = [characters[start:end].tolist() for start, end in pairwise(first.tolist())]
    assert ["".join(map(chr, row)) for row in rows] == expected
