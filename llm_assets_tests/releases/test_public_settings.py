"""What a manifest keeps to itself."""

import pytest

from llm_assets.releases.public_settings import without_places


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("./pages/**/*.html", "./pages/**/*.html"),
        ("s3://bucket/prefix/", "s3://bucket/prefix/"),
        ("postgresql://me:secret@db:5432/docs", "postgresql://db:5432/docs"),
        ("postgresql://db/docs?user=me&password=secret", "postgresql://db/docs"),
        ("mysql+pymysql://me:p@ss@db/docs", "mysql+pymysql://db/docs"),
        ("https://host/file.jsonl?X-Amz-Signature=abc#part", "https://host/file.jsonl"),
        ("/home/me/secret-project/tokenizer.json", "tokenizer.json"),
        ("~/evalsets/gsm8k.jsonl", "gsm8k.jsonl"),
        ("C:\\Users\\me\\tokenizer.json", "tokenizer.json"),
        ("postgresql://me:pa/ss?w@db/docs", "postgresql://db/docs"),
        ("host=db user=me password=secret dbname=docs", "host=db user=me password=... dbname=docs"),
        ("https://me:secret@host/@author/feed", "https://host/@author/feed"),
        ("file:///home/me/data/corpus.jsonl", "corpus.jsonl"),
        ("word_count < 20", "word_count < 20"),
        (0.5, 0.5),
        (None, None),
    ],
)
def test_paths_of_this_machine_and_secrets_stay_here(setting: object, shown: object) -> None:
    assert without_places({"a": [setting, {"b": setting}]}) == {"a": [shown, {"b": shown}]}
