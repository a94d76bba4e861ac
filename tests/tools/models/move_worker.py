"""Promotes in child processes that die by SIGKILL at a chosen question to the registry, before it or after it.

Usage: `python move_worker.py DATABASE URL ARTIFACTS MODEL POINT…`, where a point is `before:NAME:N` or `after:NAME:N`
and the N-th point promotes version N + 1 of `dev.MODEL`. Prints one JSON object: point to signal or exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.sqlite import SqliteDatabase
from opswarden.core.systems.settings import HttpSettings
from opswarden.tools.models.backends.mlflow_server import MlflowServer
from opswarden.tools.models.backends.registry import ModelVersion
from opswarden.tools.models.moves import MoveBook
from opswarden.tools.models.moving import Mover, Names
from opswarden.tools.models.promotion import Origin, Promoter
from opswarden.tools.models.promotion_types import Checked, CheckReport

CLOCK = SystemClock()


class Deadly:
    """The real registry; at one question this process is gone."""

    def __init__(self, registry: MlflowServer, point: str) -> None:
        self._registry = registry
        self._when, self._name, nth = point.split(":")
        self._left = int(nth)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._registry, name)
        if not callable(found):
            return found

        def asked(*args: Any) -> Any:
            is_it = name == self._name and self._count()
            if is_it and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = found(*args)
            if is_it:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return asked

    def _count(self) -> bool:
        self._left -= 1
        return self._left == 0


def passing(model: str, version: ModelVersion, champion: int | None, now: datetime, _: Deadline) -> CheckReport:
    one = Checked(name="auc", kind="metric", result="pass", why="it always does")
    return CheckReport(
        result="pass",
        model=model,
        version=version.version,
        source_environment="development",
        environment="production",
        champion=champion,
        checks=(one,),
        digest="d" * 64,
        at=now,
    )


def promote(database: str, url: str, artifacts: str, model: str, version: int, point: str) -> None:
    settings = HttpSettings(url=url, shared_s=0)
    at = MlflowServer("mlflow", settings, "production", (Path(artifacts),))
    before = MlflowServer("mlflow", settings, "development", (Path(artifacts),))
    registry: Any = Deadly(at, point)
    mover = Mover(registry, MoveBook(SqliteDatabase(Path(database)), CLOCK), Names("prod."))
    promoter = Promoter(mover, Origin(before, Names("dev."), is_open=True), passing, at)
    now = datetime(2026, 1, 5, tzinfo=UTC)
    promoter.promote(model, version, "killed", f"kill-{version}", f"run_{version}", now, Deadline(CLOCK, 30))


def main() -> None:
    database, url, artifacts, model, *points = sys.argv[1:]
    ends = {}
    for version, point in enumerate(points, start=2):
        child = os.fork()
        if child == 0:
            promote(database, url, artifacts, model, version, point)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ends[point] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        # What a lease would take 90 seconds for: the holder is dead, so the next one may come.
        with SqliteDatabase(Path(database)).transaction() as connection:
            connection.execute("UPDATE model_locks SET until = '2020-01-01T00:00:00.000Z'")
    print(json.dumps(ends))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main()
