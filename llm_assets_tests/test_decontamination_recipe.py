from pathlib import Path
from typing import Any

import pytest

from llm_assets.decontamination_recipe import Decontamination, EvaluationSet, benchmark_name
from llm_assets.recipe import ConfigurationError, corpus_json_schema, load_corpus

SOURCE = "sources: [{name: a, kind: web, location: ./a/}]\n"


def loaded(tmp_path: Path, section: str) -> Decontamination | None:
    path = tmp_path / "corpus.yaml"
    path.write_text(f"{SOURCE}recipe:\n  decontaminate: {section}\n")
    return load_corpus(path).recipe.decontaminate


def test_a_list_of_files_is_enough(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[./evalsets/gsm8k.jsonl, ./evalsets/HumanEval.jsonl.gz]")
    assert found is not None
    assert [each.benchmark for each in found.sets] == ["gsm8k", "humaneval"]
    assert (found.ngram_words, found.action, found.share) == (13, "drop", 0.0)
    same = Decontamination(
        sets=[
            EvaluationSet(path="./evalsets/gsm8k.jsonl"),
            EvaluationSet(path="./evalsets/HumanEval.jsonl.gz"),
        ]
    )
    assert found == same


def test_sets_have_settings(tmp_path: Path) -> None:
    section = "{sets: [a.csv, {path: b.csv, name: bees, fields: [Q]}], action: cut, share: 0.1}"
    found = loaded(tmp_path, section)
    assert found is not None
    assert [each.benchmark for each in found.sets] == ["a", "bees"]
    assert (found.sets[1].fields, found.action, found.share) == (["Q"], "cut", 0.1)


def test_nothing_is_looked_for_unless_asked(tmp_path: Path) -> None:
    assert loaded(tmp_path, "null") is None


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[]", "recipe.decontaminate.sets: needs at least one entry"),
        ("5", "recipe.decontaminate: must hold keys: sets, ngram_words, action, share"),
        ("{sets: [a.csv], shar: 1}", "recipe.decontaminate.shar: is no known key here: did you"),
        ("{sets: [a.csv], action: mask}", "must be 'drop' or 'cut' (given: 'mask')"),
        ("{sets: [a.csv], ngram_words: 2}", "ngram_words: must be greater than or equal to 5"),
        ("[x/a.csv, y/a.jsonl]", "sets[1]: 'a' is the name of another set too: give each a 'name'"),
        ("[{path: a.csv, name: A-B}]", "must be lower-case letters, digits and _, at most 50"),
        ("[{path: a.csv, fields: []}]", "fields: needs at least one entry"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, section: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        loaded(tmp_path, section)
    assert f"{tmp_path / 'corpus.yaml'}:3: " in str(told.value)
    assert message in str(told.value)


def test_editors_know_the_short_forms() -> None:
    parts = corpus_json_schema()["$defs"]
    assert parts["Decontamination"]["type"] == ["object", "array"]
    assert parts["Decontamination"]["items"] == {"$ref": "#/$defs/EvaluationSet"}
    assert parts["EvaluationSet"]["type"] == ["object", "string"]
    assert parts["EvaluationSet"]["required"] == ["path"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("evalsets/gsm8k/test.jsonl", "gsm8k"),
        ("evalsets/mmlu/questions.jsonl.gz", "mmlu"),
        ("TruthfulQA.csv", "truthfulqa"),
        ("./big-bench hard.v2.parquet", "big_bench_hard"),
        ("test.jsonl", "test"),
        ("日本語.txt", "evaluation"),
        ("x" * 80, "x" * 50),
    ],
)
def test_a_set_is_named_for_its_file(path: str, name: str) -> None:
    assert benchmark_name(path) == name


@pytest.mark.parametrize("value", [{"path": ""}, {"path": "a", "name": ""}, 5])
def test_what_is_no_set(value: Any) -> None:
    with pytest.raises(ValueError, match="validation error"):
        EvaluationSet.model_validate(value)
