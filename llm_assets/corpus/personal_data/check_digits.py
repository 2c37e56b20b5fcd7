"""Check digits: the arithmetic that tells a number that was issued from one that was not."""

from collections.abc import Sequence
from itertools import cycle
from typing import Final

# The dihedral group of order ten, and the permutation that Verhoeff applies by position.
_VERHOEFF_PRODUCT: Final = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_VERHOEFF_PERMUTATION: Final = (
    *("0123456789", "1576283094", "5803796142", "8916043527", "9453126870"),
    *("4286573901", "2793806415", "7046913258"),
)


def passes_luhn(number: str) -> bool:
    """Whether the last digit is Luhn's (ISO/IEC 7812-1, annex B)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (doubled + sum(map(int, number[-1::-2]))) % 10 == 0


def passes_verhoeff(number: str) -> bool:
    """Whether the last digit is Verhoeff's (Error Detecting Decimal Codes, 1969)."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(_VERHOEFF_PRODUCT[check][int(_VERHOEFF_PERMUTATION[place % 8][int(digit)])])
    return check == 0


def passes_mod_11_10(number: str) -> bool:
    """Whether the last digit is that of ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in number[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (product + int(number[-1])) % 10 == 1


def passes_ean(number: str) -> bool:
    """Whether the last digit is that of an EAN, or of any number weighted by 1 and 3."""
    return sum(int(digit) * weight for digit, weight in zip(number[::-1], cycle((1, 3)))) % 10 == 0


def weighted_sum(number: str, weights: Sequence[int]) -> int:
    """Return the sum of the first digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day(month: int | str, day: int | str) -> bool:
    """Whether a month has such a day, in a leap year at least."""
    return 1 <= int(month) <= len(_DAYS) and 1 <= int(day) <= _DAYS[int(month) - 1]
