"""Stages, fingerprints, bounded threads, the kill switch, run ownership and settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from worlds import ACT, CARD, MAIL, TOKEN, World

from opswarden.core.errors import ConfigError, LedgerError
from opswarden.core.keys import FileKeys
from opswarden.policies.execution import BoundedThreads, DeadlinePassed
from opswarden.policies.fingerprints import Fingerprints, hashable, holds_unrestorable, tool_hash
from opswarden.policies.settings import GateSettings
from opswarden.policies.stages import Stages
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault

STAGES: list[tuple[str, str, str, str]] = [
    ("team and environment win over all", "payments", "prod", "act"),
    ("then the team in any environment", "payments", "dev", "recommend"),
    ("then the environment for any team", "search", "prod", "recommend"),
    ("then what holds for everybody", "search", "dev", "observe"),
]


class TestStages:
    @pytest.mark.parametrize(
        ("team", "environment", "stage"), [row[1:] for row in STAGES], ids=[row[0] for row in STAGES]
    )
    def test_the_most_exact_line_wins(
        self, make_world: Callable[..., World], team: str, environment: str, stage: str
    ) -> None:
        name = "rollouts.rollback"
        stages = Stages(
            {tool.name: tool for tool in make_world().tools},
            {
                "payments": {"prod": {name: "act"}, "*": {name: "recommend"}},
                "*": {"prod": {name: "recommend"}, "*": {name: "observe"}},
            },
        )
        assert stages.stage_of(name, team=team, environment=environment) == stage

    def test_a_new_installation_reads_and_observes(self, make_world: Callable[..., World]) -> None:
        stages = Stages({tool.name: tool for tool in make_world().tools})
        found = {
            tool: stages.stage_of(tool, team="t", environment="prod") for tool in ("logs.search", "rollouts.rollback")
        }
        assert found == {"logs.search": "act", "rollouts.rollback": "observe"}
        assert stages.stage_of("tickets.comment", team="t", environment="prod") == "observe"
        assert stages.stage_of("nobody.knows", team="t", environment="prod") == "observe"

    @pytest.mark.parametrize(
        ("tool", "stage", "message"), [("rollouts.*", "act", "does not exist"), ("logs.search", "go", "is none")]
    )
    def test_mistakes_are_found_at_the_start(
        self, make_world: Callable[..., World], tool: str, stage: Any, message: str
    ) -> None:
        with pytest.raises(ConfigError, match=message):
            Stages({tool.name: tool for tool in make_world().tools}, {"*": {"*": {tool: stage}}})


class TestFingerprints:
    def redact(self, value: Any) -> Any:
        return Redaction().for_run("run_1", vault=MemoryVault(b"k" * 32)).value(value)

    def test_what_can_be_restored_is_hashed_raw(self) -> None:
        raw = {"to": MAIL, "n": 3, "list": [MAIL, "plain"]}
        found = hashable(raw, self.redact(raw))
        assert (found.value, found.holds_secret) == (raw, False)

    @pytest.mark.parametrize("secret", [CARD, TOKEN, f"pay with {CARD} and write to {MAIL}"])
    def test_cards_and_secrets_are_hashed_as_their_marks(self, secret: str) -> None:
        raw = {"deep": [{"text": secret}], "plain": "x"}
        found = hashable(raw, self.redact(raw))
        assert found.holds_secret
        assert secret not in repr(found.value)
        assert holds_unrestorable(found.value)

    def test_two_cards_give_one_hash_and_two_addresses_two(self, tmp_path: Any) -> None:
        prints = Fingerprints(FileKeys(tmp_path / "keys.json"))

        def of(text: str) -> str:
            raw = {"text": text}
            return prints.of(hashable(raw, self.redact(raw)).value)

        assert of("4111 1111 1111 1111") == of("5500 0000 0000 0004")
        assert of("a@example.org") != of("b@example.org")

    def test_a_tools_hash_changes_with_its_declaration(self, make_world: Callable[..., World]) -> None:
        from dataclasses import replace

        tool = make_world().tools[2]
        changed = [replace(tool, two_person=True), replace(tool, effect="send"), replace(tool, environment="dev")]
        assert len({tool_hash(each) for each in (tool, *changed)}) == 4
        assert tool_hash(tool) == tool_hash(replace(tool, timeout_s=1))


class TestBoundedThreads:
    def test_results_and_errors_come_back(self) -> None:
        threads = BoundedThreads(2)
        assert threads.run(lambda: 7, 5) == 7

        def broken() -> int:
            raise KeyError("x")

        with pytest.raises(KeyError):
            threads.run(broken, 5)

    def test_started_work_is_told_from_work_that_never_ran(self) -> None:
        threads, release, ran = BoundedThreads(1), threading.Event(), []
        with pytest.raises(DeadlinePassed) as started:
            threads.run(lambda: release.wait(10), 0.05)
        with pytest.raises(DeadlinePassed) as waiting:
            threads.run(lambda: ran.append(1), 0.05)
        release.set()
        assert (started.value.has_started, waiting.value.has_started) == (True, False)
        assert threads.run(lambda: 1, 5) == 1
        assert ran == []

    def test_no_more_threads_than_allowed(self) -> None:
        threads, lock, now, most = BoundedThreads(3), threading.Lock(), [0], [0]

        def work() -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.01)
            with lock:
                now[0] -= 1

        callers = [threading.Thread(target=threads.run, args=(work, 10)) for _ in range(12)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert most == [3]

    def test_threads_end_that_have_nothing_to_do_and_new_ones_come(self) -> None:
        threads, seen = BoundedThreads(2, idle_s=0.01), []

        def work() -> threading.Thread:
            return threading.current_thread()

        for _ in range(3):
            seen.append(threads.run(work, 5))
            seen[-1].join(5)
            assert not seen[-1].is_alive()
        assert len(set(seen)) == 3


class TestKillSwitch:
    def test_it_is_stored_cleaned_and_recorded(self, world: World) -> None:
        assert world.factory.switch.state() is None
        seq = world.factory.switch.set(True, by="person:bob", reason=f"ask {MAIL}")
        state = world.factory.switch.state()
        assert state is not None
        assert (state.is_on, state.set_by, state.reason) == (True, "person:bob", "ask <EMAIL_ADDRESS>")
        assert world.records("switch.set")[0].seq == seq
        assert MAIL not in world.record_text()
        world.factory.switch.set(False, by="person:bob", reason="over")
        assert not world.factory.switch.stops_writes()

    @pytest.mark.parametrize("change", ["UPDATE switch SET is_on = 0", "DELETE FROM switch"])
    def test_a_row_turned_back_behind_the_gates_back_stops_nothing_less(self, world: World, change: str) -> None:
        world.factory.switch.set(True, by="person:bob", reason="an incident")
        with world.database.transaction() as connection:
            connection.execute(change)
        assert world.factory.switch.stops_writes()

    def test_it_does_not_change_unrecorded(self, make_world: Callable[..., World]) -> None:
        world = make_world(ledger=lambda real: Broken(real))
        with pytest.raises(LedgerError):
            world.factory.switch.set(True, by="person:bob", reason="x")
        assert world.factory.switch.state() is None


class Broken:
    """A ledger that cannot be written."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def append(self, entries: Any, *, connection: Any = None) -> Any:
        raise LedgerError("the ledger is broken")


