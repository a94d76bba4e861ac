"""What a Nezha day holds: metrics of the whole day, logs and spans of the minutes around its faults.

`metric/POD_metric.csv` per pod, `metric/front_service.csv` for the entry of the system, `metric/source_50.csv` and
`destination_50.csv` for the calls, `metric/dependency.csv`; `log/HH_MM_log.csv` and `trace/HH_MM_trace.csv`, of which
neighbours overlap. Times of spans are nanoseconds; a span's `Duration` is its end minus its start in microseconds.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from ...tools.snapshots.writer import SnapshotWriter
from .collector import Table, add_calls, column_name, is_call_file, read_dependencies, read_table, service_of
from .folders import ancestors
from .publish import DamagedCase, Notes
from .series import MINUTE_US, MetricRows, Times, from_us, to_us

_POD_FILE = "_metric.csv"
_FRONT_FILE = "front_service.csv"
_MINUTE_FILE = re.compile(r"(\d\d)_(\d\d)_(log|trace)\.csv")
_LEVEL = re.compile(r"\b(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b", re.IGNORECASE)
_LEVEL_NAMES = {"WARNING": "WARN", "SEVERE": "ERROR", "CRITICAL": "FATAL"}
_LEVEL_KEYS = ("severity", "level", "levelname")
_LEVEL_WITHIN = 120
"""A level stands at the head of a line; the same word further on belongs to the message."""

_SAME_SHARE = 0.9
_ROOT_PARENT = "root"
_NAME_SLACK_US = 5 * MINUTE_US

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


@dataclass(frozen=True)
class LogLine:
    """One line, before it becomes a row."""

    at_us: int
    pod: str
    node: str
    container: str
    trace_id: str
    span_id: str
    level: str | None
    body: str


@dataclass(frozen=True)
class SpanLine:
    """One span, before it becomes a row."""

    at_us: int
    duration_us: int
    trace_id: str
    span_id: str
    parent_id: str | None
    pod: str
    name: str


Line = TypeVar("Line", LogLine, SpanLine)


class Day:
    """One date folder; the metrics are read once and kept (a day of forty pods is about ten megabytes).

    Args:
        src: the folder of the whole set.
        folder: of the day.
        notes: takes what is odd.
    """

    def __init__(self, src: Path, folder: Path, notes: Notes) -> None:
        self.folder = folder
        self._src = src
        self._notes = notes

    @cached_property
    def tables(self) -> dict[str, Table]:
        """File name → table, for the files of pods, the entry and the calls.

        Raises:
            DamagedCase: no file of a pod can be used.
        """
        tables: dict[str, Table] = {}
        for path in sorted((self.folder / "metric").glob("*.csv")):
            if path.name.endswith(_POD_FILE) or path.name == _FRONT_FILE or is_call_file(path.name):
                table = read_table(path, self._notes)
                if table is not None:
                    tables[path.name] = table
        if not any(name.endswith(_POD_FILE) for name in tables):
            raise DamagedCase("no metric file of a pod can be used")
        return tables

    @property
    def services(self) -> frozenset[str]:
        """The services that have a pod with metrics."""
        return frozenset(service_of(name.removesuffix(_POD_FILE)) for name in self.tables if name.endswith(_POD_FILE))

    @cached_property
    def clock(self) -> Times:
        """The sample times of the longest pod file; the other files are sampled within a few seconds of them."""
        pods = [table.times_us for name, table in sorted(self.tables.items()) if name.endswith(_POD_FILE)]
        return max(pods, key=len)

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of all metrics, units and percentiles taken off."""
        return frozenset(column_name(name).metric for table in self.tables.values() for name in table.names)

    @cached_property
    def entry_service(self) -> str:
        """The entity of `front_service.csv`: the service it names, or the one whose server latency is the same."""
        front = self.tables[_FRONT_FILE]
        named = front.texts[front.names.index("ServiceName")] if "ServiceName" in front.names else "front"
        for service in sorted(self.services):
            if service.lower() == named.lower():
                return service
        latency = front.column("LatencyP90(s)")
        for name, table in sorted(self.tables.items()):
            server = table.column("PodServerLatencyP90(s)") if name.endswith(_POD_FILE) else None
            if latency is None or server is None or len(server) != len(latency):
                continue
            if np.mean((server == latency) | (np.isnan(server) & np.isnan(latency))) >= _SAME_SHARE:
                return service_of(name.removesuffix(_POD_FILE))
        return named

    def add_metrics(self, rows: MetricRows, place: Callable[[Times], tuple[np.ndarray, Times]]) -> None:
        """Add the samples that `place` keeps, at the times it gives them."""
        for name, table in sorted(self.tables.items()):
            keep, times_us = place(table.times_us)
            if is_call_file(name):
                add_calls(rows, name, table, keep, times_us)
                continue
            pod = name.removesuffix(_POD_FILE) if name.endswith(_POD_FILE) else None
            entity = service_of(pod) if pod else self.entry_service
            for index, heading in sorted(enumerate(table.names), key=lambda item: item[1]):
                column = column_name(heading)
                labels = column.labels() | column.scope | ({"pod": pod} if pod else {"scope": "entry"})
                values = table.values[keep, index]
                rows.add(times_us, values, entity=entity, metric=column.metric, unit=column.unit, labels=labels)

    @cached_property
    def edges(self) -> set[tuple[str, str, str]]:
        """Who calls whom, from the dependency file and from all spans of the day and of its fault-free part."""
        edges = read_dependencies(self.folder / "metric" / "dependency.csv")
        for folder in [self.folder, *self.fault_free]:
            for path in sorted((folder / "trace").glob("*.csv")):
                edges |= _edges(read_spans(path, self._notes))
        return edges

    @cached_property
    def fault_free(self) -> tuple[Path, ...]:
        """The folders of `construct_data` that hold logs or spans of this day without a fault."""
        for above in ancestors(self._src, self.folder):
            folder = above / "construct_data" / self.folder.name
            if folder.is_dir():
                return (folder,)
        return ()

    def logs(self, start_us: int, end_us: int) -> list[LogLine]:
        """The log lines in `[start, end)`, each once, in the order of their times."""
        lines = _read_minutes(self.folder / "log", start_us, end_us, lambda path: read_logs(path, self._notes))
        return sorted(
            {line for line in lines if start_us <= line.at_us < end_us},
            key=lambda line: (line.at_us, line.pod, line.body),
        )

    def spans(self, start_us: int, end_us: int) -> list[SpanLine]:
        """The spans that start in `[start, end)`, each once, in the order of their times."""
        lines = _read_minutes(self.folder / "trace", start_us, end_us, lambda path: read_spans(path, self._notes))
        unique = {(line.trace_id, line.span_id): line for line in lines if start_us <= line.at_us < end_us}
        return sorted(unique.values(), key=lambda line: (line.at_us, line.trace_id, line.span_id))

    @cached_property
    def fault_free_logs(self) -> list[LogLine]:
        """The log lines of the fault-free part."""
        return [
            line
            for folder in self.fault_free
            for path in sorted((folder / "log").glob("*.csv"))
            for line in read_logs(path, self._notes)
        ]

    @cached_property
    def fault_free_spans(self) -> list[SpanLine]:
        """The spans of the fault-free part."""
        return [
            line
            for folder in self.fault_free
            for path in sorted((folder / "trace").glob("*.csv"))
            for line in read_spans(path, self._notes)
        ]


