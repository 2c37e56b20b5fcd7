"""Lines that a site repeats are found over all shards and cut from every page, and no others."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from llm_assets.io.catalog import Catalog
from llm_assets_tests.e2e.corpora import SmallCorpus

NewCorpus = Callable[[], SmallCorpus]
NEWSLETTER = "Sign up for the weekly letter of this site and never miss a debate again."


def with_newsletter(corpus: SmallCorpus, pages: int = 9) -> None:
    """Put a paragraph into some of the pages, and ask for it to be cut."""
    for page in sorted((corpus.folder / "pages").iterdir())[:pages]:
        text = page.read_text(encoding="utf-8")
        middle = text.index("\n", len(text) // 2)
        page.write_text(text[:middle] + f"\n\n{NEWSLETTER}\n\n" + text[middle:], encoding="utf-8")
    path = corpus.folder / "corpus.yaml"
    cleaning = "recipe:\n  cleaning: {filters: [], lines: [site_boilerplate]}\n"
    path.write_text(path.read_text().replace("recipe:\n", cleaning))


def kept_texts(corpus: SmallCorpus) -> pl.DataFrame:
    current = Catalog(corpus.database_url, "small").current("cleaned_text")
    files = [Path(corpus.store) / entry.location for entry in current.values()]
    return pl.read_parquet(files).filter(source="pages")


def test_what_a_site_repeats_is_cut(new_corpus: NewCorpus) -> None:
    corpus, other = new_corpus(), new_corpus()
    with_newsletter(corpus)
    corpus.materialize()
    rows = kept_texts(corpus)
    assert rows.height == 9
    assert not rows["text"].str.contains(NEWSLETTER).any()
    assert rows["cut_line_count"].min() >= 1
    assert rows["boilerplate_hash"].n_unique() == 1
    again = corpus.materialize()
    assert all(row["up_to_date"] == row["shards"] for row in again["assets"])
    # Where the line becomes rare it stays: all pages are cleaned anew, as in a rebuild.
    for page in sorted((corpus.folder / "pages").iterdir())[:7]:
        page.write_text(page.read_text(encoding="utf-8").replace(NEWSLETTER, ""), encoding="utf-8")
    corpus.materialize()
    assert kept_texts(corpus)["text"].str.contains(NEWSLETTER).sum() == 2
    rebuilt = replace(corpus, database_url=other.database_url, store=other.store)
    rebuilt.materialize()
    for asset in ("site_boilerplate", "cleaned_text", "training_split"):
        assert corpus.versions(asset) == rebuilt.versions(asset), asset
