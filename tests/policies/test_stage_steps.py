"""Stages that are raised by an approved, recorded step, and lowered at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from worlds import ACT, MAIL, World

from opswarden.core.errors import CallDenied, ConfigError, InputError, LedgerError
from opswarden.policies.fingerprints import Fingerprints, tool_hash
from opswarden.policies.proposals import Did, Judgements, report
from opswarden.policies.stage_records import InForce, Place, unrecorded
from opswarden.policies.stage_steps import StageSteps
from opswarden.policies.stages import Stages
from opswarden.policies.switches import INSTALLATION
from opswarden.policies.types import Stage

OWNER = frozenset({"stage-owner"})
HERE = Place("rollouts.rollback", "payments", "prod")


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Everything is where a new installation starts: writes at observe."""
    return make_world()


def steps_of(world: World, *, least: int = 2, policy_hash: str = "p1", tools: Any = None) -> StageSteps:
    return StageSteps(
        world.stages,
        world.book,
        world.factory.approvals,
        world.ledger,
        world.database,
        Fingerprints(world.keys),
        world.clock,
        world.ids,
        world.redaction.scrub,
        owners=OWNER,
        least_judged=least,
        tool_hashes={tool.name: tool_hash(tool) for tool in tools or world.tools},
        policy_hash=policy_hash,
    )


def propose_calls(world: World, n: int = 3, run_id: str = "run_1") -> list[int]:
    """Calls that are recorded and not run; their ledger entries."""
    gate = world.open(run_id)
    results = [
        gate.call("rollouts.rollback", {"service": "checkout", "revision": i}, call_id=f"c{i}") for i in range(n)
    ]
    assert {result.status for result in results} == {"denied"}
    assert world.effects.of("rollouts.rollback") == []
    return [result.seq for result in results]


def judge(world: World, seq: int, did: Did, by: str = "person:bob") -> int:
    return Judgements(world.ledger, world.redaction.scrub).judge(seq, did, by=by, note=f"see {MAIL}")


def proposed(world: World, to: Stage = "act", **options: Any) -> Any:
    for seq in propose_calls(world):
        judge(world, seq, "same")
    return steps_of(world, **options).propose(report(world.ledger, HERE), to, by="person:ann", reason="it was right")


def approve(world: World, asked: Any, who: str = "bob", roles: frozenset[str] = OWNER) -> Any:
    return world.factory.approvals.answer(asked.id, "approve", approver=who, roles=roles)


def in_force(world: World) -> InForce:
    return world.stages.in_force(HERE)


