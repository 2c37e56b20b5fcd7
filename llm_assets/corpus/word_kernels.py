"""Words of texts in Arrow buffers: kernels compiled by Numba.

Texts come as UTF-8 bytes with 64-bit offsets, exactly as Arrow's `large_string` holds them. The
kernels release the GIL, are compiled at their first call and then cached on disk.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int: TypeAlias = int | np.integer[Any]
Bytes: TypeAlias = NDArray[np.uint8]
Offsets: TypeAlias = NDArray[np.int64]
Counts: TypeAlias = NDArray[np.int64]
Names: TypeAlias = NDArray[np.uint32]

SEPARATOR: Final = 1
"""Class bit of a character that stands between words."""
LETTER: Final = 2
"""Class bit of a letter."""
SCRIPT_SHIFT: Final = 2
"""The bits above are the index of the character's script among those written without spaces."""
CLASSIFIED: Final = 0x40000
"""Code points with a class; beyond are neither letters nor separators."""

WORD_COLUMNS: Final = ("words", "chars", "letter_words", "stop_words", "estimate", "unspaced")
"""What `count_words` writes for each document:

words between separators; their characters; words with a letter; distinct stop words; words counted
so that scripts without spaces have some, in all and in those scripts alone.
"""

NO_NAME: Final = np.uint32(0xFFFFFFFF)

_LONGEST_STOP_WORD: Final = 4
_LONGEST_QUOTED: Final = 12  # bytes of a stop word with its punctuation, such as "(that)..."
# Up to four ASCII letters each, the first lowest.
_STOP_WORDS: Final = tuple(
    int.from_bytes(word, "little")
    for word in (b"the", b"be", b"to", b"of", b"and", b"that", b"have", b"with")
)


