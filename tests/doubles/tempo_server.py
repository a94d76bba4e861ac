"""A double of Grafana Tempo's query API over a real socket; it is no Tempo.

It answers `/api/search` (a conjunction of equalities, with or without `select`), `/api/v2/traces/ID`, `/api/traces/ID`
and the values of `resource.service.name`, over spans of a snapshot. As Tempo does, it leaves leading zeros of ids away
in searches, writes base64 where it answers traces, hands over the newest traces first and at most so many spans of
each, and refuses in plain text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .served import Served

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_CONDITION = re.compile(rf"(?P<name>resource\.[A-Za-z0-9_.-]+|name|status) = (?P<value>{_STRING}|error|ok|unset)")
_QUERY = re.compile(
    rf"\{{ (?P<conditions>(?:{_CONDITION.pattern.replace('?P<name>', '?:').replace('?P<value>', '?:')}(?: && | ))*)\}}"
    r"(?: \| select\((?P<fields>[A-Za-z0-9_.:, ]+)\))?"
)
_NUMBERS = {"UNSET": 0, "OK": 1, "ERROR": 2}


def hex_of(text: str, digits: int) -> str:
    """An id as a real one would look; one that does stays as it is."""
    if len(text) == digits and re.fullmatch("[0-9a-f]+", text):
        return text
    return text.encode().hex().zfill(digits)


def text_of(id: str) -> str:
    """What `hex_of` was made of."""
    return bytes.fromhex(id.lstrip("0").zfill((len(id.lstrip("0")) + 1) // 2 * 2)).decode()


class TempoServer(Served):
    """One server on a port of its own.

    Args:
        rows: of the table `spans` of a snapshot.
        knows_parents: whether `span:parentID` can be selected.
        most_spans: `max_spans_per_span_set`.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], *, knows_parents: bool = True, most_spans: int = 100) -> None:
        self.traces: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            if row["duration_us"] is not None:  # OTLP has no way to say that
                self.traces.setdefault(row["trace_id"], []).append(row)
        self.knows_parents, self.most_spans = knows_parents, most_spans
        self.asked: list[str] = []
        self._serve(handler_of(self))

    def answer(self, path: str, given: Mapping[str, str]) -> tuple[int, Any]:
        """Status and document; a text is answered as plain text."""
        self.asked.append(path)
        if path == "/api/status/buildinfo":
            return 200, {"version": "2.6.0"}
        if path == "/api/search":
            return self._search(given)
        if path == "/api/v2/search/tag/resource.service.name/values":
            names = sorted({row["entity"] for rows in self.traces.values() for row in rows})
            return 200, {"tagValues": [{"type": "string", "value": name} for name in names], "metrics": {}}
        if path.startswith(("/api/v2/traces/", "/api/traces/")):
            return self._one(path)
        return 404, "404 page not found"

    def _search(self, given: Mapping[str, str]) -> tuple[int, Any]:
        query = _QUERY.fullmatch(given["q"])
        if query is None or (query["fields"] and "span:parentID" in query["fields"] and not self.knows_parents):
            return 400, "invalid TraceQL query: parse error at line 1, col 3: syntax error: unexpected IDENTIFIER"
        conditions = [
            (m["name"], json.loads(m["value"]) if m["value"][0] == '"' else m["value"])
            for m in _CONDITION.finditer(query["conditions"])
        ]
        start, end = int(given["start"]) * 1_000_000, int(given["end"]) * 1_000_000
        spss = min(int(given.get("spss", "3")), self.most_spans)
        found = []
        for name, rows in self.traces.items():
            if any(start <= us_of(row) < end for row in rows):
                matched = [row for row in rows if all(value_of(row, key) == value for key, value in conditions)]
                if matched:
                    found.append((max(map(us_of, rows)), name, matched))
        found.sort(key=lambda item: item[:2], reverse=True)
        limit = int(given.get("limit", "20"))
        fields = [field.strip() for field in (query["fields"] or "").split(",")]
        return 200, {
            "traces": [self._found(name, matched, spss, fields) for _, name, matched in found[:limit]],
            "metrics": {"inspectedTraces": len(found)},
        }

    def _found(self, name: str, matched: list[Mapping[str, Any]], spss: int, fields: list[str]) -> dict[str, Any]:
        spans = []
        for row in matched[:spss]:
            attributes = {
                field.removeprefix("resource.").removeprefix("span."): value_of(row, field)
                for field in fields
                if field and field != "name"
            }
            span = {
                "spanID": hex_of(row["span_id"], 16).lstrip("0"),
                "startTimeUnixNano": str(us_of(row) * 1_000),
                "durationNanos": str(min(row["duration_us"] * 1_000, 2**63) % 2**64),
                "attributes": [
                    {"key": key, "value": {"stringValue": value}}
                    for key, value in attributes.items()
                    if value is not None
                ],
            }
            spans.append(span | ({"name": row["name"]} if "name" in fields else {}))
        return {
            "traceID": hex_of(name, 32).lstrip("0"),
            "rootServiceName": "",
            "startTimeUnixNano": "1",
            "spanSets": [{"spans": spans, "matched": len(matched)}],
        }

    def _one(self, path: str) -> tuple[int, Any]:
        name = next((name for name in self.traces if hex_of(name, 32) == path.rpartition("/")[2]), None)
        if name is None:
            return 404, "trace not found"
        resources = [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": row["entity"]}}]},
                "scopeSpans": [{"scope": {}, "spans": [self._span(name, row)]}],
            }
            for row in self.traces[name]
        ]
        return 200, {"trace": {"resourceSpans": resources}} if "/v2/" in path else {"batches": resources}

    def _span(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        begin = us_of(row) * 1_000
        span = {
            "traceId": base64.b64encode(bytes.fromhex(hex_of(name, 32))).decode(),
            "spanId": base64.b64encode(bytes.fromhex(hex_of(row["span_id"], 16))).decode(),
            "name": row["name"],
            "kind": "SPAN_KIND_SERVER",
            "startTimeUnixNano": str(begin),
            "endTimeUnixNano": str(begin + row["duration_us"] * 1_000),
            "status": {"code": f"STATUS_CODE_{status_of(row)}"},
            "attributes": [{"key": key, "value": {"stringValue": text}} for key, text in row.get("attributes") or ()],
        }
        if row["parent_id"]:
            span["parentSpanId"] = base64.b64encode(bytes.fromhex(hex_of(row["parent_id"], 16))).decode()
        return span


def us_of(row: Mapping[str, Any]) -> int:
    return round(row["start"].timestamp() * 1e6)


def status_of(row: Mapping[str, Any]) -> str:
    written = (row["status"] or "UNSET").upper()
    return written if written in _NUMBERS else "UNSET"


def value_of(row: Mapping[str, Any], field: str) -> str | None:
    """What a field of TraceQL says of a span."""
    plain = {"name": row["name"], "status": status_of(row).lower(), "resource.service.name": row["entity"]}
    if field in plain:
        return plain[field]
    attributes = dict(row.get("attributes") or ())
    if field == "kind":
        return attributes.get("span.kind", "server").lower()
    if field == "span:parentID":
        return hex_of(row["parent_id"], 16).lstrip("0") if row["parent_id"] else None
    return attributes.get(field.removeprefix("resource.").removeprefix("span."))


def handler_of(server: Any) -> type[BaseHTTPRequestHandler]:
    """Serves what `answer` says: documents as JSON, texts as they are."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            status, found = server.answer(parts.path, given)
            content = (found if isinstance(found, str) else json.dumps(found)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(found, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
