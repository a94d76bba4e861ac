"""A double of a process that is scraped: `/metrics` as OpenMetrics or as Prometheus' older text, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from .served import Served

OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"


class MetricsTarget(Served):
    """One server on a port of its own.

    Args:
        text: what it says, anew for every scrape.
        kind: its content type.
    """

    def __init__(self, text: Callable[[], str], kind: str = OPEN_METRICS) -> None:
        self.scrapes = 0
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                target.scrapes += 1
                content = text().encode()
                self.send_response(200 if self.path == "/metrics" else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._serve(Handler)
