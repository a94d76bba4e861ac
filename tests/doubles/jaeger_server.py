"""A double of the API that Jaeger's user interface reads, over a real socket; it is no Jaeger.

It answers `/api/services`, `/api/traces` (by one service, the newest first) and `/api/traces/ID` over spans of a
snapshot, with Jaeger's errors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .served import Served
from .tempo_server import handler_of, hex_of, status_of, us_of


class JaegerServer(Served):
    """One server on a port of its own.

    Args:
        rows: of the table `spans` of a snapshot.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.traces: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            if row["duration_us"] is not None:  # Jaeger has no way to say that
                self.traces.setdefault(row["trace_id"], []).append(row)
        self.asked: list[str] = []
        self._serve(handler_of(self))

    def answer(self, path: str, given: Mapping[str, str]) -> tuple[int, Any]:
        self.asked.append(path)
        if path == "/api/services":
            names = sorted({row["entity"] for rows in self.traces.values() for row in rows})
            return 200, envelope(names or None)
        if path == "/api/traces":
            if "service" not in given:
                return 400, envelope(None, 400, "parameter 'service' is required")
            return 200, envelope([document_of(name, self.traces[name]) for name in self._found(given)])
        name = next((name for name in self.traces if path == f"/api/traces/{hex_of(name, 32)}"), None)
        if name is None:
            return 404, envelope(None, 404, "trace not found")
        return 200, envelope([document_of(name, self.traces[name])])

    def _found(self, given: Mapping[str, str]) -> list[str]:
        tags = json.loads(given.get("tags", "{}"))
        found = []
        for name, rows in self.traces.items():
            if any(
                row["entity"] == given["service"]
                and int(given["start"]) <= us_of(row) < int(given["end"])
                and given.get("operation", row["name"]) == row["name"]
                and tags.items() <= {tag["key"]: str(tag["value"]).lower() for tag in tags_of(row)}.items()
                for row in rows
            ):
                found.append((max(map(us_of, rows)), name))
        return [name for _, name in sorted(found, reverse=True)][: int(given.get("limit", "20"))]


def envelope(data: Any, code: int = 0, message: str = "") -> dict[str, Any]:
    errors = [{"code": code, "msg": message}] if code else None
    return {"data": data, "total": len(data or ()), "limit": 0, "offset": 0, "errors": errors}


def tags_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags: list[dict[str, Any]] = [
        {"key": key, "type": "string", "value": text} for key, text in row.get("attributes") or ()
    ]
    if status_of(row) == "ERROR":
        tags.append({"key": "error", "type": "bool", "value": True})
    return [*tags, {"key": "otel.status_code", "type": "string", "value": status_of(row)}]


def document_of(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    entities = sorted({row["entity"] for row in rows})
    processes = {f"p{place}": {"serviceName": entity, "tags": []} for place, entity in enumerate(entities, 1)}
    spans = [
        {
            "traceID": hex_of(name, 32),
            "spanID": hex_of(row["span_id"], 16),
            "operationName": row["name"],
            "references": [{"refType": "CHILD_OF", "traceID": hex_of(name, 32), "spanID": hex_of(row["parent_id"], 16)}]
            if row["parent_id"]
            else [],
            "startTime": us_of(row),
            "duration": row["duration_us"],
            "tags": tags_of(row),
            "logs": [],
            "processID": f"p{entities.index(row['entity']) + 1}",
            "warnings": None,
        }
        for row in rows
    ]
    return {"traceID": hex_of(name, 32), "spans": spans, "processes": processes, "warnings": None}