class TestRuns:
    def test_a_run_belongs_to_whom_it_was_opened_for(self, make_world: Callable[..., World]) -> None:
        first = make_world()
        gate = first.open()
        assert first.open() is gate
        for changed in ({"who": "person:eve"}, {"team": "search"}, {"role": "platform"}):
            with pytest.raises(ConfigError, match="belongs to another principal"):
                first.open(**changed)
            with pytest.raises(ConfigError, match="belongs to another principal"):
                make_world().open(**changed)
        make_world().open()

    def test_start_resumption_and_end_are_recorded(self, make_world: Callable[..., World]) -> None:
        make_world().open()
        second = make_world()
        second.open().end("reported")
        assert [entry.body["is_resumed"] for entry in second.records("run.started")] == [False, True]
        assert second.records("run.ended")[0].body["outcome"] == "reported"

    def test_two_tools_of_one_name_are_refused(self, make_world: Callable[..., World]) -> None:
        tools = make_world().tools
        with pytest.raises(ConfigError, match="declared twice"):
            make_world(tools=[*tools, tools[0]])


def test_settings_are_safe_unset_and_closed() -> None:
    settings = GateSettings()
    assert settings.stages == {}
    with pytest.raises(ValidationError, match="Extra inputs"):
        GateSettings.model_validate({"stage": {}})
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        GateSettings.model_validate({"limits": {"calls": 0}})
    assert GateSettings.model_validate({"stages": ACT}).stages == ACT
