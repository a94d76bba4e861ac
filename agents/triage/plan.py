"""Which calls a triage makes, in which order their results are numbered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .types import Incident

ONSET = "scope.onset"
LOOK_BACK_S = 24 * 3600
"""How long before the incident a change is still worth a look."""
_CHART_POINTS = 72
_DOMAIN_TOOLS = (
    ("outcomes", "outcomes.segments"),
    ("predictions", "models.health"),
    ("features", "features.health"),
)
"""What is asked only where the incident has the table: few platforms keep all of them."""
_PAYMENTS = re.compile(r"pay|approv|declin|charge|card|checkout|issuer|acquir|authori[sz]|3-?ds", re.IGNORECASE)
"""Words in alerts and names that are about payments."""
_JOB_TOOLS = (("pipelines", "pipelines.late"), ("failure", "pipelines.why"))
"""What is asked where the incident has runs of pipelines: who is late, and why the last one failed."""
_CLUSTER_TOOLS = ("kubernetes.workloads", "kubernetes.rollouts", "kubernetes.nodes")
"""What is asked where the incident has the objects of a cluster."""


@dataclass(frozen=True)
class PlannedCall:
    """A call the graph will make; the id makes it the same call after a restart."""

    call_id: str
    tool: str
    args: Mapping[str, Any]

    def as_state(self) -> dict[str, Any]:
        """The plain form kept in checkpoints."""
        return {"call_id": self.call_id, "tool": self.tool, "args": dict(self.args)}


def scope_calls(incident: Incident) -> list[PlannedCall]:
    """What is in reach: the call graph, what was changed, what else is firing."""
    window = {"start": incident.start, "end": incident.end}
    return [
        PlannedCall("scope.graph", "topology.graph", {}),
        PlannedCall("scope.changes", "changes.recent", {**window, "lookback_s": LOOK_BACK_S}),
        PlannedCall("scope.notices", "changes.notices", window),
        PlannedCall("scope.alerts", "alerts.active", window),
    ]


def onset_call(incident: Incident) -> PlannedCall | None:
    """When it began: whoever gives a start knows it to some minutes. `None` without a baseline."""
    if incident.baseline_start is None or incident.baseline_end is None:
        return None
    return PlannedCall(ONSET, "metrics.onset", incident.windows)


def survey_calls(incident: Incident) -> list[PlannedCall]:
    """What differs from the quiet time: series, log patterns, spans. Empty without a baseline."""
    if incident.baseline_start is None or incident.baseline_end is None:
        return []
    windows = incident.windows
    return [
        PlannedCall("survey.metrics", "metrics.shifts", windows),
        PlannedCall("survey.logs", "logs.patterns", windows),
        PlannedCall("survey.traces", "traces.latency", windows),
        PlannedCall("survey.calls", "traces.calls", windows),
        *(PlannedCall(f"survey.{table}", tool, windows) for table, tool in _DOMAIN_TOOLS if table in incident.tables),
        PlannedCall("survey.symptoms", "changes.symptoms", windows),
        PlannedCall("survey.versions", "changes.versions", windows),
        *(PlannedCall(f"survey.{call}", tool, {}) for call, tool in _JOB_TOOLS if "jobs" in incident.tables),
        *(_cluster_calls(incident) if "objects" in incident.tables else ()),
    ]


def _cluster_calls(incident: Incident) -> list[PlannedCall]:
    """How workloads and machines are, and what was rolled out."""
    window = {"start": incident.start, "end": incident.end}
    return [
        PlannedCall(f"survey.{tool.partition('.')[2]}", tool, window if tool == "kubernetes.rollouts" else {})
        for tool in _CLUSTER_TOOLS
    ]


def rank_calls(incident: Incident, artifacts: Mapping[str, str | None]) -> list[PlannedCall]:
    """The ranking and the judgement of the changes, over the artifacts of the calls before it."""
    alert = " ".join(text for text in (incident.alert_name, incident.alert_summary) if text)
    args: dict[str, Any] = {
        "start": incident.windows["start"],
        "end": incident.end,
        "alert_entity": incident.alert_entity,
        "alert_metric": incident.alert_metric,
        "shifts": artifacts.get("survey.metrics"),
        "patterns": artifacts.get("survey.logs"),
        "latency": artifacts.get("survey.traces"),
        "calls": artifacts.get("survey.calls"),
        "graph": artifacts.get("scope.graph"),
        "changes": artifacts.get("scope.changes"),
        "outcomes": artifacts.get("survey.outcomes"),
        "models": artifacts.get("survey.predictions"),
        "features": artifacts.get("survey.features"),
        "workloads": artifacts.get("survey.workloads"),
        "nodes": artifacts.get("survey.nodes"),
        "notices": artifacts.get("scope.notices"),
        "symptoms": artifacts.get("survey.symptoms"),
        "versions": artifacts.get("survey.versions"),
        "changes_since": incident.baseline_start,
        "alert_text": alert[:2_000] or None,
    }
    given = {name: value for name, value in args.items() if value is not None}
    calls = [PlannedCall("rank", "attribution.rank", given), PlannedCall("changes", "attribution.changes", given)]
    return [*calls, *_payment_calls(incident, artifacts)]


def _payment_calls(incident: Incident, artifacts: Mapping[str, str | None]) -> list[PlannedCall]:
    """Why payments go as they do, where payments are what the alert is about and there are some to look at."""
    about = " ".join(filter(None, (incident.alert_name, incident.alert_entity, incident.alert_metric)))
    if artifacts.get("survey.outcomes") is None or not _PAYMENTS.search(about):
        return []
    beside = {
        "features": artifacts.get("survey.features"),
        "models": artifacts.get("survey.predictions"),
        "notices": artifacts.get("scope.notices"),
        "changes": artifacts.get("scope.changes"),
    }
    given = {**incident.windows, **{name: value for name, value in beside.items() if value is not None}}
    return [PlannedCall("explain", "outcomes.explain", given)]


def inspect_calls(incident: Incident, candidates: Sequence[Mapping[str, Any]]) -> list[PlannedCall]:
    """The leading suspects' indicators over time, and the runbooks that fit the incident."""
    start = incident.baseline_start or incident.start
    start = max(start, (datetime.fromisoformat(incident.start) - timedelta(hours=6)).isoformat())
    pairs: list[tuple[str, str]] = []
    for candidate in candidates:
        pair = (candidate["entity"], candidate["indicator"])
        if candidate["metric"] and pair not in pairs:
            pairs.append(pair)
    calls = [
        PlannedCall(
            f"inspect.{place}",
            "metrics.query",
            {"start": start, "end": incident.end, "entity": entity, "metric": metric, "max_points": _CHART_POINTS},
        )
        for place, (entity, metric) in enumerate(pairs[:3], start=1)
    ]
    words = [incident.alert_name, incident.alert_metric, *(name for pair in pairs[:2] for name in pair)]
    query = " ".join(word for word in words if word)[:300]
    if query:
        calls.append(PlannedCall("inspect.runbooks", "runbooks.search", {"query": query, "limit": 3}))
    return calls


