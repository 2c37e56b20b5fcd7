import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from llm_assets.corpus.profiles.rules import JUDGEMENT
from llm_assets.corpus.profiles.url_rules import URL_REASONS, Entries, UrlRules, judge_urls

RULES = UrlRules.of(
    domains=["bad.example.co.uk", "evil.com", "github.io"],
    urls=["https://fine.org/bad-page"],
    hard_words=["Casino", "no-go"],
    soft_words=["free", "adult", "chat"],
    subwords=["bad word", "x99"],
    allowed_domains=["good.evil.com", "kind.org"],
)

VERDICTS = [
    ("https://evil.com/", "domain", None, "evil.com"),
    ("https://deep.below.evil.com/", "domain", None, "evil.com"),
    ("https://someone.github.io/", "domain", None, "github.io"),
    ("https://good.evil.com/casino/", None, None, None),
    ("https://kind.org/x99/free/adult", None, None, None),
    ("https://notevil.com/", None, None, None),
    ("https://example.co.uk/", None, None, None),
    ("https://bad.example.co.uk:8080/x", "subdomain", None, "bad.example.co.uk"),
    ("https://very.bad.example.co.uk/", None, None, None),
    ("https://fine.org/bad-page", "url", None, "https://fine.org/bad-page"),
    ("https://fine.org/bad-page?", None, None, None),
    ("https://fine.org/play-casino.html", "hard_blacklisted", None, "casino"),
    ("https://fine.org/nogo/casino", "hard_blacklisted", None, "nogo"),
    ("https://fine.org/no/go", None, None, None),
    ("https://fine.org/Casino", None, None, None),
    ("https://fine.org/mycasino", None, None, None),
    ("https://fine.org/free/free", None, None, None),
    ("https://fine.org/free?adult", "soft_blacklisted", 2.0, "free, adult"),
    ("https://chat.fine.org/free-adult", "soft_blacklisted", 3.0, "chat, free, adult"),
    ("https://fine.org/BAD/w.o.r.d", "blacklisted_subword", None, "badword"),
    ("https://fine.org/ax99x", "blacklisted_subword", None, "x99"),
    ("https://evil.com/casino/free/adult/x99", "domain", None, "evil.com"),
    ("", None, None, None),
    (None, None, None, None),
]


@pytest.mark.parametrize(("url", "reason", "measured", "detail"), VERDICTS)
def test_verdict(
    url: str | None, reason: str | None, measured: float | None, detail: str | None
) -> None:
    judged = judge_urls(pl.DataFrame({"url": [url]}, schema={"url": pl.String}), RULES)
    threshold = 2.0 if reason == "soft_blacklisted" else None
    verdict = "keep" if reason is None else "drop"
    assert judged.columns == ["url", *JUDGEMENT, "detail"]
    assert judged.row(0) == (url, verdict, reason, measured, threshold, detail)


def test_the_table_asks_every_rule() -> None:
    assert {reason for _, reason, *_ in VERDICTS} == {None, *URL_REASONS}


def test_without_lists_nothing_is_refused() -> None:
    urls = pl.DataFrame({"url": [url for url, *_ in VERDICTS]})
    assert judge_urls(urls, UrlRules.of())["verdict"].unique().to_list() == ["keep"]


def test_the_threshold_of_soft_words() -> None:
    rules = UrlRules.of(soft_words=["free", "adult", "chat"], soft_word_threshold=3)
    urls = pl.DataFrame({"url": ["http://a.org/free/adult", "http://a.org/free/adult/chat"]})
    judged = judge_urls(urls, rules)
    assert judged["verdict"].to_list() == ["keep", "drop"]
    assert judged["threshold"].to_list() == [None, 3.0]


def test_what_was_decided_before_stays() -> None:
    frame = pl.DataFrame(
        {
            "url": ["http://evil.com/"] * 3,
            "verdict": ["quarantine", "drop", "keep"],
            "reason": ["binary", "gopher_short_doc", None],
            "measured": [None, 4.0, None],
            "threshold": [None, 50.0, None],
            "detail": ["no text", None, None],
        }
    )
    judged = judge_urls(frame, RULES)
    assert_frame_equal(judged[:2], frame[:2])
    assert judged.row(2) == ("http://evil.com/", "drop", "domain", None, None, "evil.com")
    assert_frame_equal(judge_urls(judged, RULES), judged)


@pytest.mark.parametrize("list_name", ["hard_words", "soft_words", "subwords"])
def test_a_word_that_no_url_can_have_is_refused(list_name: str) -> None:
    with pytest.raises(ValueError, match="'---'"):
        UrlRules.of(**{list_name: ["fine", "---"]})


def test_a_threshold_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        UrlRules.of(soft_word_threshold=0)


@given(st.lists(st.text(max_size=3)), st.lists(st.one_of(st.none(), st.text(max_size=3))))
def test_entries_are_a_set(entries: list[str], values: list[str | None]) -> None:
    asked = pl.Series([*values, *entries[:3]], dtype=pl.String)
    held = Entries.of(entries).hold(asked).fill_null(value=False)
    assert held.to_list() == [value in set(entries) for value in asked]


words = st.sampled_from(["free", "adult", "casino", "x", "99", "evil", "fine", "www", "é", "BAD"])
urls = st.lists(st.one_of(words, st.sampled_from(list("/.-?:@#%_"))), max_size=9).map("".join)


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), urls.map("http://{}".format), urls, st.text())), st.data())
def test_each_url_is_judged_alone(values: list[str | None], data: st.DataObject) -> None:
    frame = pl.DataFrame({"url": values}, schema={"url": pl.String})
    judged = judge_urls(frame, RULES)
    cut = data.draw(st.integers(0, len(values)))
    assert_frame_equal(
        pl.concat([judge_urls(frame[:cut], RULES), judge_urls(frame[cut:], RULES)]), judged
    )
    assert_frame_equal(judge_urls(judged, RULES), judged)
    dropped = judged.filter(verdict="drop")
    assert dropped["reason"].null_count() == dropped["detail"].null_count() == 0
    assert judged.filter(verdict="keep")["detail"].null_count() == judged.height - dropped.height
