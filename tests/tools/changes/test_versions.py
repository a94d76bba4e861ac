"""Canaries with a known answer: worse, as good, confounded by callers, warming up, silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.tools.changes.versions import VERSION_COLUMNS, compare_versions, sign_test
from opswarden.tools.metrics.series import SeriesKey, SeriesSet

MINUTE = 60_000_000
START, END = 100 * MINUTE, 120 * MINUTE

Row = tuple[str, str, dict[str, str], int, list[float]]


def series(*rows: Row, kind: str = "gauge") -> SeriesSet:
    """Entity, metric, labels, minute of the first sample, one value a minute."""
    keys = tuple(
        SeriesKey(entity, metric, kind, None, tuple(sorted(labels.items()))) for entity, metric, labels, _, _ in rows
    )
    bounds = np.cumsum([0, *(len(values) for *_, values in rows)])
    times = np.concatenate([np.arange(first, first + len(values)) * MINUTE for *_, first, values in rows])
    return SeriesSet(keys, bounds, times.astype(np.int64), np.concatenate([np.array(v, float) for *_, v in rows]))


def rows_of(table: pa.Table, kind: str) -> list[dict[str, Any]]:
    assert table.schema == VERSION_COLUMNS
    return [row for row in table.to_pylist() if row["kind"] == kind]


def pods(version: str, first: int, level: float, **labels: str) -> Row:
    values = [level + 0.01 * level * (minute % 3) for minute in range(first, 120)]
    return ("oven", "error_rate", {"version": version, "pod": f"oven-{version}", **labels}, first, values)


def test_a_newer_version_that_does_worse_in_the_same_minutes() -> None:
    table = compare_versions(series(pods("7", 60, 0.01), pods("8", 105, 0.30)), START, END)
    (seen,) = rows_of(table, "seen")
    assert (seen["newer"], seen["newer_first_us"]) == ("8", 105 * MINUTE)
    (pair,) = rows_of(table, "compared")
    assert pair["effect"] > 10
    assert pair["p_worse"] < 0.001
    assert pair["minutes"] == 13  # the two in which it warms up are left out


def test_one_that_does_as_well_or_better_is_not_worse() -> None:
    for level in (0.0101, 0.002):
        (pair,) = rows_of(compare_versions(series(pods("7", 60, 0.01), pods("8", 105, level)), START, END), "compared")
        assert pair["effect"] < 2
        assert pair["p_worse"] > 0.0001 or level > 0.01


def test_a_fall_in_what_is_good_when_high_is_worse() -> None:
    old = ("oven", "success_rate", {"version": "7"}, 60, [100.0] * 60)
    new = ("oven", "success_rate", {"version": "8"}, 105, [40.0] * 15)
    (pair,) = rows_of(compare_versions(series(old, new), START, END), "compared")
    assert pair["effect"] > 2
    assert pair["p_worse"] < 0.001


def test_another_mix_of_callers_is_no_fault() -> None:
    """The newer version serves almost only the slow caller: over all it is slower, for each caller it is not."""

    def calls(version: str, caller: str, level: float, first: int) -> Row:
        return ("oven", "latency_ms", {"version": version, "caller": caller}, first, [level] * (120 - first))

    found = series(
        calls("7", "web", 10, 60),
        calls("7", "batch", 900, 60),
        calls("8", "batch", 900, 105),
        calls("8", "web", 10, 118),
    )
    assert all(pair["effect"] == 0 for pair in rows_of(compare_versions(found, START, END), "compared"))


def test_a_bad_new_version_of_a_caller_is_not_held_against_the_callee() -> None:
    """Two canaries at once, two by two: whoever is called by the new caller fails, whichever version it is."""

    def calls(version: str, caller_version: str, level: float) -> Row:
        labels = {"version": version, "caller": "web", "caller_version": caller_version}
        first = 105 if "8" in (version, caller_version) else 60
        return ("oven", "error_rate", labels, first, [level] * (120 - first))

    found = series(calls("7", "7", 0.0), calls("7", "8", 0.5), calls("8", "7", 0.0), calls("8", "8", 0.5))
    pairs = rows_of(compare_versions(found, START, END), "compared")
    assert len(pairs) == 2
    assert all(pair["effect"] == 0 and pair["p_worse"] == 1 for pair in pairs)


def test_the_first_minutes_of_a_new_instance_do_not_count() -> None:
    old = ("oven", "latency_ms", {"version": "7"}, 60, [10.0 + minute % 2 for minute in range(60)])
    new = ("oven", "latency_ms", {"version": "8"}, 105, [900.0, 400.0] + [10.0 + minute % 2 for minute in range(13)])
    (pair,) = rows_of(compare_versions(series(old, new), START, END), "compared")
    assert pair["newer_level"] < 12


def test_an_old_instance_that_goes_out_of_service_does_not_hide_the_difference() -> None:
    good = [("oven", "success_rate", {"version": "7", "pod": f"p{pod}"}, 60, [100.0] * 60) for pod in range(2)]
    leaving = ("oven", "success_rate", {"version": "7", "pod": "p9"}, 105, [5.0] * 15)
    new = ("oven", "success_rate", {"version": "8", "pod": "n1"}, 105, [5.0] * 15)
    (pair,) = rows_of(compare_versions(series(*good, leaving, new), START, END), "compared")
    assert (pair["older_level"], pair["newer_level"]) == (100, 5)


def test_what_the_machine_under_an_instance_does_is_not_compared() -> None:
    found = [
        ("oven", "node_cpu_usage", {"version": version}, first, [level] * (120 - first))
        for version, first, level in (("7", 60, 5.0), ("8", 105, 95.0))
    ]
    assert not rows_of(compare_versions(series(*found), START, END), "compared")


def test_versions_that_began_together_have_no_newer_one() -> None:
    table = compare_versions(series(pods("7", 60, 0.01), pods("8", 60, 0.30)), START, END)
    assert [row["newer"] for row in rows_of(table, "seen")] == [None]
    assert not rows_of(table, "compared")


def test_failures_that_callers_see_and_no_instance_reports() -> None:
    own = ("oven", "success_rate", {"version": "7", "callee": "oven"}, 60, [100.0] * 60)
    seen = ("till", "success_rate", {"callee": "oven"}, 60, [100.0] * 45 + [60.0] * 15)
    (row,) = rows_of(compare_versions(series(own, seen), START, END), "unaccounted")
    assert row["entity"] == "oven"
    assert row["newer_level"] < row["older_level"] == 100
    calm = ("till", "success_rate", {"callee": "oven"}, 60, [100.0] * 60)
    assert not rows_of(compare_versions(series(own, calm), START, END), "unaccounted")


def test_too_few_common_minutes_nothing_to_compare_and_broken_values() -> None:
    assert not rows_of(compare_versions(series(pods("7", 60, 0.01), pods("8", 118, 0.3)), START, END), "compared")
    nothing = SeriesSet((), np.array([0]), np.array([], np.int64), np.array([]))
    assert compare_versions(nothing, START, END).num_rows == 0
    gaps = ("oven", "error_rate", {"version": "8"}, 105, [float("nan")] * 15)
    assert not rows_of(compare_versions(series(pods("7", 60, 0.01), gaps), START, END), "compared")
    no_version = ("oven", "error_rate", {"pod": "a"}, 60, [0.1] * 60)
    assert compare_versions(series(no_version), START, END).num_rows == 0


def test_counters_are_compared_as_rates() -> None:
    old = ("oven", "errors_total", {"version": "7"}, 60, [float(minute) for minute in range(60)])
    new = ("oven", "errors_total", {"version": "8"}, 105, [30.0 * minute for minute in range(15)])
    (pair,) = rows_of(compare_versions(series(old, new, kind="counter"), START, END), "compared")
    assert pair["newer_level"] == pytest.approx(30 * pair["older_level"])


def test_the_sign_test() -> None:
    assert sign_test(5, 0) == pytest.approx(1 / 32)
    assert sign_test(0, 5) == 1
    assert sign_test(0, 0) == 1
    assert sign_test(8, 2) == pytest.approx(56 / 1024)
