"""A real Alertmanager for tests."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from opswarden.tests.peer_process import PeerProcess

_PROGRAM = "prometheus-alertmanager"


def why_missing() -> str:
    """Why there is no server to be had here; empty if there is."""
    if shutil.which(_PROGRAM) is None:
        return "Alertmanager is not installed: the tests against a real one are left out"
    return ""


class AlertmanagerPeer(PeerProcess):
    """One server on a port of its own.

    Args:
        config: what stands in its file.
    """

    def __init__(self, config: str = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n") -> None:
        super().__init__("alertmanager")
        written = self._folder / "config.yml"
        written.write_text(config)
        self._start(
            [
                _PROGRAM,
                f"--config.file={written}",
                f"--storage.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
            ],
        )

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
