"""`<split>.jsonl.zst`: one JSON object a document, for whoever tokenizes for themselves.

`{"id": ..., "source": ..., "text": ...}` in the order of the split; a document that the mixture
repeats is there as often. The file is one Zstandard frame: widely used readers, python-zstandard's
`stream_reader` among them, stop after the first one and say nothing. A frame's bytes do not depend
on how many are handed to the compressor at once.
"""

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pyarrow as pa

from llm_assets.corpus.part_formats.part import PartBatch, PartWriter
from llm_assets.corpus.part_formats.partial_file import PartialFile

_ROWS = 1_024
"""Documents whose lines are made at once."""


class JsonlWriter(PartWriter):
    """Writes documents, not sequences: packing does not change them."""

    def __init__(self, path: Path) -> None:
        """Start the file.

        Args:
            path: where to.
        """
        self._file = PartialFile(path)
        self._zstd = pa.CompressedOutputStream(self._file.stream, "zstd")

    def append(self, batch: PartBatch) -> None:
        """Add the documents that begin in the batch."""
        lines = batch.documents.select(id="doc_id", source="source", text="text")
        for rows in lines.iter_slices(_ROWS):
            encoded = BytesIO()
            rows.write_ndjson(encoded)
            self._zstd.write(encoded.getbuffer())

    def close(self) -> None:
        """End the frame and complete the file."""
        self._zstd.close()
        self._file.complete()

    def abandon(self) -> None:
        """Remove the file, unless it is complete."""
        # Closing ends the frame, which fails where writing failed before.
        with suppress(OSError):
            self._zstd.close()
        self._file.abandon()
