"""The CSV files of the collector that Nezha and ChangeRCA share: one row per minute, one column per measurement.

Every file starts with `Time` (`2020-01-31 03:51:19.60 +0000 UTC m=+0.1`) and `Timestamp` (epoch seconds). Where both
are there and differ, `Time` is right: published files hold whole blocks of damaged epoch seconds.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .publish import Notes
from .series import SECOND_US, MetricRows, Times, Values, number, to_us

_TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?: ?([+-]\d\d:?\d\d))?")
_COLUMN = re.compile(r"(?P<metric>.+?)(?:P(?P<percentile>\d\d))?(?:\((?P<unit>[^)]*)\))?")
_CALL_FILE = re.compile(r"(source|destination)_(success|\d\d)\.csv")
_DISAGREES_US = 2 * SECOND_US


@dataclass(frozen=True)
class Table:
    """One file: `values` has one row per time and one column per name; `texts` is the first row as it stands."""

    times_us: Times
    names: tuple[str, ...]
    values: Values
    texts: tuple[str, ...]

    def column(self, name: str) -> Values | None:
        """The values of a column, or None if there is none of that name."""
        return self.values[:, self.names.index(name)] if name in self.names else None


@dataclass(frozen=True)
class ColumnName:
    """A heading such as `PodServerLatencyP90(s)`, taken apart."""

    metric: str
    unit: str | None
    percentile: str | None

    def labels(self) -> dict[str, str]:
        """The `stat` label, if the column is a percentile."""
        return {"stat": f"p{self.percentile}"} if self.percentile else {}

    @property
    def scope(self) -> dict[str, str]:
        """Columns that measure the machine under the pod say so in a label."""
        return {"scope": "node"} if self.metric.startswith("Node") else {}


def column_name(heading: str) -> ColumnName:
    """Take a heading apart into metric, percentile and unit."""
    match = _COLUMN.fullmatch(heading.strip())
    if match is None:
        return ColumnName(heading.strip(), None, None)
    return ColumnName(match["metric"], match["unit"], match["percentile"])


def parse_time(text: str) -> int | None:
    """Microseconds since 1970 of a time as the collector writes it, UTC if it names no offset; or None."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(match[1] + (match[3] or "+0000"))
    except ValueError:
        return None
    return to_us(moment.astimezone(UTC)) + int((match[2] or "0").ljust(6, "0")[:6])


def read_table(path: Path, notes: Notes) -> Table | None:
    """Read one file in the order of its times; None if it has no usable row.

    A row with fields too many keeps the first ones; one with too few is left out. Both are counted in `notes`.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [row for row in csv.reader(file) if row]
    if not lines:
        return None
    heads = [head.strip().lower() for head in lines[0]]
    time_at = heads.index("time") if "time" in heads else None
    stamp_at = heads.index("timestamp") if "timestamp" in heads else None
    width = len(heads)
    times: list[int] = []
    rows: list[list[str]] = []
    for row in lines[1:]:
        moment = _row_time(row, time_at, stamp_at, notes) if len(row) >= width else None
        if moment is None:
            notes.add("a metric row is too short or has no time and is left out")
            continue
        notes.add("a metric row has fields too many; the first ones are kept", int(len(row) > width))
        times.append(moment)
        rows.append(row[:width])
    if not rows:
        return None
    kept = [index for index in range(width) if index not in {time_at, stamp_at}]
    order = np.argsort(np.array(times, dtype=np.int64), kind="stable")
    matrix = np.array([[number(row[index]) for index in kept] for row in rows], dtype=np.float64)
    return Table(
        times_us=np.array(times, dtype=np.int64)[order],
        names=tuple(lines[0][index].strip() for index in kept),
        values=matrix.reshape(len(rows), len(kept))[order],
        texts=tuple(rows[0][index] for index in kept),
    )


def _row_time(row: list[str], time_at: int | None, stamp_at: int | None, notes: Notes) -> int | None:
    written = parse_time(row[time_at]) if time_at is not None else None
    stamp = number(row[stamp_at]) if stamp_at is not None else float("nan")
    if not np.isfinite(stamp):
        return written
    stamp_us = round(stamp * SECOND_US)
    if written is None:
        return stamp_us
    if abs(written - stamp_us) > _DISAGREES_US:
        notes.add("the epoch seconds of a metric row contradict its written time; the written time is used")
    return written


def service_of(pod: str) -> str:
    """The service of a pod `SERVICE-HASH-SUFFIX`; a name without these parts is a service already."""
    parts = pod.rsplit("-", 2)
    return parts[0] if len(parts) == 3 else pod


def read_dependencies(path: Path) -> set[tuple[str, str, str]]:
    """Edges of `dependency.csv` (`Source,Target,…`): a target that is an address is the machine a service runs on."""
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [[cell.strip() for cell in row[:2]] for row in csv.reader(file)][1:]
    return {
        (row[0], row[1], "runs_on" if _is_address(row[1]) else "calls") for row in rows if len(row) == 2 and all(row)
    }


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_call_file(name: str) -> bool:
    """Whether a file holds the calls between services: `source_50.csv`, `destination_success.csv`, …"""
    return _CALL_FILE.fullmatch(name) is not None


def add_calls(rows: MetricRows, file_name: str, table: Table, keep: np.ndarray, times_us: Times) -> None:
    """Add the series of a call file, whose columns are `CALLER_CALLEE`, measured at the side the file name says.

    Args:
        rows: where the series go.
        file_name: `source_…` (measured at the caller) or `destination_…` (at the callee), then a latency percentile
            or `success` (a rate in percent).
        table: the file.
        keep: which of its rows to add.
        times_us: the times of the kept rows.
    """
    match = _CALL_FILE.fullmatch(file_name)
    if match is None:
        return
    side = "caller" if match[1] == "source" else "callee"
    is_rate = match[2] == "success"
    for index, heading in sorted(enumerate(table.names), key=lambda item: item[1]):
        caller, _, callee = heading.partition("_")
        if not callee:
            continue
        labels = {"caller": caller, "callee": callee, "side": side} | ({} if is_rate else {"stat": f"p{match[2]}"})
        rows.add(
            times_us,
            table.values[keep, index],
            entity=caller if side == "caller" else callee,
            metric="SuccessRate" if is_rate else "Latency",
            unit="%" if is_rate else "s",
            labels=labels,
        )
