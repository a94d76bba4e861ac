"""`gate.tell` from end to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from worlds import CANARIES, MAIL, TOKEN, World, run

from opswarden.core.errors import BackendError, LedgerError, RedactionError
from opswarden.policies.gate import RunGate
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import Audience, Notice, TellResult
from opswarden.redaction.engine import Redaction

TERMINAL, CHAT = Audience("terminal", "me", "payments"), Audience("chat", "#payments", "payments")
OTHERS = Audience("chat", "#search", "search")


def tell(gate: RunGate, audience: Audience = CHAT, text: str = "all is well", call_id: str = "t1") -> TellResult:
    return gate.tell(audience, Notice("report", {"text": text}), call_id=call_id)


def test_the_own_team_is_told_once(make_world: Callable[..., World]) -> None:
    world = make_world()
    result = tell(world.open())
    assert (result.status, result.code, result.receipt) == ("sent", "tell.team", "receipt-1")
    assert tell(world.open()) == result
    after = make_world()
    assert tell(after.open()) == result
    assert (len(world.chat.sent), after.chat.sent) == (1, [])
    decided, outcome = world.records("tell.decided")[0], world.records("tell.outcome")[0]
    assert decided.seq < outcome.seq == result.seq
    assert world.open().spent().calls == 0


def test_nothing_personal_is_told_or_kept(world: World) -> None:
    result = tell(world.open(), text=" ".join(CANARIES))
    assert result.status == "sent"
    for canary in CANARIES:
        assert canary not in repr((result, world.chat.sent))
        assert canary.encode() not in world.everything_stored()


def test_what_cannot_be_cleaned_is_refused_on_the_record(make_world: Callable[..., World]) -> None:
    world = make_world(redaction=Redaction(size_limit_bytes=4_000))
    with pytest.raises(RedactionError):
        tell(world.open(), text=f"{CANARIES[0]} " * 400)
    body = world.records("tell.decided")[0].body
    assert (body["decision"], body["code"], body["withheld"]) == ("deny", "redaction-failed", {"too-large": 1})
    assert world.chat.sent == []
    assert tell(world.open(), call_id="t2").status == "sent"


DENIED: list[tuple[str, Audience, str]] = [
    ("another team", OTHERS, "tell.foreign"),
    ("a kind of audience that nobody can reach", Audience("pigeon", "x", "payments"), "unknown-audience"),
]


@pytest.mark.parametrize(("audience", "code"), [row[1:] for row in DENIED], ids=[row[0] for row in DENIED])
def test_whoever_may_not_be_told_is_not(world: World, audience: Audience, code: str) -> None:
    result = tell(world.open(), audience)
    assert (result.status, result.code) == ("denied", code)
    assert (world.chat.sent, world.mouth.sent) == ([], [])
    assert world.records("tell.decided")[0].body["code"] == code


def test_another_message_under_the_same_id_is_refused(world: World) -> None:
    gate = world.open()
    tell(gate)
    assert tell(gate, text="something else").code == "call-id-reused"
    assert tell(gate, TERMINAL).code == "call-id-reused"
    assert len(world.effects.all()) == 1


def test_what_certainly_did_not_arrive_may_be_sent_again(world: World) -> None:
    world.chat.error = BackendError("the chat is down for ann@example.org")
    failed = tell(world.open())
    assert (failed.status, failed.code) == ("failed", "backend")
    assert "ann@example.org" not in repr(failed)
    world.chat.error = None
    assert tell(world.open()).status == "sent"


def test_what_may_have_arrived_is_not_sent_again(world: World) -> None:
    world.chat.error = ValueError("who knows")
    assert tell(world.open()).status == "unknown"
    world.chat.error = None
    assert tell(world.open()).status == "unknown"
    assert world.chat.sent == []


def test_a_delivery_past_its_deadline_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    send = world.chat.send

    def slow(audience: Audience, notice: Notice, key: str) -> str:
        release.wait(10)
        return send(audience, notice, key)

    monkeypatch.setattr(world.chat, "send", slow)
    assert tell(world.open()).status == "unknown"
    release.set()


def test_policies_may_want_a_person_first(make_world: Callable[..., World]) -> None:
    rule = PolicyFile(
        "z.cedar",
        '@id("z") @reason("read it first") @approval("lead") forbid (principal, action == Ops::Action::"people.tell",'
        ' resource) unless { context has approval && context.approval.approver_roles.contains("lead")'
        " && context.approval.call_hmac == context.common.call_hmac };",
    )
    world = make_world(files=[*builtin_files(), rule])
    waiting = tell(world.open())
    assert (waiting.status, waiting.code) == ("waiting", "z")
    record = world.factory.approvals.get(waiting.approval_id or "")
    assert record.preview["body"] == {"text": "all is well"}
    assert world.chat.sent == []
    world.factory.approvals.answer(record.id, "approve", approver="bob", roles=frozenset({"lead"}))
    assert tell(world.open()).status == "sent"
    assert tell(world.open()).status == "sent"
    assert len(world.chat.sent) == 1


def test_the_far_side_gets_a_key_to_drop_repetitions(world: World) -> None:
    gate = world.open()
    tell(gate)
    tell(gate, text="more", call_id="t2")
    keys = {key for _, _, key in world.chat.sent}
    assert len(keys) == 2
    assert not any("run_1" in key for key in keys)


def test_without_the_ledger_only_our_own_house_is_told(make_world: Callable[..., World]) -> None:
    class Broken:
        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def append(self, entries: Any, *, connection: Any = None) -> Any:
            raise LedgerError("the disk is full")

    world = make_world(ledger=Broken)
    gate = world.open()
    with pytest.raises(LedgerError, match="disk is full"):
        tell(gate)
    assert tell(gate, TERMINAL, call_id="t2").status == "sent"
    assert tell(gate, TERMINAL, call_id="t2").status == "sent"
    assert (world.chat.sent, len(world.mouth.sent)) == ([], 1)
    assert gate.degraded()


def test_a_run_that_answers_another_team_reads_only_what_both_may_see(make_world: Callable[..., World]) -> None:
    world = make_world(owners={"logs": "payments"})
    results = {}
    for team in ("payments", "search"):
        gate = world.factory.open_run(replace(run(f"run_{team}"), audience_team=team))
        results[team] = gate.call("logs.search", {"query": "x"}, call_id="r")
    assert (results["payments"].status, results["search"].code) == ("ok", "teams.audience")
    assert len(world.effects.of("logs.search")) == 1


def test_whom_and_what_a_notice_names_is_recorded_clean(world: World) -> None:
    notice = Notice("report", {"text": "x"}, {"E1": 7, f"of {MAIL}": 8})
    for kind in ("terminal", f"kind {TOKEN}"):
        world.open().tell(Audience(kind, f"to {MAIL}", "payments"), notice, call_id=kind[:4])
    text = world.record_text()
    assert '"E1": 7' in text
    for planted in (MAIL, TOKEN):
        assert planted not in text
    assert [sent[0].name for sent in world.mouth.sent] == [f"to {MAIL}"]
