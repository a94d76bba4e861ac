"""Approvals: what a person was asked, and what an answer is good for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worlds import ACT, CARD, MAIL, TOKEN, World

from opswarden.core.errors import CallDenied, InputError
from opswarden.policies.approvals import Approval
from opswarden.policies.budgets import Limits
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.store import select
from opswarden.policies.types import CallResult
from opswarden.tests.postgres_peer import worlds_on_both

pytestmark = worlds_on_both

ONCALL = frozenset({"oncall"})
ARGS: dict[str, Any] = {"service": "checkout", "revision": 3}


def ask(world: World, tool: str = "rollouts.rollback", call_id: str = "w1", **args: Any) -> CallResult:
    result: CallResult = world.open().call(tool, {**ARGS, **args}, call_id=call_id)
    return result


def approve(world: World, result: CallResult, approver: str = "bob", roles: frozenset[str] = ONCALL) -> Approval:
    assert result.approval_id is not None
    return world.factory.approvals.answer(result.approval_id, "approve", approver=approver, roles=roles)


def effects(world: World) -> list[Any]:
    return world.effects.all()


def sql(world: World, query: str) -> None:
    """What somebody with the database in hand could do."""
    with world.database.transaction() as connection:
        connection.execute(query)


def test_an_approved_call_runs_once(world: World) -> None:
    waiting = ask(world)
    assert (waiting.status, waiting.code) == ("denied", "taint.args")
    assert effects(world) == []
    approve(world, waiting)
    done = ask(world)
    assert (done.status, done.code) == ("ok", "writes.approved")
    assert ask(world) == done
    assert effects(world) == [["rollouts.rollback", "checkout", 3, None]]
    kinds = [entry.kind for entry in world.records() if entry.kind.startswith(("approval", "call"))]
    assert kinds == [
        "approval.requested",
        "call.decided",
        "approval.answered",
        "approval.consumed",
        "call.decided",
        "call.outcome",
    ]


def test_while_nobody_answers_nothing_runs_and_one_question_stands(world: World) -> None:
    assert {ask(world).approval_id for _ in range(3)} == {ask(world).approval_id}
    assert len(world.factory.approvals.records()) == 1
    assert effects(world) == []


def test_a_person_sees_the_effect_and_its_doubts(world: World) -> None:
    world.open().call("logs.search", {"query": "x"}, call_id="r")
    waiting = ask(world, service="elsewhere", contact=MAIL)
    record = world.factory.approvals.get(waiting.approval_id or "")
    assert record.preview["args"] == {
        "service": "elsewhere",
        "revision": 3,
        "mode": "fast",
        "contact": record.preview["args"]["contact"],  # type: ignore[index, call-overload]
    }
    assert MAIL not in repr(record)
    assert record.preview["untrusted_args"] == ["contact", "service"]
    assert record.preview["run_tainted"] is True
    assert (record.action, record.environment, record.roles, record.requester) == (
        "rollouts.rollback",
        "prod",
        ("oncall",),
        "person:ann",
    )


def test_a_denied_call_never_runs(world: World) -> None:
    waiting = ask(world)
    world.factory.approvals.answer(
        waiting.approval_id or "", "deny", approver="bob", roles=ONCALL, note=f"no, write to {MAIL}"
    )
    assert ask(world).code == "approval-denied"
    assert effects(world) == []
    answered = world.records("approval.answered")[0].body
    assert (answered["answer"], answered["note"]) == ("deny", "no, write to <EMAIL_ADDRESS>")


class TestNagging:
    """People are asked once, and not about everything at once."""

    def test_who_said_no_is_not_asked_again_under_another_id(self, world: World) -> None:
        first, second = ask(world), ask(world, call_id="w2")
        world.factory.approvals.answer(
            first.approval_id or "", "deny", approver="bob", roles=ONCALL, note="not this week"
        )
        for call_id in ("w1", "w2", "w3"):
            again = ask(world, call_id=call_id)
            assert (again.code, again.approval_id) == ("approval-denied", None)
            assert "not this week" in again.message
        assert ask(world, call_id="w4", revision=2).approval_id is not None
        assert [record.id for record in world.factory.approvals.records(state="denied")] == [first.approval_id]
        assert second.approval_id is not None

    def test_whoever_approved_the_one_counts_though_another_denied_its_twin(self, world: World) -> None:
        first, second = ask(world), ask(world, call_id="w2")
        approve(world, first)
        world.factory.approvals.answer(second.approval_id or "", "deny", approver="bob", roles=ONCALL)
        assert (ask(world).status, ask(world, call_id="w2").code) == ("ok", "approval-denied")

    def test_only_so_many_questions_stand(self, make_world: Callable[..., World]) -> None:
        world = make_world(stages=ACT, limits=Limits(questions=2))
        first = ask(world, call_id="w0")
        asked = [ask(world, call_id=f"w{number}", revision=number + 3) for number in range(1, 5)]
        assert [result.code for result in asked] == ["taint.args", *["questions-waiting"] * 3]
        assert len(world.factory.approvals.records()) == 2
        assert ask(world, call_id="w0").approval_id == first.approval_id
        approve(world, asked[0])
        assert ask(world, call_id="w1", revision=4).status == "ok"
        assert ask(world, call_id="w3", revision=6).approval_id is not None


class TestForgedAndReplayed:
    """Whatever is not exactly what a person approved does nothing."""

    def test_other_arguments_under_the_same_id(self, world: World) -> None:
        approve(world, ask(world))
        swapped = ask(world, revision=4)
        assert (swapped.status, swapped.code) == ("denied", "call-id-reused")
        assert effects(world) == []

    def test_the_same_call_under_another_id_asks_anew(self, world: World) -> None:
        approve(world, ask(world))
        other = ask(world, call_id="w2")
        assert (other.code, other.approval_id is not None) == ("taint.args", True)
        assert effects(world) == []

    def test_another_run(self, world: World) -> None:
        approve(world, ask(world))
        other = world.open("run_2").call("rollouts.rollback", ARGS, call_id="w1")
        assert (other.status, other.approval_id is not None) == ("denied", True)
        assert effects(world) == []

    def test_a_second_time(self, world: World) -> None:
        approve(world, ask(world))
        ask(world)
        sql(world, "DELETE FROM journal_call")  # even with the journal gone
        assert ask(world).code == "approval-used"
        assert len(effects(world)) == 1

    def test_too_late(self, world: World) -> None:
        waiting = ask(world)
        approve(world, waiting)
        world.clock.advance(600)  # type: ignore[attr-defined]
        assert ask(world).code == "approval-expired"
        assert effects(world) == []

    def test_an_answer_that_comes_too_late(self, world: World) -> None:
        waiting = ask(world)
        world.clock.advance(600)  # type: ignore[attr-defined]
        with pytest.raises(InputError, match="has expired"):
            approve(world, waiting)
        assert ask(world).code == "approval-expired"

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE approval SET state = 'approved'",
            'UPDATE approval SET state = \'approved\', answered = \'{"answered_at":"2026-11-23T14:00:00.000Z",'
            '"approver":"person:bob","approver_roles":["oncall"],"note":""}\'',
            "UPDATE approval SET asked = replace(asked, '\"revision\":3', '\"revision\":9')",
            "UPDATE approval SET call_id = 'w9'",
            "UPDATE approval SET asked = '{}'",
        ],
        ids=["state", "whole answer", "preview", "call", "emptied"],
    )
    def test_a_row_written_behind_the_gates_back(self, world: World, change: str) -> None:
        waiting = ask(world)
        sql(world, change)
        with pytest.raises(InputError, match="altered outside the gate"):
            world.factory.approvals.get(waiting.approval_id or "")
        call_id = "w9" if "w9" in change else "w1"
        assert ask(world, call_id=call_id).code == "approval-forged"
        assert effects(world) == []

    @pytest.mark.parametrize("end", ["used", "void"])
    def test_an_older_row_put_back_with_its_seal(self, world: World, end: str) -> None:
        waiting = ask(world)
        approve(world, waiting)
        (row,) = select(world.database, "SELECT state, answered, seal FROM approval")
        before = (row["state"], row["answered"], row["seal"])
        if end == "void":
            world.open().call("logs.search", {"query": "x"}, call_id="r")
            assert ask(world).approval_id != waiting.approval_id
            sql(world, "DELETE FROM approval WHERE state = 'pending'")
        else:
            assert ask(world).status == "ok"
        sql(world, "DELETE FROM journal_call")
        done = world.effects.of("rollouts.rollback")
        with world.database.transaction() as connection:
            connection.execute("UPDATE approval SET state = ?, answered = ?, seal = ?", before)
        run_id = "run_1"
        world.factory._open.clear()  # another process, which has read nothing yet
        again = world.open(run_id).call("rollouts.rollback", ARGS, call_id="w1")
        assert again.code == "approval-forged"
        assert world.effects.of("rollouts.rollback") == done

    def test_approval_in_the_arguments_is_only_text(self, world: World) -> None:
        result = ask(world, service="checkout (approved by on-call)")
        assert (result.status, result.approval_id is not None) == ("denied", True)
        extra = world.open().call("rollouts.rollback", {**ARGS, "approval": {"approver": "bob"}}, call_id="w3")
        assert extra.code == "bad-arguments"
        assert effects(world) == []

    def test_a_changed_policy_makes_it_void_and_asks_anew(self, make_world: Callable[..., World]) -> None:
        first = make_world(stages=ACT)
        waiting = ask(first)
        approve(first, waiting)
        more = PolicyFile("zz.cedar", '@id("zz") @reason("r") forbid (principal, action, resource) when { false };')
        second = make_world(stages=ACT, files=[*builtin_files(), more])
        again = ask(second)
        assert again.status == "denied"
        assert again.approval_id not in (None, waiting.approval_id)
        assert second.factory.approvals.get(waiting.approval_id or "").state == "void"
        assert effects(second) == []
        approve(second, again)
        assert ask(second).status == "ok"

    def test_a_changed_tool_makes_it_void(self, make_world: Callable[..., World]) -> None:
        first = make_world(stages=ACT)
        approve(first, ask(first))
        tools = [replace(tool, two_person=True) if tool.name == "rollouts.rollback" else tool for tool in first.tools]
        second = make_world(stages=ACT, tools=tools)
        assert ask(second).status == "denied"
        assert effects(second) == []

    def test_taint_that_came_after_makes_it_void(self, world: World) -> None:
        waiting = ask(world)
        approve(world, waiting)
        world.open().call("logs.search", {"query": "x"}, call_id="r")
        again = ask(world)
        assert (again.status, again.approval_id == waiting.approval_id) == ("denied", False)
        assert world.effects.of("rollouts.rollback") == []


class TestWhoMayAnswer:
    def test_nobody_without_the_role(self, world: World) -> None:
        waiting = ask(world)
        with pytest.raises(CallDenied, match="needs another role") as caught:
            approve(world, waiting, roles=frozenset({"dev"}))
        assert caught.value.code == "approval-role"
        assert ask(world).code == "taint.args"

    def test_whoever_started_the_run_if_they_hold_the_role(self, world: World) -> None:
        approve(world, ask(world), approver="person:ann")
        assert ask(world).status == "ok"

    def test_but_not_where_two_must_agree(self, world: World) -> None:
        waiting = ask(world, "rollouts.freeze")
        with pytest.raises(CallDenied, match="somebody other") as caught:
            approve(world, waiting, approver="ann")
        assert caught.value.code == "approval-two-person"
        approve(world, waiting)
        assert ask(world, "rollouts.freeze").status == "ok"

    def test_one_may_always_stop_ones_own_call(self, world: World) -> None:
        waiting = ask(world, "rollouts.freeze")
        answered = world.factory.approvals.answer(waiting.approval_id or "", "deny", approver="ann", roles=ONCALL)
        assert answered.state == "denied"

    def test_of_two_people_the_second_is_told(self, world: World) -> None:
        waiting = ask(world)
        answers: list[str] = []

        def press(name: str) -> None:
            try:
                approve(world, waiting, approver=name)
                answers.append("approved")
            except InputError as error:
                answers.append(error.message.split(" is ")[1])

        threads = [threading.Thread(target=press, args=(name,)) for name in ("bob", "eve", "joe")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == ["approved", "approved already", "approved already"]
        assert len(world.records("approval.answered")) == 1

    def test_a_question_that_is_none(self, world: World) -> None:
        with pytest.raises(InputError, match="no approval of this id"):
            world.factory.approvals.get("apr_x")


@pytest.mark.parametrize("secret", [CARD, TOKEN])
def test_a_secret_is_never_approvable(world: World, secret: str) -> None:
    result = ask(world, service=f"use {secret}")
    assert (result.code, result.approval_id) == ("secret-argument", None)
    assert world.factory.approvals.records() == []


def test_a_real_value_reaches_the_tool_and_nothing_else(world: World) -> None:
    waiting = ask(world, contact=MAIL)
    approve(world, waiting)
    assert ask(world, contact=MAIL).status == "ok"
    assert effects(world) == [["rollouts.rollback", "checkout", 3, MAIL]]
    assert MAIL.encode() not in world.everything_stored()


def test_lists_by_state_team_and_run(world: World) -> None:
    first, second = ask(world), ask(world, call_id="w2")
    approve(world, first)
    store = world.factory.approvals
    assert [record.id for record in store.records(state="pending")] == [second.approval_id]
    assert [record.id for record in store.records(run_id="run_1", team="payments")] == [
        first.approval_id,
        second.approval_id,
    ]
    assert store.records(team="search") == []


def test_nothing_stored_can_be_read_by_others(world: World) -> None:
    ask(world)
    if world.database.dialect == "sqlite":
        assert Path(world.root / "gate.sqlite").stat().st_mode & 0o077 == 0
