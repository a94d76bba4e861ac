"""The gate on a shared database: what happens while the server is away, and when it is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from worlds import ACT, World

from opswarden.core.errors import LedgerError
from opswarden.policies.gate import RunGate
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import PostgresPeer

pytestmark = pytest.mark.parametrize("gate_database", ["postgresql"], indirect=True)


def search(gate: RunGate, call_id: str) -> int:
    return gate.call("logs.search", {"query": call_id}, call_id=call_id).seq


def test_reads_go_on_without_the_server_and_are_taken_over_when_it_is_back(
    make_world: Callable[..., World], postgres: PostgresPeer
) -> None:
    world = make_world(stages=ACT)
    gate = world.open()
    assert search(gate, "before") >= 0
    postgres.stop()
    try:
        assert search(gate, "away") == -1
        with pytest.raises(LedgerError):
            gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w")
        assert "cannot be opened" in gate.degraded()
        assert len(world.effects.all()) == 2
        assert [entry.kind for entry in world.fallback.read()] == ["call.decided", "call.outcome"]
    finally:
        postgres.start()
    assert search(gate, "after") >= 0
    resumed = make_world(stages=ACT)
    assert search(resumed.open(), "later") >= 0
    assert [entry.kind for entry in resumed.records() if entry.journal_ts] == ["call.decided", "call.outcome"]
    assert resumed.fallback.read() == []
    assert verify(resumed.database, resumed.keys.public_key()).ok
    assert len(resumed.effects.all()) == 4


def test_a_run_that_starts_while_the_server_is_away_reads_and_is_recorded_later(
    make_world: Callable[..., World], postgres: PostgresPeer
) -> None:
    world = make_world(stages=ACT)
    postgres.stop()
    try:
        assert world.open("run_2").call("logs.search", {"query": "x"}, call_id="c").status == "ok"
    finally:
        postgres.start()
    make_world(stages=ACT).open("run_3")
    kinds = [entry.kind for entry in world.records() if entry.run_id == "run_2"]
    assert kinds == ["run.started", "call.decided", "call.outcome"]


def test_a_server_that_goes_between_intent_and_outcome_leaves_an_unknown_outcome_and_one_effect(
    make_world: Callable[..., World], postgres: PostgresPeer
) -> None:
    world = make_world(stages=ACT)
    args = {"service": "checkout", "revision": 3}
    gate = world.open()
    gate.call("rollouts.rollback", args, call_id="w")
    for record in world.factory.approvals.records(state="pending"):
        world.factory.approvals.answer(record.id, "approve", approver="bob", roles=frozenset({"oncall"}))
    world.shop.after = lambda _name: postgres.stop()
    try:
        done = gate.call("rollouts.rollback", args, call_id="w")
    finally:
        postgres.start()
    assert (done.status, done.seq) == ("ok", -1)
    world.shop.after = lambda _name: None
    resumed = make_world(stages=ACT)
    again = resumed.open().call("rollouts.rollback", args, call_id="w")
    assert again.code == "outcome-unknown"
    assert len(resumed.effects.of("rollouts.rollback")) == 1
    assert verify(resumed.database, resumed.keys.public_key()).ok


def test_two_machines_share_switch_approvals_and_budget(make_world: Callable[..., World]) -> None:
    one, other = make_world(stages=ACT), make_world(stages=ACT)
    waiting = one.open().call("rollouts.rollback", {"service": "checkout"}, call_id="w")
    (record,) = other.factory.approvals.records(state="pending")
    assert record.id == waiting.approval_id
    other.factory.switch.set(True, by="person:bob", reason="stop")
    assert one.factory.switch.stops_writes()
    before = one.open().spent().calls
    search(other.open(), "there")
    assert one.open().spent().calls == before + 1
