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
NUMBER: Final = 4
"""Class bit of a digit or another number."""
CUT: Final = 8
"""Class bit of a script without spaces whose words a dictionary knows."""
SCRIPT_SHIFT: Final = 4
"""The bits above are the index of the character's script among those without spaces that no
dictionary knows."""
CLASSIFIED: Final = 0x40000
"""Code points with a class; beyond are neither letters nor separators."""

WORD_COLUMNS: Final = (
    *("words", "chars", "letter_words", "stop_words"),
    *("spaced", "estimate", "unspaced"),
)
"""What `read_words` writes for each text:

words between separators; their characters; words with a letter; distinct stop words; words without
a letter of a script without spaces; the words that those with one stand for where no dictionary
knows the script, estimated; and those that have to be cut by a dictionary.
"""

NO_NAME: Final = np.uint32(0xFFFFFFFF)

_LONGEST_STOP_WORD: Final = 4
_LONGEST_QUOTED: Final = 12  # bytes of a stop word with its punctuation, such as "(that)..."
# Up to four ASCII letters each, the first lowest.
STOP_WORDS: Final = tuple(
    int.from_bytes(word, "little")
    for word in (b"the", b"be", b"to", b"of", b"and", b"that", b"have", b"with")
)


@njit(nogil=True, cache=True)
def table_size(keys: Int) -> Int:
    """Return the slots of a hash table with open addressing that holds so many keys."""
    return keys + keys // 2 + 1


@njit(nogil=True, cache=True, forceinline=True)
def slot_of(key: Int, size: Int) -> Int:
    """Spread a 64-bit key over a table: the finalizer of MurmurHash3, then a multiplication."""
    mixed = np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.int64(((mixed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))


@njit(nogil=True, cache=True)
def same_bytes(data: Bytes, one: Int, other: Int, length: Int) -> bool:
    """Whether the same bytes follow two places."""
    for i in range(length):  # noqa: SIM110 - Numba compiles no generator expressions
        if data[one + i] != data[other + i]:
            return False
    return True


@njit(nogil=True, cache=True, forceinline=True)
def decode(data: Bytes, at: Int) -> tuple[Int, Int]:
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


@njit(nogil=True, cache=True, forceinline=True)
def class_of(code_point: Int, classes: Bytes) -> Int:
    """Return the class bits of a code point."""
    return np.int64(classes[code_point]) if code_point < CLASSIFIED else 0


@njit(nogil=True, cache=True, forceinline=True)
def skip_separators(data: Bytes, at: Int, end: Int, classes: Bytes) -> Int:
    """Return the first byte from `at` on of what is no separator, or the end."""
    while at < end:
        if 0x20 < data[at] < 0x7F:
            break
        code_point, after = decode(data, at)
        if not class_of(code_point, classes) & SEPARATOR:
            break
        at = after
    return at


@njit(nogil=True, cache=True, forceinline=True)
def stop_word_bit(data: Bytes, start: Int, end: Int) -> Int:
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
    for bit, stop_word in enumerate(STOP_WORDS):
        if packed == stop_word:
            return 1 << bit
    return 0


@njit(nogil=True, cache=True, forceinline=True)
def _is_ascii_sign(byte: Int) -> bool:
    return not (byte >= 0x80 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A)


@njit(nogil=True, cache=True)
def bit_count(bits: Int) -> Int:
    """Return how many bits are set."""
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count
