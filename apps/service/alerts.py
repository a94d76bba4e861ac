"""An alert as it is kept, whoever sent it, and how each kind of sender writes one.

Sources: Alertmanager's webhook version 4 and Grafana's of the same form (`tools/alerts/notification.py`); PagerDuty,
webhooks v3 (`incident.*` events); Opsgenie, outgoing webhooks (`action` and `alert`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...core.errors import InputError
from ...tools.alerts.backends.settings import entity_of
from ...tools.alerts.notification import Notified, read_notification
from .settings import MappingSettings

AlertStatus = Literal["firing", "acknowledged", "resolved"]

MOST_ALERTS = 1_000
"""Of one request."""
_LONGEST_FINGERPRINT = 512
_LONGEST, _LONGEST_SUMMARY = 2_048, 16_384
"""Far more than is shown of them: they are cut once they are clean, for half of a secret is not recognised as one."""
_NO_TIME_YEAR = 1970
"""Up to this year it is no time: Go writes the year 1 for none, and no window could be laid around that."""

_PAGERDUTY: Mapping[str, AlertStatus] = {
    "incident.triggered": "firing",
    "incident.reopened": "firing",
    "incident.unacknowledged": "firing",
    "incident.acknowledged": "acknowledged",
    "incident.resolved": "resolved",
}
_OPSGENIE: Mapping[str, AlertStatus] = {
    "Create": "firing",
    "UnAcknowledge": "firing",
    "Acknowledge": "acknowledged",
    "Close": "resolved",
    "Delete": "resolved",
}
_PRIORITIES = {"p1": "critical", "p2": "high", "p3": "warning", "p4": "low", "p5": "info"}


class IncomingAlert(BaseModel):
    """One alert. Every text in it can be written by outsiders.

    Args:
        fingerprint: names the alert, the same whenever it fires.
        event: names this message about it: a sender that repeats itself says the same.
        began: when it began to fire this time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str = Field(min_length=1, max_length=_LONGEST_FINGERPRINT)
    event: str = Field(min_length=1, max_length=1_100)
    status: AlertStatus
    name: str = Field(min_length=1, max_length=_LONGEST)
    entity: str = Field(default="", max_length=_LONGEST)
    severity: str = Field(default="", max_length=_LONGEST)
    summary: str = Field(default="", max_length=_LONGEST_SUMMARY)
    metric: str = Field(default="", max_length=_LONGEST)
    began: datetime
    labels: dict[str, str] = Field(default_factory=dict)


def read_alerts(
    kind: str, content: bytes, now: datetime, entity_labels: Sequence[str], mapping: MappingSettings
) -> tuple[IncomingAlert, ...]:
    """The alerts of one request; none if it is about something else, such as a note on an incident.

    Args:
        kind: of the webhook.
        content: the body.
        now: when an alert began that does not say.
        entity_labels: labels that name the entity of an alert, the first that is there counts.
        mapping: for the kind `generic`.

    Raises:
        InputError: it cannot be read as that kind sends it.
    """
    if kind in ("alertmanager", "grafana"):
        found = [_notified(alert, entity_labels, now) for alert in read_notification(content)[: MOST_ALERTS + 1]]
    else:
        found = _OTHERS[kind](_json(content), now, mapping)
    if len(found) > MOST_ALERTS:
        raise InputError(f"more than {MOST_ALERTS} alerts in one request", remedy="send them in parts")
    return tuple(found)


def _notified(alert: Notified, entity_labels: Sequence[str], now: datetime) -> IncomingAlert:
    fingerprint = alert.fingerprint or _fingerprint(*(part for pair in sorted(alert.labels.items()) for part in pair))
    status: AlertStatus = "firing" if alert.firing else "resolved"
    return _alert(
        fingerprint=fingerprint,
        event=f"{fingerprint} {status} {alert.began.isoformat()}",
        status=status,
        name=alert.name,
        entity=entity_of(alert.labels, entity_labels),
        severity=alert.labels.get("severity", ""),
        summary=alert.summary,
        metric=alert.metric or "",
        began=min(alert.began, now),
        labels=alert.labels,
    )


def _pagerduty(document: Any, now: datetime, _mapping: MappingSettings) -> list[IncomingAlert]:
    event = _part(document, "event")
    status = _PAGERDUTY.get(_text(event.get("event_type")))
    if status is None:
        return []
    incident = _part(event, "data")
    priority = incident.get("priority")
    named = _text(priority.get("summary")) if isinstance(priority, dict) else ""
    service = incident.get("service")
    return [
        _alert(
            fingerprint=_text(incident.get("id")),
            event=_text(event.get("id")),
            status=status,
            name=_text(incident.get("title")),
            entity=_text(service.get("summary")) if isinstance(service, dict) else "",
            severity=_PRIORITIES.get(named.lower(), named or _text(incident.get("urgency"))),
            began=_moment(incident.get("created_at"), now),
        )
    ]


