"""OpenTelemetry set-up: a tracer that exports nowhere unless the configuration names a place.

Nothing is registered globally, so that a host program's own telemetry is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import semconv
from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter


def tracer_provider(exporters: Sequence[SpanExporter], *, service_version: str) -> TracerProvider:
    """A provider that hands finished spans to the exporters, each in its own batch thread.

    Args:
        exporters: already wrapped by redaction; with none, spans are made and dropped.
        service_version: the version of opswarden.
    """
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - 90 ms that `--help` need not pay
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - the same
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - the same

    resource = Resource(
        {"service.name": "opswarden", "service.version": service_version, "opswarden.semconv": semconv.VERSION}
    )
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def otlp_exporter(endpoint: str) -> SpanExporter:
    """An OTLP/HTTP exporter for a traces endpoint.

    Raises:
        ConfigError: the extra `otlp` is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an optional extra
            OTLPSpanExporter,
        )
    except ImportError as error:
        raise ConfigError(
            "telemetry.otlp_endpoint is set, but OTLP is not installed", remedy="install opswarden[otlp]"
        ) from error
    exporter: SpanExporter = OTLPSpanExporter(endpoint=endpoint)
    return exporter
