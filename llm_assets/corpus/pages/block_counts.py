"""What a piece of text holds, counted into its block: kernels compiled by Numba."""

from typing import Final

import numpy as np
from numba import njit

from llm_assets.corpus.pages.html_scan import (
    AMPERSAND,
    BLANK,
    SEMICOLON,
    Bytes,
    Int,
    Keys,
    Values,
    hash_on,
    hash_start,
    look_up,
)
from llm_assets.corpus.pages.page_tables import (
    CHARS,
    COMMA,
    COMMAS,
    CURRENCY,
    DIGIT,
    DIGITS,
    END,
    LAST_BITS,
    LINK_CHARS,
    LOWER,
    LOWER_WORDS,
    MARK,
    MARKS,
    MONEY,
    SPACE,
    TELLING,
    TEXT_HASH,
    TITLE_WORDS,
    UPPER,
    UPPER_CASE,
    WORD,
    WORDS,
)

_WIDE: Final = 3
_MOST_TELLING: Final = 1_000_000_000


@njit(nogil=True, cache=True)
def read_text(
    data: Bytes,
    at: Int,
    end: Int,
    in_link: bool,
    byte_kinds: Bytes,
    title: Keys,
    words: tuple[Keys, Values],
    block: Values,
) -> None:
    """Count what a piece of text holds into its block."""
    chars = count = lower_words = upper = digits = marks = commas = money = wide = shared = 0
    telling = np.int64(0)
    state = hash_start()
    text_hash = np.uint32(block[TEXT_HASH])
    in_word = False
    last: Int = np.int64(0)
    while at < end:
        byte = data[at]
        bits: Int = np.int64(byte_kinds[byte])
        if byte == AMPERSAND:  # an entity: &nbsp; or one of & < >
            is_space = data[min(at + 1, end - 1)] == 0x6E
            while at < end and data[at] != SEMICOLON:
                at += 1
            bits = SPACE if is_space else 0
        elif byte >= 0xC2:
            bits = _wide_kind(data, at, end)
            if bits == WORD and 0xE3 <= byte <= 0xED:
                wide += 1
        at += 1
        if bits & SPACE or byte & 0xC0 == 0x80:
            if in_word and bits & SPACE:
                in_word = False
                shared += _is_noted(state, title)
                telling += look_up(state, words[0], words[1])
            elif in_word:
                state = hash_on(state, byte)
            continue
        chars += 1
        last = bits
        if bits & WORD:
            if not in_word:
                in_word = True
                count += 1
                lower_words += bits & LOWER != 0
                state = hash_start()
            folded = byte | 0x20 if byte < 0x80 else byte
            state = hash_on(state, folded)
            text_hash = (text_hash ^ np.uint32(folded)) * np.uint32(0x01000193)
            upper += bits & UPPER_CASE != 0
            digits += bits & DIGIT != 0
        else:
            if in_word:
                in_word = False
                shared += _is_noted(state, title)
                telling += look_up(state, words[0], words[1])
            marks += bits & MARK != 0
            commas += bits & COMMA != 0
            money += bits & CURRENCY != 0
    if in_word:
        shared += _is_noted(state, title)
        telling += look_up(state, words[0], words[1])
    weight = chars + (_WIDE - 1) * wide
    block[END] = end
    block[CHARS] += weight
    block[LINK_CHARS] += weight if in_link else 0
    block[WORDS] += count + wide // 2
    block[LOWER_WORDS] += lower_words
    block[UPPER] += upper
    block[DIGITS] += digits
    block[MARKS] += marks
    block[COMMAS] += commas
    block[TITLE_WORDS] += shared
    block[MONEY] += money
    block[TELLING] = max(-_MOST_TELLING, min(_MOST_TELLING, block[TELLING] + telling))
    block[LAST_BITS] = last
    block[TEXT_HASH] = np.int32(text_hash)


@njit(nogil=True, cache=True)
def _wide_kind(data: Bytes, at: Int, end: Int) -> Int:
    """Return what a character beyond ASCII is."""
    first = data[at]
    second = data[at + 1] if at + 1 < end else 0
    third = data[at + 2] if at + 2 < end else 0
    if first == 0xE3 and second == 0x80:
        return MARK if third == 0x82 else COMMA if third == 0x81 else 0
    if first == 0xEF and second == 0xBC:
        if third == 0x81 or third == 0x9F or third == 0x8E:
            return MARK
        return COMMA if third == 0x8C or third == 0x9A or third == 0x9B else WORD
    if first == 0xE2:
        if second == 0x82 and third == 0xAC:
            return CURRENCY
        return MARK if second == 0x80 and third == 0xA6 else 0 if second <= 0xAF else WORD
    if first == 0xC2:
        if second == 0xA0:
            return SPACE
        return CURRENCY if second == 0xA3 or second == 0xA5 else 0
    if (first == 0xD8 and second == 0x9F) or (first == 0xE0 and second == 0xA5 and third == 0xA4):
        return MARK
    return COMMA if first == 0xD8 and second == 0x8C else WORD


@njit(nogil=True, cache=True)
def note_words(data: Bytes, at: Int, end: Int, byte_kinds: Bytes, noted: Keys) -> None:
    """Note the words of a title, as many as half of the table holds."""
    state = hash_start()
    in_word = False
    count = 0
    for i in range(at, end + 1):
        byte = data[i] if i < end else BLANK
        if byte_kinds[byte] & WORD or byte >= 0x80:
            state = hash_on(
                state if in_word else hash_start(), byte | 0x20 if byte < 0x80 else byte
            )
            in_word = True
        elif in_word:
            in_word = False
            if count < len(noted) // 2 and not _is_noted(state, noted):
                slot = state & np.uint64(len(noted) - 1)
                while noted[slot] != 0:
                    slot = (slot + np.uint64(1)) & np.uint64(len(noted) - 1)
                noted[slot] = state
                count += 1


@njit(nogil=True, cache=True)
def _is_noted(state: Int, noted: Keys) -> bool:
    mask = np.uint64(len(noted) - 1)
    slot = state & mask
    while noted[slot] != 0:
        if noted[slot] == state:
            return True
        slot = (slot + np.uint64(1)) & mask
    return False
