"""The signs of personal data in texts in Arrow buffers: kernels compiled by Numba.

One pass over the bytes, at some 500 MB/s: nothing is kept of a line but what was seen in it.
"""

from typing import Final, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.word_kernels import Bytes, Int, Offsets

Flag: TypeAlias = bool | np.bool_
Lines: TypeAlias = NDArray[np.int64]

AT_SIGN: Final = 1
"""An at sign with something before and behind it."""
ADDRESS: Final = 2
"""Four numbers with dots, or the first two groups of a public IPv6 address."""
CALL: Final = 4
"""Seven digits behind a plus or from a zero on, or ten digits, with up to four signs between."""
NUMBER: Final = 8
"""Eight digits so, or six beside a capital letter."""
TOKEN: Final = 16
"""Twenty letters, digits, `_` and `-` in a row with a digit, or a capital letter in their midst."""
ASSIGNMENT: Final = 32
"""A name as `password` or `key`, then `=` or `:`, then eight signs; or an at sign in a URL."""

DIGIT, LOWER, UPPER, UNDERSCORE, HYPHEN = range(5)
"""Classes of the characters of a token."""
OTHER_LETTER, OTHER_DIGIT, GAP, PLUS, AT, DOT, COLON, EQUALS, LINE_END = range(5, 14)
CLASSIFIED: Final = 0x20000
"""Code points with a class; beyond are only letters, private characters and none at all."""

_TOKEN_BYTES: Final = 20
_MOST_GAP: Final = 4
_MOST_GAP_BEHIND_PLUS: Final = 3
_NAME_ENDS: Final = tuple(
    int.from_bytes(end, "little")
    for end in (b"ord", b"swd", b"pwd", b"ase", b"ret", b"ken", b"key", b"ial", b"als")
)
"""password, passwd, pwd, passphrase, secret, token, key, credential, credentials."""
_ASSIGNED_BYTES: Final = 8


@njit(nogil=True, cache=True)
def find_lines(data: Bytes, offsets: Offsets, classes: Bytes, quiet: Bytes, wanted: Int) -> Lines:
    """Find the lines in which some of the wanted signs are.

    Args:
        data: the texts' bytes.
        offsets: where each text starts, and the end of the last.
        classes: the class of each code point below `CLASSIFIED`.
        quiet: for each byte, whether it stands in no character that starts anything.
        wanted: the signs, added up.

    Returns:
        A row for each line: the number of its text, its first byte, the byte behind its last, and
        the wanted signs in it.
    """
    found = np.empty((1024, 4), np.int64)
    count = 0
    for row in range(len(offsets) - 1):
        start = offsets[row]
        end = offsets[row + 1]
        while start <= end:
            line_end, signs = _scan_line(data, start, end, classes, quiet)
            if signs & wanted:
                if count == len(found):
                    grown = np.empty((2 * count, 4), np.int64)
                    grown[:count] = found
                    found = grown
                found[count, 0], found[count, 1] = row, start
                found[count, 2], found[count, 3] = line_end, signs & wanted
                count += 1
            start = line_end + 1
    return found[:count]


