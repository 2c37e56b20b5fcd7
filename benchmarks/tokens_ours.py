"""One measurement of `tokens.py`: a process of its own, which prints one JSON line.

python benchmarks/tokens_ours.py METHOD TOKENIZER FOLDER OUTPUT [--megabytes N]
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from llm_assets.assets.tokenized_corpus import PIECES_AHEAD, text_pieces
from llm_assets.corpus.ahead import map_ahead
from llm_assets.corpus.schema import tokenized_schema
from llm_assets.corpus.tokenization.tokenize import Tokenizer, tokenize_frame
from llm_assets.corpus.tokenization.tokenizer_file import given_tokenizer
from llm_assets.io.parquet_file import write_table

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=list(METHODS))
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--megabytes", type=int, default=2_000)
    figures = METHODS[parser.parse_args().method](parser.parse_args())
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps(figures))


def _documents(folder: Path) -> pl.DataFrame:
    lines = pl.concat(
        pl.read_ndjson(path, schema={"id": pl.String, "text": pl.String})
        for path in sorted(folder.glob("*.jsonl"))
    )
    return lines.select(doc_id="id", text_hash="id", text="text").rechunk()


def _tokenizer(options: argparse.Namespace) -> Tokenizer:
    return Tokenizer(given_tokenizer(options.tokenizer.read_bytes(), options.tokenizer.name))


def _timed(work: Callable[[], Any], size: int) -> Figures:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "bytes": size,
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
    }


def raw(options: argparse.Namespace) -> Figures:
    """gigatoken alone, texts in Arrow memory, one call."""
    import awkward as ak
    import gigatoken

    texts = _documents(options.folder)["text"]
    arrow = ak.from_arrow(texts.to_arrow(compat_level=pl.CompatLevel.oldest()))
    tokenizer = gigatoken.Tokenizer.from_json(options.tokenizer.read_text("utf-8"))
    return _timed(lambda: tokenizer.encode_batch(arrow), int(texts.str.len_bytes().sum()))


def encode(options: argparse.Namespace) -> Figures:
    """Our frames of ids, checked against the reference, not written."""
    documents, tokenizer = _documents(options.folder), _tokenizer(options)
    size = int(documents["text"].str.len_bytes().sum())
    return _timed(
        lambda: [tokenize_frame(piece, tokenizer) for piece in text_pieces(documents)], size
    )


def asset(options: argparse.Namespace) -> Figures:
    """The whole asset: tokenized, and written as Parquet as its IO manager does."""
    documents, tokenizer = _documents(options.folder), _tokenizer(options)
    size = int(documents["text"].str.len_bytes().sum())
    return _timed(lambda: _write(options.output, tokenizer, text_pieces(documents)), size)


def files(options: argparse.Namespace) -> Figures:
    """From JSON lines to Parquet, the tokenizer's loading included: what datatrove is given."""
    size = int(_documents(options.folder)["text"].str.len_bytes().sum())

    def work() -> None:
        tokenizer = _tokenizer(options)
        documents = _documents(options.folder)
        _write(options.output, tokenizer, text_pieces(documents))

    return _timed(work, size)


def memory(options: argparse.Namespace) -> Figures:
    """Many megabytes of different text; the process's size every 250 MB."""
    documents, tokenizer = _documents(options.folder), _tokenizer(options)
    sizes: list[int] = []
    done = 0

    def pieces() -> Iterator[pl.DataFrame]:
        nonlocal done
        round_ = 0
        while done < options.megabytes * 1_000_000:
            for piece in text_pieces(documents):
                changed = piece.with_columns(pl.col("text") + f" {round_}")
                done += int(changed["text"].str.len_bytes().sum())
                if done // 250_000_000 > len(sizes) - 1:
                    sizes.append(_resident_mb())
                yield changed
            round_ += 1

    figures = _timed(lambda: _write(options.output, tokenizer, pieces()), 0)
    return figures | {"bytes": done, "resident_mb": sizes}


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def _write(output: Path, tokenizer: Tokenizer, pieces: Iterator[pl.DataFrame]) -> None:
    frames = map_ahead(lambda piece: tokenize_frame(piece, tokenizer), pieces, PIECES_AHEAD)
    write_table(output, tokenized_schema(tokenizer.vocabulary_size), frames)


METHODS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    method.__name__: method for method in (raw, encode, asset, files, memory)
}

if __name__ == "__main__":
    main()
