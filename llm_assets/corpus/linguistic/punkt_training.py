"""Training a Punkt sentence model on one's own texts, where there is none for a language.

Punkt learns without labels: which words are abbreviations, which word pairs straddle a full stop,
which words start sentences. The model is written as NLTK's four tables, sorted, so that the same
texts in the same order give the same bytes. Training does 0.75 MB/s and keeps every distinct word
in memory: a sample of some megabytes will do.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Protocol

from llm_assets.corpus.linguistic.nltk_sentences import allow_any_time


class PunktModel(Protocol):
    """What Punkt learns."""

    @property
    def abbrev_types(self) -> Set[str]:
        """Words that a full stop follows within a sentence, without it."""

    @property
    def sent_starters(self) -> Set[str]:
        """Words that often start a sentence."""

    @property
    def collocations(self) -> Set[tuple[str, str]]:
        """Pairs of words that a full stop between them does not part."""

    @property
    def ortho_context(self) -> Mapping[str, int]:
        """How words were capitalized where; bits of NLTK's."""


def train_punkt(texts: Iterable[str]) -> Mapping[str, str]:
    """Learn a sentence model.

    Args:
        texts: documents of one language.

    Returns:
        The content of each of PUNKT_FILES, by name.
    """
    from nltk.tokenize.punkt import PunktTrainer

    allow_any_time()
    trainer = PunktTrainer()
    for text in texts:
        trainer.train(text, finalize=False)
    trainer.finalize_training()
    return model_files(trainer.get_params())


def model_files(model: PunktModel) -> Mapping[str, str]:
    """Return the content of a model's files (PUNKT_FILES) by name, as NLTK reads them."""
    flags = (f"{word}\t{context}" for word, context in model.ortho_context.items())
    return {
        "abbrev_types.txt": _lines(model.abbrev_types),
        "sent_starters.txt": _lines(model.sent_starters),
        "collocations.tab": _lines("\t".join(pair) for pair in model.collocations),
        "ortho_context.tab": _lines(flags),
    }


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(sorted(rows))
