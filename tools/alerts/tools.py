"""`alerts.active`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import EVENT_LIMIT, AlertsBackend
from .firing import Firing, firing, severity_rank
from .types import ActiveArgs, ActiveResult, AlertGroup

ALERT_COLUMNS = pa.schema(
    [
        ("name", pa.string()),
        ("entity", pa.string()),
        ("severity", pa.string()),
        ("summary", pa.string()),
        ("labels", pa.map_(pa.string(), pa.string())),
        ("first_us", pa.int64()),
        ("last_us", pa.int64()),  # null if it fired at the end of the range
    ]
)
"""Columns of the artifact of `alerts.active`: a row per stretch of firing, in order of time."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_SHOWN_ENTITIES = 5
_TOKENS = 700


def alerts_tools(backend: AlertsBackend) -> tuple[AnyTool, ...]:
    """The alert tools over one backend."""

    def active(args: ActiveArgs, context: ToolContext) -> Output[ActiveResult]:
        events = backend.events(args.end, context.deadline, entities=args.entities)
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        alerts = firing(events.to_pylist(), to_us(args.start), to_us(args.end))
        if not alerts:
            return Output("no_data", scope, note="no alert fired in this time range")
        groups = _groups(alerts)
        shown = first_that_fit(groups[: args.limit], _TOKENS)
        result = ActiveResult(
            alerts=len(alerts), still_firing=sum(alert.last_us is None for alert in alerts), groups=shown
        )
        notes = [f"{len(groups) - len(shown)} more names fired"] if len(groups) > len(shown) else []
        if events.num_rows >= EVENT_LIMIT:
            notes.append(f"only the newest {EVENT_LIMIT} changes of state were read")
        return Output("truncated" if notes else "ok", scope, result, artifact=_table(alerts), note="; ".join(notes))

    return (
        Tool(
            name="alerts.active",
            effect="read",
            description="The alerts that fired in a time range, grouped by name, the most severe first.",
            args=ActiveArgs,
            result=ActiveResult,
            run=active,
            environment=backend.environment,
            summary_tokens=800,
        ),
    )


def _groups(alerts: list[Firing]) -> list[AlertGroup]:
    by_name: dict[str, list[Firing]] = {}
    for alert in alerts:
        by_name.setdefault(alert.name, []).append(alert)
    ordered = sorted(by_name.items(), key=lambda pair: (min(map(_rank, pair[1])), pair[1][0].first_us, pair[0]))
    return [_group(name, members) for name, members in ordered]


def _rank(alert: Firing) -> int:
    return severity_rank(alert.severity)


def _group(name: str, members: list[Firing]) -> AlertGroup:
    entities = sorted({member.entity for member in members if member.entity})
    return AlertGroup(
        name=one_line(name),
        severity=one_line(min(members, key=_rank).severity),
        alerts=len({(member.entity, member.labels) for member in members}),
        still_firing=sum(member.last_us is None for member in members),
        first_fired=_EPOCH + timedelta(microseconds=members[0].first_us),
        entities=tuple(one_line(entity) for entity in entities[:_SHOWN_ENTITIES]),
        summary=one_line(members[0].summary),
    )


def _table(alerts: list[Firing]) -> pa.Table:
    columns = {name: [getattr(alert, name) for alert in alerts] for name in ALERT_COLUMNS.names}
    columns["labels"] = [list(labels) for labels in columns["labels"]]
    return pa.Table.from_pydict(columns, schema=ALERT_COLUMNS)
