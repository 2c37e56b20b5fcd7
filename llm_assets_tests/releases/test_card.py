"""The corpus card and the data card of a release."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from llm_assets.io.object_store import LocalStore
from llm_assets.releases.card.card_page import card_page
from llm_assets.releases.card.data_card import data_card, readme
from llm_assets.releases.export import README_FILE, export_release
from llm_assets.releases.manifest import CARD_FILE, Count, Manifest
from llm_assets_tests.releases.tiny import Shard, Tiny, document, release

HOSTILE = '<script>alert(1)</script>" onload="x'

FIGURES: dict[str, dict[str, Any]] = {
    "cleaned_text": {
        "drop_reasons": {"gopher_short_doc": 3},
        "kept_text_length": {"edges": [10, 100, 1000], "counts": [1, 2]},
        "redactions_by_kind": {"email": 2},
    },
    "tokenized_corpus": {"tokens_per_document": {"edges": [10, 100, 1000], "counts": [1, 2]}},
    "near_duplicates": {
        "dropped_by_method": {"exact": 1},
        "pairs_by_similarity": {"verified": {"0.9": 1}, "rejected": {"0.5": 2}},
    },
}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.seen


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    shard: Shard = {"train": [document("a", "one two"), document("b", "three")]}
    made = release(LocalStore(tmp_path / "store"), Tiny({"shard-0000": shard}))
    return made.manifest.model_copy(
        update={
            "figures": FIGURES,
            "funnel": [
                {"stage": "seen", "documents": 4, "share": 1.0},
                {"stage": "in the training split", "documents": 2, "share": 0.5},
            ],
            "licenses": {"CC-BY-4.0": Count(documents=2, tokens=14)},
            "languages": {"en": Count(documents=2, tokens=14)},
            "recipe": {"cleaning": {"redact": ["email"]}},
        }
    )


def test_the_page_needs_nothing_from_elsewhere(manifest: Manifest) -> None:
    seen = tags(card_page(manifest))
    assert {"script", "link", "iframe"}.isdisjoint(tag for tag, _ in seen)
    sources = [attributes["src"] for tag, attributes in seen if tag == "img"]
    assert len(sources) >= 7
    assert all(source and source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert all(attributes["alt"] for tag, attributes in seen if tag == "img")


def test_the_page_says_what_is_in_the_release(manifest: Manifest) -> None:
    page = card_page(manifest)
    for words in (manifest.version, manifest.content_hash, "CC-BY-4.0", "email 2", "exact 1"):
        assert words in page


def test_what_a_source_says_is_no_markup(manifest: Manifest) -> None:
    source = manifest.sources[0].model_copy(update={"name": HOSTILE, "license": HOSTILE})
    hostile = manifest.model_copy(
        update={
            "notes": HOSTILE,
            "sources": [source],
            "licenses": {HOSTILE: Count(documents=1, tokens=1)},
        }
    )
    seen = tags(card_page(hostile))
    assert "script" not in {tag for tag, _ in seen}
    assert not any("onload" in attributes for _, attributes in seen)
    assert "<script>" not in readme(hostile)


def test_the_head_of_the_data_card_is_what_hubs_read(manifest: Manifest) -> None:
    text = readme(manifest)
    head = YAML(typ="safe").load(text.split("---\n")[1])
    assert head["license"] == ["cc-by-4.0"]
    assert head["language"] == ["en"]
    assert head["size_categories"] == ["n<1K"]
    (config,) = head["configs"]
    assert [entry["split"] for entry in config["data_files"]] == ["train"]


def test_a_licence_that_hubs_do_not_know_is_other(manifest: Manifest) -> None:
    changed = manifest.model_copy(
        update={"licenses": {"public-domain": Count(documents=1, tokens=1)}}
    )
    assert 'license:\n- "other"' in readme(changed)


def test_without_redaction_the_card_says_so(manifest: Manifest) -> None:
    plain = manifest.model_copy(update={"recipe": {"cleaning": {"redact": []}}})
    (section,) = [s for s in data_card(plain) if s.title.startswith("Personal")]
    assert "Nothing was redacted" in section.paragraphs[0]


def test_a_copy_has_both(tmp_path: Path) -> None:
    shard: Shard = {"train": [document("a", "one two")]}
    made = release(LocalStore(tmp_path / "store"), Tiny({"shard-0000": shard}))
    export_release(made, LocalStore(tmp_path / "copy"))
    copied = json.loads((tmp_path / "copy" / "manifest.json").read_bytes())
    assert copied["content_hash"] in (tmp_path / "copy" / CARD_FILE).read_text(encoding="utf-8")
    assert (tmp_path / "copy" / README_FILE).read_text(encoding="utf-8").startswith("---\n")
