"""Spans in OTLP/JSON.

Format: opentelemetry-proto, `trace/v1/trace.proto`, in its JSON mapping: 64-bit integers are text, enumerations numbers
(or their names), ids hexadecimal; protobuf's own mapping, which Tempo writes, has ids in base64.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .rows import KEPT_ATTRIBUTES, SpanRow, hexadecimal, short

_STATUSES = {1: "OK", 2: "ERROR", "STATUS_CODE_OK": "OK", "STATUS_CODE_ERROR": "ERROR"}
_KINDS = {1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}


def spans_of(document: Mapping[str, Any], trace_id: str = "") -> Iterator[SpanRow]:
    """The spans of an export request, or of a trace as Tempo answers it (`batches`).

    Args:
        document: the JSON.
        trace_id: of spans that name none.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    for resource in document.get("resourceSpans") or document.get("batches") or ():
        of_resource = attributes_of((resource.get("resource") or {}).get("attributes"))
        for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
            for span in scope.get("spans") or ():
                yield _span(span, of_resource, trace_id)


def attributes_of(pairs: Any) -> dict[str, str]:
    """Attributes that hold one value, as text."""
    found = {}
    for pair in pairs or ():
        value = pair.get("value") or {}
        plain = next((value[kind] for kind in _KINDS_OF_VALUE if kind in value), None)
        if plain is not None:
            found[short(pair["key"])] = str(plain).lower() if isinstance(plain, bool) else short(str(plain))
    return found


_KINDS_OF_VALUE = ("stringValue", "intValue", "doubleValue", "boolValue")


def _span(span: Mapping[str, Any], of_resource: Mapping[str, str], trace_id: str) -> SpanRow:
    begin, end = int(span["startTimeUnixNano"]), int(span.get("endTimeUnixNano") or 0)
    own = {**of_resource, **attributes_of(span.get("attributes"))}
    attributes = [(name, value) for name, value in sorted(own.items()) if name in KEPT_ATTRIBUTES]
    kind = span.get("kind")
    written = _KINDS.get(kind, "") if isinstance(kind, int) else short(kind).removeprefix("SPAN_KIND_")
    if written:
        attributes.append(("span.kind", written))
    status = (span.get("status") or {}).get("code")
    return SpanRow(
        hexadecimal(span.get("traceId"), 32) or trace_id,
        hexadecimal(span.get("spanId"), 16),
        hexadecimal(span.get("parentSpanId"), 16) or None,
        of_resource.get("service.name", ""),
        short(span.get("name")),
        begin // 1_000,
        (end - begin) // 1_000,
        _STATUSES.get(status, "UNSET") if isinstance(status, int | str) else "UNSET",
        attributes,
    )
