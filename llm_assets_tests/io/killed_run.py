"""Runs that are killed (SIGKILL) at a chosen moment.

A process of its own, which imports everything once and forks for each run. It reads a line of JSON
for a run (moment, IO manager, folder, database), and answers with the signal that ended it.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from llm_assets.io.catalog import Catalog
from llm_assets.io.managers import FilesIOManager, ParquetIOManager
from llm_assets.io.object_store import LocalStore
from llm_assets.io.postgres import PostgresIOManager
from llm_assets_tests.io.workshop import files_task, frame_task, open_workshop

MOMENTS = {
    "before the file is put": (LocalStore, "put", "before"),
    "after the file is put": (LocalStore, "put", "after"),
    "before the commit": (Catalog, "publish_within", "after"),
    "after the commit": (Catalog, "publish", "after"),
}


def kill(owner: type, name: str, when: str) -> None:
    """Have a method take its process along, before or after its work."""
    original = getattr(owner, name)

    def fatal(*arguments: Any) -> None:
        if when == "after":
            original(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, fatal)


def run(moment: str, manager: str, folder: str, database_url: str) -> None:
    """Bring one shard to its second version, and die on the way."""
    workshop = open_workshop(Path(folder), database_url)
    parts = (workshop.store, workshop.catalog, workshop.watcher)
    current = workshop.current()["shard-0000"]
    kill(*MOMENTS[moment])
    if manager == "files":
        files = files_task("shard-0000", {"a": b"2", "b": b"2"})
        FilesIOManager(*parts)._bring_up_to_date(files, "numbers", current, "killed run")
    else:
        kind = ParquetIOManager if manager == "parquet" else PostgresIOManager
        rows = frame_task("shard-0000", [2, 2])
        kind(*parts)._bring_up_to_date(rows, "numbers", current, "killed run")


def serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(*json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
