"""Write what FineWeb's own filter says of the documents: `vectors/fineweb@*.parquet`.

`fineweb@0.10`, in an environment with `datatrove==0.10.1 spacy==3.8.18 nltk pyarrow`:

    python make_fineweb_vectors.py fineweb@0.10

`fineweb@2024-05`, in an environment with `nltk==3.8.1 xxhash dill fsspec huggingface-hub<1 humanize
loguru multiprocess numpy regex tqdm pyarrow`, beside a checkout of datatrove at commit c72b1e4 (2
May 2024) and NLTK's data `punkt_tab`, whose folder `english` is named last:

    PYTHONPATH=datatrove/src python make_fineweb_vectors.py fineweb@2024-05 punkt_tab/english

That commit counts words by NLTK, whose newest version then was 3.8.1. It loads the model from a
pickle, which has the numbers of `punkt_tab`.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters.fineweb_quality_filter import FineWebQualityFilter
from vectors_file import read_documents, write_vectors


def main(profile: str, *punkt: str) -> None:
    if profile == "fineweb@2024-05":
        packages, more = ["nltk"], {"datatrove": "c72b1e4"}
        count_words = nltk_word_count(Path(*punkt))
    else:
        packages, more = ["datatrove", "spacy"], {}
        count_words = spacy_word_count()
    write_vectors(profile, judge(count_words), packages, **more)


def judge(count_words: Callable[[str], int]) -> Iterator[dict[str, Any]]:
    rules = FineWebQualityFilter()
    for name, text in read_documents():
        kept, reason = outcome(rules.filter(Document(text=text, id=name)))
        verdict = "keep" if kept else "drop"
        yield {
            "name": name,
            "verdict": verdict,
            "reason": reason,
            "word_count": count_words(text),
        }


def outcome(result: bool | tuple[bool, str]) -> tuple[bool, str | None]:
    return result if isinstance(result, tuple) else (result, None)


def spacy_word_count() -> Callable[[str], int]:
    from datatrove.utils.text import split_into_words

    return lambda text: len(split_into_words(text))


def nltk_word_count(model: Path) -> Callable[[str], int]:
    import nltk.tokenize
    from punkt_model import read_punkt_model

    splitter = nltk.tokenize.PunktSentenceTokenizer(read_punkt_model(model))
    nltk.tokenize.load = lambda _: splitter  # instead of the pickle
    return lambda text: len(nltk.word_tokenize(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
