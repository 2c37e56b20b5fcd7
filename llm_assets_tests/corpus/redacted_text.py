"""Redacting one text, for tables of examples; and pieces that values are made of, for laws."""

from collections.abc import Sequence

import polars as pl
from hypothesis import strategies as st

from llm_assets.corpus.personal_data.pii_kinds import KINDS, PLACEHOLDERS
from llm_assets.corpus.redact import redact


def frame_of(texts: Sequence[str | None], language: str | None = "en") -> pl.DataFrame:
    return pl.DataFrame(
        {"text": texts, "language": [language] * len(texts)},
        schema={"text": pl.String, "language": pl.String},
    )


def redacted(text: str, kinds: Sequence[str] = KINDS, language: str | None = "en") -> str:
    """Return a text redacted, after a look at what was counted."""
    row = redact(frame_of([text], language), kinds).row(0, named=True)
    new = str(row["text"])
    places = {kind: new.count(mark) - text.count(mark) for kind, mark in PLACEHOLDERS.items()}
    assert row["pii_counts"] == places
    assert row["pii_count"] == sum(places.values())
    return new


PIECES = (
    *("ada@example.org", "@", "a", ".", "8.8.8.8", "93.184.216.34", "/", "-", " ", "\n", ":"),
    *("2a00:1450::200e", "+44 20 7946 0018", "+", "0", "7946", "(415) 555-2671", "<email>"),
    *("415-555-", "2671", "03-3581-3111", "v", "ａ", "東京", "é", "<ip>", "::", "1", "８"),
    *("4111 1111 1111 1111", "4111111111111111", "DE89 3704 0044 0532 0130 00", "DE89", "SSN "),
    *(
        "GB29NWBK60161331926819",
        "078-05-1120",
        "131052-308T",
        "AB 12 34 56 C",
        "national insurance",
    ),
    *("11010519491231002X", "12345678Z", "A123456(3)", "390.533.447-05", "1 85 05 78 006 084 91"),
    *("password", "=", "api_key: ", "xK9$pq2WvB7z", "AKIAJ5Q7QWERTYUPZXCV", "hf_", "https://u:"),
    *("q8Zt3LmP0vRb5NcX7sYd2KfW9hGj4TaQ6e", "Bearer ", '"', "'", "A", "9", "12/25", "_", "<", ">"),
    *("-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQ", "-----END PRIVATE KEY-----"),
)
pieces = st.sampled_from(PIECES)
texts = st.lists(st.one_of(st.lists(pieces, max_size=12).map("".join), st.text()), max_size=5)
languages = st.sampled_from(["en", "ja", "de", "es", "sv", "zh", None])
kinds = st.lists(st.sampled_from(KINDS), unique=True)
