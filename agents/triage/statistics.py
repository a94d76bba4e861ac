"""What the numbers say on their own: verdict, claims and summary without any model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import PREFIX as CONTEXT_CALLS
from .state import TriageState, evidence_ids, incident_of, is_of_plan, summary_of
from .types import Claim, RankedCause, Verdict

UNDECIDED_MARGIN = 1.1
ALERT_SEEN = 1.0
"""Wobbles by which what an alert is about must have moved: it is one indicator, named before anybody looked."""
_MOST_REJECTED = 3
_SOURCE_CALLS = {
    "metrics": "survey.metrics",
    "logs": "survey.logs",
    "traces": "survey.traces",
    "calls": "survey.calls",
    "changes": "scope.changes",
    "outcomes": "survey.outcomes",
    "models": "survey.predictions",
    "features": "survey.features",
    "workloads": "survey.workloads",
    "nodes": "survey.nodes",
}


_COUNTS = {
    "survey.metrics": {"series_compared": "no series has samples on both sides"},
    "survey.logs": {"lines_before": "no line lies in the quiet time", "lines_after": "no line lies in the window"},
    "survey.traces": {"spans_before": "no span lies in the quiet time", "spans_after": "no span lies in the window"},
}
"""What a source must hold for a comparison, and what to say where it does not."""
_GOOD_ENOUGH = {
    "survey.metrics": ("ok",),
    "survey.logs": ("ok", "truncated"),
    "survey.traces": ("ok", "truncated"),
}
"""Patterns and operations are listed by weight, so a list that was cut short has lost the least of them."""


def ranking_of(state: TriageState) -> tuple[RankedCause, ...]:
    """The statistical ranking with the evidence that speaks for each suspect."""
    ids = evidence_ids(state)
    rank_id = ids.get("rank")
    causes = []
    for candidate in summary_of(state, "rank").get("candidates", ()):
        calls = [_SOURCE_CALLS[source] for source in candidate["sources"] if source in _SOURCE_CALLS]
        cited = [ids[call] for call in calls if call in ids] + ([rank_id] if rank_id else [])
        causes.append(
            RankedCause(
                entity=candidate["entity"],
                indicator=candidate["indicator"],
                change=candidate["change"],
                score=candidate["score"],
                evidence=tuple(cited),
                reasons=tuple(candidate["reasons"]),
            )
        )
    return tuple(causes)


def gaps_of(state: TriageState) -> tuple[str, ...]:
    """What was not looked at and why, one line each, in the order of the plan."""
    incident = incident_of(state)
    gaps = [*incident.absent, *incident.notes]
    if incident.baseline_start is None:
        gaps.append("there is no quiet time to compare with: no shift can be computed")
    for call_id in state.get("order", []):
        result = state["results"][call_id]
        if result["status"] in ("error", "denied"):
            gaps.append(f"{result['tool']}: {result['status']}: {result['message']}")
        elif result["status"] == "no_data" and call_id in _SOURCE_CALLS.values():
            gaps.append(f"{result['tool']}: no data: {result['message']}")
        gaps += [f"{result['tool']}: nothing to compare: {problem}" for problem in _uncompared(state, call_id)]
    return tuple(dict.fromkeys(gaps))


def _uncompared(state: TriageState, call_id: str) -> list[str]:
    """Why a source that answered could not be compared with the quiet time."""
    summary = summary_of(state, call_id)
    return [problem for name, problem in _COUNTS.get(call_id, {}).items() if summary.get(name) == 0]


def stands_out(found: Mapping[str, Any]) -> bool:
    """Whether anything moved further than quiet series do by chance."""
    return float(found.get("strongest_shift", 0.0)) >= float(found.get("noise_ceiling", 3.0))


def leads(found: Mapping[str, Any]) -> bool:
    """Whether it is the first suspect that moved further than chance, and not only something beside it."""
    leading = found.get("leading_shift", found.get("strongest_shift", 0.0))
    return float(leading) >= float(found.get("noise_ceiling", 3.0))


def shows_alert(found: Mapping[str, Any]) -> bool:
    """Whether what the alert is about is seen in the data, or cannot be looked up there."""
    shift = found.get("alert_shift")
    return shift is None or float(shift) >= ALERT_SEEN


def _is_decided(found: Mapping[str, Any]) -> bool:
    return float(found.get("margin", 1.0)) >= UNDECIDED_MARGIN


def verdict_of(state: TriageState) -> Verdict:
    """`healthy` only when everything was looked at and nothing stands out; never because something was missing."""
    found = summary_of(state, "rank")
    if stands_out(found):
        is_sure = found.get("candidates") and leads(found) and shows_alert(found) and _is_decided(found)
        return "cause_found" if is_sure else "inconclusive"
    # Who owns what says nothing about the platform.
    results = {
        name: result
        for name, result in state.get("results", {}).items()
        if is_of_plan(name) and not name.startswith(CONTEXT_CALLS)
    }
    failed = any(result["status"] in ("error", "denied") for result in results.values())
    is_compared = all(
        results.get(call, {}).get("status") in statuses and not _uncompared(state, call)
        for call, statuses in _GOOD_ENOUGH.items()
    )
    return "healthy" if is_compared and not failed and not incident_of(state).missing_tables else "inconclusive"


def claims_of(state: TriageState) -> tuple[Claim, ...]:
    """Computed sentences; each cites the evidence its numbers stand in."""
    ids, claims = evidence_ids(state), []
    for candidate in list(summary_of(state, "rank").get("candidates", ()))[:3]:
        for reason in candidate["reasons"][:2]:
            claims.append(_claim(f"{candidate['entity']}: {reason}", ids.get("rank")))
    metrics = summary_of(state, "survey.metrics")
    if metrics:
        claims.append(
            _claim(
                f"{metrics['series_shifted']} of {metrics['series_compared']} series left their usual range",
                ids.get("survey.metrics"),
            )
        )
    claims += [_claim(text, ids.get("survey.calls")) for text in _storms(summary_of(state, "survey.calls"))]
    claims += _rejected(state, ids.get("changes"))
    return tuple(claim for claim in claims if claim is not None)


def _storms(found: Mapping[str, Any]) -> list[str]:
    """Who calls whom again and again."""
    return [
        f"retry storm: {row['entity']} calls {row['event']} of {row['target'] or 'an entity without spans'} again, "
        f"{row['retries_after']} times in {row['requests_after']} requests of {row['name']}, "
        f"{row['retries_before']} in {row['requests_before']} before"
        for row in found.get("retry_storms", ())
    ]


def _rejected(state: TriageState, evidence: str | None) -> list[Claim | None]:
    """The changes that were looked at and did not do it, those nearest to having done it first."""
    if not stands_out(summary_of(state, "rank")):
        return []
    rows = [
        row for row in summary_of(state, "changes").get("changes", ()) if row["verdict"] == "against" and row["reasons"]
    ]
    texts = []
    for row in rows[:_MOST_REJECTED]:
        of = f" of {row['entity']}" if row["entity"] else ""
        texts.append(f"{row['kind']} {row['change']}{of} was looked at and rejected: {row['reasons'][0]}")
    return [_claim(text, evidence) for text in texts]


def _claim(text: str, evidence: str | None) -> Claim | None:
    return Claim(text=text, evidence=(evidence,), status="supported") if evidence else None


def summary_text(verdict: Verdict, ranking: tuple[RankedCause, ...], found: Mapping[str, Any]) -> str:
    """One sentence for the head of the report."""
    if verdict == "healthy":
        return "Nothing stands out: no indicator left its usual range in the incident window."
    if not ranking:
        return "No cause could be found: there was not enough data to compare. See what was missing."
    first = ranking[0]
    change = f" after the change {first.change}" if first.change else ""
    indicator = f" ({first.indicator})" if first.indicator else ""
    if verdict == "cause_found":
        return f"The data points to {first.entity}{indicator}{change}."
    second = f", closely followed by {ranking[1].entity}" if len(ranking) > 1 else ""
    if not stands_out(found):
        return "Nothing stands out in the data there is, but some was missing: this is not an all-clear."
    if not leads(found):
        return f"Something stands out, but not {first.entity}, to which the trouble leads: no cause is sure."
    if not shows_alert(found):
        return (
            f"{first.entity}{indicator}{change} stands out, but what the alert is about did not move: no cause is sure."
        )
    if _is_decided(found):
        return f"The data points to {first.entity}{indicator}{change}, but evidence contradicts it."
    return f"Several suspects fit about equally: {first.entity}{indicator}{change} leads{second}."
