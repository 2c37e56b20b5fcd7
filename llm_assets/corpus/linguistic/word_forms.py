"""Reducing a word to its stem or lemma, by NLTK's algorithms."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

from llm_assets.corpus.linguistic.nltk_resources import (
    NltkData,
    WordNetForms,
    nltk_name,
    read_wordnet,
)

WordForm = Literal["as_written", "stem", "porter", "lemma"]
"""`stem`: Snowball, by the language's own rules; `porter`: Porter's first stemmer, of English;
`lemma`: WordNet's entry, of English."""

PartOfSpeech = Literal["noun", "verb", "adjective", "adverb"]

Reduce = Callable[[str], str]

_WORDNET_NAMES: Final[Mapping[PartOfSpeech, tuple[str, str]]] = {
    "noun": ("noun", "n"),
    "verb": ("verb", "v"),
    "adjective": ("adj", "a"),
    "adverb": ("adv", "r"),
}
"""The names of WordNet's files and of NLTK's table of endings."""

_REMEMBERED: Final = 1 << 17
_MOST_CHARS: Final = 1_000
"""What is longer is no word of any language, and stemmers copy a word at each of its letters y."""


def stemmed_languages(form: WordForm) -> frozenset[str]:
    """Return NLTK's names of the languages that have a stemmer; none needs data."""
    from nltk.stem.snowball import SnowballStemmer

    if form == "porter":
        return frozenset(["english"])
    return frozenset(SnowballStemmer.languages) - {"porter"}


def stemmer(form: WordForm, language: str) -> Reduce | None:
    """Return the stemmer of a language (ISO 639); None if NLTK has none."""
    from nltk.stem.porter import PorterStemmer
    from nltk.stem.snowball import SnowballStemmer

    name = nltk_name(language)
    if name not in stemmed_languages(form):
        return None
    return _short_words(PorterStemmer().stem if form == "porter" else SnowballStemmer(name).stem)


def lemmatizer(data: NltkData, language: str, parts: Sequence[PartOfSpeech]) -> Reduce | None:
    """Return the lemmatizer of a language; None if there is no data for it.

    A word becomes the shortest lemma that WordNet's morphology gives for the first part of speech
    for which that is another word: with one part, what `WordNetLemmatizer().lemmatize` returns.
    """
    if data.wordnet is None or not data.has("wordnet", language):
        return None
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    endings = WordNetCorpusReader.MORPHOLOGICAL_SUBSTITUTIONS
    steps = [
        (read_wordnet(data.wordnet, file), endings[name])
        for file, name in (_WORDNET_NAMES[part] for part in parts)
    ]

    def lemma(word: str) -> str:
        found = (_shortest_lemma(word, forms, rules) for forms, rules in steps)
        return next((each for each in found if each != word), word)

    return _short_words(lemma)


def _shortest_lemma(word: str, forms: WordNetForms, rules: Sequence[tuple[str, str]]) -> str:
    """Apply WordNet's Morphy: irregular forms where there are any, else rules of detachment."""
    others = forms.irregular.get(word)
    if others is None:
        others = [word[: -len(old)] + new for old, new in rules if word.endswith(old)]
    return min((each for each in (word, *others) if each in forms.lemmas), key=len, default=word)


def _short_words(reduce: Reduce) -> Reduce:
    remembered = lru_cache(_REMEMBERED)(reduce)
    return lambda word: remembered(word) if len(word) <= _MOST_CHARS else word
