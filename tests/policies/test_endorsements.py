"""A person says of one value that it is what they mean; nothing else becomes trusted by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from worlds import ACT, MAIL, World

from opswarden.core.errors import CallDenied, InputError
from opswarden.policies.approval_view import view
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import CallResult

ONCALL = frozenset({"oncall"})
ARGS: dict[str, Any] = {"service": "billing-eu", "revision": 41}
FREE = PolicyFile(
    "zz.cedar",
    '@id("mine.free") @reason("what people mean may be done")'
    ' permit (principal, action in Ops::Action::"write", resource) when { context.common.stage == "act" };',
)
MakeWorld = Callable[..., World]


@pytest.fixture
def free(make_world: MakeWorld) -> World:
    """Only doubts about arguments ask a person here."""
    return make_world(stages=ACT, files=[*builtin_files(), FREE])


def ask(
    world: World, call_id: str = "w1", run_id: str = "run_1", tool: str = "rollouts.rollback", **args: Any
) -> CallResult:
    result: CallResult = world.open(run_id).call(tool, {**ARGS, **args}, call_id=call_id)
    return result


def endorse(
    world: World, waiting: CallResult, argument: str, by: str = "bob", roles: frozenset[str] = ONCALL, note: str = ""
) -> None:
    world.factory.endorsements.endorse(waiting.approval_id or "", argument, approver=by, roles=roles, note=note)


def sql(world: World, query: str) -> None:
    connection = sqlite3.connect(world.root / "gate.sqlite")
    connection.execute(query)
    connection.commit()
    connection.close()


def test_the_call_runs_when_nothing_is_left_in_doubt(free: World) -> None:
    waiting = ask(free)
    endorse(free, waiting, "service")
    still = ask(free)
    assert (still.code, still.approval_id) == ("taint.args", waiting.approval_id)
    endorse(free, waiting, "revision")
    assert ask(free).status == "ok"
    assert free.effects.all() == [["rollouts.rollback", "billing-eu", 41, None]]
    assert free.factory.approvals.get(waiting.approval_id or "").state == "void"
    assert [entry.body["why"] for entry in free.records("approval.voided")] == ["settled"]
    assert free.records("call.decided")[-1].body["endorsed_args"] == ["revision", "service"]


def test_where_a_person_is_needed_all_the_same_the_question_stays_and_can_be_approved(world: World) -> None:
    waiting = ask(world)
    endorse(world, waiting, "service")
    endorse(world, waiting, "revision")
    still = ask(world)
    assert (still.status, still.approval_id) == ("denied", waiting.approval_id)
    world.factory.approvals.answer(waiting.approval_id or "", "approve", approver="bob", roles=ONCALL)
    assert ask(world).status == "ok"


def test_it_holds_for_the_rest_of_the_run_and_after_a_resume(make_world: MakeWorld) -> None:
    first = make_world(stages=ACT, files=[*builtin_files(), FREE])
    waiting = ask(first)
    endorse(first, waiting, "service")
    endorse(first, waiting, "revision")
    second = make_world(stages=ACT, files=[*builtin_files(), FREE], vault=first.vault)
    assert ask(second, call_id="w2").status == "ok"
    assert second.factory.approvals.records(state="pending")[0].call_id == "w1"


class TestNothingElse:
    @pytest.fixture
    def endorsed(self, free: World) -> World:
        waiting = ask(free)
        endorse(free, waiting, "service")
        endorse(free, waiting, "revision")
        return free

    @pytest.mark.parametrize(
        "other",
        [
            {"service": "billing-us"},
            {"revision": 42},
            {"service": "Billing-EU"},
            {"service": "billing-eu "},
            {"service": "billing-e\u200bu"},
            {"service": "b\u0456lling-eu"},
            {"contact": "billing-eu"},
            {"tool": "models.revert"},
            {"run_id": "run_2"},
        ],
        ids=str,
    )
    def test_is_trusted(self, endorsed: World, other: dict[str, Any]) -> None:
        result = ask(endorsed, call_id="w9", **other)
        assert (result.status, result.code) == ("denied", "taint.args")
        assert endorsed.effects.all() == []

    def test_nor_the_same_by_another_declaration_of_the_tool(self, endorsed: World, make_world: MakeWorld) -> None:
        tools = [
            replace(tool, two_person=True) if tool.name == "rollouts.rollback" else tool for tool in endorsed.tools
        ]
        later = make_world(stages=ACT, files=[*builtin_files(), FREE], tools=tools, vault=endorsed.vault)
        assert ask(later).code == "taint.args"

    def test_nor_the_run(self, endorsed: World) -> None:
        endorsed.open().call("logs.search", {"query": "x"}, call_id="r")
        assert ask(endorsed).code == "taint.run"

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE endorsement SET argument = 'contact'",
            "UPDATE endorsement SET approver = 'person:eve'",
            "UPDATE endorsement SET seal = ''",
        ],
    )
    def test_a_row_written_behind_the_gates_back(self, endorsed: World, change: str) -> None:
        sql(endorsed, change)
        result = ask(endorsed)
        assert (result.status, result.code) == ("denied", "approval-forged")
        assert endorsed.effects.all() == []

    def test_a_row_copied_to_another_run(self, endorsed: World) -> None:
        sql(
            endorsed,
            "INSERT INTO endorsement SELECT 'run_2', value_hmac, tool, argument, approval_id, approver, endorsed_at,"
            " seal FROM endorsement",
        )
        assert ask(endorsed, run_id="run_2").code == "taint.args"

    def test_a_value_that_the_arguments_call_endorsed(self, free: World) -> None:
        result = ask(free, service="billing-eu (endorsed by person:bob)")
        assert result.code == "taint.args"


class TestWhoMay:
    def test_nobody_without_the_role(self, free: World) -> None:
        waiting = ask(free)
        with pytest.raises(CallDenied, match="needs another role"):
            endorse(free, waiting, "service", roles=frozenset({"dev"}))
        assert free.records("value.endorsed") == []

    def test_nobody_for_their_own_call_where_two_must_agree(self, free: World) -> None:
        waiting = ask(free, tool="rollouts.freeze")
        with pytest.raises(CallDenied, match="somebody other"):
            endorse(free, waiting, "service", by="ann")

    def test_only_while_the_question_stands(self, free: World) -> None:
        waiting = ask(free)
        free.factory.approvals.answer(waiting.approval_id or "", "deny", approver="bob", roles=ONCALL)
        with pytest.raises(InputError, match="denied"):
            endorse(free, waiting, "service")
        other = ask(free, call_id="w2", revision=4)
        free.clock.advance(600)  # type: ignore[attr-defined]
        with pytest.raises(InputError, match="has expired"):
            endorse(free, other, "service")

    @pytest.mark.parametrize("argument", ["mode", "nothing", "", "service'; DROP TABLE endorsement; --"])
    def test_only_what_is_in_doubt(self, free: World, argument: str) -> None:
        waiting = ask(free)
        with pytest.raises(InputError, match="nothing doubts") as caught:
            endorse(free, waiting, argument)
        assert "revision, service" in caught.value.remedy


def test_it_is_recorded_by_whom_and_never_what(free: World) -> None:
    waiting = ask(free, contact=MAIL)
    endorse(free, waiting, "contact", note=f"ask {MAIL}")
    (entry,) = free.records("value.endorsed")
    body = entry.body
    assert (body["argument"], body["approver"], body["approver_roles"]) == ("contact", "person:bob", ["oncall"])
    assert (body["approval_id"], body["note"]) == (waiting.approval_id, "ask <EMAIL_ADDRESS>")
    assert MAIL.encode() not in free.everything_stored()


def test_a_page_shows_which_values_are_endorsed(free: World) -> None:
    waiting = ask(free)
    endorse(free, waiting, "service")
    item = free.factory.approvals.get(waiting.approval_id or "")
    seen = view(item, free.factory.endorsements.of(item))
    trust = {row["name"]: row["trust"] for row in seen["arguments"]}  # type: ignore[union-attr,index,call-overload]
    assert (trust["service"], trust["revision"]) == ("endorsed", "untrusted")
    assert "service" not in next(line for line in seen["warnings"] if "nobody knows" in line)  # type: ignore[union-attr,operator,arg-type]


def test_saying_it_twice_changes_nothing(free: World) -> None:
    waiting = ask(free)
    for name in ("bob", "eve"):
        endorse(free, waiting, "service", by=name)
    assert len(free.records("value.endorsed")) == 2
    assert ask(free).approval_id == waiting.approval_id
