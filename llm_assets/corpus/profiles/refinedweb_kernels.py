"""RefinedWeb's rules on lines, over the bytes of Arrow buffers: a kernel compiled by Numba.

One rule goes through all lines before the next does, and after most the whitespace around the text
goes: so a line that comes to stand first or last is read without it by the rules that follow.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.profiles.python_text_kernels import (
    after_space,
    before_space,
    count_words,
    is_blank,
)
from llm_assets.corpus.profiles.refinedweb_line_kernels import (
    ALNUM,
    DIGIT,
    PHRASES,
    UPPER,
    is_counter,
    without_phrase,
)
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.word_kernels import Bytes, Counts, Int, Offsets, decode

Lines: TypeAlias = NDArray[np.uint32]
"""Where lines start and end in a batch of less than 4 GiB."""

COLUMNS: Final = (
    "words_before",
    "words_after",
    "uppercase",
    "numeric",
    "counter",
    "short",
    "phrase",
)
"""What `cut_lines` counts of each text: words before and after, and lines by the rule that cut them
or, of the last, cut words out of them."""
_BEFORE, _AFTER, _UPPERCASE, _NUMERIC, _COUNTER, _SHORT, _PHRASE = range(7)

_MOST_UPPER: Final = 0.5
_MOST_DIGITS: Final = 0.999999
_LEAST_WORDS: Final = 2
_MOST_PHRASE_WORDS: Final = 10

_LINE_FEED: Final = 0x0A


@njit(nogil=True, cache=True)
def cut_lines(
    data: Bytes,
    offsets: Offsets,
    classes: Classes,
    left: Bytes,
    left_offsets: Offsets,
    counts: Counts,
) -> None:
    """Cut the lines, and short phrases in lines, that RefinedWeb cuts, and count.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of every code point.
        left: filled with the bytes that are left of the texts; as long as these.
        left_offsets: filled with where each text starts in `left`, and the end of the last.
        counts: filled with one row a text, with `COLUMNS`.
    """
    counts[:] = 0
    most_lines: Int = 0
    for row in range(len(offsets) - 1):
        most_lines = max(most_lines, _count_lines(data, offsets[row], offsets[row + 1]))
    lines = np.empty((most_lines, 2), np.uint32)
    written: Int = 0
    left_offsets[0] = 0
    for row in range(len(offsets) - 1):
        count = counts[row]
        text, end = written, written + offsets[row + 1] - offsets[row]
        left[text:end] = data[offsets[row] : offsets[row + 1]]
        count[_BEFORE] = _count_fasttext_words(left, text, end, classes)
        total = _find_lines(left, text, end, lines)
        total = _cut_by_share(left, lines, total, classes, UPPER, _MOST_UPPER, count, _UPPERCASE)
        total = _strip(left, lines, total)
        total = _cut_by_share(left, lines, total, classes, DIGIT, _MOST_DIGITS, count, _NUMERIC)
        total = _strip(left, lines, total)
        total = _cut_counters(left, lines, total, classes, count)
        total = _strip(left, lines, total)
        total = _cut_short(left, lines, total, count)
        for phrase in range(PHRASES):
            total = _cut_phrase(left, lines, total, phrase, count)
            total = _strip(left, lines, total)
        written = _join(left, lines, total, text)
        count[_AFTER] = _count_fasttext_words(left, text, written, classes)
        left_offsets[row + 1] = written


@njit(nogil=True, cache=True)
def _count_lines(data: Bytes, start: Int, end: Int) -> Int:
    lines: Int = 1
    for at in range(start, end):
        lines += data[at] == _LINE_FEED
    return lines


@njit(nogil=True, cache=True)
def _find_lines(text: Bytes, start: Int, end: Int, lines: Lines) -> Int:
    total: Int = 0
    for at in range(start, end):
        if text[at] == _LINE_FEED:
            total = _keep(lines, total, start, at)
            start = at + 1
    return _keep(lines, total, start, end)


@njit(nogil=True, cache=True)
def _keep(lines: Lines, kept: Int, start: Int, end: Int) -> Int:
    """Put a line behind those kept; return their number."""
    lines[kept, 0], lines[kept, 1] = start, end
    return kept + 1


@njit(nogil=True, cache=True)
def _line(lines: Lines, line: Int) -> tuple[Int, Int]:
    return np.int64(lines[line, 0]), np.int64(lines[line, 1])


@njit(nogil=True, cache=True)
def _count_fasttext_words(text: Bytes, start: Int, end: Int, classes: Classes) -> Int:
    """Count what fastText's tokenizer cuts at spaces and starts with a letter or digit."""
    words: Int = 0
    inside = False
    at = start
    while at < end:
        byte = text[at]
        if byte == 0x20 or 0x09 <= byte <= 0x0D or byte == 0:
            inside = False
            at += 1
            continue
        code_point, after = decode(text, at)
        if not inside:
            words += (classes[code_point] & ALNUM) // ALNUM
        inside = True
        at = after
    return words


