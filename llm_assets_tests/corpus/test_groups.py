import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_assets.corpus.groups import connect, own_group, tie_groups

_TYPES = {"doc_id": pl.String, "shard": pl.String, "source": pl.String, "group_key": pl.String}


def _documents(rows: list[tuple[str, str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(doc_id, "shard-0000", source, key) for doc_id, source, key in rows], _TYPES, orient="row"
    )


def _clusters(rows: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"doc_id": rows.keys(), "cluster_id": rows.values()},
        {"doc_id": pl.String, "cluster_id": pl.String},
    )


def _tied(documents: pl.DataFrame, clusters: pl.DataFrame) -> dict[str, str]:
    tied = tie_groups(documents.lazy(), clusters)
    assert tied.columns == ["doc_id", "shard", "group_id"]
    return dict(tied.select("doc_id", "group_id").iter_rows())


def test_a_documents_own_group() -> None:
    documents = _documents([("a", "books", "moby"), ("b", "web", None), ("c", "web", "")])
    assert documents.select(own_group()).to_series().to_list() == ["books/moby", "b", "c"]


def test_groups_of_two_sources_are_two_groups() -> None:
    documents = _documents([("a", "books", "1"), ("b", "web", "1")])
    assert documents.select(own_group()).to_series().n_unique() == 2


def test_without_duplicates_nothing_is_tied() -> None:
    assert _tied(_documents([("a", "books", "moby"), ("b", "web", None)]), _clusters({})) == {}


def test_a_cluster_without_group_keys_is_named_by_its_keeper() -> None:
    documents = _documents([("a", "web", None), ("b", "web", None), ("c", "web", None)])
    assert _tied(documents, _clusters({"a": "b", "b": "b"})) == {"a": "b", "b": "b"}


def test_editions_that_share_a_chapter_are_one_group() -> None:
    documents = _documents(
        [("a1", "x", "first"), ("a2", "x", "first"), ("b1", "x", "second"), ("b2", "x", "second")]
    )
    # a1 and b1 are equal; b2 is tied by its book alone, a2's own group is the tied group already.
    assert _tied(documents, _clusters({"a1": "a1", "b1": "a1"})) == {
        "a1": "x/first",
        "b1": "x/first",
        "b2": "x/first",
    }


def test_a_page_that_copies_a_chapter_goes_with_the_book() -> None:
    documents = _documents([("a", "x", "book"), ("b", "x", "book"), ("p", "web", None)])
    assert _tied(documents, _clusters({"a": "p", "p": "p"})) == {"a": "x/book", "p": "x/book"}


def test_ties_chain() -> None:
    documents = _documents(
        [("1", "x", "c"), ("2", "x", "b"), ("3", "x", "b"), ("4", "x", "a"), ("5", "y", "a")]
    )
    tied = _tied(documents, _clusters({"1": "1", "2": "1", "3": "3", "4": "3"}))
    assert tied == dict.fromkeys("1234", "x/a")


def test_connect_names_parts_by_their_smallest_key() -> None:
    edges = [("0", "k2"), ("0", "k3"), ("1", "k3"), ("1", "k1"), ("2", "k4")]
    parts = connect(edges)
    assert {parts[node] for node in ("0", "1", "k1", "k2", "k3")} == {"k1"}
    assert {parts[node] for node in ("2", "k4")} == {"k4"}


@st.composite
def _corpora(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    keys = draw(st.lists(st.sampled_from(["", None, "k1", "k2", "k3", "k4"]), max_size=12))
    texts = draw(st.lists(st.integers(0, 5), min_size=len(keys), max_size=len(keys)))
    ids = [f"{place:02d}" for place in range(len(keys))]
    keeper: dict[int, str] = {}
    for doc_id, text in zip(ids, texts, strict=True):
        keeper.setdefault(text, doc_id)
    clusters = {
        doc_id: keeper[text]
        for doc_id, text in zip(ids, texts, strict=True)
        if texts.count(text) > 1
    }
    rows = [(doc_id, "x", key) for doc_id, key in zip(ids, keys, strict=True)]
    return _documents(rows), _clusters(clusters)


@settings(deadline=None)
@given(_corpora())
def test_whatever_belongs_together_is_together_in_any_order(
    corpus: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    documents, clusters = corpus
    tied = _tied(documents, clusters)
    assert _tied(documents.reverse(), clusters.reverse()) == tied
    rows = documents.with_columns(own=own_group()).join(clusters, on="doc_id", how="left")
    group_id = rows["doc_id"].replace_strict(tied, default=rows["own"], return_dtype=pl.String)
    rows = rows.with_columns(group_id=group_id)
    for key in ("own", "cluster_id"):
        groups = rows.drop_nulls(key).group_by(key).agg(pl.col("group_id").n_unique())
        assert set(groups["group_id"]) <= {1}
    # Nothing else is tied: there are as many groups as connected parts.
    assert rows["group_id"].n_unique() == _count_parts(rows)


def _count_parts(rows: pl.DataFrame) -> int:
    """Count connected parts by merging sets that touch."""
    parts: list[set[str]] = []
    for own, cluster in rows.select("own", "cluster_id").iter_rows():
        part = {f"own {own}", f"cluster {cluster or own}"}
        touching = [other for other in parts if other & part]
        parts = [other for other in parts if not other & part]
        parts.append(part.union(*touching))
    return len(parts)
