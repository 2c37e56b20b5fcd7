import polars as pl

from llm_assets.corpus.groups import own_group

_TYPES = {"doc_id": pl.String, "source": pl.String, "group_key": pl.String}


def _documents(rows: list[tuple[str, str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, _TYPES, orient="row")


def test_a_documents_own_group() -> None:
    documents = _documents([("a", "books", "moby"), ("b", "web", None), ("c", "web", "")])
    assert documents.select(own_group()).to_series().to_list() == ["books/moby", "b", "c"]


def test_groups_of_two_sources_are_two_groups() -> None:
    documents = _documents([("a", "books", "1"), ("b", "web", "1")])
    assert documents.select(own_group()).to_series().n_unique() == 2