class TestReport:
    def test_proposals_are_compared_with_what_people_did(self, world: World) -> None:
        seqs = propose_calls(world, 4)
        for seq, did in zip(seqs, ("same", "other", "nothing"), strict=False):
            judge(world, seq, did)  # type: ignore[arg-type]
        found = report(world.ledger, HERE)
        assert [one.seq for one in found.proposals] == seqs
        assert [one.did for one in found.proposals] == ["same", "other", "nothing", None]
        assert found.figures("person:bob") == {
            "proposals": 4,
            "judged": 3,
            "same": 1,
            "other": 1,
            "nothing": 1,
            "agreement": 0.3333,
            "low": 0.0615,
            "high": 0.7923,
            "runs": 1,
            "judges": ["person:bob"],
            "seqs": seqs[:3],
            "judged_by_proposer": 3,
        }

    def test_the_last_judgement_counts(self, world: World) -> None:
        (seq,) = propose_calls(world, 1)
        judge(world, seq, "same")
        judge(world, seq, "nothing", by="person:cem")
        (one,) = report(world.ledger, HERE).proposals
        assert (one.did, one.judge) == ("nothing", "person:cem")

    def test_one_call_that_a_run_repeats_is_one_proposal(self, world: World) -> None:
        first = propose_calls(world, 2)
        again = propose_calls(world, 2)
        judge(world, again[0], "same")
        found = report(world.ledger, HERE).proposals
        assert [(one.seq, one.did) for one in found] == [(first[0], "same"), (first[1], None)]
        propose_calls(world, 1, run_id="run_2")
        assert len(report(world.ledger, HERE).proposals) == 3

    def test_only_of_this_team_and_environment(self, world: World) -> None:
        propose_calls(world)
        assert report(world.ledger, Place(HERE.tool, "search", "prod")).proposals == ()
        assert report(world.ledger, Place(HERE.tool, "payments", "staging")).proposals == ()
        assert report(world.ledger, Place("models.revert", "payments", "prod")).proposals == ()

    def test_what_was_refused_for_another_reason_is_no_proposal(self, make_world: Callable[..., World]) -> None:
        world = make_world(stages=ACT)
        waiting = world.open().call("rollouts.rollback", {"service": "checkout"}, call_id="c")
        assert waiting.approval_id
        assert report(world.ledger, HERE).proposals == ()
        with pytest.raises(InputError, match="no proposal"):
            judge(world, waiting.seq, "same")

    def test_a_judgement_is_recorded_and_its_note_cleaned(self, world: World) -> None:
        (seq,) = propose_calls(world, 1)
        entry = world.ledger.read(judge(world, seq, "other"))
        assert (entry.kind, entry.run_id, entry.body["proposal"]) == ("proposal.judged", "run_1", seq)
        assert entry.body["note"] == "see <EMAIL_ADDRESS>"
        with pytest.raises(InputError, match="too long"):
            Judgements(world.ledger, world.redaction.scrub).judge(seq, "same", by="person:x", note="x" * 501)
        with pytest.raises(InputError):
            judge(world, 10_000, "same")


class TestUp:
    def test_an_approved_step_lets_the_tool_act(self, world: World) -> None:
        asked = proposed(world)
        assert in_force(world).stage == "observe"
        assert asked.preview["report"]["judged"] == 3
        assert asked.preview["report"]["seqs"] == [one.seq for one in report(world.ledger, HERE).judged]
        approve(world, asked)
        step = steps_of(world).settle(asked.id)
        found = in_force(world)
        assert (found.stage, found.source, found.step) == ("act", "record", step)
        entry = world.ledger.read(step.seq)
        assert (entry.kind, entry.body["from"], entry.body["to"]) == ("stage.set", "observe", "act")
        assert (entry.body["by"], entry.body["approver"]) == ("person:ann", "person:bob")
        assert entry.body["report"] == asked.preview["report"]
        # The gate asks a person now, where it only took the call down before.
        result = world.open("run_9").call("rollouts.rollback", {"service": "checkout"}, call_id="n")
        assert result.approval_id is not None
        assert world.stages.stage_of(HERE.tool, team="search", environment="prod") == "observe"

    def test_not_by_whoever_proposed_it(self, world: World) -> None:
        asked = proposed(world)
        with pytest.raises(CallDenied, match="other than whoever"):
            approve(world, asked, who="ann")
        with pytest.raises(InputError, match="is pending"):
            steps_of(world).settle(asked.id)
        assert in_force(world).stage == "observe"

    def test_not_without_the_role(self, world: World) -> None:
        asked = proposed(world)
        with pytest.raises(CallDenied, match="another role"):
            approve(world, asked, roles=frozenset({"oncall"}))

    def test_not_twice(self, world: World) -> None:
        asked = proposed(world)
        approve(world, asked)
        steps_of(world).settle(asked.id)
        with pytest.raises(CallDenied, match="taken already"):
            steps_of(world).settle(asked.id)
        assert len(world.records("stage.set")) == 1

    def test_not_when_it_was_denied(self, world: World) -> None:
        asked = proposed(world)
        world.factory.approvals.answer(asked.id, "deny", approver="bob", roles=OWNER)
        with pytest.raises(InputError, match="is denied"):
            steps_of(world).settle(asked.id)

    def test_not_when_the_leave_has_expired(self, world: World) -> None:
        asked = proposed(world)
        approve(world, asked)
        world.clock.advance(600)  # type: ignore[attr-defined]
        with pytest.raises(CallDenied, match="expired"):
            steps_of(world).settle(asked.id)
        assert in_force(world).stage == "observe"

    @pytest.mark.parametrize("changed", ["policies", "tool", "stage"])
    def test_void_when_something_changed_meanwhile(self, world: World, changed: str) -> None:
        asked = proposed(world, to="recommend")
        approve(world, asked)
        options: dict[str, Any] = {}
        if changed == "policies":
            options["policy_hash"] = "p2"
        elif changed == "tool":
            options["tools"] = [tool for tool in world.tools if tool.name != HERE.tool]
        else:
            other = steps_of(world).propose(report(world.ledger, HERE), "act", by="person:cem", reason="as well")
            approve(world, other)
            steps_of(world).settle(other.id)
        with pytest.raises(InputError, match="void"):
            steps_of(world, **options).settle(asked.id)
        assert world.factory.approvals.get(asked.id).state == "void"
        assert in_force(world).stage == ("act" if changed == "stage" else "observe")

    def test_not_without_judged_proposals_to_cite(self, world: World) -> None:
        seqs = propose_calls(world)
        judge(world, seqs[0], "same")
        with pytest.raises(InputError, match="cite 2 judged proposals, and there are 1"):
            steps_of(world).propose(report(world.ledger, HERE), "act", by="person:ann", reason="x")
        assert world.factory.approvals.records() == []

    def test_only_up_and_only_what_exists(self, world: World) -> None:
        steps = steps_of(world)
        with pytest.raises(InputError, match="at observe already"):
            steps.propose(report(world.ledger, HERE), "observe", by="person:ann", reason="x")
        with pytest.raises(InputError, match="no tool"):
            steps.propose(report(world.ledger, Place("x.y", "a", "b")), "act", by="person:ann", reason="x")
        with pytest.raises(InputError, match="needs a reason"):
            proposed_reason(world)

    def test_a_question_about_a_call_is_no_step(self, make_world: Callable[..., World]) -> None:
        world = make_world(stages=ACT)
        waiting = world.open().call("rollouts.rollback", {"service": "checkout"}, call_id="c")
        with pytest.raises(InputError, match="about no stage"):
            steps_of(world).settle(waiting.approval_id or "")


