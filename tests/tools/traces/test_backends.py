"""Every tracing backend does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.traces.backends import snapshot
from opswarden.tools.traces.backends.snapshot import SnapshotTraces
from opswarden.tools.traces.operations import OTHER

from .conformance import CHECKS, Make, span, windows

MakeStore = Callable[..., SnapshotStore]


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: SnapshotTraces(make_store(spans=rows)), start, deadline)


def test_a_late_answer_is_an_error(make_store: MakeStore, start: datetime, passed: Deadline) -> None:
    backend = SnapshotTraces(make_store(spans=[span(start, "a", 1)]))
    with pytest.raises(BackendError):
        backend.operations(windows(start), passed)


def test_of_very_many_operations_the_rarest_are_one(
    make_store: MakeStore, start: datetime, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = f"LIMIT {snapshot.MAX_OPERATIONS}"
    for name in ("_BUCKETS", "_QUANTILES"):
        assert limit in getattr(snapshot, name)
        monkeypatch.setattr(snapshot, name, getattr(snapshot, name).replace(limit, "LIMIT 2"))
    rows = [span(start, f"{name}{place}", 1, name=name) for place in range(5) for name in "abcd"[: 5 - place]]
    found = SnapshotTraces(make_store(spans=rows)).operations(windows(start), deadline)
    assert not found.complete
    counts = {row["name"]: row["spans"] for row in found.buckets.to_pylist()}
    assert counts == {"a": 5, "b": 4, OTHER: 5}
