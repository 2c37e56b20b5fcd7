"""Verdicts reached anew from stored rows are those of cleaning again, whatever the settings."""

from dataclasses import replace
from functools import cache
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.clean import CleaningPlan, clean, cleaned_schema
from llm_assets.corpus.extract import extract_documents
from llm_assets.corpus.profiles.url_rules import UrlRules
from llm_assets.corpus.schema import RAW
from llm_assets.corpus.verdicts import (
    Judging,
    OwnRule,
    UnmeasuredError,
    condition_problem,
    judge_again,
    reach_verdicts,
)


def english(sentences: int, seed: int = 0) -> str:
    """Sentences that repeat nothing but their small words."""
    chance = Random(seed)

    def word() -> str:
        return "".join(chance.choices("abcdefghilmnoprst", k=6))

    return " ".join(
        f"The {word()} and {word()} {word()} of that {word()} have {word()} to be {word()}."
        for _ in range(sentences)
    )


PAGES = [
    english(9),
    "\n".join(f"{english(1, i)[:-1]}" for i in range(9)),
    "Short.",
    "Die Katze und der Hund waren mit uns bis zum Ende des Tages, und die Sonne schien hell.",
    "# # # " * 80,
    "Write to jane.doe@example.org today. " + english(7, 9),
    "   ",
]


@cache
def raw() -> pl.DataFrame:
    rows = [
        {
            "doc_id": f"{i:032x}",
            "source": "ab"[i % 2],
            "object_key": f"{i}.txt",
            "url": f"https://site{i % 3}.org/casino-bonus-{i}" if i % 4 else None,
            "input_hash": str(i),
            "media_type": "text/plain",
            "payload": text.encode(),
        }
        for i, text in enumerate(PAGES)
    ]
    broken = {"doc_id": "f" * 32, "source": "a", "quarantine_reason": "malformed", "payload": b""}
    return pl.DataFrame([*rows, broken], schema=RAW)


URLS = [
    None,
    UrlRules.of(domains=["site1.org"]),
    UrlRules.of(soft_words=["casino", "bonus"], domains=["site0.org"]),
]
JUDGINGS = st.builds(
    Judging,
    languages=st.sampled_from([(), ("en",), ("de", "en")]),
    language_score=st.sampled_from([0.0, 0.65, 0.99]),
    profiles=st.sampled_from([(), ("gopher@paper",), ("gopher@paper", "fineweb@0.10")]),
    profiles_of_source=st.sampled_from([{}, {"b": ("fineweb@paper",)}]),
    thresholds=st.dictionaries(
        st.sampled_from(["gopher_short_doc", "line_punct_ratio", "duplicated_5_n_grams"]),
        st.sampled_from([0.0, 0.5, 100.0]),
    ),
    rules=st.sampled_from([(), (OwnRule("long", "word_count > 90 AND language = 'en'"),)]),
    urls=st.sampled_from(URLS),
)


def cleaned(judging: Judging) -> pl.DataFrame:
    plan = CleaningPlan("web", judging, ("email",), cleaned_schema([()]))
    return clean(raw(), plan, lambda frame: extract_documents(frame, "default"))


@settings(deadline=None, max_examples=60)
@given(JUDGINGS, JUDGINGS)
def test_judging_again_equals_cleaning_again(before: Judging, now: Judging) -> None:
    settled, wanting = judge_again(cleaned(before), now)
    again = cleaned(now)
    ids = settled["doc_id"].to_list()
    assert sorted([*ids, *wanting["doc_id"]]) == sorted(again["doc_id"])
    expected = again.filter(pl.col("doc_id").is_in(ids))
    assert_frame_equal(settled.sort("doc_id"), expected.sort("doc_id"))


