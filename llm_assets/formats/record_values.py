"""Values of a row -> text, times and labels."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MIN_EPOCH: Final = 10**8
"""March 1973: smaller numbers are years, or days, or serial numbers."""
_MAX_EPOCH: Final = 10**19
"""The year 2286, in nanoseconds."""
# What a number is told by: 10^11 seconds are the year 5138, 10^11 milliseconds 1973.
_UNITS: Final = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3), (0, 1))
_MAX_TIME_CHARS: Final = 64
_NUMBER: Final = re.compile(r"-?\d{9,19}(?:\.\d{1,9})?", re.ASCII)
_MAIL: Final = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3}[a-z]*\s+\d{2,4}\b")
_ZONE: Final = re.compile(r"\s*(?:UTC|GMT|Z)$")
_MAX_EXACT: Final = 10**15  # larger floats are not exact as whole numbers


class WrongTypeError(Exception):
    """A value is nothing that text can be made of; the message says what it is."""


def as_text(value: Any) -> str | None:
    """Return a value as text: text as it is, numbers and times spelled; None for null.

    Raises:
        WrongTypeError: for true and false, objects, lists and bytes that are no UTF-8.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return None
    if isinstance(value, bool):
        raise WrongTypeError(str(value).lower())
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return _utf8(value)
    raise WrongTypeError("an object" if isinstance(value, Mapping) else "a list")


def as_paragraphs(value: Any) -> str | None:
    """Return a value as text, and of a list its items, with blank lines between them.

    Raises:
        WrongTypeError: as `as_text`; also for a list in a list.
    """
    if not isinstance(value, list):
        return as_text(value)
    texts = [text for text in map(as_text, value) if text is not None and text.strip()]
    return "\n\n".join(texts) if texts else None


def as_name(value: Any) -> str | None:
    """Return a value as text in one line; None if it is none. Names in a list follow a comma."""
    try:
        values = value if isinstance(value, list) else [value]
        texts = [" ".join(text.split()) for text in map(as_text, values) if text is not None]
    except WrongTypeError:
        return None
    return ", ".join(text for text in texts if text) or None


def as_time(value: Any) -> datetime | None:
    """Return a point in time; None if the value does not name one.

    ISO 8601, RFC 2822, and seconds, milli-, micro- or nanoseconds since 1970. Day and month in
    other orders are anybody's guess, so nobody guesses.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _since_epoch(value)
    if not isinstance(value, str) or len(value) > _MAX_TIME_CHARS:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _since_epoch(Decimal(text))
    try:
        return datetime.fromisoformat(_ZONE.sub("+00:00", text) if ":" in text else text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text) if _MAIL.match(text) else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def as_json(values: Mapping[str, Any]) -> str:
    """Return labels as a JSON object, in the order of their names.

    Numbers stay numbers and null stays null; a number that JSON cannot write is null.
    """
    try:
        return _ENCODER.encode(values)
    except ValueError:
        return _ENCODER.encode(_finite(values))


def _number_text(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _MAX_EXACT else repr(value)


def _utf8(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise WrongTypeError("bytes that are no UTF-8") from None


def _since_epoch(value: float | Decimal) -> datetime | None:
    exact = Decimal(value)
    if not exact.is_finite() or not _MIN_EPOCH <= abs(exact) < _MAX_EPOCH:
        return None
    unit = next(unit for limit, unit in _UNITS if abs(exact) >= limit)
    microseconds = int(exact * 10**6 / unit)
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _written(value: object) -> str | float:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_written
)
