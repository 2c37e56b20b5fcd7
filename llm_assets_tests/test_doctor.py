import importlib.metadata
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from llm_assets import doctor
from llm_assets.doctor import Finding, run_checks
from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.local_s3 import LocalS3
from llm_assets.services.process import KeptServer

CORPUS = """
sources:
  - {name: pages, kind: web, location: ./pages/*.html}
  - {name: books, kind: books, location: ./books/}
  - {name: remote, kind: web, location: "s3://bucket/pages/"}
"""


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    """A corpus whose sources are there."""
    for name in ("pages/a.html", "books/novel/one.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("text")
    file = tmp_path / "corpus.yaml"
    file.write_text(CORPUS)
    return file


def findings_of(corpus_file: Path, **changes: object) -> dict[str, Finding]:
    home = corpus_file.parent / ".llm-assets"
    places = {"home": home, "store": str(home / "store"), "postgres_url": None, **changes}
    findings = run_checks(corpus_file, **places)
    assert all(finding.ok or finding.fix for finding in findings)
    return {finding.name: finding for finding in findings}


def wrong_in(findings: dict[str, Finding]) -> list[str]:
    return [name for name, finding in findings.items() if not finding.ok]


def test_a_sound_installation_has_no_fault_and_nothing_is_left_behind(
    corpus_file: Path, database_url: str
) -> None:
    before = sorted(corpus_file.parent.rglob("*"))
    findings = findings_of(corpus_file, postgres_url=database_url)
    assert list(findings) == [
        *("versions", "home", "PostgreSQL", "object store", "corpus file", "recipe"),
        *("source pages", "source books", "source remote"),
    ]
    assert wrong_in(findings) == []
    assert "a.html" in findings["source pages"].detail
    assert "will be made" in findings["home"].detail
    assert sorted(corpus_file.parent.rglob("*")) == before


def test_no_secret_is_shown(corpus_file: Path, postgres_server: EmbeddedPostgres) -> None:
    findings = findings_of(corpus_file, postgres_url=postgres_server.url)
    password = postgres_server.url.split(":")[2].partition("@")[0]
    assert "***" in findings["PostgreSQL"].detail
    assert password not in str(findings)


class TestPostgres:
    def test_the_embedded_server_is_tried_where_there_is_none_yet(self, corpus_file: Path) -> None:
        findings = findings_of(corpus_file)
        assert findings["PostgreSQL"].detail.startswith("embedded server: PostgreSQL 18")
        assert not (corpus_file.parent / ".llm-assets").exists()

    def test_the_embedded_server_of_this_home_is_tried(self, corpus_file: Path) -> None:
        data = corpus_file.parent / ".llm-assets" / "postgres"
        with EmbeddedPostgres(data, durable=False):
            assert findings_of(corpus_file)["PostgreSQL"].ok
            assert KeptServer(data).is_running
        (data / "PG_VERSION").write_text("9")
        finding = findings_of(corpus_file)["PostgreSQL"]
        assert not finding.ok
        assert "made by PostgreSQL 9" in finding.detail
        assert "embedded-postgres 9" in finding.fix

    def test_an_unreachable_server_is_told(self, corpus_file: Path) -> None:
        url = "postgresql://me:secret@127.0.0.1:1/db"
        finding = findings_of(corpus_file, postgres_url=url)["PostgreSQL"]
        assert not finding.ok
        assert "refused" in finding.detail
        assert "secret" not in str(finding)


class TestStore:
    def test_s3_is_tried(self, corpus_file: Path, database_url: str, s3_prefix: str) -> None:
        findings = findings_of(corpus_file, postgres_url=database_url, store=s3_prefix)
        assert findings["object store"] == Finding(
            "object store", True, f"{s3_prefix}: objects can be written, read and deleted"
        )

    def test_a_missing_bucket_is_told(
        self, corpus_file: Path, database_url: str, s3_server: LocalS3, s3_prefix: str
    ) -> None:
        findings = findings_of(corpus_file, postgres_url=database_url, store="s3://misspelt/x")
        assert wrong_in(findings) == ["object store"]
        assert "Create the bucket 'misspelt'" in findings["object store"].fix
        assert s3_server.secret_key not in str(findings)

    def test_a_file_in_the_place_of_a_folder_is_told(
        self, corpus_file: Path, database_url: str
    ) -> None:
        findings = findings_of(
            corpus_file, postgres_url=database_url, store=str(corpus_file / "store")
        )
        assert wrong_in(findings) == ["object store"]
        assert "cannot be written: Not a directory" in findings["object store"].detail
        assert "LLM_ASSETS_STORE" in findings["object store"].fix


class TestHome:
    def test_a_home_that_others_may_write_to_is_told(
        self, corpus_file: Path, database_url: str
    ) -> None:
        home = corpus_file.parent / ".llm-assets"
        home.mkdir()
        home.chmod(0o777)
        findings = findings_of(corpus_file, postgres_url=database_url)
        assert wrong_in(findings) == ["home"]
        assert findings["home"].fix == f"Run: chmod go-w {home}"

    def test_a_disk_that_is_nearly_full_is_told(
        self, corpus_file: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = namedtuple("usage", "total used free")(10 << 30, 9 << 30, 1 << 30)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        findings = findings_of(corpus_file, postgres_url=database_url)
        assert wrong_in(findings) == ["home", "object store"]
        assert "1.0 GiB left" in findings["home"].detail


class TestCorpus:
    def test_a_missing_file_is_told(self, tmp_path: Path, database_url: str) -> None:
        file = tmp_path / "corpus.yaml"
        findings = findings_of(file, postgres_url=database_url)
        assert wrong_in(findings) == ["corpus file"]
        assert "llm-assets init" in findings["corpus file"].detail

    def test_a_mistake_in_the_file_is_told(self, corpus_file: Path, database_url: str) -> None:
        corpus_file.write_text(CORPUS + "shards: 3\n")
        findings = findings_of(corpus_file, postgres_url=database_url)
        assert wrong_in(findings) == ["corpus file"]
        assert "power of two" in findings["corpus file"].detail

    def test_sources_without_a_file_are_told(self, corpus_file: Path, database_url: str) -> None:
        shutil.rmtree(corpus_file.parent / "books")
        (corpus_file.parent / "pages" / "a.html").rename(corpus_file.parent / "pages" / "a.txt")
        findings = findings_of(corpus_file, postgres_url=database_url)
        assert wrong_in(findings) == ["source pages", "source books"]
        assert "no file fits ./pages/*.html" in findings["source pages"].detail
        assert "location" in findings["source books"].fix


class TestVersions:
    @pytest.mark.parametrize(
        ("package", "release", "fix"),
        [
            ("sqlalchemy", "2.1.9", "'sqlalchemy>=2.0.30,<2.1'"),
            ("polars", "1.40.0", "'polars>=2.1'"),
            ("dagster-webserver", "1.13.26", "dagster-webserver==1.13.27"),
            ("dagster-postgres", "0.29.26", "dagster-postgres==0.29.27"),
        ],
    )
    def test_a_package_that_does_not_fit_is_told(
        self, monkeypatch: pytest.MonkeyPatch, package: str, release: str, fix: str
    ) -> None:
        releases = {"dagster": "1.13.27", package: release}
        usual = {"sqlalchemy": "2.0.58", "polars": "2.1.0"}

        def version(name: str) -> str:
            library = "0.29.27" if name in ("dagster-postgres", "dagster-k8s") else "1.13.27"
            return releases.get(name, usual.get(name, library))

        monkeypatch.setattr(doctor, "version", version)
        with pytest.raises(doctor.ServiceError) as caught:
            doctor.check_versions()
        assert caught.value.fix == f"Run: pip install {fix}"

    def test_a_package_that_is_not_there_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def version(name: str) -> str:
            raise importlib.metadata.PackageNotFoundError(name)

        monkeypatch.setattr(doctor, "version", version)
        with pytest.raises(doctor.ServiceError, match="dagster is not installed"):
            doctor.check_versions()

    def test_what_is_installed_is_shown(self) -> None:
        assert importlib.metadata.version("dagster") in doctor.check_versions()


def test_what_the_recipe_names_is_looked_for(
    corpus_file: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = "recipe:\n  cleaning: {urls: {domains: ./refused.txt}}\n  linguistics: {}\n"
    corpus_file.write_text(CORPUS + recipe)
    findings = findings_of(corpus_file, postgres_url=database_url)
    assert wrong_in(findings) == ["recipe"]
    assert "refused.txt: cannot be read" in findings["recipe"].detail
    assert "stop words" in findings["NLTK data"].detail
    (corpus_file.parent / "refused.txt").write_text("example.org\n")
    findings = findings_of(corpus_file, postgres_url=database_url)
    assert "lists of URLs can be read" in findings["recipe"].detail
    corpus_file.write_text(CORPUS + "recipe: {cleaning: {extractor: trafilatura}}\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    findings = findings_of(corpus_file, postgres_url=database_url)
    assert "pip install 'llm-assets[trafilatura]'" in findings["recipe"].detail
