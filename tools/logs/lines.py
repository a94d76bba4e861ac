"""What `logs.search` and `logs.read` answer: lines, whole or shortened."""

from __future__ import annotations

from typing import Any, TypeVar

from ..spec import Output, Scope, ToolContext
from ..summary import ends_that_fit, one_line
from ..windows import entity_filter, from_us
from .backends.types import LogsBackend
from .levels import level_of
from .types import Line, ReadArgs, ReadResult, SearchArgs, SearchResult, WholeLine

_ARTIFACT_HEAD, _ARTIFACT_TAIL = 1_400, 600
_SEARCH_TOKENS = 900


def search(backend: LogsBackend, args: SearchArgs, context: ToolContext) -> Output[SearchResult]:
    """Lines of a time range: how many, the first and the last."""
    found = backend.search(
        args.start,
        args.end,
        context.deadline,
        entities=args.entities,
        contains=args.contains,
        levels=args.levels,
        head=_ARTIFACT_HEAD,
        tail=_ARTIFACT_TAIL,
    )
    scope = Scope(environment=backend.environment, start=args.start, end=args.end, filters=_search_filters(args))
    if not found.matched:
        return Output("no_data", scope, note="no line matches in this time range")
    rows = found.rows.to_pylist()
    ends = _ends(rows, args.limit)
    lines = ends_that_fit([Line(**_line(row)) for row in ends], _SEARCH_TOKENS)
    rest = found.matched - len(lines)
    return Output(
        "truncated" if rest else "ok",
        scope,
        SearchResult(lines_matched=found.matched, lines=lines),
        artifact=found.rows,
        note=f"{rest} more lines match, in time between those shown; narrow the time, text or level" if rest else "",
    )


def read(backend: LogsBackend, args: ReadArgs, context: ToolContext) -> Output[ReadResult]:
    """Whole lines by their ids."""
    rows = backend.read(args.ids, context.deadline)
    scope = Scope(environment=backend.environment, filters={"ids": f"{len(args.ids)} named"})
    if not len(rows):
        return Output("no_data", scope, note="no line has one of these ids")
    return Output("ok", scope, ReadResult(lines=tuple(map(_whole, rows.to_pylist()))), artifact=rows)


_R = TypeVar("_R")


def _ends(rows: list[_R], limit: int) -> list[_R]:
    if len(rows) <= limit:
        return rows
    head = limit - limit // 3
    return rows[:head] + (rows[-(limit - head) :] if limit > head else [])


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ts": from_us(row["ts_us"]),
        "entity": one_line(row["entity"]),
        "level": level_of(row["level"]),
        "body": one_line(row["body"]),
    }


_SHOWN_ATTRIBUTES = 12


def _whole(row: dict[str, Any]) -> WholeLine:
    pairs = (row["attributes"] or [])[:_SHOWN_ATTRIBUTES]
    return WholeLine(
        **_line(row),
        attributes={one_line(name): one_line(value) for name, value in pairs},
        trace_id=one_line(row["trace_id"]) or None,
        span_id=one_line(row["span_id"]) or None,
    )


def _search_filters(args: SearchArgs) -> dict[str, str]:
    filters = entity_filter(args.entities)
    if args.contains is not None:
        filters["contains"] = args.contains
    if args.levels:
        filters["levels"] = ",".join(args.levels)
    return filters
