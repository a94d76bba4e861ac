"""Undoing an effect as `apps/undo.py` does it, on one of the test worlds."""

from __future__ import annotations

from typing import Any

from worlds import World, run

from opswarden.policies.fingerprints import Fingerprints
from opswarden.policies.types import CallResult
from opswarden.policies.undo import attempt_of, find_undo


def approve_all(world: World) -> None:
    for record in world.factory.approvals.records(state="pending"):
        world.factory.approvals.answer(record.id, "approve", approver="person:bob", roles=frozenset({"oncall"}))


def effect(world: World, call_id: str = "w", **args: Any) -> CallResult:
    """An approved rollback."""
    gate, given = world.open(), {"service": "checkout", "revision": 3, **args}
    gate.call("rollouts.rollback", given, call_id=call_id)
    approve_all(world)
    result = gate.call("rollouts.rollback", given, call_id=call_id)
    assert result.status == "ok", result
    return result


def undo(world: World, seq: int, who: str = "person:ann") -> CallResult:
    """What `opswarden undo SEQ` does."""
    found = find_undo(world.ledger, world.artifacts, Fingerprints(world.keys), seq)
    principal = run(role=found.role, who=who, team=found.team).principal
    run_id = attempt_of(world.database, world.factory.approvals, world.clock.now(), found.seq, principal)
    return world.open(run_id, who=who, known=()).undo(found)
