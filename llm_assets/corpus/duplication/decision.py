"""The one decision that looks across the whole corpus: who duplicates whom, and who stays.

Keys propose (`candidates.py`), the true similarity to the one that stays decides
(`verification.py`), and a policy says which one that is, independently of the order of documents.
The outcome is a function of the documents alone; what an earlier decision said of components that
are the same today is taken over, because it would come out the same.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from llm_assets.corpus.buckets import Buckets
from llm_assets.corpus.duplication.candidates import find_components
from llm_assets.corpus.duplication.outcome import outcome_rows
from llm_assets.corpus.duplication.policy import DuplicatePolicy
from llm_assets.corpus.duplication.signing import TEXT_KEY, bands_of
from llm_assets.corpus.duplication.verification import decide
from llm_assets.corpus.groups import own_group
from llm_assets.corpus.split import held_out

_BUCKET_CHARS: Final = 32 << 20
"""Characters of the components that are looked at together; it takes up to twelve times that."""

_MOST_BUCKETS: Final = 200
"""Files that are open while rows are dealt; of a corpus with more, buckets are larger."""

_DECIDED_FROM: Final = ("doc_id", "text_hash", "source", "group_key", "title")
"""What a component's rows depend on, beside the order of rank and the policy."""

_WANTED: Final = pl.Schema(
    {"doc_id": pl.String, "text_hash": pl.String, "shard": pl.String, "bucket": pl.Int64}
)


class StaleSignaturesError(Exception):
    """A text that is to be compared is not there: signatures are older than the texts."""


@dataclass(frozen=True, slots=True)
class SignedCorpus:
    """What a decision is made from."""

    signatures: pl.LazyFrame
    """Rows of a signature table with `shard`, `source_priority` and `protected` beside, in an order
    that stays."""
    texts: Callable[[Sequence[str]], pl.LazyFrame]
    """Returns `doc_id`, `text_hash` and `text` of these shards; of other documents too."""
    before: pl.LazyFrame | None = None
    """Rows of DUPLICATES that were decided by the same policy before."""


def decide_duplicates(
    corpus: SignedCorpus, policy: DuplicatePolicy, folder: Path
) -> Iterator[pl.DataFrame]:
    """Decide about every document of a corpus.

    Args:
        corpus: the documents.
        policy: what the recipe says.
        folder: an empty folder for rows that wait for their turn.

    Yields:
        Rows of DUPLICATES with `shard` beside, of each document that a key connects with another;
        those of a component together, in no order that means anything.

    Raises:
        StaleSignaturesError: if a text is not there or is not the one that was signed.
    """
    bands = bands_of(policy.minhash)
    components = find_components(corpus.signatures, [TEXT_KEY, *bands])
    if components.is_empty():
        return
    work = _Work(_subfolder(folder, "documents"), corpus, components, policy)
    wanted = pl.concat([pl.DataFrame(schema=_WANTED), *map(work.wanted, work.numbers)])
    texts = _Texts(_subfolder(folder, "texts"), corpus, wanted)
    for number in work.numbers:
        changed, standing = work.read(number)
        if standing is not None:
            yield standing
        if changed.height:
            outcome = decide(changed, texts.read(number), bands, policy)
            yield outcome_rows(changed.hstack(outcome), policy)


