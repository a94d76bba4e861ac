"""Workers in processes that can be killed: a process that has imported everything and forks one worker per line.

Run as a module it is that process; `Workers` starts it.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opswarden.tests.apps.staging import PACKAGES

_PRELOADED = (
    "cedarpy",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "dbos",
    "duckdb",
    "langgraph.checkpoint.sqlite",
    "opswarden.agents.triage.graph",
    "opswarden.apps.cli.serve",
    "opswarden.apps.service.service",
    "opswarden.tools.logs.backends.files",
    "psycopg",
    "pyarrow.dataset",
)
_MINUTE_S, _POLL_S = 60.0, 0.02


class Workers:
    """Starts and kills workers; use it in a `with` block."""

    def __init__(self) -> None:
        self.pids: list[int] = []

    def __enter__(self) -> Workers:
        command = [sys.executable, "-W", "ignore", "-m", "opswarden.tests.apps.service.workers"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._answer() == "ready"
        return self

    def kill_all(self) -> None:
        for pid in tuple(self.pids):
            self.kill(pid)

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        self._process.communicate(timeout=20)

    def start(self, home: Path, *, skew_s: float = 0.0) -> int:
        """A new worker of a home; its process id.

        Args:
            home: its folder.
            skew_s: how far its time of day is ahead of ours.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(
            json.dumps({"home": str(home), "environment": dict(os.environ), "skew_s": skew_s}) + "\n"
        )
        self._process.stdin.flush()
        pid = int(self._answer())
        self.pids.append(pid)
        return pid

    def kill(self, pid: int, number: int = signal.SIGKILL) -> None:
        """End a worker, and wait until it has."""
        self.pids.remove(pid)
        os.kill(pid, number)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"wait": pid}) + "\n")
        self._process.stdin.flush()
        assert self._answer() == "gone", "the worker did not end; worker.err in its home says where it stood"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def wait_for(is_so: Any, timeout_s: float = 60, otherwise: Any = lambda: "it never came true") -> None:
    """Poll until something holds; `otherwise` says how things stand if it never does."""
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.05)


def _child(job: dict[str, Any]) -> None:
    home = Path(job["home"])
    os.chdir(home)
    os.environ.clear()
    os.environ.update(job["environment"])
    with (home / "worker.err").open("a") as file:
        os.dup2(file.fileno(), 2)
    faulthandler.enable()
    with Path(os.devnull).open("w") as file:
        os.dup2(file.fileno(), 1)
    from opswarden.apps.cli.main import main
    from opswarden.apps.service import tellings
    from opswarden.core.clock import SystemClock
    from opswarden.tests.apps.service.recording import Recording

    skew = timedelta(seconds=job["skew_s"])
    SystemClock.now = lambda _clock: datetime.now(UTC) + skew  # type: ignore[method-assign, assignment]  # a clock that is off
    sys.path.append(str(PACKAGES))
    tellings.TELLINGS["recording"] = lambda _installation: Recording(home / "told")
    try:
        main(["worker"])
    finally:
        os._exit(0)


def _ended(child: int) -> str:
    """How a worker ended: by itself within a minute, or not, and then its threads are shown."""
    for _ in range(int(_MINUTE_S / _POLL_S)):
        if os.waitpid(child, os.WNOHANG)[0]:
            return "gone"
        time.sleep(_POLL_S)
    os.kill(child, signal.SIGABRT)
    os.waitpid(child, 0)
    return "stuck"


def serve() -> None:
    """Fork a worker per line until the input ends."""
    for name in _PRELOADED:
        importlib.import_module(name)
    assert threading.active_count() == 1
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        job = json.loads(line)
        if "wait" in job:
            sys.stdout.write(_ended(job["wait"]) + "\n")
        else:
            child = os.fork()
            if child == 0:
                _child(job)
            sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