def _read_minutes(folder: Path, start_us: int, end_us: int, read: Callable[[Path], Iterable[Line]]) -> Iterator[Line]:
    """Read the files whose name says a minute near the interval, and those whose name says none."""
    for path in sorted(folder.glob("*.csv")):
        match = _MINUTE_FILE.fullmatch(path.name)
        if match is not None:
            moment = from_us(start_us).replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
            if not start_us - _NAME_SLACK_US <= to_us(moment) <= end_us + _NAME_SLACK_US:
                continue
        yield from read(path)


def read_logs(path: Path, notes: Notes) -> Iterator[LogLine]:
    """The lines of a log file, whose column `Log` wraps the text in a container runtime's JSON."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            stamp, pod, wrapped = row.get("TimeUnixNano") or "", row.get("PodName") or "", row.get("Log") or ""
            if not stamp.isdecimal() or not pod:
                notes.add("a log line has no time or no pod and is left out")
                continue
            level, body = _unwrap(wrapped)
            yield LogLine(
                at_us=int(stamp) // 1000,
                pod=pod,
                node=row.get("Node") or "",
                container=row.get("Container") or "",
                trace_id=row.get("TraceID") or "",
                span_id=row.get("SpanID") or "",
                level=level,
                body=body,
            )


def _unwrap(wrapped: str) -> tuple[str | None, str]:
    """Level and text of a log line; a text that is JSON itself names its level in a key."""
    outer = _json_object(wrapped)
    text = str(outer["log"]) if outer is not None and "log" in outer else wrapped
    text = text.rstrip("\r\n")
    inner = _json_object(text)
    if inner is not None:
        for key in _LEVEL_KEYS:
            if isinstance(word := inner.get(key), str):
                return _level(word), text
    match = _LEVEL.search(text[:_LEVEL_WITHIN])
    return (_level(match[1]) if match else None), text


def _level(word: str) -> str:
    return _LEVEL_NAMES.get(word.upper(), word.upper())


def _json_object(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def read_spans(path: Path, notes: Notes) -> Iterator[SpanLine]:
    """The spans of a trace file; an end that is missing or before the start counts as the start."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            start, end = row.get("StartTimeUnixNano") or "", row.get("EndTimeUnixNano") or ""
            trace_id, span_id, pod = row.get("TraceID") or "", row.get("SpanID") or "", row.get("PodName") or ""
            if not (start.isdecimal() and trace_id and span_id and pod):
                notes.add("a span has no id, time or pod and is left out")
                continue
            parent = row.get("ParentID") or _ROOT_PARENT
            yield SpanLine(
                at_us=int(start) // 1000,
                duration_us=max(0, int(end) - int(start)) // 1000 if end.isdecimal() else 0,
                trace_id=trace_id,
                span_id=span_id,
                parent_id=None if parent == _ROOT_PARENT else parent,
                pod=pod,
                name=row.get("OperationName") or "",
            )


