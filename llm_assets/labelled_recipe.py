"""The `labelled` section of a recipe: fine-tuning sets (docs/labelled-datasets.md)."""

import math
from collections.abc import Collection
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from llm_assets.corpus.labelled.chat_template import ChatTemplate, TemplateError, template_fields
from llm_assets.corpus.labelled.label_rules import LabelRules, LabelType, LabelValue
from llm_assets.corpus.labelled.labelled_plan import (
    FillBy,
    LabelColumn,
    LabelledPlan,
    LabelTask,
    Missing,
    SetFormat,
    SetText,
)
from llm_assets.corpus.split import Dealing
from llm_assets.linguistics_recipe import Linguistics
from llm_assets.recipe_model import Model, mistake
from llm_assets.training_recipe import SplitShares

SET_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,62}$"
LABEL_NAME: Final = r'^[^"\\\x00-\x1f]{1,200}$'

_USUAL_TYPE: Final[dict[LabelTask, LabelType]] = {
    "classification": "category",
    "regression": "float",
    "chat": "text",
}
_TYPES: Final[dict[LabelTask, tuple[LabelType, ...]]] = {
    "classification": ("category", "integer", "float", "boolean"),
    "regression": ("float", "integer"),
    "chat": ("text", "category", "integer", "float", "boolean"),
}
_NUMBERS: Final = ("integer", "float")

Value = str | bool | int | float
"""A label as the recipe writes it."""


class Chat(Model):
    """Templates of the messages.

    `{title}`, `{text}`, `{label}`, `{author}`, `{source}` and `{language}` stand for what the
    document has; `{{` and `}}` are braces.
    """

    system: Annotated[str, Field(min_length=1)] | None = None
    """What the conversation begins with; absent: with the user."""
    user: Annotated[str, Field(min_length=1)] = "{text}"
    """What is asked."""
    assistant: Annotated[str, Field(min_length=1)] = "{label}"
    """What is to be answered."""

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        for name in ("system", "user", "assistant"):
            try:
                template_fields(getattr(self, name) or "")
            except TemplateError as error:
                raise mistake(str(error), name) from None
        return self

    def template(self) -> ChatTemplate:
        """Return the section as the core's template."""
        return ChatTemplate(self.system, self.user, self.assistant)


