"""A telling that notes what it is handed, in a file that survives the killed; its far side drops repetitions."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from opswarden.apps.service.telling import ToldIncident
from opswarden.policies.types import Audience, Notice, Sender


class Recording:
    """Implements `Telling`.

    Args:
        path: of the notes.
        on_send: called when something is handed over, before it is noted.
    """

    def __init__(self, path: Path, on_send: Callable[[str], None] = lambda _kind: None) -> None:
        self._path = path
        self._on_send = on_send
        self.steps: list[str] = []

    def audience(self, incident: ToldIncident) -> Audience:
        return Audience("file", f"channel/{incident.team}", incident.team)

    def sender(self, incident: ToldIncident) -> Sender:
        return _Sender(self._path, incident.id, self._on_send)

    def progress(self, incident: ToldIncident, step: str) -> None:
        self.steps.append(step)


class _Sender:
    repeats_safely: Literal[True] = True

    def __init__(self, path: Path, incident_id: str, on_send: Callable[[str], None]) -> None:
        self._path, self._incident_id, self._on_send = path, incident_id, on_send

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        self._on_send(notice.kind)
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if not any(json.loads(line)["key"] == key for line in file):
                what = notice.body.get("what", notice.body.get("verdict", ""))
                noted = {"key": key, "incident": self._incident_id, "kind": notice.kind, "what": what}
                file.write(json.dumps(noted) + "\n")
        return key


def noted(path: Path, kind: str = "") -> list[dict[str, Any]]:
    """What arrived at the far side, in order."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line for line in lines if kind in ("", line["kind"])]
