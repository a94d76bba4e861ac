"""What every log backend has to do; `make` fills one with rows and returns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.tools.logs.backends.types import LINE_COLUMNS, LogsBackend
from opswarden.tools.logs.grouped import BLOCKS, GROUP_COLUMNS, TOTAL_COLUMNS
from opswarden.tools.windows import ComparedWindows, to_us

Make = Callable[[Sequence[dict[str, Any]]], LogsBackend]
MINUTE = timedelta(minutes=1)


def line(at: datetime, body: str, entity: str = "oven", level: str | None = "INFO", **more: Any) -> dict[str, Any]:
    return {"ts": at, "entity": entity, "level": level, "body": body, **more}


def bodies(backend: LogsBackend, at: datetime, deadline: Deadline, **narrow: Any) -> list[str]:
    given = {"head": 100, "tail": 100} | narrow
    found = backend.search(at, at + 10 * MINUTE, deadline, **given)
    assert found.rows.schema == LINE_COLUMNS
    return [str(body) for body in found.rows["body"].to_pylist()]


def check_lines_come_in_order_and_half_open(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([line(at + step * MINUTE, f"step {step}") for step in (10, 3, 0, 9, -1)])
    assert bodies(backend, at, deadline) == ["step 0", "step 3", "step 9"]


def check_head_and_tail_and_the_number_of_all(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([line(at + step * timedelta(seconds=1), f"step {step}") for step in range(50)])
    found = backend.search(at, at + MINUTE, deadline, head=3, tail=2)
    assert found.matched == 50
    assert found.rows["body"].to_pylist() == ["step 0", "step 1", "step 2", "step 48", "step 49"]
    assert found.rows["ts_us"].to_pylist() == [to_us(at) + step * 1_000_000 for step in (0, 1, 2, 48, 49)]


def check_text_is_plain_and_in_any_case(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([line(at, text) for text in ("Oven is HOT", "100% done", "100 done", "a_b", "axb", "Ærø")])
    assert bodies(backend, at, deadline, contains="is hot") == ["Oven is HOT"]
    assert bodies(backend, at, deadline, contains="100%") == ["100% done"]
    assert bodies(backend, at, deadline, contains="A_B") == ["a_b"]
    assert bodies(backend, at, deadline, contains="æRØ") == ["Ærø"]
    assert bodies(backend, at, deadline, contains=".*") == []


def check_levels_are_known_by_any_spelling(make: Make, at: datetime, deadline: Deadline) -> None:
    spellings = ("ERROR", "err", "Fatal", "WARN", "info", "DEBUG", "loud", None)
    backend = make([line(at, f"level {spelling}", level=spelling) for spelling in spellings])
    assert sorted(bodies(backend, at, deadline, levels=("error",))) == ["level ERROR", "level Fatal", "level err"]
    assert bodies(backend, at, deadline, levels=("warning",)) == ["level WARN"]
    assert len(bodies(backend, at, deadline)) == len(spellings)


def check_entities_narrow(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([line(at, name, entity=name) for name in ("oven", "till", "mill")])
    assert bodies(backend, at, deadline, entities=("till", "nobody")) == ["till"]


def check_a_line_is_found_again_by_its_id(make: Make, at: datetime, deadline: Deadline) -> None:
    more = {"attributes": [("shelf", "3")], "trace_id": "t1", "span_id": "s1"}
    backend = make([line(at, "one"), line(at + MINUTE, "two", **more)])
    ids = backend.search(at, at + 5 * MINUTE, deadline, head=9, tail=9).rows["id"].to_pylist()
    assert len(set(ids)) == 2
    (found,) = backend.read((ids[1],), deadline).to_pylist()
    assert (found["body"], found["attributes"], found["trace_id"], found["span_id"]) == (
        "two",
        [("shelf", "3")],
        "t1",
        "s1",
    )
    assert backend.read((ids[1], ids[0]), deadline)["body"].to_pylist() == ["one", "two"]
    assert backend.read(("nothing", "", "-1", "99999999999999999999", "٣"), deadline).num_rows == 0


def check_groups_count_masked_lines_per_block(make: Make, at: datetime, deadline: Deadline) -> None:
    windows = ComparedWindows(start=at, end=at + 5 * MINUTE, baseline_start=at - 80 * MINUTE, baseline_end=at)
    rows = [line(at - 79 * MINUTE, "sold 1 loaf"), line(at - MINUTE, "sold 22 loaf"), line(at - MINUTE, "sold 3 loaf")]
    rows += [
        line(at + MINUTE, "sold 4 loaf"),
        line(at + 6 * MINUTE, "sold 5 loaf"),
        line(at - 81 * MINUTE, "sold 6 loaf"),
    ]
    rows += [line(at, "too hot", level="err"), line(at, "too hot", level=None, entity="till")]
    found = make(rows).grouped(windows, deadline)
    assert found.rows.schema == GROUP_COLUMNS
    assert found.totals.schema == TOTAL_COLUMNS
    assert found.complete
    groups = {(row["entity"], row["level"], row["masked"]): row for row in found.rows.to_pylist()}
    assert set(groups) == {
        ("oven", "info", "sold <*> loaf"),
        ("oven", "error", "too hot"),
        ("till", "unknown", "too hot"),
    }
    sold = groups["oven", "info", "sold <*> loaf"]
    assert [sold[f"before_{block}"] for block in range(BLOCKS)] == [1, 0, 0, 0, 0, 0, 0, 2]
    assert (sold["after"], sold["weight"]) == (1, 1)
    assert sold["first_us"] == to_us(at - 79 * MINUTE)
    assert sold["onset_us"] == to_us(at + MINUTE)
    assert sorted(found.totals.to_pylist(), key=str) == [
        {"entity": "oven", "before": 3, "after": 2},
        {"entity": "till", "before": 0, "after": 1},
    ]
    backend = make(rows)
    (example,) = backend.read((sold["example_id"],), deadline).to_pylist()
    assert example["body"] == "sold 4 loaf"


def check_nothing_is_nothing(make: Make, at: datetime, deadline: Deadline) -> None:
    windows = ComparedWindows(start=at, end=at + MINUTE, baseline_start=at - MINUTE, baseline_end=at)
    backend = make([])
    assert backend.search(at, at + MINUTE, deadline, head=1, tail=1).matched == 0
    assert backend.read(("0",), deadline).num_rows == 0
    assert backend.grouped(windows, deadline).rows.num_rows == 0


def check_odd_bytes_do_no_harm(make: Make, at: datetime, deadline: Deadline) -> None:
    assert bodies(make([line(at, "nul \x00 here"), line(at, "\x1b[31mred")]), at, deadline, contains="RED") == [
        "\x1b[31mred"
    ]


def check_a_late_answer_is_an_error_and_not_empty(make: Make, at: datetime, deadline: Deadline) -> None:
    clock = FixedClock(at)
    late = Deadline(clock, 1)
    clock.advance(2)
    windows = ComparedWindows(start=at, end=at + MINUTE, baseline_start=at - MINUTE, baseline_end=at)
    backend = make([line(at, "a")])
    with pytest.raises(BackendError):
        backend.search(at, at + MINUTE, late, head=1, tail=1)
    with pytest.raises(BackendError):
        backend.grouped(windows, late)
    ids = backend.search(at, at + MINUTE, deadline, head=1, tail=1).rows["id"].to_pylist()
    with pytest.raises(BackendError):
        make([line(at, "a")]).read(ids, late)


CHECKS = (
    check_lines_come_in_order_and_half_open,
    check_head_and_tail_and_the_number_of_all,
    check_text_is_plain_and_in_any_case,
    check_levels_are_known_by_any_spelling,
    check_entities_narrow,
    check_a_line_is_found_again_by_its_id,
    check_groups_count_masked_lines_per_block,
    check_nothing_is_nothing,
    check_odd_bytes_do_no_harm,
    check_a_late_answer_is_an_error_and_not_empty,
)
