"""Corpus files: what is accepted, and what is said of mistakes."""

from pathlib import Path

import pytest

from llm_assets.assets.cleaned_text import cleaning_fingerprint
from llm_assets.assets.near_duplicates import duplicates_fingerprint
from llm_assets.assets.training_split import assembly_fingerprint
from llm_assets.recipe import ConfigurationError, Corpus, load_corpus
from llm_assets.starter import write_starter

SOURCE = {"name": "pages", "kind": "web", "location": "./pages/"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources:\n  - name: a\n    kind: webb\n    location: x\n", 3, "kind"),
        ("sources:\n  - name: a\n    kind: web\n    locaton: x\n", 4, "location"),
        ("shards: 3\nsources: [{name: a, kind: web, location: x}]\n", 1, "power of two"),
        ("sources: []\n", 1, "sources"),
        ("name: x\n", 1, "sources"),
        ("sources: [\n", 2, ""),
        ("- a\n", 1, "mapping"),
        ("", 1, ""),
        (
            "sources: [{name: a, kind: web, location: x}]\nrecipe:\n  cleaning:\n"
            "    filters: [gofer@paper]\n",
            4,
            "gopher@paper",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    path = tmp_path / "corpus.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as error:
        load_corpus(path)
    assert f"{path}:{line}" in str(error.value)
    assert words in str(error.value)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="llm-assets init"):
        load_corpus(tmp_path / "corpus.yaml")


def test_the_starter_shows_the_defaults(tmp_path: Path) -> None:
    corpus_file, _ = write_starter(tmp_path, replace=False)
    corpus = load_corpus(corpus_file)
    default = Corpus.model_validate({"sources": [SOURCE]}).recipe
    assert corpus.recipe.tokenizer.training == default.tokenizer.training
    assert corpus.recipe.model_dump(exclude={"tokenizer"}) == default.model_dump(
        exclude={"tokenizer"}
    )
    with pytest.raises(ConfigurationError, match="--force"):
        write_starter(tmp_path, replace=False)


def test_adding_a_source_changes_no_stage() -> None:
    one = Corpus.model_validate({"sources": [SOURCE]})
    two = Corpus.model_validate({"sources": [SOURCE, {**SOURCE, "name": "more"}]})
    for stage in (cleaning_fingerprint, duplicates_fingerprint, assembly_fingerprint):
        assert stage(one) == stage(two)


def test_a_setting_changes_its_stage_and_no_other() -> None:
    plain = Corpus.model_validate({"sources": [SOURCE]})
    seeded = Corpus.model_validate({"sources": [SOURCE], "recipe": {"split": {"seed": 1}}})
    assert assembly_fingerprint(plain) != assembly_fingerprint(seeded)
    assert cleaning_fingerprint(plain) == cleaning_fingerprint(seeded)
