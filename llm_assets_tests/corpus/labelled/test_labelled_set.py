"""A whole set: which documents are in it, what its files hold, and that nothing else decides."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from llm_assets.corpus.labelled.chat_template import ChatTemplate
from llm_assets.corpus.labelled.label_rules import LabelRules, LabelValue
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan
from llm_assets.corpus.labelled.labelled_set import (
    SET_DOCUMENTS,
    SetShard,
    TooManyLabelsError,
    WrittenSet,
    write_set,
)
from llm_assets.corpus.labelled.set_card import write_card
from llm_assets.corpus.linguistic.linguist import Linguist, LinguisticPlan
from llm_assets.corpus.linguistic.nltk_resources import NltkData
from llm_assets.corpus.schema import SPLITS
from llm_assets.corpus.split import Dealing
from llm_assets_tests.corpus.labelled.set_documents import cleaned, doc_id, document, duplicates

DEALING = Dealing(0.6, 0.2, 0.2)
RATINGS: list[Any] = [5, "4", "4.0", " 5 ", None, "n/a", "4/5", 9, ["a"], True]


def plan(**given: Any) -> LabelledPlan:
    usual: dict[str, Any] = {
        "name": "ratings",
        "task": "classification",
        "sources": ["reviews"],
        "label": "rating",
        "rules": LabelRules("integer", least=1, most=5, missing_values=("n/a",)),
        "dealing": DEALING,
    }
    return LabelledPlan(**{**usual, **given})


def reviews(count: int = 200) -> list[dict[str, Any]]:
    return [document(f"r{n}", RATINGS[n % len(RATINGS)], title=f"T{n}") for n in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert not list(tmp_path.rglob(".buckets*"))


def make(
    folder: Path,
    documents: list[dict[str, Any]],
    wanted: LabelledPlan,
    twins: pl.DataFrame | None = None,
) -> WrittenSet:
    folder.mkdir(exist_ok=True)
    shard = SetShard(cleaned(documents).lazy(), None if twins is None else twins.lazy())
    made = write_set(folder, [shard], wanted)
    write_card(folder, made, wanted)
    return made


def parts(folder: Path) -> pl.DataFrame:
    read = [pl.read_parquet(folder / f"{s}.parquet").with_columns(split=pl.lit(s)) for s in SPLITS]
    return pl.concat(read)


def lines(path: Path) -> list[dict[str, Any]]:
    with pa.input_stream(str(path), compression="zstd") as stream:
        return [json.loads(line) for line in io.BytesIO(stream.read())]


def test_every_document_is_a_row_or_is_not_for_a_reason(folder: Path) -> None:
    documents = [
        *reviews(),
        document("dropped", 5, verdict="drop", text=None),
        document("foreign", 5, source="news"),
        document("copy", 5),
        document("damaged", labels="{not json"),
        document("unlabelled", labels=None),
    ]
    made = make(folder, documents, plan(), duplicates({"doc_id": "copy", "duplicate_of": "r0"}))
    assert made.documents.schema == SET_DOCUMENTS
    ids = [doc_id(name) for name in (*(f"r{n}" for n in range(200)), "damaged", "unlabelled")]
    assert made.documents["doc_id"].to_list() == sorted(ids)
    outcomes = dict(made.documents["outcome"].value_counts().iter_rows())
    assert outcomes == {"row": 80, "missing": 42, "quarantined": 80}
    rows = parts(folder)
    assert rows["doc_id"].n_unique() == rows.height == 80
    listed = made.documents.filter(pl.col("outcome") == "row").select("doc_id", "split")
    assert rows.select("doc_id", "split").sort("doc_id").equals(listed)
    table = pl.read_parquet(folder / "quarantine.parquet")
    assert set(table.select("value", "reason").unique().iter_rows()) == {
        ("4/5", "not_an_integer"),
        ("9", "out_of_range"),
        ('["a"]', "not_a_single_value"),
        ("true", "not_an_integer"),
    }
    figures = json.loads((folder / "dataset.json").read_text())
    assert figures["documents"] == sum(figures["documents_by_outcome"].values()) == 202
    assert figures["splits"] == dict(rows["split"].value_counts().iter_rows())


def test_classes_have_ids_and_columns_of_their_own(folder: Path) -> None:
    make(folder, reviews(), plan(one_hot=True))
    rows = parts(folder)
    assert rows.columns[:4] == ["doc_id", "text", "label", "label_id"]
    assert rows.schema["label_is_4"] == pl.UInt8
    assert set(rows.select("label", "label_id", "label_is_4", "label_is_5").unique().rows()) == {
        ("4", 0, 1, 0),
        ("5", 1, 0, 1),
    }
    assert not rows["label_missing"].any()
    by_id = {each["doc_id"]: each["text"] for each in reviews()}
    assert [by_id[name] for name in rows["doc_id"]] == rows["text"].to_list()


def test_ids_follow_the_labels_that_the_recipe_names(folder: Path) -> None:
    rules = LabelRules("integer", allowed=("5", "3", "4"), missing_values=("n/a",))
    made = make(folder, reviews(), plan(rules=rules, one_hot=True))
    assert made.classes == ["5", "3", "4"]
    assert set(parts(folder).select("label", "label_id").unique().rows()) == {("5", 0), ("4", 2)}
    assert parts(folder)["label_is_3"].sum() == 0
    listed = json.loads((folder / "labels.json").read_text())["labels"]
    assert [(each["id"], each["name"]) for each in listed] == [(0, "5"), (1, "3"), (2, "4")]
    absent = json.loads((folder / "dataset.json").read_text())["labels_absent"]
    assert absent == [{"label": "3", "split": split} for split in SPLITS]


def test_json_lines_hold_the_same_rows(folder: Path) -> None:
    make(folder, [*reviews(), document("odd", 5, text="NUL \0, \u2028 and 😀\n")], plan())
    for split in SPLITS:
        rows = pl.read_parquet(folder / f"{split}.parquet")
        assert lines(folder / f"{split}.jsonl.zst") == rows.to_dicts()


@pytest.mark.parametrize("stratify", [False, True])
def test_bytes_do_not_depend_on_shards_and_their_order(folder: Path, stratify: bool) -> None:
    wanted = plan(stratify=stratify)
    make(folder / "whole", reviews(), wanted)
    documents = cleaned(reviews()).lazy()
    shards = [SetShard(documents.slice(start, 37), None) for start in range(0, 200, 37)]
    other = folder / "parts"
    other.mkdir()
    write_card(other, write_set(other, shards[::-1], wanted), wanted)
    names = sorted(path.name for path in other.iterdir())
    assert names == sorted(path.name for path in (folder / "whole").iterdir())
    for name in names:
        assert (other / name).read_bytes() == (folder / "whole" / name).read_bytes(), name


def test_many_buckets_are_one_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(folder / "one", reviews(), plan())
    monkeypatch.setattr("llm_assets.corpus.labelled.labelled_set._BUCKET_BYTES", 64)
    make(folder / "many", reviews(), plan())
    assert parts(folder / "one").equals(parts(folder / "many"))
    assert parts(folder / "one")["doc_id"].to_list() != sorted(parts(folder / "one")["doc_id"])


def test_missing_labels_are_flagged(folder: Path) -> None:
    make(folder, reviews(), plan(missing="flag", one_hot=True))
    rows = parts(folder).filter(pl.col("label_missing"))
    assert rows.height == 40
    assert rows.select("label", "label_id", "label_is_5").unique().rows() == [(None, None, 0)]
    balance = json.loads((folder / "dataset.json").read_text())["balance"]
    assert sum(balance[-1][split] for split in SPLITS) == 40
    assert balance[-1]["label"] == "(missing)"


def test_missing_numbers_are_filled_in(folder: Path) -> None:
    wanted = plan(task="regression", rules=LabelRules("float", most=5, missing_values=("n/a",)))
    filled = LabelledPlan(**{**vars(wanted), "missing": "fill", "fill": LabelValue("2.5", 2.5)})
    assert make(folder, reviews(), filled).filled_with == "2.5"
    rows = parts(folder)
    assert rows.columns == ["doc_id", "text", "value", "label_missing", "split"]
    assert rows.filter(pl.col("label_missing"))["value"].to_list() == [2.5] * 40
    assert set(rows.filter(~pl.col("label_missing"))["value"]) == {4.0, 5.0}


def test_what_is_filled_in_is_learnt_of_the_train_split_alone(folder: Path) -> None:
    groups = pl.Series([f"reviews/g{n}" for n in range(60)])
    split = DEALING.assign(groups).to_list()
    # Outside train there are four documents a group, and most of all: they would say 5.
    documents = [
        document(f"r{n}-{copy}", 2 if split[n] == "train" else 5, group_key=f"g{n}")
        for n in range(60)
        for copy in range(1 if split[n] == "train" else 4)
    ]
    gaps = [document(f"gap{n}", group_key=f"h{n}") for n in range(30)]
    for way in ("median", "most_frequent"):
        wanted = plan(missing="fill", fill_by=way)
        made = make(folder / way, [*documents, *gaps], wanted)
        assert made.filled_with == "2"
        assert parts(folder / way).filter(pl.col("label_missing"))["label"].to_list() == ["2"] * 30


def test_without_a_label_to_learn_from_nothing_is_filled_in(folder: Path) -> None:
    made = make(folder, [document("gap")], plan(missing="fill", fill_by="most_frequent"))
    assert made.documents["reason"].to_list() == ["nothing_to_fill_with"]
    assert made.documents["split"].to_list() == [None]
    assert parts(folder).is_empty()


def test_messages(folder: Path) -> None:
    chat = ChatTemplate("Rate it.", "{title}\n{text}", "{label}")
    wanted = plan(task="chat", rules=LabelRules("text", missing_values=("n/a",)), chat=chat)
    make(folder, [document("a", "Good, 5.", title=" T ", text="A text."), document("b")], wanted)
    rows = parts(folder)
    expected = [
        {"role": "system", "content": "Rate it."},
        {"role": "user", "content": "T \nA text."},
        {"role": "assistant", "content": "Good, 5."},
    ]
    assert rows["messages"].to_list() == [expected]
    split = rows["split"][0]
    assert lines(folder / f"{split}.jsonl.zst") == [{"messages": expected}]
    assert lines(folder / f"{split}.jsonl.zst")[0].keys() == {"messages"}


def test_a_conversation_may_have_no_label(folder: Path) -> None:
    chat = ChatTemplate(None, "{title}", "{text}")
    wanted = plan(task="chat", label=None, rules=LabelRules("text"), chat=chat)
    made = make(folder, [document("a", title="T"), document("b", title=" ")], wanted)
    assert sorted(made.documents["outcome"]) == ["quarantined", "row"]
    assert made.documents["reason"].drop_nulls().to_list() == ["empty_message"]


def test_the_title_may_stand_in_front(folder: Path) -> None:
    documents = [document("a", 5, title=" T "), document("b", 5), document("c", 5, title=" ")]
    make(folder, documents, plan(text="title+text"))
    assert sorted(parts(folder)["text"]) == ["T\n\nWhat a says.", "What b says.", "What c says."]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("source", {"reviews"}),
        ("folder", {"pos", "neg"}),
        ("author", {"ann"}),
        ("language", {"en"}),
    ],
)
def test_a_column_may_be_the_label(folder: Path, column: Any, names: set[str]) -> None:
    documents = [
        document("a", object_key="films/pos/1.txt", author="Ann"),
        document("b", object_key="neg/2.txt"),
        document("c", object_key="3.txt"),
    ]
    make(folder, documents, plan(label=None, label_column=column, rules=LabelRules()))
    assert set(parts(folder)["label"]) == names


def test_words_are_those_of_the_linguistic_analysis(folder: Path) -> None:
    folder.joinpath("words").mkdir()
    documents = [
        document("a", 5, text="The wolves ran, and ran!"),
        document("b", 5, text="wolves ran ran"),
        document("c", 5, text="... !"),
        document("d", 5, text="狼は走った。", language="ja"),
        *(document(f"e{n}", 5, text="Wolves ran." + " ran" * n) for n in range(20)),
    ]
    linguist = Linguist(
        LinguisticPlan(word_form="porter", least_word_chars=4), NltkData({}, {}, None, ())
    )
    wanted = plan(stratify=True)
    made = write_set(
        folder / "words", [SetShard(cleaned(documents).lazy(), None)], wanted, linguist
    )
    rows = parts(folder / "words")
    assert sorted(rows["text"]) == ["wolv"] * 22 + ["狼は走った。"]
    assert rows.filter(pl.col("text") == "wolv")["split"].n_unique() == 1  # equal once reduced
    reasons = dict(made.documents.select("doc_id", "reason").iter_rows())
    assert reasons[doc_id("c")] == "no_words_left"
    steps = made.documents.filter(pl.col("doc_id") == doc_id("d"))["missing_steps"].to_list()[0]
    assert "ja: words" in steps


def test_too_many_classes_are_no_columns(folder: Path) -> None:
    documents = [document(f"r{n}", f"label {n}") for n in range(1_001)]
    with pytest.raises(TooManyLabelsError, match="1,001 columns"):
        make(folder, documents, plan(rules=LabelRules(), one_hot=True))


def test_an_empty_set_has_all_its_files(folder: Path) -> None:
    made = make(folder, [], plan(one_hot=True))
    assert made.classes == []
    assert parts(folder).is_empty()
    assert lines(folder / "test.jsonl.zst") == []
    # `datasets` fails on a file whose first row group has no rows.
    assert pq.ParquetFile(folder / "test.parquet").num_row_groups == 0


def test_one_format_is_enough(folder: Path) -> None:
    make(folder, reviews(), plan(formats=["jsonl"]))
    assert not list(folder.glob("t*.parquet"))
    assert "path: train.jsonl.zst" in (folder / "README.md").read_text()
