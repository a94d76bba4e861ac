"""Logs of a Loki.

Loki counts first; lines are read whole while they fit, and a share of them, picked by Loki, where they do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.systems.client import SystemClient
from ...metrics.backends.promql import Matcher
from ...windows import ComparedWindows, to_us
from ..counting import LineCounter
from ..grouped import BLOCKS, GROUP_COLUMNS, GroupedLines
from ..levels import Level, level_of
from .joined import ends_of
from .logql import SHARES, Reading, log_queries
from .loki_api import LokiApi, LokiRefused, Stretch
from .rows import AtHand, in_order
from .sampling import ERRORS, REST, Budget, Counted, Plan, planned, read_in_time, totals_of, weighed
from .settings import LokiSettings
from .types import FoundLines

_ID = re.compile(r"([0-9]{1,19})-([0-9a-f]{16})", re.ASCII)
_MOMENTS = 20
"""Moments that `read` asks for at most."""
_FEW_PAGES = 2
"""So few are read at once, whatever they hold."""
_SLICES = BLOCKS // 2
"""Of the window, where Loki cannot pick lines; of the baseline one in each of its blocks."""


@dataclass(frozen=True)
class _Job:
    """Lines to count."""

    stratum: int
    query: str
    stretch: Stretch


@dataclass(frozen=True)
class _Mined:
    """Kinds of lines, an example of each, and whether the lines looked at were picked evenly."""

    groups: GroupedLines
    examples: pa.Table
    is_even: bool


class LokiLogs:
    """Implements `LogsBackend`. The id of a line is its time and a fingerprint of its labels and text.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: LokiSettings) -> None:
        self._api = LokiApi(client, settings)
        self._settings = settings
        self._reading = Reading(
            tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items())),
            settings.entity_labels,
            settings.level_labels,
        )
        self._at_hand = AtHand()

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def search(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        contains: str | None = None,
        levels: Sequence[Level] = (),
        head: int,
        tail: int,
    ) -> FoundLines:
        """Lines in `[start, end)`; of each at most 32,768 characters."""
        stretch, matched, parts = _stretch(start, end), 0, []
        for query in log_queries(self._reading, entities, contains=contains, levels=levels, or_written=True):
            first = self._api.lines(query, stretch, deadline, head + tail + 1)
            if first.num_rows <= head + tail:
                matched += first.num_rows
                parts.append(first)
                continue
            there = sum(count for _, count in self._api.counts(query, stretch, (), deadline))
            matched += max(there, first.num_rows)
            last = self._api.lines(query, stretch, deadline, tail, backward=True) if tail else first.slice(0, 0)
            parts.append(_each_once(pa.concat_tables([first.slice(0, head), last])))
        return FoundLines(matched, ends_of(pa.concat_tables(parts), matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters, and of at most twenty moments."""
        at_hand, others = self._at_hand.find(ids)
        matches = (_ID.fullmatch(name) for name in others)
        moments = sorted({int(match[1]) for match in matches if match and int(match[1]) < 2**63})[:_MOMENTS]
        found = [
            self._api.lines(self._reading.streams, Stretch(moment, moment + 1), deadline, self._settings.page_lines)
            for moment in moments
        ]
        rows = pa.concat_tables([at_hand, *found])
        return in_order(rows.filter(_is_in(rows, ids)))

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """Loki's own counts, and the kinds of lines among those that are read; what is read streams by."""
        had_s = deadline.left_s
        known = self._counted(windows, deadline)
        took_s = had_s - deadline.left_s
        if not known:
            return GroupedLines(GROUP_COLUMNS.empty_table(), totals_of({}), complete=True)
        stretches = _stretches(windows)
        plan = planned(known, self._lines_that_fit(stretches, took_s, deadline), SHARES)
        jobs = list(self._jobs(windows, stretches, plan, known))
        mined: _Mined | None = None
        try:
            mined = self._mined(windows, known, plan, jobs, deadline)
        except LokiRefused as refused:
            if refused.kind != "query" or plan.is_whole:
                raise
        if mined is None or not (mined.is_even or plan.is_whole):
            # A Loki that cannot pick lines by their time, or lines that follow the prime by which they are picked.
            jobs = list(self._jobs(windows, _slices(windows), plan, known, in_slices=True))
            mined = self._mined(windows, known, plan, jobs, deadline)
        self._at_hand.keep(mined.examples)
        return mined.groups

    def _mined(
        self,
        windows: ComparedWindows,
        known: Mapping[str, Counted],
        plan: Plan,
        jobs: Sequence[_Job],
        deadline: Deadline,
    ) -> _Mined:
        budget = Budget(self._settings.most_lines * 3 // 2, self._settings.most_mb * 1_000_000, deadline)
        with LineCounter(windows) as counter:
            with ThreadPoolExecutor(self._settings.concurrency, "loki") as pool:
                for done in [pool.submit(self._count, counter, windows, job, budget) for job in jobs]:
                    done.result()
            if budget.ran_late:
                return _Mined(*read_in_time(counter, known, budget, self._api.client.name), is_even=True)
            by = weighed(counter, known, plan)
            complete = by.all_seen and not budget.ran_out
            return _Mined(*counter.grouped(totals_of(known), by.weights, complete=complete), by.is_even)

    def _counted(self, windows: ComparedWindows, deadline: Deadline) -> dict[str, Counted]:
        """Lines by entity, and those of them whose labels say error."""
        known: dict[str, Counted] = {}

        def add(labels: Mapping[str, str], lines: int, side: str, levels_known: bool) -> None:
            entity = self._api.entity(labels)
            if windows.entities and entity not in windows.entities:
                return
            each = known.setdefault(entity, Counted())
            setattr(each, side, getattr(each, side) + lines)
            if levels_known and level_of(self._api.level(labels)) == "error":
                each.errors += lines

        sides = (
            ("before", _stretch(windows.baseline_start, windows.baseline_end)),
            ("after", _stretch(windows.start, windows.end)),
        )
        entity_labels = self._settings.entity_labels
        for side, stretch in sides:
            for query in log_queries(self._reading, windows.entities):
                try:
                    by = dict.fromkeys((*entity_labels, *self._settings.level_labels))
                    for labels, lines in self._api.counts(query, stretch, tuple(by), deadline):
                        add(labels, lines, side, True)
                except LokiRefused as refused:
                    if refused.kind != "series":
                        raise
                    for labels, lines in self._api.counts(query, stretch, entity_labels, deadline):
                        add(labels, lines, side, False)
                    for wrong in log_queries(self._reading, windows.entities, levels=("error",)):
                        for labels, lines in self._api.counts(wrong, stretch, entity_labels, deadline):
                            known.setdefault(self._api.entity(labels), Counted()).errors += lines
        return known

    def _lines_that_fit(self, stretches: Sequence[Stretch], took_s: float, deadline: Deadline) -> int:
        """How many lines may be read, if they are as long as Loki's index says, and a page takes as long as a count.

        Less is planned rather than cut off: the lines of half a time would look like a change.
        """
        usual = self._api.usual_bytes(self._reading.streams, stretches, deadline)
        most = min(self._settings.most_lines, self._settings.most_mb * 800_000 // usual)
        if took_s > 0:
            pages = deadline.left_s / 2 / (took_s / 2) * self._settings.concurrency
            most = min(most, int(pages * self._settings.page_lines))
        return max(self._settings.page_lines, most)

    def _jobs(
        self,
        windows: ComparedWindows,
        stretches: Sequence[Stretch],
        plan: Plan,
        known: Mapping[str, Counted],
        *,
        in_slices: bool = False,
    ) -> Iterator[_Job]:
        """Long times in parts that are read side by side; in slices, only the beginning of each part.

        Errors come before the rest, and the window before its baseline: what a slow Loki does not get to is read last.
        """
        lines, errors = (sum(getattr(each, name) for each in known.values()) for name in ("lines", "errors"))
        strata: list[tuple[int, int, dict[str, Any], int]] = [(REST, lines, {}, plan.rest)]
        if plan.errors is not None:
            strata = [(REST, lines - errors, {"without": ("error",)}, plan.rest)]
            if errors:
                strata.insert(0, (ERRORS, errors, {"levels": ("error",)}, plan.errors))
        if sum(there / every for _, there, _, every in strata) > _FEW_PAGES * self._settings.page_lines:
            stretches = _apart(windows, stretches)
        whole = sum(stretch.length for stretch in stretches)
        for stretch in reversed(stretches):
            for stratum, there, which, every in strata:
                pages = there / every / self._settings.page_lines * stretch.length / whole
                number = 1 if in_slices else max(1, min(self._settings.concurrency, int(pages / 2)))
                for query in log_queries(self._reading, windows.entities, every=1 if in_slices else every, **which):
                    for part in stretch.parts(number):
                        length = part.length // (every if in_slices else 1)
                        yield _Job(stratum, query, Stretch(part.start, part.start + length))

    def _count(
        self,
        counter: LineCounter,
        windows: ComparedWindows,
        job: _Job,
        budget: Budget,
    ) -> None:
        with budget.until_late():
            for page, size in self._api.pages(job.query, job.stretch, budget.until, budget=budget):
                budget.spend(page.num_rows, size)
                named = page.filter(_is_in(page, windows.entities, "entity")) if windows.entities else page
                counter.add(named, job.stratum)


def _is_in(rows: pa.Table, values: Sequence[str], column: str = "id") -> Any:
    from ...arrow import compute as pc  # noqa: PLC0415 - as elsewhere

    return pc.is_in(rows[column], pa.array(values, pa.string()))


def _each_once(rows: pa.Table) -> pa.Table:
    seen: set[str] = set()
    kept = [not (name in seen or seen.add(name)) for name in rows["id"].to_pylist()]  # type: ignore[func-returns-value]
    return rows.filter(pa.array(kept, pa.bool_()))


def _stretch(start: datetime, end: datetime) -> Stretch:
    return Stretch(to_us(start) * 1_000, to_us(end) * 1_000)


def _stretches(windows: ComparedWindows) -> list[Stretch]:
    """Both windows, in one where they touch."""
    before, after = _stretch(windows.baseline_start, windows.baseline_end), _stretch(windows.start, windows.end)
    return [Stretch(before.start, after.end)] if before.end == after.start else [before, after]


def _apart(windows: ComparedWindows, stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """The baseline and the window, where they were one."""
    if len(stretches) > 1:
        return stretches
    return [_stretch(windows.baseline_start, windows.baseline_end), _stretch(windows.start, windows.end)]


def _slices(windows: ComparedWindows) -> list[Stretch]:
    """Both windows in parts."""
    before, after = _stretch(windows.baseline_start, windows.baseline_end), _stretch(windows.start, windows.end)
    return [*before.parts(BLOCKS), *after.parts(_SLICES)]
