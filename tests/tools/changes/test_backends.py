"""Every record of changes does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.changes.backends.snapshot import SnapshotChanges
from opswarden.tools.snapshots.store import SnapshotStore

from .conformance import CHECKS, HOUR, Make, change

MakeStore = Callable[..., SnapshotStore]


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: SnapshotChanges(make_store(changes=rows)), start, deadline)


def test_a_late_answer_is_an_error(make_store: MakeStore, start: datetime, passed: Deadline) -> None:
    with pytest.raises(BackendError):
        SnapshotChanges(make_store(changes=[change(start, "a")])).between(start, start + HOUR, passed)
