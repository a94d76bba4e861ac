"""A Grafana dashboard of a service: a panel per metric, as Grafana imports it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from .facts import Known, neighbours

_MOST_PANELS = 24
_LONGEST_UID = 40


def dashboard(entity: str, known: Known, entity_label: str = "service") -> dict[str, Any]:
    """The dashboard of an entity and the error rates of what it uses; the same input gives the same JSON.

    Args:
        entity: as the metrics spell it.
        known: what is known of the platform.
        entity_label: the label of Prometheus' series that names the entity.
    """
    wanted = [(entity, metric) for metric in known.metrics_of(entity)]
    below, _ = neighbours(known, entity, "callees")
    wanted += [(name, "error_rate") for name in below if "error_rate" in known.metrics_of(name)]
    panels = [_panel(place, name, metric, entity_label) for place, (name, metric) in enumerate(wanted[:_MOST_PANELS])]
    return {
        "uid": _uid(entity),
        "title": f"{entity} (opswarden)",
        "tags": ["opswarden"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": panels,
    }


def _uid(entity: str) -> str:
    """An identifier that Grafana takes: 40 letters, digits, hyphens and underscores at most, of this entity alone."""
    plain = f"opswarden-{re.sub(r'[^A-Za-z0-9_-]', '-', entity)}"
    if plain == f"opswarden-{entity}" and len(plain) <= _LONGEST_UID:
        return plain
    return f"{plain[: _LONGEST_UID - 9]}-{hashlib.sha256(entity.encode()).hexdigest()[:8]}"


def _panel(place: int, entity: str, metric: str, entity_label: str) -> dict[str, Any]:
    unit = next((grafana for end, grafana in _ENDS if metric.endswith(end)), "short")
    source = {"type": "prometheus", "uid": "${datasource}"}
    quoted = entity.replace("\\", "\\\\").replace('"', '\\"')
    selector = f'{metric}{{{entity_label}="{quoted}"}}'
    expr = f"rate({selector}[5m])" if metric.endswith("_total") else selector
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": f"{entity}: {metric}",
        "datasource": source,
        "gridPos": {"h": 8, "w": 12, "x": 12 * (place % 2), "y": 8 * (place // 2)},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": expr, "legendFormat": "__auto"}],
    }


_ENDS = (
    ("_ratio", "percentunit"),
    ("error_rate", "percentunit"),
    ("approval_rate", "percentunit"),
    ("decline_rate", "percentunit"),
    ("null_rate", "percentunit"),
    ("_usage", "percentunit"),
    ("_rate", "reqps"),
    ("_ms", "ms"),
    ("_s", "s"),
    ("_celsius", "celsius"),
    ("_bytes_mean", "bytes"),
)
