"""Log lines of an Amazon CloudWatch Logs, by Logs Insights.

API: Amazon CloudWatch Logs API reference (`StartQuery`, `GetQueryResults`, `StopQuery`). It counts first; lines are
read whole while they fit, and a share of them, picked by their milliseconds, where they do not. What nobody waits for
any more is stopped, because Amazon charges what a query scans.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.aws_api import AwsApi
from ....core.systems.client import SystemClient
from ....core.systems.exchange import TooLarge, Unreachable
from ...arrow import compute as pc
from ...windows import ComparedWindows, to_us
from ..counting import LineCounter
from ..grouped import GROUP_COLUMNS, GroupedLines
from ..levels import Level, level_of
from .cloudwatch_rows import CloudwatchRows
from .cloudwatch_settings import CloudwatchLogsSettings
from .insights_ql import SHARES, InsightsReading, counted, insights_filters, lines
from .joined import ends_of
from .rows import AtHand, Row, in_order, table_of
from .sampling import ERRORS, REST, Budget, Counted, Plan, planned, read_in_time, totals_of, weighed
from .types import FoundLines

MOST_RESULTS = 100_000
"""Lines of one query; Amazon keeps no more."""
_MOMENTS = 20
"""Moments that `read` asks for at most."""
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 2.0
_LEAST_LINES = 20
_STOP_S = 3.0
_GOES_ON = frozenset(("Scheduled", "Running", "Unknown"))

_Stretch = tuple[int, int]
"""Milliseconds since the epoch, `[start, end)`."""


class InsightsLogs:
    """Implements `LogsBackend`. The id of a line is its time and a fingerprint of where and what it is.

    Args:
        client: asks CloudWatch Logs, signed.
        settings: of the system.
        clock: counts the time that stopping a query may take.
    """

    def __init__(self, client: SystemClient, settings: CloudwatchLogsSettings, clock: Clock) -> None:
        self._api = AwsApi(client, "Logs_20140328", "1.1")
        self._settings = settings
        self._clock = clock
        self._rows = CloudwatchRows(settings)
        self._reading = InsightsReading(
            tuple(sorted(settings.scope.items())), settings.entity_fields, settings.level_fields, settings.body_fields
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
        stretch, matched, rows = _stretch(start, end), 0, []
        for filters in self._filters(stretch, entities, contains=contains, levels=levels, or_written=True):
            there, first = self._all(lines(filters, head + tail + 1), stretch, head + tail + 1, deadline)
            matched += max(there, len(first))
            if len(first) > head + tail:
                last = self._all(lines(filters, tail, backward=True), stretch, tail, deadline)[1] if tail else []
                first = [*first[:head], *last]
            rows += first
        found = table_of(list({row.id: row for row in rows}.values()))
        return FoundLines(matched, ends_of(found, matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters, and of at most twenty moments."""
        at_hand, others = self._at_hand.find(ids)
        found: list[Row] = []
        for moment in moments_of(others)[:_MOMENTS]:
            stretch = (moment, moment + 1)
            for filters in self._filters(stretch):
                found += self._all(lines(filters, self._settings.page_lines), stretch, MOST_RESULTS, deadline)[1]
        wanted = set(others)
        return in_order(pa.concat_tables([at_hand, table_of([row for row in found if row.id in wanted])]))

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """Insights' own counts, and the kinds of lines among those that are read; what is read streams by."""
        sides = {
            "before": _stretch(windows.baseline_start, windows.baseline_end),
            "after": _stretch(windows.start, windows.end),
        }
        known = self._counted(sides, windows.entities, deadline)
        if not known:
            return GroupedLines(GROUP_COLUMNS.empty_table(), totals_of({}), complete=True)
        plan = planned(known, self._settings.most_lines, SHARES)
        budget = Budget(self._settings.most_lines * 3 // 2, self._settings.most_mb * 1_000_000, deadline)
        with LineCounter(windows) as counter:
            for stratum, which, every in _strata(plan):
                for stretch in (sides["after"], sides["before"]):
                    for filters in self._filters(stretch, windows.entities, every=every, **which):
                        self._count(counter, windows, stratum, filters, stretch, budget)
            if budget.ran_late:
                found, examples = read_in_time(counter, known, budget, self._api.client.name)
            else:
                by = weighed(counter, known, plan)
                complete = by.all_seen and not budget.ran_out
                found, examples = counter.grouped(totals_of(known), by.weights, complete=complete)
        self._at_hand.keep(examples)
        return found

    def _counted(
        self, sides: Mapping[str, _Stretch], entities: Sequence[str], deadline: Deadline
    ) -> dict[str, Counted]:
        """Lines by entity, and those of them whose fields say error; the sides are asked for side by side."""
        asked = [
            (side, stretch, counted(filters, self._reading))
            for side, stretch in sides.items()
            for filters in self._filters(stretch, entities)
        ]
        with ThreadPoolExecutor(self._settings.concurrency, "insights") as pool:
            answers = list(pool.map(lambda one: self._counts(one[2], one[1], deadline), asked))
        known: dict[str, Counted] = {}
        for (side, _, _), rows in zip(asked, answers, strict=True):
            for fields in rows:
                entity = fields.get("opswarden_entity") or self._rows.of_group(_group(fields))
                if entities and entity not in entities:
                    continue
                each, there = known.setdefault(entity, Counted()), _whole(fields.get("lines"))
                setattr(each, side, getattr(each, side) + there)
                if level_of(fields.get("opswarden_level")) == "error":
                    each.errors += there
        return known

    def _counts(self, query: str, stretch: _Stretch, deadline: Deadline) -> list[dict[str, str]]:
        return [fields for _, page, _ in self._results(query, stretch, deadline) for fields in page]

    def _count(
        self,
        counter: LineCounter,
        windows: ComparedWindows,
        stratum: int,
        filters: str,
        stretch: _Stretch,
        budget: Budget,
    ) -> None:
        if not budget.is_left:
            return
        with budget.until_late():
            for page, size in self._lines(filters, stretch, max(1, budget.lines), budget.until):
                budget.spend(page.num_rows, size)
                if windows.entities:
                    page = page.filter(pc.is_in(page["entity"], pa.array(windows.entities, pa.string())))
                counter.add(page, stratum)
                if not budget.is_left:
                    return

    def _lines(self, filters: str, stretch: _Stretch, most: int, deadline: Deadline) -> Iterator[tuple[pa.Table, int]]:
        """Pages of lines, and their bytes."""
        query = lines(filters, min(most, MOST_RESULTS))
        for _, page, size in self._results(query, stretch, deadline):
            rows = [row for fields in page if (row := self._row(fields)) is not None]
            yield table_of(rows), size

    def _all(self, query: str, stretch: _Stretch, most: int, deadline: Deadline) -> tuple[int, list[Row]]:
        """How many lines match, and those that were asked for."""
        matched, rows = 0, list[Row]()
        for there, page, _ in self._results(query, stretch, deadline):
            matched = there
            rows += [row for fields in page if (row := self._row(fields)) is not None]
        return matched, rows[:most]

    def _filters(self, stretch: _Stretch, entities: Sequence[str] = (), **more: Any) -> list[str]:
        named = [(name, self._rows.groups_of(name)) for name in dict.fromkeys(entities)]
        found = insights_filters(self._reading, *stretch, named, **more)
        return found if not entities or named else []

    def _results(
        self, query: str, stretch: _Stretch, deadline: Deadline
    ) -> Iterator[tuple[int, list[dict[str, str]], int]]:
        """How many lines match, the results of a query page by page, and their bytes."""
        id = self._started(query, stretch, deadline)
        page, token, wait_s = self._settings.page_lines, None, _FIRST_WAIT_S
        try:
            while True:
                asked = {"queryId": id, "maxItems": page, **({"nextToken": token} if token else {})}
                try:
                    found, size = self._api.ask("GetQueryResults", asked, deadline, is_settled=_is_settled)
                except TooLarge:
                    if page <= _LEAST_LINES:
                        raise
                    page = max(page // 4, _LEAST_LINES)
                    continue
                status = found.get("status")
                if status in _GOES_ON:
                    if deadline.left_s <= wait_s:
                        told = f"{self._api.client.name} did not finish the query in time"
                        raise Unreachable(told, remedy="ask for less time", again=False, late=True)
                    self._api.client.rest(wait_s, deadline)
                    wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                    continue
                if status != "Complete":
                    raise BackendError(
                        f"{self._api.client.name} gave up the query", remedy="ask for less time, or look into it there"
                    )
                yield self._matched(found), self._fields(found), size
                token = found.get("nextToken")
                if not isinstance(token, str) or not token:
                    return
        except BackendError:
            self._stop(id)
            raise

    def _started(self, query: str, stretch: _Stretch, deadline: Deadline) -> str:
        asked = {
            "logGroupNames": list(self._settings.log_groups),
            "startTime": stretch[0] // 1_000,
            "endTime": (stretch[1] - 1) // 1_000,
            "queryString": query,
            "limit": MOST_RESULTS,
        }
        found, _ = self._api.ask("StartQuery", asked, deadline)
        id = found.get("queryId")
        if not isinstance(id, str) or not id:
            raise self._odd()
        return id

    def _stop(self, id: str) -> None:
        with suppress(BackendError):
            self._api.ask("StopQuery", {"queryId": id}, Deadline(self._clock, _STOP_S))

    def _matched(self, found: Mapping[str, Any]) -> int:
        statistics = found.get("statistics")
        told = statistics.get("recordsMatched") if isinstance(statistics, dict) else None
        return _whole(told)

    def _fields(self, found: Mapping[str, Any]) -> list[dict[str, str]]:
        try:
            return [{str(one["field"]): str(one["value"]) for one in row} for row in found.get("results") or ()]
        except (KeyError, TypeError) as error:
            raise self._odd() from error

    def _row(self, fields: Mapping[str, str]) -> Row | None:
        try:
            at_ms = _ms(fields["@timestamp"])
            return self._rows.row(at_ms, _group(fields), fields.get("@logStream", ""), fields.get("@message", ""))
        except (KeyError, ValueError, OverflowError) as error:
            raise self._odd() from error

    def _odd(self) -> BackendError:
        return BackendError(
            f"{self._api.client.name} answered something else than lines", remedy="check its `url` and its version"
        )


def moments_of(ids: Sequence[str]) -> list[int]:
    """Milliseconds that ids begin with, each once; an id that means nothing is left out."""
    found = set()
    for name in ids:
        moment, _, rest = name.partition("-")
        if moment.isascii() and moment.isdigit() and len(moment) < 15 and len(rest) == 16:
            found.add(int(moment))
    return sorted(found)


def _strata(plan: Plan) -> list[tuple[int, dict[str, Any], int]]:
    if plan.errors is None:
        return [(REST, {}, plan.rest)]
    return [(ERRORS, {"levels": ("error",)}, plan.errors), (REST, {"without": ("error",)}, plan.rest)]


def _is_settled(answer: Exchanged) -> bool:
    """Whether the results of a query are all there, so that they may serve others."""
    try:
        return bool(json.loads(answer.content).get("status") == "Complete")
    except (ValueError, RecursionError, AttributeError):
        return False


def _stretch(start: datetime, end: datetime) -> _Stretch:
    return -(-to_us(start) // 1_000), -(-to_us(end) // 1_000)


def _group(fields: Mapping[str, str]) -> str:
    """`@log` is the account and the group."""
    return fields.get("@log", "").rpartition(":")[2]


def _ms(text: str) -> int:
    """`2031-05-06 12:00:00.000`, in UTC."""
    moment = datetime.fromisoformat(text)
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) // 1_000


def _whole(told: Any) -> int:
    try:
        return max(0, round(float(told)))
    except (TypeError, ValueError, OverflowError):
        return 0
