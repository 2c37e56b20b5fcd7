"""Names of months."""

import pytest

from llm_assets.corpus.pages.month_names import month_number


@pytest.mark.parametrize(
    ("name", "language", "month"),
    [
        ("January", None, 1),
        ("février", None, 2),
        ("März", None, 3),
        ("ABRIL", None, 4),
        ("мая", None, 5),
        ("kesäkuuta", None, 6),
        ("июль", None, 7),
        ("αυγούστου", None, 8),
        ("sept", None, 9),
        ("październik", None, 10),
        ("kasım", None, 11),
        ("ديسمبر", None, 12),
        ("listopad", "pl-PL", 11),
        ("Listopad", "hr", 10),
        ("srp", "cs", 8),
        ("srp", "hr", 7),
        ("listopad", None, None),
        ("listopad", "en", None),
        ("smarch", "en", None),
        ("", None, None),
    ],
)
def test_months_by_name(name: str, language: str | None, month: int | None) -> None:
    assert month_number(name, language) == month
