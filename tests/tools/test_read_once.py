"""What is looked at twice is read once, for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.tools.read_once import ReadOnce


def test_a_reading_serves_for_five_minutes_and_few_are_kept(start: datetime, deadline: Deadline) -> None:
    clock, read = FixedClock(start), list[str]()
    once = ReadOnce[str, int](2, clock)

    def ask(key: str) -> int:
        return once.get(key, lambda: read.append(key) or len(read), deadline)  # type: ignore[func-returns-value]

    assert [ask("a"), ask("b"), ask("a")] == [1, 2, 1]
    assert [ask("c"), ask("b"), ask("a")] == [3, 2, 4], "the oldest one goes"
    clock.advance(301)
    assert ask("a") == 5


def test_who_comes_second_waits_as_long_as_it_can_and_a_failure_is_not_kept(
    start: datetime, deadline: Deadline
) -> None:
    once, began, may_end = ReadOnce[str, int](1), Event(), Event()

    def fail() -> int:
        began.set()
        may_end.wait(10)
        raise BackendError("not now")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.get, "a", fail, deadline)
        began.wait(10)
        with pytest.raises(BackendError, match="others read the same"):
            once.get("a", lambda: 1, Deadline(FixedClock(start), 0.01))
        may_end.set()
        with pytest.raises(BackendError, match="not now"):
            first.result(10)
    assert once.get("a", lambda: 7, deadline) == 7
