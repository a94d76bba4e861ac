"""Every source of topology does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.topology.backends.snapshot import SnapshotTopology

from .conformance import CHECKS, Make, edge

MakeStore = Callable[..., SnapshotStore]


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda **tables: SnapshotTopology(make_store(**tables)), start, deadline)


def test_late_answers_are_errors(make_store: MakeStore, passed: Deadline) -> None:
    backend = SnapshotTopology(make_store(topology=[edge("a", "b")]))
    with pytest.raises(BackendError):
        backend.edges(passed)
    with pytest.raises(BackendError):
        backend.entities(passed)
