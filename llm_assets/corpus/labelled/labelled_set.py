"""The documents of a corpus -> one fine-tuning set: its files, and what became of each document.

Labels, groups and hashes of all documents are in memory at once; texts are not: they are made shard
by shard, dealt to files by the place that a seeded hash gives them, and written in that order.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from llm_assets.corpus.buckets import Buckets
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.labelled.chat_template import messages
from llm_assets.corpus.labelled.label_fill import fill_missing
from llm_assets.corpus.labelled.label_rules import convert_labels
from llm_assets.corpus.labelled.labelled_plan import LabelColumn, LabelledPlan
from llm_assets.corpus.labelled.set_files import SplitWriter, labelled_columns
from llm_assets.corpus.labelled.set_splits import deal_documents
from llm_assets.corpus.labelled.set_texts import FACTS, TEXT_COLUMNS, prepare_texts
from llm_assets.corpus.labelled.similar_documents import find_similar
from llm_assets.corpus.linguistic.linguist import Linguist
from llm_assets.corpus.schema import DUPLICATES, SPLITS, Split
from llm_assets.corpus.split import shuffle_key

_BUCKET_BYTES: Final = 64 << 20
_MOST_BUCKETS: Final = 200
_BATCH_ROWS: Final = 4_096
_MOST_ONE_HOT: Final = 1_000

_COLUMN: Final[dict[LabelColumn, pl.Expr]] = {
    "source": pl.col("source"),
    "folder": pl.col("object_key").str.extract(r"([^/]+)/[^/]*\z"),
    "language": pl.col("language"),
    "author": pl.col("author"),
}

SET_DOCUMENTS: Final = pl.Schema(
    {
        "doc_id": pl.String(),
        "source": pl.String(),
        "license": pl.String(),
        "group_id": pl.String(),  # the book, thread or product, else the document
        "text_hash": pl.String(),  # null where the text was not looked at
        "content_hash": pl.String(),  # of the text as the set writes it
        "text_chars": pl.UInt32(),
        "outcome": pl.String(),  # row, missing, quarantined or left_out
        "reason": pl.String(),  # null of rows and of missing ones
        "split": pl.String(),  # null unless it is a row
        "value": pl.String(),  # as collected
        "name": pl.String(),  # the label
        "number": pl.Float64(),  # of integers and floats: its value
        "missing": pl.Boolean(),  # whether there was none, also where it was filled
        "missing_steps": pl.List(pl.String()),
    }
)
"""One row: one document of the set's sources that stays in the corpus, and what became of it."""


class TooManyLabelsError(Exception):
    """A column for each label would be more than a table can hold."""


@dataclass(frozen=True, slots=True)
class SetShard:
    """What is read of one shard."""

    records: pl.LazyFrame
    """Rows of CLEANED, with texts as they are in the end."""
    duplicates: pl.LazyFrame | None
    """Rows of DUPLICATES; None where there are no duplicates."""


@dataclass(frozen=True, slots=True)
class WrittenSet:
    """What was written."""

    documents: pl.DataFrame
    """Rows of SET_DOCUMENTS, by `doc_id`."""
    classes: list[str]
    """The labels in the order of their ids; empty where they are no classes."""
    filled_with: str | None
    """The label that missing ones were given."""


