"""Every metrics backend does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.snapshots.store import SnapshotStore

from .conformance import CHECKS, Make, sample


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None],
    make_store: Callable[..., SnapshotStore],
    start: datetime,
    deadline: Deadline,
) -> None:
    check(lambda rows: SnapshotMetrics(make_store(metrics=rows)), start, deadline)


def test_a_late_answer_is_an_error(make_store: Callable[..., SnapshotStore], start: datetime, passed: Deadline) -> None:
    backend = SnapshotMetrics(make_store(metrics=[sample(start, 1.0)]))
    with pytest.raises(BackendError):
        backend.series(start, start.replace(hour=13), passed)


def test_tools_that_ask_for_the_same_samples_share_them(
    make_store: Callable[..., SnapshotStore], start: datetime, deadline: Deadline
) -> None:
    backend = SnapshotMetrics(make_store(metrics=[sample(start, 1.0), sample(start, 2.0, "till")]))
    end = start.replace(hour=13)
    first, again = (backend.series(start, end, deadline) for _ in range(2))
    assert first is again
    assert not first.values.flags.writeable
    assert len(backend.series(start, end, deadline, entities=("till",))) == 1
    assert len(backend.series(start, end, deadline)) == 2


def test_a_label_without_a_value_does_no_harm(
    make_store: Callable[..., SnapshotStore], start: datetime, deadline: Deadline
) -> None:
    row = sample(start, 1.0) | {"labels": [("a", None), ("a", "x")]}
    (key,) = SnapshotMetrics(make_store(metrics=[row])).series(start, start.replace(hour=13), deadline).keys
    assert key.labels == (("a", ""), ("a", "x"))
