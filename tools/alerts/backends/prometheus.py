"""Past alerts, out of the series that Prometheus writes while a rule fires: `ALERTS` and `ALERTS_FOR_STATE`.

API: Prometheus documentation, "Alerting rules" (both series), "HTTP API" (v1). Alertmanager forgets an alert soon after
it is over; these series stay. They hold no annotations, so no summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ...metrics.backends.promql import Matcher, selector
from ...metrics.backends.settings import PrometheusSettings
from ...windows import to_us
from .settings import entity_of
from .types import EVENT_COLUMNS, EVENT_LIMIT

_LOOK_BACK = timedelta(days=1)
"""An alert that has fired for longer is still found, by what `ALERTS_FOR_STATE` says of its beginning."""
_STEP_S = 60
_OURS = ("__name__", "alertstate")

Labels = tuple[tuple[str, str], ...]


class PrometheusAlerts:
    """Implements `AlertsBackend` for a system that evaluates alerting rules.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: PrometheusSettings) -> None:
        self._client = client
        self._settings = settings
        self._scope = tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items()))

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """When each alert of the day before `end` began and ceased to fire, to about a minute."""
        steps = int(_LOOK_BACK.total_seconds()) // _STEP_S
        last_s = to_us(end) // 1_000_000 - 1
        first_s = last_s - steps * _STEP_S
        select = selector((*self._scope, Matcher("__name__", "=", "ALERTS"), Matcher("alertstate", "=", "firing")))
        params = [("query", select), ("start", str(first_s)), ("end", str(last_s)), ("step", str(_STEP_S))]
        found: dict[Labels, list[int]] = {}
        for labels, row in self._rows("/api/v1/query_range", params, "matrix", deadline):
            if not entities or entity_of(dict(labels), self._settings.entity_labels) in entities:
                found[labels] = [_whole(sample, 0) for sample in row.get("values") or ()]
        began = self._began(first_s, deadline) if any(times[:1] == [first_s] for times in found.values()) else {}
        rows: list[dict[str, Any]] = []
        for labels, times in found.items():
            for state, at_s in _turns(times, last_s):
                known = began.get(labels, at_s) if (state, at_s) == ("firing", first_s) else at_s
                rows.append(self._row(labels, state, min(known, at_s)))
        rows.sort(key=lambda row: (-row["ts_us"], row["name"], row["entity"]))
        return pa.Table.from_pylist(rows[:EVENT_LIMIT], schema=EVENT_COLUMNS)

    def _began(self, at_s: int, deadline: Deadline) -> dict[Labels, int]:
        """When the conditions of alerts that were there already had begun to hold."""
        select = selector((*self._scope, Matcher("__name__", "=", "ALERTS_FOR_STATE")))
        params = [("query", select), ("time", str(at_s))]
        rows = self._rows("/api/v1/query", params, "vector", deadline)
        return {labels: _whole(row.get("value"), 1) for labels, row in rows}

    def _row(self, labels: Labels, state: str, at_s: int) -> dict[str, Any]:
        named = dict(labels)
        return {
            "ts_us": at_s * 1_000_000,
            "name": named.get("alertname", ""),
            "entity": entity_of(named, self._settings.entity_labels),
            "severity": named.get("severity", ""),
            "state": state,
            "summary": "",
            "labels": list(labels),
        }

    def _rows(
        self, path: str, params: Params, kind: str, deadline: Deadline
    ) -> Iterator[tuple[Labels, Mapping[str, Any]]]:
        answer = self._client.get(path, (*params, ("partial_response", "false")), deadline)
        if answer.status in (400, 422, 503):
            raise refusal(self._client.name, answer.status)
        document = json_of(self._client, answer)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, dict) or data.get("resultType") != kind or not isinstance(data.get("result"), list):
            raise BackendError(f"{self._client.name} is no Prometheus API", remedy="check its `url`")
        for row in data["result"]:
            labels = row.get("metric") if isinstance(row, dict) else None
            if isinstance(labels, dict):
                texts = {name: text for name, text in labels.items() if isinstance(text, str) and name not in _OURS}
                yield tuple(sorted(texts.items())), row


def _turns(times: Sequence[int], last_s: int) -> Iterator[tuple[str, int]]:
    """When it began and ceased, out of the moments at which it was seen."""
    before: int | None = None
    for at_s in times:
        if before is None:
            yield "firing", at_s
        elif at_s - before > _STEP_S:
            yield "resolved", before + _STEP_S
            yield "firing", at_s
        before = at_s
    if before is not None and before < last_s:
        yield "resolved", before + _STEP_S


def _whole(sample: Any, place: int) -> int:
    try:
        return int(float(sample[place]))
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise BackendError("a sample is no number", remedy="check the version of the system") from error
