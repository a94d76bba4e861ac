"""Answers put together: each moment once, and as many lines as were counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from opswarden.core.errors import BackendError, InputError
from opswarden.tools.captures.assembled import rows_in, series_in
from opswarden.tools.captures.lines import lines_in
from opswarden.tools.captures.pieces import Piece, of_series, of_windows, unpacked
from opswarden.tools.captures.recording import recorded
from opswarden.tools.changes.backends.types import RECORDED_COLUMNS
from opswarden.tools.logs.backends.types import LINE_COLUMNS
from opswarden.tools.logs.grouped import BLOCKS, GROUP_COLUMNS
from opswarden.tools.metrics.backends.joined import JoinedMetrics
from opswarden.tools.metrics.series import SeriesKey, joined
from opswarden.tools.windows import ComparedWindows, to_us

START = datetime(2031, 5, 6, 12, tzinfo=UTC)
KEY = SeriesKey("oven", "heat", "gauge", None, (("rack", "1"),))


def samples(minutes: int, step_s: int, value: float) -> Piece:
    times = np.arange(0, minutes * 60, step_s, dtype=np.int64) * 1_000_000 + to_us(START)
    end = START + timedelta(minutes=minutes)
    return of_series(joined([(KEY, times, np.full(len(times), value))]), START, end)


def test_where_answers_overlap_the_denser_one_stands() -> None:
    for pieces in ([samples(60, 300, 1.0), samples(10, 15, 2.0)], [samples(10, 15, 2.0), samples(60, 300, 1.0)]):
        times, values = series_in([unpacked(piece.packed()) for piece in pieces])[KEY]
        assert values.tolist() == [2.0] * 40 + [1.0] * 10
        assert (np.diff(times) > 0).all()


def test_a_table_that_nobody_kept_is_refused() -> None:
    for table in (pa.table({"a": [1]}), pa.table({"a": [1]}).replace_schema_metadata({b"opswarden": b'{"form": 3'})):
        with pytest.raises(InputError):
            unpacked(table)


def grouped(after: int, before: int) -> Piece:
    windows = ComparedWindows(
        start=START,
        end=START + timedelta(minutes=10),
        baseline_start=START - timedelta(minutes=80),
        baseline_end=START,
    )
    row = {
        "entity": "oven",
        "level": "error",
        "masked": "rack <*> is cold",
        "weight": 2,
        "first_us": to_us(windows.baseline_start),
        "onset_us": to_us(START + timedelta(minutes=1)),
        "last_us": to_us(START + timedelta(minutes=5)),
        "example_id": "x",
        "after": after,
        **{f"before_{block}": before for block in range(BLOCKS)},
    }
    return of_windows("groups", pa.Table.from_pylist([row], schema=GROUP_COLUMNS), windows)


def test_as_many_lines_are_written_as_were_counted() -> None:
    line = {"id": "x", "ts_us": to_us(START + timedelta(minutes=1)), "entity": "oven", "level": "ERROR"}
    line["body"] = "rack 7 is cold"
    read = Piece("lines", pa.Table.from_pylist([line], schema=LINE_COLUMNS))
    rows, note = lines_in([grouped(after=5, before=1), read], most=1_000)
    assert {row["body"] for row in rows} == {"rack 7 is cold"}
    moments = sorted(row["ts_us"] for row in rows)
    assert len(set(moments)) == len(moments) == 2 * (5 + BLOCKS)
    assert sum(moment >= to_us(START) for moment in moments) == 10
    assert moments[-10] == to_us(START + timedelta(minutes=1))
    assert sum(row["level"] == "ERROR" for row in rows) == 1, "the one that was read stands as it was"
    assert "counted" in note.note
    assert not note.is_cut
    thin, told = lines_in([grouped(after=500, before=100)], most=100)
    assert {row["body"] for row in thin} == {"rack <*> is cold"}
    assert len(thin) <= 110
    assert sum(row["ts_us"] >= to_us(START) for row in thin) == pytest.approx(len(thin) * 5 / 13, abs=3)
    assert "every 26th" in told.note
    assert told.is_cut


def test_a_row_that_was_read_twice_stands_once() -> None:
    change = pa.Table.from_pylist([{"ts": START, "entity": "oven", "id": "c1"}], schema=RECORDED_COLUMNS)
    rows, note = rows_in([Piece("changes", change), Piece("changes", change, cut=7)], most=10)
    assert [row["id"] for row in rows] == ["c1"]
    assert note.note == "7 or more were not answered"


class _Computing:
    """A metrics system that computes expressions."""

    environment, name = "test", "m"

    def series(self, *_: object, **__: object) -> None:
        raise BackendError("it is down")

    def evaluate(self, *_: object) -> None:
        """Nothing is asked of it here."""


class _Remembering:
    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []

    def keep(self, piece: Piece) -> None:
        raise AssertionError(piece)

    def failed(self, table: str, message: str) -> None:
        self.failures.append((table, message))


def test_what_stands_before_a_system_hides_nothing_of_it() -> None:
    system, keeper = _Computing(), _Remembering()
    seen = recorded({"metrics": JoinedMetrics([system]), "owners": system}, keeper)  # type: ignore[list-item]  # a double
    assert list(seen["metrics"].evaluating) == ["m"], "a model may ask in PromQL while what it sees is kept"
    assert seen["owners"] is system
    with pytest.raises(BackendError):
        seen["metrics"].series(START, START, None)
    assert keeper.failures == [("metrics", "it is down")]
