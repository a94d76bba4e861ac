from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from opswarden.evals.importers.collector import column_name, parse_time, read_table, service_of
from opswarden.evals.importers.publish import DamagedCase, Notes
from opswarden.evals.importers.series import MetricRows, from_us, shift_before, to_us, window_of
from opswarden.tools.snapshots.manifest import Manifest
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2019, 5, 6, 12, tzinfo=UTC)
START_US = to_us(START)


@pytest.mark.parametrize(
    ("end", "limit", "step", "moved"),
    [(10, 20, 7, 0), (20, 20, 7, 0), (21, 20, 7, 7), (27, 20, 7, 7), (28, 20, 7, 14), (5000, 0, 1000, 5000)],
)
def test_data_move_back_by_whole_steps(end: int, limit: int, step: int, moved: int) -> None:
    assert shift_before(end, limit, step) == moved


def test_microseconds_and_back() -> None:
    moment = START + timedelta(microseconds=123_457)
    assert from_us(to_us(moment)) == moment
    with pytest.raises(DamagedCase):
        window_of(5, 5)


@pytest.fixture
def rows_of(tmp_path: Path) -> Callable[[Callable[[MetricRows], None]], list[dict[str, Any]]]:
    def write(fill: Callable[[MetricRows], None]) -> list[dict[str, Any]]:
        window = window_of(START_US, START_US + 10)
        manifest = Manifest(title="t", environment="e", window=window, source="s", licence="l")
        with SnapshotWriter(tmp_path / "snapshot", manifest) as writer:
            rows = MetricRows(writer, window)
            fill(rows)
            rows.close()
        return list(pq.read_table(tmp_path / "snapshot" / "metrics.parquet").to_pylist(maps_as_pydicts="strict"))

    return write


def test_values_that_are_no_number_are_no_rows(rows_of: Any) -> None:
    times = np.arange(START_US, START_US + 4, dtype=np.int64)
    values = np.array([1.0, np.nan, np.inf, -2.0])
    rows = rows_of(lambda metrics: metrics.add(times, values, entity="loom", metric="m", labels={"b": "2", "a": "1"}))
    assert [(row["ts"], row["value"]) for row in rows] == [(from_us(START_US), 1.0), (from_us(START_US + 3), -2.0)]
    assert rows[0]["labels"] == {"a": "1", "b": "2"}


def test_many_series_keep_their_own_columns(rows_of: Any) -> None:
    def fill(metrics: MetricRows) -> None:
        for number in range(5):
            times = np.full(60_000, START_US, dtype=np.int64)
            values = np.full(60_000, float(number))
            metrics.add(times, values, entity=f"e{number}", metric="m", labels={"n": str(number)})

    rows = rows_of(fill)
    assert len(rows) == 300_000, "more than one flush"
    assert {(row["entity"], row["value"], row["labels"]["n"]) for row in rows} == {
        (f"e{number}", float(number), str(number)) for number in range(5)
    }


def test_a_case_without_a_sample_in_its_window_is_damaged(rows_of: Any) -> None:
    times = np.array([START_US - 1, START_US + 10], dtype=np.int64)
    with pytest.raises(DamagedCase, match="no metric sample"):
        rows_of(lambda metrics: metrics.add(times, np.ones(2), entity="loom", metric="m"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2019-05-06 12:00:00.250000999 +0000 UTC m=+0.1", 0.25),
        ("2019-05-06 12:00:01 +0000 UTC", 1.0),
        ("2019-05-06 12:00:01", 1.0),
        ("2019-05-06T12:00:01.5+0000", 1.5),
        ("2019-05-06 20:00:01.5 +0800 CST m=+9", 1.5),
    ],
)
def test_times_of_the_collector(text: str, seconds: float) -> None:
    assert parse_time(text) == START_US + round(seconds * 1e6)


@pytest.mark.parametrize("text", ["", "soon", "2019-13-06 12:00:00", "12:00:00"])
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("heading", "parts"),
    [
        ("CpuUsage(m)", ("CpuUsage", "m", None)),
        ("PodServerLatencyP90(s)", ("PodServerLatency", "s", "90")),
        ("SyscallRead", ("SyscallRead", None, None)),
        ("MemoryUsageRate(%)", ("MemoryUsageRate", "%", None)),
    ],
)
def test_headings(heading: str, parts: tuple[str, str | None, str | None]) -> None:
    name = column_name(heading)
    assert (name.metric, name.unit, name.percentile) == parts


@pytest.mark.parametrize(
    ("pod", "service"),
    [("loom-5f6585d649-fnmft", "loom"), ("dye-works-v2-5f6585d649-fnmft", "dye-works-v2"), ("loom", "loom")],
)
def test_the_service_of_a_pod(pod: str, service: str) -> None:
    assert service_of(pod) == service


def test_a_table_is_ordered_by_time_and_counts_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time,timestamp,a,b\n,1557144060,3,x\n2019-05-06 12:00:00,,1,2\nsoon,,9,9\n", encoding="utf-8")
    notes = Notes()
    table = read_table(path, notes)
    assert table is not None
    assert table.times_us.tolist() == [START_US, START_US + 60_000_000]
    assert table.names == ("a", "b")
    assert table.values[:, 0].tolist() == [1.0, 3.0]
    assert np.isnan(table.values[1, 1])
    assert len(notes.lines()) == 1
