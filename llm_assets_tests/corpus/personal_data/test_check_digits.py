"""Check digits against published examples, and what they must notice."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_assets.corpus.personal_data.check_digits import (
    is_day,
    passes_ean,
    passes_luhn,
    passes_mod_11_10,
    passes_verhoeff,
    weighted_sum,
)

CHECKS = [passes_luhn, passes_verhoeff, passes_mod_11_10, passes_ean]


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (passes_luhn, "4111111111111111"),
        (passes_luhn, "79927398713"),
        (passes_verhoeff, "2363"),
        (passes_mod_11_10, "86095742719"),
        (passes_ean, "4006381333931"),
    ],
)
def test_published_examples(check: Callable[[str], bool], number: str) -> None:
    assert check(number)


@pytest.mark.parametrize("check", CHECKS)
@given(st.text("0123456789", min_size=2, max_size=20), st.data())
def test_one_digit_fits_and_no_other(
    check: Callable[[str], bool], digits: str, data: st.DataObject
) -> None:
    fitting = [digits + last for last in "0123456789" if check(digits + last)]
    assert len(fitting) == 1
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    assert not check(fitting[0][:place] + other + fitting[0][place + 1 :])


@given(st.text("0123456789", min_size=3, max_size=20), st.integers(0, 18))
def test_verhoeff_notices_neighbours_exchanged(digits: str, place: int) -> None:
    number = next(digits + last for last in "0123456789" if passes_verhoeff(digits + last))
    place %= len(number) - 1
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert passes_verhoeff(swapped) == (swapped == number)


def test_weights_beyond_the_digits_do_not_count() -> None:
    assert weighted_sum("123", (3, 2)) == 7
    assert weighted_sum("12", (3, 2, 1)) == 7


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (2, "29", True),
        ("02", 30, False),
        (4, 31, False),
        (0, 1, False),
        (13, 1, False),
        (1, 0, False),
    ],
)
def test_days(month: int | str, day: int | str, expected: bool) -> None:
    assert is_day(month, day) is expected
