"""What the UI shows of fine-tuning sets."""

from llm_assets.corpus.schema import SPLITS
from llm_assets.metadata import summary_metadata

BALANCE = {
    "ratings": {
        "good | bad": dict(zip(SPLITS, (3, 0, 1), strict=True)),
        "bad": dict(zip(SPLITS, (1, 0, 1), strict=True)),
    }
}
LENGTHS = {"ratings": {"edges": [10, 100, 1000], "counts": [2, 4]}}


def test_a_table_and_two_pictures_for_each_set() -> None:
    shown = summary_metadata({"class_balance": BALANCE, "text_lengths": LENGTHS})
    assert sorted(shown) == [
        "ratings_balance",
        "ratings_balance_chart",
        "ratings_text_length",
    ]
    lines = shown["ratings_balance"].value.splitlines()
    assert lines[0].startswith("| label | train | train share | validation |")
    assert lines[2] == r"| good \| bad | 3 | 75.0% | 0 |  | 1 | 50.0% | 66.7% |"
    for name in ("ratings_balance_chart", "ratings_text_length"):
        assert "](data:image/" in shown[name].value


def test_no_pictures_where_none_are_wanted() -> None:
    shown = summary_metadata({"class_balance": BALANCE, "text_lengths": LENGTHS}, pictures=False)
    assert list(shown) == ["ratings_balance"]


def test_an_empty_set_is_shown_too() -> None:
    empty = {"ratings": {"a": dict.fromkeys(SPLITS, 0)}}
    lengths = {"ratings": {"edges": [10, 100], "counts": [0]}}
    assert summary_metadata({"class_balance": empty, "text_lengths": lengths})
    assert summary_metadata({"class_balance": {"ratings": {}}, "text_lengths": lengths})
