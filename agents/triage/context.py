"""The calls that put an incident into its surroundings: what was promised, whose it is, who is hurt, what is known.

They come after the ranking, because most of them ask about the suspects, and they change neither ranking nor verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .plan import PlannedCall
from .types import Incident

PREFIX = "context."
"""Of the ids of these calls."""
RUNBOOK_CALL, CAUSE_CALL = f"{PREFIX}runbook", f"{PREFIX}cause"
_MOST_SUSPECTS = 3
_MOST_TEXTS = 20
_MOST_SIGNS = 10
_LONGEST = 500


def context_calls(
    incident: Incident,
    candidates: Sequence[Mapping[str, Any]],
    artifacts: Mapping[str, str | None],
    summaries: Mapping[str, Any],
    signs: Sequence[str] | None = None,
) -> list[PlannedCall]:
    """What an on-call engineer asks first.

    Args:
        incident: what is to be explained.
        candidates: of the ranking, best first.
        artifacts: call id: the artifact of an earlier call.
        summaries: call id: the summary of an earlier call.
        signs: what stands out at the first candidate; `None` where it is not held to be the cause.
    """
    window = {"start": incident.start, "end": incident.end}
    entities = suspected(incident, candidates)
    calls = [PlannedCall("context.slos", "slo.burn", window)]
    if entities:
        calls.append(PlannedCall("context.owners", "owners.find", {"entities": entities}))
        named = {
            "graph": artifacts.get("scope.graph"),
            "shifts": artifacts.get("survey.metrics"),
            "latency": artifacts.get("survey.traces"),
            "alerts": artifacts.get("scope.alerts"),
        }
        known = {name: artifact for name, artifact in named.items() if artifact is not None}
        args = {**window, "entities": entities[:1], **known}
        calls.append(PlannedCall("context.blast_radius", "topology.blast_radius", args))
    calls.append(PlannedCall("context.similar", "incidents.similar", _likeness(incident, candidates, summaries)))
    calls.append(PlannedCall(RUNBOOK_CALL, "runbooks.match", _runbook(incident, candidates, artifacts, summaries)))
    if signs is not None and (suspicion := _suspicion(incident, candidates, summaries, signs)):
        calls.append(PlannedCall(CAUSE_CALL, "runbooks.match", suspicion))
    return calls


def suspected(incident: Incident, candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """The entities to ask about: the leading suspects, then where the alert fired."""
    named = [str(candidate["entity"]) for candidate in candidates[:_MOST_SUSPECTS]]
    return list(dict.fromkeys([*named, *([incident.alert_entity] if incident.alert_entity else [])]))


def _likeness(
    incident: Incident, candidates: Sequence[Mapping[str, Any]], summaries: Mapping[str, Any]
) -> dict[str, Any]:
    """What an incident of the past would have to share."""
    leading = candidates[:_MOST_SUSPECTS]
    args = {
        "before": incident.start,
        "alert": incident.alert_name,
        "entities": _plain(suspected(incident, candidates)),
        "indicators": _plain(str(row["indicator"]) for row in leading if row.get("indicator")),
        "patterns": _plain(log_patterns(summaries.get("survey.logs"))),
        "changes": _kinds(candidates, summaries),
    }
    return {name: value for name, value in args.items() if value}


def _kinds(candidates: Sequence[Mapping[str, Any]], summaries: Mapping[str, Any]) -> list[str]:
    """What kind of change the first suspect is suspected for."""
    suspected_change = str(candidates[0]["change"]) if candidates and candidates[0].get("change") else None
    recent = summaries.get("scope.changes")
    newest = recent.get("newest", ()) if isinstance(recent, Mapping) else ()
    return _plain(str(row["kind"]) for row in newest if row.get("id") == suspected_change and row.get("kind"))


def _runbook(
    incident: Incident,
    candidates: Sequence[Mapping[str, Any]],
    artifacts: Mapping[str, str | None],
    summaries: Mapping[str, Any],
) -> dict[str, Any]:
    """What a runbook is looked for by; its words are those of the alert and of the first suspect."""
    indicators = [incident.alert_metric or "", *(str(row.get("metric") or "") for row in candidates[:1])]
    args = {
        "alert": incident.alert_name,
        "entities": _plain(suspected(incident, candidates[:1])),
        "indicators": _plain(text for text in indicators if text),
        "changes": _kinds(candidates, summaries),
        "alerts": artifacts.get("scope.alerts"),
    }
    return {name: value for name, value in args.items() if value}


def _suspicion(
    incident: Incident, candidates: Sequence[Mapping[str, Any]], summaries: Mapping[str, Any], signs: Sequence[str]
) -> dict[str, Any]:
    """What a runbook for the first suspect is looked for by; empty where nothing stands out there."""
    first = candidates[0] if candidates else {}
    told = _plain(text for text in (str(first.get("metric") or ""), *signs) if text)
    entity = _plain([str(first.get("entity") or "")])
    if not told or not entity or not entity[0]:
        return {}
    args = {
        "about": "cause",
        "alert": incident.alert_name,
        "entities": entity,
        "signs": told[:_MOST_SIGNS],
        "changes": _kinds(candidates, summaries),
    }
    return {name: value for name, value in args.items() if value}


def log_patterns(summary: object) -> list[str]:
    """The log patterns of a summary that are new or surged, as they are shown."""
    rows = summary.get("top") if isinstance(summary, Mapping) else None
    return [
        str(row["template"])
        for row in (rows if isinstance(rows, list | tuple) else ())
        if isinstance(row, Mapping) and row.get("kind") in ("new", "surged") and row.get("template")
    ]


def _plain(texts: Iterable[str]) -> list[str]:
    """Texts that a call may carry: a placeholder may stand in no argument that does not declare it."""
    return list(dict.fromkeys(text for text in texts if "·" not in text and len(text) <= _LONGEST))[:_MOST_TEXTS]


def context_gaps(results: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """What the surroundings could not tell: promises and parts of the catalogue that cannot be read, by name."""
    gaps: list[str] = []
    for row in _rows(results, "context.slos", "objectives"):
        if row.get("state") == "error":
            gaps.append(f"slo.burn: {row.get('name')} of {row.get('entity')}: {row.get('problem')}")
    gaps += [f"owners.find: {problem}" for problem in _list(results, "context.owners", "problems")]
    return tuple(gaps)


def _rows(results: Mapping[str, Mapping[str, Any]], call_id: str, member: str) -> list[Mapping[str, Any]]:
    return [row for row in _list(results, call_id, member) if isinstance(row, Mapping)]


def _list(results: Mapping[str, Mapping[str, Any]], call_id: str, member: str) -> list[Any]:
    summary = results.get(call_id, {}).get("summary")
    value = summary.get(member) if isinstance(summary, Mapping) else None
    return value if isinstance(value, list) else []
