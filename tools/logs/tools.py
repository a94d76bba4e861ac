"""`logs.search`, `logs.read` and `logs.patterns`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pyarrow as pa

from ..arrow import compute as pc
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import ends_that_fit, first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import LogsBackend
from .grouped import GroupedLines
from .levels import level_of
from .patterns import OTHER, find_patterns
from .types import (
    Line,
    Pattern,
    PatternsArgs,
    PatternsResult,
    ReadArgs,
    ReadResult,
    SearchArgs,
    SearchResult,
    WholeLine,
)

_ARTIFACT_HEAD, _ARTIFACT_TAIL = 1_400, 600
_SEARCH_TOKENS = 900
_PATTERN_TOKENS = 900
_WITH_EXAMPLE = 1_000
_EPOCH = datetime.fromtimestamp(0, UTC)


def logs_tools(backend: LogsBackend) -> tuple[AnyTool, ...]:
    """The log tools over one backend."""

    def search(args: SearchArgs, context: ToolContext) -> Output[SearchResult]:
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
            note=f"{rest} more lines match, in time between those shown; narrow the time, text or level"
            if rest
            else "",
        )

    def read(args: ReadArgs, context: ToolContext) -> Output[ReadResult]:
        rows = backend.read(args.ids, context.deadline)
        scope = Scope(environment=backend.environment, filters={"ids": f"{len(args.ids)} named"})
        if not len(rows):
            return Output("no_data", scope, note="no line has one of these ids")
        return Output("ok", scope, ReadResult(lines=tuple(map(_whole, rows.to_pylist()))), artifact=rows)

    def patterns(args: PatternsArgs, context: ToolContext) -> Output[PatternsResult]:
        found = backend.grouped(args, context.deadline)
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        lines_before, lines_after = _sum(found.totals, "before"), _sum(found.totals, "after")
        if not lines_before + lines_after:
            return Output("no_data", scope, note="no line lies in the window or its baseline")
        table, complete = find_patterns(found, args.baseline_s, args.length_s)
        table = _with_examples(table, backend, context)
        kinds = dict.fromkeys(("new", "surged", "vanished"), 0)
        kinds.update({row["values"]: row["counts"] for row in pc.value_counts(table["kind"]).to_pylist()})
        changed = table.filter(
            pc.fill_null(pc.not_equal(table["kind"], "steady"), pc.not_equal(table["template"], OTHER))
        )
        shown = [_pattern(row) for row in changed.slice(0, args.limit).to_pylist()]
        result = PatternsResult(
            lines_before=lines_before,
            lines_after=lines_after,
            patterns=table.num_rows,
            patterns_new=kinds["new"],
            patterns_surged=kinds["surged"],
            patterns_vanished=kinds["vanished"],
            top=first_that_fit(shown, _PATTERN_TOKENS),
        )
        note = _missing(found, lines_before, complete)
        return Output("truncated" if note else "ok", scope, result, artifact=table, note=note)

    return (
        Tool(
            name="logs.search",
            effect="read",
            description="Log lines of a time range by entity, plain text and level: how many, the first and the last.",
            args=SearchArgs,
            result=SearchResult,
            run=search,
            environment=backend.environment,
            summary_tokens=1_000,
        ),
        Tool(
            name="logs.read",
            effect="read",
            description="Whole log lines with their attributes and trace, by the ids of logs.search or logs.patterns.",
            args=ReadArgs,
            result=ReadResult,
            run=read,
            environment=backend.environment,
            summary_tokens=1_500,
        ),
        Tool(
            name="logs.patterns",
            effect="read",
            description="Which kinds of log lines are new, surged or vanished in a window, compared with a quiet time.",
            args=PatternsArgs,
            result=PatternsResult,
            run=patterns,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_000,
        ),
    )


_R = TypeVar("_R")


def _ends(rows: list[_R], limit: int) -> list[_R]:
    if len(rows) <= limit:
        return rows
    head = limit - limit // 3
    return rows[:head] + (rows[-(limit - head) :] if limit > head else [])


def _moment(since_epoch_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=since_epoch_us)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ts": _moment(row["ts_us"]),
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


def _sum(table: pa.Table, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def _with_examples(table: pa.Table, backend: LogsBackend, context: ToolContext) -> pa.Table:
    wanted = table["example_id"].slice(0, _WITH_EXAMPLE)
    lines = backend.read([name for name in wanted.to_pylist() if name is not None], context.deadline)
    place = pc.index_in(wanted, lines["id"].combine_chunks())
    examples = lines["body"].combine_chunks().take(place)
    rest = pa.nulls(table.num_rows - len(wanted), pa.string())
    column = table.schema.get_field_index("example")
    return table.set_column(
        column, "example", pa.chunked_array([*pa.chunked_array(examples).chunks, rest], pa.string())
    )


def _pattern(row: dict[str, Any]) -> Pattern:
    return Pattern(
        entity=one_line(row["entity"]),
        template=one_line(row["template"]),
        level=row["level"],
        kind=row["kind"],
        score=None if row["score"] is None else round(row["score"], 1),
        count_before=row["count_before"],
        count_after=row["count_after"],
        errors_after=row["errors_after"],
        first_seen=_moment(row["first_us"]),
        example_id=row["example_id"],
        example=one_line(row["example"]),
    )


def _missing(found: GroupedLines, lines_before: int, complete: bool) -> str:
    notes = []
    step = pc.max(found.rows["weight"]).as_py() or 1
    if step > 1:
        notes.append(f"counts are estimates from every {step}th line or more")
    if not complete:
        notes.append(f"the rarest texts are counted as {OTHER}")
    if not lines_before:
        notes.append("the baseline holds no line, so nothing is compared")
    return "; ".join(notes)
