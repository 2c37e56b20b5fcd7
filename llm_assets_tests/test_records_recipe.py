"""`fields` of a source of records: what is accepted, and what is said of mistakes."""

from pathlib import Path

import pytest

from llm_assets.formats.record_paths import Template
from llm_assets.recipe import ConfigurationError, Source, load_corpus
from llm_assets.sources.watch import settings_of

HEAD = "sources:\n  - name: a\n    kind: records\n    location: x\n"


def load(tmp_path: Path, text: str) -> Source:
    path = tmp_path / "corpus.yaml"
    path.write_text(HEAD + text, "utf-8")
    return load_corpus(path).sources[0]


def test_the_fields_of_a_source(tmp_path: Path) -> None:
    source = load(
        tmp_path,
        """
    format: jsonl
    text_format: html
    fields:
      text: [title, body]
      labels: {rating: stars, category: cat}
      author: user.name
      id: review_id
""",
    )
    fields = source.record_fields
    assert not isinstance(fields.text, Template)
    assert [path.text for path in fields.text or ()] == ["title", "body"]
    assert {name: path.text for name, path in fields.labels.items()} == {
        "rating": "stars",
        "category": "cat",
    }
    assert fields.author is not None
    assert fields.author.steps == ("user", "name")
    assert fields.text_format == "html"
    assert fields.columns == sorted(
        ["body", "cat", "review_id", "stars", "title", "user", "user.name"]
    )


def test_a_template_and_a_list_of_labels(tmp_path: Path) -> None:
    fields = load(tmp_path, '    fields: {text: "{q}\\n\\n{a}", labels: [rating]}\n').record_fields
    assert isinstance(fields.text, Template)
    assert fields.text.parts[1] == "\n\n"
    assert fields.labels["rating"].steps == ("rating",)
    assert fields.columns is None  # the whole row names itself


def test_a_table_without_names(tmp_path: Path) -> None:
    source = load(tmp_path, "    format: tsv\n    fields: {text: '[0]', labels: {mood: '[1]'}}\n")
    assert source.record_fields.by_position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    fields: {text: a..b}\n", "5: sources[0].fields.text: is no path to a field"),
        ("    fields:\n      author: 'a['\n", "6: sources[0].fields.author: is no path to a field"),
        ("    fields: {text: '{a'}\n", "5: sources[0].fields.text: holds a single '{'"),
        ("    fields: {text: 5}\n", "5: sources[0].fields.text: must be a field, a list of fields"),
        ("    fields: {tekst: a}\n", "did you mean 'text'?"),
        ("    fields: {text: '[0]', id: a}\n", "5: sources[0].fields: a table without names has"),
        (
            "    fields: {text: '[0]'}\n",
            "5: sources[0].fields: [0], [1], ... are values of",
        ),
        ("    text_format: markdown\n", "5: sources[0].text_format: must be 'plain' or 'html'"),
    ],
    ids=range(8),
)
def test_mistakes(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert expected in str(caught.value)
    assert str(caught.value).count("\n") <= 1


def test_fields_are_of_records_only(tmp_path: Path) -> None:
    path = tmp_path / "corpus.yaml"
    path.write_text(HEAD.replace("records", "web") + "    fields: {text: a}\n", "utf-8")
    with pytest.raises(ConfigurationError, match=r"5: .*fields: goes with kind 'records', not"):
        load_corpus(path)


def test_other_fields_are_other_settings_of_this_source_only() -> None:
    records = {"name": "a", "kind": "records", "location": "x"}
    made = [
        Source.model_validate({**records, **more})
        for more in (
            {},
            {"fields": {"text": "a"}},
            {"fields": {"text": "b"}},
            {"text_format": "html"},
        )
    ]
    assert len({settings_of(source) for source in made}) == 4
