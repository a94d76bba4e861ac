"""Nezha: faults injected every few minutes into two systems, a day of metrics each, logs and spans around the faults.

Raw: `DATE/metric/*.csv`, `DATE/log/*.csv`, `DATE/trace/*.csv` with the labels of `nezha_faults`, and `construct_data`
with minutes without a fault. One case per fault whose window has metric samples.

Times: the window is four minutes from the injection (or until the next one). The baseline is the half hour before,
without the five minutes after any other injection, and for logs and spans without the two minutes before one: faults
show up there before their published times. A fault at the beginning of a day has hardly anything before it: then the
baseline is filled up to fifteen minutes with the quiet minutes that follow the incident, moved as one block before it.
Fault-free logs and spans of `construct_data` are added to the baseline, moved as one block before the others unless
they lie in it already. Where anything was moved, the manifest's `source` says so.

Node-level columns of a pod's file carry `scope=node`, those of the system's entry `scope=entry`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from ...tools.snapshots.writer import SnapshotWriter
from ..cases import Cause, Truth
from .collector import column_name
from .folders import has_match, matching, source_id
from .nezha_faults import Fault, read_faults, read_indicators
from .nezha_telemetry import Day, LogLine, SpanLine, write_logs, write_spans
from .publish import DAMAGE, CaseDraft, DamagedCase, Importer, Listing, Notes, RawCase, Skipped, reason_of
from .series import MINUTE_US, SECOND_US, MetricRows, Times, window_of, write_topology

WINDOW_US = 4 * MINUTE_US
CUT_US = 5 * MINUTE_US
LEAD_US = 2 * MINUTE_US
LOOKBACK_US = 30 * MINUTE_US
FEW_SAMPLES = 10
FILLED_SAMPLES = 15
"""About what the half hour before a fault holds late in a day, once the other faults are cut out."""

_FAULT_FREE = "construct_data"

Line = TypeVar("Line", LogLine, SpanLine)


@dataclass(frozen=True)
class _Frame:
    """Where in time a case lies, and which quiet minutes after it are moved before it."""

    start_us: int
    end_us: int
    lookback_us: int
    cuts: tuple[tuple[int, int], ...]
    fill: tuple[int, int] | None
    shift_us: int

    def quiet(self, times_us: Times) -> np.ndarray:
        """Which times lie in no minute after an injection."""
        quiet = np.ones(len(times_us), dtype=np.bool_)
        for start, end in self.cuts:
            quiet &= (times_us < start) | (times_us >= end)
        return quiet

    def place(self, times_us: Times) -> tuple[np.ndarray, Times]:
        """Which samples belong to the case, and at which times they are written."""
        before = (times_us >= self.lookback_us) & (times_us < self.start_us) & self.quiet(times_us)
        keep = before | ((times_us >= self.start_us) & (times_us < self.end_us))
        placed = times_us
        if self.fill is not None:
            moved = (times_us >= self.fill[0]) & (times_us <= self.fill[1]) & self.quiet(times_us)
            placed = np.where(moved, times_us - self.shift_us, times_us)
            keep = keep | moved
        return keep, placed[keep]


@dataclass(frozen=True)
class _Selected(Generic[Line]):
    """The log lines or spans of a case, the time of the first, and whether some were moved."""

    lines: list[Line]
    moved: bool

    @property
    def first_us(self) -> int | None:
        return self.lines[0].at_us if self.lines else None


def _is_metric_folder(folder: Path, names: frozenset[str]) -> bool:
    return (
        folder.name == "metric"
        and folder.parent.parent.name != _FAULT_FREE
        and any(name.endswith("_metric.csv") for name in names)
    )


def _list_cases(src: Path, notes: Notes) -> Listing:
    cases: list[RawCase] = []
    skipped: list[Skipped] = []
    for metric_folder in matching(src, _is_metric_folder):
        day = Day(src, metric_folder.parent, notes)
        name = source_id(src, day.folder)
        try:
            faults = read_faults(src, day.folder, int(day.clock[0]), int(day.clock[-1]), notes)
            indicators = read_indicators(src, day.folder)
        except DAMAGE as error:
            skipped.append(Skipped(source=name, reason=reason_of(error)))
            continue
        if not faults:
            skipped.append(Skipped(source=name, reason="the day has neither a fault list nor entries in labels.json"))
        cases += [RawCase(fault.source_id, _reader(day, fault, tuple(faults), indicators, notes)) for fault in faults]
    return Listing(tuple(cases), tuple(skipped))


def _reader(
    day: Day, fault: Fault, faults: tuple[Fault, ...], indicators: dict[tuple[str, str], str], notes: Notes
) -> Callable[[], CaseDraft]:
    def read() -> CaseDraft:
        if fault.service not in day.services:
            raise DamagedCase("the service at fault has no metrics")
        frame = _frame(day.clock, fault, faults)
        logs = _select(frame, day.logs(frame.lookback_us, frame.end_us), day.fault_free_logs)
        spans = _select(frame, day.spans(frame.lookback_us, frame.end_us), day.fault_free_spans)
        notes.add("a case has no logs", int(not logs.lines))
        notes.add("a case has no spans", int(not spans.lines))
        notes.add("a baseline was filled up with quiet minutes after the incident", int(frame.fill is not None))
        window = window_of(frame.start_us, frame.end_us)
        placed = np.concatenate([frame.place(table.times_us)[1] for table in day.tables.values()])
        firsts = [int(placed.min()), logs.first_us, spans.first_us]
        baseline = window_of(min(first for first in firsts if first is not None), frame.start_us)

        def write(writer: SnapshotWriter) -> None:
            rows = MetricRows(writer, window)
            day.add_metrics(rows, frame.place)
            rows.close()
            write_logs(writer, logs.lines)
            write_spans(writer, spans.lines)
            write_topology(writer, day.edges)

        metric = column_name(indicators.get((fault.service, fault.kind), "")).metric
        truth = Truth(
            causes=(Cause(entity=fault.service, indicator=metric if metric in day.metrics else None),),
            verdict="cause_found",
            fault=fault.kind,
            group=f"nezha/{day.folder.name}",
        )
        moved = frame.fill is not None or logs.moved or spans.moved
        return CaseDraft(IMPORTER.manifest(window, baseline=baseline, moved=moved), truth, write)

    return read


def _frame(clock: Times, fault: Fault, faults: tuple[Fault, ...]) -> _Frame:
    """Lay out a case on the sample times of the day.

    Raises:
        DamagedCase: the metrics have no sample in the window.
    """
    start_us = fault.at_us
    end_us = min([start_us + WINDOW_US, *(other.at_us for other in faults if other.at_us > start_us)])
    if not np.any((clock >= start_us) & (clock < end_us)):
        raise DamagedCase("the metrics have no sample in the minutes after the injection")
    cuts = tuple((other.at_us, other.at_us + CUT_US) for other in faults)
    frame = _Frame(start_us, end_us, start_us - LOOKBACK_US, cuts, fill=None, shift_us=0)
    quiet = clock[frame.quiet(clock)]
    before = quiet[(quiet >= frame.lookback_us) & (quiet < start_us)]
    after = quiet[quiet >= end_us][: FILLED_SAMPLES - len(before)]
    if len(before) >= FEW_SAMPLES or not len(after):
        if not len(before):
            raise DamagedCase("there is no quiet minute to compare with")
        return frame
    half_step_us = int(np.median(np.diff(clock))) // 2
    fill = (int(after[0]) - half_step_us, int(after[-1]) + half_step_us)
    anchor_us = int(before[0]) - half_step_us if len(before) else start_us
    shift_us = -(-(fill[1] + 1 - anchor_us) // SECOND_US) * SECOND_US
    return replace(frame, fill=fill, shift_us=shift_us)


def _select(frame: _Frame, lines: list[Line], fault_free: list[Line]) -> _Selected[Line]:
    """The lines of a case: those of its window, the quiet ones before it, and the fault-free ones as its baseline.

    Without any line in the window nothing is selected: a baseline alone would look as if the logging had stopped.
    """
    if not any(line.at_us >= frame.start_us for line in lines):
        return _Selected([], moved=False)
    own: list[Line] = [line for line in lines if line.at_us >= frame.start_us or _is_quiet(frame, line.at_us)]
    known = set(own)
    free: list[Line] = [line for line in fault_free if line not in known]
    if not free:
        return _Selected(own, moved=False)
    lies_before = all(frame.lookback_us <= line.at_us < frame.start_us for line in free)
    if lies_before:
        added: list[Line] = [line for line in free if _is_quiet(frame, line.at_us)]
    else:
        last_us = max(line.at_us for line in free)
        anchor_us = min(frame.start_us, own[0].at_us)
        shift_us = -(-(last_us + 1 - anchor_us) // SECOND_US) * SECOND_US
        added = [replace(line, at_us=line.at_us - shift_us) for line in free]
    return _Selected(sorted(own + added, key=lambda line: line.at_us), moved=not lies_before)


def _is_quiet(frame: _Frame, at_us: int) -> bool:
    return not any(start - (LEAD_US if start != frame.start_us else 0) <= at_us < end for start, end in frame.cuts)


IMPORTER = Importer(
    name="nezha",
    source="Nezha data set",
    licence="MIT",
    layout="DATE/metric/POD_metric.csv with DATE/DATE-fault_list.json (or a labels.json in the folder or beside it)",
    recognises=lambda src: has_match(src, _is_metric_folder),
    list_cases=_list_cases,
)
