"""Words of texts in Arrow buffers, counted and named: kernels compiled by Numba.

A word's name is the position in its text where it first occurs, so two words of a text are the same
if their names are. Names are what n-grams are made of (`ngram_kernels.py`).
"""

import numpy as np
from numba import njit

from llm_assets.corpus.byte_kernels import (
    eight_bytes,
    first_bytes,
    first_marked,
    key_of,
    mark_letters,
    mark_spaces_and_others,
)
from llm_assets.corpus.intern_kernels import FEW_SLOTS, fill_table, intern, room
from llm_assets.corpus.word_kernels import (
    CUT,
    LETTER,
    SCRIPT_SHIFT,
    SEPARATOR,
    Bytes,
    Counts,
    Int,
    Names,
    Offsets,
    bit_count,
    class_of,
    decode,
    skip_separators,
    stop_word_bit,
)


@njit(nogil=True, cache=True)
def read_words(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    hundredths: Counts,
    out: Counts,
    first_words: Offsets,
    names: Names,
    char_ends: Names,
) -> None:
    """Count and name the words of each text that stand between separators.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below `CLASSIFIED`.
        hundredths: by script index, hundredths of a word that a letter stands for.
        out: filled with one row a text, with `WORD_COLUMNS`.
        first_words: filled with where each text's words start below, and the end of the last.
        names: filled with a name a word; there may be one for two bytes, and one more a text.
        char_ends: filled with the characters of words up to and with this one, in the whole batch;
            they wrap at 2^32, differences of them do not.
    """
    most = _most_words(offsets)
    keys, pieces, table = room(most)
    first_with = np.empty(most, np.uint32)
    total = all_chars = np.int64(0)
    first_words[0] = 0
    for row in range(len(offsets) - 1):
        letter_words = spaced = estimate = unspaced = np.int64(0)
        stop_words: Int = 0
        first, chars_before = total, all_chars
        text, end = offsets[row], offsets[row + 1]
        distinct, slots = np.int64(0), FEW_SLOTS
        fill_table(keys, 0, table, slots)
        at = skip_separators(data, text, end, classes)
        while at < end:
            start = at
            at, chars, seen, share = _read_word(data, start, end, classes, hundredths)
            all_chars += chars
            letter_words += (seen & LETTER) // LETTER
            if seen & CUT:
                unspaced += 1
            elif share:
                estimate += max(1, (share + 50) // 100)
            else:
                spaced += 1
                stop_words |= stop_word_bit(data, start, at)
            if 2 * distinct == slots:
                slots *= 2
                fill_table(keys, distinct, table, slots)
            key, length = key_of(data, start, at), at - start
            piece = intern(data, text, start, length, key, distinct, keys, pieces, table, slots)
            if piece == distinct:
                first_with[piece] = total - first
                distinct += 1
            names[total] = first_with[piece]
            char_ends[total] = all_chars & 0xFFFFFFFF
            total += 1
            at = skip_separators(data, at, end, classes)
        first_words[row + 1] = total
        out[row, 0], out[row, 1], out[row, 2] = (
            total - first,
            all_chars - chars_before,
            letter_words,
        )
        out[row, 3], out[row, 4] = bit_count(stop_words), spaced
        out[row, 5], out[row, 6] = estimate, unspaced


@njit(nogil=True, cache=True)
def name_cut_words(
    data: Bytes,
    offsets: Offsets,
    classes: Bytes,
    cuts: Offsets,
    first_words: Offsets,
    names: Names,
    char_ends: Names,
    glued: Bytes,
) -> None:
    """Name the words of texts that are also cut where no separator stands.

    Args:
        data: the texts' bytes, less than 4 GiB a text.
        offsets: where each text starts, and the end of the last.
        classes: the class bits of each code point below `CLASSIFIED`.
        cuts: bytes before which what stands between separators is cut, ascending.
        first_words: where each text's words start in `names`, and the end of the last; a text
            without words there is left out.
        names: filled with a name a word.
        char_ends: filled with the characters of words up to and with this one, as in `read_words`.
        glued: filled with 1 for a word that a cut parts from the one before, else 0.
    """
    most = np.int64(0)
    for row in range(len(offsets) - 1):
        most = max(most, first_words[row + 1] - first_words[row])
    keys, pieces, table = room(most)
    first_with = np.empty(most, np.uint32)
    chars = cut = np.int64(0)
    for row in range(len(offsets) - 1):
        first = first_words[row]
        text, end = offsets[row], offsets[row + 1]
        while cut < len(cuts) and cuts[cut] <= text:
            cut += 1
        distinct, slots = np.int64(0), FEW_SLOTS
        fill_table(keys, 0, table, slots)
        at = text
        is_glued = False
        for word in range(first_words[row + 1] - first):
            if not is_glued:
                at = skip_separators(data, at, end, classes)
            start = at
            stop = cuts[cut] if cut < len(cuts) and cuts[cut] < end else end
            while at < stop:
                code_point, after = decode(data, at)
                if class_of(code_point, classes) & SEPARATOR:
                    break
                chars += 1
                at = after
            if 2 * distinct == slots:
                slots *= 2
                fill_table(keys, distinct, table, slots)
            key, length = key_of(data, start, at), at - start
            piece = intern(data, text, start, length, key, distinct, keys, pieces, table, slots)
            if piece == distinct:
                first_with[piece] = word
                distinct += 1
            names[first + word] = first_with[piece]
            char_ends[first + word] = chars & 0xFFFFFFFF
            glued[first + word] = is_glued
            is_glued = at == stop and stop < end
            cut += is_glued


@njit(nogil=True, cache=True, forceinline=True)
def _read_word(
    data: Bytes, start: Int, end: Int, classes: Bytes, hundredths: Counts
) -> tuple[Int, Int, Int, Int]:
    """Return where a word ends, its characters, their class bits, and what `hundredths` adds to."""
    at = start
    chars = share = np.int64(0)
    seen: Int = np.int64(0)
    while at < end:
        if data[at] < 0x80 and at + 8 <= end:
            eight = eight_bytes(data, at)
            plain = first_marked(mark_spaces_and_others(eight))
            if plain:
                seen |= LETTER if mark_letters(first_bytes(eight, plain)) else 0
                chars += plain
                at += plain
                if plain == 8:
                    continue
        code_point, after = decode(data, at)
        kind = class_of(code_point, classes)
        if kind & SEPARATOR:
            break
        seen |= kind
        share += hundredths[kind >> SCRIPT_SHIFT]
        chars += 1
        at = after
    return at, chars, seen, share


@njit(nogil=True, cache=True)
def _most_words(offsets: Offsets) -> Int:
    """Return how many words a text may have."""
    longest = np.int64(0)
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest // 2 + 1
