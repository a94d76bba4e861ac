"""One service goes and the next comes, on a socket that whoever starts them holds: nobody who sends notices."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from opswarden.apps.http import server as http_server
from opswarden.apps.installation import open_installation
from opswarden.apps.service.arrivals import Arrivals
from opswarden.core.errors import ConfigError

from .conftest import TOKEN

# A shell gives its own number to what it becomes, as a supervisor of services does.
_SERVE = 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" -W ignore -c "$1" serve --only-take --http "$2" 3<&"$3"'
_MAIN = "from opswarden.apps.cli.main import main; main()"


def started(home: Path, listening: socket.socket, said: Path) -> subprocess.Popen[bytes]:
    """A service that takes what is sent to the socket, once it says so."""
    address = "{}:{}".format(*listening.getsockname())
    with said.open("wb") as file:
        process = subprocess.Popen(
            ["/bin/bash", "-c", _SERVE, sys.executable, _MAIN, address, str(listening.fileno())],
            cwd=home,
            env=dict(os.environ),
            stderr=file,
            pass_fds=[listening.fileno()],
        )
    until = time.monotonic() + 120
    while b"serving on" not in said.read_bytes():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < until, "it did not come up"
        time.sleep(0.05)
    return process


class Sender:
    """Sends an alert after the other, each once, and keeps what did not go well."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._send_all)
        self.taken = 0
        self.failed: list[str] = []

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more were taken."""
        wanted, until = self.taken + more, time.monotonic() + 60
        while self.taken < wanted and not self.failed and time.monotonic() < until:
            time.sleep(0.02)
        assert self.taken >= wanted, self.failed

    def _send_all(self) -> None:
        while not self._is_over.wait(0.01):
            try:
                self._send(self.taken)
            except OSError as error:
                self.failed.append(repr(error))
                return
            self.taken += 1

    def _send(self, number: int) -> None:
        labels = {"alertname": f"Slow{number}", "service": "gateway"}
        alert = {"status": "firing", "labels": labels, "fingerprint": str(number)}
        alert["startsAt"] = datetime.now(UTC).isoformat()
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            body = json.dumps({"version": "4", "alerts": [alert]})
            connection.request("POST", "/webhooks/am", body, {"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            if answer.status >= 300:
                raise ConnectionError(f"{answer.status} {answer.read()!r}")
        finally:
            connection.close()


def test_alerts_are_taken_while_one_service_follows_the_other(served_home: Path, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        first = started(served_home, listening, tmp_path / "first")
        with Sender(listening.getsockname()[1]) as sender:
            sender.wait_for(5)
            second = started(served_home, listening, tmp_path / "second")
            sender.wait_for(5)
            first.send_signal(signal.SIGTERM)
            assert first.wait(60) == 0
            sender.wait_for(5)
        second.send_signal(signal.SIGTERM)
        assert second.wait(60) == 0
    assert sender.failed == []
    with open_installation() as installation:
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        assert arrivals.count_waiting() == sender.taken


def test_only_the_socket_of_the_address_is_taken_and_only_by_whom_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen(1)
        host, port = held.getsockname()
        monkeypatch.setattr(http_server, "_FIRST_HANDED", held.fileno())
        monkeypatch.setenv("LISTEN_FDS", "1")
        monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
        with pytest.raises(ConfigError, match="nothing can listen"):
            http_server.listening(host, port)
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        with http_server.listening(host, port) as taken:
            assert taken.getsockname() == (host, port)
        with http_server.listening(host, 0) as fresh:
            assert fresh.getsockname() != (host, port)
