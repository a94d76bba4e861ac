"""A collector of traces over OTLP/HTTP: takes protobuf at `/v1/traces`, gzip or not, and keeps what it was sent.

After the OTLP specification 1.9, "OTLP/HTTP Request" and "OTLP/HTTP Response".
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from .served import Served


@dataclass(frozen=True)
class Taken:
    """A span as it arrived."""

    name: str
    kind: str
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    status: str
    attributes: Mapping[str, Any]
    events: tuple[str, ...]


class OtlpCollector(Served):
    """`url` is the traces endpoint."""

    def __init__(self) -> None:
        self.spans: list[Taken] = []
        self.resources: list[Mapping[str, Any]] = []
        self.bodies = b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_ours = self.path == "/v1/traces" and self.headers.get("Content-Type") == "application/x-protobuf"
                if is_ours:
                    outer._take(gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw)
                content = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if is_ours else 400)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._serve(Handler)

    def _take(self, raw: bytes) -> None:
        self.bodies += raw
        request = ExportTraceServiceRequest()
        request.ParseFromString(raw)
        for of_resource in request.resource_spans:
            self.resources.append(_read(of_resource.resource.attributes))
            for span in (span for scope in of_resource.scope_spans for span in scope.spans):
                kind = span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
                status = span.status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_")
                events = tuple(event.name for event in span.events)
                ids = (span.trace_id, span.span_id, span.parent_span_id)
                self.spans.append(Taken(span.name, kind, *ids, status, _read(span.attributes), events))


def _read(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
    form = value.WhichOneof("value")
    if form == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, form) if form else None
