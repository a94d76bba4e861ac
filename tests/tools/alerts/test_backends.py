"""Every alerting system does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.alerts.backends.snapshot import SnapshotAlerts
from opswarden.tools.snapshots.manifest import AlertRef
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.windows import to_us

from .conformance import CHECKS, MINUTE, Make, event

MakeStore = Callable[..., SnapshotStore]


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: SnapshotAlerts(make_store(alerts=rows)), start, deadline)


def test_a_late_answer_is_an_error(make_store: MakeStore, start: datetime, passed: Deadline) -> None:
    with pytest.raises(BackendError):
        SnapshotAlerts(make_store(alerts=[event(start, "Hot")])).events(start + MINUTE, passed)


def test_the_alert_that_opened_the_incident_fires(make_store: MakeStore, start: datetime, deadline: Deadline) -> None:
    backend = SnapshotAlerts(make_store(alert=AlertRef(name="Hot", entity="oven", severity="page", summary="hot")))
    (found,) = backend.events(start + MINUTE, deadline).to_pylist()
    assert (found["name"], found["state"], found["ts_us"], found["severity"]) == ("Hot", "firing", to_us(start), "page")
    assert backend.events(start, deadline).num_rows == 0
    assert backend.events(start + MINUTE, deadline, entities=("till",)).num_rows == 0
    assert backend.events(start + MINUTE, deadline, entities=("oven",)).num_rows == 1


def test_it_fires_once_if_the_table_knows_it(make_store: MakeStore, start: datetime, deadline: Deadline) -> None:
    rows = [event(start - MINUTE, "Hot"), event(start, "Hot", "resolved")]
    backend = SnapshotAlerts(make_store(alerts=rows, alert=AlertRef(name="Hot", entity="oven", ts=start)))
    assert backend.events(start + MINUTE, deadline).num_rows == 2
