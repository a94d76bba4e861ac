"""Log lines of an Amazon CloudWatch Logs, read one after the other: where Insights may not be used, or costs too much.

API: Amazon CloudWatch Logs API reference, `FilterLogEvents` (10,000 lines or 1 MB a page; pages may be empty).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.aws_api import AwsApi, AwsRefused
from ....core.systems.client import SystemClient
from ...windows import ComparedWindows
from ..grouped import GroupedLines
from ..levels import Level
from .cloudwatch import moments_of
from .cloudwatch_rows import CloudwatchRows
from .cloudwatch_settings import CloudwatchLogsSettings
from .rows import Row
from .streamed import Allowance
from .types import FoundLines, LogsBackend

_MOST_PAGES = 5_000
_MOMENTS = 20


class EventLines:
    """Implements `LineSource`. The id of a line is its time and a fingerprint of where and what it is.

    Args:
        client: asks CloudWatch Logs, signed.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: CloudwatchLogsSettings) -> None:
        self._api = AwsApi(client, "Logs_20140328", "1.1")
        self._settings = settings
        self._rows = CloudwatchRows(settings)

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def lines(self, start_us: int, end_us: int, deadline: Deadline) -> Iterator[Row]:
        """The lines of a stretch of time, group by group."""
        start_ms, end_ms = -(-start_us // 1_000), -(-end_us // 1_000)
        allowance = Allowance(self._api.client.name, self._settings.most_mb, deadline)
        for group in self._settings.log_groups:
            for page, size in self._pages(group, start_ms, end_ms - 1, deadline):
                allowance.spend(size)
                for told in page:
                    row = self._row(group, told)
                    if row is not None and start_ms <= row.ts_us // 1_000 < end_ms:
                        yield row

    def find(self, ids: Sequence[str], deadline: Deadline) -> Iterable[Row]:
        """The lines with these ids, of at most twenty moments."""
        wanted = set(ids)
        for moment in moments_of(ids)[:_MOMENTS]:
            for row in self.lines(moment * 1_000, (moment + 1) * 1_000, deadline):
                if row.id in wanted:
                    yield row

    def _pages(
        self, group: str, start_ms: int, last_ms: int, deadline: Deadline
    ) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
        asked = {"logGroupName": group, "startTime": start_ms, "endTime": last_ms, "limit": self._settings.page_lines}
        token: str | None = None
        for _ in range(_MOST_PAGES):
            more = {} if token is None else {"nextToken": token}
            found, size = self._api.ask("FilterLogEvents", {**asked, **more}, deadline)
            events = found.get("events") or ()
            if not isinstance(events, Sequence):
                raise self._odd()
            yield events, size
            told = found.get("nextToken")
            if not isinstance(told, str) or not told:
                return
            if told == token:
                break
            token = told
        raise BackendError(f"{self._api.client.name} does not stop answering", remedy="ask for less time")

    def _row(self, group: str, told: Mapping[str, Any]) -> Row | None:
        try:
            at_ms, stream, text = int(told["timestamp"]), str(told["logStreamName"]), str(told["message"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._odd() from error
        return self._rows.row(at_ms, group, stream, text)

    def _odd(self) -> BackendError:
        return BackendError(f"{self._api.client.name} answered something else than lines", remedy="check its `url`")


class InsightsOrEvents:
    """Implements `LogsBackend`: by Insights, and by reading every line once the credential has turned out to lack it.

    Args:
        insights: is asked first.
        events: is asked from the first refusal on.
    """

    def __init__(self, insights: LogsBackend, events: LogsBackend) -> None:
        self._insights = insights
        self._events = events
        self._used = insights

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._insights.environment

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
        """Lines in `[start, end)`."""
        try:
            return self._used.search(
                start, end, deadline, entities=entities, contains=contains, levels=levels, head=head, tail=tail
            )
        except AwsRefused as refused:
            self._turn(refused)
        return self._events.search(
            start, end, deadline, entities=entities, contains=contains, levels=levels, head=head, tail=tail
        )

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids, which are the same in both ways."""
        try:
            return self._used.read(ids, deadline)
        except AwsRefused as refused:
            self._turn(refused)
        return self._events.read(ids, deadline)

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """All lines of both windows, masked and counted."""
        try:
            return self._used.grouped(windows, deadline)
        except AwsRefused as refused:
            self._turn(refused)
        return self._events.grouped(windows, deadline)

    def _turn(self, refused: AwsRefused) -> None:
        if refused.kind != "forbidden" or self._used is self._events:
            raise refused
        self._used = self._events