@njit(nogil=True, cache=True)
def _scan_line(data: Bytes, start: Int, end: Int, classes: Bytes, quiet: Bytes) -> tuple[Int, Int]:
    """Return where the line that starts at a byte ends, and what was seen in it."""
    signs: Int = 0
    digits: Int = 0
    gap: Int = 0
    behind_plus: Int = -1  # characters since a plus, or -1
    from_plus: Flag = False
    from_zero: Flag = False
    beside_capital: Flag = False
    is_mixed: Flag = False
    in_url: Flag = False
    token: Int = start
    at: Int = start
    while True:
        if digits == 0 and behind_plus < 0 and not is_mixed:
            while at < end and quiet[data[at]]:
                at += 1
        kind: Int = LINE_END
        after: Int = at + 1
        if at < end:
            kind, after = _class_at(data, at, classes)
        if kind == DIGIT or kind == OTHER_DIGIT:  # noqa: SIM109 - Numba builds a tuple
            from_zero |= (gap > 0 or digits == 0) and data[at] == 0x30
            if digits == 0:
                from_plus = behind_plus >= 0
                beside_capital = _is_capital_before(data, at, start)
            digits += 1
            gap = 0
            behind_plus = -1
            if not is_mixed:
                token = _token_start(data, at, start, classes)
                is_mixed = True
        elif kind <= UNDERSCORE or kind == OTHER_LETTER:
            if kind == UPPER and not is_mixed:
                token = _token_start(data, at, start, classes)
                is_mixed = token < at
            beside_capital |= kind == UPPER and gap <= 1
            behind_plus = -1
            # One capital letter may stand in the midst of digits, as in 131052A308T.
            if kind != UPPER or gap > 0 or not _is_digit(data, at + 1, end):
                signs |= _signs_of_digits(digits, from_plus, from_zero, beside_capital)
                digits = gap = 0
                from_zero = False
        else:
            gap += digits > 0
            behind_plus = behind_plus + 1 if 0 <= behind_plus < _MOST_GAP_BEHIND_PLUS else -1
            if gap > _MOST_GAP or kind == PLUS or kind == LINE_END:  # noqa: SIM109 - as above
                signs |= _signs_of_digits(digits, from_plus, from_zero, beside_capital)
                if kind == PLUS:  # in a Swedish or Finnish number it stands for a century
                    signs |= NUMBER * (digits >= 6 and _is_digit(data, after, end))
                    behind_plus = 0
                digits = gap = 0
                from_zero = False
            if kind >= AT:
                signs |= _signs_around(data, at, start, end, kind, in_url)
                in_url |= kind == COLON and after < end and data[after] == 0x2F
        if kind >= OTHER_LETTER:
            signs |= TOKEN * (is_mixed and at - token >= _TOKEN_BYTES)
            is_mixed = False
        if kind == LINE_END:
            return at, signs
        at = after


@njit(nogil=True, cache=True)
def _signs_of_digits(digits: Int, from_plus: Flag, from_zero: Flag, beside_capital: Flag) -> Int:
    is_call = digits >= 10 or (digits >= 7 and (from_plus or from_zero))
    is_number = digits >= 8 or (digits >= 6 and beside_capital)
    return CALL * is_call | NUMBER * is_number


@njit(nogil=True, cache=True)
def _signs_around(data: Bytes, at: Int, start: Int, end: Int, kind: Int, in_url: Flag) -> Int:
    """Return what a dot, a colon, an at or an equals sign is in the midst of."""
    if kind == DOT:
        return ADDRESS * _is_dotted(data, at, start, end)
    if kind == AT:
        if at == start or at + 1 >= end or data[at - 1] <= 0x20 or data[at + 1] <= 0x20:
            return 0
        return AT_SIGN | ASSIGNMENT * in_url
    if kind == LINE_END:
        return 0
    is_address = kind == COLON and _is_in_groups(data, at, start, end)
    return ADDRESS * is_address | ASSIGNMENT * _is_assignment(data, at, start, end)


@njit(nogil=True, cache=True)
def _class_at(data: Bytes, at: Int, classes: Bytes) -> tuple[Int, Int]:
    """Return the class of the character at a byte of valid UTF-8, and where the next starts."""
    lead = np.int64(data[at])
    if lead < 0x80:
        return np.int64(classes[lead]), at + 1
    if lead < 0xE0:
        return np.int64(classes[(lead & 0x1F) << 6 | np.int64(data[at + 1]) & 0x3F]), at + 2
    middle = np.int64(data[at + 1]) & 0x3F
    last = np.int64(data[at + 2]) & 0x3F
    if lead < 0xF0:
        return np.int64(classes[(lead & 0x0F) << 12 | middle << 6 | last]), at + 3
    point = (lead & 7) << 18 | middle << 12 | last << 6 | np.int64(data[at + 3]) & 0x3F
    return (np.int64(classes[point]) if point < CLASSIFIED else OTHER_LETTER), at + 4


