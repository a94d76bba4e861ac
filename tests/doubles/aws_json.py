"""What doubles of Amazon's services share: JSON 1.1 over a real socket, one credential, and errors by their names.

Errors are 400 with `__type` for what is throttled, malformed, forbidden or unknown. Signatures are not computed again;
moto does not either.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

from .served import Served


class Refused(Exception):
    """An error as Amazon answers it."""

    def __init__(self, kind: str, status: int = 400) -> None:
        super().__init__(kind)
        self.kind, self.status = kind, status


class AwsJsonServer(Served):
    """One server on a port of its own.

    Args:
        prefixes: of the services that it answers for, as `X-Amz-Target` has them.
        forbidden: operations that the credential may not use.
        busy: questions that are throttled at first.
    """

    def __init__(self, prefixes: Sequence[str], *, forbidden: Sequence[str] = (), busy: int = 0) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._prefixes, self._forbidden, self._busy = tuple(prefixes), set(forbidden), busy
        self._lock = threading.Lock()
        self._serve(_handler(self))

    def answered(self, operation: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to an operation; raises `Refused`."""
        raise NotImplementedError

    def operations(self) -> list[str]:
        """The names of what was asked."""
        return [operation for operation, _ in self.asked]

    def answer(self, target: str, kind: str, authorization: str, body: bytes) -> Mapping[str, Any]:
        prefix, _, operation = target.partition(".")
        if prefix not in self._prefixes or kind != "application/x-amz-json-1.1":
            raise Refused("UnknownOperationException")
        given = json.loads(body)
        with self._lock:
            self.asked.append((operation, given))
            if not authorization.startswith("AWS4-HMAC-SHA256 Credential=test/"):
                raise Refused("UnrecognizedClientException")
            if operation in self._forbidden:
                raise Refused("com.amazon.coral.service#AccessDeniedException")
            if self._busy:
                self._busy -= 1
                raise Refused("LimitExceededException")
            return self.answered(operation, given)


def _handler(server: AwsJsonServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = (self.headers.get(name, "") for name in ("X-Amz-Target", "Content-Type", "Authorization"))
            try:
                self._say(200, server.answer(*told, body))
            except Refused as error:
                self._say(error.status, {"__type": error.kind, "message": "what Amazon wrote"})

        def _say(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
