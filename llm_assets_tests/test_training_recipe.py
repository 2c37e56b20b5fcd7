from pathlib import Path

import pytest

from llm_assets.recipe import ConfigurationError, Corpus, load_corpus
from llm_assets.training_recipe import FillInTheMiddle, Packing

SOURCES = "sources:\n  - {name: web, kind: web, location: ./pages/%s}\n"


def _load(folder: Path, recipe: str, source: str = "") -> Corpus:
    path = folder / "corpus.yaml"
    path.write_text(SOURCES % source + f"recipe:\n  {recipe}\n", encoding="utf-8")
    return load_corpus(path)


def test_packing_and_filling_in_are_off_until_named(tmp_path: Path) -> None:
    recipe = _load(tmp_path, "formats: [megatron]").recipe
    assert recipe.packing is None
    assert recipe.fill_in_the_middle is None
    assert recipe.mixture.tokens is None


def test_empty_sections_have_defaults(tmp_path: Path) -> None:
    recipe = _load(tmp_path, "packing: {}\n  fill_in_the_middle: {}").recipe
    assert recipe.packing == Packing(sequence_length=2048, method="concatenate")
    assert recipe.fill_in_the_middle == FillInTheMiddle(rate=0.5, spm_rate=0.5)


@pytest.mark.parametrize(
    ("recipe", "source", "line", "words"),
    [
        ("packing: {method: first-fit}", "", 4, "'concatenate' or 'best-fit'"),
        ("packing: {sequence_length: 0}", "", 4, "sequence_length"),
        ("fill_in_the_middle: {middle: <|fim_prefix|>}", "", 4, "three different tokens"),
        ("fill_in_the_middle: {rate: 1.5}", "", 4, "rate"),
        ("mixture: {tokens: 0}", "", 4, "mixture.tokens"),
        ("mixture: {most_repeats: 0}", "", 4, "most_repeats"),
        ("mixture: {tokens: 10}", ", tokens: 11", 4, "use at least 11"),
        ("mixture: {}", ", tokens: 11, weight: 2.0", 2, "either 'weight' or 'tokens'"),
        ("formats: [parquet, npy, parquet]", "", 4, "'parquet' is named twice"),
        ("formats: [webdataset]", "", 4, "'mds'"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, recipe: str, source: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, recipe, source)
    assert f"corpus.yaml:{line}: " in str(caught.value)
    assert words in str(caught.value)