def write_set(
    folder: Path,
    shards: Sequence[SetShard],
    plan: LabelledPlan,
    linguist: Linguist | None = None,
    advance: Callable[[int], None] = lambda _documents: None,
) -> WrittenSet:
    """Write the splits of a set into a folder. The order of shards does not matter.

    Args:
        folder: an empty folder.
        shards: where the documents are.
        plan: how.
        linguist: what is done to their words; None for nothing.
        advance: called with the number of documents done since the last call.

    Raises:
        TooManyLabelsError: if `one_hot` is asked for and there are more than 1,000 labels.
    """
    documents, duplicates = _read_documents(shards, plan)
    wanted = documents.filter(pl.col("outcome") == "row")
    size = int(wanted["text_bytes"].sum() or 0)
    count = min(max(-(-size // _BUCKET_BYTES), 1), _MOST_BUCKETS)
    with TemporaryDirectory(dir=folder, prefix=".buckets-") as temporary:
        buckets = Buckets(Path(temporary))
        places = _places(wanted, plan.dealing.seed, count)
        facts = _deal_texts(buckets, shards, places, plan, linguist, advance)
        dealt, filled_with = _dealt(_with_facts(documents, facts), duplicates, plan)
        rows = dealt.filter(pl.col("outcome") == "row")
        classes = _classes(rows, plan)
        with ExitStack() as stack:
            writers = {name: SplitWriter(folder, name, plan, classes, stack) for name in SPLITS}
            for split, part in _in_order(buckets, count, rows, places):
                writers[split].append(labelled_columns(_with_messages(part, plan), plan, classes))
    return WrittenSet(dealt.select(SET_DOCUMENTS.names()), classes, filled_with)


def _read_documents(
    shards: Sequence[SetShard], plan: LabelledPlan
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the documents of the set with their labels, and rows of DUPLICATES about them.

    `outcome` is "row" of those whose label, or the lack of it, lets them stay so far.
    """
    parts, twins = [], [pl.DataFrame(schema=DUPLICATES)]
    for shard in shards:
        duplicates = _duplicates(shard)
        twins.append(duplicates.filter(pl.col("duplicate_of").is_null()).collect())
        dropped = duplicates.filter(pl.col("duplicate_of").is_not_null())
        parts.append(
            _wanted(shard, plan)
            .join(dropped.select("doc_id"), on="doc_id", how="anti")
            .select(
                "doc_id",
                "source",
                "license",
                _value(plan).alias("value"),
                group_id=own_group(),
                text_bytes=pl.col("text_bytes").fill_null(0).cast(pl.Int64),
            )
            .collect(engine="streaming")
        )
    documents = pl.concat(parts)
    labels = convert_labels(documents["value"], plan.rules)
    quarantined, missing = pl.col("reason").is_not_null(), pl.col("missing")
    if not plan.has_labels:
        labels = labels.with_columns(missing=pl.lit(value=False))
    outcome = (
        pl.when(quarantined)
        .then(pl.lit("quarantined"))
        .when(missing & (plan.missing == "drop"))
        .then(pl.lit("missing"))
        .otherwise(pl.lit("row"))
    )
    return documents.hstack(labels).with_columns(outcome=outcome), pl.concat(twins)


def _wanted(shard: SetShard, plan: LabelledPlan) -> pl.LazyFrame:
    kept = pl.col("verdict") == "keep"
    return shard.records.filter(kept, pl.col("source").is_in(list(plan.sources)))


def _duplicates(shard: SetShard) -> pl.LazyFrame:
    rows = shard.duplicates
    return pl.LazyFrame(schema=DUPLICATES) if rows is None else rows.select(DUPLICATES.names())


def _value(plan: LabelledPlan) -> pl.Expr:
    """Return the label as text: of numbers and truth values as JSON writes them."""
    if plan.label is not None:
        return pl.col("labels").str.json_path_match(f'$["{plan.label}"]')
    return pl.lit(None, pl.String) if plan.label_column is None else _COLUMN[plan.label_column]


def _places(documents: pl.DataFrame, seed: int, count: int) -> pl.DataFrame:
    """Give each document its place in the order of all, and the bucket that the place is in."""
    key = shuffle_key(documents["doc_id"], pl.repeat(0, documents.height, eager=True), seed)
    return documents.select("doc_id").with_columns(
        key.alias("key"), bucket=((key // 2**32) * count // 2**32).cast(pl.Int64)
    )


def _deal_texts(
    buckets: Buckets,
    shards: Sequence[SetShard],
    places: pl.DataFrame,
    plan: LabelledPlan,
    linguist: Linguist | None,
    advance: Callable[[int], None],
) -> pl.DataFrame:
    """Make the texts, put them into buckets, and return FACTS."""
    facts = [pl.DataFrame(schema=FACTS)]
    columns = TEXT_COLUMNS if plan.chat is not None else ("doc_id", "text")

    def prepared() -> Iterator[pl.DataFrame]:
        for shard in shards:
            rows = _wanted(shard, plan).select(TEXT_COLUMNS)
            chosen = rows.join(places.select("doc_id", "bucket").lazy(), on="doc_id")
            for group in chosen.collect_batches(lazy=True):
                for batch in group.iter_slices(_BATCH_ROWS):
                    made = prepare_texts(batch, plan, linguist)
                    facts.append(made.select(FACTS.names()))
                    advance(batch.height)
                    yield made.select(*columns, "bucket")

    buckets.deal("texts", prepared())
    return pl.concat(facts)


def _with_facts(documents: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Put FACTS beside documents, and quarantine those whose text is of no use."""
    useless = pl.col("text_reason").is_not_null()
    return documents.join(facts, on="doc_id", how="left", maintain_order="left").with_columns(
        outcome=pl.when(useless).then(pl.lit("quarantined")).otherwise("outcome"),
        reason=pl.coalesce("reason", "text_reason"),
    )


def _dealt(
    documents: pl.DataFrame, duplicates: pl.DataFrame, plan: LabelledPlan
) -> tuple[pl.DataFrame, str | None]:
    """Give rows their split, leave out what would leak, and fill in missing labels."""
    twins = duplicates.select("doc_id", "twin_split")
    rows = documents.filter(pl.col("outcome") == "row").join(
        twins, on="doc_id", how="left", maintain_order="left"
    )
    similar = find_similar(rows, duplicates, plan.split_similarity)
    splits = deal_documents(rows, similar, plan)
    stays = pl.col("reason").is_null()
    rows = (
        rows.drop("reason")
        .hstack(splits)
        .with_columns(
            outcome=pl.when(stays).then("outcome").otherwise(pl.lit("left_out")),
            split=pl.when(stays).then("split"),
        )
    )
    rows, filled_with = fill_missing(rows, plan)
    others = documents.filter(pl.col("outcome") != "row")
    return pl.concat([rows, others], how="diagonal").sort("doc_id"), filled_with


def _classes(rows: pl.DataFrame, plan: LabelledPlan) -> list[str]:
    if not plan.has_classes:
        return []
    classes = plan.class_names(rows["name"].drop_nulls().unique().to_list())
    if plan.one_hot and len(classes) > _MOST_ONE_HOT:
        raise TooManyLabelsError(
            f"{plan.name}: one_hot would write {len(classes):,} columns, one for each label: merge "
            f"labels by 'map', name at most {_MOST_ONE_HOT:,} in 'labels', or leave 'one_hot' out"
        )
    return classes


def _in_order(
    buckets: Buckets, count: int, rows: pl.DataFrame, places: pl.DataFrame
) -> Iterator[tuple[Split, pl.DataFrame]]:
    """Yield the rows of splits with their texts, in the order of their places."""
    labelled = rows.select("doc_id", "split", "name", "number", "missing").join(places, on="doc_id")
    for bucket in range(count):
        if not buckets.holds("texts", bucket):
            continue
        wanted = labelled.filter(pl.col("bucket") == bucket).drop("bucket")
        found = wanted.join(buckets.read("texts", bucket), on="doc_id").sort("key", "doc_id")
        for split in SPLITS:
            yield split, found.filter(pl.col("split") == split)


def _with_messages(rows: pl.DataFrame, plan: LabelledPlan) -> pl.DataFrame:
    if plan.chat is None:
        return rows
    return rows.with_columns(label="name").with_columns(messages=messages(plan.chat))
