"""The trace tools as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output, Trust, trust_of
from opswarden.tools.traces.backends.snapshot import SnapshotTraces
from opswarden.tools.traces.calls import CALL_COLUMNS
from opswarden.tools.traces.latency import LATENCY_COLUMNS
from opswarden.tools.traces.tools import traces_tools
from opswarden.tools.traces.types import CallsResult, LatencyArgs, LatencyResult, PathsResult, TraceArgs, TraceResult

from .conformance import MS, span

Call = Callable[..., Output[Any]]
Tools = Callable[[list[dict[str, Any]]], tuple[AnyTool, ...]]
NOISE = np.random.default_rng(4).normal(0, 1, 2_000)


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    return lambda rows: traces_tools(SnapshotTraces(make_store(spans=rows)))


def traffic(start: datetime, *, mill_ms: float = 30, failing: int = 0, since_s: int = 0) -> list[dict[str, Any]]:
    """The shop calls the mill every ten seconds; from `since_s` on the mill takes longer and fails every so often."""
    rows = []
    for place in range(-720, 180):
        at, changed = start + timedelta(seconds=10 * place), place >= since_s / 10
        mill = (mill_ms if changed else 30) + NOISE[place]
        status = "ERROR" if failing and changed and place % failing == 0 else "OK"
        trace = {"trace_id": f"t{place}", "status": status}
        rows.append(span(at, "a", mill + 20, None, "shop") | trace)
        rows.append(span(at + 5 * MS, "b", mill, "a", "mill") | trace)
    return rows


def test_the_slow_and_failing_one_is_told_from_its_caller(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    output = call(tools(traffic(start, mill_ms=90, failing=4)), "traces.latency", **windows)
    assert output.status == "ok"
    result = output.summary
    assert (result.spans_before, result.spans_after, result.operations) == (1_440, 360, 2)
    assert (result.operations_slower, result.operations_failing_more) == (2, 2)
    by_entity = {shift.entity: shift for shift in result.shifts}
    mill, shop = by_entity["mill"], by_entity["shop"]
    assert mill.self_score > 5
    assert abs(shop.self_score) < 2
    assert (mill.error_origin, shop.error_origin) == (1.0, 0.0)
    assert mill.error_rate_after == shop.error_rate_after == 0.25
    assert 29 < mill.p50_before_ms < 31
    assert 89 < mill.p50_after_ms < 91
    assert output.artifact.schema == LATENCY_COLUMNS
    assert output.artifact.num_rows == 2


def test_quiet_traces_show_no_shift(call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]) -> None:
    output = call(tools(traffic(start)), "traces.latency", **windows)
    assert (output.status, output.summary.shifts) == ("ok", ())
    assert output.artifact.num_rows == 2


def test_without_a_past_the_failing_ones_come_first(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    rows = [span(start, "a", 5), span(start, "b", 5, entity="mill", status="ERROR")]
    output = call(tools(rows), "traces.latency", **windows)
    assert output.status == "truncated"
    assert "baseline holds no span" in output.note
    assert [shift.entity for shift in output.summary.shifts] == ["mill", "oven"]
    assert output.summary.shifts[0].duration_score is None


def test_an_operation_without_a_past_is_shown_if_it_fails(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    rows = [span(start - MS, "a", 5), span(start, "b", 5), span(start, "c", 5, entity="mill", status="ERROR")]
    output = call(tools([*rows, span(start, "d", 5, entity="till")]), "traces.latency", **windows)
    assert output.status == "ok"
    assert [(shift.entity, shift.error_score) for shift in output.summary.shifts] == [("mill", None)]


def test_no_data_says_what_was_missing(call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]) -> None:
    nothing = call(tools([span(start + timedelta(days=1), "a", 5)]), "traces.latency", **windows)
    assert (nothing.status, nothing.summary) == ("no_data", None)
    past = call(tools([span(start - timedelta(hours=1), "a", 5)]), "traces.latency", **windows)
    assert past.status == "no_data"
    assert "1 in the baseline" in past.note


def test_entities_narrow_and_are_echoed(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    output = call(tools(traffic(start, mill_ms=90)), "traces.latency", **windows, entities=["shop"])
    assert {shift.entity for shift in output.summary.shifts} == {"shop"}
    assert output.scope.filters == {"entities": "shop"}


def test_a_snapshot_without_spans_has_no_data(
    call: Call, make_store: Callable[..., SnapshotStore], windows: dict[str, datetime]
) -> None:
    assert call(traces_tools(SnapshotTraces(make_store())), "traces.latency", **windows).status == "no_data"


def test_arguments_that_make_no_sense_are_refused(windows: dict[str, datetime]) -> None:
    given = {name: moment.isoformat() for name, moment in windows.items()}
    LatencyArgs.model_validate(given)
    for change in ({"limit": 51}, {"end": given["start"]}, {"entities": [1]}, {"percentile": 99}):
        with pytest.raises(ValidationError):
            LatencyArgs.model_validate(given | change)


def test_names_are_not_trusted() -> None:
    trust = trust_of(LatencyResult)
    assert {name for name, mark in trust.items() if mark is Trust.OUTSIDE} == {"shifts[].entity", "shifts[].name"}
    outside = {name for name, mark in trust_of(CallsResult).items() if mark is Trust.OUTSIDE}
    assert outside == {
        f"{of}[].{name}" for of in ("steps", "retry_storms") for name in ("entity", "name", "target", "event")
    }
    outside = {name for name, mark in trust_of(TraceResult).items() if mark is Trust.OUTSIDE}
    assert outside == {"trace_id", "tree[].entity", "tree[].name", "tree[].span_id"}
    outside = {name for name, mark in trust_of(PathsResult).items() if mark is Trust.OUTSIDE}
    assert outside == {
        *(f"paths[].{name}" for name in ("entity", "name")),
        *(f"paths[].contributions[].{name}" for name in ("entity", "name")),
    }


def early_return(start: datetime) -> list[dict[str, Any]]:
    """The shop calls the mill, and after it the oven; in the window the oven is not reached any more."""
    rows = []
    for place in range(-120, 30):
        at, trace = start + timedelta(minutes=place), {"trace_id": f"t{place}"}
        rows.append(span(at, "a", 50, None, "shop") | trace)
        rows.append(span(at + 5 * MS, "b", 10, "a", "mill") | trace)
        if place < 0:
            rows.append(span(at + 20 * MS, "c", 20, "a", "oven") | trace)
    return rows


def test_a_call_that_is_not_made_any_more_is_told(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    output = call(tools(early_return(start)), "traces.calls", **windows)
    assert output.status == "ok"
    result = output.summary
    assert (result.requests_before, result.requests_after) == (120, 30)
    assert (result.operations, result.events, result.events_vanished, result.events_new) == (1, 2, 1, 0)
    (step,) = result.steps
    assert (step.entity, step.kind, step.target, step.event) == ("shop", "call", "oven", "oven.work")
    assert (step.share_before, step.share_after, step.size) == (1.0, 0.0, 1.0)
    assert output.artifact.schema == CALL_COLUMNS
    assert output.artifact.num_rows == 2


@pytest.mark.parametrize("marked", [False, True], ids=["a failed sibling before", "an attribute that counts"])
def test_a_retry_storm_is_named(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime], marked: bool
) -> None:
    rows = []
    for place in range(-120, 30):
        at, trace = start + timedelta(minutes=place), {"trace_id": f"t{place}"}
        rows.append(span(at, "a", 90, None, "shop") | trace)
        for attempt in range(4 if place >= 0 else 1):
            told = {"status": "ERROR" if not marked and attempt < 3 else "OK"}
            if marked and attempt:
                told["attributes"] = [("http.request.resend_count", str(attempt))]
            rows.append(span(at + (5 + 20 * attempt) * MS, f"b{attempt}", 10, "a", "mill") | trace | told)
    (storm,) = call(tools(rows), "traces.calls", **windows).summary.retry_storms
    assert (storm.entity, storm.target, storm.retries_before, storm.retries_after) == ("shop", "mill", 0, 90)
    assert (storm.requests_after, storm.retry_score > 3) == (30, True)
    calm = [row for row in rows if not row["span_id"].startswith("b") or row["span_id"] == "b0"]
    assert call(tools(calm), "traces.calls", **windows).summary.retry_storms == ()


def test_of_some_entities_only_their_operations_are_told(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    built = tools(early_return(start))
    assert call(built, "traces.calls", **windows, entities=["shop"]).summary.events == 2
    nothing = call(built, "traces.calls", **windows, entities=["mill"])
    assert (nothing.status, nothing.scope.filters) == ("no_data", {"entities": "mill"})


def test_calls_without_spans_or_without_a_past_are_no_data(
    call: Call, tools: Tools, make_store: Callable[..., SnapshotStore], start: datetime, windows: dict[str, datetime]
) -> None:
    assert call(traces_tools(SnapshotTraces(make_store())), "traces.calls", **windows).status == "no_data"
    new = call(tools([span(start, "a", 5), span(start, "b", 1, "a", "mill")]), "traces.calls", **windows)
    assert (new.status, new.note) == ("no_data", "no operation has requests in both windows")


def test_the_path_shows_who_made_requests_slower(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    output = call(tools(traffic(start, mill_ms=90)), "traces.paths", **windows)
    assert output.status == "ok"
    assert output.summary.operations == 1
    (path,) = output.summary.paths
    assert (path.entity, path.name, path.requests_before, path.requests_after) == ("shop", "shop.work", 720, 180)
    assert 59 < path.mean_after_ms - path.mean_before_ms < 61
    first, second = path.contributions
    assert (first.entity, first.added_share, first.on_path_after) == ("mill", 1.0, 1.0)
    assert (second.entity, second.own_before_ms, second.own_after_ms) == ("shop", 20.0, 20.0)
    assert output.artifact.num_rows == 2


def test_a_path_can_start_where_an_entity_is_reached(
    call: Call, tools: Tools, start: datetime, windows: dict[str, datetime]
) -> None:
    rows = traffic(start, mill_ms=90)
    rows += [span(row["start"] + MS, "c", 5, "b", "till") | {"trace_id": row["trace_id"]} for row in rows[1::2]]
    rows += [span(row["start"] + MS, "d", 2, "c", "mill") | {"trace_id": row["trace_id"]} for row in rows[1::3]]
    (path,) = call(tools(rows), "traces.paths", **windows, entities=["mill"]).summary.paths
    assert (path.entity, path.requests_after) == ("mill", 180)
    assert {part.entity for part in path.contributions} == {"mill", "till"}
    assert call(tools(rows), "traces.paths", **windows, entities=["gone"]).status == "no_data"


def test_paths_without_spans_or_without_a_past_are_no_data(
    call: Call, tools: Tools, make_store: Callable[..., SnapshotStore], start: datetime, windows: dict[str, datetime]
) -> None:
    assert call(traces_tools(SnapshotTraces(make_store())), "traces.paths", **windows).status == "no_data"
    assert call(tools([span(start, "a", 5)]), "traces.paths", **windows).status == "no_data"


def test_one_slow_trace_is_read_as_a_tree(call: Call, tools: Tools, start: datetime) -> None:
    rows = [span(start, "a", 100, None, "shop", status="ERROR"), span(start + 20 * MS, "b", 70, "a", "mill")]
    built = tools([*rows, span(start, "c", 5, None, "shop", trace_id="quick")])
    output = call(built, "traces.read", start=start, end=start + timedelta(minutes=1), entity="shop")
    assert output.status == "ok"
    result = output.summary
    assert (result.trace_id, result.start, result.spans, result.entities, result.spans_failed) == ("t", start, 2, 2, 1)
    assert [(s.depth, s.entity, s.span_id, s.offset_ms, s.duration_ms, s.own_ms, s.failed) for s in result.tree] == [
        (0, "shop", "a", 0.0, 100.0, 30.0, True),
        (1, "mill", "b", 20.0, 70.0, 70.0, False),
    ]
    assert call(built, "traces.read", trace_id="quick").summary.spans == 1
    gone = call(built, "traces.read", trace_id="gone")
    assert (gone.status, gone.scope.filters) == ("no_data", {"trace_id": "gone"})
    other = {"start": start, "end": start + timedelta(minutes=1), "entity": "mill", "name": "mill.work", "failed": True}
    assert call(built, "traces.read", **other).status == "no_data"


def test_a_large_trace_fits_its_summary(call: Call, tools: Tools, start: datetime) -> None:
    rows = [span(start, "root", 10_000, None, "shop")]
    rows += [span(start + place * MS, f"s{place}", 5, "root", "m" * 300) for place in range(500)]
    output = call(tools(rows), "traces.read", trace_id="t", limit=100)
    assert (output.summary.spans, output.artifact.num_rows) == (501, 501)
    assert output.summary.tree[0].entity == "shop"


def test_a_trace_is_asked_for_by_its_id_or_by_time_and_entity(start: datetime) -> None:
    place = {"start": start.isoformat(), "end": (start + MS).isoformat(), "entity": "shop"}
    for right in ({"trace_id": "t"}, place, {**place, "name": "work", "failed": True}):
        TraceArgs.model_validate(right)
    for wrong in ({}, {**place, "trace_id": "t"}, {"trace_id": "t", "name": "work"}, {**place, "end": place["start"]}):
        with pytest.raises(ValidationError):
            TraceArgs.model_validate(wrong)
    with pytest.raises(ValidationError):
        TraceArgs.model_validate({"entity": "shop"})
