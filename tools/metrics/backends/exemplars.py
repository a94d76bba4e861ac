"""Exemplars of a Prometheus: single observations behind a metric, with the trace that each of them belongs to.

API: Prometheus documentation, "HTTP API", "Querying exemplars"; the names of ids after OpenMetrics 1.0, "Exemplars".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...windows import to_us
from .prometheus_api import PrometheusApi, seconds_of
from .promql import METRIC_NAME, Matcher, one_of, selector
from .settings import PrometheusSettings
from .types import EXEMPLAR_COLUMNS

_TRACE_IDS = ("trace_id", "traceID", "traceId", "TraceID")
_SPAN_IDS = ("span_id", "spanID", "spanId", "SpanID")
_SUFFIXES = ("", "_bucket", "_total")
_ID_LIMIT = 128
_MOST = 20_000


class PrometheusExemplars:
    """Implements `Exemplifying`.

    Args:
        api: asks the system.
        settings: of the system.
    """

    def __init__(self, api: PrometheusApi, settings: PrometheusSettings) -> None:
        self._api = api
        self._settings = settings

    def exemplars(
        self, entity: str, metric: str, start: datetime, end: datetime, deadline: Deadline
    ) -> tuple[pa.Table, bool]:
        """Of a metric, or of the buckets or the counter that it is computed from."""
        if not METRIC_NAME.fullmatch(metric):
            return EXEMPLAR_COLUMNS.empty_table(), True
        scope = [Matcher(name, "=", value) for name, value in sorted(self._settings.scope.items())]
        named = one_of("__name__", [f"{metric}{suffix}" for suffix in _SUFFIXES])
        selects = (selector((*scope, named, Matcher(label, "=", entity))) for label in self._settings.entity_labels)
        params = [("query", " or ".join(selects)), ("start", seconds_of(start)), ("end", seconds_of(end))]
        data = self._api.data("/api/v1/query_exemplars", params, deadline)
        try:
            rows = [row for row in self._rows(data) if row["entity"] == entity]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BackendError(
                f"{self._api.client.name} answered something else than exemplars", remedy="check its version"
            ) from error
        within = [row for row in rows if to_us(start) <= row["ts_us"] < to_us(end)]
        return pa.Table.from_pylist(within[:_MOST], schema=EXEMPLAR_COLUMNS), len(within) <= _MOST

    def _rows(self, data: Any) -> Iterator[dict[str, Any]]:
        for series in data:
            labels: Mapping[str, str] = series["seriesLabels"]
            own = next((label for label in self._settings.entity_labels if labels.get(label)), None)
            hidden = {"__name__", "le", own, *self._settings.scope, *self._settings.hidden_labels}
            about = {
                "entity": labels[own] if own else "",
                "metric": labels["__name__"].removesuffix("_bucket"),
                "labels": sorted((name, str(value)) for name, value in labels.items() if name not in hidden),
            }
            for one in series["exemplars"]:
                ids = one["labels"]
                trace = next((ids[name] for name in _TRACE_IDS if ids.get(name)), None)
                if trace is not None and len(trace) <= _ID_LIMIT:
                    span = next((ids[name][:_ID_LIMIT] for name in _SPAN_IDS if ids.get(name)), None)
                    at = round(float(one["timestamp"]) * 1e3) * 1_000
                    yield {**about, "ts_us": at, "value": float(one["value"]), "trace_id": trace, "span_id": span}
