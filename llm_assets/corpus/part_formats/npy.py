"""NumPy's own array file: `<split>.npy`, the split's tokens as one array.

Without packing the array has one axis, the token stream; with packing two, sequences and the tokens
of each. Version 1.0 of the format (`numpy.lib.format`): magic, version, length of the header, the
header (type, order, shape), and the values. NumPy pads the header so that the first axis can grow
in place, so the values go to disk at once and the shape is filled in at the end.
"""

from pathlib import Path

from numpy.lib import format as npy_format

from llm_assets.corpus.part_formats.part import PartBatch, PartLayout, PartWriter
from llm_assets.corpus.part_formats.partial_file import PartialFile
from llm_assets.corpus.part_formats.token_arrays import sequence_arrays, storable


class NpyWriter(PartWriter):
    """Writes exactly what `numpy.save` would, without ever holding the whole array."""

    def __init__(self, path: Path, layout: PartLayout) -> None:
        """Start the file.

        Args:
            path: where to.
            layout: type and length of sequences.
        """
        self._layout = layout
        self._dtype = storable(layout.token_dtype)
        self._tokens = 0
        self._file = PartialFile(path)
        self._write_header()

    def append(self, batch: PartBatch) -> None:
        """Add sequences."""
        values, _lengths = sequence_arrays(batch.sequences["input_ids"], self._layout)
        self._file.stream.write(values.data)
        self._tokens += len(values)

    def close(self) -> None:
        """Fill in the shape and complete the file."""
        start_of_values = self._start_of_values
        self._write_header()
        if self._start_of_values != start_of_values:
            raise ValueError(f"an array of {self._tokens} tokens does not fit the space kept")
        self._file.complete()

    def abandon(self) -> None:
        """Remove the file, unless it is complete."""
        self._file.abandon()

    def _write_header(self) -> None:
        length = self._layout.sequence_length
        shape = (self._tokens,) if length is None else (self._tokens // length, length)
        self._file.stream.seek(0)
        npy_format.write_array_header_1_0(
            self._file.stream,
            {"descr": self._dtype.str, "fortran_order": False, "shape": shape},
        )
        self._start_of_values = self._file.stream.tell()
