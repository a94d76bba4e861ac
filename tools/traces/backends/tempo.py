"""Traces of a Grafana Tempo.

API: Grafana Tempo documentation, "Tempo HTTP API" and "TraceQL". One search hands over many traces with the fields that
we select; a Tempo that cannot select the parent of a span is asked for single traces, and so for few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of
from ...metrics.backends.promql import quoted
from .otlp import attributes_of, spans_of
from .rows import SHOWN_ATTRIBUTES, SpanRow, hexadecimal, short
from .sampled import Sample, Stretch
from .settings import TempoSettings

_OF_RESOURCES = ("k8s.node.name", "host.name")
_SELECTED = ", ".join(
    (
        "span:parentID",
        "name",
        "status",
        "kind",
        "resource.service.name",
        *(f"{'resource' if name in _OF_RESOURCES else 'span'}.{name}" for name in SHOWN_ATTRIBUTES),
    )
)
_FOUND = 50
"""Traces that a search for an example looks at."""
_SINGLE = 36
"""Traces of one comparison that are asked for one by one."""
_MOST_NAMES = 5_000


class TempoReader:
    """Implements `TraceReader`.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: TempoSettings) -> None:
        self._client = client
        self._settings = settings
        self._can_select = True

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def sample(self, slices: Sequence[Stretch], deadline: Deadline) -> Sample:
        """Traces of each slice, in one question for each."""
        limit = max(1, self._settings.most_traces // len(slices))
        if self._can_select:
            try:
                return self._selected(slices, limit, deadline)
            except _CannotSelect:
                self._can_select = False
        limit = min(limit, max(1, _SINGLE // len(slices)))
        found = self._each(slices, lambda part: self._ids(part, limit, deadline))
        names = list(dict.fromkeys(name for ids in found for name in ids))
        traces = self._each(names, lambda name: self.one(name, deadline))
        return Sample(traces, any(len(ids) >= limit for ids in found))

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """The matching spans of some traces."""
        query = search_query(self._settings.scope, entity=entity, name=name, failed=failed)
        try:
            found = self._search(f"{query} | select({_SELECTED})", stretch, _FOUND, deadline)
            return [row for trace in found for row in self._rows(trace)]
        except _CannotSelect:
            ids = self._names(self._search(query, stretch, _FOUND, deadline))[:3]
            return [row for found_id in ids for row in self.one(found_id, deadline)]

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans of a trace."""
        asked = hexadecimal(trace_id, 32)
        if not asked:
            return ()
        answer = self._client.get(f"/api/v2/traces/{asked}", (), deadline)
        if answer.status == 404:
            answer = self._client.get(f"/api/traces/{asked}", (), deadline)
        if answer.status == 404:
            return ()
        document = json_of(self._client, answer)
        rows: list[SpanRow] = self._parsed(lambda: list(spans_of(document.get("trace", document), asked)))
        return rows

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The values of `service.name` that Tempo lists."""
        answer = self._client.get("/api/v2/search/tag/resource.service.name/values", (), deadline, is_lasting=True)
        document = json_of(self._client, answer)
        names: list[str] = self._parsed(lambda: [short(value["value"]) for value in document["tagValues"]])
        return tuple(sorted({name for name in names if name}))[:_MOST_NAMES]

    def _selected(self, slices: Sequence[Stretch], limit: int, deadline: Deadline) -> Sample:
        query = f"{search_query(self._settings.scope)} | select({_SELECTED})"
        found = self._each(slices, lambda part: self._search(query, part, limit, deadline))
        is_part = any(len(traces) >= limit for traces in found)
        whole: list[list[SpanRow]] = []
        cut: list[list[SpanRow]] = []
        for trace in (trace for traces in found for trace in traces):
            rows = self._rows(trace)
            (whole if len(rows) >= self._matched(trace) else cut).append(rows)
        # Of a trace with more spans than one answer holds, half would mislead.
        names = list(dict.fromkeys(rows[0].trace_id for rows in cut if rows))
        whole += self._each(names[:_SINGLE], lambda name: list(self.one(name, deadline)))
        return Sample(whole, is_part or len(names) > _SINGLE)

    def _each(self, items: Sequence[Any], ask: Callable[[Any], Any]) -> list[Any]:
        if not items:
            return []
        with ThreadPoolExecutor(self._settings.concurrency, "tempo") as pool:
            return list(pool.map(ask, items))

    def _ids(self, stretch: Stretch, limit: int, deadline: Deadline) -> list[str]:
        return self._names(self._search(search_query(self._settings.scope), stretch, limit, deadline))

    def _names(self, traces: Sequence[Mapping[str, Any]]) -> list[str]:
        return [name for trace in traces if (name := hexadecimal(trace.get("traceID"), 32))]

    def _search(self, query: str, stretch: Stretch, limit: int, deadline: Deadline) -> list[Mapping[str, Any]]:
        params = [
            ("q", query),
            ("start", str(stretch.start // 1_000_000)),
            ("end", str(max(-(-stretch.end // 1_000_000), stretch.start // 1_000_000 + 1))),
            ("limit", str(limit)),
            ("spss", str(self._settings.spans_a_trace)),
        ]
        answer = self._client.get("/api/search", params, deadline, is_lasting=True)
        if answer.status == 400 and "select(" in query:
            raise _CannotSelect(f"{self._client.name} refused the question (400)", remedy="check its version")
        document = json_of(self._client, answer)
        is_tempo = isinstance(document, dict) and ("traces" in document or "metrics" in document)
        traces = (document.get("traces") or []) if is_tempo else None
        if not isinstance(traces, list) or not all(isinstance(trace, dict) for trace in traces):
            raise BackendError(f"{self._client.name} is no Tempo API", remedy="check its `url`")
        return traces

    def _matched(self, trace: Mapping[str, Any]) -> int:
        return int(self._parsed(lambda: sum(int(found.get("matched") or 0) for found in _sets(trace))))

    def _rows(self, trace: Mapping[str, Any]) -> list[SpanRow]:
        name = hexadecimal(trace.get("traceID"), 32)
        rows: list[SpanRow] = self._parsed(
            lambda: [_row(span, name) for found in _sets(trace) for span in found.get("spans") or ()]
        )
        return rows

    def _parsed(self, parse: Callable[[], Any]) -> Any:
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BackendError(
                f"{self._client.name} answered something else than traces", remedy="check its version and its `url`"
            ) from error


class _CannotSelect(BackendError):
    """Tempo does not know a field that we select."""


def search_query(
    scope: Mapping[str, str], *, entity: str | None = None, name: str | None = None, failed: bool = False
) -> str:
    """TraceQL for spans; whatever a value holds, it stays a value.

    Args:
        scope: attributes of resources; the names are attribute names.
        entity: the service.
        name: of the operation.
        failed: only spans that failed.
    """
    conditions = [f"resource.{key} = {quoted(value)}" for key, value in sorted(scope.items())]
    if entity is not None:
        conditions.append(f"resource.service.name = {quoted(entity)}")
    if name is not None:
        conditions.append(f"name = {quoted(name)}")
    if failed:
        conditions.append("status = error")
    return f"{{ {' && '.join(conditions)} }}" if conditions else "{ }"


def _sets(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    sets = trace.get("spanSets") or ([trace["spanSet"]] if trace.get("spanSet") else [])
    return list(sets)


def _row(span: Mapping[str, Any], trace_id: str) -> SpanRow:
    found = attributes_of(span.get("attributes"))
    attributes = [(name, found[name]) for name in SHOWN_ATTRIBUTES if found.get(name)]
    if found.get("kind"):
        attributes.append(("span.kind", found["kind"].upper()))
    return SpanRow(
        trace_id,
        hexadecimal(span.get("spanID"), 16),
        hexadecimal(found.get("span:parentID"), 16) or None,
        found.get("service.name", ""),
        short(span.get("name")) or found.get("name", ""),
        int(span["startTimeUnixNano"]) // 1_000,
        int(span.get("durationNanos") or 0) // 1_000,
        found.get("status", "unset").upper(),
        attributes,
    )
