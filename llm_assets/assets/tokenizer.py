"""`tokenizer`: the vocabulary, trained once on a sample of the corpus or given as a file."""

from functools import lru_cache, partial
from pathlib import Path

import dagster as dg
import polars as pl

from llm_assets.assets.names import OWNERS
from llm_assets.corpus.schema import tokenized_schema
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_file import (
    ENCODING_FILE,
    END_OF_DOCUMENT,
    FILE_NAMES,
    TokenizerFile,
    given_tokenizer,
    read_tokenizer_file,
)
from llm_assets.corpus.tokenization.tokenizer_training import draw_sample, train_tokenizer
from llm_assets.corpus.tokenization.vocabulary import TokenizerKind, UnusableTokenizerError
from llm_assets.io.parquet_file import file_hash
from llm_assets.io.shards import Advance, FilesTask, NotMaterializedError, ShardedTable, Summary
from llm_assets.partitions import WHOLE
from llm_assets.recipe import ConfigurationError, Corpus, fingerprint

TOKENIZER = "tokenizer"
_VERSION = "1"


def tokenizer_asset(corpus: Corpus, corpus_file: Path) -> dg.AssetsDefinition:
    """Build the asset that trains or takes over the tokenizer."""

    @dg.asset(
        name=TOKENIZER,
        group_name="tokens",
        io_manager_key="files",
        kinds={"huggingface"},
        owners=OWNERS,
        code_version=tokenizer_fingerprint(corpus),
        description=(
            "The tokenizer of every document: a byte-level BPE trained on a sample of the kept "
            "documents (`tokenizer.json`), or the file that the recipe names: a `tokenizer.json`, "
            "tiktoken ranks or a SentencePiece model, kept as it was given. It is trained "
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
            "tokenizer.json, tiktoken ranks or a SentencePiece model, relative to the corpus file"
        )
    # Not made from cleaned_text's versions: a trained vocabulary stays when the corpus changes.
    made_from = {} if path is None else {"file": file_hash(path)}
    if path is None:
        make = partial(_train, corpus, cleaned_text)
    else:
        make = partial(_take_over, corpus, corpus_file, path)
    return FilesTask(
        shard=WHOLE,
        made_from=made_from,
        recipe_fingerprint=tokenizer_fingerprint(corpus),
        make=make,
    )


def _train(corpus: Corpus, cleaned_text: ShardedTable, folder: Path, advance: Advance) -> Summary:
    choice, training = corpus.recipe.tokenizer, corpus.recipe.tokenizer.training
    sample = draw_sample(_kept_texts(cleaned_text), training.sample_bytes)
    text = train_tokenizer(
        sample,
        training.vocabulary_size,
        choice.end_of_document or END_OF_DOCUMENT["huggingface"],
        training.pre_tokenizer,
        training.special_tokens,
    )
    advance(len(sample))
    file = TokenizerFile.of_json(text)
    return _kept(folder, file, Tokenizer(file, choice.end_of_document), len(sample))


def _take_over(
    corpus: Corpus, corpus_file: Path, path: Path, folder: Path, _advance: Advance
) -> Summary:
    choice = corpus.recipe.tokenizer
    try:
        file = given_tokenizer(
            path.read_bytes(),
            path.name,
            choice.pattern,
            choice.special_tokens,
            choice.end_of_document,
        )
        tokenizer = Tokenizer(file, choice.end_of_document)
    except UnusableTokenizerError as error:
        raise ConfigurationError(
            f"{corpus_file}: recipe.tokenizer.file: {path}: {error}"
        ) from error
    return _kept(folder, file, tokenizer, 0)


def _kept(
    folder: Path, file: TokenizerFile, tokenizer: Tokenizer, sample_documents: int
) -> Summary:
    """Write the tokenizer and say what it is."""
    file.write(folder)
    return {
        "rows": tokenizer.vocabulary_size,
        "vocabulary_size": tokenizer.vocabulary_size,
        "sample_documents": sample_documents,
        "kind": tokenizer.kind,
        "engine": tokenizer.engine,
        "end_of_document_id": tokenizer.end_of_document_id,
        "token_dtype": tokenizer.token_dtype.name,
        "special_token_count": len(tokenizer.special_tokens),
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
    """Read the current tokenizer back, with the fastest exact engine unless told otherwise.

    While it is the same file it is the same object: to load one takes a third of a second, and the
    checks, `tokenized_corpus` and each shard of `training_split` want it.
    """
    content = _content(tokenizer)
    return _loaded(*content, corpus.recipe.tokenizer.end_of_document, reference_only)


@lru_cache(maxsize=1)
def _loaded(
    kind: TokenizerKind,
    content: bytes,
    encoding: bytes,
    end_of_document: str | None,
    reference_only: bool,
) -> Tokenizer:
    file = read_tokenizer_file(kind, content, encoding)
    return Tokenizer(file, end_of_document, reference_only)


def tokenizer_file(tokenizer: ShardedTable) -> TokenizerFile:
    """Read the current tokenizer's file."""
    return read_tokenizer_file(*_content(tokenizer))


def _content(tokenizer: ShardedTable) -> tuple[TokenizerKind, bytes, bytes]:
    """Return what the current tokenizer's files hold."""
    kind = tokenizer_kind(tokenizer)
    content = tokenizer.file(WHOLE, FILE_NAMES[kind]).read_bytes()
    encoding = tokenizer.file(WHOLE, ENCODING_FILE).read_bytes() if kind == "tiktoken" else b""
    return kind, content, encoding


def tokenizer_kind(tokenizer: ShardedTable) -> TokenizerKind:
    """Return the current tokenizer's kind; of one that was made before there were several, the one.

    Raises:
        NotMaterializedError: if there is none.
    """
    kind: TokenizerKind = _summary(tokenizer).get("kind", "huggingface")
    return kind


def tokenized_schema_of(tokenizer: ShardedTable) -> pl.Schema:
    """Return the columns of documents that are tokenized by the current tokenizer.

    Raises:
        NotMaterializedError: if there is none.
    """
    return tokenized_schema(int(_summary(tokenizer)["vocabulary_size"]))


def _summary(tokenizer: ShardedTable) -> Summary:
    current = tokenizer.versions.get(WHOLE)
    if current is None:
        raise NotMaterializedError("there is no tokenizer yet: materialize it first")
    return current.summary
