"""Corpus files: what is accepted, what is said of mistakes, and what names each stage."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from llm_assets.assets.dedup_signatures import signing_fingerprint
from llm_assets.assets.mixture import mixture_fingerprint
from llm_assets.assets.near_duplicates import duplicates_fingerprint
from llm_assets.assets.raw import reading_fingerprint
from llm_assets.assets.tokenized_corpus import tokenization_fingerprint
from llm_assets.assets.tokenizer import tokenizer_fingerprint
from llm_assets.assets.training_split import assembly_fingerprint
from llm_assets.cleaning import text_fingerprint, verdict_fingerprint
from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES
from llm_assets.corpus.profiles.profile_names import PROFILE_NAMES
from llm_assets.duplicates_recipe import DuplicateProfile
from llm_assets.recipe import (
    FORMATS_OF_KIND,
    ConfigurationError,
    Corpus,
    corpus_json_schema,
    fingerprint,
    load_corpus,
)
from llm_assets.sources.watch import settings_of
from llm_assets.starter import write_starter

SOURCE = {"name": "pages", "kind": "web", "location": "./pages/"}
FINE = "sources:\n  - name: a\n    kind: web\n    location: x\n"


def load(tmp_path: Path, text: str | bytes) -> Corpus:
    path = tmp_path / "corpus.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_corpus(path)


def mistakes(tmp_path: Path, text: str | bytes) -> list[str]:
    """Return what is wrong with a corpus file, without the file's name."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert caught.value.__cause__ is None
    lines = str(caught.value).splitlines()
    path = tmp_path / "corpus.yaml"
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


# --- mistakes ----------------------------------------------------------------------------------

