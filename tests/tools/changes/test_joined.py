"""Several records of changes are one: a record that does not answer costs its own changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.changes.backends.joined import JoinedChanges
from opswarden.tools.changes.backends.snapshot import SnapshotChanges, SnapshotNotices
from opswarden.tools.changes.tools import changes_tools
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.snapshots.store import SnapshotStore


class Dead:
    """Answers nothing."""

    environment = "bakery"

    def between(self, *_: Any, **__: Any) -> Any:
        raise BackendError("the mirror is gone")


def test_what_is_left_is_told_with_what_is_missing(
    make_store: Callable[..., SnapshotStore], start: datetime, deadline: Deadline, call: Callable[..., Any]
) -> None:
    def tools(*records: Any) -> Any:
        others = SnapshotNotices(store), SnapshotMetrics(store), SnapshotLogs(store)
        return changes_tools(JoinedChanges(records), *others)

    store = make_store(changes=[{"ts": start, "entity": "oven", "kind": "deploy", "id": "1"}])
    window = {"start": start, "end": start + timedelta(minutes=5)}
    found = call(tools(SnapshotChanges(store), Dead()), "changes.recent", **window)
    assert (found.status, found.summary.changes, found.note) == ("truncated", 1, "the mirror is gone")
    both = call(tools(SnapshotChanges(store), SnapshotChanges(store)), "changes.recent", **window)
    assert (both.status, both.summary.changes) == ("ok", 2)
    empty = {"start": start + timedelta(hours=1), "end": start + timedelta(hours=2), "lookback_s": 0}
    assert call(tools(SnapshotChanges(store)), "changes.recent", **empty).status == "no_data"
    # Nothing found where something is missing is no absence.
    for records in ((SnapshotChanges(store), Dead()), (Dead(),)):
        with pytest.raises(BackendError, match="mirror is gone"):
            call(tools(*records), "changes.recent", **empty)
