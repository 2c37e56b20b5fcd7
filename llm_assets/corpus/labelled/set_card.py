"""What stands beside the splits of a set: what became of each document, the labels, the counts."""

import json
from pathlib import Path
from typing import Any, Final

import polars as pl

from llm_assets.corpus.labelled.class_balance import absent_labels, class_balance
from llm_assets.corpus.labelled.labelled_plan import LabelledPlan, LabelTask
from llm_assets.corpus.labelled.labelled_report import OUTCOMES, count_by
from llm_assets.corpus.labelled.labelled_set import WrittenSet
from llm_assets.corpus.labelled.set_files import write_parquet
from llm_assets.corpus.schema import SPLITS

DOCUMENTS_FILE: Final = "documents.parquet"
QUARANTINE_FILE: Final = "quarantine.parquet"
LABELS_FILE: Final = "labels.json"
DATASET_FILE: Final = "dataset.json"
CARD_FILE: Final = "README.md"

_MOST_VALUE_CHARS: Final = 1_000
_HUB_TASKS: Final[dict[LabelTask, str]] = {
    "classification": "text-classification",
    "regression": "text-classification",
    "chat": "text-generation",
}


def write_card(folder: Path, made: WrittenSet, plan: LabelledPlan) -> None:
    """Write `documents.parquet`, `quarantine.parquet`, `labels.json`, `dataset.json`, `README.md`.

    They hold no time and no place, so that the same set has the same files on every machine.
    """
    balance = class_balance(made, plan)
    write_parquet(folder / DOCUMENTS_FILE, made.documents)
    write_parquet(folder / QUARANTINE_FILE, quarantine(made.documents))
    _write_json(folder / LABELS_FILE, describe_labels(made, plan, balance))
    _write_json(folder / DATASET_FILE, describe_set(made, plan, balance))
    (folder / CARD_FILE).write_text(_card(made, plan, balance), encoding="utf-8")


def quarantine(documents: pl.DataFrame) -> pl.DataFrame:
    """Return `doc_id`, `value` and `reason` of what could not be used; a value is cut at 1,000."""
    return documents.filter(pl.col("outcome") == "quarantined").select(
        "doc_id", pl.col("value").str.head(_MOST_VALUE_CHARS), "reason"
    )


def describe_labels(made: WrittenSet, plan: LabelledPlan, balance: pl.DataFrame) -> dict[str, Any]:
    """Return the labels with their ids and counts; of numbers, how they are spread in `train`."""
    if plan.task == "regression":
        return {"task": plan.task, "value": _spread(made)}
    ids = {name: number for number, name in enumerate(made.classes)}
    listed = [
        {"id": ids[row["label"]], "name": row["label"], **{split: row[split] for split in SPLITS}}
        for row in balance.to_dicts()
        if row["label"] in ids
    ]
    return {"task": plan.task, "labels": listed}


def describe_set(made: WrittenSet, plan: LabelledPlan, balance: pl.DataFrame) -> dict[str, Any]:
    """Return the figures of a set: every document of its sources is counted once by outcome."""
    documents = made.documents
    rows = documents.filter(pl.col("outcome") == "row")
    outcomes, splits = count_by(documents, "outcome"), count_by(rows, "split")
    without = int(rows["missing"].sum())
    by_outcome = documents.partition_by("outcome", as_dict=True)
    reasons = {
        name: count_by(by_outcome.get((name,), documents.clear()), "reason")
        for name in ("quarantined", "left_out")
    }
    return {
        "name": plan.name,
        "task": plan.task,
        "sources": count_by(rows, "source"),
        "licenses": count_by(rows.with_columns(pl.col("license").fill_null("unknown")), "license"),
        "documents": documents.height,
        "documents_by_outcome": {name: outcomes.get(name, 0) for name in OUTCOMES},
        "documents_by_reason": reasons,
        "missing_labels_in_rows": without,
        "filled_with": made.filled_with,
        "splits": {split: splits.get(split, 0) for split in SPLITS},
        "shares": {"train": plan.dealing.train, "validation": plan.dealing.validation}
        | {"test": plan.dealing.test},
        "seed": plan.dealing.seed,
        "stratified": plan.stratify,
        "balance": balance.to_dicts() if plan.has_labels else [],
        "labels_absent": [
            {"label": label, "split": split}
            for label, split in absent_labels(balance, plan, made.classes)
        ],
        "documents_without_a_step": count_by(rows.explode("missing_steps"), "missing_steps"),
    }


def _spread(made: WrittenSet) -> dict[str, float | None]:
    """Tell how the train split's numbers are spread: what a model may be scaled by."""
    train = made.documents.filter(pl.col("outcome") == "row", pl.col("split") == "train")["number"]
    figures = {"least": train.min(), "median": train.median(), "mean": train.mean()}
    return {**figures, "standard_deviation": train.std(), "most": train.max()}  # type: ignore[dict-item]


def _card(made: WrittenSet, plan: LabelledPlan, balance: pl.DataFrame) -> str:
    """Write a page that says what the set is; hubs and `datasets` read its head.

    Without the head, `datasets` would take every Parquet file of the folder for rows of the set.
    """
    figures = describe_set(made, plan, balance)
    outcomes = figures["documents_by_outcome"]
    total = max(outcomes["row"], 1)
    lines = [
        *_head(figures, plan),
        f"# {plan.name}",
        "",
        f"{figures['documents']:,} documents: {outcomes['row']:,} rows, {outcomes['missing']:,} "
        f"without a label, {outcomes['quarantined']:,} quarantined, {outcomes['left_out']:,} left "
        "out because a similar document is in a smaller split.",
        "",
        f"| label | {' | '.join(SPLITS)} | share |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in balance.to_dicts():
        counts = [row[split] for split in SPLITS]
        name = row["label"].replace("|", "\\|").replace("\n", " ")
        cells = " | ".join(f"{count:,}" for count in counts)
        lines.append(f"| {name} | {cells} | {sum(counts) / total:.1%} |")
    absent = [f"{each['label']} ({each['split']})" for each in figures["labels_absent"]]
    if absent:
        lines += ["", f"Splits without a document of a label: {', '.join(absent)}."]
    return "\n".join([*lines, ""])


def _head(figures: dict[str, Any], plan: LabelledPlan) -> list[str]:
    suffix = "parquet" if "parquet" in plan.formats else "jsonl.zst"
    files = [
        line
        for split in SPLITS
        if figures["splits"][split]
        for line in (f"  - split: {split}", f"    path: {split}.{suffix}")
    ]
    config = ["configs:", "- config_name: default", "  data_files:", *files] if files else []
    about = [f"pretty_name: {plan.name}", f"task_categories: [{_HUB_TASKS[plan.task]}]"]
    return ["---", *about, *config, "---", ""]


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
