"""Log lines of an Elasticsearch or OpenSearch.

API: Elasticsearch documentation, "Search APIs" (`_search`, point in time, `search_after`, aggregations). It counts
first; lines are read whole while they fit, and a share of them, picked at random but repeatably, where they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of, refusal
from ....core.systems.exchange import TooLarge
from ...arrow import compute as pc
from ...windows import ComparedWindows, to_us
from ..counting import LineCounter
from ..grouped import GROUP_COLUMNS, GroupedLines
from ..levels import Level, level_of
from .joined import ends_of
from .query_dsl import Query, between, counts, matching, order, picked
from .rows import BODY_LIMIT, AtHand, Row, in_order, table_of
from .sampling import ERRORS, REST, Budget, Counted, Plan, planned, read_in_time, totals_of, weighed
from .settings import ElasticsearchSettings
from .types import FoundLines

SHARES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096, 16_384)
_BUCKETS = 1_000
_PAGES_OF_BUCKETS = 20
_MOST_IDS = 1_000
_LEAST_LINES = 20
"""Of a page that gets smaller because its lines are long."""
_PROBED = 50
_MOST_ATTRIBUTES = 60
_DEPTH = 8
_APART = "/"
_OPENED = "1m"
"""How long a point in time stays open without being asked; it is not closed, for others may share it."""

_KINDS = {
    "too_many_buckets_exception": ("would have to count too much at once", "narrow its `scope`"),
    "parsing_exception": ("does not understand the question", "check its version and `flavour`"),
    "illegal_argument_exception": ("does not accept the question", "check that the fields named are of type `keyword`"),
    "search_phase_execution_exception": ("could not carry out the question", "check the types of the fields named"),
    "index_not_found_exception": ("has no such index", "check its `index`"),
}
"""Kinds of errors that are told apart; what else it wrote is not repeated."""


class ElasticsearchLogs:
    """Implements `LogsBackend`. The id of a line is its index and its id there.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: ElasticsearchSettings) -> None:
        self._client = client
        self._settings = settings
        self._own = {
            settings.time_field,
            *settings.scope,
            *settings.entity_fields,
            *settings.level_fields,
            *settings.body_fields,
            *settings.trace_fields,
            *settings.span_fields,
        }
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
        """Lines in `[start, end)`; of each at most 32,768 characters. Levels are those of fields, not of the text."""
        times = [between(self._settings, start, end)]
        query = matching(self._settings, times, entities, contains=contains, levels=levels)
        wanted = {"query": query, "track_total_hits": True}
        size = min(head + tail, 10_000)
        found = self._asked({**wanted, "size": size, "sort": order(self._settings)}, deadline)
        matched, rows = self._total(found), [row for row, _ in self._rows(found)]
        if matched > len(rows) and tail:
            last = self._asked({**wanted, "size": tail, "sort": order(self._settings, backward=True)}, deadline)
            rows = [*rows[:head], *(row for row, _ in self._rows(last))]
            matched = max(matched, head + tail + 1)
        rows = list({row.id: row for row in rows}.values())
        return FoundLines(matched, ends_of(table_of(rows), matched, head, tail))

    def read(self, ids: Sequence[str], deadline: Deadline) -> pa.Table:
        """The lines with these ids; of each at most 32,768 characters."""
        at_hand, others = self._at_hand.find(ids)
        named = [name for name in others if _APART in name][:_MOST_IDS]
        if not named:
            return in_order(at_hand)
        filters: list[Query] = [{"ids": {"values": [name.partition(_APART)[2] for name in named]}}]
        filters += [{"term": {name: {"value": value}}} for name, value in sorted(self._settings.scope.items())]
        asked = {"query": {"bool": {"filter": filters}}, "size": _MOST_IDS, "sort": order(self._settings)}
        rows = table_of([row for row, _ in self._rows(self._asked(asked, deadline)) if row.id in set(named)])
        return in_order(pa.concat_tables([at_hand, rows]))

    def grouped(self, windows: ComparedWindows, deadline: Deadline) -> GroupedLines:
        """The system's own counts, and the kinds of lines among those that are read; what is read streams by."""
        sides = {
            "before": between(self._settings, windows.baseline_start, windows.baseline_end),
            "after": between(self._settings, windows.start, windows.end),
        }
        known = self._counted(sides, windows.entities, deadline)
        if not known:
            return GroupedLines(GROUP_COLUMNS.empty_table(), totals_of({}), complete=True)
        everything = matching(self._settings, list(sides.values()), windows.entities)
        plan = planned(known, self._lines_that_fit(everything, deadline), SHARES)
        budget = Budget(self._settings.most_lines * 3 // 2, self._settings.most_mb * 1_000_000, deadline)
        with LineCounter(windows) as counter:
            for stratum, query in self._strata(sides, windows.entities, plan):
                self._count(counter, stratum, query, windows.entities, budget)
            if budget.ran_late:
                found, examples = read_in_time(counter, known, budget, self._client.name)
            else:
                by = weighed(counter, known, plan)
                complete = by.all_seen and not budget.ran_out
                found, examples = counter.grouped(totals_of(known), by.weights, complete=complete)
        self._at_hand.keep(examples)
        return found

    def _count(self, counter: LineCounter, stratum: int, query: Query, entities: Sequence[str], budget: Budget) -> None:
        if not budget.is_left:
            return
        with budget.until_late():
            for page, size in self._pages(query, budget):
                budget.spend(page.num_rows, size)
                if entities:
                    page = page.filter(pc.is_in(page["entity"], pa.array(entities, pa.string())))
                counter.add(page, stratum)

    def _counted(self, sides: Mapping[str, Query], entities: Sequence[str], deadline: Deadline) -> dict[str, Counted]:
        """Lines by entity, and those of them whose fields say error."""
        known: dict[str, Counted] = {}
        query = matching(self._settings, list(sides.values()), entities)
        after: Query | None = None
        for _ in range(_PAGES_OF_BUCKETS):
            asked = {"size": 0, "query": query, "aggs": counts(self._settings, dict(sides), after, _BUCKETS)}
            found = self._asked(asked, deadline)
            buckets, after = self._buckets(found)
            for bucket in buckets:
                self._parsed(partial(_add, known, bucket, entities))
            if after is None or len(buckets) < _BUCKETS:
                return known
        raise BackendError(
            f"{self._client.name} has too many entities to count", remedy="narrow its `scope` or `entity_fields`"
        )

    def _buckets(self, found: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], Query | None]:
        buckets: list[Mapping[str, Any]] = self._parsed(lambda: list(found["aggregations"]["lines"]["buckets"]))
        after = found["aggregations"]["lines"].get("after_key")
        return buckets, after if isinstance(after, dict) else None

    def _strata(self, sides: Mapping[str, Query], entities: Sequence[str], plan: Plan) -> Iterator[tuple[int, Query]]:
        times = list(sides.values())
        if plan.errors is None:
            yield REST, picked(matching(self._settings, times, entities), plan.rest)
            return
        yield ERRORS, picked(matching(self._settings, times, entities, levels=("error",)), plan.errors)
        yield REST, picked(matching(self._settings, times, entities, without=("error",)), plan.rest)

    def _lines_that_fit(self, query: Query, deadline: Deadline) -> int:
        """How many lines may be read, if they are as long as a few of them are."""
        answer = self._answer({"query": query, "size": _PROBED, "sort": ["_doc"]}, deadline)
        hits = max(len(self._hits(self._whole(json_of(self._client, answer)))), 1)
        most = self._settings.most_mb * 800_000 * hits // max(len(answer.content), 1)
        return max(self._settings.page_lines, min(self._settings.most_lines, most))

    def _pages(self, query: Query, budget: Budget) -> Iterator[tuple[pa.Table, int]]:
        """Lines as they are at one point in time, the newest first, and their bytes."""
        point, after, size = self._opened(budget.until), None, self._settings.page_lines
        while budget.is_left:
            sort: list[Any] = order(self._settings, backward=True)
            if self._settings.flavour == "opensearch":
                sort.append({"_id": {"order": "asc"}})
            asked: Query = {
                "query": query,
                "size": size,
                "sort": sort,
                "pit": {"id": point, "keep_alive": _OPENED},
                "track_total_hits": False,
            }
            if after is not None:
                asked["search_after"] = after
            try:
                answer = self._answer(asked, budget.until, at_point=True)
            except TooLarge:
                if size <= _LEAST_LINES:
                    raise
                size = max(size // 4, _LEAST_LINES)
                continue
            found = self._whole(json_of(self._client, answer))
            rows = self._rows(found)
            if rows:
                yield table_of([row for row, _ in rows]), len(answer.content)
            if len(rows) < size:
                return
            after, point = rows[-1][1], str(found.get("pit_id") or point)

    def _opened(self, deadline: Deadline) -> str:
        """A point in time."""
        path, name = f"/{self._settings.index}/_pit", "id"
        if self._settings.flavour == "opensearch":
            path, name = f"/{self._settings.index}/_search/point_in_time", "pit_id"
        answer = self._client.post_form(f"{path}?keep_alive={_OPENED}", (), deadline)
        if answer.status >= 300:
            raise self._refused(answer.status, answer.content)
        document = json_of(self._client, answer)
        point = document.get(name) if isinstance(document, dict) else None
        if not isinstance(point, str):
            raise BackendError(f"{self._client.name} opens no point in time", remedy="check its version and `flavour`")
        return point

    def _asked(self, body: Query, deadline: Deadline) -> Mapping[str, Any]:
        return self._whole(json_of(self._client, self._answer(body, deadline)))

    def _answer(self, body: Query, deadline: Deadline, *, at_point: bool = False) -> Any:
        path = "/_search" if at_point else f"/{self._settings.index}/_search"
        target = f"{path}?allow_partial_search_results=false"
        # Windows lie in the past: the triages of one storm read them once. A point in time closes sooner.
        answer = self._client.post_json(target, body, deadline, is_lasting=not at_point)
        if answer.status in (400, 404, 500, 503):
            raise self._refused(answer.status, answer.content)
        return answer

    def _refused(self, status: int, content: bytes) -> BackendError:
        from json import loads  # noqa: PLC0415 - only a refusal needs it

        try:
            kind = loads(content)["error"]["type"]
        except (ValueError, RecursionError, TypeError, KeyError):
            return refusal(self._client.name, status)
        told = _KINDS.get(kind if isinstance(kind, str) else "")
        if told is None:
            return refusal(self._client.name, status)
        return BackendError(f"{self._client.name} {told[0]} ({status})", remedy=told[1])

    def _whole(self, found: Any) -> Mapping[str, Any]:
        """An answer of all shards: half of the data is no data."""
        if not isinstance(found, dict) or not isinstance(found.get("_shards"), dict):
            raise BackendError(f"{self._client.name} is no Elasticsearch API", remedy="check its `url`")
        if found.get("timed_out") or found["_shards"].get("failed"):
            raise BackendError(f"{self._client.name} answered in part", remedy="look into its shards, or ask for less")
        return found

    def _total(self, found: Mapping[str, Any]) -> int:
        return int(self._parsed(lambda: int(found["hits"]["total"]["value"])))

    def _hits(self, found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        hits: list[Mapping[str, Any]] = self._parsed(lambda: list(found["hits"]["hits"]))
        return hits

    def _rows(self, found: Mapping[str, Any]) -> list[tuple[Row, list[Any]]]:
        """Each line, and where the next page goes on."""
        hits = self._hits(found)
        rows: list[tuple[Row, list[Any]]] = self._parsed(lambda: [(self._row(hit), list(hit["sort"])) for hit in hits])
        return rows

    def _parsed(self, parse: Callable[[], Any]) -> Any:
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise BackendError(
                f"{self._client.name} answered something else than lines", remedy="check its version and its fields"
            ) from error

    def _row(self, hit: Mapping[str, Any]) -> Row:
        fields = dict(_flat(hit["_source"]))
        settings = self._settings

        def first(names: Sequence[str]) -> str | None:
            return next((fields[name] for name in names if fields.get(name)), None)

        attributes = [(name, value) for name, value in sorted(fields.items()) if name not in self._own]
        return Row(
            f"{hit['_index']}{_APART}{hit['_id']}",
            _us(fields[settings.time_field]),
            first(settings.entity_fields) or "",
            first(settings.level_fields),
            (first(settings.body_fields) or "")[:BODY_LIMIT],
            attributes[:_MOST_ATTRIBUTES],
            first(settings.trace_fields),
            first(settings.span_fields),
        )


def _add(known: dict[str, Counted], bucket: Mapping[str, Any], entities: Sequence[str]) -> None:
    """Add what a bucket counts to its entity."""
    key = bucket["key"]
    entity, level = (
        next((str(key[name]) for name in sorted(key) if name.startswith(kind) and key[name]), "")
        for kind in ("entity_", "level_")
    )
    if entities and entity not in entities:
        return
    each = known.setdefault(entity, Counted())
    each.before += int(bucket["before"]["doc_count"])
    each.after += int(bucket["after"]["doc_count"])
    if level_of(level) == "error":
        each.errors += int(bucket["doc_count"])


def _flat(found: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Fields by their whole names, whether they were written nested or with dots."""
    for name, value in found.items():
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", str(value).lower()
        elif isinstance(value, str | int | float):
            yield f"{prefix}{name}", str(value)
        elif isinstance(value, list) and value and isinstance(value[0], str | int | float):
            yield f"{prefix}{name}", ", ".join(map(str, value[:10]))


def _us(text: str) -> int:
    """Of what a document says: ISO 8601, or milliseconds since the epoch."""
    if text.lstrip("-").isdigit():
        return int(text) * 1_000
    moment = datetime.fromisoformat(text)
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
