"""`tokenizer`: the vocabulary, trained once on a sample of the corpus or given as a file."""

from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS
from llm_assets.corpus.tokenize import Tokenizer
from llm_assets.corpus.tokenizer_training import draw_sample, train_tokenizer
from llm_assets.io.parquet_file import file_hash
from llm_assets.io.shards import Advance, FilesTask, ShardedTable, Summary
from llm_assets.partitions import WHOLE
from llm_assets.recipe import ConfigurationError, Corpus, fingerprint

TOKENIZER_FILE = "tokenizer.json"
_VERSION = "1"


def tokenizer_asset(corpus: Corpus, corpus_file: Path) -> dg.AssetsDefinition:
    """Build the asset that trains or takes over the tokenizer."""

    @dg.asset(
        name="tokenizer",
        group_name="tokens",
        io_manager_key="files",
        kinds={"huggingface", "json"},
        owners=OWNERS,
        code_version=tokenizer_fingerprint(corpus),
        description=(
            "The `tokenizer.json` that every document is tokenized with: a byte-level BPE trained "
            "on a sample of the kept documents, or the file that the recipe names. It is trained "
            "once and then kept while the corpus changes, so that a new document costs only its "
            "own tokens; it is trained anew when `recipe.tokenizer` changes."
        ),
    )
    def tokenizer(cleaned_text: ShardedTable) -> list[FilesTask]:
        return [tokenizer_task(corpus, corpus_file, cleaned_text)]

    return tokenizer


def tokenizer_fingerprint(corpus: Corpus) -> str:
    """Name how the tokenizer comes about."""
    return fingerprint("tokenizer", _VERSION, corpus.recipe.tokenizer, libraries=["tokenizers"])


def tokenizer_task(corpus: Corpus, corpus_file: Path, cleaned_text: ShardedTable) -> FilesTask:
    """Return the task that trains the tokenizer or copies the given one."""
    given = corpus.recipe.tokenizer.file
    path = None if given is None else corpus_file.parent / given
    if path is not None and not path.is_file():
        raise ConfigurationError(
            f"{corpus_file}: recipe.tokenizer.file: there is no file {path}; give the path of a "
            "tokenizer.json, relative to the corpus file"
        )
    # Not made from cleaned_text's versions: a trained vocabulary stays when the corpus changes.
    made_from = {} if path is None else {"file": file_hash(path)}
    return FilesTask(
        shard=WHOLE,
        made_from=made_from,
        recipe_fingerprint=tokenizer_fingerprint(corpus),
        make=partial(_make, corpus, path, cleaned_text),
    )


def _make(
    corpus: Corpus, given: Path | None, cleaned_text: ShardedTable, folder: Path, advance: Advance
) -> Summary:
    choice = corpus.recipe.tokenizer
    if given is not None:
        text = given.read_text(encoding="utf-8")
        learnt_from = 0
    else:
        sample = draw_sample(_kept_texts(cleaned_text), choice.training.sample_bytes)
        learnt_from = len(sample)
        text = train_tokenizer(sample, choice.training.vocabulary_size, choice.end_of_document)
    tokenizer = Tokenizer(text, choice.end_of_document)
    (folder / TOKENIZER_FILE).write_text(text, encoding="utf-8")
    advance(learnt_from)
    return {
        "rows": tokenizer.vocabulary_size,
        "vocabulary_size": tokenizer.vocabulary_size,
        "sample_documents": learnt_from,
        "engine": tokenizer.engine,
    }


def _kept_texts(cleaned_text: ShardedTable) -> pl.LazyFrame:
    return (
        cleaned_text.scan_all(["doc_id", "text", "verdict"])
        .filter(pl.col("verdict") == "keep")
        .select("doc_id", "text")
    )


def load_tokenizer(
    corpus: Corpus, tokenizer: ShardedTable, reference_only: bool = False
) -> Tokenizer:
    """Read the current tokenizer back, with the fastest exact engine unless told otherwise."""
    text = tokenizer.file(WHOLE, TOKENIZER_FILE).read_text(encoding="utf-8")
    return Tokenizer(text, corpus.recipe.tokenizer.end_of_document, reference_only)
