"""Backfills: what is planned, written once, resumed, refused and compared afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, ToolFailed, ToolRetry
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import NOW, planted
from opswarden.tools.backfills.book import BackfillBook
from opswarden.tools.backfills.planning import Chunk, pace_of, plan
from opswarden.tools.backfills.tools import BackfillPlace, backfill_tools
from opswarden.tools.features.backends.files import FileStore
from opswarden.tools.features.backends.store import View
from opswarden.tools.features.store_tools import StorePlace
from opswarden.tools.spec import ToolContext

HOUR = 3_600_000_000
VIEW = View("card", ("card",), {"spend": "float"}, {"spend": "float"})


def chunks(view: View, start: int, end: int, **options: Any) -> list[tuple[str, int, int, str]]:
    found = plan(
        "bakery", {view.name: view}, [view.name], (start * HOUR, end * HOUR), 10 * HOUR,
        lambda _view, begin, until, step: [7] * -(-(until - begin) // step), **{"keeps_newest": True, **options},
    )  # fmt: skip
    return [(each.view, each.start_us // HOUR, each.end_us // HOUR, each.why) for each in found.chunks]


def test_gaps_are_cut_into_chunks_and_what_follows_is_written_again_where_an_older_write_wins() -> None:
    view = replace(VIEW, intervals=((0, 20 * HOUR), (35 * HOUR, 50 * HOUR)))
    gap = [("card", 20, 30, "gap"), ("card", 30, 35, "gap")]
    assert chunks(view, 0, 40) == gap
    # Feast would leave the rows of hours 20 to 35 over those of 35 to 50.
    again = [("card", 35, 45, "again"), ("card", 45, 50, "again")]
    assert chunks(view, 0, 40, keeps_newest=False) == [*gap, *again]
    assert chunks(view, 0, 20) == []
    assert chunks(replace(VIEW, intervals=()), 0, 5) == [("card", 0, 5, "gap")]


def test_views_come_after_those_they_depend_on_and_circles_are_refused() -> None:
    views = {
        "risk": replace(VIEW, name="risk", depends_on=("spend", "home")),
        "spend": replace(VIEW, name="spend", depends_on=("raw",)),
        "home": replace(VIEW, name="home"),
        "raw": replace(VIEW, name="raw"),
    }

    def ordered(*wanted: str) -> tuple[str, ...]:
        return plan("bakery", views, wanted, (0, HOUR), HOUR, lambda *_: [0], keeps_newest=True).order

    assert ordered("risk") == ("home", "raw", "spend", "risk")
    views["raw"] = replace(views["raw"], depends_on=("risk",))
    with pytest.raises(ValueError, match="circle"):
        ordered("risk")
    with pytest.raises(ValueError, match="no view"):
        ordered("nobody")
    with pytest.raises(ValueError, match="more than"):
        plan("bakery", views, ["home"], (0, 3_000 * HOUR), HOUR, lambda *_: [0], keeps_newest=True)


def test_an_estimate_needs_a_past() -> None:
    assert pace_of([(10, 1.0), (10, 1.0), (0, 5.0)]) is None
    pace = pace_of([(100, 1.0), (100, 2.0), (100, 3.0)])
    assert pace is not None
    assert (pace.middle, pace.chunks) == (0.02, 3)


class Flaky:
    """A store that fails as often as it is told to."""

    def __init__(self, inner: FileStore) -> None:
        self.inner, self.fails, self.written = inner, 0, [0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def materialize(self, view: View, start_us: int, end_us: int, deadline: Deadline) -> int:
        if self.fails:
            self.fails -= 1
            raise BackendError("the store is away")
        self.written.append(start_us)
        return self.inner.materialize(view, start_us, end_us, deadline)


@pytest.fixture
def house(tmp_path: Path, database: Database) -> tuple[Flaky, Callable[..., Any], BackfillBook]:
    """A store of which a night was skipped, its tools, and the book."""
    world = planted("interval_skipped", 3, keys=300)
    store = Flaky(FileStore({"card": write_files(world, tmp_path)}, "bakery"))
    clock = FixedClock(NOW)
    book = BackfillBook(database, clock)
    place = BackfillPlace(StorePlace("bakery", lambda: store), lambda: book, 2.0, lambda _seconds: None)  # type: ignore[arg-type, return-value]
    tools = {each.name: each for each in backfill_tools(place)}

    def call(name: str, what: str = "run", key: str = "k1", seconds: float = 3_600, **more: Any) -> Any:
        tool = tools[f"backfills.{name}"]
        window = {"views": ["card"], "start": NOW - timedelta(days=14), "end": NOW, "chunk_s": 6 * 3_600, **more}
        args = tool.args.model_validate(window if name != "status" else {})
        context = ToolContext("run", "team", clock, Deadline(clock, seconds), None, key)  # type: ignore[arg-type]
        return getattr(tool, what)(args, context)

    return store, call, book


def test_a_backfill_is_written_once_resumed_and_compared(
    house: tuple[Flaky, Callable[..., Any], BackfillBook],
) -> None:
    store, call, _ = house
    found = call("plan").summary
    assert (found.chunks, found.views[0].gaps, found.views[0].again, found.seconds) == (4, 1, 0, None)
    digest = found.digest
    with pytest.raises(ToolRetry, match="has changed"):
        call("run", digest="0" * 32)
    shown = call("run", "preview", digest=digest)
    assert shown.changes[0].after == "4 chunks to 2031-03-16T06:00:00.000Z"
    assert call("run", "reconcile", digest=digest).status == "no_data"
    store.fails = 1
    with pytest.raises(ToolFailed, match="chunk 0"):
        call("run", digest=digest)
    assert call("run", "reconcile", digest=digest).summary.done == 0
    done = call("run", key="k2", digest=digest).summary
    assert (done.state, done.done, done.chunks) == ("done", 4, 4)
    assert [(each.view, each.agrees, each.differing) for each in done.verified] == [("card", True, 0)]
    assert len(store.written) == 1 + 4
    # Once more: nothing is left to write, and the plan is still the one in the book.
    assert call("run", key="k3", digest=digest).summary.written == done.written
    assert len(store.written) == 1 + 4
    assert call("plan").status == "no_data"
    (standing,) = call("status").summary.backfills
    assert (standing.digest, standing.state) == (digest, "done")


def test_two_runs_do_not_write_one_chunk_and_a_dead_one_is_taken_over(database: Database) -> None:
    clock = FixedClock(NOW)
    book = BackfillBook(database, clock)
    book.begin("bakery", "d", [Chunk("card", 0, 5, "gap", 1), Chunk("card", 5, 9, "gap", 1)])
    first = book.claim("bakery", "d", "one", 60)
    assert first is not None
    assert first.number == 0
    with pytest.raises(BackendError, match="another call"):
        book.claim("bakery", "d", "two", 60)
    clock.advance(61)
    taken = book.claim("bakery", "d", "two", 60)
    assert taken is not None
    assert taken.number == 0
    book.done("bakery", "d", 0, 1, 2.0)
    book.failed("bakery", "d", 0)  # what is done stays done
    for _ in range(3):
        assert book.claim("bakery", "d", "two", 60).number == 1  # type: ignore[union-attr]
        book.failed("bakery", "d", 1)
    with pytest.raises(ToolFailed, match="3 times"):
        book.claim("bakery", "d", "two", 60)
    assert book.past("bakery") == ((1, 2.0),)


def test_without_time_left_nothing_is_begun(house: tuple[Flaky, Callable[..., Any], BackfillBook]) -> None:
    _, call, _ = house
    digest = call("plan").summary.digest
    assert call("run", digest=digest, seconds=30).summary.done == 0
