"""The built-in policies: one row that fires each, and one row per conjunct that must stop it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import ApprovalFacts, BudgetFacts, CommonFacts, DecisionInput, Resource, Target
from opswarden.policies.types import Audience, Endpoint, Principal
from opswarden.tools.spec import Args, Output, Result, Tool

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
FREE = BudgetFacts(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10)
HOSTED, OWN = Endpoint("e", "m", region="unknown"), Endpoint("o", "m", is_self_hosted=True)
TEAM, OTHERS = Audience("chat", "x", "payments"), Audience("chat", "y", "search")


class NoArgs(Args):
    pass


class Nothing(Result):
    pass


@lru_cache(maxsize=1)
def load() -> CedarEngine:
    def run(_args: Any, _context: Any) -> Output[Any]:
        raise AssertionError

    effects: tuple[Any, ...] = ("read", "write", "send")
    return CedarEngine.load([Tool(f"demo.{effect}", effect, "", NoArgs, Nothing, run) for effect in effects])


def case(
    action: str,
    *,
    role: str = "triage",
    resource: Resource | None = None,
    approval: ApprovalFacts | None = None,
    budget: dict[str, int] | None = None,
    **facts: Any,
) -> DecisionInput:
    """A call in which nothing speaks against it, at stage `act`, but for what is named."""
    default: Resource = Target("web", "prod")
    args: dict[str, Any] = {}
    if action == "model.prompt":
        default = OWN
        args = {"model": "m", "messages": 1, "tokens_in": 1, "max_tokens": 1, "has_tools": False}
    elif action == "people.tell":
        default = TEAM
        args = {"kind": "report", "tokens": 1}
    common = CommonFacts("h1", NOW, "act", "cli", replace(FREE, **(budget or {})))
    principal = Principal(role, "person:ann", "payments")
    return DecisionInput(principal, action, resource or default, replace(common, **facts), args, approval)


def leave(**changed: Any) -> ApprovalFacts:
    """Bob from on-call has approved this very call."""
    return replace(ApprovalFacts("person:bob", frozenset({"oncall"}), "h1", NOW + timedelta(minutes=5)), **changed)


def said(asked: DecisionInput) -> str:
    decision = load().decide(asked)
    return f"{type(decision).__name__.lower()} {decision.code}"


GOOD = leave()
BY_DEV = leave(approver_roles=frozenset({"dev"}))
FOR_OTHER = leave(call_hmac="h2")
LATE = leave(expires=NOW)
OWN_HAND = leave(approver="person:ann")
X = frozenset({"x"})
FOREIGN = Target("web", "prod", "search")
DECLARED = replace(HOSTED, region="sa-east-1")

TABLE: list[tuple[str, DecisionInput, str]] = [
    # reads
    ("triage reads", case("demo.read"), "allow reads.triage"),
    ("the runbook agent reads", case("demo.read", role="runbooks"), "allow reads.runbooks"),
    ("the cost agent reads", case("demo.read", role="finops"), "allow reads.finops"),
    ("the platform agent reads", case("demo.read", role="platform"), "allow reads.platform"),
    ("an unknown role reads nothing", case("demo.read", role="guest"), "deny default-deny"),
    ("permission to read is none to write", case("demo.write", approval=BY_DEV), "deny default-deny"),
    # writes
    ("a write asks", case("demo.write"), "ask writes.approved"),
    ("a send asks", case("demo.send"), "ask writes.approved"),
    ("an approved write runs", case("demo.write", approval=GOOD), "allow writes.approved"),
    ("an approved send runs", case("demo.send", approval=GOOD), "allow writes.approved"),
    ("an approval by another role does not do", case("demo.write", approval=BY_DEV), "deny default-deny"),
    ("nor one for other arguments", case("demo.write", approval=FOR_OTHER), "deny default-deny"),
    ("nor one that expires at this moment", case("demo.write", approval=LATE), "deny default-deny"),
    ("one may approve what one's own run proposes", case("demo.write", approval=OWN_HAND), "allow writes.approved"),
    ("but not with a two-person tool", case("demo.write", two_person=True, approval=OWN_HAND), "deny default-deny"),
    ("somebody else may", case("demo.write", two_person=True, approval=GOOD), "allow writes.approved"),
    ("an unheard-of stage allows nothing", case("demo.write", stage="later", approval=GOOD), "deny default-deny"),
    # stages
    ("a write at observe is recorded only", case("demo.write", stage="observe", approval=GOOD), "deny stages.observe"),
    ("a send at observe as well", case("demo.send", stage="observe", approval=GOOD), "deny stages.observe"),
    ("so is a read that was lowered to observe", case("demo.read", stage="observe"), "deny stages.observe"),
    (
        "a write at recommend is a proposal",
        case("demo.write", stage="recommend", approval=GOOD),
        "deny stages.recommend",
    ),
    ("a send at recommend as well", case("demo.send", stage="recommend", approval=GOOD), "deny stages.recommend"),
    ("a read at recommend runs", case("demo.read", stage="recommend"), "allow reads.triage"),
    # taint
    ("an untrusted argument asks", case("demo.write", untrusted_args=X), "ask taint.args"),
    ("in a send as well", case("demo.send", untrusted_args=X), "ask taint.args"),
    ("a read may use untrusted arguments", case("demo.read", untrusted_args=X), "allow reads.triage"),
    (
        "approved, an untrusted argument runs",
        case("demo.write", untrusted_args=X, approval=GOOD),
        "allow writes.approved",
    ),
    ("another role does not lift it", case("demo.write", untrusted_args=X, approval=BY_DEV), "deny taint.args"),
    ("other arguments do not", case("demo.write", untrusted_args=X, approval=FOR_OTHER), "deny taint.args"),
    ("an expired leave does not", case("demo.write", untrusted_args=X, approval=LATE), "deny taint.args"),
    (
        "one's own leave does not where two must agree",
        case("demo.write", untrusted_args=X, two_person=True, approval=OWN_HAND),
        "deny taint.args",
    ),
    ("a tainted run asks", case("demo.write", run_tainted=True), "ask taint.run"),
    ("for a send as well", case("demo.send", run_tainted=True), "ask taint.run"),
    ("a tainted run goes on reading", case("demo.read", run_tainted=True), "allow reads.triage"),
    ("approved, a tainted run writes", case("demo.write", run_tainted=True, approval=GOOD), "allow writes.approved"),
    (
        "another role does not lift the run's taint",
        case("demo.write", run_tainted=True, approval=BY_DEV),
        "deny taint.run",
    ),
    ("other arguments do not lift it", case("demo.write", run_tainted=True, approval=FOR_OTHER), "deny taint.run"),
    ("an expired leave does not lift it", case("demo.write", run_tainted=True, approval=LATE), "deny taint.run"),
    (
        "one's own leave does not lift it where two must agree",
        case("demo.write", run_tainted=True, two_person=True, approval=OWN_HAND),
        "deny taint.run",
    ),
    # budgets: the last unit is still free, one more is not
    ("the last call runs", case("demo.read", budget={"calls_used": 10}), "allow reads.triage"),
    ("one call too many", case("demo.read", budget={"calls_used": 11}), "deny budget.calls"),
    ("one write too many", case("demo.write", budget={"calls_used": 11}, approval=GOOD), "deny budget.calls"),
    ("one send too many", case("demo.send", budget={"calls_used": 11}, approval=GOOD), "deny budget.calls"),
    ("prompts do not count as calls", case("model.prompt", budget={"calls_used": 11}), "allow prompts.triage"),
    ("the last prompt runs", case("model.prompt", budget={"prompts_used": 10}), "allow prompts.triage"),
    ("one prompt too many", case("model.prompt", budget={"prompts_used": 11}), "deny budget.prompts"),
    ("calls go on without prompts", case("demo.read", budget={"prompts_used": 11}), "allow reads.triage"),
    ("the last message goes out", case("people.tell", budget={"tells_used": 10}), "allow tell.team"),
    ("one message too many", case("people.tell", budget={"tells_used": 11}), "deny budget.tells"),
    ("calls go on without messages", case("demo.read", budget={"tells_used": 11}), "allow reads.triage"),
    ("the last token", case("model.prompt", budget={"tokens_used": 10}), "allow prompts.triage"),
    ("one token too many", case("model.prompt", budget={"tokens_used": 11}), "deny budget.tokens"),
    ("calls go on without tokens", case("demo.read", budget={"tokens_used": 11}), "allow reads.triage"),
    ("the last money", case("demo.read", budget={"microusd_used": 10}), "allow reads.triage"),
    ("no money for a call", case("demo.read", budget={"microusd_used": 11}), "deny budget.money"),
    ("no money for a prompt", case("model.prompt", budget={"microusd_used": 11}), "deny budget.money"),
    ("a report is told without money", case("people.tell", budget={"microusd_used": 11}), "allow tell.team"),
    ("the last second", case("demo.read", budget={"wall_s_used": 10}), "allow reads.triage"),
    ("no time for a call", case("demo.read", budget={"wall_s_used": 11}), "deny budget.time"),
    ("no time for a prompt", case("model.prompt", budget={"wall_s_used": 11}), "deny budget.time"),
    ("a report is told after time", case("people.tell", budget={"wall_s_used": 11}), "allow tell.team"),
    # kill switch
    ("the switch stops a write", case("demo.write", writes_stopped=True, approval=GOOD), "deny killswitch.writes"),
    ("the switch stops a send", case("demo.send", writes_stopped=True, approval=GOOD), "deny killswitch.writes"),
    ("reads go on", case("demo.read", writes_stopped=True), "allow reads.triage"),
    ("people are told", case("people.tell", writes_stopped=True), "allow tell.team"),
    ("models are asked", case("model.prompt", writes_stopped=True), "allow prompts.triage"),
    # prompts
    ("the runbook agent asks a model", case("model.prompt", role="runbooks"), "allow prompts.runbooks"),
    ("the cost agent asks a model", case("model.prompt", role="finops"), "allow prompts.finops"),
    ("the platform agent asks a model", case("model.prompt", role="platform"), "allow prompts.platform"),
    ("an unknown role asks none", case("model.prompt", role="guest"), "deny default-deny"),
    (
        "a country's data go to no undeclared region",
        case("model.prompt", resource=HOSTED, country="BR"),
        "deny prompts.region",
    ),
    ("data of no country may", case("model.prompt", resource=HOSTED), "allow prompts.triage"),
    ("a declared region may", case("model.prompt", resource=DECLARED, country="BR"), "allow prompts.triage"),
    ("a model of our own may", case("model.prompt", resource=OWN, country="BR"), "allow prompts.triage"),
    # people
    ("the own team is told", case("people.tell"), "allow tell.team"),
    ("another team is not", case("people.tell", resource=OTHERS), "deny tell.foreign"),
    # teams
    ("another team's target is not read", case("demo.read", resource=FOREIGN), "deny teams.foreign"),
    ("nor written", case("demo.write", resource=FOREIGN, approval=GOOD), "deny teams.foreign"),
    ("nor sent to", case("demo.send", resource=FOREIGN, approval=GOOD), "deny teams.foreign"),
    ("the own team's target is", case("demo.read", resource=Target("web", "prod", "payments")), "allow reads.triage"),
]


@pytest.mark.parametrize(("asked", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_built_in_policies(asked: DecisionInput, expected: str) -> None:
    assert said(asked) == expected


def test_every_policy_has_a_row_that_fires_it() -> None:
    fired = {note.id for _, asked, _ in TABLE for note in load().answer(asked).hits}
    assert fired == {note.id for note in load().notes}


def test_whoever_is_asked_is_named() -> None:
    for asked in (case("demo.write"), case("demo.write", run_tainted=True)):
        decision = load().decide(asked)
        assert getattr(decision, "roles", None) == ("oncall",)
