"""Asking a Loki: pages of lines, counts, and what its refusals mean.

API: Grafana Loki documentation, "Loki HTTP API" (`query`, `query_range`, `index/stats`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ....core.systems.exchange import TooLarge
from .logql import counted
from .rows import BODY_LIMIT, Row, fingerprint, in_order, table_of
from .sampling import Budget
from .settings import LokiSettings
from .types import LINE_COLUMNS

CATEGORIZED = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
"""Has Loki keep structured metadata beside each line; without, every line with its own would be a stream of its own."""

_TRACE_NAMES = ("trace_id", "traceID", "traceid", "TraceID")
_SPAN_NAMES = ("span_id", "spanID", "spanid", "SpanID")
_ADDRESS_LIMIT = 3_000
_LEAST_LINES = 20
"""Of a page that gets smaller because its lines are long."""
_USUAL_BYTES = 400


class LokiRefused(BackendError):
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
class Stretch:
    """Nanoseconds since the epoch, `[start, end)`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """In nanoseconds."""
        return self.end - self.start

    def parts(self, number: int) -> list[Stretch]:
        """As many equal parts."""
        edges = [self.start + (self.end - self.start) * place // number for place in range(number + 1)]
        return [Stretch(*pair) for pair in pairwise(edges)]


class LokiApi:
    """Asks one Loki, and reads what it answers.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: LokiSettings) -> None:
        self.client = client
        self._settings = settings
        self._own = {*settings.entity_labels, *settings.level_labels, *settings.scope, *_TRACE_NAMES, *_SPAN_NAMES}

    def lines(self, query: str, stretch: Stretch, deadline: Deadline, most: int, *, backward: bool = False) -> pa.Table:
        """The first lines, or the last; in order of time."""
        pages, left = [LINE_COLUMNS.empty_table()], most
        for page, _ in self.pages(query, stretch, deadline, most=most, backward=backward):
            kept = page.slice(max(page.num_rows - left, 0)) if backward else page.slice(0, left)
            pages.append(kept)
            left -= kept.num_rows
        return in_order(pa.concat_tables(pages))

    def pages(
        self,
        query: str,
        stretch: Stretch,
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
                    f"{self.client.name} has more than {limit} lines at one moment", remedy="raise its `page_lines`"
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

    def counts(
        self, query: str, stretch: Stretch, labels: Sequence[str], deadline: Deadline
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

    def usual_bytes(self, streams: str, stretches: Sequence[Stretch], deadline: Deadline) -> int:
        """How long a line is, about, as Loki's index says."""
        params = [("query", streams), ("start", str(stretches[0].start)), ("end", str(stretches[-1].end))]
        answer = self.client.get("/loki/api/v1/index/stats", params, deadline, is_lasting=True)
        if answer.status >= 300:
            return _USUAL_BYTES
        stats = json_of(self.client, answer)
        entries, size = (_whole(stats, name) for name in ("entries", "bytes"))
        return max(size // entries + 100, 100) if entries else _USUAL_BYTES

    def _asked(self, path: str, params: Params, deadline: Deadline) -> Exchanged:
        is_long = sum(len(value) for _, value in params) > _ADDRESS_LIMIT
        ask: Callable[..., Exchanged] = self.client.post_form if is_long else self.client.get
        # Windows lie in the past: the triages of one storm read them once.
        answer = ask(path, params, deadline, is_lasting=True)
        if answer.status in (400, 422):
            raise self._refused(answer)
        return answer

    def _refused(self, answer: Exchanged) -> BackendError:
        said = answer.content[:10_000].decode("utf-8", "replace")
        for sign, kind, told, remedy in _REFUSALS:
            if sign in said:
                return LokiRefused(f"{self.client.name} {told} ({answer.status})", remedy=remedy, kind=kind)
        error = refusal(self.client.name, answer.status)
        return LokiRefused(str(error), remedy=error.remedy, kind="other")

    def _data(self, answer: Exchanged, kind: str) -> list[Any]:
        document = json_of(self.client, answer)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, dict) or document.get("status") != "success" or data.get("resultType") != kind:
            raise BackendError(f"{self.client.name} is no Loki API", remedy="check its `url`")
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
                f"{self.client.name} answered something else than lines", remedy="check its version and its `url`"
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
        entity, level = self.entity(labels), self.level(labels)
        attributes = [(name, value) for name, value in sorted(labels.items()) if name not in self._own]
        trace, span = (next((labels[name] for name in names if labels.get(name)), None) for names in _OF_TRACE)

        def make(ns: int, line: str) -> Row:
            name = f"{ns}-{fingerprint(named, line)}"
            return Row(name, ns // 1_000, entity, level, line[:BODY_LIMIT], attributes, trace, span)

        return make

    def entity(self, labels: Mapping[str, str]) -> str:
        return next((labels[name] for name in self._settings.entity_labels if labels.get(name)), "")

    def level(self, labels: Mapping[str, str]) -> str | None:
        """As written; what Loki could not detect is left to the line."""
        written = next((labels[name] for name in self._settings.level_labels if labels.get(name)), None)
        return None if written == "unknown" else written


_OF_TRACE = (_TRACE_NAMES, _SPAN_NAMES)


def _whole(found: Any, name: str) -> int:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and value >= 0 else 0
