"""Spans on their way out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from opswarden.redaction.engine import Redaction
from opswarden.redaction.spans import ScrubbingSpanExporter

CANARIES = ("ana@example.com", "hunter2", "4111111111111111", "Jane Doe")


class _Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.is_down = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.is_down = True

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return timeout_millis == 5


@pytest.fixture
def kept() -> _Kept:
    return _Kept()


def _provider(redaction: Redaction, kept: _Kept) -> TracerProvider:
    provider = TracerProvider(resource=Resource({"service.name": "opswarden", "host.owner": "ana@example.com"}))
    provider.add_span_processor(SimpleSpanProcessor(ScrubbingSpanExporter(redaction, kept)))
    return provider


def test_every_text_of_a_span(redaction: Redaction, kept: _Kept) -> None:
    tracer = _provider(redaction, kept).get_tracer("tests")
    linked = Link(SpanContext(1, 2, is_remote=False), {"of": "ana@example.com"})
    with tracer.start_as_current_span("charge ana@example.com", links=[linked]) as span:
        span.set_attribute("customer.name", "Jane Doe")
        span.set_attribute("db.password", "hunter2")
        span.set_attribute("card", 4111111111111111)
        span.set_attribute("tos", ["ana@example.com", "x"])
        span.set_attribute("numbers", [4111111111111111, 7])
        span.set_attribute("ana@example.com", True)
        span.set_attribute("latency_ms", 41.5)
        span.set_attribute("gen_ai.usage.input_tokens", 812)
        span.add_event("declined 4111111111111111", {"exception.message": "password=hunter2"})
        span.set_status(Status(StatusCode.ERROR, "for ana@example.com"))
    (exported,) = kept.spans
    seen = exported.to_json() + repr(exported.links[0].attributes)
    assert not any(canary in seen for canary in CANARIES)
    assert exported.name == "charge <EMAIL_ADDRESS>"
    assert exported.attributes is not None
    assert exported.attributes["latency_ms"] == 41.5
    assert exported.attributes["gen_ai.usage.input_tokens"] == 812
    assert exported.attributes["<EMAIL_ADDRESS>"] is True
    assert list(exported.attributes["numbers"]) == ["<CREDIT_CARD>", "7"]  # type: ignore[arg-type]
    assert exported.resource.attributes["service.name"] == "opswarden"
    assert exported.status.status_code is StatusCode.ERROR
    assert exported.end_time is not None
    assert exported.events[0].timestamp > 0


def test_a_span_that_cannot_be_scrubbed_keeps_its_place_and_loses_its_text(kept: _Kept) -> None:
    tracer = _provider(Redaction(size_limit_bytes=60), kept).get_tracer("tests")
    with tracer.start_as_current_span("fine") as span:
        span.set_attribute("text", "canary " * 20)
        context = span.get_span_context()
    (exported,) = kept.spans
    assert exported.name == "[span withheld: too-large]"
    assert exported.context == context
    assert "canary" not in exported.to_json()


def test_the_rest_is_handed_on(redaction: Redaction, kept: _Kept) -> None:
    exporter = ScrubbingSpanExporter(redaction, kept)
    assert exporter.export([]) is SpanExportResult.SUCCESS
    assert exporter.force_flush(5)
    exporter.shutdown()
    assert kept.is_down
