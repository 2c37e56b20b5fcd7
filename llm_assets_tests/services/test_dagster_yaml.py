import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from dagster import DagsterInstance
from dagster._core.instance.config import PoolGranularity
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster_postgres import PostgresRunStorage

from llm_assets_tests.services.conftest import CHECKOUT

SHIPPED = Path(str(files("llm_assets.services"))) / "dagster.yaml"


def test_the_file_at_the_top_is_the_shipped_one() -> None:
    top = CHECKOUT / "dagster.yaml"
    assert top.is_symlink()
    assert not top.readlink().is_absolute()
    assert top.samefile(SHIPPED)


def test_dagster_takes_it_for_one_machine(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SHIPPED, tmp_path)
    monkeypatch.setenv("LLM_ASSETS_POSTGRES_URL", database_url)
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.run_storage, PostgresRunStorage)
        assert instance.run_storage.postgres_url == database_url
        assert isinstance(instance.run_coordinator, QueuedRunCoordinator)
        limits = instance.get_concurrency_config()
        assert limits.run_queue_config is not None
        assert limits.run_queue_config.max_concurrent_runs == 2
        assert limits.pool_config.default_pool_limit == 1
        assert limits.pool_config.pool_granularity == PoolGranularity.OP
        assert instance.run_retries_max_retries == 2
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
