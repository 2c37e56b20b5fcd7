"""Measuring what a chain of quality profiles asks, each on the text as it finds it.

Some rule sets also cut lines (C4), and the rule sets behind them were published for what is left.
So a signal is measured on the text as it stands when the first profile of the chain asks for it,
and stays as it is then.
"""

from collections.abc import Sequence

import polars as pl

from llm_assets.corpus.profiles.filters import profile_named
from llm_assets.corpus.profiles.rules import Profile
from llm_assets.corpus.schema import SIGNALS
from llm_assets.corpus.signals import NGRAM_SIGNALS, measure_signals

_SIZES = ("text_bytes", "text_chars")


def measure_chain(frame: pl.DataFrame, chain: Sequence[str]) -> pl.DataFrame:
    """Measure what the profiles ask, and leave the text as they leave it.

    Args:
        frame: with the columns `text`, `language` and `url`.
        chain: names of profiles, in the order in which they are asked.

    Returns:
        The frame with SIGNALS and the signals of `chain_signals(chain)`, its text edited. The sizes
        among SIGNALS are those of the edited text.
    """
    original = frame["text"]
    frame = measure_signals(frame)
    asked: set[str] = set()
    for profile in map(profile_named, chain):
        frame = _measure_afresh(frame, original, _asks(profile) - asked)
        asked |= _asks(profile)
        if profile.signals is not None and not set(profile.signals.schema) <= set(frame.columns):
            frame = frame.hstack(profile.signals.measure(frame.select("text", "language", "url")))
        if profile.edit is not None:
            frame = frame.with_columns(profile.edit(frame.select("text", "language")).alias("text"))
    text = pl.col("text")
    return frame.with_columns(
        text_bytes=text.str.len_bytes().cast(SIGNALS["text_bytes"]),
        text_chars=text.str.len_chars().cast(SIGNALS["text_chars"]),
    )


def chain_signals(chain: Sequence[str]) -> pl.Schema:
    """Return the columns that the profiles measure beyond SIGNALS."""
    sets = [profile_named(name).signals for name in chain]
    return pl.Schema({k: v for each in sets if each is not None for k, v in each.schema.items()})


def chain_reading(chain: Sequence[str]) -> list[str]:
    """Name what decides which text each signal of a chain is measured on, and what is left of it.

    Chains that read alike differ in their rules alone: verdicts by the one can be reached from what
    was measured for the other.
    """
    own = [name for name in chain if profile_named(name).signals or profile_named(name).edit]
    return list(chain) if any(profile_named(name).edit for name in own) else sorted(set(own))


def _asks(profile: Profile) -> set[str]:
    return {rule.signal for rule in profile.rules} & set(SIGNALS)


def _measure_afresh(frame: pl.DataFrame, original: pl.Series, names: set[str]) -> pl.DataFrame:
    """Measure these of SIGNALS again in the texts that an earlier profile has edited."""
    edited = frame["text"].ne_missing(original)
    if not names or not edited.any():
        return frame
    texts = frame.filter(edited).drop(SIGNALS.names())
    again = measure_signals(texts, ngrams=not names.isdisjoint(NGRAM_SIGNALS)).select(sorted(names))
    rows = frame.select(_row=pl.int_range(pl.len(), dtype=pl.UInt32)).filter(edited)
    return (
        frame.with_row_index("_row")
        .update(again.hstack(rows), on="_row", include_nulls=True)
        .drop("_row")
    )
