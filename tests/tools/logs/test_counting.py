"""Lines that stream by are counted as those that lie in a snapshot are."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline
from opswarden.tools.logs import counting
from opswarden.tools.logs.backends.rows import Row, table_of
from opswarden.tools.logs.backends.sampling import Counted, planned, weighed
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.logs.counting import LineCounter
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.windows import ComparedWindows, to_us

from .conformance import line

MakeStore = Callable[..., SnapshotStore]
TEXTS = (
    "sold %d loaf",
    "ERROR could not bake %d",
    '{"level":"warn","msg":"hot %d"}',
    "at a.b.C.d(E.java:%d)",
    "q%d\nw",
)


def rows_of(rows: list[dict[str, Any]]) -> list[Row]:
    return [
        Row(str(place), to_us(row["ts"]), row["entity"], row["level"], row["body"], (), None, None)
        for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize("folded_at", [counting._FOLDED_AT, 3])
def test_in_any_number_of_batches(
    folded_at: int,
    make_store: MakeStore,
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "_FOLDED_AT", folded_at)
    chance = random.Random(5)
    rows = [
        line(
            start + timedelta(seconds=chance.uniform(-7_200, 1_800)),
            chance.choice(TEXTS).replace("%d", str(place)),
            chance.choice(("oven", "mill")),
            chance.choice(("INFO", "error", None)),
        )
        for place in range(300)
    ]
    compared = ComparedWindows.model_validate(windows)
    there = SnapshotLogs(make_store(logs=rows)).grouped(compared, deadline)
    with LineCounter(compared) as counter:
        for at in range(0, 300, 30):
            counter.add(table_of(rows_of(rows)[at : at + 30]))
        assert counter.seen() == {(0, "oven"): _lines(there.totals, "oven"), (0, "mill"): _lines(there.totals, "mill")}
        found, examples = counter.grouped(there.totals, dict.fromkeys(counter.seen(), 1))
    assert found.complete
    assert _without_examples(found.rows) == _without_examples(there.rows)
    known = {row["id"]: row["body"] for row in examples.to_pylist()}
    ours, theirs = (table["example_id"].to_pylist() for table in (found.rows, there.rows))
    assert len(set(ours)) == len(theirs)
    assert all(known[name] == rows[int(name)]["body"] for name in ours)
    assert examples.num_rows <= 3 * found.rows.num_rows


def _lines(totals: pa.Table, entity: str) -> int:
    (row,) = [row for row in totals.to_pylist() if row["entity"] == entity]
    return int(row["before"] + row["after"])


def _without_examples(rows: pa.Table) -> list[dict[str, Any]]:
    return list(rows.drop_columns("example_id").to_pylist())


def test_a_plan_reads_errors_first_and_weighs_by_what_is_known(windows: dict[str, datetime]) -> None:
    known = {"oven": Counted(9_000, 1_000, 400), "mill": Counted(10, 0, 0)}
    assert planned(known, 20_000, (1, 10)).is_whole
    plan = planned(known, 1_500, (1, 10, 100))
    assert (plan.rest, plan.errors, plan.is_whole) == (10, 1, False)
    assert planned(known, 60, (1, 10, 100)).errors == 100
    compared = ComparedWindows.model_validate(windows)
    with LineCounter(compared) as counter:
        lines = [line(compared.start, f"sold {place}") for place in range(960)]
        counter.add(table_of(rows_of(lines)), 0)
        counter.add(table_of(rows_of(lines[:400])), 1)
        by = weighed(counter, known, plan)
    assert by.weights == {(0, "oven"): 10, (1, "oven"): 1}
    assert (by.all_seen, by.is_even) == (False, True)
