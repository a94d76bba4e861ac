"""Which calls put an incident into its surroundings."""

from __future__ import annotations

from typing import Any

from opswarden.agents.triage.context import CAUSE_CALL, PREFIX, context_calls, context_gaps, log_patterns
from opswarden.agents.triage.types import Incident

INCIDENT = Incident(
    title="Cold bread", environment="bakery", start="2031-05-06T12:00:00+00:00", end="2031-05-06T12:30:00+00:00",
    alert_name="ColdBread", alert_entity="shop", alert_metric="warm_share",
)  # fmt: skip
CANDIDATES: list[dict[str, Any]] = [
    {"entity": name, "indicator": "heat", "metric": "heat", "change": change}
    for name, change in (("oven", "chg-1"), ("mill", None), ("till", None), ("van", None))
]
SUMMARIES: dict[str, Any] = {
    "scope.changes": {"newest": [{"id": "chg-1", "kind": "config"}, {"id": "chg-2", "kind": "deploy"}]},
    "survey.logs": {
        "top": [
            {"template": "gas * is out", "kind": "new"},
            {"template": "mail to <EMAIL_ADDRESS_1·k3f>", "kind": "new"},
        ]
    },
}


def calls(**changed: Any) -> dict[str, dict[str, Any]]:
    given = {"incident": INCIDENT, "candidates": CANDIDATES, "artifacts": {}, "summaries": SUMMARIES} | changed
    made = context_calls(**given)
    assert all(call.call_id.startswith(PREFIX) for call in made)
    return {call.tool: dict(call.args) for call in made}


def test_what_is_asked_about_the_suspects() -> None:
    made = calls(artifacts={"scope.graph": "a1", "survey.metrics": "a2", "survey.traces": None})
    window = {"start": INCIDENT.start, "end": INCIDENT.end}
    assert made["slo.burn"] == window
    assert made["owners.find"] == {"entities": ["oven", "mill", "till", "shop"]}
    assert made["topology.blast_radius"] == {**window, "entities": ["oven"], "graph": "a1", "shifts": "a2"}
    assert made["incidents.similar"] == {
        "before": INCIDENT.start, "alert": "ColdBread", "entities": ["oven", "mill", "till", "shop"],
        "indicators": ["heat"], "patterns": ["gas * is out"], "changes": ["config"],
    }  # fmt: skip
    assert made["runbooks.match"] == {
        "alert": "ColdBread", "entities": ["oven", "shop"], "indicators": ["warm_share", "heat"],
        "changes": ["config"],
    }  # fmt: skip


def cause_call(**changed: Any) -> dict[str, Any] | None:
    given = {"incident": INCIDENT, "candidates": CANDIDATES, "artifacts": {}, "summaries": SUMMARIES} | changed
    return next((dict(call.args) for call in context_calls(**given) if call.call_id == CAUSE_CALL), None)


def test_a_page_on_the_cause_is_asked_for_by_what_was_found_at_the_suspect() -> None:
    assert cause_call(signs=["gas_bar", "heat", "mail to <EMAIL_ADDRESS_1·k3f>"]) == {
        "about": "cause", "alert": "ColdBread", "entities": ["oven"], "signs": ["heat", "gas_bar"],
        "changes": ["config"],
    }  # fmt: skip
    assert cause_call() is cause_call(signs=None) is None, "the first suspect is not held to be the cause"
    assert cause_call(signs=["heat"], candidates=[]) is None
    assert cause_call(signs=["x"], candidates=[{"entity": "<PERSON_1·k3f>", "metric": None}]) is None
    assert cause_call(signs=[], candidates=[{"entity": "oven", "metric": None}]) is None


def test_without_suspects_and_alert_only_what_needs_none_is_asked() -> None:
    bare = Incident(title="x", environment="y", start=INCIDENT.start, end=INCIDENT.end)
    made = calls(incident=bare, candidates=[], summaries={})
    assert set(made) == {"slo.burn", "incidents.similar", "runbooks.match"}
    assert made["incidents.similar"] == {"before": INCIDENT.start}


def test_a_placeholder_is_never_an_argument() -> None:
    assert "EMAIL" not in str(calls())
    assert "EMAIL" in str(log_patterns(SUMMARIES["survey.logs"]))
    assert log_patterns(None) == log_patterns({"top": 3}) == log_patterns({"top": ["x", {"kind": "new"}]}) == []


def test_what_cannot_be_read_is_a_gap_by_name() -> None:
    slos = {
        "objectives": [{"entity": "oven", "name": "warm", "state": "error", "problem": "no query"}, {"state": "page"}]
    }
    results = {"context.slos": {"summary": slos}, "context.owners": {"summary": {"problems": ["line 3"]}}}
    assert context_gaps(results) == ("slo.burn: warm of oven: no query", "owners.find: line 3")
    assert context_gaps({"context.slos": {"summary": None}}) == ()