MISTAKES = {
    "unknown key": (
        "sources:\n  - name: a\n    kind: web\n    locaton: x\n    location: y\n",
        "4: sources[0].locaton: is no known key here: did you mean 'location'?",
    ),
    "unknown key, nothing like it": (
        FINE + "recipe:\n  split: {xyzzy: 1}\n",
        "6: recipe.split.xyzzy: is no known key here: known are train, validation, test, seed",
    ),
    "unknown key at the top": (
        FINE + "shard: 4\n",
        "5: shard: is no known key here: did you mean 'shards'?",
    ),
    "unknown key deep down": (
        FINE + "recipe:\n  tokenizer:\n    train:\n      vocab_size: 4\n",
        "8: recipe.tokenizer.train.vocab_size: is no known key here: did you mean "
        "'vocabulary_size'?",
    ),
    "unknown key in the wrong section": (
        FINE + "recipe:\n  duplicates:\n    languages: [en]\n",
        "7: recipe.duplicates.languages: is no known key here: known are profile, "
        "verify, similarity, containment, split_similarity, keep, scope",
    ),
    "missing key": (
        "sources:\n  - name: a\n    kind: web\n",
        "2: sources[0].location: is required",
    ),
    "no sources": ("name: x\n", "1: sources: is required"),
    "empty list of sources": ("shards: 2\nsources: []\n", "2: sources: needs at least one entry"),
    "wrong choice": (
        "sources:\n  - name: a\n    kind: webb\n    location: x\n",
        "3: sources[0].kind: must be 'web', 'books' or 'records' (given: 'webb')",
    ),
    "a number where a list belongs": (
        FINE + "recipe:\n  cleaning:\n    filters: 5\n",
        "7: recipe.cleaning.filters: must be a list: [a, b], or a line '- a' for each entry "
        "(given: 5)",
    ),
    "text where a list belongs": (
        FINE + "recipe:\n  cleaning: {languages: en}\n",
        "6: recipe.cleaning.languages: must be a list: [a, b], or a line '- a' for each entry "
        "(given: 'en')",
    ),
    "text where a number belongs": (
        "sources:\n  - {name: a, kind: web, location: x,\n     weight: '1'}\n",
        "3: sources[0].weight: must be a number (given: '1')",
    ),
    "a truth value where a number belongs": (
        FINE + "    weight: true\n",
        "5: sources[0].weight: must be a number (given: True)",
    ),
    "a fraction where a whole number belongs": (
        FINE + "shards: 4.0\n",
        "5: shards: must be a whole number (given: 4.0)",
    ),
    "a number where a truth value belongs": (
        FINE + "    protected: 1\n",
        "5: sources[0].protected: must be true or false (given: 1)",
    ),
    "a number where text belongs": (
        "sources:\n  - name: 12\n    kind: web\n    location: x\n",
        "2: sources[0].name: must be text: put it in quotes (given: 12)",
    ),
    "a list where keys belong": (
        FINE + "recipe: []\n",
        "5: recipe: must hold keys: cleaning, duplicates, decontaminate",
    ),
    "nothing where keys belong": (
        FINE + "recipe:\n  split:\n",
        "6: recipe.split: must hold keys: train, validation, test, seed",
    ),
    "text where a source belongs": (
        "sources:\n  - ./pages\n",
        "2: sources[0]: must hold keys: name, kind, location, format, fields, text_format, "
        "license, language, weight, tokens, priority, protected, filters",
    ),
    "a bad name": (
        "sources:\n  - name: My Pages\n    kind: web\n    location: x\n",
        "2: sources[0].name: must be lower-case letters, digits, - and _, at most 63, no - or _ in "
        "front (given: 'My Pages')",
    ),
    "a bad corpus name": (
        "name: a/b\n" + FINE,
        "1: name: must be letters, digits, -, _ and ., at most 63, a letter or digit in front "
        "(given: 'a/b')",
    ),
    "a bad language": (
        FINE + "recipe:\n  cleaning:\n    languages:\n      - en\n      - English\n",
        "9: recipe.cleaning.languages[1]: must be an ISO 639 code of two or three lower-case "
        "letters, such as en (given: 'English')",
    ),
    "an empty location": (
        "sources:\n  - name: a\n    kind: web\n    location: ''\n",
        "4: sources[0].location: must not be empty (given: '')",
    ),
    "a shard count": (
        "shards: 3\n" + FINE,
        "1: shards: must be a power of two from 1 to 4096, not 3",
    ),
    "out of range": (
        FINE + "    weight: 0\n",
        "5: sources[0].weight: must be greater than 0 (given: 0)",
    ),
    "not a number": (
        FINE + "    weight: .nan\n",
        "5: sources[0].weight: must be less than or equal to 100 (given: nan)",
    ),
    "an unknown profile": (
        FINE + "    filters: [gopher@paper,\n              gofer@paper]\n",
        "6: sources[0].filters[1]: there is no quality profile 'gofer@paper': use some of "
        + ", ".join([*sorted(PROFILE_NAMES), "fineweb2@LANGUAGE"]),
    ),
    "a language that FineWeb-2 does not have": (
        FINE + "    filters: [fineweb2@fra]\n",
        "5: sources[0].filters[0]: there is no profile 'fineweb2@fra': did you mean "
        "fineweb2@fra_Latn?",
    ),
    "a limit of no rule": (
        FINE + "recipe:\n  cleaning:\n    thresholds:\n      gopher_short: 3\n",
        "8: recipe.cleaning.thresholds.gopher_short: no rule has the reason 'gopher_short': did "
        "you mean 'gopher_short_doc'?",
    ),
    "a rule on a column that there is not": (
        FINE + "recipe:\n  cleaning:\n    rules:\n      - {reason: few, drop_if: words < 3}\n",
        "8: recipe.cleaning.rules[0].drop_if: is no condition on what is known of a "
        'document: unable to find column "words"',
    ),
    "a reason in capitals": (
        FINE + "recipe:\n  cleaning:\n    rules:\n      - {reason: Few, drop_if: line_count < 3}\n",
        "8: recipe.cleaning.rules[0].reason: must be lower-case letters, digits and _, at most 63, "
        "a letter in front (given: 'Few')",
    ),
    "a format of another kind": (
        "sources:\n  - name: a\n    kind: books\n    location: x\n    format: warc\n",
        "5: sources[0].format: 'warc' does not go with kind 'books': use one of text, epub, "
        "xhtml, html",
    ),
    "two sources of one name": (
        FINE + "  - name: b\n    kind: web\n    location: x\n  - name: a\n    kind: books\n"
        "    location: y\n",
        "8: sources[2].name: 'a' is taken by another source ('a'): give each its own name, in "
        "which - and _ count as the same",
    ),
    "two sources of one name for Dagster": (
        FINE.replace("name: a", "name: a-b") + "  - {name: a_b, kind: web, location: x}\n",
        "5: sources[1].name: 'a_b' is taken by another source ('a-b'): give each its own name, in "
        "which - and _ count as the same",
    ),
    "two tokenizers": (
        FINE + "recipe:\n  tokenizer:\n    train: {}\n    file: x.json\n",
        "8: recipe.tokenizer.file: give either 'train' or 'file', not both",
    ),
    "shares that are no whole": (
        FINE + "recipe:\n  split: {train: 0.5}\n",
        "6: recipe.split: train + validation + test must be 1, not 0.52",
    ),
    "no output": (FINE + "recipe:\n  formats: []\n", "6: recipe.formats: needs at least one entry"),
    "a key that is no text": (FINE + "1: x\n", "5: [1]: a key must be text: put it in quotes"),
    "a key twice": (FINE + "    kind: web\n", '5: not valid YAML: found duplicate key "kind"'),
    "no YAML": ("sources: [\n", "2: not valid YAML"),
    "no mapping": ("- a\n", "1: a corpus file is a mapping with the key 'sources'"),
    "an empty file": ("", "1: a corpus file is a mapping with the key 'sources'"),
    "a control character": (FINE + "name: \x07\n", "5: not valid YAML: special characters"),
    "not UTF-8": (FINE.encode() + b"name: Gr\xfc\xdfe\n", "5: is not UTF-8: save it in that"),
    "UTF-16": (FINE.encode("utf-16"), "1: is not UTF-8: save it in that encoding"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_told_by_line_field_and_fix(tmp_path: Path, what: str) -> None:
    text, said = MISTAKES[what]
    (found,) = mistakes(tmp_path, text)  # type: ignore[arg-type]
    assert found.startswith(said)


def test_all_mistakes_are_told_at_once_from_the_top(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "shards: 3\nsources:\n  - kind: x\n    name: A\nfoo: 1\n")
    assert [line.partition(":")[0] for line in found] == ["1", "3", "3", "4", "5"]


def test_a_long_value_is_cut_short(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, FINE.replace("kind: web", "kind: " + "x" * 500))
    assert found.endswith("xxx...)")
    assert len(found) < 200


def test_a_merged_mistake_is_told_where_it_is_used(tmp_path: Path) -> None:
    text = (
        "sources:\n  - &a {name: a, kind: web, location: x}\n  - <<: *a\n    name: b\n    kind: q\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert found.startswith("5: sources[1].kind: must be 'web', 'books' or 'records'")


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"llm-assets init.*--corpus.*LLM_ASSETS_CORPUS"):
        load_corpus(tmp_path / "corpus.yaml")


def test_a_folder_is_no_corpus_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_corpus(tmp_path)


# --- what is accepted --------------------------------------------------------------------------


def test_every_key_but_sources_has_a_default(tmp_path: Path) -> None:
    corpus = load(tmp_path, FINE)
    assert (corpus.name, corpus.shards) == ("corpus", 4)
    assert corpus.recipe.split.train == 0.98
    assert corpus.recipe.formats == ["megatron", "parquet"]
    assert corpus.recipe.tokenizer.training.vocabulary_size == 32_000


def test_the_example_of_the_design(tmp_path: Path) -> None:
    corpus = load(
        tmp_path,
        """
name: my-corpus
shards: 4
sources:
  - name: gov-pages              # web | books
    kind: web
    location: ./pages/**/*.html
    format: html
    license: public-domain
    weight: 1.0
  - name: novels
    kind: books
    location: s3://bucket/novels/
recipe:
  cleaning:   {extractor: default, languages: [en, de, ja, no], redact: [email, phone, ip]}
  duplicates: {keep: [source_priority, quality, length]}
  tokenizer:  {train: {vocabulary_size: 32000}}
  split:      {train: 0.98, validation: 0.01, test: 0.01, seed: 0}
  formats:    [megatron, parquet]
""",
    )
    assert corpus.kinds == ["web", "books"]
    assert [source.name for source in corpus.sources_of("books")] == ["novels"]
    assert corpus.recipe.cleaning.languages[-1] == "no"


def test_whole_numbers_do_for_fractions(tmp_path: Path) -> None:
    assert load(tmp_path, FINE + "    weight: 2\n").sources[0].weight == 2.0


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf" + FINE.encode()).shards == 4


def test_sources_of_a_kind_are_in_the_order_of_names() -> None:
    names = ["b", "c", "a"]
    corpus = Corpus.model_validate({"sources": [{**SOURCE, "name": name} for name in names]})
    assert [source.name for source in corpus.sources_of("web")] == ["a", "b", "c"]
    assert corpus.sources_of("books") == []
    assert corpus.kinds == ["web"]


@pytest.mark.parametrize(
    ("kind", "format"), [(kind, name) for kind, names in FORMATS_OF_KIND.items() for name in names]
)
def test_every_format_goes_with_its_kind(kind: str, format: str) -> None:
    Corpus.model_validate({"sources": [{**SOURCE, "kind": kind, "format": format}]})


def test_a_corpus_cannot_be_changed() -> None:
    corpus = Corpus.model_validate({"sources": [SOURCE]})
    with pytest.raises(ValueError, match="frozen"):
        corpus.shards = 8  # type: ignore[misc]


def test_the_starter_shows_the_defaults(tmp_path: Path) -> None:
    corpus_file, _ = write_starter(tmp_path, replace=False)
    corpus = load_corpus(corpus_file)
    default = Corpus.model_validate({"sources": [SOURCE]}).recipe
    assert corpus.recipe.tokenizer.training == default.tokenizer.training
    others = {"tokenizer"}
    assert corpus.recipe.model_dump(exclude=others) == default.model_dump(exclude=others)
    with pytest.raises(ConfigurationError, match="--force"):
        write_starter(tmp_path, replace=False)


def test_the_json_schema_describes_every_key() -> None:
    schema = corpus_json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        for name, key in model["properties"].items():
            assert "description" in key or "$ref" in json.dumps(key), name


def test_every_published_setting_of_minhash_can_be_chosen() -> None:
    assert set(get_args(DuplicateProfile)) == {"exact", *MINHASH_PROFILES}


# --- fingerprints ------------------------------------------------------------------------------

STAGES: Mapping[str, Callable[[Corpus], str]] = {
    "raw": lambda _: reading_fingerprint(),
    "text": text_fingerprint,
    "verdicts": lambda corpus: verdict_fingerprint(corpus, Path("corpus.yaml")),
    "signatures": signing_fingerprint,
    "duplicates": duplicates_fingerprint,
    "tokenizer": tokenizer_fingerprint,
    "tokens": lambda _: tokenization_fingerprint(),
    "mixture": mixture_fingerprint,
    "training": assembly_fingerprint,
}


def stages(recipe: dict[str, Any] | None = None, *sources: dict[str, Any]) -> dict[str, str]:
    corpus = Corpus.model_validate({"sources": list(sources) or [SOURCE], "recipe": recipe or {}})
    return {name: stage(corpus) for name, stage in STAGES.items()}


@pytest.mark.parametrize(
    ("recipe", "changed"),
    [
        ({"cleaning": {"extractor": "all-text"}}, {"text"}),
        ({"cleaning": {"lines": []}}, {"text"}),
        ({"cleaning": {"redact": ["email"]}}, {"text"}),
        ({"cleaning": {"languages": ["en"]}}, {"verdicts"}),
        ({"cleaning": {"language_score": 0.5}}, {"verdicts"}),
        ({"cleaning": {"filters": []}}, {"verdicts"}),
        ({"cleaning": {"filters": ["fineweb@0.10", "gopher@paper"]}}, {"verdicts"}),
        ({"cleaning": {"filters": ["gopher@paper", "c4@tfds"]}}, {"text", "verdicts"}),
        ({"cleaning": {"book_filters": []}}, {"verdicts"}),
        ({"cleaning": {"thresholds": {"gopher_short_doc": 30}}}, {"verdicts"}),
        ({"cleaning": {"rules": [{"reason": "few", "drop_if": "line_count < 3"}]}}, {"verdicts"}),
        ({"duplicates": {"keep": ["length"]}}, {"duplicates"}),
        ({"tokenizer": {"train": {"vocabulary_size": 300}}}, {"tokenizer"}),
        ({"tokenizer": {"train": {"sample_bytes": 1000}}}, {"tokenizer"}),
        # Which token ends a document then follows from the file.
        ({"tokenizer": {"file": "x.json"}}, {"tokenizer", "training"}),
        ({"tokenizer": {"end_of_document": "</s>"}}, {"tokenizer", "training"}),
        # Of similar documents that both stay it is noted in which splits they are.
        ({"split": {"seed": 1}}, {"duplicates", "mixture", "training"}),
        ({"split": {"train": 0.9, "test": 0.09}}, {"duplicates", "mixture", "training"}),
        ({"duplicates": {"profile": "exact"}}, {"signatures", "duplicates"}),
        ({"duplicates": {"similarity": 0.9}}, {"duplicates"}),
        ({"duplicates": {"scope": "source"}}, {"duplicates"}),
        ({"formats": ["parquet"]}, {"training"}),
        ({"packing": {}}, {"training"}),
        ({"fill_in_the_middle": {}}, {"training"}),
        ({"mixture": {"tokens": 1000}}, {"training", "mixture"}),
        # Without a budget nothing asks how often documents may be repeated for one.
        ({"mixture": {"most_repeats": 2}}, {"mixture"}),
    ],
)
def test_a_setting_changes_its_stages_and_no_other(
    recipe: dict[str, Any], changed: set[str]
) -> None:
    before, after = stages(), stages(recipe)
    assert {name for name in STAGES if before[name] != after[name]} == changed


@pytest.mark.parametrize(
    ("setting", "changed"),
    [
        ({"weight": 2.0}, {"training"}),
        ({"tokens": 1000}, {"training", "mixture"}),
        ({"priority": 1}, {"duplicates"}),
        ({"protected": True}, {"duplicates"}),
        ({"filters": ["gopher@paper"]}, {"verdicts"}),
        ({"filters": ["c4@tfds"]}, {"text", "verdicts"}),
        ({"redact": []}, {"text"}),
        ({"license": "CC0"}, set()),
        ({"location": "elsewhere"}, set()),
    ],
)
def test_a_source_s_setting_changes_its_stages_and_no_other(
    setting: dict[str, Any], changed: set[str]
) -> None:
    before, after = stages(), stages(None, {**SOURCE, **setting})
    assert {name for name in STAGES if before[name] != after[name]} == changed


def test_another_source_without_settings_of_its_own_changes_no_stage() -> None:
    more = {**SOURCE, "name": "more", "license": "MIT", "language": "de"}
    assert stages(None, SOURCE, more) == stages()


def test_stating_the_defaults_changes_no_stage() -> None:
    defaults = Corpus.model_validate({"sources": [SOURCE]})
    stated = defaults.recipe.model_dump()
    source = defaults.sources[0].model_dump()
    assert stages(stated, source) == stages()
    assert stages({"tokenizer": {}}) == stages({"tokenizer": {"train": {}}}) == stages()


def test_the_order_of_keys_and_sources_does_not_matter() -> None:
    one = {**SOURCE, "weight": 2.0, "priority": 1, "filters": []}
    other = {"protected": True, "weight": 3.0, **SOURCE, "name": "other"}
    recipe = {"split": {"seed": 1, "train": 0.98}, "cleaning": {"redact": [], "languages": []}}
    turned = {"cleaning": {"languages": [], "redact": []}, "split": {"train": 0.98, "seed": 1}}
    assert stages(recipe, one, other) == stages(turned, other, one)


def test_the_spelling_of_a_number_does_not_matter(tmp_path: Path) -> None:
    """YAML keeps `2.0` and `2.00` apart, and the defaults are no YAML."""
    fingerprints = set()
    for weight in ("2", "2.0", "2.00", "20e-1"):
        corpus = load(
            tmp_path, FINE + f"    weight: {weight}\nrecipe: {{split: {{train: 0.980}}}}\n"
        )
        fingerprints.add(assembly_fingerprint(corpus))
        fingerprints.add(settings_of(corpus.sources[0]))
    assert len(fingerprints) == 2


def test_what_has_no_single_form_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        fingerprint(float("nan"))
    with pytest.raises(TypeError):
        fingerprint({1, 2})  # type: ignore[arg-type]


def test_a_library_s_release_is_part_of_the_name() -> None:
    assert fingerprint("x", libraries=["polars"]) != fingerprint("x", libraries=["numpy"])
    assert fingerprint("x", libraries=["a"][:0]) == fingerprint("x")
    assert fingerprint("x", libraries=["polars", "numpy"]) == fingerprint(
        "x", libraries=["numpy", "polars"]
    )
