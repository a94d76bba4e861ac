"""A gate seen over a real socket, for tests that were written for the gate itself."""

from __future__ import annotations

import socket
import threading
from typing import Any, cast

from opswarden.policies.apart.frames import Frames
from opswarden.policies.apart.messages import run_body
from opswarden.policies.apart.remote_gate import RemoteGate
from opswarden.policies.apart.serving import Serving
from opswarden.policies.gate import RunGate


class _Seen(RemoteGate):
    """What agents have, over the socket; what only whoever opens a gate may do, on the gate itself."""

    opened: RunGate

    def __getattr__(self, name: str) -> Any:
        return getattr(self.opened, name)


class Sockets:
    """Puts gates behind sockets; one socket per gate."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Sockets:
        return self

    def __exit__(self, *_: object) -> None:
        for seen in self._seen.values():
            seen.close()
        for thread in self._threads:
            thread.join(timeout=10)
            assert not thread.is_alive()

    def through(self, gate: RunGate) -> RunGate:
        """The gate as another process would have it."""
        with self._lock:
            known = self._seen.get(id(gate)) or self._open(gate)
        return cast("RunGate", known)

    def _open(self, gate: RunGate) -> _Seen:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=Serving(gate, Frames(ours)).run, daemon=True)
        thread.start()
        seen = _Seen(Frames(theirs), {"run": run_body(gate.run)})
        seen.opened = gate
        self._seen[id(gate)] = seen
        self._threads.append(thread)
        return seen
