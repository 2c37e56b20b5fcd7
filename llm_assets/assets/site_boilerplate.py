"""`site_boilerplate`: the lines that each site repeats from page to page."""

from collections.abc import Iterator
from functools import cache, partial

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS, column_schema
from llm_assets.cleaning import text_libraries
from llm_assets.corpus.clean import CLEANING_VERSION
from llm_assets.corpus.identity import shard_names
from llm_assets.corpus.normalize import normalize_text
from llm_assets.corpus.report import summarize_site_lines
from llm_assets.corpus.site_lines import SITE_LINES, draw_pages, find_repeated_lines, site_of
from llm_assets.extraction import extractor
from llm_assets.io.shards import Advance, DrawnTasks, FrameTask, Previous, ShardedTable
from llm_assets.recipe import Corpus, fingerprint
from llm_assets.resources import WorkersResource
from llm_assets.workers import WorkerPool

SITE_BOILERPLATE = "site_boilerplate"
_VERSION = "1"
_BATCH_ROWS = 512


def wants_site_lines(corpus: Corpus) -> bool:
    """Tell whether the recipe cuts lines that sites repeat, and there are web pages."""
    return SITE_BOILERPLATE in corpus.recipe.cleaning.lines and "web" in corpus.kinds


def site_boilerplate_asset(corpus: Corpus) -> dg.AssetsDefinition:
    """Build the asset that finds what sites repeat."""

    @dg.asset(
        name=SITE_BOILERPLATE,
        group_name="cleaned",
        io_manager_key="parquet",
        kinds={"polars", "parquet"},
        owners=OWNERS,
        code_version=site_lines_fingerprint(corpus),
        metadata=column_schema(SITE_LINES),
        description=(
            "One row: one line that a site repeats, with the share of its pages that have it. "
            "Found on up to 40 pages of each site with 8 or more, over all shards at once; stored "
            "as one file a shard with the sites that occur there, so that only shards with a site "
            "whose lines changed are cleaned anew. Read by `cleaned_text`."
        ),
    )
    def site_boilerplate(raw_web: ShardedTable, workers: WorkersResource) -> DrawnTasks:
        return DrawnTasks(partial(site_lines_tasks, corpus, raw_web, workers))

    return site_boilerplate


def site_lines_fingerprint(corpus: Corpus) -> str:
    """Name how repeated lines are found."""
    return fingerprint(
        "site_boilerplate",
        _VERSION,
        CLEANING_VERSION,
        corpus.recipe.cleaning.extractor,
        libraries=text_libraries(corpus),
    )


def site_lines_tasks(
    corpus: Corpus, raw_web: ShardedTable, workers: WorkersResource
) -> Iterator[FrameTask]:
    """Yield a task for each shard; pages are looked at once, if any shard needs it."""
    with workers.pool() as pool:
        repeated = cache(partial(_repeated_lines, corpus, raw_web, pool))

        def rows_of(
            shard: str, previous: Previous | None, advance: Advance
        ) -> Iterator[pl.DataFrame]:
            del previous, advance  # found as a whole
            here = _sites(raw_web.only([shard])).select("site").unique().collect()
            yield repeated().join(here, on="site", how="semi", maintain_order="left")

        for shard in shard_names(corpus.shards):
            yield FrameTask(
                shard=shard,
                made_from=raw_web.ingredients(),
                recipe_fingerprint=site_lines_fingerprint(corpus),
                schema=SITE_LINES,
                make=partial(rows_of, shard),
                describe=summarize_site_lines,
            )


def _sites(raw_web: ShardedTable) -> pl.LazyFrame:
    rows = raw_web.scan_all(["doc_id", "url", "source", "quarantine_reason"])
    return rows.filter(pl.col("quarantine_reason").is_null()).select("doc_id", "shard", site_of())


def _repeated_lines(corpus: Corpus, raw_web: ShardedTable, pool: WorkerPool) -> pl.DataFrame:
    """Extract the drawn pages, shard by shard, and compare them site by site."""
    drawn = draw_pages(_sites(raw_web).select("doc_id", "site")).collect()
    extract = extractor(pool, corpus, "web")
    texts = [pl.DataFrame(schema={"site": pl.String, "text": pl.String})]
    for shard in raw_web.shards:
        rows = raw_web.scan(shard)
        if rows is None:
            continue
        chosen = rows.join(drawn.lazy(), on="doc_id", how="inner", maintain_order="left")
        for group in chosen.collect_batches(maintain_order=True, lazy=True):
            for batch in group.iter_slices(_BATCH_ROWS):
                found = extract(batch.drop("site")).select("text")
                texts.append(
                    normalize_text(found).with_columns(batch["site"]).select("site", "text")
                )
    return find_repeated_lines(pl.concat(texts))
