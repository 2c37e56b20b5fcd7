"""From a format's name in the recipe to the writer of its files."""

from pathlib import Path

from llm_assets.corpus.part_formats.jsonl import JsonlWriter
from llm_assets.corpus.part_formats.mds import MdsWriter
from llm_assets.corpus.part_formats.megatron import MegatronWriter
from llm_assets.corpus.part_formats.npy import NpyWriter
from llm_assets.corpus.part_formats.parquet_part import ParquetWriter
from llm_assets.corpus.part_formats.part import PartLayout, PartWriter, TrainingFormat
from llm_assets.corpus.schema import Split


def open_part_writer(
    format: TrainingFormat, folder: Path, split: Split, layout: PartLayout
) -> PartWriter:
    """Start the files of one part in one format.

    Args:
        format: which.
        folder: an existing folder, where the files are to be.
        split: names them.
        layout: how tokens are stored.

    Returns:
        The writer, to be used as a context manager. A part without batches has its files too,
        without sequences.
    """
    match format:
        case "megatron":
            return MegatronWriter(folder / split, layout)
        case "parquet":
            return ParquetWriter(folder / f"{split}.parquet", layout)
        case "mds":
            return MdsWriter(folder / f"{split}.mds", layout)
        case "jsonl":
            return JsonlWriter(folder / f"{split}.jsonl.zst")
        case "npy":
            return NpyWriter(folder / f"{split}.npy", layout)