@njit(nogil=True, cache=True)
def count_words(
    data: Bytes, offsets: Offsets, classes: Bytes, hundredths: Counts, out: Counts
) -> None:
    """Count the words of each text.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below `CLASSIFIED`.
        hundredths: by script index, hundredths of a word that a letter stands for.
        out: filled with one row a text, with `WORD_COLUMNS`.
    """
    for row in range(len(offsets) - 1):
        words = chars = letter_words = estimate = unspaced = 0
        stop_words: Int = 0
        end = offsets[row + 1]
        at = _skip_separators(data, offsets[row], end, classes)
        while at < end:
            start = at
            seen: Int = 0
            share = 0
            while at < end:
                code_point, after = _decode(data, at)
                kind = _class_of(code_point, classes)
                if kind & SEPARATOR:
                    break
                seen |= kind
                share += hundredths[kind >> SCRIPT_SHIFT]
                chars += 1
                at = after
            words += 1
            letter_words += (seen & LETTER) // LETTER
            if share:
                counted = max(1, (share + 50) // 100)
                estimate += counted
                unspaced += counted
            else:
                estimate += 1
                stop_words |= _stop_word_bit(data, start, at)
            at = _skip_separators(data, at, end, classes)
        out[row, 0], out[row, 1], out[row, 2] = words, chars, letter_words
        out[row, 3], out[row, 4], out[row, 5] = _bit_count(stop_words), estimate, unspaced


@njit(nogil=True, cache=True)
def name_words(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    first_words: Offsets,
    names: Names,
    char_ends: Names,
) -> None:
    """Name each word by the position in its text where it first occurs.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below `CLASSIFIED`.
        first_words: where each text's words start in `names`, and the end of the last; a text
            without words there is left out.
        names: filled with a name a word: two words of a text are equal if their names are.
        char_ends: filled with the characters of words up to and with this one, in the whole batch;
            they wrap at 2^32, differences of them do not.
    """
    longest = np.int64(0)
    for row in range(len(offsets) - 1):
        longest = max(longest, first_words[row + 1] - first_words[row])
    starts, lengths = np.empty(longest, np.uint32), np.empty(longest, np.uint32)  # bytes
    table = np.empty(table_size(longest), np.uint32)
    chars = 0
    for row in range(len(offsets) - 1):
        first = first_words[row]
        total = first_words[row + 1] - first
        if total == 0:
            continue
        text, end = offsets[row], offsets[row + 1]
        size = table_size(total)
        table[:size] = NO_NAME
        at = _skip_separators(data, text, end, classes)
        for word in range(total):
            start = at
            key = np.uint64(0xCBF29CE484222325)  # FNV-1a, over code points
            while at < end:
                code_point, after = _decode(data, at)
                if _class_of(code_point, classes) & SEPARATOR:
                    break
                key = (key ^ np.uint64(code_point)) * np.uint64(0x100000001B3)
                chars += 1
                at = after
            starts[word], lengths[word] = start - text, at - start
            char_ends[first + word] = chars & 0xFFFFFFFF
            slot = slot_of(key, size)
            while True:
                other = table[slot]
                if other == NO_NAME:
                    table[slot] = names[first + word] = word
                    break
                if lengths[other] == at - start and _same_bytes(
                    data, start, text + np.int64(starts[other]), at - start
                ):
                    names[first + word] = other
                    break
                slot = slot + 1 if slot + 1 < size else 0
            at = _skip_separators(data, at, end, classes)


@njit(nogil=True, cache=True)
def table_size(keys: Int) -> Int:
    """Return the slots of a hash table with open addressing that holds so many keys."""
    return keys + keys // 2 + 1


@njit(nogil=True, cache=True)
def slot_of(key: Int, size: Int) -> Int:
    """Spread a 64-bit key over a table: the finalizer of MurmurHash3, then a multiplication."""
    mixed = np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.int64(((mixed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))


@njit(nogil=True, cache=True)
def _same_bytes(data: Bytes, one: Int, other: Int, length: Int) -> bool:
    for i in range(length):  # noqa: SIM110 - Numba compiles no generator expressions
        if data[one + i] != data[other + i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _decode(data: Bytes, at: Int) -> tuple[Int, Int]:
    """Return the code point at a byte of valid UTF-8, and where the next one starts."""
    lead = np.int64(data[at])
    if lead < 0x80:
        return lead, at + 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | np.int64(data[at + 1]) & 0x3F, at + 2
    middle = np.int64(data[at + 1]) & 0x3F
    last = np.int64(data[at + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0x0F) << 12 | middle << 6 | last, at + 3
    return (lead & 7) << 18 | middle << 12 | last << 6 | np.int64(data[at + 3]) & 0x3F, at + 4


@njit(nogil=True, cache=True)
def _class_of(code_point: Int, classes: Bytes) -> Int:
    return np.int64(classes[code_point]) if code_point < CLASSIFIED else 0


@njit(nogil=True, cache=True)
def _skip_separators(data: Bytes, at: Int, end: Int, classes: Bytes) -> Int:
    while at < end:
        code_point, after = _decode(data, at)
        if not _class_of(code_point, classes) & SEPARATOR:
            break
        at = after
    return at


@njit(nogil=True, cache=True)
def _stop_word_bit(data: Bytes, start: Int, end: Int) -> Int:
    """Return the bit of the stop word that these bytes spell; 0 for other words.

    Letters may be of any case, and stand in ASCII quotes, brackets or other punctuation.
    """
    if end - start > _LONGEST_QUOTED:
        return 0
    while start < end and _is_ascii_sign(np.int64(data[start])):
        start += 1
    while start < end and _is_ascii_sign(np.int64(data[end - 1])):
        end -= 1
    if end - start > _LONGEST_STOP_WORD:
        return 0
    packed = np.int64(0)
    for i in range(start, end):
        packed |= (np.int64(data[i]) | 0x20) << 8 * (i - start)
    for bit, stop_word in enumerate(_STOP_WORDS):
        if packed == stop_word:
            return 1 << bit
    return 0


@njit(nogil=True, cache=True)
def _is_ascii_sign(byte: Int) -> bool:
    return not (byte >= 0x80 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A)


@njit(nogil=True, cache=True)
def _bit_count(bits: Int) -> Int:
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count