class LabelledSet(Model):
    """One fine-tuning set: documents of some sources, with a label each."""

    name: Annotated[str, Field(pattern=SET_NAME)]
    """Names the set in the store: `labelled_dataset/<name>/`."""
    task: LabelTask
    """`classification`: a class and its number; `regression`: a number; `chat`: messages."""
    sources: Annotated[list[str], Field(min_length=1)]
    """Whose documents are in the set."""
    label: Annotated[str, Field(pattern=LABEL_NAME)] | None = None
    """The label's name among the labels of a source's records."""
    label_column: LabelColumn | None = None
    """In place of `label`: the document's `source`, `folder`, `language` or `author`."""
    type: LabelType | None = None
    """What labels are converted to. Absent: `category` for classification, `float` for regression,
    `text` (as it stands) for chat."""
    case_fold: bool = True
    """Whether "Sports" and "sports" are one category."""
    map: dict[str, Value] = {}
    """Renames values before they are converted: `{"5 stars": 5, pos: positive}`. Values are
    compared trimmed, in NFKC, and by folded case where `case_fold` says so."""
    labels: Annotated[list[Value], Field(min_length=1)] | None = None
    """The only labels, in the order of their ids; others are quarantined. Absent: all that occur,
    sorted, so that a new one may change the ids of others."""
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """The least and the largest number; others are quarantined."""
    missing: Missing = "drop"
    """What becomes of documents without a label: `drop` them, `fill` one in, or keep and `flag`
    them by `label_missing`."""
    missing_values: list[str] = ["n/a", "na", "nan", "null", "-", "?"]
    """Values that say that there is none, beside an empty one."""
    fill: Value | None = None
    """The label to fill in."""
    fill_by: FillBy | None = None
    """In place of `fill`: the `median` or the `most_frequent` label of the train split."""
    text: SetText = "text"
    """The text, or title, blank line and text."""
    words: Linguistics | None = None
    """Write texts as words: without stop words, as lemmas or stems (docs/linguistics.md)."""
    chat: Chat | None = None
    """Templates of the messages; for `chat` only."""
    one_hot: bool = False
    """A column `label_is_<label>` of 0 and 1 for each label."""
    split: SplitShares | None = None
    """Shares of the set's own. Absent: the corpus's, so that the set's test documents are test
    documents of the corpus."""
    stratify: bool = False
    """Let shares hold within each label (of numbers: within each tenth of them)."""
    formats: Annotated[list[SetFormat], Field(min_length=1)] = ["parquet", "jsonl"]
    """What is written of each split."""

    @property
    def kind(self) -> LabelType:
        """The type in force."""
        return self.type or _USUAL_TYPE[self.task]

    @property
    def is_number(self) -> bool:
        """Whether labels are numbers."""
        return self.kind in _NUMBERS

    @model_validator(mode="after")
    def _label_fits_task(self) -> Self:
        if self.label is not None and self.label_column is not None:
            raise mistake("give either 'label' or 'label_column', not both", "label_column")
        if self.kind not in _TYPES[self.task]:
            known = ", ".join(_TYPES[self.task])
            raise mistake(f"'{self.kind}' does not go with task '{self.task}': use {known}", "type")
        if self.task != "chat" and self.chat is not None:
            raise mistake("is for task 'chat' only: leave it out", "chat")
        labelled = self.label is not None or self.label_column is not None
        if self.task != "chat" and not labelled:
            raise mistake("is required: name an entry of the records' labels", "label")
        in_template = "label" in (self.chat or Chat()).template().fields
        if self.task == "chat" and labelled != in_template:
            wrong = "no message has '{label}'" if labelled else "'{label}' needs 'label'"
            raise mistake(
                f"{wrong}: name a label and put '{{label}}' in a message, or neither", "chat"
            )
        return self

    @model_validator(mode="after")
    def _settings_go_together(self) -> Self:
        numbers_only = "is for numbers: use it with type 'integer' or 'float'"
        if self.range is not None and not self.is_number:
            raise mistake(numbers_only, "range")
        if self.range is not None and self.range[0] > self.range[1]:
            raise mistake("the least number comes first", "range")
        if self.labels is not None and self.task == "regression":
            raise mistake("is for classes: use 'range' to bound numbers", "labels")
        if self.one_hot and self.task != "classification":
            raise mistake("is for task 'classification'", "one_hot")
        if self.stratify and self.kind == "text":
            raise mistake("needs labels of a type other than 'text'", "stratify")
        if self.words is not None and self.task == "chat":
            raise mistake("is for classification and regression: a message is not words", "words")
        if self.words is not None and self.words.sentences:
            raise mistake("has no place in a set: leave it out", "words", "sentences")
        return self

    @model_validator(mode="after")
    def _missing_labels_are_provided_for(self) -> Self:
        given = [name for name in ("fill", "fill_by") if getattr(self, name) is not None]
        if self.missing != "fill" and given:
            raise mistake("is used with 'missing: fill' only", given[0])
        if self.missing == "fill" and len(given) != 1:
            raise mistake("'fill' needs either 'fill: <label>' or 'fill_by'", "missing")
        if self.fill_by == "median" and not self.is_number:
            raise mistake("'median' is of numbers: use 'most_frequent'", "fill_by")
        if self.missing == "flag" and self.task == "chat":
            raise mistake("a message cannot say what is missing: use 'drop' or 'fill'", "missing")
        return self

    @model_validator(mode="after")
    def _own_labels_are_labels(self) -> Self:
        """Hold what the recipe writes against its own rules, before any document is read."""
        rules = self.rules()
        for index, value in enumerate(self.labels or []):
            self._require(rules, value, "labels", index)
        if len(set(rules.names())) < len(self.labels or []):
            raise mistake("two entries are the same label after trimming and folding", "labels")
        for key, value in self.map.items():
            self._require(rules, value, "map", key)
        if len({rules.compared(key) for key in self.map}) < len(self.map):
            raise mistake("two keys are the same value after trimming and folding", "map")
        if self.fill is not None:
            self._require(rules, self.fill, "fill")
        return self

    def _require(self, rules: LabelRules, value: Value, *at: str | int) -> None:
        found = rules.convert_own(_written(value))
        if found.name is None:
            reason = "is missing" if found.reason is None else found.reason.replace("_", " ")
            raise mistake(f"'{_written(value)}' is no label of this set: {reason}", *at)

    def rules(self) -> LabelRules:
        """Return what the core needs to know of labels."""
        low, high = self.range or (-math.inf, math.inf)
        return LabelRules(
            kind=self.kind,
            fold_case=self.case_fold,
            mapping={key: _written(value) for key, value in self.map.items()},
            allowed=tuple(_written(value) for value in self.labels or ()),
            least=low,
            most=high,
            missing_values=tuple(self.missing_values),
        )

    def plan(self, corpus_dealing: Dealing, split_similarity: float) -> LabelledPlan:
        """Return the section as the core's plan.

        Args:
            corpus_dealing: how the corpus deals documents to splits.
            split_similarity: how similar documents must be so that no two splits share them.
        """
        rules = self.rules()
        dealing = corpus_dealing if self.split is None else self.split.dealing()
        fill: LabelValue | None = None
        if self.fill is not None:
            fill = rules.convert_own(_written(self.fill))
        return LabelledPlan(
            name=self.name,
            task=self.task,
            sources=tuple(sorted(set(self.sources))),
            label=self.label,
            label_column=self.label_column,
            rules=rules,
            text=self.text,
            missing=self.missing,
            fill=fill,
            fill_by=self.fill_by,
            one_hot=self.one_hot,
            dealing=dealing,
            own_dealing=dealing != corpus_dealing,
            stratify=self.stratify,
            split_similarity=split_similarity,
            chat=(self.chat or Chat()).template() if self.task == "chat" else None,
            formats=tuple(self.formats),
        )


def _written(value: Value) -> str:
    """Write a value of the recipe as a document's value is written: as JSON does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names_differ(sets: list[LabelledSet]) -> list[LabelledSet]:
    names = [each.name for each in sets]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise mistake(
                f"'{name}' is taken by another set: give each its own name", index, "name"
            )
    return sets


LabelledSets = Annotated[list[LabelledSet], AfterValidator(_names_differ)]
"""The sets of a recipe."""


def check_set_sources(sets: Collection[LabelledSet], known: Collection[str]) -> None:
    """Hold the sources that sets name against those of the corpus.

    Raises:
        PydanticCustomError: for the first that the corpus does not have.
    """
    for number, each in enumerate(sets):
        for index, source in enumerate(each.sources):
            if source not in known:
                raise mistake(
                    f"'{source}' is no source of this corpus: use {', '.join(sorted(known))}",
                    *("recipe", "labelled", number, "sources", index),
                )
