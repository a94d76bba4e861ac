"""Traces of a Jaeger.

API: Jaeger documentation, "APIs", the JSON that its user interface reads (`/api/services`, `/api/traces`). It finds
traces by one service at a time and hands them over whole, so services that are in enough of them already need no
question of their own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import SystemClient, json_of
from ....core.systems.exchange import TooLarge
from .rows import KEPT_ATTRIBUTES, SpanRow, hexadecimal, short
from .sampled import Sample, Stretch
from .settings import JaegerSettings

_TOGETHER = 3
"""Slices of time that one question covers."""
_ENOUGH = 30
"""Traces of a service in one question's time that make another question unnecessary."""
_FOUND = 50
_FEWER = 8
_MOST_NAMES = 5_000


class JaegerReader:
    """Implements `TraceReader`.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: JaegerSettings) -> None:
        self._client = client
        self._settings = settings

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def sample(self, slices: Sequence[Stretch], deadline: Deadline) -> Sample:
        """Traces of each service in turn, until each is in enough of them or nothing more may be asked."""
        spans_of_time = [
            Stretch(slices[at].start, slices[min(at + _TOGETHER, len(slices)) - 1].end)
            for at in range(0, len(slices), _TOGETHER)
        ]
        limit = max(1, self._settings.most_traces // len(spans_of_time))
        left, is_part = self._settings.most_questions, False
        traces: dict[tuple[int, str], list[SpanRow]] = {}
        known: list[Counter[str]] = [Counter() for _ in spans_of_time]
        for service in self.entities(deadline):
            for place, stretch in enumerate(spans_of_time):
                if known[place][service] >= min(_ENOUGH, limit):
                    is_part = True  # it may be in others as well
                    continue
                if not left:
                    is_part = True
                    continue
                left -= 1
                found = self._asked_less(service, stretch, limit, deadline)
                is_part |= len(found) >= limit
                for rows in (rows for rows in found if rows):
                    if (place, rows[0].trace_id) not in traces:
                        known[place].update({row.entity for row in rows})
                    traces[place, rows[0].trace_id] = rows
        return Sample(list(traces.values()), is_part)

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """The spans of some traces in which the service takes part."""
        more = [("operation", name)] if name is not None else []
        tags = {"error": "true"} if failed else {}
        found = self._traces(entity, stretch, _FOUND, deadline, more, tags)
        return [row for rows in found for row in rows]

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans of a trace."""
        asked = hexadecimal(trace_id, 32)
        if not asked:
            return ()
        answer = self._client.get(f"/api/traces/{asked}", (), deadline)
        if answer.status == 404:
            return ()
        return [row for rows in self._parsed(answer) for row in rows]

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The services that Jaeger lists."""
        found = self._data(self._client.get("/api/services", (), deadline, is_lasting=True))
        return tuple(sorted({name for name in map(short, found) if name}))[:_MOST_NAMES]

    def _asked_less(self, service: str, stretch: Stretch, limit: int, deadline: Deadline) -> list[list[SpanRow]]:
        """As many traces as fit into one answer, of the limit or of an eighth of it."""
        try:
            return self._traces(service, stretch, limit, deadline)
        except TooLarge:
            fewer = max(1, limit // _FEWER)
            found = self._traces(service, stretch, fewer, deadline)
            return [*found, *[[] for _ in range(limit - len(found))]] if len(found) >= fewer else found

    def _traces(
        self,
        service: str,
        stretch: Stretch,
        limit: int,
        deadline: Deadline,
        more: Sequence[tuple[str, str]] = (),
        tags: Mapping[str, str] | None = None,
    ) -> list[list[SpanRow]]:
        wanted = {**self._settings.scope, **(tags or {})}
        params = [
            ("service", service),
            ("start", str(stretch.start)),
            ("end", str(stretch.end)),
            ("limit", str(limit)),
            *more,
            *([("tags", json.dumps(wanted, sort_keys=True))] if wanted else []),
        ]
        return self._parsed(self._client.get("/api/traces", params, deadline, is_lasting=True))

    def _data(self, answer: Exchanged) -> list[Any]:
        document = json_of(self._client, answer)
        data = document.get("data") if isinstance(document, dict) else None
        if data is None and isinstance(document, dict) and not document.get("errors") and "data" in document:
            return []
        if not isinstance(data, list):
            raise BackendError(f"{self._client.name} is no Jaeger API", remedy="check its `url`, with its base path")
        return data

    def _parsed(self, answer: Exchanged) -> list[list[SpanRow]]:
        data = self._data(answer)
        parse: Callable[[], list[list[SpanRow]]] = lambda: [_rows(trace) for trace in data]  # noqa: E731 - one use
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BackendError(
                f"{self._client.name} answered something else than traces", remedy="check its version and its `url`"
            ) from error


def _rows(trace: Mapping[str, Any]) -> list[SpanRow]:
    processes = {
        name: (short(process.get("serviceName")), _tags(process.get("tags")))
        for name, process in trace["processes"].items()
    }
    return [_row(span, *processes.get(span.get("processID"), ("", {}))) for span in trace["spans"]]


def _row(span: Mapping[str, Any], entity: str, of_process: Mapping[str, str]) -> SpanRow:
    own = {**of_process, **_tags(span.get("tags"))}
    parent = next(
        (found["spanID"] for found in span.get("references") or () if found.get("refType") == "CHILD_OF"), None
    )
    failed = own.get("error") == "true" or own.get("otel.status_code") == "ERROR"
    attributes = [(name, value) for name, value in sorted(own.items()) if name in KEPT_ATTRIBUTES]
    if own.get("span.kind"):
        attributes.append(("span.kind", own["span.kind"].upper()))
    return SpanRow(
        hexadecimal(span["traceID"], 32),
        hexadecimal(span["spanID"], 16),
        hexadecimal(parent or span.get("parentSpanID"), 16) or None,
        entity,
        short(span.get("operationName")),
        int(span["startTime"]),
        int(span["duration"]),
        "ERROR" if failed else own.get("otel.status_code", "UNSET"),
        attributes,
    )


def _tags(tags: Any) -> dict[str, str]:
    found = {}
    for tag in tags or ():
        value = tag.get("value")
        found[short(tag["key"])] = str(value).lower() if isinstance(value, bool) else short(str(value))
    return found