def test_only_what_is_newly_kept_is_read_again() -> None:
    strict = cleaned(Judging(profiles=("gopher@paper",)))
    settled, wanting = judge_again(strict, Judging())
    newly_kept = strict.filter(verdict="drop")["doc_id"].to_list()
    assert len(newly_kept) == 3  # the short one, the German one and the signs
    assert wanting["doc_id"].to_list() == newly_kept
    assert judge_again(cleaned(Judging()), Judging(profiles=("gopher@paper",)))[1].is_empty()
    assert settled.filter(verdict="keep")["text"].null_count() == 0


def test_a_chain_that_cuts_lines_leaves_the_text_it_judged() -> None:
    chain = ("gopher@paper", "c4@tfds", "fineweb@0.10")
    plan = CleaningPlan("web", Judging(profiles=chain), ("email",), cleaned_schema([chain]))
    page = english(9).replace(". ", ".\n") + "\nThis page needs javascript to be seen well."
    frame = raw()[:2].with_columns(payload=pl.lit(page.encode()))
    cleaned_rows = clean(frame, plan, lambda rows: extract_documents(rows, "default"))
    row = cleaned_rows.row(0, named=True)
    assert row["verdict"] == "keep"
    assert "javascript" not in row["text"]
    assert row["text_chars"] == len(row["text"])
    # Gopher saw the line that C4 cut, FineWeb did not.
    assert row["word_count"] == len(page.split())
    assert row["line_count"] == 9
    assert cleaned_rows.schema == plan.schema


def test_the_order_of_judgements() -> None:
    everything = Judging(
        languages=("de", "en"),
        profiles=("gopher@paper",),
        rules=(OwnRule("mine", "word_count > 0"),),
        urls=URLS[1],
    )
    reasons = dict(cleaned(everything).select("doc_id", "reason").iter_rows())
    assert reasons[f"{0:032x}"] == "mine"
    assert reasons[f"{1:032x}"] == "domain"
    assert reasons[f"{2:032x}"] == "gopher_short_doc"
    assert reasons[f"{4:032x}"] == "language_not_wanted"
    assert reasons["f" * 32] == "malformed"


def test_a_limit_of_ones_own_is_told_in_the_verdict() -> None:
    judging = Judging(profiles=("gopher@paper",), thresholds={"gopher_short_doc": 200})
    row = cleaned(judging).row(0, named=True)
    assert (row["reason"], row["measured"], row["threshold"]) == ("gopher_short_doc", 117, 200)


def test_a_signal_that_was_not_measured() -> None:
    frame = cleaned(Judging()).drop("word_count")
    with pytest.raises(UnmeasuredError, match=r"gopher@paper.*word_count.*materialize"):
        reach_verdicts(frame, Judging(profiles=("gopher@paper",)))
    with pytest.raises(UnmeasuredError, match="word_count"):
        reach_verdicts(frame, replace(Judging(), rules=(OwnRule("x", "word_count > 1"),)))


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("word_count < 20 AND language = 'en'", None),
        ("text_bytes / 2 > 10 OR url LIKE '%/tag/%'", None),
        ("words < 20", "unable to find column"),
        ("word_count", "must be true or false"),
        ("text LIKE '%advertisement%'", "unable to find column"),  # dropped documents have none
        ("pii_count > 9", "unable to find column"),  # counted in kept documents only
        ("labels LIKE '%spam%' AND title IS NULL", None),
        ("word_count > AVG(word_count)", "one document alone"),
        ("text_chars > SUM(text_chars) OVER (PARTITION BY source)", "one document alone"),
        ("COUNT(*) > 5", "one document alone"),
        ("word_count > (SELECT 1)", "no condition"),
        ("title = 'Agg' OR LOWER(source) IN ('len', 'over')", None),
        ("CASE WHEN language = 'en' THEN word_count < 5 ELSE FALSE END", None),
        ("word_count <", "no condition"),
        ("", "no condition"),
        ("select 1", "no condition"),
    ],
)
def test_conditions_are_checked(condition: str, problem: str | None) -> None:
    found = condition_problem(condition)
    assert (found is None) == (problem is None)
    assert problem is None or problem in (found or "")
