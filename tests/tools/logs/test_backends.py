"""Every log backend does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from opswarden.core.clock import Deadline
from opswarden.tools.logs.backends import snapshot
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.windows import ComparedWindows

from .conformance import CHECKS, Make, line

MakeStore = Callable[..., SnapshotStore]
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: SnapshotLogs(make_store(logs=rows)), start, deadline)


def test_of_very_many_lines_a_sample_is_weighed(
    make_store: MakeStore,
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "_LINES_LOOKED_AT", 500)
    rows = [line(start + place * SECOND / 3, "sold 1 loaf") for place in range(4_000)]
    rows += [line(start, "too hot", level="ERROR") for _ in range(10)]
    found = SnapshotLogs(make_store(logs=rows)).grouped(ComparedWindows.model_validate(windows), deadline)
    groups = {row["masked"]: row for row in found.rows.to_pylist()}
    assert groups["too hot"]["weight"] == 1
    assert groups["too hot"]["after"] == 10
    assert groups["sold <*> loaf"]["weight"] == 8
    assert 350 < groups["sold <*> loaf"]["after"] < 650
    assert found.totals["after"].to_pylist() == [4_010]


def test_more_groups_than_can_be_kept_are_cut_with_errors_first(
    make_store: MakeStore,
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
) -> None:
    words = [f"{chr(97 + i // 676)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}" for i in range(40)]
    rows = [line(start, f"baked {word}") for word in words for _ in range(2)]
    rows += [line(start, "burnt", level="ERROR")]
    statement = snapshot._GROUPS.replace(f"LIMIT {snapshot.MAX_GROUPS + 1}", "LIMIT 11")
    assert statement != snapshot._GROUPS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "_GROUPS", statement)
        patch.setattr(snapshot, "MAX_GROUPS", 10)
        found = SnapshotLogs(make_store(logs=rows)).grouped(ComparedWindows.model_validate(windows), deadline)
    assert not found.complete
    assert found.rows.num_rows == 10
    assert found.rows["masked"][0].as_py() == "burnt"
    assert found.totals["after"].to_pylist() == [81]
