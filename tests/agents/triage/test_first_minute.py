"""The lines of the first minute, out of summaries as the gate hands them on."""

from __future__ import annotations

from typing import Any

import pytest

from opswarden.agents.triage.first_minute import first_minute
from opswarden.agents.triage.types import Evidence, Incident, RankedCause

INCIDENT = Incident(
    title="Cold bread", environment="bakery", start="2031-05-06T12:00:00+00:00", end="2031-05-06T12:30:00+00:00",
    alert_entity="shop",
)  # fmt: skip
RANKING = (
    RankedCause(entity="oven", indicator="heat", change="chg-1", score=0.5, evidence=("E2", "E9")),
    RankedCause(entity="mill", indicator=None, change=None, score=0.1, evidence=("E9",)),
)


def result(tool: str, summary: Any, *, place: int = 3, status: str = "ok") -> Evidence:
    return Evidence.model_validate({"id": f"E{place}", "tool": tool, "scope": {}, "status": status, "summary": summary})


def objective(**changed: Any) -> dict[str, Any]:
    rates = [{"window_s": 300, "rate": 21.0, "covered": 1.0}, {"window_s": 3600, "rate": 15.5, "covered": 0.5}]
    return {"entity": "oven", "name": "warm", "state": "page", "window_s": 2_419_200, "rates": rates,
            "budget_spent": 0.12, "left_s": 100_800, **changed}  # fmt: skip


SLOS = {"slos": 3, "paging": 1, "ticketing": 1, "objectives": [objective(), objective(name="soft")]}
OWNERS = {
    "owners": [
        {"asked": "oven", "owner": "bakers", "on_call": "bakers primary", "channel": "#bakers", "page": "", "tier": 0},
        {"asked": "shop", "owner": "sellers", "on_call": "", "channel": "", "page": "", "tier": None},
    ]
}
CHANGES = {
    "newest": [{"ts": "2031-05-06T11:48:00Z", "entity": "oven", "kind": "config", "id": "chg-1", "summary": "less gas"}]
}
OUTCOMES = {
    "payments_lost": 1240,
    "money_lost": [{"currency": "EUR", "amount_minor": 3_840_050}],
    "segments": [{"conditions": [{"name": "country", "value": "BR"}], "measure": "approval", "is_attack": False,
                  "rate_before": 0.82, "rate_after": 0.61}],
}  # fmt: skip

REACH = {
    "dependents": 9, "harmed": 4, "unknown": 2, "entries": ["shop", "web"], "traces": 200, "traces_passing": 30,
    "affected": [{"entity": name, "state": "harmed"} for name in ("till", "shop", "web", "van")]
    + [{"entity": "cellar", "state": "unharmed"}],
}  # fmt: skip


def texts(*evidence: Evidence, ranking: tuple[RankedCause, ...] = RANKING) -> dict[str, str]:
    lines = first_minute(INCIDENT, ranking, evidence)
    assert len({line.kind for line in lines}) == len(lines)
    return {line.kind: line.text for line in lines}


def test_every_line_and_its_evidence() -> None:
    evidence = [
        result("slo.burn", SLOS, place=4),
        result("outcomes.segments", OUTCOMES, place=5),
        result("owners.find", OWNERS, place=6, status="truncated"),
        result("changes.recent", CHANGES, place=2),
    ]
    lines = first_minute(INCIDENT, RANKING, evidence)
    assert [(line.kind, line.evidence) for line in lines] == [
        ("impact", ("E5",)), ("slo", ("E4",)), ("owner", ("E6",)), ("change", ("E2", "E9")),
    ]  # fmt: skip
    assert [line.text for line in lines] == [
        "about 1,240 payments lost, worth 38,400 EUR; BR: approval 82 % → 61 %",
        "warm of oven burns 21 × too fast; 12 % of 28 d of budget is gone at least; the rest lasts 28 h; "
        "1 more burn too fast",
        "bakers (oven, tier 0) · on call: bakers primary · #bakers; shop: sellers",
        "config chg-1 on oven; at 11:48 UTC, 12 min before the window opens; less gas",
    ]


def test_money_is_counted_in_its_own_smallest_unit() -> None:
    money = [
        {"currency": "JPY", "amount_minor": 5_000},
        {"currency": "KWD", "amount_minor": 5_000},
        {"currency": "EUR"},
    ]
    text = texts(result("outcomes.segments", {**OUTCOMES, "money_lost": money}))["impact"]
    assert "worth 5,000 JPY and 5.000 KWD;" in text


def test_a_calm_budget_is_said_to_be_calm() -> None:
    calm = {"slos": 8, "paging": 0, "ticketing": 0, "objectives": [objective(state="within", rates=[{"rate": 0.5}])]}
    assert texts(result("slo.burn", calm))["slo"].startswith(
        "none of 8 error budgets burns too fast; the fastest is warm"
    )


def test_a_budget_that_is_gone() -> None:
    gone = {**SLOS, "paging": 1, "ticketing": 0, "objectives": [objective(budget_spent=1.4, left_s=0)]}
    assert texts(result("slo.burn", gone))["slo"].endswith("140 % of 28 d of budget is gone at least; nothing is left")


@pytest.mark.parametrize("status", ["no_data", "error", "denied"])
def test_what_has_no_content_gives_no_line(status: str) -> None:
    tools = {"slo.burn": SLOS, "owners.find": OWNERS, "changes.recent": CHANGES, "outcomes.segments": OUTCOMES}
    assert texts(*(result(tool, summary, status=status) for tool, summary in tools.items())) == {}


