"""Which alerts were firing in a stretch of time, out of the moments when they changed their state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_QUIET = frozenset({"resolved", "ok", "inactive", "closed", "normal", "pending", "suppressed", "expired", "recovered"})
_SEVERITIES = (
    "critical",
    "page",
    "fatal",
    "emergency",
    "error",
    "high",
    "major",
    "warning",
    "medium",
    "minor",
    "low",
    "info",
)


@dataclass(frozen=True)
class Firing:
    """One alert that fired.

    Args:
        first_us: when it began to fire, perhaps before the stretch.
        last_us: when it stopped; `None` if it fired at the end of the stretch.
    """

    name: str
    entity: str
    severity: str
    summary: str
    labels: tuple[tuple[str, str], ...]
    first_us: int
    last_us: int | None


def firing(events: Iterable[Mapping[str, Any]], start_us: int, end_us: int) -> list[Firing]:
    """Alerts that fired at some moment of `[start_us, end_us)`, one row per stretch of firing, in order of time.

    Args:
        events: moments with `ts_us`, `name`, `entity`, `severity`, `state`, `summary`, `labels`; a state other than
            resolved, pending and the like means that it fires. An alert that never speaks again goes on firing.
        start_us: microseconds since the epoch.
        end_us: the same; what comes later is not looked at.
    """
    histories: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Mapping[str, Any]]] = defaultdict(list)
    for event in events:
        if event["ts_us"] is None or event["ts_us"] >= end_us:
            continue
        labels = tuple(sorted((name, value or "") for name, value in event["labels"] or ()))
        histories[event["name"] or "", event["entity"] or "", labels].append(event)
    found = [
        alert
        for (name, entity, labels), history in histories.items()
        for alert in _stretches(name, entity, labels, sorted(history, key=lambda event: event["ts_us"]))
        if alert.last_us is None or alert.last_us > start_us
    ]
    return sorted(found, key=lambda alert: (alert.first_us, alert.name, alert.entity, alert.labels))


def _stretches(
    name: str, entity: str, labels: tuple[tuple[str, str], ...], history: list[Mapping[str, Any]]
) -> Iterator[Firing]:
    began: Mapping[str, Any] | None = None
    for event in history:
        is_quiet = (event["state"] or "").strip().lower() in _QUIET
        if began is None and not is_quiet:
            began = event
        elif began is not None and is_quiet:
            yield _firing(name, entity, labels, began, event["ts_us"])
            began = None
    if began is not None:
        yield _firing(name, entity, labels, began, None)


def _firing(
    name: str, entity: str, labels: tuple[tuple[str, str], ...], began: Mapping[str, Any], last_us: int | None
) -> Firing:
    severity, summary = began["severity"] or "", began["summary"] or ""
    return Firing(name, entity, severity, summary, labels, began["ts_us"], last_us)


def severity_rank(severity: str) -> int:
    """0 for the most severe; words that no one agrees on come after all others."""
    word = severity.strip().lower()
    return _SEVERITIES.index(word) if word in _SEVERITIES else len(_SEVERITIES)
