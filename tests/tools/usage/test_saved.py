"""A saved history is the one that was built; only days that are new or were changed are read again."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from opswarden.tools.fleets.manifest import FleetManifest
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.writer import FleetWriter
from opswarden.tools.usage.history import History
from opswarden.tools.usage.saved import HistoryFolder, Updated, as_table, from_table, nothing

ZERO = datetime(2031, 5, 6, tzinfo=UTC)
MANIFEST = FleetManifest(
    title="a bakery", environment="bakery", start=ZERO, end=ZERO + timedelta(days=9), currency="EUR"
)


def write(folder: Path, days: int, *, in_parts: bool = True, of_day: dict[int, float] | None = None) -> None:
    """Two workloads, every five minutes; the value is 1 unless another one is given for the day."""
    shutil.rmtree(folder, ignore_errors=True)
    with FleetWriter(folder, MANIFEST) as writer:
        for day in range(days):
            moments = [ZERO + timedelta(days=day, minutes=5 * place) for place in range(288)]
            for name in ("mixer", "oven"):
                rows = {
                    "ts": moments,
                    "workload": [name] * 288,
                    "resource": ["cpu"] * 288,
                    "value": [(of_day or {}).get(day, 1.0)] * 288,
                }
                writer.write("usage", rows, part=f"d{day}" if in_parts else None)


@contextmanager
def opened(folder: Path) -> Iterator[FleetStore]:
    store = FleetStore(folder)
    try:
        yield store
    finally:
        store.close()


def update(folder: Path, kept: Path) -> Updated:
    with opened(folder) as store:
        return HistoryFolder(kept).update(store)


def assert_equal(one: History, other: History) -> None:
    assert one.workloads == other.workloads
    for name in type(one.rows).__dataclass_fields__:
        assert np.array_equal(getattr(one.rows, name), getattr(other.rows, name), equal_nan=name in ("interval_s",)), (
            name
        )


def days(*numbers: int) -> tuple[date, ...]:
    return tuple((ZERO + timedelta(days=number)).date() for number in numbers)


@pytest.mark.parametrize("in_parts", [True, False], ids=["in parts", "in one file"])
def test_only_what_is_new_or_changed_is_read(tmp_path: Path, in_parts: bool) -> None:
    fleet, kept = tmp_path / "fleet", tmp_path / "kept"
    write(fleet, 3, in_parts=in_parts)
    first = update(fleet, kept)
    assert (first.read, first.kept) == (days(0, 1, 2), ())
    again = update(fleet, kept)
    assert (again.read, again.kept) == ((), days(0, 1, 2))
    assert_equal(again.history, first.history)
    moved = {path.name: path.stat().st_mtime_ns for path in (fleet / "usage").glob("*")} if in_parts else {}
    write(fleet, 4, in_parts=in_parts, of_day={1: 7.0})
    for name, at in moved.items():
        if name != "d1.parquet":
            import os

            os.utime(fleet / "usage" / name, ns=(at, at))
    third = update(fleet, kept)
    assert third.read == days(1, 3)
    assert third.history.daily_most("cpu").tolist() == [[1.0, 7.0, 1.0, 1.0]] * 2
    fresh = update(fleet, tmp_path / "other")
    assert_equal(third.history, fresh.history)


def test_what_lies_damaged_in_the_folder_is_built_again(tmp_path: Path) -> None:
    write(tmp_path / "fleet", 2)
    update(tmp_path / "fleet", tmp_path / "kept")
    paths = sorted((tmp_path / "kept").iterdir())
    assert [path.name for path in paths] == ["2031-05-06.parquet", "2031-05-07.parquet"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    paths[0].write_bytes(b"PAR1 nonsense")
    pq.write_table(pq.read_table(paths[1]).drop_columns("bucket"), paths[1])
    assert update(tmp_path / "fleet", tmp_path / "kept").read == days(0, 1)


def test_a_day_that_is_gone_from_the_fleet_is_gone_from_the_history(tmp_path: Path) -> None:
    write(tmp_path / "fleet", 3)
    update(tmp_path / "fleet", tmp_path / "kept")
    write(tmp_path / "fleet", 1)
    assert len(update(tmp_path / "fleet", tmp_path / "kept").history.days) == 1


def test_a_fleet_without_usage_has_an_empty_history(tmp_path: Path) -> None:
    write(tmp_path / "fleet", 0)
    found = update(tmp_path / "fleet", tmp_path / "kept")
    assert (len(found.history.rows), found.read) == (0, ())
    assert_equal(from_table(as_table(nothing())), nothing())
