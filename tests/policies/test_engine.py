"""The engine, and the three ways in which Cedar alone would fail open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from pydantic import Field

from opswarden.core.errors import ConfigError
from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import (
    ApprovalFacts,
    BudgetFacts,
    CommonFacts,
    DecisionInput,
    Target,
    cedar_entities,
    cedar_request,
)
from opswarden.policies.loading import PolicyFile, builtin_files, folder_files
from opswarden.policies.schema import args_record, cedar_args, field_values
from opswarden.policies.types import Allow, Ask, Deny, Principal
from opswarden.tools.spec import Args, Output, Result, Tool


class ScaleArgs(Args):
    service: str
    replicas: int = 1
    labels: dict[str, str] = Field(default_factory=dict)


class Nothing(Result):
    pass


def tool(name: str, effect: Any) -> Tool[Any, Any]:
    def run(_args: Any, _context: Any) -> Output[Any]:
        raise AssertionError

    return Tool(name, effect, "", ScaleArgs, Nothing, run, environment="prod")


TOOLS = [tool("pods.list", "read"), tool("pods.scale", "write")]
ANN = Principal("triage", "person:ann", "payments")
NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
FACTS = CommonFacts("h1", NOW, "act", "cli", BudgetFacts(*(1 for _ in range(12))))

PERMIT_ALL = '@id("all") @reason("everything") permit (principal, action, resource);'


def engine(*texts: str) -> CedarEngine:
    return CedarEngine(TOOLS, [PolicyFile(f"{place}.cedar", text) for place, text in enumerate(texts)])


def asked(action: str = "pods.scale", facts: CommonFacts = FACTS, **args: Any) -> DecisionInput:
    return DecisionInput(
        ANN, action, Target("web", "prod"), facts, {"service": "web", "replicas": 1, "labels": [], **args}
    )


OVERFLOWS = """
@id("limit") @reason("too many") forbid (principal, action == Ops::Action::"pods.scale", resource)
when { context.args.replicas * 9000000000000 > 1 };
"""


def test_trap_1_a_forbid_that_errs_is_a_denial() -> None:
    loaded = engine(PERMIT_ALL, OVERFLOWS)
    question = asked(replicas=2**53)
    schema = cedarpy.Schema.from_str(loaded.schema_text)
    entities = cedarpy.Entities.from_json_str(json.dumps(cedar_entities(ANN, question.resource)), schema)
    alone = cedarpy.is_authorized(cedar_request(question), PERMIT_ALL + OVERFLOWS, entities, schema)
    assert alone.allowed, "Cedar skips the erring forbid; if this changes, the trap is gone"
    assert loaded.decide(question) == Deny(
        "engine-error", "the policy engine could not decide this call", "check it with `opswarden policy explain`"
    )


def test_trap_2_entities_without_the_schema_are_found_out_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid = '@id("no") @reason("no") forbid (principal, action in Ops::Action::"write", resource);'
    assert engine(PERMIT_ALL, forbid).decide(asked()).code == "no"

    # The trap itself: the same rule and request, entities built without the schema.
    schema = cedarpy.Schema.from_str(engine(PERMIT_ALL).schema_text)
    bare = cedarpy.Entities.from_json_str(json.dumps(cedar_entities(ANN, Target("web", "prod"))))
    assert cedarpy.is_authorized(cedar_request(asked()), PERMIT_ALL + forbid, bare, schema).allowed

    build = cedarpy.Entities.from_json_str
    add = cedarpy.Entities.with_added_json_str
    monkeypatch.setattr(cedarpy.Entities, "from_json_str", staticmethod(lambda text, schema=None: build(text)))
    monkeypatch.setattr(cedarpy.Entities, "with_added_json_str", lambda self, text, schema=None: add(self, text))
    with pytest.raises(ConfigError, match="self-test"):
        engine(PERMIT_ALL, forbid)


ESCAPES = [{"__entity": {"type": "Ops::User", "id": "ann"}}, {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}]


@pytest.mark.parametrize("escape", ESCAPES, ids=["entity", "extension"])
def test_trap_3_json_that_means_something_to_cedar_is_only_text(escape: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="valid string"):
        ScaleArgs.model_validate_json(json.dumps({"service": escape}))
    # Where a tool takes a mapping, only its keys get through, as texts.
    args = ScaleArgs.model_validate({"service": "web", "labels": {"__entity": "x"}})
    assert cedar_args(args_record(ScaleArgs), field_values(args))["labels"] == ["__entity"]
    # And were it to get as far as the engine, the types of the schema refuse it.
    assert engine(PERMIT_ALL).decide(asked(service=escape)).code == "engine-error"


REFUSED: list[tuple[str, Sequence[str], str]] = [
    ("no @id", ['@reason("x") permit (principal, action, resource);'], "no usable @id"),
    ("an empty @id", ['@id("") @reason("x") permit (principal, action, resource);'], "no usable @id"),
    ("no @reason", ['@id("a") permit (principal, action, resource);'], "no @reason"),
    ("a blank @reason", ['@id("a") @reason(" ") permit (principal, action, resource);'], "no @reason"),
    ("an id twice in one file", [PERMIT_ALL + PERMIT_ALL], "occurs twice"),
    ("an id twice in two files", [PERMIT_ALL, PERMIT_ALL], "occurs twice, in '0.cedar' and '1.cedar'"),
    ("a role that is none", ['@id("a") @reason("x") @approval("") permit (principal, action, resource);'], "no role"),
    ("broken text", ["permit (principal"], "'0.cedar' is no valid Cedar"),
    (
        "a template",
        ['@id("a") @reason("x") permit (principal == ?principal, action, resource);'],
        "holds a template",
    ),
    (
        "an argument that the tool does not have",
        [
            '@id("a") @reason("x") permit (principal, action == Ops::Action::"pods.scale", resource)'
            " when { context.args.replica == 1 };"
        ],
        "policy 'a' does not fit the tools",
    ),
    (
        "a comparison of different types",
        [
            '@id("a") @reason("x") permit (principal, action == Ops::Action::"pods.scale", resource)'
            ' when { context.args.replicas == "1" };'
        ],
        "does not fit",
    ),
    (
        "an action that does not exist",
        ['@id("a") @reason("x") permit (principal, action == Ops::Action::"x.y", resource);'],
        "fit",
    ),
]


@pytest.mark.parametrize(("texts", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_policies_that_cannot_be_trusted_do_not_load(texts: Sequence[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        engine(*texts)


def test_silence_is_a_denial() -> None:
    decision = engine().decide(asked())
    assert isinstance(decision, Deny)
    assert decision.code == "default-deny"


def test_codes_follow_the_order_of_loading() -> None:
    first = '@id("z.first") @reason("1") forbid (principal, action, resource);'
    second = '@id("a.second") @reason("2") forbid (principal, action, resource);'
    assert engine(PERMIT_ALL, first, second).decide(asked()) == Deny("z.first", "1", "", ("z.first", "a.second"))
    assert engine(PERMIT_ALL, second, first).decide(asked()).code == "a.second"


def test_many_policies_keep_their_names() -> None:
    texts = [
        f'@id("rule.{n}") @reason("{n}") forbid (principal, action, resource)'
        f" when {{ context.common.calls_used == {n} }};"
        for n in range(25)
    ]
    loaded = engine(PERMIT_ALL, "\n".join(texts))
    for n in (2, 9, 10, 24):
        facts = replace(FACTS, budget=replace(FACTS.budget, calls_used=n))
        assert loaded.decide(asked(facts=facts)).code == f"rule.{n}"


LIFT = """
context has approval && context.approval.approver_roles.contains("{role}")
&& context.approval.call_hmac == context.common.call_hmac && context.common.now < context.approval.expires
"""


def liftable(policy_id: str, role: str) -> str:
    return (
        f'@id("{policy_id}") @reason("ask") @approval("{role}")'
        f" forbid (principal, action, resource) unless {{ {LIFT.format(role=role)} }};"
    )


def test_a_permit_and_a_forbid_both_name_whom_to_ask() -> None:
    permit = (
        '@id("p") @reason("with leave") @approval("oncall")'
        f" permit (principal, action, resource) when {{ {LIFT.format(role='oncall')} }};"
    )
    assert engine(permit).decide(asked()) == Ask("p", ("oncall",), "with leave", ("p",))
    assert engine(PERMIT_ALL, liftable("f", "oncall")).decide(asked()) == Ask("f", ("oncall",), "ask", ("f",))


def test_one_of_several_roles_is_enough_where_each_lifts_it() -> None:
    either = (
        '@id("p") @reason("r") @approval("lead, oncall") permit (principal, action, resource)'
        f" when {{ ({LIFT.format(role='oncall')}) || ({LIFT.format(role='lead')}) }};"
    )
    decision = engine(either).decide(asked())
    assert isinstance(decision, Ask)
    assert (decision.roles, decision.needs_every_role, decision.who) == (("lead", "oncall"), False, "lead or oncall")


def test_where_two_forbids_want_different_roles_one_person_needs_both() -> None:
    decision = engine(PERMIT_ALL, liftable("a", "oncall"), liftable("b", "lead")).decide(asked())
    assert isinstance(decision, Ask)
    assert (decision.roles, decision.needs_every_role, decision.who) == (("lead", "oncall"), True, "lead and oncall")


def test_what_no_approval_lifts_is_denied_not_asked() -> None:
    never = '@id("never") @reason("n") forbid (principal, action, resource);'
    assert engine(PERMIT_ALL, liftable("f", "oncall"), never).decide(asked()).code == "never", "what stands in the way"
    assert isinstance(engine(PERMIT_ALL, liftable("f", "oncall"), never).decide(asked()), Deny)


def test_with_an_approval_at_hand_nobody_is_asked_again() -> None:
    loaded = engine(PERMIT_ALL, liftable("f", "oncall"))
    good = ApprovalFacts("person:bob", frozenset({"oncall"}), "h1", datetime(2026, 11, 23, 15, tzinfo=UTC))
    assert loaded.decide(replace(asked(), approval=good)) == Allow("all", ("all",))
    assert isinstance(loaded.decide(replace(asked(), approval=replace(good, call_hmac="h2"))), Deny)


def test_a_refusal_by_the_engine_repeats_no_argument() -> None:
    decision = engine(PERMIT_ALL).decide(asked(replicas="hunter2"))
    assert decision.code == "engine-error"
    assert "hunter2" not in repr(decision)


def test_names_may_hold_anything() -> None:
    odd = Target('a"\\\n::Ops', "prod")
    assert engine(PERMIT_ALL).decide(replace(asked(), resource=odd)) == Allow("all", ("all",))
    strange = replace(asked(), principal=Principal('x"y', "person:\n", "té"))
    assert engine(PERMIT_ALL).decide(strange) == Allow("all", ("all",))


def test_any_change_of_policy_or_schema_changes_the_hash() -> None:
    base = engine(PERMIT_ALL)
    assert base.policy_hash == engine(PERMIT_ALL).policy_hash
    assert base.policy_hash != engine(PERMIT_ALL + " ").policy_hash
    assert base.policy_hash != CedarEngine(TOOLS[:1], [PolicyFile("0.cedar", PERMIT_ALL)]).policy_hash


def test_could_allow_asks_for_scopes_and_not_for_conditions() -> None:
    rules = """
    @id("w") @reason("r") permit (principal in Ops::Role::"triage", action in Ops::Action::"write", resource)
    when { context.common.trigger == "never" };
    @id("f") @reason("r") forbid (principal, action == Ops::Action::"pods.list", resource)
    when { context.common.run_tainted };
    """
    loaded, web = engine(rules), Target("web", "prod")
    assert loaded.could_allow(ANN, "pods.scale", web)
    assert not loaded.could_allow(ANN, "pods.list", web)
    assert not loaded.could_allow(replace(ANN, role="guest"), "pods.scale", web)
    assert not loaded.could_allow(ANN, "pods.delete", web)
    shut = rules + '@id("x") @reason("r") forbid (principal, action in Ops::Action::"write", resource);'
    assert not engine(shut).could_allow(ANN, "pods.scale", web)


def test_built_in_policies_hold_without_a_single_tool() -> None:
    assert len(CedarEngine.load([]).notes) == len({note.id for note in CedarEngine.load([]).notes}) > 15


def test_an_operators_folder_comes_after_the_built_in_files(tmp_path: Path) -> None:
    (tmp_path / "b.cedar").write_text('@id("own.b") @reason("r") forbid (principal, action, resource);')
    (tmp_path / "a.cedar").write_text('@id("own.a") @reason("r") permit (principal, action, resource);')
    loaded = CedarEngine.load(TOOLS, [tmp_path])
    assert [note.id for note in loaded.notes][-2:] == ["own.a", "own.b"]
    assert loaded.notes[0].file == builtin_files()[0].name == "asked.cedar"


def test_a_folder_without_policies_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \.cedar file"):
        folder_files(tmp_path)
    (tmp_path / "x.cedar").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        folder_files(tmp_path)
