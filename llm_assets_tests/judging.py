"""Judging documents by profiles alone, without languages, sources and settings of one's own."""

from collections.abc import Sequence

import polars as pl

from llm_assets.corpus.profiles.filters import decide, profile_named


def judge(frame: pl.DataFrame, profiles: Sequence[str]) -> pl.DataFrame:
    """Judge by the profiles' rules, in order; the first that is broken gives the reason."""
    return decide(frame, [rule.case for name in profiles for rule in profile_named(name).rules])
