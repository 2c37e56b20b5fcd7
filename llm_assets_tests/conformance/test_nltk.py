"""Our analysis of whole documents is what NLTK's own functions give, called one by one.

NLTK runs beside ours here, with the models and lists of installed packages: there are no stored
vectors. Every sixteenth document is compared, and all in four languages but English.
"""

from pathlib import Path

import nltk
import polars as pl
import pytest
from nltk.stem import SnowballStemmer
from nltk.tokenize import sent_tokenize, word_tokenize
from punkt import data as packaged

from llm_assets.corpus.linguistic.linguist import Linguist, LinguisticPlan
from llm_assets.corpus.linguistic.linguistics import analyse_texts
from llm_assets.corpus.linguistic.nltk_resources import NLTK_LANGUAGES, NltkData, read_stop_words
from llm_assets.corpus.linguistic.punkt_training import model_files
from llm_assets.nltk_data import find_nltk_data
from llm_assets.punkt_models import write_punkt_model

DOCUMENTS = Path(__file__).with_name("documents.parquet")
TRANSLATIONS = {
    "languages/udhr/deu.txt": "de",
    "languages/udhr/spa.txt": "es",
    "languages/udhr/fra.txt": "fr",
}
LANGUAGES = ("de", "en", "es", "fr")

PARTS_OF_CONTRACTIONS = {
    "n't", "'s", "'re", "'ve", "'ll", "'d", "'m", "s", "t", "re", "ve", "ll", "d", "m",
    "ain", "aren", "couldn", "didn", "doesn", "don", "hadn", "hasn", "haven", "isn", "mightn",
    "mustn", "needn", "shan", "shouldn", "wasn", "weren", "won", "wouldn",
}  # fmt: skip
"""What we take for stop words beside the list: NLTK's tokenizer leaves no "don't" to look up."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> NltkData:
    folder = tmp_path_factory.mktemp("nltk_data")
    for name in map(NLTK_LANGUAGES.__getitem__, LANGUAGES):
        write_punkt_model(folder, name, model_files(packaged.load_bundled(name)))
    return find_nltk_data({"NLTK_DATA": str(folder)})


@pytest.fixture(autouse=True)
def same_models_for_nltk(data: NltkData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nltk.data, "path", [str(data.searched[0])])


@pytest.fixture(scope="module")
def documents() -> pl.DataFrame:
    named = pl.col("name").replace_strict(TRANSLATIONS, default=pl.col("language"))
    chosen = (pl.int_range(pl.len()) % 16 == 0) | (named != "en")
    return (
        pl.read_parquet(DOCUMENTS)
        .select("text", doc_id="name", text_hash="name", language=named, chosen=chosen)
        .filter(pl.col("chosen") & pl.col("language").is_in(LANGUAGES))
        .drop("chosen")
    )


def test_sentences_and_words(documents: pl.DataFrame, data: NltkData) -> None:
    plan = LinguisticPlan(
        LANGUAGES,
        keep_sentences=True,
        lowercase=False,
        keep_punctuation=True,
        remove_stop_words=False,
    )
    rows = analyse_texts(documents, Linguist(plan, data)).with_columns(documents["text"])
    assert rows.height > 100
    different = [
        row["doc_id"]
        for row in rows.iter_rows(named=True)
        for name in [NLTK_LANGUAGES[row["language"]]]
        if row["sentences"] != sent_tokenize(row["text"], name)
        or row["words"] != word_tokenize(row["text"], name)
    ]
    assert different == []


def test_stems_without_stop_words(documents: pl.DataFrame, data: NltkData) -> None:
    linguist = Linguist(LinguisticPlan(LANGUAGES, word_form="stem"), data)
    rows = analyse_texts(documents, linguist).with_columns(documents["text"])
    different = []
    for (language,), group in rows.group_by("language"):
        name = NLTK_LANGUAGES[str(language)]
        stemmer = SnowballStemmer(name)
        stop_words = read_stop_words(data.stop_words[name])
        stop_words |= PARTS_OF_CONTRACTIONS if language == "en" else set()
        for doc_id, text, words in group.select("doc_id", "text", "words").iter_rows():
            wanted = [
                stemmer.stem(token.lower())
                for token in word_tokenize(text, name)
                if any(map(str.isalnum, token)) and token.lower() not in stop_words
            ]
            if words != wanted:
                different.append(doc_id)
    assert different == []
