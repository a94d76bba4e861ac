"""The calls that put an incident into its surroundings: what was promised, whose it is, who is hurt, what is known.

They come after the ranking, because most of them ask about the suspects, and they change neither ranking nor verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .plan import PlannedCall
from .types import Incident

PREFIX = "context."
"""Of the ids of these calls."""
_MOST_SUSPECTS = 3


def context_calls(
    incident: Incident, candidates: Sequence[Mapping[str, Any]], artifacts: Mapping[str, str | None]
) -> list[PlannedCall]:
    """What an on-call engineer asks first.

    Args:
        incident: what is to be explained.
        candidates: of the ranking, best first.
        artifacts: call id: the artifact of an earlier call.
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
    return calls


def suspected(incident: Incident, candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """The entities to ask about: the leading suspects, then where the alert fired."""
    named = [str(candidate["entity"]) for candidate in candidates[:_MOST_SUSPECTS]]
    return list(dict.fromkeys([*named, *([incident.alert_entity] if incident.alert_entity else [])]))


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
