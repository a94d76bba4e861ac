"""Metric series on their way into `metrics.parquet`, and the arithmetic of times in whole microseconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...tools.snapshots.manifest import Window
from ...tools.snapshots.schema import TABLES
from ...tools.snapshots.writer import SnapshotWriter
from .publish import DamagedCase

Times = NDArray[np.int64]
Values = NDArray[np.float64]

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 86_400 * SECOND_US

_FLUSH_ROWS = 200_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRICS = TABLES["metrics"]


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of a time with a zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(moment_us: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(moment_us))


def window_of(start_us: int, end_us: int) -> Window:
    """A window from microseconds.

    Raises:
        DamagedCase: it would be empty.
    """
    if end_us <= start_us:
        raise DamagedCase("the times of the case leave no window")
    return Window(start=from_us(start_us), end=from_us(end_us))


def shift_before(end_us: int, limit_us: int, step_us: int) -> int:
    """By how many microseconds, in whole steps, data that end at `end_us` move back so that they end by `limit_us`.

    0 when they do already.
    """
    return max(0, -(-(end_us - limit_us) // step_us) * step_us)


def number(text: str) -> float:
    """A cell as a number; NaN where it is empty or not one."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


class MetricRows:
    """Collects series and writes them in large chunks; values that are no finite number are left out.

    Args:
        writer: of the snapshot.
        window: the incident; a case without a single sample in it is damaged.
    """

    def __init__(self, writer: SnapshotWriter, window: Window) -> None:
        self._writer = writer
        self._start_us, self._end_us = to_us(window.start), to_us(window.end)
        self._in_window = 0
        self._pending = 0
        self._series: list[dict[str, Any]] = []
        self._times: list[Times] = []
        self._values: list[Values] = []

    def add(
        self,
        times_us: Times,
        values: Values,
        *,
        entity: str,
        metric: str,
        unit: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Add one series. A `stat` label that is a percentile makes it of kind `histogram`, else it is a `gauge`."""
        keep = np.isfinite(values)
        times_us, values = times_us[keep], values[keep]
        if not len(times_us):
            return
        self._in_window += int(np.count_nonzero((times_us >= self._start_us) & (times_us < self._end_us)))
        labels = dict(labels or {})
        kind = "histogram" if labels.get("stat", "").startswith("p") else "gauge"
        self._series.append(
            {"entity": entity, "metric": metric, "kind": kind, "unit": unit, "labels": sorted(labels.items())}
        )
        self._times.append(times_us)
        self._values.append(values)
        self._pending += len(times_us)
        if self._pending >= _FLUSH_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is pending.

        Raises:
            DamagedCase: no sample lies in the window.
        """
        self._flush()
        if not self._in_window:
            raise DamagedCase("no metric sample lies in the window of the incident")

    def _flush(self) -> None:
        if not self._series:
            return
        of_series = pa.array(np.repeat(np.arange(len(self._series)), [len(times) for times in self._times]))
        columns: dict[str, Any] = {
            name: pa.array([series[name] for series in self._series], type=_METRICS.field(name).type).take(of_series)
            for name in ("entity", "metric", "kind", "unit", "labels")
        }
        columns["ts"] = pa.array(np.concatenate(self._times)).cast(_METRICS.field("ts").type)
        columns["value"] = pa.array(np.concatenate(self._values))
        self._writer.write("metrics", columns)
        self._series, self._times, self._values, self._pending = [], [], [], 0


def write_topology(writer: SnapshotWriter, edges: set[tuple[str, str, str]]) -> None:
    """Write edges `(caller, callee, kind)` in the order of their names; kind is `calls` or `runs_on`."""
    if edges:
        caller, callee, kind = zip(*sorted(edges), strict=True)
        writer.write("topology", {"caller": caller, "callee": callee, "kind": kind})
