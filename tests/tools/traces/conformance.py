"""What every tracing backend has to do; `make` fills one with spans and returns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.tools.traces.backends.types import TracesBackend
from opswarden.tools.traces.example import TRACE_COLUMNS
from opswarden.tools.traces.operations import BUCKET_COLUMNS, QUANTILE_COLUMNS, bucket_us
from opswarden.tools.traces.spans import SPAN_COLUMNS
from opswarden.tools.windows import ComparedWindows

Make = Callable[[Sequence[dict[str, Any]]], TracesBackend]
MS = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


def span(
    start: datetime, id: str, length_ms: float, parent: str | None = None, entity: str = "oven", **more: Any
) -> dict[str, Any]:
    row = {"trace_id": "t", "span_id": id, "parent_id": parent, "entity": entity, "name": f"{entity}.work"}
    return row | {"start": start, "duration_us": round(length_ms * 1_000), "status": "OK"} | more


def windows(at: datetime, **more: Any) -> ComparedWindows:
    """An hour before, half an hour from `at`."""
    return ComparedWindows(start=at, end=at + 30 * MINUTE, baseline_start=at - 60 * MINUTE, baseline_end=at, **more)


def whole(
    backend: TracesBackend, at: datetime, deadline: Deadline, **more: Any
) -> dict[tuple[str, bool], dict[str, Any]]:
    """Quantiles and sums over the buckets, by name and side."""
    found = backend.operations(windows(at, **more), deadline)
    assert found.buckets.schema == BUCKET_COLUMNS
    assert found.quantiles.schema == QUANTILE_COLUMNS
    rows = {(row["name"], row["is_after"]): row for row in found.quantiles.to_pylist()}
    for bucket in found.buckets.to_pylist():
        row = rows[bucket["name"], bucket["is_after"]]
        for name in BUCKET_COLUMNS.names[4:]:
            row[name] = row.get(name, 0) + bucket[name]
    return rows


def self_ms(backend: TracesBackend, at: datetime, deadline: Deadline, name: str = "oven.work") -> float:
    return float(whole(backend, at, deadline)[name, True]["self_p50_us"]) / 1_000


def check_spans_fall_into_windows_and_buckets(make: Make, at: datetime, deadline: Deadline) -> None:
    step = timedelta(microseconds=bucket_us(windows(at)))
    moments = (at - 61 * MINUTE, at - 60 * MINUTE, at - MINUTE, at, at + step, at + 30 * MINUTE)
    backend = make([span(moment, f"s{place}", 10) for place, moment in enumerate(moments)])
    rows = backend.operations(windows(at), deadline).buckets.to_pylist()
    counts = {(row["is_after"], row["bucket"]): row["spans"] for row in rows}
    last = (60 * MINUTE - MINUTE) // step
    assert counts == {(False, 0): 1, (False, last): 1, (True, 0): 1, (True, 1): 1}


def check_durations_are_quantiles(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([span(at, f"s{length}", length) for length in range(1, 102)])
    row = whole(backend, at, deadline)["oven.work", True]
    assert (row["p50_us"], row["p95_us"], row["spans"], row["errors"]) == (51_000.0, 96_000.0, 101, 0)


def check_slow_is_slower_than_the_baseline(make: Make, at: datetime, deadline: Deadline) -> None:
    before = [span(at - MINUTE, f"b{length}", length) for length in range(1, 102)]
    # The median was 51 ms, the 95th percentile 96 ms, the slack is a tenth of the median.
    after = [span(at, f"a{length}", length) for length in (50, 56, 56.2, 101, 101.2)]
    found = whole(make(before + after), at, deadline)
    row = found["oven.work", True]
    assert (row["slow_p50"], row["slow_p95"], row["self_slow_p50"], row["self_slow_p95"]) == (3, 1, 3, 1)
    row = found["oven.work", False]
    assert (row["slow_p50"], row["slow_p95"]) == (45, 0)


def check_self_time_is_slow_by_its_own_quantile_and_the_duration_s_slack(
    make: Make, at: datetime, deadline: Deadline
) -> None:
    def call(moment: datetime, id: str, own_ms: float) -> list[dict[str, Any]]:
        parent = span(moment, id, 90 + own_ms, trace_id=id)
        return [parent, span(moment, f"{id}c", 90, id, "mill", trace_id=id)]

    before = [row for place in range(20) for row in call(at - MINUTE, f"b{place}", 10)]
    found = whole(make(before + call(at, "x", 19) + call(at, "y", 21)), at, deadline)
    row = found["oven.work", True]
    assert (row["self_slow_p50"], row["self_slow_p95"]) == (1, 1)
    assert found["mill.work", True]["self_slow_p50"] == 0


def check_without_a_past_nothing_is_slow(make: Make, at: datetime, deadline: Deadline) -> None:
    row = whole(make([span(at, "a", 10)]), at, deadline)["oven.work", True]
    assert (row["spans"], row["slow_p50"], row["slow_p95"], row["self_slow_p50"], row["self_slow_p95"]) == (
        1,
        0,
        0,
        0,
        0,
    )


def check_self_time_is_what_no_child_covers(make: Make, at: datetime, deadline: Deadline) -> None:
    parent = span(at, "p", 100)
    children = [
        span(at + 10 * MS, "a", 20, "p", "mill"),
        span(at + 20 * MS, "b", 20, "p", "till"),  # overlaps the one before by 10
        span(at + 60 * MS, "c", 10, "p", "till"),
        span(at + 62 * MS, "d", 2, "p", "mill"),  # inside the one before
        span(at + 11 * MS, "e", 5, "a", "mill"),  # a grandchild
    ]
    assert self_ms(make([parent, *children]), at, deadline) == 60.0
    assert self_ms(make([*children[::-1], parent]), at, deadline) == 60.0


def check_skewed_clocks_never_make_it_negative(make: Make, at: datetime, deadline: Deadline) -> None:
    early = [span(at, "p", 100), span(at - 50 * MS, "a", 500, "p", "mill")]
    assert self_ms(make(early), at, deadline) == 0.0
    apart = [span(at, "p", 100), span(at + 900 * MS, "a", 50, "p", "mill"), span(at - 900 * MS, "b", 50, "p", "mill")]
    assert self_ms(make(apart), at, deadline) == 100.0


def check_odd_parents_are_no_error(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        span(at, "p", 100),
        span(at, "a", 10, "gone", "mill"),
        span(at, "self", 10, "self", "till"),
        span(at + MS, "b", 90, "p", "shop", trace_id="another"),
        span(at, "c", 10, "", "road"),
    ]
    found = whole(make(rows), at, deadline)
    assert found["oven.work", True]["self_p50_us"] == 100_000
    assert (
        found["mill.work", True]["spans"] == found["till.work", True]["spans"] == found["road.work", True]["spans"] == 1
    )
    assert found["till.work", True]["self_p50_us"] == 10_000


def check_errors_start_where_no_child_fails(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        span(at, "p", 100, status="ERROR"),
        span(at + MS, "a", 10, "p", "mill", status="error"),
        span(at + MS, "b", 10, "p", "till", status="OK"),
        span(at, "q", 100, status="ERROR"),
        span(at + MS, "c", 10, "q", "till", status="UNSET"),
        span(at, "r", 100, status=None),
    ]
    found = whole(make(rows), at, deadline)
    assert (found["oven.work", True]["errors"], found["oven.work", True]["origins"]) == (2, 1)
    assert (found["mill.work", True]["errors"], found["mill.work", True]["origins"]) == (1, 1)
    assert found["till.work", True]["errors"] == 0


def check_children_count_though_they_are_not_asked_for(make: Make, at: datetime, deadline: Deadline) -> None:
    late = at + 30 * MINUTE - 10 * MS
    rows = [span(late, "p", 100, status="ERROR"), span(late + 20 * MS, "a", 50, "p", "mill", status="ERROR")]
    found = whole(make(rows), at, deadline, entities=("oven",))
    assert set(found) == {("oven.work", True)}
    assert (found["oven.work", True]["self_p50_us"], found["oven.work", True]["origins"]) == (50_000, 0)


def check_broken_durations_count_nowhere(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [span(at, "a", 10), span(at, "b", -5), span(at, "c", 1) | {"duration_us": None}]
    rows.append(span(at, "d", 1) | {"duration_us": 2**62})
    assert whole(make(rows), at, deadline)["oven.work", True]["spans"] == 1


def check_nothing_is_nothing(make: Make, at: datetime, deadline: Deadline) -> None:
    found = make([]).operations(windows(at), deadline)
    assert (found.buckets.num_rows, found.quantiles.num_rows, found.complete) == (0, 0, True)


def check_spans_know_their_parents(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        span(at + MS, "b", 10, "a", "mill"),
        span(at, "a", 100, None, "shop", status="ERROR"),
        span(at + 2 * MS, "c", 5, "gone", "till"),
        span(at, "a", 100, "", "road", trace_id="u"),
        span(at + MS, "d", 5, "a", "mill", trace_id="u"),
        span(at + MS, "e", 5, "e", "mill", trace_id="v"),
        span(at - 61 * MINUTE, "early", 5),
        span(at + 30 * MINUTE + 3_601_000 * MS, "late", 5),
        span(at, "broken", 5) | {"duration_us": None},
    ]
    found = make(rows).spans(windows(at), deadline)
    assert found.rows.schema == SPAN_COLUMNS
    assert (found.every, found.has_lines, found.lines.num_rows) == (1, False, 0)
    rows = found.rows.to_pylist()
    assert [(row["trace"], row["entity"], row["parent"], row["failed"], row["is_orphan"]) for row in rows] == [
        (0, "shop", -1, True, False),
        (0, "mill", 0, False, False),
        (0, "till", -1, False, True),
        (1, "road", -1, False, False),
        (1, "mill", 3, False, False),
        (2, "mill", 5, False, False),
    ]
    assert rows[0]["end_us"] - rows[0]["begin_us"] == 100_000


def check_client_and_server_with_one_id_are_caller_and_callee(make: Make, at: datetime, deadline: Deadline) -> None:
    client, server = span(at, "a", 100, None, "shop"), span(at + MS, "a", 90, None, "oven")
    found = make([client, server, span(at + 2 * MS, "b", 10, "a", "mill")]).spans(windows(at), deadline)
    assert found.rows["entity"].to_pylist() == ["shop", "oven", "mill"]
    assert found.rows["parent"].to_pylist() == [-1, 0, 1]


def check_a_span_that_was_sent_twice_is_no_child_of_itself(make: Make, at: datetime, deadline: Deadline) -> None:
    twice = [span(at, "a", 100), span(at, "a", 100), span(at + MS, "b", 10, "a", "mill")]
    assert make(twice).spans(windows(at), deadline).rows["parent"].to_pylist() == [-1, -1, 0]


def check_the_longest_span_gives_the_example(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        span(at, "a", 50, trace_id="slow"),
        span(at, "b", 20, trace_id="wrong", status="ERROR"),
        span(at, "c", 90, trace_id="other", name="clean"),
        span(at - MINUTE, "d", 900, trace_id="early"),
        span(at, "e", 900, entity="mill", trace_id="mill"),
        span(at, "f", 1, trace_id="broken") | {"duration_us": -1},
    ]
    backend = make(rows)

    def example(**more: Any) -> str | None:
        wanted: dict[str, Any] = {"entity": "oven", "name": None, "failed": False} | more
        return backend.example(at, at + MINUTE, deadline, **wanted)

    assert example() == "other"
    assert example(name="oven.work") == "slow"
    assert example(failed=True) == "wrong"
    assert example(entity="mill", failed=True) is None
    assert example(entity="gone") is None


def check_a_trace_is_read_whole(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [span(at + MS, "b", 5, "a", "mill", status="ERROR"), span(at, "a", 9), span(at, "x", 9, trace_id="u")]
    found = make(rows).trace("t", deadline)
    assert found.schema == TRACE_COLUMNS
    listed = [(row["span_id"], row["parent_id"], row["failed"], row["entity"]) for row in found.to_pylist()]
    assert listed == [("a", None, False, "oven"), ("b", "a", True, "mill")]
    assert make(rows).trace("gone", deadline).num_rows == 0


def check_a_late_answer_is_an_error_and_not_empty(make: Make, at: datetime, deadline: Deadline) -> None:
    clock = FixedClock(at)
    late = Deadline(clock, 1)
    clock.advance(2)
    backend = make([span(at, "a", 1)])
    with pytest.raises(BackendError):
        backend.operations(windows(at), late)
    with pytest.raises(BackendError):
        backend.spans(windows(at), late)
    with pytest.raises(BackendError):
        backend.example(at, at + MINUTE, late, entity="oven", name=None, failed=False)
    with pytest.raises(BackendError):
        backend.trace("t", late)


CHECKS = (
    check_spans_fall_into_windows_and_buckets,
    check_durations_are_quantiles,
    check_slow_is_slower_than_the_baseline,
    check_self_time_is_slow_by_its_own_quantile_and_the_duration_s_slack,
    check_without_a_past_nothing_is_slow,
    check_self_time_is_what_no_child_covers,
    check_skewed_clocks_never_make_it_negative,
    check_odd_parents_are_no_error,
    check_errors_start_where_no_child_fails,
    check_children_count_though_they_are_not_asked_for,
    check_broken_durations_count_nowhere,
    check_nothing_is_nothing,
    check_spans_know_their_parents,
    check_client_and_server_with_one_id_are_caller_and_callee,
    check_a_span_that_was_sent_twice_is_no_child_of_itself,
    check_the_longest_span_gives_the_example,
    check_a_trace_is_read_whole,
    check_a_late_answer_is_an_error_and_not_empty,
)
