"""A model asks for effects; people answer; exactly what they allowed happens, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.answers import PERSON, Answer
from opswarden.tests.apps.calm import redeclare
from opswarden.tests.apps.conftest import Cli, OpenHouse, sampled
from opswarden.tests.apps.models import asks, diagnosis
from opswarden.tests.apps.staging import PACKAGES, Stage
from opswarden.tests.doubles.openai_server import OpenAIServer, Step

LEFT, RIGHT = {"lever": "left"}, {"lever": "right"}


def settings_of(stage: str = "act", more: str = "") -> str:
    tools = "".join(f'"{name}" = "{stage}"\n' for name in ("levers.pull", "levers.lift"))
    return (
        f'packages = ["levers:register"]\n[people.{PERSON}]\nroles = ["oncall"]\n[people.bo]\nroles = ["oncall"]\n'
        f'[people.eve]\nroles = ["spectator"]\n[gate.stages.platform.production]\n{tools}{more}'
    )


def work_as(monkeypatch: pytest.MonkeyPatch, person: str) -> None:
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: person)


def three_at_once(body: Mapping[str, Any]) -> Step:
    """Two effects and one look in one message, then an answer."""
    if any(message["role"] == "tool" for message in body["messages"]):
        return diagnosis("healthy")
    return asks(("levers.pull", LEFT), ("levers.pull", RIGHT), ("levers.look", LEFT))


def lift_one(body: Mapping[str, Any]) -> Step:
    if any(message["role"] == "tool" for message in body["messages"]):
        return diagnosis("healthy")
    return asks(("levers.lift", LEFT))


class World:
    """One installation with levers, a model that wants to pull them, and what happened to them."""

    def __init__(self, cli: Cli, home: Path, snapshot: Path, server: OpenAIServer) -> None:
        self.cli = cli
        self.home = home
        self.server = server
        self._snapshot = snapshot

    def triage(self) -> Answer:
        return self.cli("triage", self._snapshot, "--format", "json")

    def waiting(self) -> dict[str, str]:
        """Approval id by lever."""
        found = self.cli("approvals", "list", "--format", "json").json
        return {item["preview"]["args"]["lever"]: item["id"] for item in found}

    def resume(self) -> Answer:
        return self.cli("resume", self.run_id)

    @property
    def run_id(self) -> str:
        entries = self.cli("audit", "tail", "-n", 1000, "--format", "json").json
        return next(str(entry["run_id"]) for entry in entries if entry["kind"] == "run.started")

    @property
    def effects(self) -> list[str]:
        path = self.home / "effects"
        return path.read_text().splitlines() if path.exists() else []


pytestmark = pytest.mark.usefixtures("_litellm_is_loaded")


@pytest.fixture
def levers(monkeypatch: pytest.MonkeyPatch, home: Path, calm: Path) -> None:
    redeclare(calm, environment="production")  # where the levers are; elsewhere nobody would be asked
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))


@pytest.fixture
def world(cli: Cli, home: Path, calm: Path, open_house: OpenHouse, levers: None) -> World:
    return World(cli, home, calm, open_house(three_at_once, settings_of()))


class TestWaiting:
    def test_the_run_ends_with_5_and_says_what_it_waits_for(self, world: World) -> None:
        said = world.triage()
        assert (said.code, said.out) == (5, "")
        waiting = world.waiting()
        assert sorted(waiting) == ["left", "right"]
        assert all(f"opswarden approvals show {approval_id}" in said.err for approval_id in waiting.values())
        assert f"then: opswarden resume {world.run_id}" in said.err
        assert world.effects == ["looked left"]
        assert len(world.server.captured) == 1

    def test_a_person_sees_exactly_what_is_asked(self, world: World) -> None:
        world.triage()
        shown = world.cli("approvals", "show", world.waiting()["right"], "--format", "json").json
        assert shown["action"] == "levers.pull"
        assert shown["environment"] == "production"
        assert shown["preview"]["args"] == RIGHT
        assert shown["preview"]["run_tainted"] is True
        assert shown["roles"] == ["oncall"]
        assert (shown["state"], shown["requester"]) == ("pending", f"person:{PERSON}")
        listed = world.cli("approvals", "list")
        assert listed.code == 0
        assert "levers.pull" in listed.out

    def test_resumed_before_anybody_has_answered_it_waits_again(self, world: World) -> None:
        world.triage()
        before = world.waiting()
        for _ in range(2):
            said = world.resume()
            assert (said.code, said.out) == (5, "")
        assert world.waiting() == before
        assert world.effects == ["looked left"]


class TestAnswers:
    def test_what_was_approved_happens_once_and_what_was_denied_does_not(self, world: World) -> None:
        world.triage()
        waiting = world.waiting()
        assert world.cli("approvals", "approve", waiting["left"], "--note", "go on").code == 0
        said = world.cli("approvals", "deny", waiting["right"])
        assert said.code == 0
        assert f"opswarden resume {world.run_id}" in said.out

        said = world.resume()
        assert said.code == 0, said.err
        assert world.effects == ["looked left", "pulled left"]
        actions = [(row["args"], row["status"], row["decision"]) for row in said.json["actions"]]
        assert actions == [(LEFT, "ok", "writes.approved"), (RIGHT, "denied", "approval-denied")]
        assert [item["tool"] for item in said.json["evidence"][-3:]] == ["levers.pull", "levers.pull", "levers.look"]
        assert len(world.server.captured) == 2
        assert world.server.refusals == []

        again = world.resume()
        assert (again.code, again.json) == (0, said.json)
        assert world.effects == ["looked left", "pulled left"]
        assert world.cli("audit", "verify").code == 0

    def test_one_answer_at_a_time(self, world: World) -> None:
        world.triage()
        waiting = world.waiting()
        world.cli("approvals", "approve", waiting["right"])
        said = world.resume()
        assert (said.code, said.out) == (5, "")
        assert waiting["left"] in said.err
        assert waiting["right"] not in said.err
        assert world.effects == ["looked left", "pulled right"]
        world.cli("approvals", "approve", waiting["left"])
        assert world.resume().code == 0
        assert world.effects == ["looked left", "pulled right", "pulled left"]

    def test_nobody_answers_twice(self, world: World) -> None:
        world.triage()
        left = world.waiting()["left"]
        world.cli("approvals", "deny", left)
        said = world.cli("approvals", "approve", left)
        assert (said.code, said.out) == (2, "")
        assert "denied already" in said.err

    @pytest.mark.parametrize("person", sampled(["eve", "nobody-we-know"], ["eve"]))
    def test_who_lacks_the_role_is_refused(self, world: World, monkeypatch: pytest.MonkeyPatch, person: str) -> None:
        world.triage()
        left = world.waiting()["left"]
        work_as(monkeypatch, person)
        said = world.cli("approvals", "approve", left)
        assert (said.code, said.out) == (4, "")
        assert "needs another role" in said.err
        work_as(monkeypatch, PERSON)
        assert world.resume().code == 5
        assert world.effects == ["looked left"]

    def test_two_people_are_two(
        self,
        cli: Cli,
        home: Path,
        calm: Path,
        open_house: OpenHouse,
        levers: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        world = World(cli, home, calm, open_house(lift_one, settings_of()))
        assert world.triage().code == 5
        (lift,) = world.waiting().values()
        said = cli("approvals", "approve", lift)
        assert (said.code, said.out) == (4, "")
        assert "somebody other" in said.err
        work_as(monkeypatch, "bo")
        assert cli("approvals", "approve", lift).code == 0
        work_as(monkeypatch, PERSON)
        assert world.resume().code == 0
        assert world.effects == ["lifted left"]


class TestForgery:
    def test_what_a_resume_says_is_worth_nothing(self, world: World) -> None:
        """Whoever can reach the graph with a forged resume value gets nothing done."""
        from langgraph.checkpoint.sqlite import SqliteSaver
        from langgraph.types import Command

        from opswarden.agents.triage.graph import build_graph
        from opswarden.apps.installation import open_installation
        from opswarden.apps.models import open_transports
        from opswarden.apps.runs import RunRequests
        from opswarden.apps.wiring import TriageRequest, open_triage
        from opswarden.policies.types import Audience, Notice
        from opswarden.tools.snapshots.store import SnapshotStore

        class Nobody:
            def send(self, audience: Audience, notice: Notice, key: str) -> str:
                raise AssertionError("nothing is told before the answers")

        world.triage()
        run_id, waiting = world.run_id, world.waiting()
        with (
            open_installation() as installation,
            closing(SnapshotStore(RunRequests(installation.database).recall(run_id).snapshot)) as store,
            open_transports(installation.settings, ("house",), installation.clock) as transports,
            SqliteSaver.from_conn_string(str(installation.state.checkpoints)) as saver,
        ):
            request = TriageRequest(
                run_id=run_id,
                on_behalf_of=f"person:{PERSON}",
                trigger="cli",
                audience=Audience("terminal", "stdout", installation.settings.team),
                senders={"terminal": Nobody()},
                transports=transports,
            )
            app = build_graph(open_triage(installation, store, request).parts, saver)
            config: Any = {"configurable": {"thread_id": run_id}}
            for forged in (True, {"approved": True}, {"approval_id": waiting["left"], "approver": "person:bo"}):
                resume = {item.id: forged for item in app.get_state(config).interrupts}
                app.invoke(Command(resume=resume), config, durability="sync")
                assert len(app.get_state(config).interrupts) == 2
        assert world.effects == ["looked left"]
        assert world.waiting() == waiting

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE approval SET state = 'approved'",
            "UPDATE approval SET asked = replace(asked, '\"oncall\"', '\"spectator\"')",
            'UPDATE approval SET state = \'approved\', answered = \'{"approver": "person:bo",'
            ' "approver_roles": ["oncall"], "note": "", "answered_at": "2026-01-01T00:00:00Z"}\'',
        ],
        ids=["a state", "a question", "an answer"],
    )
    def test_a_row_written_behind_the_gate_is_worth_nothing(self, world: World, sql: str) -> None:
        world.triage()
        with closing(sqlite3.connect(world.home / "state" / "opswarden.sqlite")) as connection, connection:
            connection.execute(sql)
        said = world.cli("approvals", "list", "--all")
        assert (said.code, said.out) == (2, "")
        assert "altered outside the gate" in said.err
        said = world.resume()
        assert said.code == 0
        assert {row["decision"] for row in said.json["actions"]} == {"approval-forged"}
        assert world.effects == ["looked left"]


class TestStopped:
    def test_the_kill_switch_holds_after_an_approval(self, world: World) -> None:
        world.triage()
        for approval_id in world.waiting().values():
            world.cli("approvals", "approve", approval_id)
        assert world.cli("approvals", "stop-writes", "--reason", "a bad day").code == 0
        said = world.resume()
        assert said.code == 0
        assert {row["decision"] for row in said.json["actions"]} == {"killswitch.writes"}
        assert world.effects == ["looked left"]

    def test_a_policy_that_changed_asks_anew(
        self, world: World, write_settings: Callable[[str], Path], home: Path
    ) -> None:
        world.triage()
        before = world.waiting()
        for approval_id in before.values():
            world.cli("approvals", "approve", approval_id)
        (home / "rules").mkdir()
        (home / "rules" / "mine.cedar").write_text(
            '@id("mine.moon") @reason("not at full moon")\n'
            'forbid (principal == Ops::Agent::"nobody", action == Ops::Action::"levers.pull", resource);\n'
        )
        settings = (home / "opswarden.toml").read_text()
        write_settings(settings.replace("[gate.stages", '[gate]\npolicy_folders = ["rules"]\n[gate.stages'))
        said = world.resume()
        assert said.code == 5, said.err
        after = world.waiting()
        assert sorted(after) == ["left", "right"]
        assert not set(after.values()) & set(before.values())
        assert world.effects == ["looked left"]

    @pytest.mark.parametrize("stage", sampled(["observe", "recommend"], ["observe"]))
    def test_below_act_nobody_is_asked_and_nothing_runs(
        self,
        cli: Cli,
        home: Path,
        calm: Path,
        open_house: OpenHouse,
        levers: None,
        stage: str,
    ) -> None:
        world = World(cli, home, calm, open_house(three_at_once, settings_of(stage)))
        said = world.triage()
        assert said.code == 0, said.err
        assert world.effects == ["looked left"]
        assert [(row["args"], row["decision"]) for row in said.json["actions"]] == [
            (LEFT, f"stages.{stage}"),
            (RIGHT, f"stages.{stage}"),
        ]


class TestCrash:
    @pytest.mark.parametrize(
        ("at", "done"), [pytest.param("entry", [], marks=pytest.mark.soak), ("exit", ["pulled left"])]
    )
    def test_an_effect_that_died_is_never_tried_again(
        self,
        cli: Cli,
        stage: Stage,
        home: Path,
        calm: Path,
        open_house: OpenHouse,
        levers: None,
        at: str,
        done: list[str],
    ) -> None:
        """Whether it took effect cannot be known, so people are told and nothing is retried."""

        world = World(cli, home, calm, open_house(three_at_once, settings_of()))
        assert stage.run(home, "triage", calm, "--format", "json").code == 5
        waiting = world.waiting()
        cli("approvals", "approve", waiting["left"])
        cli("approvals", "deny", waiting["right"])
        assert stage.run(home, "resume", world.run_id, die=("effect", at)).code == -9
        assert world.effects == ["looked left", *done]
        resumed = stage.run(home, "resume", world.run_id)
        assert resumed.code == 0, resumed.err
        assert world.effects == ["looked left", *done]
        left, right = resumed.json["actions"]
        assert (left["status"], left["decision"]) == ("error", "outcome-unknown")
        assert (right["status"], right["decision"]) == ("denied", "approval-denied")

    @pytest.mark.parametrize("at", sampled(["entry", "exit"], ["entry"]))
    def test_killed_at_the_node_that_calls(
        self, cli: Cli, stage: Stage, home: Path, calm: Path, open_house: OpenHouse, levers: None, at: str
    ) -> None:
        world = World(cli, home, calm, open_house(three_at_once, settings_of()))
        assert stage.run(home, "triage", calm, "--format", "json").code == 5
        for approval_id in world.waiting().values():
            cli("approvals", "approve", approval_id)
        assert stage.run(home, "resume", world.run_id, die=("follow_up", at)).code == -9
        resumed = stage.run(home, "resume", world.run_id)
        assert resumed.code == 0, resumed.err
        # The calls run side by side, so the kill may have caught the other one between its intent and its effect: then
        # nobody knows, nobody tries again, and people are told.
        missing = {"pulled left", "pulled right"} - set(world.effects)
        unknown = [action for action in resumed.json["actions"] if action["decision"] == "outcome-unknown"]
        assert len(world.effects) == len(set(world.effects))
        assert "looked left" in world.effects
        assert len(missing) <= len(unknown) <= 1
        assert cli("audit", "verify").code == 0
