"""A sentence model of one's own: the same bytes each time, and of use."""

import subprocess
import sys
from pathlib import Path

import pytest

from llm_assets.corpus.linguistic.nltk_resources import PUNKT_FILES, read_punkt
from llm_assets.corpus.linguistic.nltk_sentences import punkt_splitter
from llm_assets.corpus.linguistic.punkt_training import train_punkt
from llm_assets.nltk_data import look_in
from llm_assets.punkt_models import write_punkt_model
from llm_assets_tests.e2e.corpora import CHECKOUT
from llm_assets_tests.nltk_folders import english_model

_TRAIN = """
from hashlib import blake2b
from llm_assets_tests.nltk_folders import english_model
print(blake2b(repr(english_model()).encode()).hexdigest())
"""


def test_the_same_texts_give_the_same_bytes_in_any_process() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", _TRAIN],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_a_trained_model_knows_the_abbreviations_of_its_texts(tmp_path: Path) -> None:
    write_punkt_model(tmp_path, "english", dict(english_model()))
    model = read_punkt(look_in([tmp_path]).punkt["english"])
    text = "Mr. Smith and Mrs. Jones spoke. They agreed."
    assert len(list(punkt_splitter(model)(text))) == 2
    assert len(list(punkt_splitter(None)(text))) == 4


@pytest.mark.parametrize("texts", [[], [""], ["\n", "x"]])
def test_little_text_makes_a_model_all_the_same(texts: list[str], tmp_path: Path) -> None:
    files = train_punkt(texts)
    assert set(files) == set(PUNKT_FILES)
    write_punkt_model(tmp_path, "xx", files)
    split = punkt_splitter(read_punkt(look_in([tmp_path]).punkt["xx"]))
    assert list(split("One. Two.")) == ["One.", "Two."]