class _Work:
    """The documents of components, a bucket at a time, with what was decided about them before."""

    def __init__(
        self, folder: Path, corpus: SignedCorpus, components: pl.DataFrame, policy: DuplicatePolicy
    ) -> None:
        """Deal the documents to buckets, and the earlier decision if there is one."""
        self._policy = policy
        self._buckets = Buckets(folder)
        members = _in_buckets(corpus.signatures, components)
        self.numbers: list[int] = members["bucket"].unique().sort().to_list()
        self._buckets.deal("documents", _beside(corpus.signatures, members))
        if corpus.before is not None:
            names = list(_beside(corpus.signatures.select("doc_id"), members.drop("component")))
            before = corpus.before.join(pl.concat(names).lazy(), on="doc_id")
            self._buckets.deal("before", before.collect_batches(lazy=True))

    def read(self, number: int) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """Return the documents about which to decide, and the rows that stand of all others."""
        documents = self._ranked(number)
        if not self._buckets.holds("before", number):
            return documents, None
        before = self._buckets.read("before", number)
        # Equal hashes are of the same documents: as many rows are all of them.
        same = (
            documents.group_by("decided_from")
            .len()
            .join(before.group_by("decided_from").len(), on=["decided_from", "len"])
        )
        shards = documents.select("doc_id", "shard")
        standing = before.join(same, on="decided_from", how="semi").join(shards, on="doc_id")
        changed = documents.join(same, on="decided_from", how="anti", maintain_order="left")
        return changed, standing

    def wanted(self, number: int) -> pl.DataFrame:
        """Return one document of each text that must be read: `_WANTED`.

        Where all texts of a component are the same, or nothing is verified, none is.
        """
        if self._policy.minhash is None or not self._policy.verify:
            return pl.DataFrame(schema=_WANTED)
        changed, _ = self.read(number)
        differ = pl.col("text_hash").n_unique().over("component") > 1
        return (
            changed.filter((pl.col("shingle_count") > 0) & differ)
            .unique("text_hash", keep="first", maintain_order=True)
            .select("doc_id", "text_hash", "shard", bucket=pl.lit(number, pl.Int64))
        )

    def _ranked(self, number: int) -> pl.DataFrame:
        """Return documents by component and rank, with a hash of what is decided from them."""
        documents = self._buckets.read("documents", number)
        ranked = documents.sort("component", *self._policy.ranking(), nulls_last=True)
        groups = ranked.select(own_group()).to_series()
        ranked = ranked.with_columns(self._policy.splits.assign(groups).alias("split"))
        ranked = ranked.with_columns(held_out=held_out("split"))
        said = pl.concat_str([pl.col(name).fill_null("") for name in _DECIDED_FROM], separator="\0")
        components = ranked.group_by("component", maintain_order=True).agg(said=said.str.join("\1"))
        hashes = [
            hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            for text in components["said"]
        ]
        return ranked.join(
            components.select("component", decided_from=pl.Series(hashes, dtype=pl.String)),
            on="component",
            maintain_order="left",
        )


class _Texts:
    """The texts that are compared, a bucket at a time."""

    def __init__(self, folder: Path, corpus: SignedCorpus, wanted: pl.DataFrame) -> None:
        self._wanted = wanted
        self._buckets = Buckets(folder)
        if wanted.height:
            chosen = wanted.select("doc_id", "text_hash", "bucket").lazy()
            texts = corpus.texts(wanted["shard"].unique().sort().to_list())
            found = texts.join(chosen, on=["doc_id", "text_hash"])
            self._buckets.deal("texts", found.collect_batches(lazy=True))

    def read(self, number: int) -> pl.DataFrame:
        """Return `text_hash` and `text`, each text once.

        Raises:
            StaleSignaturesError: if one is missing.
        """
        wanted = self._wanted.filter(pl.col("bucket") == number)
        if wanted.is_empty():
            return pl.DataFrame(schema={"text_hash": pl.String, "text": pl.String})
        texts = pl.DataFrame({"doc_id": [], "text_hash": [], "text": []})
        if self._buckets.holds("texts", number):
            texts = self._buckets.read("texts", number)
        if texts.height != wanted.height:
            raise StaleSignaturesError(
                f"{wanted.height - texts.height} texts are not those that were signed: "
                "materialize dedup_signatures from the current cleaned_text first"
            )
        return texts.select("text_hash", "text")


def _in_buckets(signatures: pl.LazyFrame, components: pl.DataFrame) -> pl.DataFrame:
    """Deal components to buckets by the length of their texts, each to one.

    Returns:
        `components` with `bucket`, by row.
    """
    lengths = signatures.select("text_chars").collect(engine="streaming")["text_chars"]
    members = components.with_columns(lengths.gather(components["row"]))
    before = pl.col("text_chars").cum_sum() - pl.col("text_chars")
    sizes = (
        members.group_by("component")
        .agg(pl.col("text_chars").sum().cast(pl.Int64))
        .sort("component")
    )
    size = max(_BUCKET_CHARS, -(-int(sizes["text_chars"].sum()) // _MOST_BUCKETS))
    buckets = sizes.select("component", bucket=before // size)
    return components.join(buckets, on="component", maintain_order="left")


def _beside(signatures: pl.LazyFrame, members: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows that `members` names, with its other columns beside.

    Rows come in order, so that a place is looked up in no table: that of a join would take more
    memory than all else.
    """
    start = 0
    for batch in signatures.collect_batches(maintain_order=True, lazy=True):
        end = start + batch.height
        first, last = members["row"].search_sorted(pl.Series([start, end], dtype=pl.UInt32))
        here = members.slice(first, last - first)
        yield batch[here["row"] - start].hstack(here.drop("row"))
        start = end


def _subfolder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made
