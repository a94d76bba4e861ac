"""Answers: who brings which role, and what happens when two people press at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import ACT, MAIL, World

from opswarden.core.errors import CallDenied, InputError
from opswarden.policies.approvals import Approval
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import CallResult

ARGS: dict[str, Any] = {"service": "checkout", "revision": 3}
LEAD_TOO = PolicyFile(
    "zz.cedar",
    '@id("mine.lead") @approval("lead") @reason("the lead agrees too")'
    ' forbid (principal, action in Ops::Action::"write", resource)'
    ' unless { context has approval && context.approval.approver_roles.contains("lead")'
    " && context.approval.call_hmac == context.common.call_hmac && context.common.now < context.approval.expires };",
)
NOT_KIM = PolicyFile(
    "zy.cedar",
    '@id("mine.others") @reason("whoever asks does not decide")'
    ' forbid (principal, action in Ops::Action::"write", resource)'
    " when { context has approval && context.approval.approver == principal.on_behalf_of };",
)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Here a write takes the roles oncall and lead."""
    return make_world(stages=ACT, files=[*builtin_files(), LEAD_TOO])


def ask(world: World, tool: str = "rollouts.rollback", call_id: str = "w1") -> CallResult:
    result: CallResult = world.open().call(tool, ARGS, call_id=call_id)
    return result


def approve(world: World, waiting: CallResult, who: str, *roles: str, note: str = "") -> Approval:
    store = world.factory.approvals
    return store.answer(waiting.approval_id or "", "approve", approver=who, roles=frozenset(roles), note=note)


class TestSeveralPeople:
    def test_each_brings_a_role_and_the_last_one_completes_it(self, world: World) -> None:
        waiting = ask(world)
        part = approve(world, waiting, "bob", "oncall", "dev", note=f"fine, {MAIL}")
        assert (part.state, part.missing_roles) == ("pending", ("lead",))
        assert ask(world).approval_id == waiting.approval_id
        whole = approve(world, waiting, "eve", "lead")
        assert (whole.state, whole.approver, whole.approver_roles) == ("approved", "person:eve", {"lead", "oncall"})
        assert [(each.approver, each.roles) for each in whole.grants] == [
            ("person:bob", {"oncall"}),
            ("person:eve", {"lead"}),
        ]
        assert whole == world.factory.approvals.get(whole.id)
        assert ask(world).status == "ok"
        parts, last = world.records("approval.answered")
        assert (parts.body["is_complete"], parts.body["missing_roles"], parts.body["note"]) == (
            False,
            ["lead"],
            "fine, <EMAIL_ADDRESS>",
        )
        assert (last.body["is_complete"], last.body["approver_roles"]) == (True, ["lead"])
        assert world.records("approval.consumed")[0].body["approvers"] == ["person:bob", "person:eve"]

    def test_one_who_holds_both_needs_nobody_else(self, world: World) -> None:
        waiting = ask(world)
        assert approve(world, waiting, "bob", "lead", "oncall").state == "approved"
        assert ask(world).status == "ok"

    def test_nobody_counts_twice(self, world: World) -> None:
        waiting = ask(world)
        approve(world, waiting, "bob", "oncall")
        with pytest.raises(InputError, match="has agreed to") as caught:
            approve(world, waiting, "person:bob", "lead")
        assert caught.value.remedy == "it waits for: lead"
        with pytest.raises(InputError, match="nobody else with that role"):
            approve(world, waiting, "joe", "oncall")
        with pytest.raises(CallDenied, match="needs another role"):
            approve(world, waiting, "joe", "dev")
        assert ask(world).approval_id == waiting.approval_id
        assert world.effects.all() == []

    def test_anybody_with_one_of_the_roles_stops_it(self, world: World) -> None:
        waiting = ask(world)
        approve(world, waiting, "bob", "oncall")
        denied = world.factory.approvals.answer(
            waiting.approval_id or "", "deny", approver="eve", roles=frozenset({"lead"}), note="not\nnow"
        )
        assert denied.state == "denied"
        said = ask(world)
        assert (said.code, "not now" in said.message) == ("approval-denied", True)

    def test_where_two_must_agree_whoever_started_the_run_brings_nothing(self, world: World) -> None:
        waiting = ask(world, "rollouts.freeze")
        approve(world, waiting, "bob", "oncall")
        with pytest.raises(CallDenied, match="somebody other"):
            approve(world, waiting, "ann", "lead")
        approve(world, waiting, "eve", "lead")
        assert ask(world, "rollouts.freeze").status == "ok"

    @pytest.mark.parametrize("order", [("ann", "eve"), ("eve", "ann")])
    def test_a_policy_sees_whoever_started_the_run_among_them(
        self, make_world: Callable[..., World], order: tuple[str, str]
    ) -> None:
        world = make_world(stages=ACT, files=[*builtin_files(), LEAD_TOO, NOT_KIM])
        waiting = ask(world)
        approve(world, waiting, order[0], "oncall")
        assert approve(world, waiting, order[1], "lead").approver == "person:ann"
        assert (ask(world).status, world.effects.all()) == ("denied", [])

    def test_half_an_answer_is_void_with_its_question(self, world: World) -> None:
        waiting = ask(world)
        approve(world, waiting, "bob", "oncall")
        world.open().call("logs.search", {"query": "x"}, call_id="r")
        again = ask(world)
        assert again.approval_id not in (None, waiting.approval_id)
        assert world.factory.approvals.get(again.approval_id or "").grants == ()
        with pytest.raises(InputError, match="void already"):
            approve(world, waiting, "eve", "lead")

    @pytest.mark.parametrize(
        "change",
        [
            'UPDATE approval SET answered = replace(answered, \'"oncall"\', \'"lead","oncall"\')',
            "UPDATE approval SET answered = NULL",
            "UPDATE approval SET answered = '{\"grants\": [7]}'",
        ],
    )
    def test_half_an_answer_is_sealed(self, world: World, change: str) -> None:
        waiting = ask(world)
        approve(world, waiting, "bob", "oncall")
        connection = sqlite3.connect(world.root / "gate.sqlite")
        connection.execute(change)
        connection.commit()
        connection.close()
        with pytest.raises(InputError, match="altered outside the gate"):
            approve(world, waiting, "eve", "lead")
        assert ask(world).code == "approval-forged"