@njit(nogil=True, cache=True)
def _share(text: Bytes, start: Int, end: Int, classes: Classes, bit: Int) -> float:
    """Return the share of a line's characters that have a class bit; 0 of an empty line."""
    having: Int = 0
    chars = 0
    at = start
    while at < end:
        code_point, at = decode(text, at)
        having += (classes[code_point] & bit) // bit
        chars += 1
    return having / chars if chars else 0.0


@njit(nogil=True, cache=True)
def _cut_by_share(
    text: Bytes,
    lines: Lines,
    total: Int,
    classes: Classes,
    bit: Int,
    most: float,
    count: Counts,
    column: Int,
) -> Int:
    """Cut lines of which more than a share of the characters has a class bit."""
    kept: Int = 0
    for line in range(total):
        start, end = _line(lines, line)
        if _share(text, start, end, classes, bit) <= most:
            kept = _keep(lines, kept, start, end)
    count[column] = total - kept
    return kept


@njit(nogil=True, cache=True)
def _cut_counters(text: Bytes, lines: Lines, total: Int, classes: Classes, count: Counts) -> Int:
    kept: Int = 0
    for line in range(total):
        start, end = _line(lines, line)
        if not is_counter(text, start, end, classes):
            kept = _keep(lines, kept, start, end)
    count[_COUNTER] = total - kept
    return kept


@njit(nogil=True, cache=True)
def _cut_short(text: Bytes, lines: Lines, total: Int, count: Counts) -> Int:
    """Cut lines of one word or of whitespace; empty lines stay."""
    kept: Int = 0
    for line in range(total):
        start, end = _line(lines, line)
        if start == end or count_words(text, start, end, _LEAST_WORDS) >= _LEAST_WORDS:
            kept = _keep(lines, kept, start, end)
    count[_SHORT] = total - kept
    return kept


@njit(nogil=True, cache=True)
def _cut_phrase(text: Bytes, lines: Lines, total: Int, phrase: Int, count: Counts) -> Int:
    """Cut one of the phrases out of lines of few words, and lines that then are blank."""
    kept: Int = 0
    for line in range(total):
        start, end = _line(lines, line)
        most = _MOST_PHRASE_WORDS
        if start < end and count_words(text, start, end, most + 1) <= most:
            chars = end - start
            start, end = without_phrase(text, start, end, phrase)
            count[_PHRASE] += end - start < chars
            if is_blank(text, start, end):
                continue
        kept = _keep(lines, kept, start, end)
    return kept


@njit(nogil=True, cache=True)
def _strip(text: Bytes, lines: Lines, total: Int) -> Int:
    """Take the whitespace around the text: blank lines first and last, and beside others."""
    first: Int = 0
    while first < total and is_blank(text, *_line(lines, first)):
        first += 1
    while total > first and is_blank(text, *_line(lines, total - 1)):
        total -= 1
    if first == total:
        return 0
    lines[first, 0] = after_space(text, *_line(lines, first))
    lines[total - 1, 1] = before_space(text, *_line(lines, total - 1))
    kept: Int = 0
    for line in range(first, total):
        start, end = _line(lines, line)
        kept = _keep(lines, kept, start, end)
    return kept


@njit(nogil=True, cache=True)
def _join(text: Bytes, lines: Lines, total: Int, to: Int) -> Int:
    """Put the lines one behind the other, where none has been read past; return the end."""
    for line in range(total):
        if line:
            text[to] = _LINE_FEED
            to += 1
        start, end = _line(lines, line)
        for at in range(start, end):
            text[to] = text[at]
            to += 1
    return to
