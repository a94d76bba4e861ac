"""What `opswarden doctor` tells of a log system: of a good one nothing bad, of one that errs what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.checks import Checked
from opswarden.tools.logs.backends.logs_check import LogsCheck
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.logs.backends.types import FoundLines
from opswarden.tools.snapshots.store import SnapshotStore

from .conformance import line

MakeStore = Callable[..., SnapshotStore]
REMEDY = "name `entity_labels`"


def told(found: Sequence[Checked]) -> dict[tuple[str, str], str]:
    return {(each.aspect, each.state): each.text for each in found}


@pytest.fixture
def backend(make_store: MakeStore, start: datetime) -> SnapshotLogs:
    """A line every second of twenty minutes, the newest at the start of the window."""
    rows = [
        line(start - timedelta(seconds=place), f"sold {place}", entity=("oven", "")[place % 2])
        for place in range(1_200)
    ]
    return SnapshotLogs(make_store(logs=rows))


def check(backend: Any, start: datetime, **more: Any) -> LogsCheck:
    return LogsCheck(backend, FixedClock(start + timedelta(seconds=30)), REMEDY, **more)


def test_a_good_one(backend: SnapshotLogs, start: datetime, deadline: Deadline) -> None:
    made = check(backend, start, about=lambda _: ("3.1.0", (Checked("clock", "ok", "agrees"),)))
    assert told(made.look(deadline)) == {
        ("reach", "ok"): "it answers, and takes what we ask",
        ("version", "ok"): "version 3.1.0",
        ("clock", "ok"): "agrees",
        ("freshness", "ok"): "the newest line is 30 s old",
        ("labels", "warning"): "100 of 200 lines name no entity (50%)",
    }
    kept = made.conformance(deadline)
    assert [each.state for each in kept] == ["ok"] * 4
    assert kept[0].text.endswith("(900 lines)")
    assert made.version == "3.1.0"


class Erring(SnapshotLogs):
    """A system that errs in one way."""

    def __init__(self, store: SnapshotStore, how: str) -> None:
        super().__init__(store)
        self.how = how

    def search(self, start: datetime, end: datetime, deadline: Deadline, **more: Any) -> FoundLines:
        if self.how == "finds anything":
            more.pop("contains", None)
        if self.how == "is not half open":
            end += timedelta(minutes=1)
        found = super().search(start, end, deadline, **more)
        return FoundLines(found.matched + 1, found.rows) if self.how == "counts one more" else found

    def read(self, ids: Sequence[str], deadline: Deadline) -> Any:
        return super().read(() if self.how == "forgets ids" else ids, deadline)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("finds anything", "is answered with lines"),
        ("is not half open", "outside of it"),
        ("counts one more", "another number of lines in one piece and in two"),
        ("forgets ids", "not found again"),
    ],
)
def test_one_that_errs(how: str, text: str, backend: SnapshotLogs, start: datetime, deadline: Deadline) -> None:
    found = check(Erring(backend._store, how), start).conformance(deadline)  # type: ignore[arg-type]  # a snapshot's
    failed = [each for each in found if each.state == "failed"]
    assert any(text in each.text for each in failed)
    assert all(each.remedy for each in failed)


def test_a_dead_one(backend: SnapshotLogs, start: datetime, passed: Deadline) -> None:
    (only,) = check(backend, start).look(passed)
    assert (only.aspect, only.state) == ("reach", "failed")


def test_one_without_lines(make_store: MakeStore, start: datetime, deadline: Deadline) -> None:
    made = check(SnapshotLogs(make_store(logs=[line(start - timedelta(days=1), "old")])), start)
    assert told(made.look(deadline))["freshness", "failed"] == "there is no line"
    assert [each.state for each in made.conformance(deadline)] == ["ok"] * 4


def test_a_version_that_cannot_be_asked_for_is_no_reach(
    backend: SnapshotLogs, start: datetime, deadline: Deadline
) -> None:
    def about(_: Deadline) -> tuple[str, Sequence[Checked]]:
        raise BackendError("it forbids us this (403)", remedy="give the credential the right to read")

    assert told(check(backend, start, about=about).look(deadline)) == {("reach", "failed"): "it forbids us this (403)"}
