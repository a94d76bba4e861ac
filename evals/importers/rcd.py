"""RCD's Sock Shop runs: a normal and an anomalous recording per run, one row per second.

Raw: `SERVICE-RESOURCE/RUN/normal.csv` beside `anomalous.csv`; columns `time` and `SERVICE_METRIC`, where a service may
hold dashes but no underscore. Metrics: `cpu` (percent of a core), `mem` (bytes), `lod` (requests per second, written as
`load`), `lat_Q` (a latency percentile in seconds, written as `latency` with a `stat` label), `err` (a ratio).

The truth is in the folder name, the resource being the indicator where the service has such a metric. There is no call
graph in the data, so the topology is empty. Should the normal recording not end before the anomalous one starts, it is
moved back by whole seconds until it does.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...tools.snapshots.writer import SnapshotWriter
from ..cases import Cause, Truth
from .folders import ancestors, has_match, matching, source_id
from .publish import CaseDraft, DamagedCase, Importer, Listing, Notes, RawCase
from .series import SECOND_US, MetricRows, Times, Values, number, shift_before, window_of

_PERCENTILE = re.compile(r"lat_(\d+)")
_NAMES_AND_UNITS = {"cpu": ("cpu", "%"), "mem": ("mem", "bytes"), "lod": ("load", "1/s"), "err": ("err", "ratio")}


@dataclass(frozen=True)
class _Recording:
    """`values` has one row per time and one column per `SERVICE_METRIC` name."""

    times_us: Times
    columns: tuple[str, ...]
    values: Values


def _is_run(_: Path, names: frozenset[str]) -> bool:
    return {"normal.csv", "anomalous.csv"} <= names


def _list_cases(src: Path, notes: Notes) -> Listing:
    return Listing(
        tuple(RawCase(source_id(src, folder), _reader(src, folder, notes)) for folder in matching(src, _is_run))
    )


def _reader(src: Path, folder: Path, notes: Notes) -> Callable[[], CaseDraft]:
    def read() -> CaseDraft:
        normal, anomalous = _read(folder / "normal.csv", notes), _read(folder / "anomalous.csv", notes)
        service, resource = _label(src, folder, normal.columns)
        start_us, end_us = int(anomalous.times_us[0]), int(anomalous.times_us[-1]) + SECOND_US
        shift_us = shift_before(int(normal.times_us[-1]) + SECOND_US, start_us, SECOND_US)
        moved = normal.times_us - shift_us
        window = window_of(start_us, end_us)
        baseline = window_of(int(moved[0]), int(moved[-1]) + SECOND_US)

        def write(writer: SnapshotWriter) -> None:
            rows = MetricRows(writer, window)
            _add(rows, normal, moved)
            _add(rows, anomalous, anomalous.times_us)
            rows.close()

        indicator = resource if f"{service}_{resource}" in anomalous.columns else None
        truth = Truth(
            causes=(Cause(entity=service, indicator=indicator),),
            verdict="cause_found",
            fault=resource,
            group=f"rcd/{resource}",
        )
        return CaseDraft(IMPORTER.manifest(window, baseline=baseline, moved=shift_us > 0), truth, write)

    return read


def _label(src: Path, folder: Path, columns: tuple[str, ...]) -> tuple[str, str]:
    """The service and resource of the nearest folder name `SERVICE-RESOURCE` whose service has metrics."""
    services = {column.split("_", 1)[0] for column in columns}
    for above in ancestors(src, folder):
        service, dash, resource = above.name.rpartition("-")
        if dash and resource and service in services:
            return service, resource
    raise DamagedCase("no folder above the run is named SERVICE-RESOURCE after a service of the metrics")


def _add(rows: MetricRows, recording: _Recording, times_us: Times) -> None:
    for index in sorted(range(len(recording.columns)), key=recording.columns.__getitem__):
        service, _, metric = recording.columns[index].partition("_")
        percentile = _PERCENTILE.fullmatch(metric)
        values = recording.values[:, index]
        if percentile:
            labels = {"stat": f"p{percentile[1]}"}
            rows.add(times_us, values, entity=service, metric="latency", unit="s", labels=labels)
        elif metric:
            name, unit = _NAMES_AND_UNITS.get(metric, (metric, None))
            rows.add(times_us, values, entity=service, metric=name, unit=unit)


def _read(path: Path, notes: Notes) -> _Recording:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [row for row in csv.reader(file) if row]
    if not lines or lines[0][0].strip().lower() != "time":
        raise DamagedCase("a recording has no column `time`")
    rows = [row for row in lines[1:] if len(row) >= len(lines[0]) and np.isfinite(number(row[0]))]
    notes.add("a row of a recording is damaged and left out", len(lines) - 1 - len(rows))
    if not rows:
        raise DamagedCase("a recording has no samples")
    matrix = np.array([[number(cell) for cell in row[: len(lines[0])]] for row in rows], dtype=np.float64)
    times_us = np.round(matrix[:, 0] * SECOND_US).astype(np.int64)
    order = np.argsort(times_us, kind="stable")
    return _Recording(times_us[order], tuple(lines[0][1:]), matrix[order, 1:])


IMPORTER = Importer(
    name="rcd",
    source="RCD Sock Shop data set",
    licence="none stated by the publisher: local use only",
    layout="SERVICE-RESOURCE/RUN/normal.csv beside anomalous.csv",
    recognises=lambda src: has_match(src, _is_run),
    list_cases=_list_cases,
)
