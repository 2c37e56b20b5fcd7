"""The kinds of personal data and secrets that redaction knows, and what stands in their place.

A placeholder is plain ASCII, the same for every value, three to five tokens in GPT-2's vocabulary,
and nothing that a rule finds: it holds neither a digit nor an at sign.
"""

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

Kind = Literal[
    "private_key", "api_key", "email", "iban", "credit_card", "national_id", "ip", "phone"
]

PLACEHOLDERS: Final[dict[Kind, str]] = {
    "private_key": "<private_key>",
    "api_key": "<api_key>",
    "email": "<email>",
    "iban": "<iban>",
    "credit_card": "<credit_card>",
    "national_id": "<national_id>",
    "ip": "<ip>",
    "phone": "<phone>",
}
"""In the order in which the kinds are sought: the surest first, telephone numbers last, since most
runs of digits are the number of a telephone somewhere."""

KINDS: Final[tuple[Kind, ...]] = tuple(PLACEHOLDERS)

Span: TypeAlias = tuple[int, int]
"""Where a value stands in a line: its first character, and the one behind its last."""

Find: TypeAlias = Callable[[str, str | None], Iterable[Span]]
"""The values of one kind in a line of a text in a language (ISO 639; None where unknown), in order
and without overlap. What it says of a value depends on the value and 64 characters around it."""


def replace_spans(line: str, spans: Iterable[Span], placeholder: str) -> tuple[str, int]:
    """Return the line with the placeholder in place of each span, and how many there were."""
    kept = []
    at = 0
    for start, end in spans:
        kept.append(line[at:start])
        at = end
    return (placeholder.join([*kept, line[at:]]), len(kept)) if kept else (line, 0)


def first_of_overlapping(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order; of those that overlap, the first, and the longest of these."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
