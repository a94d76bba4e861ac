"""`incidents.describe`: the first question of every triage."""

from __future__ import annotations

from ..snapshots.schema import TABLES
from ..snapshots.store import SnapshotStore
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .types import DescribeArgs, IncidentDescription


def incident_tools(store: SnapshotStore) -> tuple[AnyTool, ...]:
    """The incident of a snapshot."""

    def describe(_args: DescribeArgs, _context: ToolContext) -> Output[IncidentDescription]:
        manifest, alert, baseline = store.manifest, store.manifest.alert, store.baseline()
        description = IncidentDescription(
            title=manifest.title,
            environment=manifest.environment,
            start=manifest.window.start,
            end=manifest.window.end,
            baseline_start=baseline.start if baseline else None,
            baseline_end=baseline.end if baseline else None,
            alert_name=alert.name if alert else None,
            alert_entity=alert.entity if alert else None,
            alert_metric=alert.metric if alert else None,
            alert_severity=alert.severity if alert else None,
            alert_summary=alert.summary if alert else "",
            source=manifest.source,
            rows={name: store.span(name).rows for name in TABLES if store.has(name)},
            missing_tables=store.missing,
            asked_tables=store.asked,
            is_live=store.is_live,
            warnings=store.warnings,
        )
        scope = Scope(environment=manifest.environment, start=manifest.window.start, end=manifest.window.end)
        return Output("ok", scope, description)

    return (
        Tool(
            name="incidents.describe",
            effect="read",
            description="The incident of this run: window, baseline, alert, and which data exists.",
            args=DescribeArgs,
            result=IncidentDescription,
            run=describe,
            environment=store.manifest.environment,
            summary_tokens=500,
        ),
    )