def test_an_answer_has_only_the_roles_that_were_asked_for(make_world: Callable[..., World]) -> None:
    """So leave that was given before a freeze does not carry into it, whoever gave it."""
    plain = make_world(stages=ACT)
    waiting = ask(plain)
    assert approve(plain, waiting, "bob", "change-manager", "oncall").approver_roles == {"oncall"}


def test_a_long_reason_is_shortened_and_never_refused(world: World) -> None:
    waiting = ask(world)
    denied = world.factory.approvals.answer(
        waiting.approval_id or "", "deny", approver="bob", roles=frozenset({"lead"}), note="no " * 5_000
    )
    assert len(denied.note) < 1_500


def _start(root: Path, *args: str) -> subprocess.Popen[str]:
    worker = Path(__file__).with_name("press_worker.py")
    return subprocess.Popen(
        [sys.executable, str(worker), str(root), *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _at_once(root: Path, rounds: int, *commands: tuple[str, ...]) -> list[list[str]]:
    """What each process said, per round; in a round all are let go together."""
    processes = [_start(root, *command) for command in commands]
    said: list[list[str]] = []
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for _ in range(rounds):
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            said.append([process.stdout.readline().strip() for process in processes if process.stdout])
    finally:
        for process in processes:
            process.communicate(timeout=60)
    return said


class TestTwoProcesses:
    ROUNDS = 6

    def test_one_of_two_people_is_told_that_the_other_was_faster(
        self, make_world: Callable[..., World], tmp_path: Path
    ) -> None:
        plain = make_world(stages=ACT)
        asked = [
            plain.open().call("rollouts.rollback", {**ARGS, "revision": n + 3}, call_id=f"w{n}")
            for n in range(self.ROUNDS)
        ]
        ids = [str(each.approval_id) for each in asked]
        said = _at_once(tmp_path / "world", self.ROUNDS, ("press", "bob", *ids), ("press", "eve", *ids))
        for outcomes, approval_id in zip(said, ids, strict=True):
            assert outcomes.count("approved") == 1
            (loser,) = [outcome for outcome in outcomes if outcome != "approved"]
            winner = plain.factory.approvals.get(approval_id).approver
            assert loser.startswith(f"approval {approval_id} is approved already; {winner} answered at ")
        assert len(plain.records("approval.answered")) == self.ROUNDS

    def test_one_of_two_workers_uses_an_approval_and_the_effect_happens_once(
        self, make_world: Callable[..., World], tmp_path: Path
    ) -> None:
        plain = make_world(stages=ACT)
        ids = [f"w{n}" for n in range(self.ROUNDS)]
        for each in ids:
            waiting = plain.open().call("rollouts.rollback", {"service": each, "revision": 3}, call_id=each)
            plain.factory.approvals.answer(
                waiting.approval_id or "", "approve", approver="bob", roles=frozenset({"oncall"})
            )
        said = _at_once(tmp_path / "world", self.ROUNDS, ("use", *ids), ("use", *ids))
        for outcomes in said:
            assert "ok writes.approved" in outcomes
            assert set(outcomes) <= {
                "ok writes.approved",
                "denied approval-used",
                "denied call-in-progress",
                "error outcome-unknown",
            }
        assert sorted(effect[1] for effect in plain.effects.of("rollouts.rollback")) == ids
        assert len(plain.records("approval.consumed")) == self.ROUNDS
