"""Command lines in processes of their own, which can be killed at a chosen place; see `stage.py`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from opswarden.tests.apps.answers import PERSON, Answer

PACKAGES = Path(__file__).with_name("packages")

NODES = ("intake", "scope", "survey", "rank", "inspect", "report")
MODEL_NODES = ("brief", "closer", "reason", "follow_up", "join", "settle")


class Stage:
    """Starts once; `run` forks. Use it in a `with` block."""

    def __enter__(self) -> Stage:
        command = [sys.executable, "-W", "ignore", "-m", "opswarden.tests.apps.stage"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._answer() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)

    def run(self, home: Path, *argv: object, die: tuple[str, str] | None = None) -> Answer:
        """Run a command line in a process of its own; the code is -9 where it died as told."""
        out, err = home / "child.out", home / "child.err"
        out.unlink(missing_ok=True)
        err.unlink(missing_ok=True)
        job: dict[str, Any] = {
            "argv": [str(part) for part in argv],
            "cwd": str(home),
            "environment": dict(os.environ),
            "path": [str(PACKAGES)],
            "out": str(out),
            "err": str(err),
            "sent": str(home / "sent"),
            "pid": str(home / "child.pid"),
            "die": die,
            "person": PERSON,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        code = int(self._answer())
        return Answer(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def kill_child(home: Path) -> None:
    """End the process of the command line that runs in this home now, from outside."""
    os.kill(int((home / "child.pid").read_text(encoding="utf-8")), signal.SIGKILL)


def deliveries(home: Path) -> list[str]:
    """The kinds of the notices that were handed to a sender, in all processes."""
    path = home / "sent"
    return path.read_text(encoding="utf-8").split() if path.exists() else []
