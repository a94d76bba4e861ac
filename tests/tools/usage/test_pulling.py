"""A pull reads whole days, once each, and a fleet is what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.tools.fleets.schema import fleet_rows
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.usage.pulling import Pull, Pulled
from opswarden.tools.usage.saved import HistoryFolder

ZERO = datetime(2031, 5, 6, tzinfo=UTC)


class Fake:
    """A system that has one workload, and can fail on a day; it stands for the network, not for an answer."""

    environment = "test"

    def __init__(self, days_at_once: int = 1, broken: date | None = None) -> None:
        self.days_at_once = days_at_once
        self.broken = broken
        self.asked: list[tuple[date, date]] = []

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        self.asked.append((start.date(), (end - timedelta(days=1)).date()))
        moments = int((end - start).total_seconds()) // 300
        for place in range(0, moments, 100):
            at = [start + timedelta(seconds=300 * one) for one in range(place, min(place + 100, moments))]
            yield fleet_rows("usage", [{"ts": one, "workload": "oven", "resource": "cpu", "value": 1.0} for one in at])
            if self.broken == start.date() and place:
                raise BackendError("the system went away", remedy="ask again")

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        return fleet_rows(
            "sizes", [{"ts": start - timedelta(days=9), "workload": "oven", "resource": "cpu", "value": 2.0}]
        )

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        return fleet_rows("happenings", [{"ts": start + timedelta(hours=1), "workload": "oven", "kind": "oom"}])

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        return fleet_rows("workloads", [{"workload": "oven", "team": "bakers" if start == ZERO else None}])

    def notes(self) -> tuple[str, ...]:
        return ("no gpu was read",)


def pull(folder: Path, backend: Fake, days: int, **more: Any) -> Pulled:
    given: dict[str, Any] = {"title": "a bakery", "environment": "test", "currency": "EUR", **more}
    return Pull(folder=folder, backends=(backend,), clock=FixedClock(ZERO), **given).run(
        ZERO.date(), ZERO.date() + timedelta(days=days - 1)
    )


@pytest.mark.parametrize("at_once", [1, 60])
def test_days_that_are_there_are_not_asked_for_again(tmp_path: Path, at_once: int) -> None:
    backend = Fake(at_once)
    first = pull(tmp_path / "f", backend, 2)
    assert (sum(first.read.values()), first.kept, first.notes) == (576, (), ("no gpu was read",))
    second = pull(tmp_path / "f", backend, 4)
    assert list(second.read) == [ZERO.date() + timedelta(days=day) for day in (2, 3)]
    assert len(second.kept) == 2
    assert len({day for day, _ in backend.asked}) == len(backend.asked) == (4 if at_once == 1 else 2)
    store = FleetStore(tmp_path / "f")
    assert (store.manifest.start, store.manifest.end) == (ZERO, ZERO + timedelta(days=4))
    assert (store.span("usage").rows, store.span("usage").first) == (4 * 288, ZERO)
    assert store.rows("happenings").num_rows == (4 if at_once == 1 else 2)
    assert store.rows("workloads").to_pylist()[0]["team"] == "bakers"
    updated = HistoryFolder(tmp_path / "kept").update(store)
    assert updated.history.coverage("cpu").tolist() == [[1.0] * 4]
    store.close()


def test_a_pull_that_was_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="went away"):
        pull(tmp_path / "f", Fake(broken=ZERO.date() + timedelta(days=1)), 3)
    assert [path.name for path in sorted((tmp_path / "f" / "usage").iterdir())] == ["2031-05-06.parquet"]
    assert FleetStore(tmp_path / "f").span("usage").rows == 288
    found = pull(tmp_path / "f", Fake(), 3)
    assert (len(found.read), len(found.kept)) == (2, 1)
    with pytest.raises(BackendError, match="went away"):
        pull(tmp_path / "g", Fake(broken=ZERO.date()), 1)
    assert len(pull(tmp_path / "g", Fake(), 1).read) == 1


def test_another_fleet_is_left_alone(tmp_path: Path) -> None:
    pull(tmp_path / "f", Fake(), 1)
    with pytest.raises(InputError, match="another environment or currency"):
        pull(tmp_path / "f", Fake(), 1, currency="USD")
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "letters.txt").write_text("mine")
    with pytest.raises(InputError, match="no fleet folder"):
        pull(tmp_path / "g", Fake(), 1)
    with pytest.raises(InputError, match="ends after it begins"):
        pull(tmp_path / "h", Fake(), 0)
