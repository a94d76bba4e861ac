"""Taking an effect back: once, by a call of its own, on behalf of a person; also across crashes."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from undoing import approve_all, effect, undo
from worlds import ACT, CARD, MAIL, Done, RollbackArgs, Shop, ToolFailed, World
from wreckage import check_ledger, run_worker

from opswarden.core.errors import CallDenied, InputError
from opswarden.policies.undo import CALL_ID
from opswarden.policies.unknowns import Unknowns


def test_the_call_back_asks_cites_and_runs_once(world: World) -> None:
    done = effect(world)
    asked = undo(world, done.seq)
    assert asked.approval_id
    (question,) = world.factory.approvals.records(state="pending")
    assert question.preview["undoes"] == done.seq
    assert question.preview["args"] == {"service": "checkout", "revision": 2, "mode": "fast", "contact": None}
    assert question.requester == "person:ann"
    approve_all(world)
    results = [undo(world, done.seq) for _ in range(3)]
    assert {result.status for result in results} == {"ok"}
    assert len({result.seq for result in results}) == 1
    assert world.effects.of("rollouts.rollback")[1:] == [["rollouts.rollback", "checkout", 2, None]]
    (outcome,) = [entry for entry in world.records("call.outcome") if entry.body["call_id"] == CALL_ID]
    decided = [entry for entry in world.records("call.decided") if entry.body["call_id"] == CALL_ID]
    assert [entry.body["undoes"] for entry in (outcome, *decided)] == [done.seq] * 3
    assert {entry.run_id for entry in decided} == {f"undo-{done.seq}-1"}
    assert decided[-1].body["on_behalf_of"] == "person:ann"


def test_the_entry_of_the_decision_will_do_as_well(world: World) -> None:
    done = effect(world)
    (intent,) = [entry for entry in world.records("call.decided") if entry.body["decision"] == "allow"]
    assert undo(world, intent.seq).approval_id == undo(world, done.seq).approval_id


def test_an_undone_effect_can_be_redone_by_undoing_that(world: World) -> None:
    first = effect(world)
    undo(world, first.seq)
    approve_all(world)
    back = undo(world, first.seq)
    undo(world, back.seq)
    approve_all(world)
    assert undo(world, back.seq).status == "ok"
    assert [row[2] for row in world.effects.of("rollouts.rollback")] == [3, 2, 1]


class TestNeverTwice:
    def test_another_person_is_told_who_did_it(self, world: World) -> None:
        done = effect(world)
        undo(world, done.seq)
        approve_all(world)
        undo(world, done.seq)
        with pytest.raises(CallDenied) as denied:
            undo(world, done.seq, who="person:kim")
        assert denied.value.code == "already-undone"
        assert f"undo-{done.seq}-1" in denied.value.message

    def test_two_people_with_leave_for_both_undo_it_once(self, world: World) -> None:
        done = effect(world)
        people = ("person:ann", "person:kim")
        assert all(undo(world, done.seq, who=who).approval_id for who in people)
        approve_all(world)
        codes: list[str] = []

        def press(who: str) -> None:
            try:
                codes.append(undo(world, done.seq, who=who).code)
            except CallDenied as error:
                codes.append(error.code)

        threads = [threading.Thread(target=press, args=(who,)) for who in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["already-undone", "writes.approved"]
        assert len(world.effects.of("rollouts.rollback")) == 2

    def test_after_a_denial_it_can_be_asked_anew(self, world: World) -> None:
        done = effect(world)
        first = undo(world, done.seq)
        assert first.approval_id is not None
        world.factory.approvals.answer(first.approval_id, "deny", approver="person:bob", roles=frozenset({"oncall"}))
        second = undo(world, done.seq)
        assert second.approval_id not in (None, first.approval_id)
        approve_all(world)
        assert undo(world, done.seq).status == "ok"
        assert world.records("run.started")[-1].run_id == f"undo-{done.seq}-2"

    def test_what_certainly_did_nothing_can_be_tried_again(self, world: World) -> None:
        done = effect(world)
        undo(world, done.seq)
        approve_all(world)

        def fail(_name: str) -> None:
            raise ToolFailed("the cluster refused it")

        world.shop.before = fail
        assert undo(world, done.seq).code == "tool-failed"
        world.shop.before = lambda _name: None
        assert undo(world, done.seq, who="person:kim").approval_id
        approve_all(world)
        assert undo(world, done.seq, who="person:kim").status == "ok"

    def test_an_unknown_outcome_is_kept_until_a_person_settles_it(self, world: World) -> None:
        done = effect(world)
        undo(world, done.seq)
        approve_all(world)

        def cut(_name: str) -> None:
            raise ConnectionResetError

        world.shop.before = cut
        assert undo(world, done.seq).code == "outcome-unknown"
        world.shop.before = lambda _name: None
        assert undo(world, done.seq).code == "outcome-unknown"
        with pytest.raises(CallDenied):
            undo(world, done.seq, who="person:kim")
        unknowns = Unknowns(world.database, world.ledger, world.clock, world.redaction.scrub)
        (open_one,) = unknowns.open()
        assert open_one.run_id == f"undo-{done.seq}-1"
        unknowns.settle(open_one.seq, took_effect=False, by="person:bob", note="revision 3 is still there")
        assert undo(world, done.seq, who="person:kim").approval_id


class TestNoWayBack:
    def test_what_is_no_effect_is_not_undone(self, world: World) -> None:
        read = world.open().call("logs.search", {"query": "x"}, call_id="r")
        asked = world.open().call("rollouts.rollback", {"service": "checkout"}, call_id="w")
        for seq in (read.seq, asked.seq, 0):
            with pytest.raises(InputError, match="no effect that took place"):
                undo(world, seq)

    def test_a_tool_that_declares_none_or_finds_none(self, world: World) -> None:
        with pytest.raises(InputError, match="no way back was recorded"):
            undo(world, effect(world, revision=0).seq)
        gate = world.open()
        gate.call("models.revert", {"service": "checkout"}, call_id="m")
        approve_all(world)
        with pytest.raises(InputError, match="no way back was recorded"):
            undo(world, gate.call("models.revert", {"service": "checkout"}, call_id="m").seq)

    @pytest.mark.parametrize(
        ("way_back", "why"),
        [
            (lambda args, done: ("rollouts.rollback", {"service": CARD}), "holds-secret"),
            (lambda args, done: ("nothing.here", {}), "no-such-write"),
            (lambda args, done: ("logs.search", {"query": "x"}), "no-such-write"),
            (lambda args, done: 1 / 0, "ZeroDivisionError"),
            (lambda args, done: ("rollouts.rollback", None), "TypeError"),
        ],
    )
    def test_a_broken_way_back_does_not_break_the_outcome(
        self, make_world: Callable[..., World], way_back: Any, why: str
    ) -> None:
        world = make_world(stages=ACT)
        tools = [replace(tool, undo=way_back) if tool.undo else tool for tool in world.tools]
        broken = make_world(stages=ACT, tools=tools)
        done = effect(broken)
        with pytest.raises(InputError, match=why):
            undo(broken, done.seq)
        assert CARD.replace(" ", "").encode() not in broken.everything_stored()


class TestPersonalData:
    def test_arguments_that_may_not_stand_in_the_ledger_are_kept_whole_and_encrypted(self, world: World) -> None:
        done = effect(world, contact=MAIL)
        undo(world, done.seq)
        approve_all(world)
        assert undo(world, done.seq).status == "ok"
        assert world.effects.of("rollouts.rollback")[-1] == ["rollouts.rollback", "checkout", 2, MAIL]
        assert MAIL not in world.record_text()
        assert MAIL.encode() not in world.everything_stored()

    def test_once_they_have_expired_nothing_is_guessed(self, world: World) -> None:
        done = effect(world, contact=MAIL)
        for path in (world.root / "artifacts").iterdir():
            path.unlink()
        with pytest.raises(InputError, match="not kept any more"):
            undo(world, done.seq)
        assert len(world.effects.of("rollouts.rollback")) == 1


class TestIdempotencyKey:
    def test_it_is_the_call_s_own_and_tells_nothing(self, world: World) -> None:
        effect(world, "a")
        effect(world, "b")
        first, second = world.shop.keys
        assert first != second
        assert all(len(key) == 32 and int(key, 16) >= 0 for key in (first, second))

    def test_another_process_gives_the_same_key(self, make_world: Callable[..., World]) -> None:
        world = make_world(stages=ACT)
        gate = world.open()
        args = {"service": "checkout", "revision": 3}
        gate.call("rollouts.rollback", args, call_id="w")
        tool = world.factory._services.tools["rollouts.rollback"]
        seen = [
            call._context(tool, call._prepare(tool, args, "w", "w", None).subject)
            for call in (gate._calls, make_world(stages=ACT).open()._calls)
        ]
        assert len({context.idempotency_key for context in seen}) == 1

    def test_a_check_after_a_crash_gets_the_key_of_the_call(self, make_world: Callable[..., World]) -> None:
        seen: list[str] = []

        def revert(self: Shop, args: RollbackArgs, context: Any) -> Any:
            seen.append(context.idempotency_key)
            raise ConnectionResetError

        def check(args: RollbackArgs, context: Any) -> Any:
            seen.append(context.idempotency_key)

        world = make_world(stages=ACT)
        tools = [
            replace(tool, run=lambda args, context: revert(world.shop, args, context), reconcile=check)
            if tool.name == "models.revert"
            else tool
            for tool in world.tools
        ]
        world = make_world(stages=ACT, tools=tools)
        for _ in range(2):
            world.open().call("models.revert", {"service": "checkout"}, call_id="m")
            approve_all(world)
        assert world.open().call("models.revert", {"service": "checkout"}, call_id="m").code == "outcome-unknown"
        assert len(seen) == 2
        assert len(set(seen)) == 1


POINTS: list[tuple[str, str, int]] = [
    # where the process died, code of the repeated undo, effects in the end (the undone one included)
    ("reserved", "writes.approved", 2),
    ("decided", "writes.approved", 2),
    ("intent", "outcome-unknown", 1),
    ("effect", "outcome-unknown", 2),
    ("outcome", "outcome-unknown", 2),
    ("returned", "writes.approved", 2),
]


@pytest.fixture(scope="module")
def wrecks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("undo-wrecks")
    ended = run_worker("undo", str(root))
    assert set(ended.values()) == {-signal.SIGKILL}, ended
    return root


@pytest.mark.parametrize(("point", "code", "effects"), POINTS, ids=[row[0] for row in POINTS])
def test_a_killed_undo_is_taken_up_without_a_second_effect(wrecks: Path, point: str, code: str, effects: int) -> None:
    world = World(wrecks / point, stages=ACT)
    seq = int(json.loads((wrecks / point / "seq.json").read_text()))
    for _ in range(2):
        assert undo(world, seq).code == code
        assert len(world.effects.all()) == effects
    with pytest.raises(CallDenied):
        undo(world, seq, who="person:kim")
    assert len(world.effects.all()) == effects
    check_ledger(world)
    world.database.close()


def test_a_result_that_is_no_declared_one_keeps_the_right_to_undo(make_world: Callable[..., World]) -> None:
    """The effect may be there although its result is useless, so nobody gets a second try."""
    world = make_world(stages=ACT)
    done = effect(world)
    tools = [
        replace(tool, run=lambda args, context: Done(note="no output")) if tool.name == "rollouts.rollback" else tool
        for tool in world.tools
    ]
    broken = make_world(stages=ACT, tools=tools)
    undo(broken, done.seq)
    approve_all(broken)
    assert undo(broken, done.seq).code == "tool-broken"
    with pytest.raises(CallDenied):
        undo(broken, done.seq, who="person:kim")
