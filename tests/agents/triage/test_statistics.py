"""The verdict without a model: `healthy` only when everything was looked at, and what was not is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opswarden.agents.triage.state import TriageState
from opswarden.agents.triage.statistics import claims_of, gaps_of, ranking_of, summary_text, verdict_of
from opswarden.agents.triage.types import Incident

SURVEY = {
    "survey.metrics": {"series_compared": 16, "series_shifted": 0, "series_without_baseline": 0},
    "survey.logs": {"lines_before": 700, "lines_after": 200},
    "survey.traces": {"spans_before": 700, "spans_after": 200},
}
CANDIDATE = {
    "entity": "scorer",
    "indicator": "latency_ms",
    "metric": "latency_ms",
    "change": "c-7",
    "score": 0.6,
    "sources": ["metrics", "changes"],
    "reasons": ["latency_ms went up"],
}


def result(summary: Any, status: str = "ok", message: str = "", tool: str = "some.tool") -> dict[str, Any]:
    return {
        "tool": tool,
        "args": {},
        "status": status,
        "code": "reads.triage",
        "scope": {},
        "summary": summary,
        "artifact_id": None,
        "seq": 1,
        "message": message,
        "approval_id": None,
    }


def state(**rank: Any) -> TriageState:
    results = {
        "intake": result({}, tool="incidents.describe"),
        "scope.changes": result({}, tool="changes.recent"),
        **{call_id: result(dict(summary), tool=call_id) for call_id, summary in SURVEY.items()},
        "rank": result({"candidates": [], "strongest_shift": 0.5, "noise_ceiling": 3.0, "margin": 1.0, **rank}),
    }
    incident = Incident(
        title="t",
        environment="prod",
        start="2024-03-05T11:30:00Z",
        end="2024-03-05T12:00:00Z",
        baseline_start="2024-03-05T10:00:00Z",
        baseline_end="2024-03-05T11:30:00Z",
    )
    return {"incident": incident.model_dump(), "results": results, "order": list(results)}


def missing_table(found: TriageState) -> None:
    found["incident"]["missing_tables"] = ("topology",)


def failing(call_id: str, status: str) -> Callable[[TriageState], None]:
    def damage(found: TriageState) -> None:
        found["results"][call_id] |= {"status": status, "summary": None, "message": "why"}

    return damage


def without(call_id: str) -> Callable[[TriageState], None]:
    def damage(found: TriageState) -> None:
        del found["results"][call_id]
        found["order"].remove(call_id)

    return damage


def zero(call_id: str, name: str) -> Callable[[TriageState], None]:
    def damage(found: TriageState) -> None:
        found["results"][call_id]["summary"][name] = 0

    return damage


def no_baseline(found: TriageState) -> None:
    found["incident"] |= {"baseline_start": None, "baseline_end": None}
    for call_id in SURVEY:
        without(call_id)(found)


NOT_HEALTHY: dict[str, tuple[Callable[[TriageState], None], str]] = {
    "a table is missing": (missing_table, "no table 'topology'"),
    "there is no quiet time": (no_baseline, "no quiet time"),
    **{
        f"{call_id} {status}": (failing(call_id, status), "why") for call_id in SURVEY for status in ("error", "denied")
    },
    **{f"{call_id} found nothing": (failing(call_id, "no_data"), "why") for call_id in SURVEY},
    "the ranking broke": (failing("rank", "error"), "why"),
    "the changes may not be seen": (failing("scope.changes", "denied"), "why"),
    "no series could be compared": (zero("survey.metrics", "series_compared"), "nothing to compare"),
    "no line before": (zero("survey.logs", "lines_before"), "nothing to compare"),
    "no line after": (zero("survey.logs", "lines_after"), "nothing to compare"),
    "no span before": (zero("survey.traces", "spans_before"), "nothing to compare"),
    "no span after": (zero("survey.traces", "spans_after"), "nothing to compare"),
}


def test_healthy_when_everything_was_compared_and_nothing_stands_out() -> None:
    found = state()
    assert verdict_of(found) == "healthy"
    assert gaps_of(found) == ()


def test_a_quiet_day_without_changes_is_no_illness() -> None:
    found = state()
    failing("scope.changes", "no_data")(found)
    assert verdict_of(found) == "healthy"


@pytest.mark.parametrize("what", NOT_HEALTHY)
def test_never_healthy_because_something_was_missing(what: str) -> None:
    damage, gap = NOT_HEALTHY[what]
    found = state()
    damage(found)
    assert verdict_of(found) == "inconclusive"
    assert any(gap in line for line in gaps_of(found)), gaps_of(found)
    text = summary_text("inconclusive", ranking_of(found), found["results"].get("rank", {}).get("summary") or {})
    assert "not an all-clear" in text or "not enough data" in text


CAUSES = [
    ("one stands out", {"strongest_shift": 9.0, "margin": 1.5, "candidates": [CANDIDATE]}, "cause_found"),
    ("two fit about equally", {"strongest_shift": 9.0, "margin": 1.01, "candidates": [CANDIDATE]}, "inconclusive"),
    (
        "not the first suspect stands out",
        {"strongest_shift": 9.0, "leading_shift": 2.0, "margin": 1.5, "candidates": [CANDIDATE]},
        "inconclusive",
    ),
    (
        "what the alert is about did not move",
        {"strongest_shift": 9.0, "margin": 1.5, "alert_shift": 0.4, "candidates": [CANDIDATE]},
        "inconclusive",
    ),
    (
        "what the alert is about moved a little",
        {"strongest_shift": 9.0, "margin": 1.5, "alert_shift": 1.2, "candidates": [CANDIDATE]},
        "cause_found",
    ),
    ("within the usual noise", {"strongest_shift": 2.9, "margin": 5.0, "candidates": [CANDIDATE]}, "healthy"),
    ("noise of many series", {"strongest_shift": 4.0, "noise_ceiling": 4.5, "candidates": [CANDIDATE]}, "healthy"),
    ("a shift without a suspect", {"strongest_shift": 9.0, "margin": 5.0, "candidates": []}, "inconclusive"),
]


@pytest.mark.parametrize(("rank", "verdict"), [row[1:] for row in CAUSES], ids=[row[0] for row in CAUSES])
def test_the_verdict_follows_the_ranking(rank: dict[str, Any], verdict: str) -> None:
    assert verdict_of(state(**rank)) == verdict


def test_the_summary_says_that_the_alert_is_not_seen() -> None:
    found = state(strongest_shift=9.0, margin=2.0, alert_shift=0.1, candidates=[CANDIDATE])
    text = summary_text("inconclusive", ranking_of(found), found["results"]["rank"]["summary"])
    assert "what the alert is about did not move" in text
    assert "about equally" not in text


@pytest.mark.parametrize("status", ["error", "denied"])
def test_a_call_of_the_models_that_failed_says_nothing_about_the_platform(status: str) -> None:
    found = state()
    found["results"]["model.1.1"] = result(None, status, "there is no such tool", "rollouts.rollback")
    found["order"].append("model.1.1")
    assert verdict_of(found) == "healthy"
    assert gaps_of(found) == (f"rollouts.rollback: {status}: there is no such tool",)


def test_a_suspect_cites_the_evidence_it_rests_on() -> None:
    found = state(strongest_shift=9.0, margin=2.0, candidates=[CANDIDATE])
    (cause,) = ranking_of(found)
    numbered = {call_id: f"E{place}" for place, call_id in enumerate(found["order"], start=1)}
    assert cause.evidence == (numbered["survey.metrics"], numbered["scope.changes"], numbered["rank"])
    assert (cause.entity, cause.indicator, cause.change, cause.score) == ("scorer", "latency_ms", "c-7", 0.6)


def judged(place: int, verdict: str, *reasons: str) -> dict[str, Any]:
    return {"change": f"c-{place}", "entity": "scorer", "kind": "deploy", "verdict": verdict, "reasons": list(reasons)}


def test_changes_that_were_looked_at_and_rejected_are_told_at_most_three() -> None:
    found = state(strongest_shift=9.0, candidates=[CANDIDATE])
    rows = [
        judged(1, "for", "it fits"),
        *(judged(place, "against", f"reason {place}") for place in range(2, 6)),
        judged(6, "unclear"),
    ]
    found["results"]["changes"] = result({"changes": rows}, tool="attribution.changes")
    found["order"].append("changes")
    told = [claim for claim in claims_of(found) if "rejected" in claim.text]
    assert [claim.text for claim in told] == [
        f"deploy c-{place} of scorer was looked at and rejected: reason {place}" for place in (2, 3, 4)
    ]
    assert {claim.evidence for claim in told} == {(f"E{len(found['order'])}",)}
    found["results"]["rank"]["summary"]["strongest_shift"] = 0.5
    assert not [claim for claim in claims_of(found) if "rejected" in claim.text]


def test_a_retry_storm_is_a_claim_of_its_own() -> None:
    storm = {"entity": "shop", "name": "shop.work", "target": None, "event": "charge", "requests_before": 120,
             "requests_after": 30, "retries_before": 0, "retries_after": 90}  # fmt: skip
    found = state()
    found["results"]["survey.calls"] = result({"retry_storms": [storm]}, tool="traces.calls")
    found["order"].append("survey.calls")
    (told,) = [claim for claim in claims_of(found) if claim.text.startswith("retry storm: shop calls charge")]
    assert "90 times in 30 requests of shop.work, 0 in 120 before" in told.text
    assert told.evidence == (f"E{len(found['order'])}",)