def proposed_reason(world: World) -> None:
    for seq in propose_calls(world):
        judge(world, seq, "same")
    steps_of(world).propose(report(world.ledger, HERE), "act", by="person:ann", reason="  ")


class TestDown:
    def test_at_once_and_recorded(self, make_world: Callable[..., World]) -> None:
        world = make_world(stages=ACT)
        step = steps_of(world).lower(HERE, "observe", by="person:eve", reason=f"it went wrong, ask {MAIL}")
        assert in_force(world).stage == "observe"
        entry = world.ledger.read(step.seq)
        assert (entry.body["from"], entry.body["to"], entry.body["by"]) == ("act", "observe", "person:eve")
        assert entry.body["reason"] == "it went wrong, ask <EMAIL_ADDRESS>"
        result = world.open().call("rollouts.rollback", {"service": "checkout"}, call_id="c")
        assert (result.code, result.approval_id) == ("stages.observe", None)

    def test_a_read_can_be_lowered_too(self, world: World) -> None:
        steps_of(world).lower(Place("logs.search", "payments", "prod"), "observe", by="person:eve", reason="noise")
        assert world.open().call("logs.search", {"query": "x"}, call_id="r").code == "stages.observe"

    def test_only_down(self, world: World) -> None:
        with pytest.raises(InputError, match="at observe already"):
            steps_of(world).lower(HERE, "recommend", by="person:eve", reason="x")


