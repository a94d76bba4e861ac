"""Variables in the environment switch LangChain's tracing on; nothing may leave by that way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from opswarden.apps.cli.main import main
from opswarden.evals.cases import Case


class _Listener(ThreadingHTTPServer):
    """Stands where LangSmith would be and counts what arrives; a double."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self._take()

    def do_GET(self) -> None:
        self._take()

    def _take(self) -> None:
        assert isinstance(self.server, _Listener)
        self.server.requests.append(self.path)
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def listener() -> Iterator[_Listener]:
    server = _Listener()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_triage_sends_no_traces_whatever_the_environment_says(
    case: Case, home: Path, listener: _Listener, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    for name in ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.server_port}")
    monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_pt_not_a_real_key")
    code = main(["triage", str(case.snapshot), "--no-model", "--format", "json"])
    assert code == 0, capsys.readouterr().err
    from langchain_core.tracers.langchain import wait_for_all_tracers

    wait_for_all_tracers()
    assert listener.requests == []
