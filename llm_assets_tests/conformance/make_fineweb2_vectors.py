"""Write what FineWeb-2's filters say of texts in many languages: `vectors/fineweb2.parquet`.

In an environment with `datatrove==0.10.1 spacy[ja] jieba pythainlp kiwipiepy<0.22 khmer-nltk laonlp
indic-nlp-library pyvi polars pyarrow ruamel.yaml`, with the folder that holds the collections of
README.md and `books/eltec` (public domain), and beside a checkout of huggingface/fineweb-2 at the
commit that the head of `fineweb2_thresholds.tsv.gz` names:

    python make_fineweb2_vectors.py FOLDER fineweb-2

The filters are datatrove's, built with each language's configuration as FineWeb-2's pipeline builds
them. Its first filter, on GlotLID's score, is left out: that model is in no package. Languages are
those whose tokenizer is in a package. The file holds the texts too: pieces of free texts, in NFC as
cleaned texts are, and the same with faults planted.
"""

import gzip
import random
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters import (
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from make_documents import FAULTS, _decode, _strip_tags
from ruamel.yaml import YAML
from vectors_file import write_vectors

SOURCES = {
    "fra_Latn": ["udhr/fra", "FRA00501_Balzac", "wikinews"],
    "deu_Latn": ["udhr/deu", "DEU017"],
    "spa_Latn": ["udhr/spa", "SPA3025_LopezBago_LaBuscona"],
    "por_Latn": ["udhr/por_PT", "POR0011_CamCB_Mulheres"],
    "pol_Latn": ["udhr/pol", "POL0085_witkacy_jedyne-wyjscie"],
    "hun_Latn": ["udhr/hun", "HU13445"],
    **{
        code: [f"udhr/{name}"]
        for code, name in {
            "ita_Latn": "ita", "nld_Latn": "nld", "swe_Latn": "swe", "fin_Latn": "fin",
            "ces_Latn": "ces", "ron_Latn": "ron", "tur_Latn": "tur", "ind_Latn": "ind",
            "vie_Latn": "vie", "swh_Latn": "swh", "rus_Cyrl": "rus", "ukr_Cyrl": "ukr",
            "bul_Cyrl": "bul", "ell_Grek": "ell_monotonic", "heb_Hebr": "heb", "arb_Arab": "arb",
            "hin_Deva": "hin", "ben_Beng": "ben", "tam_Taml": "tam", "kat_Geor": "kat",
            "hye_Armn": "hye", "amh_Ethi": "amh", "kor_Hang": "kor", "cmn_Hani": "cmn_hans",
            "tha_Thai": "tha", "khm_Khmr": "khm", "lao_Laoo": "lao",
        }.items()
    },
    "jpn_Jpan": ["udhr/jpn", "aozora"],
}  # fmt: skip
PIECES = 6
PIECE_CHARS = 2_000


def main(data: Path, checkout: Path) -> None:
    write_vectors(
        "fineweb2",
        rows(data, checkout / "configs"),
        ["datatrove", "spacy", "jieba", "pythainlp", "kiwipiepy", "khmer-nltk", "laonlp", "pyvi"],
    )


def rows(data: Path, configs: Path) -> Iterator[dict[str, Any]]:
    for code, sources in SOURCES.items():
        with (configs / f"{code}.yml").open(encoding="utf-8") as file:
            filters = filters_of(code, YAML(typ="safe", pure=True).load(file))
        for source in sources:
            for name, text in documents(data, source):
                reason = first_reason(filters, text)
                yield {"name": f"{code}/{name}", "code": code, "text": text, "reason": reason}


def filters_of(code: str, config: dict[str, Any]) -> list[Any]:
    return [
        GopherRepetitionFilter(
            language=code,
            dup_para_frac=0,
            dup_line_char_frac=0,
            dup_para_char_frac=0,
            dup_line_frac=config["dup_line_frac"],
            top_n_grams=config["top_n_grams"],
            dup_n_grams=config["dup_n_grams"],
        ),
        FineWebQualityFilter(
            language=code,
            short_line_thr=999,
            char_duplicates_ratio=0.1,
            line_punct_thr=config["line_punct_thr"],
            new_line_ratio=config["new_line_ratio"],
        ),
        GopherQualityFilter(
            language=code,
            max_avg_word_length=config["max_avg_word_length"],
            min_avg_word_length=config["min_avg_word_length"],
            stop_words=config["stopwords"],
            max_non_alpha_words_ratio=config["max_non_alpha_words_ratio"],
            min_stop_words=2,
        ),
    ]


def first_reason(filters: list[Any], text: str) -> str | None:
    for each in filters:
        result = each.filter(Document(text=text, id=""))
        if isinstance(result, tuple):
            return result[1]
    return None


def documents(data: Path, source: str) -> Iterator[tuple[str, str]]:
    """Yield pieces of a source's text, and each of them with two faults."""
    text = unicodedata.normalize("NFC", read_source(data, source))
    for i, piece in enumerate(pieces(text)):
        name = f"{source.rpartition('/')[2]}/{i}"
        yield name, piece
        for fault in random.Random(name).sample(FAULTS, 2):
            yield f"{name}#{fault.__name__}", fault(piece, random.Random(name))


def read_source(data: Path, source: str) -> str:
    if source.startswith("udhr/"):
        return (data / "languages" / f"{source}.txt").read_text(encoding="utf-8")
    if source == "wikinews":
        pages = sorted((data / "news/wikinews-fr").glob("*.html"))[:PIECES]
        return "\n\n".join(_strip_tags(_decode(page.read_bytes())) for page in pages)
    if source == "aozora":
        stories = sorted((data / "books/aozora").glob("*.txt"))[:2]
        return "\n".join(story.read_text(encoding="shift_jis") for story in stories)
    novel = gzip.decompress((data / "books/eltec" / f"{source}.xml.gz").read_bytes()).decode()
    return _strip_tags(re.sub(r"\s+", " ", novel.partition("<text")[2]).replace("</p>", "\n"))


def pieces(text: str) -> list[str]:
    """Return the first pieces, of whole lines."""
    found, piece = [], ""
    for line in text.splitlines(keepends=True):
        piece += line
        if len(piece) >= PIECE_CHARS:
            found.append(piece[: 2 * PIECE_CHARS].strip())
            piece = ""
    return [*found, piece.strip()][:PIECES] if piece.strip() else found[:PIECES]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
