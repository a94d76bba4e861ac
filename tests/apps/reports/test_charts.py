from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.apps.reports.axes import value_ticks
from opswarden.apps.reports.charts import Stretch, lane, line_chart, score_bar
from opswarden.apps.reports.moments import Windows
from opswarden.apps.reports.readings import Change, Line, MetricReading

START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOWS = Windows(START + 3 * HOUR, START + 4 * HOUR, START, START + 2 * HOUR)
LEFT, RIGHT, TOP, BOTTOM = 46.0, 454.0, 18.0, 174.0


def reading(*points: float | None, unit: str = "s", lines: int = 1) -> MetricReading:
    line = Line("", tuple(points), 0)
    return MetricReading("E1", "a", "m", unit, START, START + 4 * HOUR, 4 * 3600 / len(points), (line,) * lines, 0)


def change(at: datetime) -> Change:
    return Change("E2", at, "a", "deploy", "v2", "", "")


def numbers(svg: str, pattern: str) -> list[float]:
    return [float(number) for found in re.findall(pattern, svg) for number in found.split()]


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.none() | FINITE, min_size=1, max_size=40).filter(lambda points: any(p is not None for p in points)))
def test_whatever_the_values_the_drawing_stays_inside_and_holds_no_nan(points: list[float | None]) -> None:
    svg = line_chart(reading(*points), WINDOWS, (), "label")
    assert "nan" not in svg
    assert "inf" not in svg.replace("infer", "")
    pairs = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", svg) + re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert pairs
    assert all(LEFT - 0.1 <= float(x) <= RIGHT + 0.1 and TOP - 0.1 <= float(y) <= BOTTOM + 0.1 for x, y in pairs)


@given(FINITE, FINITE)
def test_ticks_enclose_the_values(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    scale, ticks = value_ticks(low, high, "")
    assert 2 <= len(ticks) <= 12
    room = 1e-6 * max(abs(ticks[0]), abs(ticks[-1]))
    assert ticks[0] - room <= low / scale.divisor
    assert high / scale.divisor <= ticks[-1] + room
    assert all(math.isfinite(tick) for tick in ticks)


def test_the_axis_begins_at_zero_unless_the_values_lie_far_from_it() -> None:
    assert value_ticks(0.06, 0.87, "s")[1][0] == 0
    assert value_ticks(985.0, 995.0, "")[1][0] > 900
    assert value_ticks(-5.0, -1.0, "")[1][-1] == 0


def test_a_level_series_is_drawn_level_in_the_middle() -> None:
    svg = line_chart(reading(5.0, 5.0, 5.0), WINDOWS, (), "label")
    heights = {y for _, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", svg)}
    assert heights == {"96.0"}


def test_the_incident_is_shaded_where_it_lies() -> None:
    svg = line_chart(reading(*([1.0] * 24)), WINDOWS, (), "label")
    (shaded,) = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)" class="window"', svg)
    assert float(shaded[0]) == pytest.approx(LEFT + 0.75 * (RIGHT - LEFT), abs=0.1)
    assert float(shaded[0]) + float(shaded[1]) == pytest.approx(RIGHT, abs=0.1)
    (quiet,) = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)" class="quiet"', svg)
    assert [float(part) for part in quiet] == pytest.approx([LEFT, 0.5 * (RIGHT - LEFT)], abs=0.1)


def test_a_chart_outside_the_incident_has_no_shade() -> None:
    later = Windows(START + 9 * HOUR, START + 10 * HOUR)
    svg = line_chart(reading(1.0, 2.0), later, (), "label")
    assert 'class="window' not in svg
    assert 'class="window' not in line_chart(reading(1.0, 2.0), None, (), "label")


@pytest.mark.parametrize(
    ("points", "paths", "dots"),
    [
        ((1.0, 2.0, 3.0, 4.0), 1, 0),
        ((1.0, 2.0, None, 4.0, 5.0, 6.0), 2, 0),
        ((1.0, None, None, None, 5.0, 6.0, 7.0), 1, 1),
        ((1.0, None, 3.0, None, 5.0, None, 7.0), 1, 0),  # sampled at every second step: no gaps
        ((None, 2.0, None), 0, 1),
    ],
)
def test_missing_values_break_the_line(points: tuple[float | None, ...], paths: int, dots: int) -> None:
    svg = line_chart(reading(*points), None, (), "label")
    assert svg.count('class="line s0"') == paths
    assert svg.count('class="dot s0"') == dots


def test_changes_are_marked_only_inside_the_chart() -> None:
    inside, outside = change(START + HOUR), change(START - HOUR)
    svg = line_chart(reading(1.0, 2.0), WINDOWS, (inside, outside), "label")
    assert svg.count("marker-head") == 1
    assert "<title>deploy v2</title>" in svg


def test_the_unit_stands_once_and_ticks_are_plain_numbers() -> None:
    svg = line_chart(reading(0.0, 0.0621), None, (), "label")
    assert svg.count(">ms<") == 1
    assert ">75<" in svg


def test_a_score_bar_is_as_long_as_its_score() -> None:
    assert 'width="50"' in score_bar(0.2, 0.4)
    assert 'width="0"' in score_bar(-3.0, 0.4)
    assert 'width="0"' in score_bar(0.0, 0.0)


def test_lanes_show_the_incident_and_point_to_what_is_earlier() -> None:
    first = START - 20 * HOUR
    stretch = Stretch.around(WINDOWS, [first, START + 3.5 * HOUR])
    assert stretch.first == START - HOUR  # four times as long as the incident, before it
    assert stretch.last == WINDOWS.end
    assert "earlier" in lane(first, stretch)
    inside = lane(START + 1.5 * HOUR, stretch, is_suspect=True)
    assert 'x1="500"' in inside
    assert "tick suspect" in inside
    assert 'class="tick' not in lane(None, stretch)