@pytest.mark.parametrize(
    "summary",
    [None, "cut", [], {}, {"objectives": None, "owners": 3, "newest": "x", "segments": [1]},
     {"objectives": [objective(state="error")]}, {"objectives": [objective(rates=[])]},
     {"objectives": [objective(rates=[{"rate": "fast"}, {"rate": None}, {"rate": float("nan")}])]},
     {"owners": [{"asked": "oven", "owner": ""}, {"asked": None}, "x"]}, {"newest": [{"id": None}, {"id": "chg-2"}]},
     {"payments_lost": 0, "segments": OUTCOMES["segments"]}, {"payments_lost": True, "segments": OUTCOMES["segments"]},
     {"payments_lost": 9, "segments": [{"is_attack": True}]}],
    ids=str,
)  # fmt: skip
def test_what_is_not_as_expected_gives_no_line(summary: Any) -> None:
    tools = ("slo.burn", "owners.find", "changes.recent", "outcomes.segments")
    assert texts(*(result(tool, summary) for tool in tools)) == {}


def test_without_a_suspect_the_alerting_entity_counts() -> None:
    found = texts(result("owners.find", OWNERS), result("changes.recent", CHANGES), ranking=())
    assert found == {"owner": "sellers (shop)"}


def test_a_time_that_cannot_be_read_is_left_out() -> None:
    changes = {"newest": [{**CHANGES["newest"][0], "ts": "noon", "entity": "", "kind": ""}]}
    assert texts(result("changes.recent", changes))["change"] == "change chg-1 on oven; less gas"


def test_who_is_hurt_stands_apart_from_who_depends() -> None:
    assert texts(result("topology.blast_radius", REACH))["blast_radius"] == (
        "4 of 9 that depend on it show harm: till, shop, web and 1 more; it reaches the entry shop, web; "
        "15 % of traces pass it; 2 not measured"
    )
    nobody = {**REACH, "harmed": 0, "affected": [], "entries": [], "traces": 0, "unknown": 0}
    assert texts(result("topology.blast_radius", nobody))["blast_radius"] == "0 of 9 that depend on it show harm"
    assert texts(result("topology.blast_radius", {"dependents": 0})) == {}


ALIKE = {
    "alike": [
        {"id": "gas.md", "at": "2031-03-01T00:00:00Z", "title": "No gas", "cause": "gas was off.", "is_confirmed": True,
         "resolution": "turned it on.", "shared": ["alert coldbread", "entity oven"]},
    ]
}  # fmt: skip


def test_what_solved_it_last_time() -> None:
    assert texts(result("incidents.similar", ALIKE))["similar"] == (
        "No gas (2031-03-01); solved by: turned it on; cause: gas was off; in common: alert coldbread, entity oven; "
        "see gas.md"
    )
    run = {"alike": [{"id": "run_1", "title": "", "at": None, "cause": "oven", "is_confirmed": False}]}
    assert texts(result("incidents.similar", run))["similar"] == (
        "run_1; what solved it is not known; suspected then: oven; see run_1"
    )
    assert texts(result("incidents.similar", {"alike": ["cut"]})) == {}


def test_an_alert_that_came_to_nothing_before_says_so() -> None:
    quiet = {"looked_at": 6, "nothing_wrong": 4, "by_people": 2, "last": "2031-05-01T00:00:00Z"}
    line = "4 of 6 times this alert came to nothing"
    alone = {"alike": [], "false_alarms": quiet}
    assert texts(result("incidents.similar", alone))["similar"] == f"{line} (people say so of 2, last on 2031-05-01)"
    beside = texts(result("incidents.similar", ALIKE | {"false_alarms": quiet | {"by_people": 0, "last": "cut"}}))
    assert beside["similar"].startswith(f"{line} (nobody has confirmed it); No gas (2031-03-01); solved by")
    assert texts(result("incidents.similar", {"alike": [], "false_alarms": {"nothing_wrong": "cut"}})) == {}


def test_the_step_to_start_with() -> None:
    page = {"title": "ColdBread", "section": "Diagnosis", "step": "Feel the oven.", "matched_by": "name"}
    assert texts(result("runbooks.match", page))["runbook"] == "Feel the oven. — ColdBread › Diagnosis"
    bare = {"title": "ColdBread", "section": "", "step": "", "matched_by": "words"}
    assert texts(result("runbooks.match", bare))["runbook"] == "read ColdBread (shares words only)"
    beside = texts(result("runbooks.match", bare | {"or_else": "ColdOven"}))
    assert beside["runbook"] == "read ColdBread (shares words only; ColdOven fits about as well)"
    assert texts(result("runbooks.match", {"title": ""})) == {}


def test_a_page_on_the_cause_stands_beside_the_one_on_the_symptom_with_its_own_steps() -> None:
    symptom = {"name": "cold.md", "title": "Cold", "about": "alert", "matched_by": "words"}
    cause = {"name": "gas.md", "title": "Gas", "about": "cause", "matched_by": "words", "entity": "oven"}
    block = {"kind": "query", "tool": "metrics.query", "arguments": "{}", "effect": "read", "text": "warm"}
    plan = {"name": "gas.md", "title": "Gas", "steps": [{"number": 1, "text": "Look.", "blocks": [block]}]}
    step = result("metrics.query", {}, place=6).model_copy(update={"step": "1.1"})
    found = (result("runbooks.match", symptom, place=4), result("runbooks.match", cause, place=5))
    (line,) = first_minute(INCIDENT, RANKING, (*found, result("runbooks.follow", plan, place=7), step))
    assert line.text == ("for the suspected cause: read Gas (shares words only); for the alert: Cold; step 1 read")
    assert line.evidence == ("E5", "E4", "E6")
    (other,) = first_minute(INCIDENT, RANKING[1:], (*found, result("runbooks.follow", plan, place=7), step))
    assert (other.text, other.evidence) == ("read Cold (shares words only)", ("E4",)), "the report suspects another"