def _opsgenie(document: Any, now: datetime, _mapping: MappingSettings) -> list[IncomingAlert]:
    if not isinstance(document, dict):
        raise _unreadable()
    action = _text(document.get("action"))
    status = _OPSGENIE.get(action)
    if status is None:
        return []
    alert = _part(document, "alert")
    priority = _text(alert.get("priority"))
    alias, identity = _text(alert.get("alias")), _text(alert.get("alertId"))
    return [
        _alert(
            fingerprint=alias or identity,
            event=_fingerprint(alias, identity, action, str(alert.get("updatedAt", alert.get("createdAt", "")))),
            status=status,
            name=_text(alert.get("message")),
            entity=_text(alert.get("entity")),
            severity=_PRIORITIES.get(priority.lower(), priority),
            summary=_text(alert.get("description")),
            began=_moment(alert.get("createdAt"), now),
        )
    ]


def _generic(document: Any, now: datetime, mapping: MappingSettings) -> list[IncomingAlert]:
    items = _at(document, mapping.alerts) if mapping.alerts else [document]
    if not isinstance(items, list) or len(items) > MOST_ALERTS:
        raise _unreadable()
    resolved = {word.lower() for word in mapping.resolved}
    found = []
    for item in items:
        name, entity = _text(_at(item, mapping.name)), _text(_at(item, mapping.entity))
        is_over = _text(_at(item, mapping.status)).lower() in resolved
        found.append(
            _alert(
                fingerprint=_text(_at(item, mapping.fingerprint)) or _fingerprint(name, entity),
                status="resolved" if is_over else "firing",
                name=name,
                entity=entity,
                severity=_text(_at(item, mapping.severity)),
                summary=_text(_at(item, mapping.summary)),
                began=_moment(_at(item, mapping.started), now),
                # Without a time of its own, the same body again is the same event.
                event="" if mapping.started else _fingerprint(json.dumps(item, sort_keys=True)),
            )
        )
    return found


_OTHERS: Mapping[str, Callable[[Any, datetime, MappingSettings], list[IncomingAlert]]] = {
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
    "generic": _generic,
}


def _alert(
    *,
    fingerprint: str,
    status: AlertStatus,
    name: str,
    began: datetime,
    event: str = "",
    entity: str = "",
    severity: str = "",
    summary: str = "",
    metric: str = "",
    labels: Mapping[str, str] | None = None,
) -> IncomingAlert:
    if not name or not fingerprint:
        raise InputError("an alert without a name, or without what tells it from others", remedy="check the sender")
    if len(fingerprint) > _LONGEST_FINGERPRINT:
        fingerprint = _fingerprint(fingerprint)  # two that begin alike stay two
    return IncomingAlert(
        fingerprint=fingerprint,
        event=(event or f"{fingerprint} {status} {began.isoformat()}")[:1_100],
        status=status,
        name=name[:_LONGEST],
        entity=entity[:_LONGEST],
        severity=severity[:_LONGEST],
        summary=summary[:_LONGEST_SUMMARY],
        metric=metric[:_LONGEST],
        began=began,
        labels=dict(labels or {}),
    )


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError("the body is no JSON", remedy="send what the kind of webhook documents") from error


def _unreadable() -> InputError:
    return InputError("the body is not what this kind of webhook sends", remedy="check `kind` and `mapping`")


def _part(document: Any, key: str) -> dict[str, Any]:
    part = document.get(key) if isinstance(document, dict) else None
    if not isinstance(part, dict):
        raise _unreadable()
    return part


def _at(document: Any, path: str | None) -> Any:
    """What stands at a path; `None` where it leads nowhere."""
    if path is None:
        return None
    for key in path.split("."):
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isascii() and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def _text(value: Any) -> str:
    """A text as it is; a number as it is written; nothing for everything else."""
    if isinstance(value, str):
        # Half of a surrogate pair is no text that anybody could keep.
        return value.strip().encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _moment(value: Any, now: datetime) -> datetime:
    """When it began, never after now; now, where it does not say, or says a time that is none.

    Raises:
        InputError: what is said is no time.
    """
    if value is None or value == "":
        return now
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            moment = datetime.fromisoformat(value)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            seconds = float(value)
            moment = datetime.fromtimestamp(seconds / 1_000 if seconds > 1e11 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise InputError(
            "an alert begins at no time that can be read", remedy="ISO 8601, or seconds since 1970"
        ) from error
    return min(moment, now) if moment.year > _NO_TIME_YEAR else now


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
