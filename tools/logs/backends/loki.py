"""Logs of a Loki.

API: Grafana Loki documentation, "Loki HTTP API" (`query`, `query_range`, `index/stats`). Loki counts first; lines are
read whole while they fit, and a share of them, picked by Loki, where they do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ....core.systems.exchange import TooLarge
from ...metrics.backends.promql import Matcher
from ...windows import ComparedWindows, to_us
from ..counting import LineCounter
from ..grouped import BLOCKS, GROUP_COLUMNS, GroupedLines
from ..levels import Level, level_of
from .joined import ends_of
from .logql import SHARES, Reading, counted, log_queries
from .rows import BODY_LIMIT, AtHand, Row, fingerprint, in_order, table_of
from .sampling import ERRORS, REST, Budget, Counted, Plan, planned, totals_of, weighed
from .settings import LokiSettings
from .types import LINE_COLUMNS, FoundLines

CATEGORIZED = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
"""Has Loki keep structured metadata beside each line; without, every line with its own would be a stream of its own."""

_TRACE_NAMES = ("trace_id", "traceID", "traceid", "TraceID")
_SPAN_NAMES = ("span_id", "spanID", "spanid", "SpanID")
_DETECTED = "detected_level"
_ID = re.compile(r"([0-9]{1,19})-([0-9a-f]{16})", re.ASCII)
_MOMENTS = 20
"""Moments that `read` asks for at most."""
_USUAL_BYTES = 400
_SLICES = BLOCKS // 2
"""Of the window, where Loki cannot pick lines; of the baseline one in each of its blocks."""
_ADDRESS_LIMIT = 3_000
_LEAST_LINES = 20
"""Of a page that gets smaller because its lines are long."""


class _Refused(BackendError):
    """Loki does not carry out the question.

    Args:
        kind: `series` where it finds too many, `query` where it does not understand, `other`.
    """

    def __init__(self, message: str, *, remedy: str, kind: str) -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind


_REFUSALS = (
    ("maximum of series", "series", "has more series than it counts at once", "raise its `max_query_series`"),
    ("max entries limit", "other", "does not hand over so many lines at once", "lower our `page_lines`"),
    ("query time range exceeds", "other", "does not look at so long a time", "ask for less time"),
    ("would read too many bytes", "other", "would have to read too much", "narrow our `scope`"),
    ("parse error", "query", "does not understand the question", "check its version"),
)
"""What Loki's refusals, which are plain text, have in them; nothing else of them is looked at or repeated."""


