"""Personal data and secrets out of texts: each value becomes a placeholder of its kind.

A compiled kernel finds the lines that may hold something, which few do (`pii_suspects.py`); the
rules of the kinds, in Python, look at those only. No value is sought across lines but private keys.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Final, NamedTuple, TypeAlias, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.characters import change_where
from llm_assets.corpus.personal_data.pii_emails_and_addresses import find_emails, find_public_ips
from llm_assets.corpus.personal_data.pii_kernels import (
    ADDRESS,
    ASSIGNMENT,
    AT_SIGN,
    CALL,
    NUMBER,
    TOKEN,
)
from llm_assets.corpus.personal_data.pii_kinds import KINDS, PLACEHOLDERS, Find, Kind, replace_spans
from llm_assets.corpus.personal_data.pii_national_ids import find_national_ids
from llm_assets.corpus.personal_data.pii_payment_numbers import find_credit_cards, find_ibans
from llm_assets.corpus.personal_data.pii_phones import find_phones
from llm_assets.corpus.personal_data.pii_private_keys import MARK, find_private_keys
from llm_assets.corpus.personal_data.pii_secrets import find_api_keys, find_assigned_secrets
from llm_assets.corpus.personal_data.pii_suspects import SuspectLines, find_suspect_lines

_Counts: TypeAlias = NDArray[np.uint32]
"""Values replaced: a row a text, a column a kind."""


class _LineRule(NamedTuple):
    kind: Kind
    signs: int
    """A line without any of these has no value that the rule finds."""
    find: Find


_LINE_RULES: Final = (
    _LineRule("api_key", TOKEN, find_api_keys),
    _LineRule("api_key", ASSIGNMENT, find_assigned_secrets),
    _LineRule("email", AT_SIGN, find_emails),
    _LineRule("iban", NUMBER, find_ibans),
    _LineRule("credit_card", NUMBER, find_credit_cards),
    _LineRule("national_id", NUMBER, find_national_ids),
    _LineRule("ip", ADDRESS, find_public_ips),
    _LineRule("phone", CALL, find_phones),
)
ALL_SIGNS: Final = reduce(or_, (rule.signs for rule in _LINE_RULES))


def redact(frame: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """Replace personal data in the texts by placeholders, and count the values replaced.

    Redacting a second time changes nothing.

    Args:
        frame: with the columns `text` and `language`; a null text stays null.
        kinds: some of `Kind`, in any order.

    Returns:
        The frame with `text` rewritten, and with `pii_count` and, by kind, `pii_counts` added.

    Raises:
        ValueError: for a kind that is not known.
    """
    unknown = set(kinds) - set(get_args(Kind))
    if unknown:
        raise ValueError(f"no such kind of personal data: {', '.join(sorted(unknown))}")
    counts = np.zeros((len(frame), len(KINDS)), np.uint32)
    texts = frame["text"]
    if "private_key" in kinds:
        texts = _redact_private_keys(texts, counts[:, KINDS.index("private_key")])
    texts = _redact_lines(texts, frame["language"].to_list(), frozenset(kinds), counts)
    by_kind = pl.DataFrame(counts, schema=list(KINDS), orient="row")
    return frame.with_columns(
        texts.alias("text"),
        by_kind.sum_horizontal().cast(pl.UInt32).alias("pii_count"),
        by_kind.to_struct("pii_counts"),
    )


def _redact_private_keys(texts: pl.Series, counts: _Counts) -> pl.Series:
    """Return texts without private keys, and count these in the column given."""
    marked = texts.str.contains(MARK, literal=True)
    found = [
        replace_spans(text, find_private_keys(text), PLACEHOLDERS["private_key"])
        for text in texts.filter(marked)
    ]
    counts[marked.fill_null(value=False).to_numpy()] = [count for _, count in found]
    return change_where(
        texts, marked, lambda _: pl.Series([text for text, _ in found], dtype=pl.String)
    )


def _redact_lines(
    texts: pl.Series, languages: Sequence[str | None], kinds: frozenset[str], counts: _Counts
) -> pl.Series:
    """Return texts without the values that stand in one line, and count these."""
    wanted = reduce(or_, (rule.signs for rule in _LINE_RULES if rule.kind in kinds), 0)
    if not wanted:
        return texts
    suspects = find_suspect_lines(texts.fill_null(""), wanted)
    rows, new_texts = [], []
    for row, lines in groupby(suspects.lines.tolist(), key=itemgetter(0)):
        new_text = _redact_text(suspects, lines, languages[row], kinds, counts[row])
        if new_text is not None:
            rows.append(row)
            new_texts.append(new_text)
    # Polars' scatter changes the series that it is called on.
    return texts.clone().scatter(rows, pl.Series(new_texts, dtype=pl.String)) if rows else texts


def _redact_text(
    suspects: SuspectLines,
    lines: Iterator[list[int]],
    language: str | None,
    kinds: frozenset[str],
    counts: _Counts,
) -> str | None:
    """Return a text with its suspect lines redacted; None where nothing was found in them."""
    pieces: list[bytes] = []
    row = kept = 0
    for row, start, end, signs in lines:
        line = suspects.data[start:end].tobytes().decode()
        new_line, found = redact_line(line, language, kinds, signs)
        for kind in found:
            counts[KINDS.index(kind)] += found[kind]
        if found:
            kept = kept or int(suspects.offsets[row])
            pieces += [suspects.data[kept:start].tobytes(), new_line.encode()]
            kept = end
    if not pieces:
        return None
    pieces.append(suspects.data[kept : suspects.offsets[row + 1]].tobytes())
    return b"".join(pieces).decode()


def redact_line(
    line: str, language: str | None, kinds: Collection[str], signs: int = ALL_SIGNS
) -> tuple[str, dict[Kind, int]]:
    """Apply the rules of some kinds to a line.

    They are applied until nothing changes: a placeholder may bare another value beside it.

    Args:
        line: without a line feed.
        language: ISO 639, None where unknown.
        kinds: what to replace.
        signs: what the kernel saw in the line; rules that need other signs are left out.

    Returns:
        The line, and the kinds found in it with how many of each.
    """
    rules = [rule for rule in _LINE_RULES if rule.kind in kinds and rule.signs & signs]
    total: dict[Kind, int] = {}
    found = True
    while found:
        found = False
        for kind, _, find in rules:
            line, count = replace_spans(line, find(line, language), PLACEHOLDERS[kind])
            if count:
                total[kind] = total.get(kind, 0) + count
                found = True
    return line, total
