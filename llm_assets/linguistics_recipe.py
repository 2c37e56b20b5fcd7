"""The `linguistics` section of a recipe."""

from typing import Annotated, Literal

from pydantic import Field

from llm_assets.corpus.linguistic.linguist import LinguisticPlan
from llm_assets.corpus.linguistic.word_forms import PartOfSpeech
from llm_assets.recipe_model import LANGUAGE, Model


class Linguistics(Model):
    """What is done to the words of kept documents, in this order (docs/linguistics.md)."""

    languages: list[Annotated[str, Field(pattern=LANGUAGE)]] = []
    """Languages (ISO 639) for which every step's data must be there: a run fails at its start where
    something is missing. Documents in others go without what there is not."""
    sentences: bool = False
    """Keep each document's sentences, and not only their number."""
    lowercase: bool = True
    """Write words in lower case."""
    punctuation: bool = False
    """Keep tokens without a letter or digit among the words."""
    stop_words: Literal["remove", "keep"] = "remove"
    """The most frequent words of a language, such as *the* and *of*."""
    least_word_chars: Annotated[int, Field(ge=1)] = 1
    """Leave out shorter words."""
    word_form: Literal["as_written", "stem", "porter", "lemma"] = "as_written"
    """`stem`: Snowball stems, of 15 languages; `porter`: Porter's stems, of English; `lemma`:
    WordNet's entries, of English."""
    parts_of_speech: Annotated[list[PartOfSpeech], Field(min_length=1)] = ["noun"]
    """For `lemma`: which entries to look for, in this order."""

    def plan(self) -> LinguisticPlan:
        """Return the section as the core's plan."""
        return LinguisticPlan(
            languages=tuple(sorted(set(self.languages))),
            keep_sentences=self.sentences,
            lowercase=self.lowercase,
            keep_punctuation=self.punctuation,
            remove_stop_words=self.stop_words == "remove",
            least_word_chars=self.least_word_chars,
            word_form=self.word_form,
            parts_of_speech=tuple(self.parts_of_speech),
        )