@dataclass(frozen=True)
class _Stretch:
    """Nanoseconds since the epoch, `[start, end)`."""

    start: int
    end: int

    def parts(self, number: int) -> list[_Stretch]:
        """As many equal parts."""
        edges = [self.start + (self.end - self.start) * place // number for place in range(number + 1)]
        return [_Stretch(*pair) for pair in pairwise(edges)]


@dataclass(frozen=True)
class _Job:
    """Lines to count."""

    stratum: int
    query: str
    stretch: _Stretch


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
        self._client = client
        self._settings = settings
        self._reading = Reading(
            tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items())),
            settings.entity_labels,
            settings.level_labels,
        )
        self._own = {*settings.entity_labels, *settings.level_labels, *settings.scope, *_TRACE_NAMES, *_SPAN_NAMES}
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
            first = self._lines(query, stretch, deadline, head + tail + 1)
            if first.num_rows <= head + tail:
                matched += first.num_rows
                parts.append(first)
                continue
            there = sum(count for _, count in self._counts(query, stretch, (), deadline))
            matched += max(there, first.num_rows)
            last = self._lines(query, stretch, deadline, tail, backward=True) if tail else first.slice(0, 0)
            parts.append(_each_once(pa.concat_tables([first.slice(0, head), last])))
        return FoundLines(matched, ends_of(pa.concat_tables(parts), matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters, and of at most twenty moments."""
        at_hand, others = self._at_hand.find(ids)
        matches = (_ID.fullmatch(name) for name in others)
        moments = sorted({int(match[1]) for match in matches if match and int(match[1]) < 2**63})[:_MOMENTS]
        found = [
            self._lines(self._reading.streams, _Stretch(moment, moment + 1), deadline, self._settings.page_lines)
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
        except _Refused as refused:
            if refused.kind != "query" or plan.is_whole:
                raise
        if mined is None or not (mined.is_even or plan.is_whole):
            # A Loki that cannot pick lines by their time, or lines whose times are whole seconds.
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
        budget = Budget(self._settings.most_lines * 3 // 2, self._settings.most_mb * 1_000_000)
        with LineCounter(windows) as counter, ThreadPoolExecutor(self._settings.concurrency, "loki") as pool:
            for done in [pool.submit(self._count, counter, windows, job, budget, deadline) for job in jobs]:
                done.result()
            by = weighed(counter, known, plan)
            complete = by.all_seen and not budget.ran_out
            return _Mined(*counter.grouped(totals_of(known), by.weights, complete=complete), by.is_even)

    def _counted(self, windows: ComparedWindows, deadline: Deadline) -> dict[str, Counted]:
        """Lines by entity, and those of them whose labels say error."""
        known: dict[str, Counted] = {}

        def add(labels: Mapping[str, str], lines: int, side: str, levels_known: bool) -> None:
            entity = self._entity(labels)
            if windows.entities and entity not in windows.entities:
                return
            each = known.setdefault(entity, Counted())
            setattr(each, side, getattr(each, side) + lines)
            if levels_known and level_of(self._level(labels)) == "error":
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
                    for labels, lines in self._counts(query, stretch, tuple(by), deadline):
                        add(labels, lines, side, True)
                except _Refused as refused:
                    if refused.kind != "series":
                        raise
                    for labels, lines in self._counts(query, stretch, entity_labels, deadline):
                        add(labels, lines, side, False)
                    for wrong in log_queries(self._reading, windows.entities, levels=("error",)):
                        for labels, lines in self._counts(wrong, stretch, entity_labels, deadline):
                            known.setdefault(self._entity(labels), Counted()).errors += lines
        return known

    def _lines_that_fit(self, stretches: Sequence[_Stretch], took_s: float, deadline: Deadline) -> int:
        """How many lines may be read, if they are as long as Loki's index says, and a page takes as long as a count.

        Less is planned rather than cut off: the lines of half a time would look like a change.
        """
        params = [
            ("query", self._reading.streams),
            ("start", str(stretches[0].start)),
            ("end", str(stretches[-1].end)),
        ]
        usual = _USUAL_BYTES
        answer = self._client.get("/loki/api/v1/index/stats", params, deadline, is_lasting=True)
        if answer.status < 300:
            stats = json_of(self._client, answer)
            entries, size = (_whole(stats, name) for name in ("entries", "bytes"))
            usual = max(size // entries + 100, 100) if entries else usual
        most = min(self._settings.most_lines, self._settings.most_mb * 800_000 // usual)
        if took_s > 0:
            pages = deadline.left_s / 2 / (took_s / 2) * self._settings.concurrency
            most = min(most, int(pages * self._settings.page_lines))
        return max(self._settings.page_lines, most)

    def _jobs(
        self,
        windows: ComparedWindows,
        stretches: Sequence[_Stretch],
        plan: Plan,
        known: Mapping[str, Counted],
        *,
        in_slices: bool = False,
    ) -> Iterator[_Job]:
        """Long times in parts that are read side by side; in slices, only the beginning of each part."""
        lines, errors = (sum(getattr(each, name) for each in known.values()) for name in ("lines", "errors"))
        strata: list[tuple[int, int, dict[str, Any], int]] = [(REST, lines, {}, plan.rest)]
        if plan.errors is not None:
            strata = [(REST, lines - errors, {"without": ("error",)}, plan.rest)]
            if errors:
                strata.append((ERRORS, errors, {"levels": ("error",)}, plan.errors))
        for stratum, there, which, every in strata:
            pages = there / every / self._settings.page_lines / len(stretches)
            number = 1 if in_slices else max(1, min(self._settings.concurrency, int(pages / 2)))
            for query in log_queries(self._reading, windows.entities, every=1 if in_slices else every, **which):
                for part in (part for stretch in stretches for part in stretch.parts(number)):
                    length = (part.end - part.start) // (every if in_slices else 1)
                    yield _Job(stratum, query, _Stretch(part.start, part.start + length))

    def _count(
        self,
        counter: LineCounter,
        windows: ComparedWindows,
        job: _Job,
        budget: Budget,
        deadline: Deadline,
    ) -> None:
        for page, size in self._pages(job.query, job.stretch, deadline, budget=budget):
            budget.spend(page.num_rows, size)
            named = page.filter(_is_in(page, windows.entities, "entity")) if windows.entities else page
            counter.add(named, job.stratum)

    def _lines(
        self, query: str, stretch: _Stretch, deadline: Deadline, most: int, *, backward: bool = False
    ) -> pa.Table:
        """The first lines, or the last; in order of time."""
        pages, left = [LINE_COLUMNS.empty_table()], most
        for page, _ in self._pages(query, stretch, deadline, most=most, backward=backward):
            kept = page.slice(max(page.num_rows - left, 0)) if backward else page.slice(0, left)
            pages.append(kept)
            left -= kept.num_rows
        return in_order(pa.concat_tables(pages))

    def _pages(
        self,
        query: str,
        stretch: _Stretch,
        deadline: Deadline,
        *,
        most: int | None = None,
        backward: bool = False,
        budget: Budget | None = None,
    ) -> Iterator[tuple[pa.Table, int]]:
        """Pages of lines, each in order of time, and their bytes.

        A page ends within a moment that others share. The next one begins with that moment again, and what it brings a
        second time is dropped: so nothing is lost, and nothing is there twice.
        """
        start, end, border, left = stretch.start, stretch.end, set[str](), most
        page = self._settings.page_lines
        while start < end and (left is None or left > 0) and (budget is None or budget.is_left):
            limit = page if left is None else min(page, left + len(border))
            try:
                answer = self._range(query, start, end, limit, backward, deadline)
            except TooLarge:
                if limit <= _LEAST_LINES:
                    raise
                page = max(limit // 4, _LEAST_LINES)
                continue
            rows = self._rows(answer)
            fresh = [(ns, row) for ns, row in rows if row.id not in border]
            if fresh:
                fresh.sort(key=lambda pair: (pair[0], pair[1].id))
                yield table_of([row for _, row in fresh]), len(answer.content)
                left = None if left is None else left - len(fresh)
            if len(rows) < limit:
                return
            last = min(ns for ns, _ in rows) if backward else max(ns for ns, _ in rows)
            if not fresh:
                # More lines in one nanosecond than a page holds: what is beyond cannot be asked for.
                raise BackendError(
                    f"{self._client.name} has more than {limit} lines at one moment", remedy="raise its `page_lines`"
                )
            kept = {row.id for ns, row in rows if ns == last}
            border = kept | border if (end - 1 if backward else start) == last else kept
            start, end = (start, last + 1) if backward else (last, end)

    def _range(self, query: str, start: int, end: int, limit: int, backward: bool, deadline: Deadline) -> Exchanged:
        params = [
            ("query", query),
            ("start", str(start)),
            ("end", str(end)),
            ("limit", str(limit)),
            ("direction", "backward" if backward else "forward"),
        ]
        return self._asked("/loki/api/v1/query_range", params, deadline)

    def _counts(
        self, query: str, stretch: _Stretch, labels: Sequence[str], deadline: Deadline
    ) -> list[tuple[Mapping[str, str], int]]:
        """How many lines there are, by labels."""
        # A range is open at its start and closed at its end, so it is asked for one nanosecond early.
        length_ms = -(-(stretch.end - stretch.start) // 1_000_000)
        params = [("query", counted(query, length_ms, labels)), ("time", str(stretch.end - 1))]
        data = self._data(self._asked("/loki/api/v1/query", params, deadline), "vector")
        found: list[tuple[Mapping[str, str], int]] = self._parsed(
            lambda: [(dict(row["metric"]), int(float(row["value"][1]))) for row in data]
        )
        return found

    def _asked(self, path: str, params: Params, deadline: Deadline) -> Exchanged:
        is_long = sum(len(value) for _, value in params) > _ADDRESS_LIMIT
        ask: Callable[..., Exchanged] = self._client.post_form if is_long else self._client.get
        # Windows lie in the past: the triages of one storm read them once.
        answer = ask(path, params, deadline, is_lasting=True)
        if answer.status in (400, 422):
            raise self._refused(answer)
        return answer

    def _refused(self, answer: Exchanged) -> BackendError:
        said = answer.content[:10_000].decode("utf-8", "replace")
        for sign, kind, told, remedy in _REFUSALS:
            if sign in said:
                return _Refused(f"{self._client.name} {told} ({answer.status})", remedy=remedy, kind=kind)
        error = refusal(self._client.name, answer.status)
        return _Refused(str(error), remedy=error.remedy, kind="other")

    def _data(self, answer: Exchanged, kind: str) -> list[Any]:
        document = json_of(self._client, answer)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, dict) or document.get("status") != "success" or data.get("resultType") != kind:
            raise BackendError(f"{self._client.name} is no Loki API", remedy="check its `url`")
        result = data.get("result")
        return result if isinstance(result, list) else []

    def _rows(self, answer: Exchanged) -> list[tuple[int, Row]]:
        streams = self._data(answer, "streams")
        found: list[tuple[int, Row]] = self._parsed(
            lambda: [pair for stream in streams for pair in self._of_stream(stream)]
        )
        return found

    def _parsed(self, parse: Callable[[], Any]) -> Any:
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise BackendError(
                f"{self._client.name} answered something else than lines", remedy="check its version and its `url`"
            ) from error

    def _of_stream(self, stream: Mapping[str, Any]) -> Iterator[tuple[int, Row]]:
        own = {str(name): str(value) for name, value in stream["stream"].items()}
        row = partial(self._row, own, json.dumps(own, sort_keys=True))
        plain = row({})
        for value in stream["values"]:
            ns, line = int(value[0]), str(value[1])
            beside = value[2].get("structuredMetadata") or {} if len(value) > 2 else {}
            made = row({str(name): str(text) for name, text in beside.items()}) if beside else plain
            yield ns, made(ns, line)

    def _row(self, own: Mapping[str, str], named: str, beside: Mapping[str, str]) -> Callable[[int, str], Row]:
        """What makes a row of a time and a line, for all lines with the same labels."""
        labels = {**beside, **own}
        entity, level = self._entity(labels), self._level(labels)
        attributes = [(name, value) for name, value in sorted(labels.items()) if name not in self._own]
        trace, span = (next((labels[name] for name in names if labels.get(name)), None) for names in _OF_TRACE)

        def make(ns: int, line: str) -> Row:
            name = f"{ns}-{fingerprint(named, line)}"
            return Row(name, ns // 1_000, entity, level, line[:BODY_LIMIT], attributes, trace, span)

        return make

    def _entity(self, labels: Mapping[str, str]) -> str:
        return next((labels[name] for name in self._settings.entity_labels if labels.get(name)), "")

    def _level(self, labels: Mapping[str, str]) -> str | None:
        """As written; what Loki could not detect is left to the line."""
        written = next((labels[name] for name in self._settings.level_labels if labels.get(name)), None)
        return None if written == "unknown" else written


_OF_TRACE = (_TRACE_NAMES, _SPAN_NAMES)


def _is_in(rows: pa.Table, values: Sequence[str], column: str = "id") -> Any:
    from ...arrow import compute as pc  # noqa: PLC0415 - as elsewhere

    return pc.is_in(rows[column], pa.array(values, pa.string()))


def _each_once(rows: pa.Table) -> pa.Table:
    seen: set[str] = set()
    kept = [not (name in seen or seen.add(name)) for name in rows["id"].to_pylist()]  # type: ignore[func-returns-value]
    return rows.filter(pa.array(kept, pa.bool_()))


def _stretch(start: datetime, end: datetime) -> _Stretch:
    return _Stretch(to_us(start) * 1_000, to_us(end) * 1_000)


def _stretches(windows: ComparedWindows) -> list[_Stretch]:
    """Both windows, in one where they touch."""
    before, after = _stretch(windows.baseline_start, windows.baseline_end), _stretch(windows.start, windows.end)
    return [_Stretch(before.start, after.end)] if before.end == after.start else [before, after]


def _slices(windows: ComparedWindows) -> list[_Stretch]:
    """Both windows in parts."""
    before, after = _stretch(windows.baseline_start, windows.baseline_end), _stretch(windows.start, windows.end)
    return [*before.parts(BLOCKS), *after.parts(_SLICES)]


def _whole(found: Any, name: str) -> int:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and value >= 0 else 0
