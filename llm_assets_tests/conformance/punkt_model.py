"""NLTK's data `punkt_tab` as the parameters that NLTK 3.8.1, which is older than it, works with."""

from pathlib import Path

from nltk.tokenize.punkt import PunktParameters


def read_punkt_model(folder: Path) -> PunktParameters:
    """Read the four tables of one language."""
    model = PunktParameters()
    model.abbrev_types = set(_rows(folder / "abbrev_types.txt"))
    model.sent_starters = set(_rows(folder / "sent_starters.txt"))
    model.collocations = {
        (first, second)
        for first, second in (row.split("\t") for row in _rows(folder / "collocations.tab"))
    }
    for row in _rows(folder / "ortho_context.tab"):
        word, contexts = row.split("\t")
        model.ortho_context[word] = int(contexts)
    return model


def _rows(path: Path) -> list[str]:
    return [row for row in path.read_text(encoding="utf-8").split("\n") if row]
