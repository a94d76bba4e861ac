"""What every alerting system has to do; `make` fills one with rows and returns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opswarden.core.clock import Deadline
from opswarden.tools.alerts.backends.types import EVENT_COLUMNS, AlertsBackend
from opswarden.tools.windows import to_us

Make = Callable[[Sequence[dict[str, Any]]], AlertsBackend]
MINUTE = timedelta(minutes=1)


def event(at: datetime, name: str, state: str | None = "firing", entity: str = "oven", **more: Any) -> dict[str, Any]:
    row = {"ts": at, "name": name, "entity": entity, "severity": "warning", "state": state}
    return row | {"summary": f"{name} on {entity}", "labels": [("shelf", "3")]} | more


def check_everything_before_the_end_comes(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([event(at - 600 * MINUTE, "Hot"), event(at, "Late"), event(at - MINUTE, "Hot", "resolved")])
    found = backend.events(at, deadline)
    assert found.schema == EVENT_COLUMNS
    rows = sorted(found.to_pylist(), key=lambda row: row["ts_us"])
    assert [(row["name"], row["state"], row["ts_us"]) for row in rows] == [
        ("Hot", "firing", to_us(at - 600 * MINUTE)),
        ("Hot", "resolved", to_us(at - MINUTE)),
    ]
    assert rows[0]["labels"] == [("shelf", "3")]


def check_entities_narrow(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([event(at, "Hot"), event(at, "Hot", entity="till")])
    assert backend.events(at + MINUTE, deadline, entities=("till",))["entity"].to_pylist() == ["till"]
    assert backend.events(at + MINUTE, deadline, entities=("nobody",)).num_rows == 0


def check_nothing_is_nothing(make: Make, at: datetime, deadline: Deadline) -> None:
    assert make([]).events(at, deadline).num_rows == 0


CHECKS = (check_everything_before_the_end_comes, check_entities_narrow, check_nothing_is_nothing)
