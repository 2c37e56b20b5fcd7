"""The columns of every asset, in flow order. IO managers refuse a frame that deviates from them."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import polars as pl

from llm_assets.corpus.personal_data.pii_kinds import KINDS

Verdict = Literal["keep", "drop", "quarantine"]
"""What cleaning decided: a quarantined record could not be read at all."""

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

_TIME = pl.Datetime("us", "UTC")


def _schema(columns: Mapping[str, Any]) -> pl.Schema:
    """Build a schema; a mix of type classes and type instances is more than its types can tell."""
    return pl.Schema(columns)


PII_COUNTS = pl.Struct(dict.fromkeys(KINDS, pl.UInt32))
"""How many values of each kind were replaced."""

PROVENANCE = _schema(
    {
        "doc_id": pl.String,  # 128-bit hash of source, object key and locator
        "source": pl.String,  # the source's name in corpus.yaml
        "object_key": pl.String,  # the object's key inside its source
        "object_uri": pl.String,  # where the object was read
        "object_version": pl.String,  # content hash or etag of the object
        "locator": pl.String,  # the record inside the object; "" is the whole object
        "url": pl.String,
        "title": pl.String,
        "author": pl.String,
        "published_at": _TIME,
        "license": pl.String,
        "labels": pl.String,  # a JSON object
        "group_key": pl.String,  # book, thread, show: never straddles splits
        "input_hash": pl.String,  # names everything of the record that cleaning reads
    }
)
"""Where a document came from; carried from raw to the ledger."""

RAW = _schema(
    {
        **PROVENANCE,
        "fetched_at": _TIME,
        "media_type": pl.String,  # of the payload, lower case, without parameters
        "encoding_hint": pl.String,  # charset named by the transport or container
        "language_hint": pl.String,
        "payload": pl.Binary,  # the bytes as collected; of a quarantined record its first bytes
        "quarantine_reason": pl.String,  # set where the record could not be read
        "quarantine_detail": pl.String,
        "quarantine_offset": pl.Int64,  # bytes into the object; of records, the line, row or item
    }
)
"""One row: one document as collected, or one record that could not be read."""

EXTRACTED = _schema(
    {
        "text": pl.String,  # null where there is a failure
        "title": pl.String,
        "author": pl.String,
        "published_at": _TIME,
        "canonical_url": pl.String,
        "declared_language": pl.String,
        "license_url": pl.String,
        "failure": pl.String,  # a QuarantineReason
        "detail": pl.String,
    }
)
"""One row: one payload's text and what it says of itself, or why it has none."""

SIGNALS = pl.Schema(
    {
        "text_bytes": pl.UInt64,
        "text_chars": pl.UInt64,
        "word_count": pl.UInt32,
        "line_count": pl.UInt32,
        "mean_word_chars": pl.Float64,
        "hash_word_ratio": pl.Float64,  # "#" a word
        "ellipsis_word_ratio": pl.Float64,  # "..." or "…" a word
        "bullet_line_share": pl.Float64,
        "ellipsis_line_share": pl.Float64,
        "alphabetic_word_share": pl.Float64,
        "stop_word_count": pl.UInt32,  # distinct of the eight Gopher words
        "duplicate_line_share": pl.Float64,
        "duplicate_line_char_share": pl.Float64,
        "duplicate_paragraph_share": pl.Float64,
        "duplicate_paragraph_char_share": pl.Float64,
        "top_2_gram_char_share": pl.Float64,
        "top_3_gram_char_share": pl.Float64,
        "top_4_gram_char_share": pl.Float64,
        "duplicate_5_gram_char_share": pl.Float64,
        "duplicate_6_gram_char_share": pl.Float64,
        "duplicate_7_gram_char_share": pl.Float64,
        "duplicate_8_gram_char_share": pl.Float64,
        "duplicate_9_gram_char_share": pl.Float64,
        "duplicate_10_gram_char_share": pl.Float64,
        "terminal_line_share": pl.Float64,  # lines that end in a Unicode sentence terminator
        "short_line_share": pl.Float64,  # lines of at most 30 characters
        "terminal_line_share_2024": pl.Float64,  # ends in . ' " ! or ?; blank lines counted
        "short_line_share_2024": pl.Float64,  # blank lines counted
        "repeated_line_char_share": pl.Float64,  # FineWeb's denominator: text without newlines
        "newline_word_ratio": pl.Float64,
        "newline_token_ratio": pl.Float64,  # tokens about as spaCy cuts them: a comma is one
        "newline_token_ratio_2024": pl.Float64,  # tokens about as NLTK cuts them
    }
)
"""What the quality rules measure; null where a rule does not apply to the language."""

CLEANED = _schema(
    {
        **PROVENANCE,
        "canonical_url": pl.String,  # as the page states it
        "declared_language": pl.String,  # BCP 47, as the page states it
        "license_url": pl.String,  # of the licence that the page links to
        "text": pl.String,  # null unless kept
        "text_hash": pl.String,
        "script": pl.String,  # ISO 15924, of most letters
        "language": pl.String,  # ISO 639, as identified
        "language_score": pl.Float64,
        "cut_line_count": pl.UInt32,  # lines that cleaning took out as remains of the page
        "boilerplate_hash": pl.String,  # names the site's repeated lines that were looked for
        **SIGNALS,
        "pii_count": pl.UInt32,  # values replaced by placeholders
        "pii_counts": PII_COUNTS,  # the same by kind; null unless kept
        "verdict": pl.String,  # a Verdict
        "reason": pl.String,  # null where kept
        "measured": pl.Float64,  # the signal that decided
        "threshold": pl.Float64,  # the limit it was held against
        "detail": pl.String,  # of a quarantined record: the error
        "offset": pl.Int64,  # of a quarantined record: bytes into the object, or line or row
    }
)
"""One row: one collected record with its text, signals and verdict.

Profiles with signals of their own add them to the table behind these columns.
"""

