"""`changes.recent`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from ..arrow import compute as pc
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import CHANGE_LIMIT, RECORDED_COLUMNS, ChangesBackend
from .types import Change, KindCount, RecentArgs, RecentResult

CHANGE_COLUMNS = pa.schema([*RECORDED_COLUMNS, ("before_start_s", pa.float64())])
"""Columns of the artifact of `changes.recent`: every change, newest first; `ts` is a UTC timestamp.

`before_start_s` is the time from the change to the start of the window, below zero for changes inside it.
"""

_EPOCH = datetime.fromtimestamp(0, UTC)
_SHOWN_KINDS = 8
_TOKENS = 800


def changes_tools(backend: ChangesBackend) -> tuple[AnyTool, ...]:
    """The change tools over one backend."""

    def recent(args: RecentArgs, context: ToolContext) -> Output[RecentResult]:
        first = _earlier(args.start, args.lookback_s)
        found = backend.between(first, args.end, context.deadline, entities=args.entities, kinds=args.kinds)
        filters = entity_filter(args.entities)
        if args.kinds:
            filters["kinds"] = ",".join(args.kinds)
        scope = Scope(environment=backend.environment, start=first, end=args.end, filters=filters)
        if not found.matched:
            return Output("no_data", scope, note="no change is recorded in this time range")
        table = _with_gap(found.rows, to_us(args.start))
        rows = table.append_column("ts_us", table["ts"].cast(pa.int64())).drop_columns(["ts", "attributes"])
        shown = first_that_fit([_change(row) for row in rows.slice(0, args.limit).to_pylist()], _TOKENS)
        kinds = Counter(kind or "" for kind in table["kind"].to_pylist())
        result = RecentResult(
            changes=found.matched,
            in_window=int(pc.sum(pc.less_equal(table["before_start_s"], 0)).as_py() or 0),
            kinds=tuple(
                KindCount(kind=one_line(kind), count=count)
                for kind, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_KINDS]
            ),
            newest=shown,
        )
        notes = [f"{found.matched - len(shown)} older changes are not shown"] if found.matched > len(shown) else []
        if found.matched > table.num_rows:
            notes.append(f"only the newest {CHANGE_LIMIT} are in the artifact and counted by kind")
        return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))

    return (
        Tool(
            name="changes.recent",
            effect="read",
            description="Deployments, configuration and other changes before and in a window, the newest first.",
            args=RecentArgs,
            result=RecentResult,
            run=recent,
            environment=backend.environment,
            summary_tokens=1_000,
        ),
    )


def _earlier(moment: datetime, seconds: int) -> datetime:
    """So many seconds before, but not before the calendar begins."""
    try:
        return moment.astimezone(UTC) - timedelta(seconds=seconds)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _with_gap(rows: pa.Table, start_us: int) -> pa.Table:
    gaps = pc.divide(pc.cast(pc.subtract(start_us, pc.cast(rows["ts"], pa.int64())), pa.float64()), 1e6)
    return rows.append_column("before_start_s", gaps).cast(CHANGE_COLUMNS)


def _change(row: dict[str, Any]) -> Change:
    return Change(
        ts=_EPOCH + timedelta(microseconds=row["ts_us"]),
        before_start_s=round(row["before_start_s"]),
        entity=one_line(row["entity"]),
        kind=one_line(row["kind"]),
        id=one_line(row["id"]),
        summary=one_line(row["summary"]),
        author=one_line(row["author"]),
    )
