"""`metrics.query` and `metrics.shifts` as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.metrics.tools import SHIFT_COLUMNS, metrics_tools
from opswarden.tools.metrics.types import QueryArgs, QueryResult, ShiftsArgs, ShiftsResult
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output, Trust, trust_of

from .conformance import sample

Call = Callable[..., Output[Any]]
MINUTE = timedelta(minutes=1)
NOISE = np.random.default_rng(1).normal(0, 1, 150)


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Callable[[list[dict[str, Any]]], tuple[AnyTool, ...]]:
    return lambda rows: metrics_tools(SnapshotMetrics(make_store(metrics=rows)))


def course(start: datetime, jump: float, entity: str = "oven", metric: str = "heat") -> list[dict[str, Any]]:
    """Two quiet hours and half an hour on another level, a sample a minute."""
    return [
        sample(start + place * MINUTE, 100 + NOISE[place] + (jump if place >= 0 else 0), entity, metric)
        for place in range(-120, 30)
    ]


def test_shifts_finds_what_moved(
    call: Call, tools: Callable[..., Any], start: datetime, windows: dict[str, datetime]
) -> None:
    rows = course(start, 30, metric="response_latency_ms") + course(start, 0, metric="queue")
    output = call(tools(rows), "metrics.shifts", **windows)
    assert output.status == "ok"
    assert (output.summary.series_compared, output.summary.series_shifted) == (2, 1)
    (shift,) = output.summary.shifts
    assert (shift.entity, shift.metric, shift.direction) == ("oven", "response_latency_ms", "up")
    assert shift.indicator_class == "latency"
    assert shift.score > 5
    assert shift.onset == start
    assert output.artifact.schema == SHIFT_COLUMNS
    assert output.artifact.num_rows == 2


def test_a_counter_is_compared_by_its_rate(
    call: Call, tools: Callable[..., Any], start: datetime, windows: dict[str, datetime]
) -> None:
    totals = np.cumsum([60 + abs(NOISE[place]) * 5 for place in range(150)])
    rows = [
        sample(start + place * MINUTE, float(totals[place + 120])) | {"kind": "counter"} for place in range(-120, 30)
    ]
    assert call(tools(rows), "metrics.shifts", **windows).summary.series_shifted == 0


def test_a_series_without_a_past_is_counted_and_kept(
    call: Call, tools: Callable[..., Any], start: datetime, windows: dict[str, datetime]
) -> None:
    rows = [sample(start + place * MINUTE, 1.0) for place in range(10)]
    output = call(tools(rows), "metrics.shifts", **windows)
    assert (output.summary.series_compared, output.summary.series_without_baseline) == (0, 1)
    assert output.artifact["score"].to_pylist() == [None]


@pytest.mark.parametrize(("place", "note"), [(-600, "no series lies"), (-60, "none of 1 series has a sample")])
def test_no_data_says_what_was_missing(
    call: Call, tools: Callable[..., Any], start: datetime, windows: dict[str, datetime], place: int, note: str
) -> None:
    output = call(tools([sample(start + place * MINUTE, 1.0)]), "metrics.shifts", **windows)
    assert output.status == "no_data"
    assert note in output.note


def test_entities_narrow_and_are_echoed(
    call: Call, tools: Callable[..., Any], start: datetime, windows: dict[str, datetime]
) -> None:
    rows = course(start, 30, "oven") + course(start, 30, "till")
    output = call(tools(rows), "metrics.shifts", **windows, entities=["till"])
    assert {shift.entity for shift in output.summary.shifts} == {"till"}
    assert output.scope.filters


def test_query_averages_over_equal_steps(call: Call, tools: Callable[..., Any], start: datetime) -> None:
    rows = [sample(start + place * MINUTE, float(place)) for place in range(10)]
    given = {"start": start, "end": start + 12 * MINUTE, "entity": "oven", "metric": "heat"}
    output = call(tools(rows), "metrics.query", **given, max_points=6)
    (series,) = output.summary.series
    assert series.points == (0.5, 2.5, 4.5, 6.5, 8.5, None)
    assert (series.samples, series.first, series.last, series.minimum, series.maximum) == (10, 0, 9, 0, 9)
    assert series.step_s == 120.0
    assert output.artifact["value"].to_pylist() == [float(place) for place in range(10)]


def test_query_shows_some_of_many_series(call: Call, tools: Callable[..., Any], start: datetime) -> None:
    rows = [sample(start, 1.0, pod=f"p{place}") for place in range(9)]
    given = {"start": start, "end": start + MINUTE, "entity": "oven", "metric": "heat"}
    output = call(tools(rows), "metrics.query", **given, max_points=2)
    assert output.status == "truncated"
    assert (output.summary.series_matched, len(output.summary.series)) == (9, 5)
    assert "4 more series" in output.note
    one = call(tools(rows), "metrics.query", **given, labels={"pod": "p3"})
    assert one.status == "ok"
    assert one.summary.series[0].labels == {"pod": "p3"}


def test_a_label_cannot_pose_as_the_entity_in_the_scope(call: Call, tools: Callable[..., Any], start: datetime) -> None:
    given = {"start": start, "end": start + MINUTE, "entity": "oven", "metric": "heat"}
    output = call(tools([sample(start, 1.0)]), "metrics.query", **given, labels={"entity": "till"})
    assert output.status == "no_data"
    assert output.scope.filters == {"entity": "oven", "metric": "heat", "label entity": "till"}


@pytest.mark.parametrize(
    "change",
    [{"limit": 0}, {"limit": 101}, {"end": "2031-05-06T11:00:00Z"}, {"baseline_end": "2031-05-06T12:10:00Z"}, {"x": 1}],
)
def test_arguments_that_make_no_sense_are_refused(windows: dict[str, datetime], change: dict[str, Any]) -> None:
    given = {name: moment.isoformat() for name, moment in windows.items()}
    ShiftsArgs.model_validate(given)
    with pytest.raises(ValidationError):
        ShiftsArgs.model_validate(given | change)


@pytest.mark.parametrize("model", [QueryResult, ShiftsResult])
def test_no_text_of_the_data_is_trusted(model: type[Any]) -> None:
    names = {name for name, trust in trust_of(model).items() if trust is not Trust.TYPED}
    assert {name for name, trust in trust_of(model).items() if trust is Trust.OUTSIDE} == names


def test_query_args_have_bounds(start: datetime) -> None:
    with pytest.raises(ValidationError):
        QueryArgs(start=start, end=start + MINUTE, entity="", metric="heat")
