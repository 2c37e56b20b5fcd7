"""What is done to the words of documents, and the tools for it in each language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from llm_assets.corpus.linguistic.nltk_resources import (
    MissingNltkDataError,
    NltkData,
    ResourceKind,
    missing_resource,
    nltk_name,
    read_punkt,
    read_stop_words,
)
from llm_assets.corpus.linguistic.nltk_sentences import (
    UNSPACED_LANGUAGES,
    SplitSentences,
    punkt_splitter,
    split_unspaced,
)
from llm_assets.corpus.linguistic.word_forms import (
    PartOfSpeech,
    Reduce,
    WordForm,
    lemmatizer,
    stemmed_languages,
    stemmer,
)

Step = Literal["sentences", "words", "stop_words", "stem", "lemma"]

_RESOURCES: Final[Mapping[Step, ResourceKind]] = {
    "sentences": "punkt",
    "stop_words": "stop_words",
    "lemma": "wordnet",
}

_PARTS_OF_CONTRACTIONS: Final = frozenset({
    "n't", "'s", "'re", "'ve", "'ll", "'d", "'m", "s", "t", "re", "ve", "ll", "d", "m",
    "ain", "aren", "couldn", "didn", "doesn", "don", "hadn", "hasn", "haven", "isn", "mightn",
    "mustn", "needn", "shan", "shouldn", "wasn", "weren", "won", "wouldn",
})  # fmt: skip
"""What NLTK's tokenizer makes of English contractions, with straight apostrophes and curved ones.

Lists have "don't", which no token of it ever is; "n't" and "'s" would be among the most frequent
words of a text without stop words.
"""


@dataclass(frozen=True)
class LinguisticPlan:
    """What is done to the words of each document, in this order."""

    languages: tuple[str, ...] = ()
    """Languages (ISO 639) that need every step's data; others go without what there is not."""
    keep_sentences: bool = False
    lowercase: bool = True
    keep_punctuation: bool = False
    """Punctuation: what has neither a letter nor a digit."""
    remove_stop_words: bool = True
    least_word_chars: int = 1
    """Of the word as it stands in the text."""
    word_form: WordForm = "as_written"
    parts_of_speech: tuple[PartOfSpeech, ...] = ("noun",)
    """Which lemmas to look for, in this order, where `word_form` is "lemma"."""

    @property
    def resources(self) -> tuple[ResourceKind, ...]:
        """The kinds of NLTK data that the plan uses."""
        stop_words: tuple[ResourceKind, ...] = ("stop_words",) if self.remove_stop_words else ()
        wordnet: tuple[ResourceKind, ...] = ("wordnet",) if self.word_form == "lemma" else ()
        return ("punkt", *stop_words, *wordnet)


class Linguist:
    """A plan with its tools at hand; each language's are made when its first document comes.

    Raises:
        MissingNltkDataError: if a language that the plan names lacks something; with a line for
            each.
        DamagedNltkDataError: if a file of a language that the plan names cannot be read.
    """

    def __init__(self, plan: LinguisticPlan, data: NltkData) -> None:
        problems = [each for language in plan.languages for each in _problems(plan, data, language)]
        if problems:
            raise MissingNltkDataError("linguistics: " + "\n".join(problems))
        self.plan = plan
        self._data = data
        self._languages: dict[str, LanguageTools] = {}
        for language in plan.languages:
            self.tools(language)

    def tools(self, language: str) -> "LanguageTools":
        """Return what serves documents of a language."""
        if language not in self._languages:
            self._languages[language] = _language_tools(self.plan, self._data, language)
        return self._languages[language]


@dataclass(frozen=True)
class LanguageTools:
    """What serves documents of one language."""

    split: SplitSentences
    has_words: bool
    stop_words: frozenset[str] | None
    """None where no list is used."""
    reduce: Reduce | None
    missing: tuple[Step, ...]


def _language_tools(plan: LinguisticPlan, data: NltkData, language: str) -> LanguageTools:
    unspaced = language in UNSPACED_LANGUAGES
    name = nltk_name(language)
    model = data.punkt.get(name)
    stop_list = data.stop_words.get(name) if plan.remove_stop_words else None
    return LanguageTools(
        split=split_unspaced
        if unspaced and model is None
        else punkt_splitter(None if model is None else read_punkt(model)),
        has_words=not unspaced,
        stop_words=None if stop_list is None else read_stop_words(stop_list) | _parts(language),
        reduce=_reducer(plan, data, language),
        missing=missing_steps(plan, data, language),
    )


def _parts(language: str) -> frozenset[str]:
    return _PARTS_OF_CONTRACTIONS if language == "en" else frozenset()


def _reducer(plan: LinguisticPlan, data: NltkData, language: str) -> Reduce | None:
    if plan.word_form == "as_written":
        return None
    if plan.word_form == "lemma":
        return lemmatizer(data, language, plan.parts_of_speech)
    return stemmer(plan.word_form, language)


def missing_steps(plan: LinguisticPlan, data: NltkData, language: str) -> tuple[Step, ...]:
    """Return the steps of a plan for which there is nothing in a language.

    "sentences" are then found without a model, and "words" not at all; the others are left out.
    """
    stems = plan.word_form in ("stem", "porter")
    lacking: dict[Step, bool] = {
        "sentences": not data.has("punkt", language),
        "words": language in UNSPACED_LANGUAGES,
        "stop_words": plan.remove_stop_words and not data.has("stop_words", language),
        "stem": stems and nltk_name(language) not in stemmed_languages(plan.word_form),
        "lemma": plan.word_form == "lemma" and not data.has("wordnet", language),
    }
    return tuple(step for step, lacks in lacking.items() if lacks)


def _problems(plan: LinguisticPlan, data: NltkData, language: str) -> Iterator[str]:
    """Say what a language lacks, in a sentence a step."""
    for step in missing_steps(plan, data, language):
        if step == "words":
            yield f"the language '{language}' has no word tokenizer in NLTK: take it off the list"
        elif step == "stem":
            known = ", ".join(sorted(stemmed_languages(plan.word_form)))
            yield f"the language '{language}' has no stemmer in NLTK, which has them for {known}"
        elif step == "lemma" and language != "en":
            yield f"the language '{language}' has no lemmatizer in NLTK, which has one for English"
        else:
            yield missing_resource(_RESOURCES[step], language, data)
