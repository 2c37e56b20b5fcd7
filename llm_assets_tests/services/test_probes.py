import uuid
from contextlib import closing

import boto3
import psycopg
import pytest

from llm_assets.services.embedded_postgres import EmbeddedPostgres
from llm_assets.services.local_s3 import LocalS3
from llm_assets.services.ports import free_ports
from llm_assets.services.probes import mask_url, probe_postgres, probe_s3
from llm_assets.services.process import ServiceError


class TestMaskUrl:
    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
            ("postgresql://me:se@c/r:et@host/db", "postgresql://me:***@host/db"),
            ("postgresql://:secret@host/db", "postgresql://:***@host/db"),
            (
                "postgresql://host/db?user=me&password=secret",
                "postgresql://host/db?user=me&password=***",
            ),
            ("postgresql://host/db?password=secret&x=1", "postgresql://host/db?password=***&x=1"),
            ("postgresql://me@host/db", "postgresql://me@host/db"),
            ("s3://bucket/prefix", "s3://bucket/prefix"),
        ],
    )
    def test_only_the_password_is_hidden(self, url: str, shown: str) -> None:
        assert mask_url(url) == shown


class TestPostgres:
    def test_a_good_database_is_left_as_it_was(self, database_url: str) -> None:
        assert probe_postgres(database_url) == "PostgreSQL 18, tables can be made"
        with psycopg.connect(database_url) as connection:
            found = connection.execute(
                "select count(*) from pg_namespace where nspname like 'llm_assets_doctor%'"
            )
            assert found.fetchone() == (0,)

    @pytest.mark.parametrize(
        ("change", "fix"),
        [
            ({"port": "PORT"}, "Start the server, or correct host and port"),
            ({"password": "secret"}, "Correct user and password"),
            ({"database": "absent"}, "Create the database"),
            ({"host": "no-such-host.invalid"}, "Correct the host's name"),
            ({"password": "sec/ret"}, "percent-encoding"),
            ({"password": "sec%zzret"}, "percent-encoding"),
            ({"scheme": "postgres"}, "Write it as postgresql://"),
            ({"scheme": "mysql"}, "Write it as postgresql://"),
        ],
    )
    def test_a_bad_url_comes_with_what_to_do(
        self, postgres_server: EmbeddedPostgres, change: dict[str, str], fix: str
    ) -> None:
        if "port" in change:
            change = {"port": str(free_ports(1)[0])}
        password = postgres_server.url.split(":")[2].partition("@")[0]
        parts = {"scheme": "postgresql", "password": password, "host": "127.0.0.1"}
        parts |= {"port": str(postgres_server.port), "database": "llm_assets"} | change
        url = "{scheme}://llm_assets:{password}@{host}:{port}/{database}".format(**parts)
        with pytest.raises(ServiceError) as caught:
            probe_postgres(url)
        assert fix in caught.value.fix
        assert parts["password"] not in str(caught.value)
        assert "ret@" not in str(caught.value)

    def test_a_user_who_may_not_make_tables_is_told(
        self, postgres_server: EmbeddedPostgres, database_url: str
    ) -> None:
        role = f"reader_{uuid.uuid4().hex}"
        with psycopg.connect(postgres_server.url, autocommit=True) as connection:
            connection.execute(f"create role {role} login password 'secret'")
            name = database_url.rpartition("/")[2]
            url = f"postgresql://{role}:secret@127.0.0.1:{postgres_server.port}/{name}"
            with pytest.raises(ServiceError, match="permission denied for database") as caught:
                probe_postgres(url)
            connection.execute(f"drop role {role}")
        assert "GRANT CREATE" in caught.value.fix

    def test_another_encoding_than_utf8_is_told(self, postgres_server: EmbeddedPostgres) -> None:
        name = f"latin_{uuid.uuid4().hex}"
        with psycopg.connect(postgres_server.url, autocommit=True) as connection:
            connection.execute(
                f"create database {name} encoding 'LATIN1' locale 'C' template template0"
            )
            with pytest.raises(ServiceError, match="not in UTF-8") as caught:
                probe_postgres(postgres_server.database_url(name))
            connection.execute(f"drop database {name} with (force)")
        assert "ENCODING 'UTF8'" in caught.value.fix


class TestS3:
    def test_a_good_place_is_left_as_it_was(self, s3_server: LocalS3, s3_prefix: str) -> None:
        assert probe_s3(s3_prefix).startswith(s3_prefix)
        with closing(boto3.client("s3")) as client:
            prefix = s3_prefix.split("/", 3)[3]
            listing = client.list_objects_v2(Bucket=s3_server.bucket, Prefix=prefix)
        assert listing["KeyCount"] == 0

    def test_the_bucket_itself_will_do(self, s3_server: LocalS3, s3_prefix: str) -> None:
        assert "can be written" in probe_s3(f"s3://{s3_server.bucket}")

    @pytest.mark.parametrize(
        ("variable", "value", "cause", "fix"),
        [
            ("AWS_SECRET_ACCESS_KEY", "guess", "SignatureDoesNotMatch", "let their owner put"),
            ("AWS_ACCESS_KEY_ID", "guess", "InvalidAccessKeyId", "Correct AWS_ACCESS_KEY_ID"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "Could not connect", "AWS_ENDPOINT_URL"),
            ("AWS_ENDPOINT_URL", "nonsense", "Invalid endpoint", "Correct AWS_ENDPOINT_URL"),
        ],
    )
    def test_wrong_variables_come_with_what_to_do(
        self,
        s3_server: LocalS3,
        s3_prefix: str,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
        value: str,
        cause: str,
        fix: str,
    ) -> None:
        monkeypatch.setenv(variable, value)
        with pytest.raises(ServiceError, match=cause) as caught:
            probe_s3(s3_prefix)
        assert fix in caught.value.fix
        assert s3_server.secret_key not in str(caught.value)

    def test_a_missing_bucket_is_told(self, s3_prefix: str) -> None:
        with pytest.raises(ServiceError, match="NoSuchBucket") as caught:
            probe_s3("s3://misspelt/corpus")
        assert caught.value.fix == "Create the bucket 'misspelt', or correct LLM_ASSETS_STORE."

    def test_missing_credentials_are_told(
        self, s3_prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        with pytest.raises(ServiceError, match="Unable to locate credentials") as caught:
            probe_s3(s3_prefix)
        assert caught.value.fix == "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
