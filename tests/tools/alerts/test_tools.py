"""`alerts.active` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.tools.alerts.backends.snapshot import SnapshotAlerts
from opswarden.tools.alerts.tools import ALERT_COLUMNS, alerts_tools
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output

from .conformance import MINUTE, event

Call = Callable[..., Output[Any]]
Tools = Callable[[list[dict[str, Any]]], tuple[AnyTool, ...]]


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    return lambda rows: alerts_tools(SnapshotAlerts(make_store(alerts=rows)))


def test_alerts_are_grouped_the_most_severe_first(call: Call, tools: Tools, start: datetime) -> None:
    rows = [
        event(start - 5 * MINUTE, "Hot"),
        event(start + MINUTE, "Hot", entity="till"),
        event(start + 2 * MINUTE, "Hot", "resolved", entity="till"),
        event(start + 3 * MINUTE, "Burnt", severity="critical", summary="all\nblack"),
        event(start - 9 * MINUTE, "Cold"),
        event(start - 8 * MINUTE, "Cold", "resolved"),
    ]
    output = call(tools(rows), "alerts.active", start=start, end=start + 30 * MINUTE)
    assert output.status == "ok"
    assert (output.summary.alerts, output.summary.still_firing) == (3, 2)
    burnt, hot = output.summary.groups
    assert (burnt.name, burnt.severity, burnt.summary) == ("Burnt", "critical", "all black")
    assert (hot.alerts, hot.still_firing, hot.entities) == (2, 1, ("oven", "till"))
    assert hot.first_fired == start - 5 * MINUTE
    assert output.artifact.schema == ALERT_COLUMNS
    assert output.artifact["name"].to_pylist() == ["Hot", "Hot", "Burnt"]


def test_a_storm_stays_small(call: Call, tools: Tools, start: datetime) -> None:
    rows = [event(start, f"Alert{name}", entity=f"service-{place}") for name in range(60) for place in range(20)]
    output = call(tools(rows), "alerts.active", start=start, end=start + MINUTE, limit=50)
    assert output.status == "truncated"
    assert output.summary.alerts == 1_200
    assert len(output.summary.groups[0].entities) == 5
    assert output.artifact.num_rows == 1_200


def test_nothing_fired(call: Call, tools: Tools, start: datetime) -> None:
    output = call(tools([event(start + timedelta(days=1), "Hot")]), "alerts.active", start=start, end=start + MINUTE)
    assert (output.status, output.summary) == ("no_data", None)


def test_a_snapshot_without_alerts(call: Call, make_store: Callable[..., SnapshotStore], start: datetime) -> None:
    made = alerts_tools(SnapshotAlerts(make_store()))
    assert call(made, "alerts.active", start=start, end=start + MINUTE).status == "no_data"
