"""A real Alertmanager for tests."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_PROGRAM = "prometheus-alertmanager"


def why_missing() -> str:
    """Why there is no server to be had here; empty if there is."""
    if shutil.which(_PROGRAM) is None:
        return "Alertmanager is not installed: the tests against a real one are left out"
    return ""


class AlertmanagerPeer:
    """One server on a port of its own.

    Args:
        config: what stands in its file.
    """

    def __init__(self, config: str = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="opswarden-alertmanager-"))
        written = self._folder / "config.yml"
        written.write_text(config)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._log = (self._folder / "log").open("w")
        self._process = subprocess.Popen(
            [
                _PROGRAM,
                f"--config.file={written}",
                f"--storage.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self._wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, path: str, document: Any) -> None:
        self._ask("POST", path, json.dumps(document))

    def get(self, path: str) -> Any:
        return json.loads(self._ask("GET", path))

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 300:
                raise RuntimeError(content.decode())
            return content
        finally:
            connection.close()

    def fire(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Alerts as Prometheus posts them."""
        self.post("/api/v2/alerts", list(alerts))

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text()[-2000:])
