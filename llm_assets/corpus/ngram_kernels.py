"""Words and word n-grams of texts in Arrow buffers: kernels compiled by Numba.

Texts come as UTF-8 bytes with 64-bit offsets, exactly as Arrow's `large_string` holds them. The
kernels release the GIL, are compiled at their first call and then cached on disk.

What makes n-grams cheap and exact: an n-gram is named by the position of its first occurrence, so
the n-gram at i is the pair (its first n-1 words, its last n-1 words) of two such names, and it can
repeat only where both of them do. Level n is therefore built from level n-1, at few positions, and
two n-grams are equal if and only if their words are. Beside the text it takes 22 bytes a word of
the longest document, up to 4 GiB of text.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Names = NDArray[np.uint32]
Counts = NDArray[np.int64]

SEPARATOR: Final = 1
"""Class bit of a character that stands between words."""
LETTER: Final = 2
"""Class bit of a letter."""
SCRIPT_SHIFT: Final = 2
"""The bits above are the index of the character's script among those written without spaces."""

TOP_SIZES: Final = (2, 3, 4)
DUPLICATE_SIZES: Final = (5, 6, 7, 8, 9, 10)
WORD_COLUMNS: Final = ("words", "chars", "letter_words", "stop_words", "estimate", "unspaced")
"""What `count_words` writes for each document:

words between separators; their characters; words with a letter; distinct stop words; words counted
so that scripts without spaces have some, in all and in those scripts alone.
"""

_ONCE: Final = np.uint32(0xFFFFFFFF)  # the name of every n-gram that occurs only once
_MAX_CODE_POINT: Final = 0x40000  # beyond are neither letters nor separators
_LONGEST_STOP_WORD: Final = 4
_LONGEST_QUOTED: Final = 12  # bytes of a stop word with its punctuation, such as "(that)..."
# Four ASCII bytes each, the first lowest.
_STOP_WORDS: Final = tuple(
    int.from_bytes(word, "little")
    for word in (b"the", b"be", b"to", b"of", b"and", b"that", b"have", b"with")
)


@njit(nogil=True, cache=True)
def _decode(data: Bytes, at: int) -> tuple[int, int]:
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
def _class_of(code_point: int, classes: Bytes) -> int:
    return np.int64(classes[code_point]) if code_point < _MAX_CODE_POINT else 0


@njit(nogil=True, cache=True)
def _skip_separators(data: Bytes, at: int, end: int, classes: Bytes) -> int:
    while at < end:
        code_point, after = _decode(data, at)
        if not _class_of(code_point, classes) & SEPARATOR:
            break
        at = after
    return at


@njit(nogil=True, cache=True)
def _is_ascii_letter(byte: int) -> bool:
    return 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A


@njit(nogil=True, cache=True)
def _stop_word_bit(data: Bytes, start: int, end: int) -> int:
    """Return the bit of the stop word that these bytes spell; 0 for other words.

    Letters may be of any case, and stand in ASCII quotes, brackets or other punctuation.
    """
    if end - start > _LONGEST_QUOTED:
        return 0
    while start < end and data[start] < 0x80 and not _is_ascii_letter(data[start]):
        start += 1
    while start < end and data[end - 1] < 0x80 and not _is_ascii_letter(data[end - 1]):
        end -= 1
    if end - start > _LONGEST_STOP_WORD:
        return 0
    packed = 0
    for i in range(start, end):
        byte = np.int64(data[i])
        packed |= (byte | 0x20) << 8 * (i - start)
    for bit, stop_word in enumerate(_STOP_WORDS):
        if packed == stop_word:
            return 1 << bit
    return 0


