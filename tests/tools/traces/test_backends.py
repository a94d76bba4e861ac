"""Every tracing backend does what the conformance checks ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from opswarden.core.clock import Deadline
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.traces.backends import snapshot, snapshot_spans
from opswarden.tools.traces.backends.snapshot import SnapshotTraces
from opswarden.tools.traces.operations import OTHER

from .conformance import CHECKS, MS, Make, span, windows

MakeStore = Callable[..., SnapshotStore]


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(
    check: Callable[[Make, datetime, Deadline], None], make_store: MakeStore, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: SnapshotTraces(make_store(spans=rows)), start, deadline)


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


def test_lines_are_found_in_the_spans_they_name(make_store: MakeStore, start: datetime, deadline: Deadline) -> None:
    rows = [span(start, "a", 100, None, "shop"), span(start + MS, "a", 90, None, "oven"), span(start, "z", 5)]
    log = {"ts": start, "level": "WARN", "trace_id": "t", "span_id": "a"}
    logs = [
        log | {"entity": "oven", "body": "order 4711 waits"},
        log | {"entity": "mill", "body": "of another entity"},
        log | {"entity": "oven", "body": "of no span", "span_id": None},
        log | {"entity": "oven", "body": "of another trace", "trace_id": "u"},
        log | {"entity": "shop", "body": None, "level": None},
    ]
    backend = SnapshotTraces(make_store(spans=rows, logs=logs))
    found = backend.spans(windows(start), deadline, with_lines=True)
    entities = found.rows["entity"].to_pylist()
    lines = [(entities[row["span"]], row["masked"], row["level"]) for row in found.lines.to_pylist()]
    assert sorted(lines) == [("oven", "order <*> waits", "warning"), ("shop", "", "unknown")]
    assert found.has_lines
    assert not backend.spans(windows(start), deadline).has_lines


def test_very_many_spans_are_thinned_out_by_whole_traces(
    make_store: MakeStore, start: datetime, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_spans, "MAX_SPANS", 20)
    rows = []
    for place in range(50):
        rows += [span(start, "a", 9, trace_id=f"t{place}"), span(start + MS, "b", 5, "a", "mill", trace_id=f"t{place}")]
    found = SnapshotTraces(make_store(spans=rows)).spans(windows(start), deadline)
    assert found.every == 5
    assert 2 <= found.rows.num_rows < 60
    assert found.rows["is_orphan"].to_pylist().count(True) == 0
    assert found.rows["parent"].to_pylist().count(-1) * 2 == found.rows.num_rows
