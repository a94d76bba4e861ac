"""PetShop: issues of a serverless pet shop as 5-minute metrics, with a call graph and a quiet period per traffic level.

Raw: `TRAFFIC/graph.csv` (a row calls a column), `TRAFFIC/noissue/metrics.csv`, and per issue, anywhere below,
`metrics.csv` beside `target.json`. The metric files have header rows `microservice`, `metric`, `statistic` before
`unix_timestamp`. `target.json` holds the alerting node (which becomes the alert), the root cause (which becomes the
truth) and `metadata` (the command that injected the fault; not read).

Times: a sample stamped `t` covers the five minutes after `t`, and an issue starts at the time of its alert. The window
holds the samples whose larger part follows the alert, up to ten minutes after it, as an on-call looking into a fresh
alert would see; later samples are left out, earlier ones of the issue are kept. The quiet period was recorded in
another month: it is moved before the window by whole days, which keeps the time of day.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from ...tools.snapshots.manifest import AlertRef
from ...tools.snapshots.writer import SnapshotWriter
from ..cases import Cause, Truth
from .folders import ancestors, has_match, matching, source_id
from .publish import CaseDraft, DamagedCase, Importer, Listing, Notes, RawCase, Skipped
from .series import (
    DAY_US,
    MINUTE_US,
    SECOND_US,
    MetricRows,
    Times,
    Values,
    from_us,
    number,
    shift_before,
    window_of,
    write_topology,
)

AFTER_ALERT_US = 10 * MINUTE_US
_DEFAULT_STEP_US = 5 * MINUTE_US
_UNITS = {"latency": "s", "availability": "%", "requests": "1"}
_HEADER_ROWS = 3


class _Target(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    node: str
    metric: str
    agg: str
    timestamp: float


class _RootCause(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    node: str
    metric: str | None = None


class _Label(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    target: _Target
    root_cause: _RootCause


@dataclass(frozen=True)
class _Table:
    """A metric file: `values` has one row per time and one column per (node, metric, statistic)."""

    times_us: Times
    columns: tuple[tuple[str, str, str], ...]
    values: Values

    @property
    def step_us(self) -> int:
        steps = np.diff(self.times_us)
        return int(np.median(steps)) if len(steps) else _DEFAULT_STEP_US


def _is_issue(_: Path, names: frozenset[str]) -> bool:
    return {"target.json", "metrics.csv"} <= names


def _recognises(src: Path) -> bool:
    return has_match(src, _is_issue) and has_match(src, lambda _, names: "graph.csv" in names)


def _list_cases(src: Path, notes: Notes) -> Listing:
    read_quiet = lru_cache(maxsize=4)(_read_table)
    cases: list[RawCase] = []
    skipped: list[Skipped] = []
    for folder in matching(src, _is_issue):
        name = source_id(src, folder)
        root = next((above for above in ancestors(src, folder) if (above / "graph.csv").is_file()), None)
        if root is None:
            skipped.append(Skipped(source=name, reason="no call graph (graph.csv) above the issue"))
        elif not (root / "noissue" / "metrics.csv").is_file():
            skipped.append(Skipped(source=name, reason="no quiet period (noissue/metrics.csv) for its traffic level"))
        else:
            cases.append(RawCase(name, _reader(folder, root, read_quiet, notes)))
    return Listing(tuple(cases), tuple(skipped))


def _reader(folder: Path, root: Path, read_quiet: Callable[[Path], _Table], notes: Notes) -> Callable[[], CaseDraft]:
    def read() -> CaseDraft:
        label = _Label.model_validate_json((folder / "target.json").read_bytes())
        issue = _read_table(folder / "metrics.csv")
        quiet = read_quiet(root / "noissue" / "metrics.csv")
        alert_us = round(label.target.timestamp * SECOND_US)
        start_us, end_us = alert_us - issue.step_us // 2, alert_us + AFTER_ALERT_US
        if not np.any((issue.times_us >= start_us) & (issue.times_us < end_us)):
            start_us, end_us = int(issue.times_us[0]), int(issue.times_us[-1]) + issue.step_us
            notes.add("no sample follows the alert; the window is the whole recording of the issue")
        shift_us = shift_before(int(quiet.times_us[-1]) + quiet.step_us, start_us, DAY_US)
        moved = quiet.times_us - shift_us
        window = window_of(start_us, end_us)
        baseline = window_of(int(moved[0]), int(moved[-1]) + quiet.step_us)

        def write(writer: SnapshotWriter) -> None:
            rows = MetricRows(writer, window)
            _add(rows, quiet, moved, np.ones(len(moved), dtype=np.bool_))
            _add(rows, issue, issue.times_us, issue.times_us < end_us)
            rows.close()
            write_topology(writer, _read_graph(root / "graph.csv"))

        target = label.target
        alert = AlertRef(
            name=f"{target.metric} alarm",
            entity=target.node,
            metric=target.metric,
            summary=f"{target.agg} {target.metric} of {target.node} left its usual range",
            ts=from_us(alert_us),
        )
        truth = Truth(
            causes=(Cause(entity=label.root_cause.node, indicator=label.root_cause.metric),),
            verdict="cause_found",
            group=f"{root.name}/{target.metric}",
        )
        return CaseDraft(IMPORTER.manifest(window, baseline=baseline, alert=alert, moved=shift_us > 0), truth, write)

    return read


def _add(rows: MetricRows, table: _Table, times_us: Times, keep: np.ndarray) -> None:
    for index in sorted(range(len(table.columns)), key=table.columns.__getitem__):
        node, metric, statistic = table.columns[index]
        values = table.values[keep, index]
        rows.add(
            times_us[keep], values, entity=node, metric=metric, unit=_UNITS.get(metric), labels={"stat": statistic}
        )


def _read_table(path: Path) -> _Table:
    """Read a metric file; the header ends at the first row that starts with a number."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = [row for row in csv.reader(file) if row]
    n_header = next((i for i, row in enumerate(lines) if np.isfinite(number(row[0]))), 0)
    rows = [row for row in lines[n_header:] if len(row) == len(lines[0]) and np.isfinite(number(row[0]))]
    if n_header < _HEADER_ROWS or len(lines[0]) < 2 or not rows:
        raise DamagedCase("a metric file lacks its header rows or its samples")
    matrix = np.array([[number(cell) for cell in row] for row in rows], dtype=np.float64)
    times_us = np.round(matrix[:, 0] * SECOND_US).astype(np.int64)
    order = np.argsort(times_us, kind="stable")
    nodes, metrics, statistics = (tuple(row[1:]) for row in lines[:_HEADER_ROWS])
    return _Table(times_us[order], tuple(zip(nodes, metrics, statistics, strict=True)), matrix[order, 1:])


def _read_graph(path: Path) -> set[tuple[str, str, str]]:
    """Edges of the adjacency matrix: the row's node calls the column's node."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows:
        raise DamagedCase("the call graph is empty")
    callees = rows[0][1:]
    return {
        (row[0], callee, "calls")
        for row in rows[1:]
        for callee, cell in zip(callees, row[1:], strict=False)
        if number(cell) > 0
    }


IMPORTER = Importer(
    name="petshop",
    source="PetShop root cause analysis data set",
    licence="CC-BY-4.0",
    layout="TRAFFIC/graph.csv, TRAFFIC/noissue/metrics.csv and issues with metrics.csv beside target.json",
    recognises=_recognises,
    list_cases=_list_cases,
)
