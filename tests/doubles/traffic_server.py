"""A double of a Kubernetes API server with single objects that can be read and patched.

After the API reference and the CRDs of Argo Rollouts, KServe and Seldon: merge patches (RFC 7396), 409 if the patch
carries another `resourceVersion` than the object has, `/status` as a part of its own.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from .served import Served


class TrafficServer(Served):
    """Serves these objects by their path."""

    def __init__(self, objects: dict[str, dict[str, Any]], token: str = "") -> None:
        self.objects = objects
        self.patches: list[tuple[str, Any]] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._say(*((200, double.objects[self.path]) if self.path in double.objects else (404, {})))

            def do_PATCH(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                path = self.path.removesuffix("/status")
                held = double.objects.get(path)
                if self.headers.get("Content-Type") != "application/merge-patch+json" or held is None:
                    return self._say(415 if held is not None else 404, {})
                wanted = given.get("metadata", {}).get("resourceVersion")
                if wanted is not None and wanted != held["metadata"]["resourceVersion"]:
                    return self._say(409, {"reason": "Conflict"})
                double.patches.append((self.path, given))
                kept = {"status"} if self.path.endswith("/status") else set(given) - {"status"}
                double.objects[path] = merged(held, {key: value for key, value in given.items() if key in kept})
                double.objects[path]["metadata"]["resourceVersion"] = str(int(held["metadata"]["resourceVersion"]) + 1)
                return self._say(200, double.objects[path])

            def _say(self, code: int, document: Any) -> None:
                if token and self.headers.get("Authorization") != f"Bearer {token}":
                    code, document = 401, {}
                content = json.dumps(document).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._serve(Handler)


def merged(held: Any, patch: Any) -> Any:
    """A merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    found = dict(held) if isinstance(held, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found
