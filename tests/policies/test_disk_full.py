"""A disk that is full at some step of a call, as SQLite itself meets it: no effect twice, no intent lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import ACT, World
from wreckage import check_ledger

from opswarden.core.errors import LedgerError
from opswarden.policies.gate import RunGate
from opswarden.policies.ledger.verify import verify
from opswarden.policies.loading import PolicyFile
from opswarden.policies.types import CallResult

FREE = PolicyFile("free.cedar", '@id("free") @reason("r") permit (principal, action, resource);')
NO_LIMIT = 1_073_741_823


def call(gate: RunGate, number: int) -> CallResult:
    return gate.call("rollouts.rollback", {"service": "checkout", "revision": number}, call_id=f"c{number}")


def set_limit(world: World, pages: int) -> None:
    world.database.connection().execute(f"PRAGMA max_page_count = {pages}")


def fill(world: World, room: int) -> tuple[list[CallResult], int]:
    """Calls until the database cannot grow any more: those that came through, and how many were made."""
    gate, connection = world.open(), world.database.connection()
    (count,) = dict(connection.execute("PRAGMA page_count").fetchone()).values()
    set_limit(world, int(count) + room)
    done: list[CallResult] = []
    with pytest.raises(LedgerError, match="full"):
        for number in range(200):
            done.append(call(gate, number))
    set_limit(world, NO_LIMIT)
    return done, len(done) + 1


@pytest.mark.parametrize("room", range(8))
def test_wherever_the_disk_is_full_each_effect_happens_once_and_after_its_intent(tmp_path: Path, room: int) -> None:
    world = World(tmp_path / "full", stages=ACT, files=[FREE])
    done, made = fill(world, room)
    effects = len(world.effects.all())
    intents = sum(entry.kind == "call.decided" for entry in world.records())
    assert len(done) <= effects <= intents, "nothing took effect before its intent was kept"
    world.database.close()

    again = World(tmp_path / "full", stages=ACT, files=[FREE])
    results = [call(again.open(), number) for number in range(made)]
    assert [result.code for result in results[:-1]] == [result.code for result in done], "what came through stays"
    took_effect = effects > len(done)
    assert results[-1].code == ("outcome-unknown" if intents > len(done) else "free")
    assert len(again.effects.all()) == effects + (results[-1].code == "free")
    assert took_effect <= (results[-1].code == "outcome-unknown")
    check_ledger(again)
    assert verify(again.database, again.keys.public_key()).ok
    again.database.close()