@njit(nogil=True, cache=True)
def _token_start(data: Bytes, at: Int, start: Int, classes: Bytes) -> Int:
    """Return where the token begins that has a byte, as far as that matters."""
    first = max(start, at - _TOKEN_BYTES)
    while at > first and data[at - 1] < 0x80 and classes[data[at - 1]] < OTHER_LETTER:
        at -= 1
    return at


@njit(nogil=True, cache=True)
def _is_digit(data: Bytes, at: Int, end: Int) -> Flag:
    return at < end and 0x30 <= np.int64(data[at]) <= 0x39


@njit(nogil=True, cache=True)
def _is_hexadecimal(data: Bytes, at: Int) -> Flag:
    return _is_digit(data, at, at + 1) or 0x41 <= (np.int64(data[at]) & 0xDF) <= 0x46


@njit(nogil=True, cache=True)
def _is_capital(data: Bytes, at: Int, start: Int) -> Flag:
    return at >= start and 0x41 <= np.int64(data[at]) <= 0x5A


@njit(nogil=True, cache=True)
def _is_capital_before(data: Bytes, at: Int, start: Int) -> Flag:
    """Whether a capital letter stands before a byte, or one separator further."""
    if _is_capital(data, at - 1, start):
        return True
    is_apart = at > start and (data[at - 1] == 0x20 or data[at - 1] == 0x2D)
    return is_apart and _is_capital(data, at - 2, start)


@njit(nogil=True, cache=True)
def _is_dotted(data: Bytes, at: Int, start: Int, end: Int) -> Flag:
    """Whether a dot is the first of three between numbers of up to three digits."""
    if at == start or not _is_digit(data, at - 1, end):
        return False
    for _ in range(2):
        digits = 0
        at += 1
        while digits < 3 and _is_digit(data, at, end):
            digits += 1
            at += 1
        if digits == 0 or at == end or data[at] != 0x2E:
            return False
    return _is_digit(data, at + 1, end)


@njit(nogil=True, cache=True)
def _is_in_groups(data: Bytes, at: Int, start: Int, end: Int) -> Flag:
    """Whether a colon ends the first group of a public IPv6 address, and another the second."""
    if at - start < 4 or not 0x32 <= np.int64(data[at - 4]) <= 0x33:
        return False
    for i in range(at - 3, at):
        if not _is_hexadecimal(data, i):
            return False
    for i in range(at + 1, min(at + 6, end)):
        if data[i] == 0x3A:
            return True
        if not _is_hexadecimal(data, i):
            return False
    return False


@njit(nogil=True, cache=True)
def _is_assignment(data: Bytes, at: Int, start: Int, end: Int) -> Flag:
    """Whether a secret's name stands before `=` or `:`, and enough behind it."""
    last = at - 1
    for _ in range(3):
        if last >= start and (data[last] == 0x20 or data[last] == 0x09):
            last -= 1
    # "the password is: ..."
    if last >= start + 3 and data[last] == 0x73 and data[last - 1] == 0x69:
        last -= 3 * (data[last - 2] == 0x20)
    for _ in range(2):
        if last >= start and _is_quote(np.int64(data[last])):
            last -= 1
    if last - start < 2:
        return False
    packed = np.int64(0)
    for i in range(3):
        packed |= (np.int64(data[last - 2 + i]) | 0x20) << 8 * i
    for name_end in _NAME_ENDS:
        if packed == name_end:
            return _is_long_enough(data, at, end)
    return False


@njit(nogil=True, cache=True)
def _is_long_enough(data: Bytes, at: Int, end: Int) -> Flag:
    """Whether behind an operator, spaces and a quote stand enough signs in a row."""
    signs = 0
    for i in range(at + 1, min(at + 7 + _ASSIGNED_BYTES, end)):
        signs = signs + 1 if 0x20 < np.int64(data[i]) < 0x7F else 0
        if signs == _ASSIGNED_BYTES:
            return True
    return False


@njit(nogil=True, cache=True)
def _is_quote(byte: Int) -> Flag:
    return byte == 0x22 or byte == 0x27 or byte == 0x5D or byte == 0x60
