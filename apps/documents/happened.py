"""What happened in an incident, for its timeline: by telemetry, alerts, changes, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...agents.triage.types import TriageReport
from ...policies.ledger.read import Row
from ...policies.ledger.read import rows as ledger_rows
from ..runbooks.opened import OpenRunbooks
from ..runbooks.taking import steps_of

_MOST_ENTRIES = 40
_MOST_SUSPECTS = 3


def happened(runbooks: OpenRunbooks, report: TriageReport) -> list[dict[str, Any]]:
    """What happened, each once, in the order of time: `at`, `kind`, `what` and `outcome`."""
    found = {
        (each["at"], each["kind"], each["what"], each["outcome"]): each
        for each in (*_seen(report), *_recorded(runbooks, report.run_id))
    }
    return sorted(found.values(), key=lambda each: str(each["at"]))


def _entry(at: object, kind: str, what: str, outcome: str = "") -> dict[str, Any]:
    return {"at": str(at), "kind": kind, "what": what, "outcome": outcome}


def _seen(report: TriageReport) -> Iterator[dict[str, Any]]:
    """What telemetry, alerts and the change log say happened at whatever is suspected."""
    suspects = {each.entity for each in report.ranking[:_MOST_SUSPECTS]}
    for item in report.evidence:
        summary = item.summary if isinstance(item.summary, Mapping) else {}
        if item.tool == "metrics.shifts":
            yield from _moved(summary, suspects)
        elif item.tool == "changes.recent":
            for row in summary.get("newest") or ():
                if row.get("entity") in suspects:
                    yield _entry(row["ts"], "change", f"{row['entity']}: {row['summary']}")
        elif item.tool == "alerts.active":
            for row in summary.get("groups") or ():
                if row.get("first_fired"):
                    where = f" at {', '.join(row['entities'])}" if row.get("entities") else ""
                    yield _entry(row["first_fired"], "alert", f"{row['name']}{where}")


def _moved(summary: Mapping[str, Any], suspects: set[str]) -> Iterator[dict[str, Any]]:
    """Metrics of suspects that left their range; of the series of one metric, the first."""
    first: dict[str, str] = {}
    for row in summary.get("shifts") or ():
        if row.get("onset") and row.get("entity") in suspects:
            what = f"{row['metric']} of {row['entity']} goes {row['direction']}"
            first[what] = min(first.get(what, row["onset"]), row["onset"])
    yield from (_entry(at, "telemetry", what) for what, at in first.items())


def _recorded(runbooks: OpenRunbooks, run_id: str) -> Iterator[dict[str, Any]]:
    """What the ledger holds of the run besides its reads."""
    entries = runbooks.installation.ledger.tail(2_000, run_id=run_id)
    effects = {entry.body.get("call_id"): entry.body["effect"] for entry in entries if entry.body.get("effect")}
    listed = [
        said
        for row in ledger_rows(entries)
        if not (row.kind.startswith("call.") and effects.get(row.call_id, "read") == "read")
        and (said := _said(row)) is not None
    ]
    yield from listed[:_MOST_ENTRIES]
    for step in steps_of(runbooks.installation, run_id):
        if step["run_id"] != run_id:
            what = f"{step['tool']} for step {step['step']} of the runbook"
            yield _entry(step["at"], "step taken", what, step["outcome"])


def _said(row: Row) -> dict[str, Any] | None:
    """An entry of the ledger as people say it; nothing for requests to models, and what came out just after."""
    if row.kind == "run.started":
        return _entry(row.ts, "triage", "begins", f"asked for by {row.subject}" if row.subject else "")
    if row.kind == "run.ended":
        return _entry(row.ts, "triage", "ends")
    if row.kind.startswith("prompt."):
        return None
    if row.kind.startswith("tell."):
        is_going = row.kind == "tell.decided" and row.finding.startswith("allow")
        return None if is_going else _entry(row.ts, "message to people", row.finding or row.subject)
    if row.kind.startswith("approval."):
        return _entry(row.ts, f"approval {row.kind.partition('.')[2]}", row.subject or row.run_id, row.finding)
    return _entry(row.ts, row.kind.replace(".", " "), row.subject or row.run_id, row.finding)