class TestBesideTheConfiguration:
    def _raised(self, make_world: Callable[..., World], to: Stage) -> None:
        world = make_world()
        asked = proposed(world, to=to)
        approve(world, asked)
        steps_of(world).settle(asked.id)

    @pytest.mark.parametrize(
        ("configured", "recorded", "expected"),
        [
            ("observe", "act", "act"),  # what it said when the step was taken
            ("recommend", "act", "recommend"),
            ("act", "recommend", "recommend"),
        ],
    )
    def test_once_it_says_something_else_the_more_careful_holds(
        self, make_world: Callable[..., World], configured: Stage, recorded: Stage, expected: Stage
    ) -> None:
        self._raised(make_world, recorded)
        later = make_world(stages={"payments": {"prod": {HERE.tool: configured}}})
        assert in_force(later).stage == expected

    def test_a_recorded_step_down_is_not_undone_by_the_file(self, make_world: Callable[..., World]) -> None:
        steps_of(make_world(stages=ACT)).lower(HERE, "observe", by="person:eve", reason="x")
        assert in_force(make_world(stages=ACT)).stage == "observe"
        assert in_force(make_world(stages={"*": {"*": {HERE.tool: "recommend"}}})).stage == "observe"

    def test_where_only_records_raise_a_line_that_does_is_refused(self, world: World) -> None:
        tools = {tool.name: tool for tool in world.tools}
        with pytest.raises(ConfigError, match=r"raises models\.revert \(\*, prod\) to act"):
            Stages(tools, ACT, only_recorded=True)
        careful: Any = {"*": {"prod": {HERE.tool: "recommend", "logs.search": "act"}}}
        assert Stages(tools, careful, only_recorded=True).raised == ()


class TestBehindTheGatesBack:
    def _sql(self, world: World, query: str) -> None:
        connection = sqlite3.connect(world.root / "gate.sqlite")
        connection.execute(query)
        connection.commit()
        connection.close()

    @pytest.fixture
    def lowered(self, make_world: Callable[..., World]) -> World:
        world = make_world(stages=ACT)
        steps_of(world).lower(HERE, "recommend", by="person:eve", reason="x")
        assert unrecorded(world.book, world.ledger, INSTALLATION) == ()
        return world

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE stage_step SET step = replace(step, 'recommend', 'act')",
            "UPDATE stage_step SET tool = 'models.revert'",
            "UPDATE stage_step SET seal = ''",
            "UPDATE stage_step SET step = '{}'",
        ],
    )
    def test_a_changed_row_counts_as_observe(self, lowered: World, change: str) -> None:
        self._sql(lowered, change)
        place = Place("models.revert", "payments", "prod") if "models" in change else HERE
        found = lowered.stages.in_force(place)
        assert (found.stage, found.source) == ("observe", "altered")
        assert place in unrecorded(lowered.book, lowered.ledger, INSTALLATION)

    def test_a_missing_row_shows_against_the_ledger(self, lowered: World) -> None:
        self._sql(lowered, "DELETE FROM stage_step")
        assert unrecorded(lowered.book, lowered.ledger, INSTALLATION) == (HERE,)

    def test_an_altered_row_can_be_written_over(self, lowered: World) -> None:
        self._sql(lowered, "UPDATE stage_step SET seal = ''")
        with pytest.raises(InputError, match="altered"):
            steps_of(lowered).lower(HERE, "recommend", by="person:eve", reason="x")
        steps_of(lowered).lower(HERE, "observe", by="person:eve", reason="x")
        assert in_force(lowered).source == "record"
        assert unrecorded(lowered.book, lowered.ledger, INSTALLATION) == ()

    def test_while_the_database_is_down_only_reads_go_by_the_configuration(self, lowered: World) -> None:
        self._sql(lowered, "DROP TABLE stage_step")
        assert lowered.stages.stage_of("logs.search", team="payments", environment="prod") == "act"
        assert lowered.stages.stage_of(HERE.tool, team="payments", environment="prod") == "observe"


def test_nothing_is_settled_where_the_record_cannot_be_written(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    asked = proposed(world)
    approve(world, asked)
    monkeypatch.setattr(world.book, "write", _fails)
    with pytest.raises(LedgerError):
        steps_of(world).settle(asked.id)
    assert world.records("stage.set") == []
    assert world.factory.approvals.get(asked.id).state == "approved"


def _fails(*_: object) -> None:
    raise sqlite3.OperationalError("disk full")
