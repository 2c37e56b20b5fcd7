"""Refusing documents for their URL: listed sites and pages, and words that give a page away.

The rules, their order and their readings are those of the URL filter of datatrove 0.10, the first
step of FineWeb's and FineWeb-2's recipes; the lists are the user's. Read a URL as it does:

- A list of domains is held against the registered domain, then against the whole host. So
  `example.co.uk` covers every host below it, and `forum.example.co.uk` covers only itself.
- A listed URL is the whole URL, scheme included.
- Words of a URL are its runs of ASCII letters and digits. Words of the lists are stripped of all
  else and lowered, those of a URL are not: `Casino` in a URL is not `casino`.
- Banned sequences are looked for in the URL stripped of all but ASCII letters and digits, and
  lowered: `bad-word` is found in `/BAD/word/`, across what stood between.

The original never compares a host in other case or other encoding, and an address without a public
suffix, such as an IP address, is of no domain: to refuse those, list a word or a URL of theirs.
`allowed_domains` is our addition: what it covers, no rule refuses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self, get_args

import polars as pl

from llm_assets.corpus.profiles.filters import decide
from llm_assets.corpus.profiles.rules import UrlReason
from llm_assets.corpus.profiles.url_parts import url_parts

URL_REASONS: Final[tuple[UrlReason, ...]] = get_args(UrlReason)
"""The reasons for which a URL is refused, in the order in which they are asked."""

_WORD: Final = r"[a-zA-Z0-9]+"
_BETWEEN_WORDS: Final = r"[^a-zA-Z0-9]+"
_NOTHING: Final = pl.lit(None, pl.Float64)
_NO_MATCH: Final = pl.lit(None, pl.String)


@dataclass(frozen=True, slots=True)
class Entries:
    """A set of strings, of which there may be millions: sorted, 50 bytes an entry of 27 letters.

    A set of Python's takes more than twice as much. Hashing the entries anew for each batch, as a
    join does, takes 3 s for 5 million; a binary search takes 1 ms for 500 hosts among them.
    """

    sorted: pl.Series

    @classmethod
    def of(cls, entries: pl.Series | Iterable[str]) -> Self:
        """Build the set; repeated entries count once."""
        listed = entries if isinstance(entries, pl.Series) else pl.Series(entries, dtype=pl.String)
        return cls(listed.sort().rechunk())

    def hold(self, values: pl.Series) -> pl.Series:
        """Return of each value whether it is in the set; null where the value is null."""
        if self.sorted.is_empty():
            return pl.repeat(False, len(values), eager=True)
        places = self.sorted.search_sorted(values).clip(upper_bound=len(self.sorted) - 1)
        return self.sorted.gather(places) == values

    def __len__(self) -> int:
        return len(self.sorted)


@dataclass(frozen=True, slots=True, eq=False)
class UrlRules:
    """What is refused. Build it with `UrlRules.of`."""

    domains: Entries
    """Registered domains and hosts."""
    urls: Entries
    """Whole URLs."""
    hard_words: pl.Series
    """Words of which one in a URL is enough."""
    soft_words: pl.Series
    """Words of which `soft_word_threshold` different ones in a URL are enough."""
    subwords: pl.Series
    """Sequences of letters and digits of which one anywhere in a URL is enough."""
    allowed_domains: Entries
    """Registered domains and hosts whose pages no rule refuses."""
    soft_word_threshold: int

    @classmethod
    def of(
        cls,
        *,
        domains: pl.Series | Iterable[str] = (),
        urls: pl.Series | Iterable[str] = (),
        hard_words: pl.Series | Iterable[str] = (),
        soft_words: pl.Series | Iterable[str] = (),
        subwords: pl.Series | Iterable[str] = (),
        allowed_domains: pl.Series | Iterable[str] = (),
        soft_word_threshold: int = 2,
    ) -> Self:
        """Build rules from lists as a user writes them.

        Raises:
            ValueError: if a word has no ASCII letter or digit, so that it could not be found; or if
                `soft_word_threshold` is below 1.
        """
        if soft_word_threshold < 1:
            raise ValueError(f"soft_word_threshold must be at least 1: {soft_word_threshold}")
        return cls(
            domains=Entries.of(domains),
            urls=Entries.of(urls),
            hard_words=_words(hard_words),
            soft_words=_words(soft_words),
            subwords=_words(subwords),
            allowed_domains=Entries.of(allowed_domains),
            soft_word_threshold=soft_word_threshold,
        )


def _words(words: pl.Series | Iterable[str]) -> pl.Series:
    listed = words if isinstance(words, pl.Series) else pl.Series(words, dtype=pl.String)
    stripped = listed.str.replace_all(_BETWEEN_WORDS, "").str.to_lowercase()
    if (stripped == "").any():
        unfit = listed.filter(stripped == "")[0]
        raise ValueError(f"a word needs an ASCII letter or digit: {unfit!r}")
    return stripped.unique().sort()


def judge_urls(frame: pl.DataFrame, rules: UrlRules) -> pl.DataFrame:
    """Drop documents whose URL is refused, by the first rule that refuses it.

    A document that an earlier judgement did not keep stays as it is, as does one without a URL.

    Args:
        frame: with the column `url`; nulls are allowed.
        rules: what is refused.

    Returns:
        The frame with the columns of `JUDGEMENT` and `detail` added or brought up to date.
        `measured` is the number of soft words, and null where another rule decided. `detail` is
        what of the lists was found: the domain, the URL, the sequence, the first hard word, all of
        the soft words.
    """
    found = _find(frame["url"], rules)
    judged = frame if "verdict" in frame.columns else decide(frame, [])
    detail = pl.col("detail") if "detail" in frame.columns else _NO_MATCH
    stands = judged["verdict"] != "keep"
    judged = decide(judged.hstack(found), [_case(reason, rules) for reason in URL_REASONS])
    matched = pl.coalesce(
        pl.when(pl.col("reason") == reason).then(_match_of(reason)) for reason in URL_REASONS
    )
    return judged.with_columns(
        detail=pl.when(stands | (pl.col("verdict") == "keep")).then(detail).otherwise(matched)
    ).drop(found.columns)


def _case(reason: UrlReason, rules: UrlRules) -> tuple[pl.Expr, str, pl.Expr, pl.Expr]:
    if reason == "soft_blacklisted":
        count, most = pl.col(_SOFT_COUNT), rules.soft_word_threshold
        return count >= most, reason, count, pl.lit(most)
    return pl.col(_match_name(reason)).is_not_null(), reason, _NOTHING, _NOTHING


_SOFT_COUNT: Final = "soft words in the url"


def _match_name(reason: UrlReason) -> str:
    return f"match of {reason}"


def _match_of(reason: UrlReason) -> pl.Expr:
    return pl.col(_match_name(reason))


def _find(urls: pl.Series, rules: UrlRules) -> pl.DataFrame:
    """Return, for each rule, what of its list is in each URL; null where nothing is."""
    parts = url_parts(urls) if len(rules.domains) or len(rules.allowed_domains) else _unread(urls)
    domain, host = parts
    words = pl.col("url").str.extract_all(_WORD)
    letters = pl.col("url").str.replace_all(_BETWEEN_WORDS, "").str.to_lowercase()
    soft = words.list.eval(_among(rules.soft_words)).list.unique(maintain_order=True)
    listed: dict[UrlReason, pl.Expr] = {
        "domain": pl.when(rules.domains.hold(domain)).then(domain),
        "subdomain": pl.when(rules.domains.hold(host)).then(host),
        "url": pl.when(rules.urls.hold(urls)).then("url"),
        "hard_blacklisted": words.list.eval(_among(rules.hard_words)).list.first(),
        "soft_blacklisted": soft.list.join(", "),
        "blacklisted_subword": _first_subword(letters, rules.subwords),
    }
    allowed = rules.allowed_domains.hold(domain) | rules.allowed_domains.hold(host)
    refusable = ~allowed.fill_null(value=False) & urls.is_not_null()
    return (
        urls.alias("url")
        .to_frame()
        .select(
            pl.when(refusable).then(soft.list.len()).alias(_SOFT_COUNT),
            *(
                pl.when(refusable).then(match).alias(_match_name(reason))
                for reason, match in listed.items()
            ),
        )
    )


def _unread(urls: pl.Series) -> pl.DataFrame:
    nothing = pl.repeat(None, len(urls), dtype=pl.String, eager=True)
    return pl.DataFrame({"registered_domain": nothing, "host": nothing})


def _among(words: pl.Series) -> pl.Expr:
    element = pl.element()
    return element.filter(element.is_in(words.implode()))


def _first_subword(letters: pl.Expr, subwords: pl.Series) -> pl.Expr:
    """Return the sequence that ends first."""
    if subwords.is_empty():
        return _NO_MATCH
    return letters.str.extract_many(subwords.implode()).list.first()