def exemplar_call(
    incident: Incident, candidates: Sequence[Mapping[str, Any]], offered: frozenset[str]
) -> PlannedCall | None:
    """Observations behind the leading suspect's indicator that name a trace, where a system keeps any."""
    if "metrics.exemplars" not in offered or not candidates or not candidates[0]["metric"]:
        return None
    window = {"start": incident.windows["start"], "end": incident.end}
    suspect = {"entity": candidates[0]["entity"], "metric": candidates[0]["metric"]}
    return PlannedCall("inspect.exemplars", "metrics.exemplars", {**window, **suspect})


def exemplar_trace_call(incident: Incident, found: Any) -> PlannedCall | None:
    """The trace of the worst of them."""
    worst = found.get("worst") if isinstance(found, Mapping) else None
    if not worst or "spans" not in incident.tables:
        return None
    return PlannedCall("inspect.exemplar", "traces.read", {"trace_id": worst[0]["trace_id"]})


def closer_calls(incident: Incident, suspects: Sequence[str]) -> list[PlannedCall]:
    """What a model is shown besides: everything that moved at the leading suspects, and who is beside them."""
    if incident.baseline_start is None or not suspects:
        return []
    chosen = list(dict.fromkeys(suspects))[:5]
    windows = survey_calls(incident)[0].args
    tools = (("metrics.shifts", 40), ("logs.patterns", 16), ("traces.latency", 16))
    calls = [
        PlannedCall(f"closer.{tool.partition('.')[0]}", tool, {**windows, "entities": chosen, "limit": limit})
        for tool, limit in tools
    ]
    return calls + neighbour_calls("closer", chosen[:3])


def neighbour_calls(prefix: str, entities: Sequence[str]) -> list[PlannedCall]:
    """Who calls some entities, and whom they call."""
    return [
        PlannedCall(f"{prefix}.beside.{place}", "topology.neighbours", {"entity": entity})
        for place, entity in enumerate(entities, start=1)
    ]