NO_REDACTIONS: dict[str, pl.Expr] = {
    "pii_count": pl.lit(0, pl.UInt32),
    "pii_counts": pl.lit(None, PII_COUNTS),
}
"""What stands in the columns on redaction of a document whose text is not kept."""

COMPARED = pl.List(pl.Struct({"doc_id": pl.String, "similarity": pl.Float64}))
"""Documents that one was compared with, and how similar they are."""

DUPLICATES = _schema(
    {
        "doc_id": pl.String,
        "source": pl.String,
        "title": pl.String,  # else URL, else key; at most 80 characters
        "text_hash": pl.String,
        "cluster_id": pl.String,  # best document of those that duplicates connect; null if alone
        "cluster_size": pl.UInt32,
        "duplicate_of": pl.String,  # null for a document that stays
        "keeper_source": pl.String,  # of the document that stays in its stead
        "method": pl.String,  # exact, near, excerpt, or proposed where nobody verifies
        "similarity": pl.Float64,  # share of common shingles (Jaccard), measured
        "threshold": pl.Float64,  # the limit that it was held against
        "rejected": COMPARED,  # what it was compared with and is no duplicate of: the most similar
        "twin": pl.String,  # a similar document that stays in a split more apart than its own
        "twin_split": pl.String,  # the split of that
        "decided_from": pl.String,  # names all that was decided about together
    }
)
"""One row: one kept document that may be a duplicate: a text or a band connects it with others.

It stays unless `duplicate_of` says otherwise.
"""

LEFT_OUT = pl.Schema(
    {
        "doc_id": pl.String,
        "reason": pl.String,  # not_sampled, over_budget, twin_in_test or twin_in_validation
    }
)
"""One row: one document that stays, but that no training part of its shard has."""

TOKENIZED = _schema(
    {
        "doc_id": pl.String,
        "text_hash": pl.String,
        "token_ids": pl.List(pl.UInt32),
        "token_count": pl.UInt32,
    }
)
"""One row: one kept document's token ids, without an end-of-document token; of 16 bits where the
vocabulary has no larger ones."""


def tokenized_schema(vocabulary_size: int) -> pl.Schema:
    """Return the columns of tokenized documents, with ids of 16 bits if all fit."""
    narrow = {"token_ids": pl.List(pl.UInt16)} if vocabulary_size <= 1 << 16 else {}
    return pl.Schema({**TOKENIZED, **narrow})


TRAINING_PART = _schema(
    {
        "doc_id": pl.String,
        "source": pl.String,
        "text": pl.String,
        "input_ids": pl.List(pl.Int32),  # end-of-document token included
    }
)
"""One row: one training sequence where documents are not packed, as the Parquet file has it.

Ids are signed there: torch and `datasets` have int32 in full, uint32 only in part.
"""

PACKED_PART = _schema(
    {
        "input_ids": pl.List(pl.Int32),  # as many in every row
        "doc_ids": pl.List(pl.String),  # whose tokens they are, in order
        "piece_lengths": pl.List(pl.Int32),  # how many are each document's; the rest is padding
    }
)
"""One row: one training sequence where documents are packed, as the Parquet file has it."""

TRAINING_DOCUMENTS = _schema(
    {
        "doc_id": pl.String,
        "source": pl.String,
        "text_hash": pl.String,
        "group_id": pl.String,  # what the split was drawn by
        "split": pl.String,
        "repeat": pl.UInt32,  # which of the mixture's copies, from 0
        "token_offset": pl.UInt64,  # tokens into the split's stream: all sequences end to end
        "token_length": pl.UInt32,  # tokens, the end-of-document token included where it is there
        "first_token": pl.UInt32,  # which of the document's own tokens comes first; 0 unless cut
        "middle_start": pl.UInt32,  # characters: the span moved to the end, to be filled in
        "middle_end": pl.UInt32,  # characters; null where no span was moved
    }
)
"""One row: one token range of a training part and the document it came from."""

LEDGER = _schema(
    {
        **{name: kind for name, kind in PROVENANCE.items() if name not in ("labels", "input_hash")},
        "language": pl.String,
        "language_score": pl.Float64,
        "text_hash": pl.String,
        "text_chars": pl.UInt64,
        "pii_count": pl.UInt32,  # values of personal data replaced
        "stage": pl.String,  # the last stage the document reached
        "verdict": pl.String,  # keep, drop or quarantine, after every stage
        "reason": pl.String,
        "measured": pl.Float64,
        "threshold": pl.Float64,
        "detail": pl.String,
        "duplicate_of": pl.String,
        "split": pl.String,
        "token_count": pl.UInt32,
        "tokens": pl.String,  # JSON: [{file, offset, length}], in tokens
    }
)
"""One row: one document ever seen, and what became of it."""
