import base64
import re

from llm_assets.metadata import summary_metadata
from llm_assets.mixture_metadata import mixture_metadata

FIGURES = {
    "wanted": {"books": 100, "web": 50},
    "available": {"books": 20, "web": 400},
    "taken": {"books": 80, "web": 49},
    "documents": {"books": 2, "web": 40},
    "left_out": {"books": 0, "web": 35},
    "copies": {"books": 8, "web": 5},
}


def test_the_table_says_what_is_lacking() -> None:
    table = summary_metadata({"rows": 42, "mixture": FIGURES})["mixture"].value
    header, _, books, web = (re.split(r" *\| *", line.strip("| ")) for line in table.splitlines())
    assert dict(zip(header, books, strict=True)) == {
        "source": "books",
        "tokens wanted": "100",
        "tokens taken": "80",
        "tokens available": "20",
        "documents": "2",
        "left out": "0",
        "copies": "8",
        "tokens lacking": "20",
        "repeats": "4",
    }
    assert web[-1] == "0.12"


def test_the_picture_shows_wanted_and_taken() -> None:
    drawn = mixture_metadata(FIGURES)["mixture_chart"].value
    svg = base64.b64decode(drawn.partition("base64,")[2].rstrip(")")).decode()
    for words in ("Training tokens by source", "grey: wanted, blue: taken", "books", "100", "80"):
        assert words in svg


def test_a_shard_that_does_not_know_what_is_wanted_has_no_picture() -> None:
    assert set(mixture_metadata({**FIGURES, "wanted": {}})) == {"mixture"}
    assert set(mixture_metadata(FIGURES, pictures=False)) == {"mixture"}


def test_no_documents_have_no_figures() -> None:
    assert mixture_metadata({name: {} for name in FIGURES}) == {}
