"""A run repeated from its records: real calls, the real ledger, and what is honest to say about what it lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from worlds import ACT, MAIL, ModelError, World

from opswarden.core.errors import CallDenied, InputError, LedgerError
from opswarden.policies.engine import CedarEngine
from opswarden.policies.ledger.types import StoredEntry
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.rerun import Rerun, rerun
from opswarden.policies.types import Audience, ModelRequest, Notice

ASK = ModelRequest(({"role": "user", "content": "why is it slow?"},))
TERMINAL = Audience("terminal", "stdout", "payments")


def again(world: World, run_id: str = "run_1", engine: CedarEngine | None = None) -> Rerun:
    return rerun(
        run_id,
        world.sqlite_ledger.of_run(run_id),
        engine or CedarEngine.load(world.tools),
        waiting=world.fallback.waiting(world.sqlite_ledger),
        kept=world.artifacts.kept,
    )


def whole_run(world: World) -> None:
    """A read, a request to a model, a write that a person approves, a refusal, a report, the end."""
    gate = world.open()
    found = gate.call("logs.search", {"query": "x"}, call_id="r1")
    gate.prompt(ASK, endpoint="hosted", call_id="p1")
    waiting = gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w1")
    world.factory.approvals.answer(
        waiting.approval_id or "", "approve", approver="bob", roles=frozenset({"oncall"}), note="go"
    )
    gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w1")
    gate.call("no.tool", {}, call_id="x1")
    gate.tell(TERMINAL, Notice("report", {"text": "done"}, {"E1": found.seq}), call_id="t1")
    gate.end("reported")


def test_every_step_stands_in_its_order_with_what_decided_it(world: World) -> None:
    whole_run(world)
    found = again(world)
    assert [
        (step.kind, step.text("decision") or step.text("status") or step.text("answer")) for step in found.steps
    ] == [
        ("run.started", ""),
        ("call.decided", "allow"),
        ("call.outcome", "ok"),
        ("prompt.decided", "allow"),
        ("prompt.outcome", "ok"),
        ("approval.requested", ""),
        ("call.decided", "ask"),
        ("approval.answered", "approve"),
        ("approval.consumed", ""),
        ("call.decided", "allow"),
        ("call.outcome", "ok"),
        ("call.decided", "deny"),
        ("tell.decided", "allow"),
        ("tell.outcome", "sent"),
        ("run.ended", ""),
    ]
    assert [step.seq for step in found.steps] == [entry.seq for entry in world.records()]
    assert {step.standing for step in found.steps if step.kind.endswith("decided")} == {"same", "not-asked"}
    assert found.steps[7].person == "person:bob"
    assert (found.outcome, found.start["on_behalf_of"]) == ("reported", "person:ann")


def test_outcomes_name_their_decision_their_evidence_and_their_artifact(world: World) -> None:
    whole_run(world)
    read, prompt, write, tell = (step for step in again(world).steps if step.kind.endswith("outcome"))
    assert (read.evidence, read.artifact, read.decided_seq) == ("E1", "kept", 1)
    assert (prompt.evidence, prompt.artifact, prompt.decided_seq) == ("", None, 3)
    assert (write.decided_seq, tell.decided_seq) == (9, 12)


def test_what_it_cost_is_added_up_from_the_records(world: World) -> None:
    whole_run(world)
    totals = again(world).totals
    assert dict(totals.decisions) == {
        "call allow": 2,
        "prompt allow": 1,
        "call ask": 1,
        "call deny": 1,
        "tell allow": 1,
    }
    assert (totals.tokens_in, totals.tokens_out, totals.cost_microusd) == (10, 2, 10)


def test_a_whole_run_lacks_nothing(world: World) -> None:
    whole_run(world)
    found = again(world)
    assert (found.missing, found.still_open, found.contradictions) == ((), (), ())
    assert found.policy_hashes == (found.policy_hash,)


def test_a_request_that_failed_counts_as_the_budget_counted_it(world: World) -> None:
    gate = world.open()
    world.hosted.replies.append(ModelError("busy", retryable=True))
    with pytest.raises(ModelError):
        gate.prompt(ASK, endpoint="hosted", call_id="p1")
    gate.end("failed")
    found = again(world)
    assert found.totals.tokens_in > 0
    assert found.missing == ()


class TestDecidedAgain:
    def forbidding(self, world: World) -> CedarEngine:
        text = '@id("mine.x") @reason("a test") forbid (principal, action == Ops::Action::"logs.search", resource);'
        return CedarEngine(world.tools, (*builtin_files(), PolicyFile("mine.cedar", text)))

    def test_other_policies_are_no_contradiction(self, world: World) -> None:
        whole_run(world)
        found = again(world, engine=self.forbidding(world))
        told = [(step.standing, step.now) for step in found.steps if step.standing not in (None, "same", "not-asked")]
        assert told == [("other-policies", "deny mine.x")]
        assert found.contradictions == ()

    def test_a_record_that_its_own_policies_do_not_bear_out_is_one(self, world: World) -> None:
        whole_run(world)
        engine = CedarEngine.load(world.tools)

        def doctored(entry: StoredEntry) -> StoredEntry:
            if entry.seq != 1:
                return entry
            return replace(entry, body={**entry.body, "decision": "deny", "code": "killswitch.writes"})

        found = rerun("run_1", map(doctored, world.records()), engine)
        assert [(step.seq, step.now) for step in found.contradictions] == [(1, "allow reads.triage")]

    def test_a_person_who_said_no_is_no_contradiction(self, world: World) -> None:
        gate = world.open()
        waiting = gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w1")
        world.factory.approvals.answer(
            waiting.approval_id or "", "deny", approver="bob", roles=frozenset({"oncall"}), note="no"
        )
        gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w1")
        found = again(world)
        assert [step.standing for step in found.steps if step.kind == "call.decided"] == ["same", "by-gate"]
        assert found.contradictions == ()

    def test_a_request_that_policies_would_ask_about_is_refused_as_recorded(
        self, make_world: Callable[..., World]
    ) -> None:
        text = (
            '@id("mine.ask") @reason("a test") @approval("oncall") forbid (principal, action == '
            'Ops::Action::"model.prompt", resource) unless { context has approval };'
        )
        files = (*builtin_files(), PolicyFile("mine.cedar", text))
        world = make_world(stages=ACT, files=files)
        with pytest.raises(CallDenied):
            world.open().prompt(ASK, endpoint="hosted", call_id="p1")
        found = again(world, engine=CedarEngine(world.tools, files))
        assert [step.standing for step in found.steps if step.kind == "prompt.decided"] == ["same"]

    def test_a_value_that_was_taken_out_makes_it_undecidable(self, world: World) -> None:
        world.open().call("logs.search", {"query": MAIL}, call_id="r1")
        text = (
            '@id("mine.x") @reason("a test") forbid (principal, action == Ops::Action::"logs.search", resource)'
            ' when { context.args.query == "payroll" };'
        )
        found = again(world, engine=CedarEngine(world.tools, (*builtin_files(), PolicyFile("mine.cedar", text))))
        (step,) = (step for step in found.steps if step.kind == "call.decided")
        assert (step.standing, step.now) == ("undecidable", "undecidable")


class TestWhatIsMissing:
    def test_an_intent_without_an_outcome_stays_open(self, world: World) -> None:
        gate = world.open()
        gate.call("logs.search", {"query": "x"}, call_id="r1")
        entries = [entry for entry in world.records() if entry.kind != "call.outcome"]
        found = rerun("run_1", entries, CedarEngine.load(world.tools))
        assert [step.seq for step in found.still_open] == [1]
        assert any("no record says that the run ended" in line for line in found.missing)

    def test_full_results_that_are_gone_expired_or_changed(self, world: World) -> None:
        gate = world.open()
        first = gate.call("logs.search", {"query": "x"}, call_id="r1")
        second = gate.call("logs.search", {"query": "y"}, call_id="r2")
        gate.call("logs.search", {"query": "z"}, call_id="r3")
        (world.root / "artifacts" / f"{first.artifact_id}.arrow.enc").unlink()
        with (world.root / "artifacts" / f"{second.artifact_id}.arrow.enc").open("r+b") as file:
            file.seek(60)
            file.write(b"!!")
        world.clock.advance(8 * 86_400)  # type: ignore[attr-defined]
        found = again(world)
        assert [step.artifact for step in found.steps if step.kind == "call.outcome"] == ["gone", "changed", "expired"]
        told = " ".join(found.missing)
        assert "behind entry 2 is gone" in told
        assert "behind entry 4 was changed" in told
        assert "behind entry 6 has expired" in told

    def test_records_that_wait_in_the_fallback_journal_are_steps_too(self, make_world: Callable[..., World]) -> None:
        world, is_down = self.flaky(make_world)
        gate = world.open()
        is_down[0] = True
        gate.call("logs.search", {"query": "x"}, call_id="r1")
        is_down[0] = False
        found = again(world)
        assert [(step.kind, step.seq) for step in found.steps[-2:]] == [("call.decided", None), ("call.outcome", None)]
        assert "2 records wait in the fallback journal; they are in no signed head yet" in found.missing

    def test_merged_records_stand_where_they_happened(self, make_world: Callable[..., World]) -> None:
        world, is_down = self.flaky(make_world)
        gate = world.open()
        is_down[0] = True
        gate.call("logs.search", {"query": "x"}, call_id="r1")
        is_down[0] = False
        world.clock.advance(60)  # type: ignore[attr-defined]
        gate.call("logs.search", {"query": "y"}, call_id="r2")
        make_world(stages=ACT).open("run_2")
        found = again(world)
        assert [step.call_id for step in found.steps if step.kind == "call.outcome"] == ["r1", "r2"]
        assert found.still_open == ()
        assert any("merged from the fallback journal" in line for line in found.missing)
        assert [step.standing for step in found.steps if step.kind == "call.decided"] == ["same", "same"]

    def test_a_run_without_records_is_named(self, world: World) -> None:
        with pytest.raises(InputError, match="no record of this run"):
            again(world, "run_9")

    def flaky(self, make_world: Callable[..., World]) -> tuple[World, list[bool]]:
        is_down = [False]

        class Flaky:
            def __init__(self, real: Any) -> None:
                self._real = real

            def __getattr__(self, name: str) -> Any:
                return getattr(self._real, name)

            def append(self, entries: Any, *, connection: Any = None) -> Any:
                if is_down[0]:
                    raise LedgerError("the disk is full")
                return self._real.append(entries, connection=connection)

        return make_world(stages=ACT, ledger=Flaky), is_down


def test_nothing_that_was_taken_out_comes_back(world: World) -> None:
    world.open().call("logs.search", {"query": MAIL}, call_id="r1")
    assert MAIL not in json.dumps([dict(step.body) for step in again(world).steps])
