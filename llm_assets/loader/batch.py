"""What the loader hands out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

IGNORED = -100
"""The label of a position that is not to be trained on: what torch's cross entropy ignores."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One rank's samples of one step.

    `inputs` and `labels` have the shape (samples, sequence_length); the label of a position is the
    token after it. Both are numpy arrays, or torch tensors where the loader was asked for them.
    """

    inputs: Any
    labels: Any
    offsets: NDArray[np.int64]
    """Where each sample's first token is in the split's token stream."""
    release: str
    split: str
    epoch: int
    step: int
    """Counted from 0 in each epoch, the same on all ranks."""

    def origin(self, sample: int, position: int = 0) -> str:
        """Name an input token for `llm-assets why --token`, such as `v3:train:81920`."""
        return f"{self.release}:{self.split}:{int(self.offsets[sample]) + position}"

    def pin_memory(self) -> "Batch":
        """Return the batch in page-locked memory; torch's DataLoader asks for it."""
        return replace(self, inputs=self.inputs.pin_memory(), labels=self.labels.pin_memory())


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as its tokens are stored. Pickled by one process, it is a `Batch` in the next.

    Between processes 2 bytes a token in the pipe are far faster than two int64 tensors in shared
    memory, for which torch passes file descriptors.
    """

    kind: "BatchKind"
    rows: NDArray[np.integer[Any]]
    """The tokens of the samples, one sample a row."""
    offsets: NDArray[np.int64]
    epoch: int
    step: int

    def batch(self) -> Batch:
        """Return what is handed out."""
        inputs, labels = self.kind.inputs_and_labels(self.rows)
        return Batch(
            inputs, labels, self.offsets, self.kind.release, self.kind.split, self.epoch, self.step
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (self.kind, self.rows, self.offsets, self.epoch, self.step)


@dataclass(frozen=True, slots=True)
class BatchKind:
    """What all batches of a loader have in common."""

    release: str
    split: str
    dtype: np.dtype[Any]
    """Of the tokens handed out."""
    as_torch: bool
    extra_token: bool
    """Whether rows hold a token after the last input, which is its label."""
    padding_id: int
    end_of_document_id: int

    def inputs_and_labels(self, rows: NDArray[np.integer[Any]]) -> tuple[Any, Any]:
        """Return views of the converted rows, or with no token more, the rows and new labels."""
        tokens = rows.astype(self.dtype)
        if self.extra_token:
            whole = _tensor(tokens) if self.as_torch else tokens
            return whole[:, :-1], whole[:, 1:]
        labels = shifted_labels(tokens, self.padding_id, self.end_of_document_id)
        return (_tensor(tokens), _tensor(labels)) if self.as_torch else (tokens, labels)


def shifted_labels(
    rows: NDArray[Any], padding_id: int, end_of_document_id: int
) -> NDArray[np.signedinteger[Any]]:
    """Return the labels of packed rows, which hold no token after their last one.

    Args:
        rows: tokens, a sample a row.
        padding_id: the token that fills rows up.
        end_of_document_id: the token behind each document. If that is the padding too, the first
            of several ends the document and is a label; those after it are padding.

    Returns:
        Each position's next token; `IGNORED` at the last position and where that is padding.
    """
    labels = np.empty_like(rows)
    labels[:, :-1] = rows[:, 1:]
    padded = labels[:, :-1] == padding_id
    if padding_id == end_of_document_id:
        padded &= rows[:, :-1] == padding_id
    labels[:, :-1][padded] = IGNORED
    labels[:, -1] = IGNORED
    return labels


def _arrived(*fields: Any) -> Batch:
    return StoredBatch(*fields).batch()


def _tensor(tokens: NDArray[Any]) -> Any:
    import torch  # type: ignore[import-not-found, unused-ignore]  # not among our dependencies

    return torch.from_numpy(tokens)
