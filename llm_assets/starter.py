"""`init`: a commented corpus file to start from."""

import json
from importlib.resources import files
from pathlib import Path

from llm_assets.recipe import ConfigurationError, corpus_json_schema

CORPUS_FILE = "corpus.yaml"
SCHEMA_FILE = "corpus.schema.json"


def write_starter(folder: Path, replace: bool) -> list[Path]:
    """Write corpus.yaml and its JSON Schema into `folder`; return the paths.

    Raises:
        ConfigurationError: if a corpus file is there already and `replace` is false.
    """
    corpus, schema = folder / CORPUS_FILE, folder / SCHEMA_FILE
    if corpus.exists() and not replace:
        raise ConfigurationError(f"{corpus} is there already; --force replaces it")
    folder.mkdir(parents=True, exist_ok=True)
    text = (files("llm_assets") / "init" / CORPUS_FILE).read_text(encoding="utf-8")
    corpus.write_text(text, encoding="utf-8")
    schema.write_text(json.dumps(corpus_json_schema(), indent=2) + "\n", encoding="utf-8")
    return [corpus, schema]
