"""The `labelled` section: what it means, and what it refuses, with line, field and fix."""

from pathlib import Path
from typing import Any

import pytest

from llm_assets.corpus.split import Dealing
from llm_assets.labelled_recipe import LabelledSet
from llm_assets.recipe import ConfigurationError, load_corpus

CORPUS = """\
sources:
  - {name: pages, kind: web, location: ./pages/}
recipe:
  labelled:
    - name: ratings
      task: %s
      sources: [pages]
"""


def load(tmp_path: Path, task: str, *lines: str) -> LabelledSet:
    path = tmp_path / "corpus.yaml"
    path.write_text(CORPUS % task + "".join(f"      {line}\n" for line in lines), encoding="utf-8")
    return load_corpus(path).recipe.labelled[0]


def test_all_settings_make_a_plan(tmp_path: Path) -> None:
    wanted = load(
        tmp_path,
        "classification",
        "label: rating",
        "type: integer",
        'map: {"5 Stars": 5, "one": 1}',
        "range: [1, 5]",
        "labels: [1, 2, 3, 4, 5]",
        "missing: fill",
        "fill_by: median",
        "missing_values: [none]",
        "one_hot: true",
        "text: title+text",
        "words: {word_form: lemma}",
        "split: {train: 0.8, validation: 0.1, test: 0.1, seed: 3}",
        "stratify: true",
        "formats: [parquet]",
    )
    plan = wanted.plan(Dealing(), 0.5)
    assert plan.rules.convert("5 stars").name == "5"
    assert plan.rules.convert("None").missing
    assert plan.class_names([]) == ["1", "2", "3", "4", "5"]
    assert plan.dealing == Dealing(0.8, 0.1, 0.1, 3)
    assert plan.own_dealing
    assert wanted.words is not None


def test_the_split_is_the_corpus_s_unless_it_is_another(tmp_path: Path) -> None:
    plan = load(tmp_path, "regression", "label: rating").plan(Dealing(0.5, 0.25, 0.25, 9), 0.7)
    assert plan.dealing == Dealing(0.5, 0.25, 0.25, 9)
    assert not plan.own_dealing
    assert plan.rules.kind == "float"
    assert plan.split_similarity == 0.7


def test_a_conversation_asks_with_the_text_and_answers_with_the_label(tmp_path: Path) -> None:
    plan = load(tmp_path, "chat", "label: answer").plan(Dealing(), 0.5)
    assert plan.chat is not None
    assert plan.chat.turns == (("user", "{text}"), ("assistant", "{label}"))
    assert plan.rules.kind == "text"
    alone = load(tmp_path, "chat", 'chat: {user: "{title}", assistant: "{text}"}')
    assert not alone.plan(Dealing(), 0.5).has_labels


WRONG: list[tuple[str, list[str], str]] = [
    ("classification", [], "labelled[0].label: is required"),
    ("classification", ["label: a", "label_column: source"], "label_column: give either"),
    ("classification", ["label: 'a\"b'"], "label: must not be empty, nor hold quotes"),
    ("classification", ["label: a", "type: text"], "type: 'text' does not go with task"),
    ("regression", ["label: a", "type: category"], "type: 'category' does not go with task"),
    ("classification", ["label: a", "range: [1, 2]"], "range: is for numbers"),
    ("regression", ["label: a", "range: [2, 1]"], "range: the least number comes first"),
    ("regression", ["label: a", "labels: [1]"], "labels: is for classes"),
    ("regression", ["label: a", "one_hot: true"], "one_hot: is for task 'classification'"),
    ("regression", ["label: a", "missing: fill"], "missing: 'fill' needs either"),
    ("regression", ["label: a", "fill: 3"], "fill: is used with 'missing: fill' only"),
    ("regression", ["label: a", "missing: fill", "fill: x"], "fill: 'x' is no label of this set"),
    ("classification", ["label: a", "missing: fill", "fill_by: median"], "fill_by: 'median' is of"),
    ("classification", ["label: a", "labels: [A, ' a']"], "labels: two entries are the same"),
    ("classification", ["label: a", "labels: [a]", "map: {x: b}"], "map.x: 'b' is no label"),
    ("classification", ["label: a", "map: {x: b, X: c}"], "map: two keys are the same value"),
    ("classification", ["label: a", "words: {sentences: true}"], "words.sentences: has no place"),
    ("classification", ["label: a", "chat: {}"], "chat: is for task 'chat' only"),
    ("classification", ["label: a", "colour: red"], "colour: is no known key"),
    ("classification", ["label: a", "split: {train: 0.5}"], "split: train + validation + test"),
    ("chat", ["label: a", "missing: flag"], "missing: a message cannot say"),
    ("chat", ["label: a", "words: {}"], "words: is for classification"),
    ("chat", ["label: a", "stratify: true"], "stratify: needs labels of a type other"),
    ("chat", ["label: a", "chat: {user: '{body}'}"], "chat.user: '{body}' is no field"),
    ("chat", ["label: a", "chat: {assistant: '{text}'}"], "chat: no message has '{label}'"),
    ("chat", ["chat: {user: hello}"], "chat: '{label}' needs 'label'"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "lines", "message"), WRONG, ids=[m for _, _, m in WRONG])
def test_mistakes_are_told_at_load(
    tmp_path: Path, task: str, lines: list[str], message: str
) -> None:
    with pytest.raises(ConfigurationError) as failure:
        load(tmp_path, task, *lines)
    told = str(failure.value)
    assert message in told
    line = int(told.removeprefix(f"{tmp_path / 'corpus.yaml'}:").partition(":")[0])
    assert 5 <= line <= 8 + len(lines)


def test_sources_and_names_are_held_against_the_corpus(tmp_path: Path) -> None:
    other = "    - {name: ratings, task: regression, sources: [films], label: a}\n"
    path = tmp_path / "corpus.yaml"
    path.write_text(CORPUS % "regression" + "      label: a\n" + other, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r":9: .*\[1\]\.name: 'ratings' is taken"):
        load_corpus(path)
    path.write_text(path.read_text().replace("name: ratings, ", "name: other, "), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r":9: .*'films' is no source .*: use pages"):
        load_corpus(path)


@pytest.mark.parametrize("value", [5, 5.0, "5", True])
def test_labels_are_written_as_documents_write_them(value: Any) -> None:
    wanted = LabelledSet(
        name="s", task="classification", sources=["r"], label="l", map={"x": value}
    )
    expected = {5: "5", "5": "5"}.get(value, "true") if value is not True else "true"
    found = wanted.rules().convert("x").name
    assert found == ("5.0" if isinstance(value, float) else expected)
