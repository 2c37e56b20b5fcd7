"""The texts that are trained on: kept by cleaning, and not dropped or cut by a later stage.

Optional tables say what becomes of kept documents: each has a row with `doc_id` and `cuts` for a
document of which something goes (rows of CUTS), and one that drops documents has an `action`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from llm_assets.assets.contamination import CONTAMINATION_TABLE
from llm_assets.assets.repeated_passages import REPEATED_PASSAGES_TABLE
from llm_assets.corpus.cuts import final_texts, without_dropped
from llm_assets.io.shards import ShardedTable
from llm_assets.recipe import Corpus

_OPTIONAL: Final[dict[str, Callable[[Corpus], bool]]] = {
    CONTAMINATION_TABLE: lambda corpus: corpus.recipe.decontaminate is not None,
    REPEATED_PASSAGES_TABLE: lambda corpus: corpus.recipe.passages is not None,
}
"""By table: whether the recipe asks for it."""


def final_text_tables(corpus: Corpus) -> list[str]:
    """Return the assets that decide on texts under this recipe, `cleaned_text` first."""
    return ["cleaned_text", *(name for name, is_wanted in _OPTIONAL.items() if is_wanted(corpus))]


@dataclass(frozen=True)
class FinalText:
    """The tables of `final_text_tables`, by name."""

    tables: Mapping[str, ShardedTable]

    def ingredient(self, shard: str) -> dict[str, str]:
        """Name this shard's versions as ingredients of another."""
        named = (table.ingredient(shard) for table in self.tables.values())
        return {name: version for each in named for name, version in each.items()}

    def rows(self, shard: str) -> int:
        """Return how many records a shard has."""
        return self.tables["cleaned_text"].rows(shard)

    def records(self, shard: str) -> pl.LazyFrame | None:
        """Scan every record of a shard, with `text` and `text_hash` as they are in the end."""
        cleaned = self.tables["cleaned_text"].scan(shard)
        return None if cleaned is None else final_texts(cleaned, self._decisions(shard))

    def scan(self, shard: str) -> pl.LazyFrame | None:
        """Scan the records of a shard but for documents that a later stage dropped."""
        records = self.records(shard)
        return None if records is None else without_dropped(records, self._decisions(shard))

    def scan_all(self, columns: Sequence[str]) -> pl.LazyFrame:
        """Scan some columns of every shard, but for documents that a later stage dropped."""
        shards = self.tables["cleaned_text"].shards
        scans = (self.scan(shard) for shard in shards)
        return pl.concat(rows.select(columns) for rows in scans if rows is not None)

    def only(self, shards: Collection[str]) -> "FinalText":
        """Return the texts of some shards alone."""
        return FinalText({name: table.only(shards) for name, table in self.tables.items()})

    def optional(self, name: str, shard: str) -> pl.LazyFrame | None:
        """Scan a shard of a table that the recipe may not ask for."""
        table = self.tables.get(name)
        return None if table is None else table.scan(shard)

    def _decisions(self, shard: str) -> list[pl.LazyFrame]:
        scans = (self.optional(name, shard) for name in _OPTIONAL)
        return [rows for rows in scans if rows is not None]
