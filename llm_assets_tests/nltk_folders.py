"""A small folder of NLTK data, made by the tests: no data of NLTK's is in the repository."""

from functools import cache
from pathlib import Path

from llm_assets.corpus.linguistic.punkt_training import train_punkt
from llm_assets.punkt_models import write_punkt_model
from llm_assets_tests.e2e.corpora import SAMPLES

STOP_WORDS = ("a", "and", "don't", "in", "is", "of", "the", "to", "was", "were")

_PREAMBLE = "  1 This index is made up for tests.  \n"
_INDEX = {
    "noun": "leaf wolf church axis axe us u saw dog box man men quiz life city",
    "verb": "leave see run like try be go saw dog box man churn",
    "adj": "big fine dry easy good well",
    "adv": "well soon",
}
_IRREGULAR = {
    "noun": "axes ax axis\nmen man\nwolves wolf\nquizzes quiz\n",
    "verb": "left leave\nran run\nsaw see\nwas be\nwent go\n",
    "adj": "best good\nbigger big\n",
    "adv": "best well\n",
}
_FILES = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}

LEXICOGRAPHER_FILES = 45  # of which NLTK's own reader wants the names


def write_nltk_folder(folder: Path) -> Path:
    """Lay out an English sentence model, stop words and a dictionary."""
    write_punkt_model(folder, "english", dict(english_model()))
    lists = folder / "corpora" / "stopwords"
    lists.mkdir(parents=True)
    (lists / "english").write_text("\n".join(STOP_WORDS), encoding="utf-8")
    (lists / "README").write_text("Not a list.", encoding="utf-8")
    write_wordnet(folder / "corpora" / "wordnet")
    return folder


@cache
def english_model() -> tuple[tuple[str, str], ...]:
    """Train a model on bundled texts; once, for it takes a second."""
    pages = sorted((SAMPLES / "congress").rglob("*.htm"))[:40]
    texts = (page.read_text(encoding="utf-8", errors="replace") for page in pages)
    return tuple(train_punkt(texts).items())


def write_wordnet(folder: Path) -> None:
    """Write a dictionary of a few words; complete enough for NLTK's own reader."""
    folder.mkdir(parents=True)
    for part, pos in _FILES.items():
        lines = (f"{lemma} {pos} 1 0 1 0 00000001  \n" for lemma in sorted(_INDEX[part].split()))
        (folder / f"index.{part}").write_text(_PREAMBLE + "".join(lines), encoding="utf-8")
        (folder / f"{part}.exc").write_text(_IRREGULAR[part], encoding="utf-8")
        (folder / f"data.{part}").write_text(_PREAMBLE, encoding="utf-8")
    names = "".join(f"{number:02}\tnoun.{number}\t1\n" for number in range(LEXICOGRAPHER_FILES))
    (folder / "lexnames").write_text(names, encoding="utf-8")
    for name in ("index.sense", "cntlist.rev", "citation.bib", "README", "LICENSE"):
        (folder / name).write_text("", encoding="utf-8")
