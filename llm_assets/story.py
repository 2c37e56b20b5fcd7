"""`why`: the story of one document, from the ledger and the catalog."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, LiteralString

from psycopg import errors, sql

from llm_assets.io.catalog import Catalog
from llm_assets.recipe import Corpus, Recipe

Row = Mapping[str, Any]
Example = Literal["kept", "dropped", "duplicate", "quarantined"]

_MOST_MATCHES = 20
_NO_LEDGER = "there is no ledger yet: run 'llm-assets materialize' first"

_EXAMPLES: dict[Example, LiteralString] = {
    "kept": "verdict = 'keep'",
    "dropped": "verdict = 'drop' and duplicate_of is null",
    "duplicate": "duplicate_of is not null",
    "quarantined": "verdict = 'quarantine'",
}


class NoLedgerError(Exception):
    """The corpus was never materialized as far as the ledger."""


@dataclass(frozen=True)
class Ledger:
    """The document ledger of one corpus, read-only."""

    catalog: Catalog
    corpus: Corpus

    def find(self, words: str) -> list[Row]:
        """Find documents by id, URL, object, or words of the title; the surest way that hits."""
        like = "%" + words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        every_word = [f"%{word}%" for word in words.split()]
        for condition, values in (
            ("doc_id = %s or url = %s or object_uri = %s or object_key = %s", [words] * 4),
            ("doc_id like %s or url ilike %s or object_uri ilike %s", [like[1:], like, like]),
            ("title ilike all (%s)", [every_word]),
        ):
            rows = self._select(condition, values)
            if rows:
                return rows
        return []

    def example(self, kind: Example) -> Row | None:
        """Return one document of a kind: the longest."""
        rows = self._select(_EXAMPLES[kind], [], order="text_chars desc nulls last, doc_id", most=1)
        return rows[0] if rows else None

    def story(self, row: Row) -> dict[str, Any]:
        """Return a document's story, in the form of `why --json`."""
        return {
            "doc_id": row["doc_id"],
            "source": row["source"],
            "object_uri": row["object_uri"],
            "locator": row["locator"],
            "url": row["url"],
            "title": row["title"],
            "license": row["license"],
            "language": row["language"],
            "redactions": row["pii_count"],
            "stages": self._stages(row),
            "duplicate_of": row["duplicate_of"],
            "split": row["split"],
            "token_count": row["token_count"],
            "tokens": json.loads(row["tokens"]) if row["tokens"] else [],
        }

    def _select(
        self,
        condition: LiteralString,
        values: Sequence[Any],
        order: LiteralString = "doc_id",
        most: int = _MOST_MATCHES,
    ) -> list[Row]:
        query = sql.SQL(
            "select * from llm_assets.document_ledger where corpus = %s and ({}) "
            "order by {} limit {}"
        ).format(
            sql.SQL(condition),
            sql.SQL(order),
            sql.Literal(most),
        )
        try:
            with self.catalog.connect() as connection:
                return list(connection.execute(query, [self.corpus.name, *values]))
        except errors.UndefinedTable:
            raise NoLedgerError(_NO_LEDGER) from None

    def _stages(self, row: Row) -> list[dict[str, Any]]:
        kind = {source.name: source.kind for source in self.corpus.sources}.get(row["source"])
        runs = self._runs(row["shard"])
        reached = _reached(row, self.corpus.recipe)
        stages = []
        for stage in reached:
            asset = f"raw_{kind}" if stage == "raw" else stage
            last = stage == reached[-1]
            decided = last and row["verdict"] != "keep"
            stages.append(
                {
                    "stage": asset,
                    "verdict": row["verdict"] if decided else "keep",
                    "reason": row["reason"] if decided else None,
                    "measured": row["measured"] if decided else None,
                    "threshold": row["threshold"] if decided else None,
                    "detail": row["detail"] if decided else None,
                    "run_id": runs.get(asset),
                }
            )
        return stages

    def _runs(self, shard: str) -> dict[str, str]:
        """Return the run that made each asset's current version of this shard."""
        with self.catalog.connect() as connection:
            return {
                row["asset"]: row["run_id"]
                for row in connection.execute(
                    "select asset, run_id from llm_assets.shard_versions "
                    "where corpus = %s and shard = %s",
                    (self.corpus.name, shard),
                )
            }

    def losses(self) -> list[Row]:
        """Count the documents that are out, by stage, verdict and reason; the most first.

        Raises:
            NoLedgerError: if nothing of this corpus is in the ledger.
        """
        query = """
            select stage, verdict, reason, count(*) as documents
            from llm_assets.document_ledger where corpus = %(corpus)s
            group by stage, verdict, reason order by documents desc, stage, verdict, reason"""
        try:
            with self.catalog.connect() as connection:
                rows = list(connection.execute(query, {"corpus": self.corpus.name}))
        except errors.UndefinedTable:
            rows = []
        if not rows:
            raise NoLedgerError(_NO_LEDGER)
        return [row for row in rows if row["verdict"] != "keep"]


_FLOW = (
    *("raw", "cleaned_text", "contamination"),
    *("near_duplicates", "repeated_passages", "tokenized_corpus", "training_split"),
)


def _reached(row: Row, recipe: Recipe) -> list[str]:
    """Return the stages that a document went through, the last one included."""
    left_out = set()
    if recipe.decontaminate is None:
        left_out.add("contamination")
    if recipe.passages is None:
        left_out.add("repeated_passages")
    reached = _FLOW[: _FLOW.index(row["stage"]) + 1]
    return [stage for stage in reached if stage not in left_out]
