"""Write what the two readings of C4 leave of the documents: `vectors/c4@*.parquet`.

`c4@datatrove-0.10`, in an environment with `datatrove==0.10.1 spacy==3.8.18 nltk pyarrow`:

    python make_c4_vectors.py c4@datatrove-0.10

`c4@tfds`, in an environment with `absl-py nltk==3.8.1 pyarrow` (the NLTK that TensorFlow Datasets
asks for) and, without what it depends on, `tensorflow-datasets==4.9.10`; NLTK's data `punkt_tab`,
whose folder `english` is named last, has the numbers of the pickle that it would load:

    python make_c4_vectors.py c4@tfds punkt_tab/english

`c4_utils.py` runs as published. Of TensorFlow it asks for nothing but a conversion to text, and of
the rest of its package for NLTK, so both are stood in for.
"""

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from vectors_file import read_documents, short_hash, write_vectors

TFDS_REASONS = {
    "filtered": "too_long",
    "filtered:loremipsum": "lorem_ipsum",
    "filtered:squigglybracket": "curly_bracket",
    "filtered:too_few_sentences": "too_few_sentences",
}


def main(profile: str, *punkt: str) -> None:
    if profile == "c4@tfds":
        write_vectors(profile, tfds_rows(Path(*punkt)), ["tensorflow-datasets", "nltk"])
    else:
        write_vectors(profile, datatrove_rows(), ["datatrove", "spacy"])


def row(name: str, reason: str | None, text: str | None, counts: Counter[str]) -> dict[str, Any]:
    """Put down one document; counts are of what was read until the document was dropped."""
    return {
        "name": name,
        "verdict": "drop" if reason else "keep",
        "reason": reason,
        "text_hash": None if reason or text is None else short_hash(text),
        "sentence_count": None if reason in UNREAD else counts["sentences"],
        **{f"{kind}_line_count": counts[kind] for kind in LINES},
    }


UNREAD = ("too_long", "lorem_ipsum", "curly_bracket")
LINES = ("kept", "long_word", "unterminated", "short", "javascript", "policy")


def datatrove_rows() -> Iterator[dict[str, Any]]:
    from datatrove.data import Document
    from datatrove.pipeline.filters import c4_filters

    counts: Counter[str] = Counter()
    names = {
        "line-kept": "kept",
        "line-filter-too_long_word": "long_word",
        "line-filter-no_terminal_punc": "unterminated",
        "line-filter-too_few_words": "short",
        "line-filter-javascript": "javascript",
        "line-filter-policy": "policy",
    }

    class Counted(c4_filters.C4QualityFilter):
        def stat_update(self, *labels: str, **_: Any) -> None:
            counts.update(names[label] for label in labels if label in names)

    def split(text: str, language: str) -> list[str]:
        sentences = original(text, language)
        counts["sentences"] += len(sentences)
        return sentences

    original, c4_filters.split_into_sentences = c4_filters.split_into_sentences, split
    rules = Counted()
    for name, text in read_documents():
        counts.clear()
        document = Document(text=text, id=name)
        result = rules.filter(document)
        reason = result[1] if isinstance(result, tuple) else None
        yield row(name, reason, document.text, counts)


def tfds_rows(model: Path) -> Iterator[dict[str, Any]]:
    c4 = load_c4_utils(model)
    clean = c4.get_clean_page_fn()
    counts: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    names = {
        "line-passed": "kept",
        "line-filtered:too_long_word": "long_word",
        "line-filtered:no_endmark": "unterminated",
        "line-filtered:too_short": "short",
        "line-filtered:javascript": "javascript",
        "line-filtered:policy": "policy",
    }
    c4.get_counter_inc_fn = lambda _: lambda name, amount=1: passed.update({name: amount})
    split = c4._get_sentences

    def counted(text: str) -> list[str]:
        sentences = split(text)
        counts["sentences"] += len(sentences)
        return sentences

    c4._get_sentences = counted
    for name, text in read_documents():
        counts.clear()
        passed.clear()
        page = c4.PageFeatures(text=text)
        pages = list(clean(page)) if c4.is_valid_length(page) else []
        reason = next((TFDS_REASONS[event] for event in passed if event in TFDS_REASONS), None)
        counts.update({names[event]: many for event, many in passed.items() if event in names})
        yield row(name, reason, pages[0].text if pages else None, counts)


def load_c4_utils(model: Path) -> ModuleType:
    from nltk.tokenize.punkt import PunktSentenceTokenizer
    from punkt_model import read_punkt_model

    stand_in = ModuleType("stand_in")
    stand_in.tensorflow = SimpleNamespace(compat=SimpleNamespace(as_text=str))
    parts = ["", ".core", ".core.utils", ".core.utils.lazy_imports_utils", ".public_api"]
    sys.modules.update({f"tensorflow_datasets{part}": stand_in for part in parts})
    stand_in.public_api = stand_in
    path = next(f for f in files("tensorflow-datasets") or () if f.name == "c4_utils.py")
    spec = importlib.util.spec_from_file_location("c4_utils", path.locate())
    module = importlib.util.module_from_spec(spec)
    sys.modules["c4_utils"] = module
    spec.loader.exec_module(module)
    module._SENTENCE_TOKENIZER = PunktSentenceTokenizer(read_punkt_model(model))
    return module


if __name__ == "__main__":
    main(*sys.argv[1:])
