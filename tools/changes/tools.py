"""`changes.recent`, `changes.notices`, `changes.symptoms` and `changes.versions`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from ...core.errors import BackendError
from ..arrow import compute as pc
from ..logs.backends.types import LogsBackend
from ..metrics.backends.types import MetricsBackend
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import CHANGE_LIMIT, NOTICE_LIMIT, RECORDED_COLUMNS, ChangesBackend, NoticesBackend
from .symptoms import Lines, words_of_trouble
from .types import (
    Change,
    KindCount,
    NoticesArgs,
    NoticeSeen,
    NoticesResult,
    RecentArgs,
    RecentResult,
    SymptomsArgs,
    SymptomsResult,
    VersionPair,
    VersionsArgs,
    VersionsResult,
)
from .versions import compare_versions

CHANGE_COLUMNS = pa.schema([*RECORDED_COLUMNS, ("before_start_s", pa.float64())])
"""Columns of the artifact of `changes.recent`: every change, newest first; `ts` is a UTC timestamp.

`before_start_s` is the time from the change to the start of the window, below zero for changes inside it.
"""

_EPOCH = datetime.fromtimestamp(0, UTC)
_SHOWN_KINDS = 8
_TOKENS = 800
_LINES_HEAD, _LINES_TAIL = 3_000, 1_000
_WORSE, _LIKELY = 2.0, 0.1


def changes_tools(
    backend: ChangesBackend, notices: NoticesBackend, metrics: MetricsBackend, logs: LogsBackend
) -> tuple[AnyTool, ...]:
    """The change tools over one record of changes, over what others say happened, and over what shows an effect."""
    return (
        _recent_tool(backend),
        _notices_tool(notices),
        _symptoms_tool(logs),
        _versions_tool(metrics),
    )


def _recent_tool(backend: ChangesBackend) -> AnyTool:
    def recent(args: RecentArgs, context: ToolContext) -> Output[RecentResult]:
        first = _earlier(args.start, args.lookback_s)
        found = backend.between(first, args.end, context.deadline, entities=args.entities, kinds=args.kinds)
        filters = entity_filter(args.entities)
        if args.kinds:
            filters["kinds"] = ",".join(args.kinds)
        scope = Scope(environment=backend.environment, start=first, end=args.end, filters=filters)
        if not found.matched and found.missed:
            raise BackendError("; ".join(found.missed), remedy="look into the system, or ask again later")
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
        notes += found.missed
        if found.matched > table.num_rows:
            notes.append(f"only the newest {CHANGE_LIMIT} are in the artifact and counted by kind")
        return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))

    return Tool(
        name="changes.recent",
        effect="read",
        description="Deployments, configuration and other changes before and in a window, the newest first.",
        args=RecentArgs,
        result=RecentResult,
        run=recent,
        environment=backend.environment,
        summary_tokens=1_000,
    )


def _notices_tool(notices: NoticesBackend) -> AnyTool:
    def said(args: NoticesArgs, context: ToolContext) -> Output[NoticesResult]:
        first = _earlier(args.start, args.lookback_s)
        table = notices.notices(first, args.end, context.deadline)
        scope = Scope(environment=notices.environment, start=first, end=args.end)
        if not table.num_rows:
            return Output("no_data", scope, note="no status page and no cluster says anything about this time")
        rows = table.append_column("ts_us", table["ts"].cast(pa.int64())).drop_columns(["ts"]).to_pylist()
        rows.sort(key=lambda row: ((row["kind"] or "").lower() != "status", row["ts_us"]))
        result = NoticesResult(
            notices=len(rows),
            from_status_pages=sum((row["kind"] or "").lower() == "status" for row in rows),
            first=tuple(first_that_fit([_notice(row) for row in rows[: args.limit]], _TOKENS)),
        )
        is_cut = len(rows) >= NOTICE_LIMIT
        note = f"only the first {NOTICE_LIMIT} are looked at" if is_cut else ""
        return Output("truncated" if is_cut else "ok", scope, result, artifact=table, note=note)

    return Tool(
        name="changes.notices",
        effect="read",
        description="What status pages and clusters say happened in a window and shortly before it.",
        args=NoticesArgs,
        result=NoticesResult,
        run=said,
        environment=notices.environment,
        summary_tokens=1_000,
    )


def _symptoms_tool(logs: LogsBackend) -> AnyTool:
    def symptoms(args: SymptomsArgs, context: ToolContext) -> Output[SymptomsResult]:
        scope = Scope(
            environment=logs.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        before, after = (
            _lines(logs, start, end, args.entities, context)
            for start, end in ((args.baseline_start, args.baseline_end), (args.start, args.end))
        )
        if not after.rows.num_rows:
            return Output("no_data", scope, note="no log line lies in the window")
        table = words_of_trouble(before, after, args.baseline_s, args.length_s)
        result = SymptomsResult(words=table.num_rows, lines_read=before.rows.num_rows + after.rows.num_rows)
        return Output("ok", scope, result, artifact=table)

    return Tool(
        name="changes.symptoms",
        effect="read",
        description="Words that log lines say in trouble and did not before, to lay beside what a change touches.",
        args=SymptomsArgs,
        result=SymptomsResult,
        run=symptoms,
        environment=logs.environment,
        timeout_s=60,
    )


def _versions_tool(metrics: MetricsBackend) -> AnyTool:
    def versions(args: VersionsArgs, context: ToolContext) -> Output[VersionsResult]:
        found = metrics.series(args.baseline_start, args.end, context.deadline, entities=args.entities)
        scope = Scope(
            environment=metrics.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        table = compare_versions(found, to_us(args.start), to_us(args.end))
        if not table.num_rows:
            return Output("no_data", scope, note="no series tells the version it belongs to")
        rows = table.to_pylist()
        several = {row["entity"] for row in rows if row["kind"] == "seen" and row["newer"]}
        worse = [
            row for row in rows if row["kind"] == "compared" and row["effect"] >= _WORSE and row["p_worse"] <= _LIKELY
        ]
        worse.sort(key=lambda row: (row["p_worse"], -row["effect"], row["entity"], row["metric"]))
        result = VersionsResult(
            entities_compared=len(several),
            entities_with_one_version=len({row["entity"] for row in rows} - several),
            worse=tuple(_pair(row) for row in worse[: args.limit]),
        )
        return Output("ok", scope, result, artifact=table)

    return Tool(
        name="changes.versions",
        effect="read",
        description="Newer against older versions of the same entity, in the same minutes of a window.",
        args=VersionsArgs,
        result=VersionsResult,
        run=versions,
        environment=metrics.environment,
        data_classes=frozenset({"operational"}),
        timeout_s=60,
        summary_tokens=700,
    )


def _lines(logs: LogsBackend, start: datetime, end: datetime, entities: tuple[str, ...], context: ToolContext) -> Lines:
    found = logs.search(start, end, context.deadline, entities=entities, head=_LINES_HEAD, tail=_LINES_TAIL)
    return Lines(found.rows, found.matched / found.rows.num_rows if found.rows.num_rows else 1.0)


def _notice(row: dict[str, Any]) -> NoticeSeen:
    texts = {name: one_line(row[name]) for name in ("entity", "kind", "reason", "message")}
    return NoticeSeen(ts=_EPOCH + timedelta(microseconds=row["ts_us"]), **texts)


def _pair(row: dict[str, Any]) -> VersionPair:
    return VersionPair(
        entity=row["entity"],
        metric=one_line(row["metric"]),
        newer=one_line(row["newer"]),
        minutes=row["minutes"],
        newer_level=float(f"{row['newer_level']:.4g}"),
        older_level=float(f"{row['older_level']:.4g}"),
        effect=round(row["effect"], 1),
        p_worse=float(f"{row['p_worse']:.2g}"),
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
