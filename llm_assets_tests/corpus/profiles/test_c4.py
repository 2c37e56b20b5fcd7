"""C4's rules on lines and pages, line by line beside a plain reading of the same rules."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from llm_assets.corpus.profiles.c4 import C4_DATATROVE, C4_TFDS
from llm_assets.corpus.profiles.rules import Profile

PROFILES = {"tfds": C4_TFDS, "datatrove": C4_DATATROVE}
SENTENCE = "This is a line of seven words."


def frame(*texts: str | None) -> pl.DataFrame:
    columns = {"text": texts, "language": ["en"] * len(texts), "url": [None] * len(texts)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def measure(name: str, text: str) -> dict[str, int]:
    signals = PROFILES[name].signals
    assert signals is not None
    row = signals.measure(frame(text)).row(0, named=True)
    return {column.removesuffix(f"_c4_{name}"): value for column, value in row.items()}


def edit(name: str, text: str) -> str:
    profile = PROFILES[name]
    assert profile.edit is not None
    return str(profile.edit(frame(text)).item())


# line, what becomes of it by the one and by the other program
LINES = [
    (SENTENCE, "kept", "kept"),
    ("Are these all the words?", "kept", "kept"),
    ("What a line this is!", "kept", "kept"),
    ('He said "this is a line"', "kept", "kept"),
    ("He said 'this is a line'", "unterminated", "kept"),
    ("This is a line without end", "unterminated", "unterminated"),
    ("This line trails off somewhere...", "unterminated", "unterminated"),
    ("This line ends in two..", "kept", "kept"),
    ("", "unterminated", "unterminated"),
    ("   ", "unterminated", "unterminated"),
    ("Only four words here.", "short", "kept"),
    ("Two words.", "short", "short"),
    ("Three words [12] [edit].", "short", "kept"),  # five with the citations, three without
    ("This line is cited here. [3]", "unterminated", "unterminated"),  # a space is left behind
    (f"This line has a {'x' * 1001}.", "long_word", "long_word"),
    (f"This line has a {'x' * 999}.", "kept", "kept"),
    (f"This line has a {'é' * 999}.", "kept", "kept"),
    ("Please enable JavaScript in the browser.", "javascript", "javascript"),
    ("See the Terms of Use of this site.", "policy", "policy"),
    ("See the privacy policy of this site.", "policy", "policy"),
    ("See the Cookie Policy of this site.", "policy", "policy"),
    ("This site uses cookies for many things.", "policy", "policy"),
    ("The use of cookies is good here.", "policy", "policy"),
    ("We use COO\N{KELVIN SIGN}IES on this one site.", "policy", "policy"),
]


@pytest.mark.parametrize(("line", "tfds", "datatrove"), LINES)
def test_what_becomes_of_a_line(line: str, tfds: str, datatrove: str) -> None:
    text = f"{SENTENCE}\n{line}\n{SENTENCE}"
    for name, fate in (("tfds", tfds), ("datatrove", datatrove)):
        signals = measure(name, text)
        counts = {c.removesuffix("_line_count"): n for c, n in signals.items() if "_line_" in c}
        expected = dict.fromkeys(counts, 0) | {"kept": 2}
        expected[fate] += 1
        assert counts == expected
        kept = re.sub(r"\[\d*]|\[edit]|\[citation needed]", "", line.strip())
        lines = [SENTENCE, kept, SENTENCE] if fate == "kept" else [SENTENCE, SENTENCE]
        assert edit(name, text) == "\n".join(lines)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(
    ("text", "lorem_ipsum", "curly_bracket"),
    [
        ("Here it says Lorem Ipsum dolor sit.", 1, 0),
        ("Here stands a { in the line.", 0, 1),
        ("This lorem ipsum has a { in it.", 1, 0),
        ("Here stands a { in the line.\nThen comes the lorem ipsum of it.", 0, 1),
        ("First comes the lorem ipsum of it.\nHere stands a { in the line.", 1, 1),
        ("Here it says lorem ipsum in a line without end", 0, 0),
        ("A { for javascript is no page fault.", 0, 0),
        ("A lorem ipsum for javascript is a fault.", 1, 0),
    ],
)
def test_what_drops_a_page(name: str, text: str, lorem_ipsum: int, curly_bracket: int) -> None:
    signals = measure(name, text)
    assert (signals["has_lorem_ipsum"], signals["has_curly_bracket"]) == (
        *(lorem_ipsum, curly_bracket),
    )


@pytest.mark.parametrize("name", PROFILES)
def test_lines_end_where_python_ends_them(name: str) -> None:
    text = "\r\n".join([SENTENCE, SENTENCE]) + "\x0b" + SENTENCE + "\u2028" + SENTENCE + "\n"
    assert edit(name, text) == "\n".join([SENTENCE] * 4)
    assert measure(name, text)["unterminated_line_count"] == 0


def test_citations_at_the_start_leave_no_space() -> None:
    assert edit("tfds", f"[1] {SENTENCE}\n[2] {SENTENCE}") == f"{SENTENCE}\n {SENTENCE}"


def test_digits_of_any_script_are_cited() -> None:
    assert edit("tfds", "This [१२] is a line [] of words [12a].") == (
        "This  is a line  of words [12a]."
    )


def test_the_length_of_a_page_is_measured_before_lines_are_cut() -> None:
    assert measure("tfds", "é" * 7)["page_chars"] == 7


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_null_stays_null(profile: Profile) -> None:
    assert profile.signals is not None
    assert profile.edit is not None
    measured = profile.signals.measure(frame(SENTENCE, None, ""))
    assert measured.schema == profile.signals.schema
    assert measured.row(1) == (None,) * len(measured.columns)
    assert measured.null_count().sum_horizontal().item() == len(measured.columns)
    assert profile.edit(frame(SENTENCE, None, "")).to_list() == [SENTENCE, None, ""]
    assert profile.edit(frame()).to_list() == []
    assert profile.signals.measure(frame()).is_empty()


PIECES = [
    *("word ", "Word", " a b c d ", ".", "...", "?", "!", '"', "'", "\n", "\r\n", "\x85", "\u3000"),
    *("[1]", "[edit]", "[citation needed]", "[", "]", "[१]", "{", "Lorem ", "ipsum", "javaScript"),
    *("use ", "of ", "cookies", "COO\N{KELVIN SIGN}IES", "privacy policy", "x" * 999, "é", "ß"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def left_of(text: str, name: str) -> str:
    """Read the rules of the one program or the other in plain Python."""
    least, ends = (5, '.?!"') if name == "tfds" else (3, ".?!\"'")
    kept = []
    for line in map(str.strip, text.splitlines()):
        cited = len(line.split())
        if any(len(word) > 1000 for word in line.split()):
            continue
        line = re.sub(r"\[\d*\]|\[edit\]|\[citation needed\]", "", line)
        words = len(line.split()) if name == "tfds" else cited
        if not line or line[-1] not in ends or line.endswith("...") or words < least:
            continue
        said = line.lower()
        if "lorem ipsum" not in said and (
            "javascript" in said or ("{" not in said and policy(said))
        ):
            continue
        kept.append(line)
    return "\n".join(kept).strip()


def policy(said: str) -> bool:
    phrases = "terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
    return re.search(phrases, said) is not None


@given(texts, st.sampled_from(["tfds", "datatrove"]))
def test_the_kernel_reads_the_rules_as_plain_python_does(text: str, name: str) -> None:
    assert edit(name, text) == left_of(text, name)


@given(st.lists(st.none() | texts, max_size=6), st.integers(0, 6))
def test_a_text_is_read_alone(batch: list[str | None], cut: int) -> None:
    whole, parts = frame(*batch), [frame(*batch[:cut]), frame(*batch[cut:])]
    for profile in PROFILES.values():
        assert profile.signals is not None
        assert profile.edit is not None
        measured = [profile.signals.measure(part) for part in parts]
        assert_frame_equal(pl.concat(measured), profile.signals.measure(whole))
        edited = [profile.edit(part) for part in parts]
        assert_series_equal(pl.concat(edited), profile.edit(whole))
