"""Traces without personal data and secrets: a span exporter in front of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status
from opentelemetry.util.types import AttributeValue

from .engine import Redaction
from .types import TextWithheld

_Attributes = Mapping[str, AttributeValue]


class ScrubbingSpanExporter(SpanExporter):
    """Hands spans on with names, attributes, events, links, resources and status scrubbed.

    A span that cannot be scrubbed keeps its ids and times and loses all its text, so that traces stay connected.

    Args:
        inner: the exporter that sends.
    """

    def __init__(self, redaction: Redaction, inner: SpanExporter) -> None:
        self._redaction = redaction
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Scrub and hand on."""
        return self._inner.export([self._scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        """Shut the inner exporter down."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the inner exporter."""
        return self._inner.force_flush(timeout_millis)

    def _scrubbed(self, span: ReadableSpan) -> ReadableSpan:
        scrub = self._redaction.scrub
        try:
            return ReadableSpan(
                name=scrub(span.name),
                context=span.context,
                parent=span.parent,
                resource=Resource(self._attributes(span.resource.attributes), span.resource.schema_url),
                attributes=self._attributes(span.attributes),
                events=[
                    Event(scrub(each.name), self._attributes(each.attributes), each.timestamp) for each in span.events
                ],
                links=[Link(each.context, self._attributes(each.attributes)) for each in span.links],
                kind=span.kind,
                status=Status(
                    span.status.status_code, scrub(span.status.description) if span.status.description else None
                ),
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the text does not leave
            return _without_text(span, error)

    def _attributes(self, attributes: _Attributes | None) -> dict[str, AttributeValue]:
        return {self._redaction.scrub(key): self._value(key, value) for key, value in (attributes or {}).items()}

    def _value(self, key: str, value: AttributeValue) -> AttributeValue:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._redaction.scrub(value, key=key)
        if isinstance(value, bytes):
            return self._redaction.scrub(value.decode("utf-8"), key=key)
        if isinstance(value, (int, float)):
            scrubbed = self._redaction.scrub(str(value), key=key)
            return value if scrubbed == str(value) else scrubbed
        if isinstance(value, Mapping):
            return self._attributes(value)
        cleaned = [self._value(key, item) for item in value]
        # A sequence holds one type; one number that had to go makes all of them texts.
        return [str(item) for item in cleaned] if any(isinstance(item, str) for item in cleaned) else cleaned


def _without_text(span: ReadableSpan, error: Exception) -> ReadableSpan:
    reason = error.reason if isinstance(error, TextWithheld) else type(error).__name__
    return ReadableSpan(
        name=f"[span withheld: {reason}]",
        context=span.context,
        parent=span.parent,
        resource=Resource({}),
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
