"""Changed policies on recorded decisions: real calls, the real ledger, and what was taken out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from worlds import MAIL, World

from opswarden.policies.engine import CedarEngine
from opswarden.policies.ledger.types import StoredEntry
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.re_decide import ReDecided, re_decide
from opswarden.policies.types import Audience, ModelRequest, Notice


def _with(world: World, *policies: str) -> CedarEngine:
    texts = [f'@id("mine.x{number}") @reason("a test") {policy}' for number, policy in enumerate(policies)]
    return CedarEngine(world.tools, (*builtin_files(), PolicyFile("mine.cedar", "\n".join(texts))))


def _now(world: World, *policies: str) -> list[ReDecided]:
    return list(re_decide(_with(world, *policies), world.records()))


def _search(world: World, query: str) -> None:
    world.open().call("logs.search", {"query": query}, call_id=f"c{query}")


def _changed(entry: StoredEntry, steps: tuple[str, ...], value: object) -> StoredEntry:
    """An entry as another version might have written it."""

    def put(inside: Any, left: tuple[str, ...]) -> Any:
        if not left:
            return value
        return {**inside, left[0]: put(inside[left[0]], left[1:])}

    return replace(entry, body=put(entry.body, steps))


SEARCHES = 'forbid (principal, action == Ops::Action::"logs.search", resource)'


def test_the_same_policies_decide_the_same(world: World) -> None:
    gate = world.open()
    _search(world, "x")
    gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w")
    gate.call("tickets.comment", {"to": "a", "body": "b"}, call_id="s")
    found = _now(world)
    assert [each.action for each in found] == ["logs.search", "rollouts.rollback", "tickets.comment"]
    assert [each.before.partition(" ")[0] for each in found] == ["allow", "ask", "ask"]
    assert not any(each.is_changed for each in found)


def test_a_forbid_denies_what_it_speaks_of_and_nothing_else(world: World) -> None:
    _search(world, "fine")
    _search(world, "payroll")
    _, payroll = found = _now(world, f'{SEARCHES} when {{ context.args.query == "payroll" }};')
    assert [each.now for each in found] == ["allow reads.triage", "deny mine.x0"]
    assert (payroll.before, payroll.is_changed, payroll.run_id) == ("allow reads.triage", True, "run_1")


def test_without_a_permit_what_was_allowed_is_denied(world: World) -> None:
    _search(world, "x")
    files = tuple(file for file in builtin_files() if file.name != "reads.cedar")
    (found,) = re_decide(CedarEngine(world.tools, files), world.records())
    assert (found.before, found.now) == ("allow reads.triage", "deny default-deny")


class TestTakenOut:
    """The query holds an e-mail address, of which the ledger has a placeholder."""

    @pytest.fixture(autouse=True)
    def _recorded(self, world: World) -> None:
        _search(world, MAIL)
        assert MAIL not in world.record_text()

    def test_a_policy_that_needs_the_value_is_undecidable(self, world: World) -> None:
        (found,) = _now(world, f'{SEARCHES} when {{ context.args.query like "*@example.org" }};')
        assert (found.now, found.why) == ("undecidable", "a value that was taken out decides whether mine.x0 applies")

    def test_a_policy_that_reads_something_else_is_not(self, world: World) -> None:
        (found,) = _now(world, f"{SEARCHES} when {{ context.args.limit > 5 }};")
        assert found.now == "deny mine.x0"

    def test_nor_is_one_that_another_condition_settles(self, world: World) -> None:
        (found,) = _now(world, f'{SEARCHES} when {{ context.args.query == "x" && context.common.run_tainted }};')
        assert found.now == "allow reads.triage"

    def test_nor_one_whose_answer_changes_nothing(self, world: World) -> None:
        (found,) = _now(world, f"{SEARCHES};", f'{SEARCHES} when {{ context.args.query == "x" }};')
        assert found.now == "deny mine.x0"

    def test_two_unknowns_that_cannot_agree_are_undecidable(self, world: World) -> None:
        (found,) = _now(
            world,
            f'{SEARCHES} when {{ context.args.query == "x" }};',
            f'{SEARCHES} when {{ context.args.query == "y" }};',
        )
        assert found.now == "undecidable"
        assert "mine.x0, mine.x1" in found.why


class TestOtherTools:
    @pytest.fixture
    def entry(self, world: World) -> StoredEntry:
        _search(world, "x")
        return world.records("call.decided")[0]

    @pytest.mark.parametrize(
        ("steps", "value", "why"),
        [
            (("request", "action", "id"), "gone.tool", "there is no tool 'gone.tool' now"),
            (("request", "context", "args"), {"limit": 3}, "the argument 'query' was not there then"),
            (
                ("request", "context", "args"),
                {"query": "x", "limit": 3, "more": 1},
                "the argument 'more' is not there any more",
            ),
            (("request", "context", "common"), {}, "the record lacks"),
            (("request",), "x", "the record holds no whole question"),
            (("entities",), [{}, {}], "the record lacks"),
            (("entities",), [1, 2], "the record holds a question of another form"),
            (("request", "context", "common", "now"), "noon", "the record holds a question of another form"),
        ],
    )
    def test_a_question_that_cannot_be_asked_is_undecidable(
        self, world: World, entry: StoredEntry, steps: tuple[str, ...], value: object, why: str
    ) -> None:
        (found,) = re_decide(_with(world), [_changed(entry, steps, value)])
        assert found.now == "undecidable"
        assert why in found.why

    def test_a_value_of_another_type_denies_as_the_engine_would(self, world: World, entry: StoredEntry) -> None:
        body: Mapping[str, object] = {"query": "x", "limit": "many"}
        (found,) = re_decide(_with(world), [_changed(entry, ("request", "context", "args"), body)])
        assert found.now == "deny engine-error"


def test_refusals_before_any_policy_and_other_records_are_left_out(world: World) -> None:
    gate = world.open()
    gate.call("no.tool", {}, call_id="a")
    assert list(re_decide(_with(world), world.records())) == []


def test_messages_to_people_are_re_decided_too(world: World) -> None:
    gate = world.open()
    gate.tell(Audience("terminal", "stdout", "payments"), Notice("report", {"text": "all is well"}), call_id="t")
    (found,) = _now(world, 'forbid (principal, action == Ops::Action::"people.tell", resource);')
    assert (found.action, found.before, found.now) == ("people.tell", "allow tell.team", "deny mine.x0")


def test_requests_to_models_are_re_decided_too(world: World) -> None:
    for endpoint in ("hosted", "own"):
        request = ModelRequest(({"role": "user", "content": "why?"},))
        world.open().prompt(request, endpoint=endpoint, call_id=endpoint)
    found = _now(
        world, 'forbid (principal, action == Ops::Action::"model.prompt", resource) unless { resource.is_self_hosted };'
    )
    assert [(each.action, each.before, each.now) for each in found] == [
        ("model.prompt", "allow prompts.triage", "deny mine.x0"),
        ("model.prompt", "allow prompts.triage", "allow prompts.triage"),
    ]
