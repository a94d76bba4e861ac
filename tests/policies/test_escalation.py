"""When nobody answers: further people are told, once each, and nobody may approve who could not before."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from worlds import ACT, MAIL, World

from opswarden.core.errors import BackendError, CallDenied, InputError
from opswarden.policies.escalation import Escalation, Round, steps_told
from opswarden.policies.escalation_steps import EscalationStep, next_notice
from opswarden.policies.settings import GateSettings
from opswarden.policies.types import CallResult
from opswarden.tools.preview import Preview

ARGS: dict[str, Any] = {"service": "checkout", "revision": 3}
STEPS = (
    EscalationStep(after_minutes=5, audiences=("terminal/lead", "chat/#leads"), roles=("oncall-lead",)),
    EscalationStep(after_minutes=2, audiences=("chat/#oncall",), roles=("oncall",)),
)


def ask(world: World, call_id: str = "w1") -> CallResult:
    # Another revision each, for the same call asked again and again is a loop.
    args = {**ARGS, "revision": int(call_id[1:]) + 3}
    result: CallResult = world.open().call("rollouts.rollback", args, call_id=call_id)
    return result


def escalate(world: World, steps: tuple[EscalationStep, ...] = STEPS) -> Round:
    approvals = world.factory.approvals
    return Escalation(steps, approvals, world.database, world.ledger, world.clock, world.factory.open_run).round()


def wait(world: World, minutes: float) -> None:
    world.clock.advance(minutes * 60)  # type: ignore[attr-defined]


def audiences(done: Round) -> list[str]:
    return [f"{each.audience.kind}/{each.audience.name} {each.result.status}" for each in done.told]


class TestWaiting:
    def test_each_step_is_told_when_it_falls_due_and_once(self, world: World) -> None:
        waiting = ask(world)
        assert escalate(world).told == ()
        wait(world, 2)
        assert audiences(escalate(world)) == ["chat/#oncall sent"]
        assert escalate(world).told == ()
        wait(world, 3)
        assert audiences(escalate(world)) == ["terminal/lead sent", "chat/#leads sent"]
        wait(world, 4)
        assert escalate(world).told == ()
        assert len(world.effects.of("send")) == 3
        entries = world.records("approval.escalated")
        assert [(entry.body["after_minutes"], entry.body["roles"], entry.body["may_answer"]) for entry in entries] == [
            (2, ["oncall"], ["oncall"]),
            (5, ["oncall-lead"], ["oncall"]),
        ]
        assert {entry.body["approval_id"] for entry in entries} == {waiting.approval_id}
        assert [entry.run_id for entry in entries] == ["run_1", "run_1"]

    def test_what_was_missed_is_made_up_for(self, world: World) -> None:
        ask(world)
        wait(world, 6)
        assert len(escalate(world).told) == 3

    def test_people_are_told_what_waits_and_not_the_arguments(self, world: World) -> None:
        world.open().call("rollouts.rollback", {**ARGS, "contact": MAIL}, call_id="w1")
        wait(world, 2)
        escalate(world)
        ((_, notice, _),) = world.chat.sent
        assert (notice.kind, notice.body["what"]) == ("approval.waiting", "rollouts.rollback checkout")
        assert (notice.body["roles"], notice.body["for_roles"]) == (["oncall"], ["oncall"])
        assert MAIL not in repr(notice)
        assert "EMAIL" not in repr(notice)

    def test_an_answered_question_is_told_nobody(self, world: World) -> None:
        waiting = ask(world)
        world.factory.approvals.answer(waiting.approval_id or "", "deny", approver="bob", roles=frozenset({"oncall"}))
        wait(world, 6)
        assert escalate(world) == Round((), (), ())

    def test_it_widens_nobodys_rights(self, world: World) -> None:
        waiting = ask(world)
        wait(world, 6)
        escalate(world)
        assert world.factory.approvals.get(waiting.approval_id or "").roles == ("oncall",)
        with pytest.raises(CallDenied, match="needs another role"):
            world.factory.approvals.answer(
                waiting.approval_id or "", "approve", approver="eve", roles=frozenset({"oncall-lead"})
            )
        assert ask(world).approval_id == waiting.approval_id
        assert world.effects.of("rollouts.rollback") == []

    def test_another_teams_question_is_told_in_that_team(self, world: World) -> None:
        world.open("run_2", team="search").call("rollouts.rollback", ARGS, call_id="w1")
        wait(world, 2)
        (told,) = escalate(world).told
        assert (told.audience.team, told.result.status) == ("search", "sent")

    def test_hostile_text_of_a_preview_is_bounded(self, make_world: Callable[..., World]) -> None:
        plain = make_world(stages=ACT)
        tools = [
            replace(tool, preview=lambda args, context: Preview("x\u202e" * 5_000, "y"))
            if tool.name == "rollouts.rollback"
            else tool
            for tool in plain.tools
        ]
        world = make_world(stages=ACT, tools=tools, redaction=plain.redaction)
        ask(world)
        wait(world, 2)
        escalate(world)
        assert len(str(world.chat.sent[0][1].body["what"])) <= 300


class TestFailures:
    def test_what_cannot_be_delivered_is_tried_again_and_the_rest_is_not_sent_twice(self, world: World) -> None:
        step = EscalationStep(after_minutes=2, audiences=("terminal/lead", "chat/#leads"))
        ask(world)
        wait(world, 2)
        world.chat.error = BackendError("down")
        done = escalate(world, (step,))
        assert (audiences(done), done.has_failed) == (["terminal/lead sent", "chat/#leads failed"], True)
        assert world.records("approval.escalated") == []
        world.chat.error = None
        wait(world, 4.9)
        assert escalate(world, (step,)).told == ()  # not at once
        wait(world, 0.1)
        done = escalate(world, (step,))
        assert (audiences(done), done.has_failed) == (["terminal/lead sent", "chat/#leads sent"], False)
        assert (len(world.mouth.sent), len(world.chat.sent)) == (1, 1)
        assert len(world.records("approval.escalated")) == 1

    def test_a_sender_that_is_broken_is_told_as_unknown_and_never_asked_again(self, world: World) -> None:
        ask(world)
        wait(world, 2)
        world.chat.error = RuntimeError("boom")
        assert audiences(escalate(world)) == ["chat/#oncall unknown"]
        world.chat.error = None
        wait(world, 2)
        assert escalate(world).told == ()
        assert world.records("approval.escalated")[0].body["told"] == [
            {"kind": "chat", "name": "#oncall", "status": "unknown", "code": "outcome-unknown"}
        ]

    def test_an_audience_that_nothing_reaches_is_recorded(self, world: World) -> None:
        ask(world)
        wait(world, 2)
        done = escalate(world, (EscalationStep(after_minutes=1, audiences=("pager/x",)),))
        assert audiences(done) == ["pager/x denied"]
        assert done.told[0].result.code == "unknown-audience"

    def test_one_altered_record_does_not_silence_the_others(self, world: World) -> None:
        first, _ = ask(world), ask(world, "w2")
        connection = sqlite3.connect(world.root / "gate.sqlite")
        connection.execute("UPDATE approval SET asked = '{}' WHERE call_id = 'w1'")
        connection.commit()
        connection.close()
        wait(world, 2)
        done = escalate(world)
        assert done.altered == (first.approval_id,)
        assert audiences(done) == ["chat/#oncall sent"]

    def test_a_round_that_died_while_it_sent_is_not_repeated(self, make_world: Callable[..., World]) -> None:
        first = make_world(stages=ACT)
        ask(first)
        wait(first, 2)
        send = first.chat.send

        class Died(BaseException):
            pass

        def die(*given: Any) -> str:
            send(*given)
            raise Died

        first.chat.send = die  # type: ignore[method-assign]
        with pytest.raises(Died):
            escalate(first)
        second = make_world(stages=ACT, clock=first.clock, redaction=first.redaction)
        assert escalate(second).told == ()
        wait(second, 2.9)
        assert escalate(second).told == ()  # whoever began it has its time
        wait(second, 2.1)
        assert audiences(escalate(second)) == ["chat/#oncall unknown", "terminal/lead sent", "chat/#leads sent"]
        assert [audience.name for audience, _, _ in second.chat.sent] == ["#leads"]

    def test_two_rounds_side_by_side_tell_once(self, world: World) -> None:
        for n in range(4):
            ask(world, f"w{n}")
        wait(world, 2)
        done: list[Round] = []
        threads = [threading.Thread(target=lambda: done.append(escalate(world))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [each for one in done for each in audiences(one)] == ["chat/#oncall sent"] * 4
        assert len(world.records("approval.escalated")) == 4


class TestExpiry:
    def test_is_recorded_once_and_told_to_whoever_knew(self, world: World) -> None:
        waiting = ask(world)
        wait(world, 2)
        escalate(world)
        wait(world, 8)
        done = escalate(world)
        assert [item.id for item in done.expired] == [waiting.approval_id]
        assert {each.about for each in done.told} == {"expired"}
        assert audiences(done) == ["chat/#oncall sent", "terminal/lead sent", "chat/#leads sent"]
        assert escalate(world) == Round((), (), ())
        wait(world, 60)
        assert escalate(world) == Round((), (), ())
        assert [entry.body["approval_id"] for entry in world.records("approval.expired")] == [waiting.approval_id]
        item = world.factory.approvals.get(waiting.approval_id or "")
        assert item.state == "expired"
        with pytest.raises(InputError, match="has expired"):
            world.factory.approvals.answer(item.id, "approve", approver="bob", roles=frozenset({"oncall"}))
        assert ask(world).code == "approval-expired"

    def test_found_by_the_run_itself_it_is_recorded_there_and_told_later(self, world: World) -> None:
        ask(world)
        wait(world, 10)
        for _ in range(2):
            assert ask(world).code == "approval-expired"
        assert len(world.records("approval.expired")) == 1
        assert {each.about for each in escalate(world).told} == {"expired"}
        assert len(world.records("approval.expired")) == 1

    def test_it_stays_expired_when_the_clock_goes_back(self, world: World) -> None:
        ask(world)
        wait(world, 10)
        escalate(world)
        wait(world, -9)
        assert ask(world).code == "approval-expired"
        assert world.effects.of("rollouts.rollback") == []

    def test_a_sender_that_fails_does_not_keep_it_open(self, world: World) -> None:
        waiting = ask(world)
        wait(world, 10)
        world.chat.error = BackendError("down")
        escalate(world)
        assert world.factory.approvals.get(waiting.approval_id or "").state == "expired"

    def test_without_any_step_it_is_recorded_all_the_same(self, world: World) -> None:
        ask(world)
        wait(world, 10)
        assert len(escalate(world, ()).expired) == 1
        assert len(world.records("approval.expired")) == 1


def test_what_comes_next(world: World) -> None:
    item = world.factory.approvals.get(ask(world).approval_id or "")
    told = steps_told(world.database, item)
    due, step = next_notice(item, STEPS, told) or (None, None)
    assert (due, step) == (item.requested_at.replace(minute=2), STEPS[1])
    _, later = next_notice(item, STEPS, frozenset({"2"})) or (None, None)
    assert later == STEPS[0]
    assert next_notice(item, STEPS, frozenset({"2", "5"})) is None
    beyond = EscalationStep(after_minutes=600, audiences=("chat/x",))
    assert next_notice(item, (beyond,), frozenset()) is None


@pytest.mark.parametrize(
    "steps",
    [
        [{"after_minutes": 0, "audiences": ["chat/x"]}],
        [{"after_minutes": 5, "audiences": []}],
        [{"after_minutes": 5, "audiences": ["chat"]}],
        [{"after_minutes": 5, "audiences": ["/x"]}],
        [{"after_minutes": 5, "audiences": ["chat/x\n"]}],
        [{"after_minutes": 5, "audiences": ["chat/x"]}, {"after_minutes": 5, "audiences": ["chat/y"]}],
        [{"audiences": ["chat/x"]}],
    ],
)
def test_settings_that_say_nothing_are_refused(steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="escalation"):
        GateSettings.model_validate({"escalation": steps})
