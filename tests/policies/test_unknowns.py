"""Effects with an unknown outcome: listed for people, settled by them, and then closed for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from undoing import approve_all, effect
from worlds import ACT, MAIL, World

from opswarden.core.errors import InputError, LedgerError
from opswarden.policies.ledger.verify import verify
from opswarden.policies.types import Audience, CallResult, Notice
from opswarden.policies.unknowns import Unknowns

ARGS = {"service": "checkout", "revision": 3}
CHAT = Audience("chat", "#x", "payments")
REPORT = Notice("report", {"text": "x"})


def unknowns(world: World) -> Unknowns:
    return Unknowns(world.database, world.ledger, world.clock, world.redaction.scrub)


def cut(_name: str) -> None:
    raise ConnectionResetError


def lost(world: World, call_id: str = "w") -> CallResult:
    gate = world.open()
    gate.call("rollouts.rollback", ARGS, call_id=call_id)
    approve_all(world)
    world.shop.before = cut
    result = gate.call("rollouts.rollback", ARGS, call_id=call_id)
    world.shop.before = lambda _name: None
    assert result.code == "outcome-unknown"
    return result


def test_a_write_that_broke_is_listed_with_what_it_was(world: World) -> None:
    world.open().call("logs.search", {"query": "x"}, call_id="r")
    effect(world, "done")
    lost(world)
    (found,) = unknowns(world).open()
    assert (found.verb, found.tool, found.environment, found.what) == ("call", "rollouts.rollback", "prod", "checkout")
    assert (found.run_id, found.call_id, found.is_told) == ("run_1", "w", True)
    assert world.ledger.read(found.seq).body["decision"] == "allow"


@pytest.mark.parametrize(("took_effect", "status"), [(True, "ok"), (False, "error")])
def test_what_a_person_says_closes_the_books_and_is_the_result(
    make_world: Callable[..., World], took_effect: bool, status: str
) -> None:
    world = make_world(stages=ACT)
    result = lost(world)
    place = unknowns(world).settle(
        result.seq, took_effect=took_effect, by="person:bob", note=f"{MAIL} looked at the cluster"
    )
    entry = world.ledger.read(place)
    assert (entry.kind, entry.body["by"], entry.body["took_effect"]) == ("call.outcome", "person:bob", took_effect)
    assert MAIL not in str(entry.body)
    assert unknowns(world).open() == []
    resumed = make_world(stages=ACT)
    again = resumed.open().call("rollouts.rollback", ARGS, call_id="w")
    assert (again.status, again.code, again.seq) == (status, "settled", place)
    assert again.message.startswith("person:bob says that it took ")
    assert resumed.effects.of("rollouts.rollback") == []
    found = verify(resumed.database, resumed.keys.public_key(), origin=resumed.sqlite_ledger.origin)
    assert found.ok
    assert found.missing_outcomes == ()
    open_rows = resumed.database.connection().execute("SELECT COUNT(*) FROM budget_use WHERE is_settled = 0").fetchone()
    assert open_rows[0] == 0


def test_nothing_is_settled_twice(world: World) -> None:
    result = lost(world)
    unknowns(world).settle(result.seq, took_effect=True, by="person:bob", note="seen")
    count = len(world.records())
    with pytest.raises(InputError, match="no effect with an unknown outcome"):
        unknowns(world).settle(result.seq, took_effect=False, by="person:eve", note="no")
    assert len(world.records()) == count


def test_what_is_known_is_not_settled(world: World) -> None:
    read = world.open().call("logs.search", {"query": "x"}, call_id="r")
    done = effect(world, "done")
    for seq in (read.seq, done.seq, 0):
        with pytest.raises(InputError):
            unknowns(world).settle(seq, took_effect=True, by="person:bob", note="x")


def test_a_message_that_may_have_arrived_is_listed_and_settled(world: World) -> None:
    gate = world.open()
    world.chat.error = ConnectionResetError()
    assert gate.tell(CHAT, REPORT, call_id="t").status == "unknown"
    world.chat.error = None
    assert gate.tell(CHAT, REPORT, call_id="t").status == "unknown", "not sent again by itself"
    (found,) = unknowns(world).open()
    assert (found.verb, found.what) == ("tell", "report")
    unknowns(world).settle(found.seq, took_effect=False, by="person:bob", note="nothing in the channel")
    assert gate.tell(CHAT, REPORT, call_id="t").status == "sent"
    assert len(world.chat.sent) == 1
    assert unknowns(world).open() == []


def test_a_message_that_arrived_is_not_sent_again(world: World) -> None:
    gate = world.open()
    world.chat.error = ConnectionResetError()
    gate.tell(CHAT, REPORT, call_id="t")
    world.chat.error = None
    (found,) = unknowns(world).open()
    unknowns(world).settle(found.seq, took_effect=True, by="person:bob", note="it is in the channel")
    again = gate.tell(CHAT, REPORT, call_id="t")
    assert (again.status, again.code) == ("sent", "settled")
    assert world.chat.sent == []


def test_a_late_outcome_wins_over_what_was_said(world: World) -> None:
    """What happened is known better by the call itself; both records stay."""
    result = lost(world)
    unknowns(world).settle(result.seq, took_effect=False, by="person:bob", note="x")
    gate = world.open()
    tool = world.factory._services.tools["rollouts.rollback"]
    call = gate._calls._prepare(tool, ARGS, "w", "w", None)
    reservation = gate._desk.reserve(call.subject)
    gate._calls._land_late(
        call, reservation, tool.run(call.parsed.model, gate._calls._context(tool, call.subject)), 5, "late"
    )
    assert gate.call("rollouts.rollback", ARGS, call_id="w").status == "ok"
    assert [entry.body["status"] for entry in world.records("call.outcome")][-2:] == ["error", "ok"]


def test_without_the_ledger_nothing_is_settled(make_world: Callable[..., World]) -> None:
    world = make_world(stages=ACT)
    result = lost(world)
    service = unknowns(world)

    def fail(*_given: object, **_named: object) -> tuple[int, ...]:
        raise LedgerError("the ledger is down")

    service._ledger.append = fail  # type: ignore[method-assign]
    with pytest.raises(LedgerError):
        service.settle(result.seq, took_effect=True, by="person:bob", note="x")
    assert len(service.open()) == 1
