"""Write what DCLM's line modifiers leave of the documents: `vectors/refinedweb@dclm.parquet`.

In an environment with `fasttext-numpy2-wheel uniseg nltk Unidecode justext lxml_html_clean retrie
beautifulsoup4 transformers pyarrow`, beside a checkout of mlfoundations/dclm at commit 361714b:

    python make_refinedweb_vectors.py dclm

The steps are those of `dclm_baseline_refinedweb.yaml` from `word_counter_enricher` on.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from vectors_file import read_documents, short_hash, write_vectors


def open_packages(checkout: Path) -> None:
    """Make modules of these packages importable without all that the packages import."""
    for name in ("", ".core", ".mappers", ".mappers.enrichers", ".mappers.filters"):
        package = sys.modules[f"baselines{name}"] = ModuleType(f"baselines{name}")
        package.__path__ = [str(checkout / f"baselines{name}".replace(".", "/"))]
    sys.modules["core"] = sys.modules["baselines.core"]


open_packages(Path(sys.argv[1]))

from baselines.mappers import modifiers  # noqa: E402
from baselines.mappers.enrichers.enrichers import word_counter_enricher  # noqa: E402
from baselines.mappers.filters.content_filters import word_removal_ratio_filter  # noqa: E402

WORDS = "previous_word_count"
PHRASE = {"max_length": 10, "remove_substring_only": True}
STEPS = [
    lambda page: modifiers.uppercase_ratio_line_modifier(page, max_ratio=0.5),
    lambda page: modifiers.numeric_ratio_line_modifier(page, max_ratio=0.999999),
    modifiers.counter_line_modifier(),
    lambda page: modifiers.line_length_modifier(page, min_length=2),
    modifiers.substring_line_modifier("items in cart", **PHRASE),
    modifiers.substring_line_modifier("Read more...", location="suffix", **PHRASE),
    modifiers.substring_line_modifier("Sign-in", location="prefix", **PHRASE),
]


def rows() -> Iterator[dict[str, Any]]:
    for name, text in read_documents():
        page = word_counter_enricher({"text": text}, key=WORDS)[0]
        before = page[WORDS]
        pages = [page]
        for step in STEPS:
            pages = [after for page in pages for after in step(page)]
        edited = pages[0]["text"] if pages else ""
        after = word_counter_enricher({"text": edited}, key=WORDS)[0][WORDS]
        kept = pages and word_removal_ratio_filter(pages[0], WORDS, max_removed_ratio=0.05)
        yield {
            "name": name,
            "verdict": "keep" if kept else "drop",
            "reason": None if kept else "too_many_words_cut",
            "text_hash": short_hash(edited),
            "word_count_before": before,
            "word_count_after": after,
        }


if __name__ == "__main__":
    write_vectors("refinedweb@dclm", rows(), ["fasttext-numpy2-wheel"], dclm="361714b")