@njit(nogil=True, cache=True)
def _bit_count(bits: int) -> int:
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@njit(nogil=True, cache=True)
def count_words(
    data: Bytes, offsets: Offsets, classes: Bytes, hundredths: Counts, out: Counts
) -> None:
    """Fill one row of `out` a document, with `WORD_COLUMNS`.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below 0x40000.
        hundredths: by script index, hundredths of a word that a letter stands for.
        out: documents x columns.
    """
    for row in range(len(offsets) - 1):
        words = chars = letter_words = stop_words = estimate = unspaced = 0
        end = offsets[row + 1]
        at = _skip_separators(data, offsets[row], end, classes)
        while at < end:
            start = at
            seen = share = 0
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
            letter_words += (seen & LETTER) >> 1
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
def _slot(key: int, size: int) -> int:
    """Spread a 64-bit key over a table: the finalizer of MurmurHash3, then a multiplication."""
    mixed = np.uint64(key)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.int64(((mixed >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))


@njit(nogil=True, cache=True)
def _table_size(keys: int) -> int:
    return keys + keys // 2 + 1


@njit(nogil=True, cache=True)
def _same_bytes(data: Bytes, one: int, other: int, length: int) -> bool:
    for i in range(length):
        if data[one + i] != data[other + i]:
            return False
    return True


@njit(nogil=True, cache=True)
def _name_words(
    data: Bytes,
    start: int,
    end: int,
    classes: Bytes,
    names: Names,
    starts: Names,
    lengths: Names,
    char_ends: Names,
    table: Names,
) -> None:
    """Split a text, and name each word by the position of its first occurrence.

    `starts` and `lengths` are bytes; `char_ends[i + 1]` counts the characters of the words 0..i.
    """
    size = len(table)
    table[:] = _ONCE
    char_ends[0] = 0
    chars = word = 0
    at = _skip_separators(data, start, end, classes)
    while at < end:
        word_start = at
        key = np.uint64(0xCBF29CE484222325)  # FNV-1a over code points
        while at < end:
            code_point, after = _decode(data, at)
            if _class_of(code_point, classes) & SEPARATOR:
                break
            key = (key ^ np.uint64(code_point)) * np.uint64(0x100000001B3)
            chars += 1
            at = after
        length = at - word_start
        starts[word], lengths[word], char_ends[word + 1] = word_start - start, length, chars
        slot = _slot(key, size)
        while True:
            other = table[slot]
            if other == _ONCE:
                table[slot] = names[word] = word
                break
            if lengths[other] == length and _same_bytes(
                data, word_start, start + np.int64(starts[other]), length
            ):
                names[word] = other
                break
            slot = slot + 1 if slot + 1 < size else 0
        word += 1
        at = _skip_separators(data, at, end, classes)


@njit(nogil=True, cache=True)
def _forget_unrepeated(names: Names, counts: Names) -> int:
    """Count each name into `counts`, rename what occurs once, and return how much repeats."""
    counts[: len(names)] = 0
    for name in names:
        if name != _ONCE:
            counts[name] += 1
    repeated = 0
    for i in range(len(names)):
        if names[i] != _ONCE:
            if counts[names[i]] == 1:
                names[i] = _ONCE
            else:
                repeated += 1
    return repeated


@njit(nogil=True, cache=True)
def _name_longer(shorter: Names, longer: Names, table: Names) -> None:
    """Name the n-grams by the names of the (n-1)-grams at the same positions."""
    candidates = 0
    for i in range(len(longer)):
        candidates += shorter[i] != _ONCE and shorter[i + 1] != _ONCE
    size = _table_size(candidates)
    table[:size] = _ONCE
    for i in range(len(longer)):
        longer[i] = _ONCE
        if shorter[i] == _ONCE or shorter[i + 1] == _ONCE:
            continue
        slot = _slot(np.uint64(shorter[i]) << np.uint64(32) | np.uint64(shorter[i + 1]), size)
        while True:
            other = table[slot]
            if other == _ONCE:
                table[slot] = longer[i] = i
                break
            if shorter[other] == shorter[i] and shorter[other + 1] == shorter[i + 1]:
                longer[i] = other
                break
            slot = slot + 1 if slot + 1 < size else 0


@njit(nogil=True, cache=True)
def _top_chars(names: Names, counts: Names, char_ends: Names, size: int) -> int:
    """Return the characters of the most frequent n-gram, of the first of equals.

    Its occurrences may overlap, and are counted with one space between words.
    """
    best, best_count = 0, 1
    for i in range(len(names)):
        if names[i] == i and counts[i] > best_count:
            best, best_count = i, np.int64(counts[i])
    length = np.int64(char_ends[best + size]) - np.int64(char_ends[best]) + size - 1
    return best_count * length


@njit(nogil=True, cache=True)
def _duplicate_chars(names: Names, counts: Names, char_ends: Names, size: int) -> int:
    """Return the characters of n-grams met before, reading on behind each one found.

    So no character counts twice, and the first copy not at all. Spaces are not counted.
    `counts` becomes 0 for the n-grams met.
    """
    chars = at = 0
    while at < len(names):
        name = names[at]
        if name == _ONCE:
            at += 1
        elif counts[name]:
            counts[name] = 0
            at += 1
        else:
            chars += np.int64(char_ends[at + size]) - np.int64(char_ends[at])
            at += size
    return chars


@njit(nogil=True, cache=True)
def measure_ngrams(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    words: Counts,
    top: Counts,
    duplicate: Counts,
) -> None:
    """Measure, in characters, how much of each text its repeated n-grams make up.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below 0x40000.
        words: how many words each text has; 0 leaves a text out.
        top: documents x `TOP_SIZES`: characters of the most frequent n-gram.
        duplicate: documents x `DUPLICATE_SIZES`: characters of n-grams that stood before.
    """
    longest = np.int64(0)
    for count in words:
        longest = max(longest, count)
    one, two = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    counts = np.empty(longest, np.uint32)
    char_ends = np.empty(longest + 1, np.uint32)
    table = np.empty(_table_size(longest), np.uint32)
    for row in range(len(words)):
        top[row, :] = 0
        duplicate[row, :] = 0
        total = words[row]
        if total == 0:
            continue
        _name_words(
            data,
            offsets[row],
            offsets[row + 1],
            classes,
            one,
            two,
            counts,
            char_ends,
            table[: _table_size(total)],
        )
        repeated = _forget_unrepeated(one[:total], counts)
        shorter, longer = one, two
        for size in range(2, min(DUPLICATE_SIZES[-1], total) + 1):
            if repeated:
                _name_longer(shorter[: total - size + 2], longer[: total - size + 1], table)
                repeated = _forget_unrepeated(longer[: total - size + 1], counts)
            else:
                longer[: total - size + 1] = _ONCE
            names = longer[: total - size + 1]
            if size <= TOP_SIZES[-1]:
                top[row, size - TOP_SIZES[0]] = _top_chars(names, counts, char_ends, size)
            elif repeated == 0:
                break
            else:
                duplicate[row, size - DUPLICATE_SIZES[0]] = _duplicate_chars(
                    names, counts, char_ends, size
                )
            shorter, longer = longer, shorter

