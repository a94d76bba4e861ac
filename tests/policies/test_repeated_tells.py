"""A message over which a process died: sent again only where the far side has it once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from worlds import World

from opswarden.core.errors import LedgerError
from opswarden.policies.gate import RunGate
from opswarden.policies.types import Audience, Notice, TellResult

CHAT = Audience("chat", "#payments", "payments")


def tell(gate: RunGate, call_id: str = "t1") -> TellResult:
    return gate.tell(CHAT, Notice("report", {"text": "all is well"}), call_id=call_id)


def test_what_may_have_arrived_is_sent_again_where_the_far_side_has_it_once(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """A process that ends in the middle of a delivery."""

    world = make_world()
    send = world.chat.send

    def dying(audience: Audience, notice: Notice, key: str) -> str:
        send(audience, notice, key)
        raise Died

    monkeypatch.setattr(world.chat, "send", dying)
    with pytest.raises(Died):
        tell(world.open())
    assert tell(make_world().open()).status == "unknown"
    after = make_world()
    monkeypatch.setattr(after.chat, "repeats_safely", True, raising=False)
    assert tell(after.open()).status == "sent"
    assert tell(after.open()).status == "sent"
    assert [key for _, _, key in after.chat.sent] == [world.chat.sent[0][2]]
    outcomes = [(entry.body["status"], entry.body["code"]) for entry in after.records("tell.outcome")]
    assert outcomes == [("unknown", "sent-again"), ("sent", "tell.team")]


def test_what_nobody_knows_to_have_arrived_is_not_taken_for_told_where_it_may_be_told_again(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    world.chat.error = LedgerError("the database cannot be written")  # as a sender raises that keeps what it posts
    assert tell(world.open()).status == "unknown"
    monkeypatch.setattr(world.chat, "repeats_safely", True, raising=False)
    found = tell(world.open(), call_id="t2")
    assert (found.status, found.code) == ("failed", "outcome-unknown")
    world.chat.error = None
    assert tell(world.open(), call_id="t2").status == "sent"
    statuses = [entry.body["status"] for entry in world.records("tell.outcome")]
    assert statuses == ["unknown", "unknown", "sent"]  # the record says what was known
