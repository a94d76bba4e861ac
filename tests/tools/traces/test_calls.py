"""What operations do within a request, before and in the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from opswarden.tools.traces.calls import CALL_COLUMNS, compare_calls
from opswarden.tools.traces.forest import plant
from opswarden.tools.traces.requests import requests_of
from opswarden.tools.windows import ComparedWindows, to_us

from .trees import row, spans

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
WINDOWS = ComparedWindows(
    start=NOON, end=NOON + timedelta(minutes=30), baseline_start=NOON - timedelta(hours=2), baseline_end=NOON
)
MINUTE = 60_000_000


class Traffic:
    """Collects traces: minutes from the start of the window, spans as (parent within the trace, entity, more)."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.lines: list[tuple[int, str, str]] = []

    def trace(
        self, minute: float, *members: tuple[int, str, dict[str, Any]], says: str = "", level: str = "info"
    ) -> None:
        first, at = len(self.rows), to_us(NOON) + round(minute * MINUTE)
        for place, (parent, entity, more) in enumerate(members):
            above = -1 if parent < 0 else first + parent
            self.rows.append(row(at + place * 100, at + place * 100 + 90, above, entity, trace=first) | more)
        if says:
            self.lines.append((first, says, level))

    def compared(self) -> list[dict[str, Any]]:
        found = spans(self.rows, self.lines)
        forest = plant(found.rows)
        table = compare_calls(forest, requests_of(forest, found), WINDOWS)
        assert table.schema == CALL_COLUMNS
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows


def one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (found,) = (row for row in rows if all(row[name] == value for name, value in wanted.items()))
    return found


SHOP = (-1, "shop", {})


def test_a_call_that_is_made_no_more() -> None:
    traffic = Traffic()
    for minute in range(-110, -10, 5):
        traffic.trace(minute, SHOP, (0, "shop", {"name": "bake"}), (1, "oven", {}))
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP, (0, "shop", {"name": "bake"}))
    rows = traffic.compared()
    gone = one(rows, kind="call")
    assert (gone["entity"], gone["name"], gone["target"], gone["event"]) == ("shop", "shop.work", "oven", "oven.work")
    assert (gone["share_before"], gone["share_after"]) == (1.0, 0.0)
    assert (gone["requests_before"], gone["requests_after"]) == (20, 14)
    assert gone["share_score"] < -5
    assert gone["size"] == 1.0
    assert gone["onset_us"] == to_us(NOON)
    assert rows[0] == gone
    assert one(rows, kind="inside")["share_score"] == 0


def test_lines_count_once_for_a_request_and_by_level() -> None:
    traffic = Traffic()
    for minute in range(-100, -20, 5):
        traffic.trace(minute, SHOP, says="order <*> found")
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP, says="no order <*> in the book", level="error")
    rows = traffic.compared()
    assert one(rows, event="order <*> found")["share_after"] == 0.0
    wrong = one(rows, event="no order <*> in the book")
    assert (wrong["kind"], wrong["level"], wrong["is_trouble"], wrong["share_after"]) == ("line", "error", True, 1.0)


def test_one_call_for_each_item_instead_of_one_for_all() -> None:
    traffic = Traffic()
    for minute in range(-100, -20, 5):
        traffic.trace(minute, SHOP, (0, "mill", {}))
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP, *((0, "mill", {}) for _ in range(12)))
    row = one(traffic.compared(), kind="call")
    assert (row["share_before"], row["share_after"]) == (1.0, 1.0)
    assert (row["times_before"], row["times_after"]) == (1.0, 12.0)
    assert row["times_score"] > 5


def test_retries_are_repetitions_after_a_failed_one() -> None:
    traffic = Traffic()
    for minute in range(-100, -20, 5):
        traffic.trace(minute, SHOP, (0, "mill", {}), (0, "mill", {}))
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP, (0, "mill", {"failed": True}), (0, "mill", {"failed": True}), (0, "mill", {}))
    row = one(traffic.compared(), kind="call")
    assert (row["retries_before"], row["retries_after"]) == (0, 28)
    assert row["retry_score"] > 3


def test_an_attempt_that_counts_itself_is_a_retry_without_the_failed_one() -> None:
    traffic = Traffic()
    for minute in range(-100, 30, 2):
        traffic.trace(minute, SHOP, (0, "mill", {"is_again": minute >= 0 and minute % 4 == 0}))
    row = one(traffic.compared(), kind="call")
    assert (row["retries_before"], row["retries_after"]) == (0, 8)


def test_requests_that_went_wrong_before_are_no_model_for_what_is_usual() -> None:
    traffic = Traffic()
    for minute in range(-100, -20, 5):
        traffic.trace(minute, SHOP, says="oven has crashed", level="error")
        traffic.trace(minute + 1, SHOP, (0, "oven", {}))
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP, (0, "oven", {}))
    rows = traffic.compared()
    call = one(rows, kind="call")
    assert (call["requests_before"], call["share_before"], call["share_score"]) == (16, 1.0, 0.0)
    line = one(rows, kind="line")
    assert (line["requests_before"], line["share_before"], line["share_after"]) == (32, 0.5, 0.0)


def test_an_operation_that_always_goes_wrong_is_still_compared() -> None:
    traffic = Traffic()
    for minute in range(-100, -20, 5):
        traffic.trace(minute, (-1, "shop", {"failed": True}), (0, "oven", {}))
    for minute in range(2, 30, 2):
        traffic.trace(minute, (-1, "shop", {"failed": True}))
    assert one(traffic.compared(), kind="call")["share_score"] < -4


def test_trouble_that_began_before_the_window_hides_nothing() -> None:
    traffic = Traffic()
    for minute in range(-110, -2, 9):
        traffic.trace(minute, SHOP, (0, "oven", {}))
    for place in range(12):
        traffic.trace(-1.8 + place / 8, SHOP)
    for minute in range(2, 30, 2):
        traffic.trace(minute, SHOP)
    call = one(traffic.compared(), kind="call")
    assert (call["requests_before"], call["share_before"]) == (12, 1.0)
    assert call["share_score"] < -4


def test_an_operation_of_one_window_only_and_spans_of_neither_are_left_out() -> None:
    traffic = Traffic()
    traffic.trace(-10, SHOP, (0, "oven", {}))
    traffic.trace(5, (-1, "till", {}), (0, "oven", {}))
    traffic.trace(-500, SHOP, (0, "mill", {}))
    traffic.trace(40, SHOP, (0, "mill", {}))
    assert traffic.compared() == []
    assert Traffic().compared() == []
