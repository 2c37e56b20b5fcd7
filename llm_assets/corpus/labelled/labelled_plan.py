"""What the recipe says about one fine-tuning set, as the text core needs it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from llm_assets.corpus.labelled.chat_template import ChatTemplate
from llm_assets.corpus.labelled.label_rules import LabelRules, LabelValue, sorted_names
from llm_assets.corpus.schema import SPLITS, Split
from llm_assets.corpus.split import Dealing

LabelTask = Literal["classification", "regression", "chat"]
LabelColumn = Literal["source", "folder", "language", "author"]
SetText = Literal["text", "title+text"]
Missing = Literal["drop", "fill", "flag"]
FillBy = Literal["median", "most_frequent"]
SetFormat = Literal["parquet", "jsonl"]


@dataclass(frozen=True)
class LabelledPlan:
    """How a set is made."""

    name: str
    task: LabelTask
    sources: Sequence[str]
    label: str | None = None
    """The entry of a record's labels."""
    label_column: LabelColumn | None = None
    """What of the document is its label instead. Neither: the set has no labels (chat)."""
    rules: LabelRules = field(default_factory=LabelRules)
    text: SetText = "text"
    missing: Missing = "drop"
    fill: LabelValue | None = None
    fill_by: FillBy | None = None
    one_hot: bool = False
    dealing: Dealing = field(default_factory=Dealing)
    own_dealing: bool = False
    """Whether the dealing is another than the corpus's: then splits say nothing of each other."""
    stratify: bool = False
    split_similarity: float = 0.5
    """Documents that were compared and are at least this similar are not to be in two splits."""
    chat: ChatTemplate | None = None
    formats: Sequence[SetFormat] = ("parquet", "jsonl")

    @property
    def has_labels(self) -> bool:
        """Whether documents have a label at all."""
        return self.label is not None or self.label_column is not None

    @property
    def has_classes(self) -> bool:
        """Whether labels are names of classes, which every split should have."""
        return self.task == "classification" or (
            self.task == "chat" and self.has_labels and self.rules.kind != "text"
        )

    @property
    def splits(self) -> list[Split]:
        """The splits that have a share."""
        shares = (self.dealing.train, self.dealing.validation, self.dealing.test)
        return [split for split, share in zip(SPLITS, shares, strict=True) if share > 0]

    def class_names(self, found: list[str]) -> list[str]:
        """Return the classes in the order of their ids, from the distinct labels that occur."""
        return self.rules.names() or sorted_names(found, self.rules.kind)