def _edges(spans: Iterable[SpanLine]) -> set[tuple[str, str, str]]:
    """Calls between services: the parent of a span belongs to another service."""
    services: dict[tuple[str, str], str] = {}
    children: list[tuple[str, str, str]] = []
    for span in spans:
        service = service_of(span.pod)
        services[span.trace_id, span.span_id] = service
        if span.parent_id is not None:
            children.append((span.trace_id, span.parent_id, service))
    callers = ((services.get((trace, parent)), service) for trace, parent, service in children)
    return {(caller, callee, "calls") for caller, callee in callers if caller is not None and caller != callee}


def write_logs(writer: SnapshotWriter, lines: list[LogLine]) -> None:
    """Write log lines; the entity is the service of the pod."""
    if lines:
        writer.write(
            "logs",
            {
                "ts": [line.at_us for line in lines],
                "entity": [service_of(line.pod) for line in lines],
                "level": [line.level for line in lines],
                "body": [line.body for line in lines],
                "attributes": [
                    [("pod", line.pod), ("node", line.node), ("container", line.container)] for line in lines
                ],
                "trace_id": [line.trace_id or None for line in lines],
                "span_id": [line.span_id or None for line in lines],
            },
        )


def write_spans(writer: SnapshotWriter, lines: list[SpanLine]) -> None:
    """Write spans; the raw set does not say whether one failed."""
    if lines:
        writer.write(
            "spans",
            {
                "trace_id": [line.trace_id for line in lines],
                "span_id": [line.span_id for line in lines],
                "parent_id": [line.parent_id for line in lines],
                "entity": [service_of(line.pod) for line in lines],
                "name": [line.name for line in lines],
                "start": [line.at_us for line in lines],
                "duration_us": [line.duration_us for line in lines],
                "status": ["UNSET"] * len(lines),
                "attributes": [[("pod", line.pod)] for line in lines],
            },
        )
