"""Other rules and limits: shown before, reached without reading anew, and equal to a rebuild."""

import json
from collections.abc import Callable
from dataclasses import replace

import dagster as dg
import pytest

from llm_assets_tests.e2e.corpora import SmallCorpus

NewCorpus = Callable[[], SmallCorpus]


def with_cleaning(corpus: SmallCorpus, settings: str) -> None:
    path = corpus.folder / "corpus.yaml"
    head = path.read_text().partition("recipe:\n  cleaning:")[0]
    body = path.read_text().partition("  tokenizer:")[2]
    head = head.partition("recipe:\n")[0]
    path.write_text(f"{head}recipe:\n  cleaning: {settings}\n  tokenizer:{body}")


STRICT = (
    "{thresholds: {gopher_short_doc: 400}, rules: [{reason: long, drop_if: word_count > 3000}]}"
)
LAX = "{filters: [gopher@paper], thresholds: {gopher_short_doc: 10}, book_filters: []}"


def test_new_limits_equal_a_rebuild_and_need_no_second_reading(new_corpus: NewCorpus) -> None:
    corpus, other = new_corpus(), new_corpus()
    corpus.materialize()
    kept = [len(corpus.documents("verdict = 'keep'"))]
    for settings in (STRICT, LAX):
        with_cleaning(corpus, settings)
        outcome = corpus.materialize()
        kept.append(len(corpus.documents("verdict = 'keep'")))
        assert all(row["published"] == 0 for row in outcome["assets"] if row["asset"][:3] == "raw")
    assert kept[1] < kept[0] < kept[2], kept
    # The same files, for cleaned_text holds their paths, in an empty store and database.
    rebuilt = replace(corpus, database_url=other.database_url, store=other.store)
    rebuilt.materialize()
    for asset in ("cleaned_text", "training_split"):
        assert corpus.versions(asset) == rebuilt.versions(asset), asset


def test_retune_says_what_materialize_will_do(corpus: SmallCorpus) -> None:
    corpus.materialize()
    now = len(corpus.documents("verdict = 'keep'"))
    with_cleaning(corpus, "{thresholds: {gopher_short_doc: 400}}")
    told = json.loads(corpus.run("retune", "--json", "--examples", "99").stdout)
    assert told["newly_kept"] == 0
    assert told["newly_dropped"] == len(told["examples_newly_dropped"]) > 0
    example = told["examples_newly_dropped"][0]
    assert example["reason_then"] == "gopher_short_doc"
    assert example["measured"] < 400
    assert example["threshold"] == 400
    corpus.materialize()
    groups = [row for row in told["by_source_and_language"] if row["source"] == "pages"]
    fewer = now - len(corpus.documents("verdict = 'keep'"))
    assert fewer == sum(row["newly_dropped"] for row in groups) > 0
    tried = corpus.run("retune", "--set", "gopher_short_doc=50", "--rule", "any=word_count > 0")
    assert tried.returncode == 0, tried.stderr
    assert "any" in tried.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--set", "gopher_short_do=3"], 2, "did you mean 'gopher_short_doc'"),
        (["--set", "gopher_short_doc=many"], 2, "must be a number"),
        (["--set", "gopher_short_doc"], 2, "REASON=VALUE"),
        (["--rule", "x=wordcount < 3"], 2, "wordcount"),
        (["--filter", "gopher@nobody"], 2, "gopher@paper"),
        (["--filter", "c4@tfds"], 1, "materialize"),
    ],
)
def test_what_cannot_be_tried(
    made_corpus: SmallCorpus, arguments: list[str], code: int, words: str
) -> None:
    done = made_corpus.run("retune", *arguments)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_job_shows_it_in_the_ui(
    made_corpus: SmallCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llm_assets.definitions import build_definitions
    from llm_assets.recipe import load_corpus
    from llm_assets.settings import load_settings

    for name, value in made_corpus.environment().items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    definitions = build_definitions(load_corpus(settings.corpus_file), settings)
    job = definitions.resolve_job_def("retune")
    config = {"thresholds": {"gopher_short_doc": 400.0}, "examples": 2}
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance, run_config={"ops": {"show_changes": {"config": config}}}
        )
        (observed,) = [e for e in result.all_events if e.event_type_value == "ASSET_OBSERVATION"]
    metadata = observed.asset_observation_data.asset_observation.metadata
    assert metadata["newly_dropped"].value > 0
    assert "gopher_short_doc" in metadata["by_reason"].value
    assert metadata["kept_by_source"].value.startswith("![")
    assert metadata["newly_dropped_examples"].value.count("\n") == 3
    wrong = {"ops": {"show_changes": {"config": {"filters": ["nobody"]}}}}
    with pytest.raises(dg.Failure, match="there is no quality profile 'nobody'"):
        job.execute_in_process(run_config=wrong)
