"""A message over which a process died: sent again only where the far side has it once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from worlds import World

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
    after.chat.error = ValueError("who knows")
    assert tell(after.open(), call_id="t2").status == "unknown"
    after.chat.error = None
    assert tell(after.open(), call_id="t2").status == "sent"
