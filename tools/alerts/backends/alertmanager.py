"""Alerts of an Alertmanager, API v2: what fires now, with the moment when each began.

API: `api/v2/openapi.yaml` of prometheus/alertmanager. It forgets an alert soon after it is over; for the past ask the
Prometheus that evaluates the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of
from ...windows import to_us
from .settings import AlertingSettings, entity_of
from .types import EVENT_COLUMNS, EVENT_LIMIT

_SUMMARY_LIMIT = 4_096
_STATES = {"active": "firing", "suppressed": "firing", "unprocessed": "firing"}
"""A silence keeps an alert from people; what it says is true all the same."""

_UNANSWERED = frozenset(("DatasourceNoData", "DatasourceError"))
GRAFANA = "/api/alertmanager/grafana"
"""Where Grafana speaks the same API for the alerts of its own rules."""


class AlertmanagerAlerts:
    """Implements `AlertsBackend`.

    Args:
        client: asks the system.
        settings: of the system.
        clock: tells what is over.
        base: where the API begins, below the address of the system.
    """

    def __init__(self, client: SystemClient, settings: AlertingSettings, clock: Clock, base: str = "") -> None:
        self._base = base
        self._client = client
        self._settings = settings
        self._clock = clock

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def events(self, end: datetime, deadline: Deadline, *, entities: Sequence[str] = ()) -> pa.Table:
        """When each alert began that is known now, and when it ended if it has."""
        wanted = [("active", "true"), ("silenced", "true"), ("inhibited", "true"), ("unprocessed", "true")]
        found = json_of(self._client, self._client.get(f"{self._base}/api/v2/alerts", wanted, deadline))
        if not isinstance(found, list) or not all(isinstance(alert, dict) for alert in found):
            raise BackendError(f"{self._client.name} is no Alertmanager API v2", remedy="check its `url`")
        scope = set(self._settings.scope.items())
        rows: list[dict[str, Any]] = []
        for alert in found:
            labels = _texts(alert, "labels")
            entity = entity_of(labels, self._settings.entity_labels)
            if scope <= set(labels.items()) and (not entities or entity in entities):
                rows += [row for row in self._rows(alert, labels, entity) if row["ts_us"] < to_us(end)]
        rows.sort(key=lambda row: (-row["ts_us"], row["name"], row["entity"]))
        return pa.Table.from_pylist(rows[:EVENT_LIMIT], schema=EVENT_COLUMNS)

    def _rows(self, alert: Mapping[str, Any], labels: Mapping[str, str], entity: str) -> list[dict[str, Any]]:
        notes, status = _texts(alert, "annotations"), alert.get("status")
        state = status.get("state") if isinstance(status, dict) else None
        began, over = self._moment(alert.get("startsAt")), self._moment(alert.get("endsAt"))
        row = {
            "ts_us": to_us(began),
            "name": _name(labels),
            "entity": entity,
            "severity": labels.get("severity", ""),
            "state": _STATES.get(state if isinstance(state, str) else "", "firing"),
            "summary": (notes.get("summary") or notes.get("description") or notes.get("message") or "")[
                :_SUMMARY_LIMIT
            ],
            "labels": sorted(labels.items()),
        }
        if over > self._clock.now():
            return [row]  # the end of one that fires is only when it would be forgotten
        return [row, {**row, "ts_us": to_us(over), "state": "resolved"}]

    def _moment(self, text: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except (TypeError, ValueError) as error:
            raise BackendError(f"an alert of {self._client.name} has no time", remedy="check its version") from error
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name(labels: Mapping[str, str]) -> str:
    """The name of the rule; where Grafana got no answer for it, it names the alert after that."""
    name = labels.get("alertname", "")
    return f"{labels['rulename']} ({name})" if name in _UNANSWERED and labels.get("rulename") else name


def _texts(alert: Mapping[str, Any], field: str) -> dict[str, str]:
    found = alert.get(field)
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, str)}
