"""The stop file: read at every decision, with the database gone as well, and closed where it cannot be understood."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from worlds import ACT, World

from opswarden.core.errors import BackendError, CallDenied, InputError, LedgerError
from opswarden.policies.gate import RunGate
from opswarden.policies.stop_file import KINDS, Stop, StopFile, StopKind
from opswarden.policies.types import Audience, CallResult, ModelRequest, Notice, TellResult

TERMINAL, CHAT = Audience("terminal", "me", "payments"), Audience("chat", "#payments", "payments")
numbers = iter(range(10_000))


def search(gate: RunGate) -> CallResult:
    return gate.call("logs.search", {"query": "timeout"}, call_id=f"c{next(numbers)}")


def rollback(gate: RunGate) -> CallResult:
    return gate.call("rollouts.rollback", {"service": "checkout"}, call_id=f"w{next(numbers)}")


def tell(gate: RunGate, audience: Audience) -> TellResult:
    return gate.tell(audience, Notice("report", {"text": "all is well"}), call_id=f"t{next(numbers)}")


def prompt(gate: RunGate, endpoint: str = "own") -> str:
    request = ModelRequest(messages=({"role": "user", "content": "why?"},), max_tokens=10)
    try:
        gate.prompt(request, endpoint=endpoint, call_id=f"p{next(numbers)}")
    except CallDenied as error:
        return error.code
    return "ok"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stop"


@pytest.fixture
def world(make_world: Callable[..., World], path: Path) -> Iterator[World]:
    world: World = make_world(stages=ACT, stop=StopFile(path))
    yield world
    world.database.close()


def codes(gate: RunGate) -> dict[str, str]:
    return {
        "search": search(gate).code,
        "rollback": rollback(gate).code,
        "own": prompt(gate),
        "hosted": prompt(gate, "hosted"),
        "chat": tell(gate, CHAT).code,
        "terminal": tell(gate, TERMINAL).code,
    }


TABLE: list[tuple[str, set[str], str]] = [
    ("tool logs.search", {"search"}, "stop-tool"),
    ("tool logs.*  # ann: it is slow", {"search"}, "stop-tool"),
    ("tool *", {"search", "rollback"}, "stop-tool"),
    ("model hosted", {"hosted"}, "stop-model"),
    ("model acme/*", {"hosted"}, "stop-model"),
    ("tell chat/#pay*", {"chat"}, "stop-tell"),
    ("tell terminal/*", {"terminal"}, "stop-tell"),
    ("team payments", {"search", "rollback", "own", "hosted", "chat"}, "stop-team"),
    ("team search", set(), ""),
    ("tool LOGS.SEARCH", set(), ""),
    ("tell *\nmodel *", {"own", "hosted", "chat", "terminal"}, ""),
    ("# only a remark", {"search", "rollback", "own", "hosted", "chat"}, "stop-all"),
    ("", {"search", "rollback", "own", "hosted", "chat"}, "stop-all"),
    ("tool logs.search\nstop everything", {"search", "rollback", "own", "hosted", "chat"}, "stop-all"),
    ("tool two words", {"search", "rollback", "own", "hosted", "chat"}, "stop-all"),
]


@pytest.mark.parametrize(("text", "stopped", "code"), TABLE, ids=[row[0] or "empty" for row in TABLE])
def test_what_a_file_stops(world: World, path: Path, text: str, stopped: set[str], code: str) -> None:
    gate = world.open()
    before = codes(gate)
    effects = len(world.effects.all())
    path.write_text(text)
    found = codes(gate)
    assert {name for name in found if found[name].startswith("stop-")} == stopped
    assert {found[name] for name in stopped if code} <= {code}
    assert {name: found[name] for name in found if name not in stopped} == {
        name: before[name] for name in before if name not in stopped
    }
    if {"search", "chat", "hosted", "own"} <= stopped:
        assert len(world.effects.all()) <= effects + 1, "the terminal alone was told"
    path.unlink()
    assert codes(gate) == before


def test_a_changed_file_counts_from_the_next_decision_on(world: World, path: Path) -> None:
    gate = world.open()
    for text, code in (("tool logs.search", "stop-tool"), ("tool logs.searck", ""), ("team payments", "stop-team")):
        path.write_text(text)
        assert search(gate).code.startswith("stop-") == bool(code)
    moment = path.stat().st_mtime_ns
    path.write_text("team paymentz")
    os.utime(path, ns=(moment, moment))  # not even the same time and length hide a change
    assert search(gate).status == "ok"


def test_it_is_recorded_and_says_what_to_do(world: World, path: Path) -> None:
    path.write_text("tool rollouts.*")
    result = rollback(world.open())
    assert (result.status, result.code) == ("denied", "stop-tool")
    assert "opswarden go" in result.message
    last = world.records("call.decided")[-1]
    assert (last.body["decision"], last.body["code"]) == ("deny", "stop-tool")


def test_an_approval_is_not_used_up_by_it(world: World, path: Path) -> None:
    gate = world.open()
    waiting = gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w")
    world.factory.approvals.answer(waiting.approval_id or "", "approve", approver="bob", roles=frozenset({"oncall"}))
    path.write_text("tool rollouts.*")
    assert gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w").code == "stop-tool"
    path.unlink()
    assert gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w").status == "ok"


def gone(world: World) -> None:
    """The database file is not there any more, and no other can be opened in its place."""
    world.database.close()
    for name in ("gate.sqlite", "gate.sqlite-wal", "gate.sqlite-shm"):
        (world.root / name).unlink(missing_ok=True)
    (world.root / "gate.sqlite").mkdir()


def test_with_the_database_gone(world: World, path: Path) -> None:
    gate = world.open()
    gone(world)
    assert search(gate).status == "ok", "reads go on without it"
    path.write_text("tool logs.*\ntool rollouts.*\nmodel *\ntell chat/*")
    assert search(gate).code == "stop-tool"
    assert (prompt(gate), prompt(gate, "hosted"), tell(gate, CHAT).code) == ("stop-model", "stop-model", "stop-tell")
    with pytest.raises(LedgerError):
        rollback(gate)
    assert tell(gate, TERMINAL).status == "sent"
    denied = [entry.body["code"] for entry in world.fallback.read() if entry.body.get("decision") == "deny"]
    assert denied == ["stop-tool", "stop-model", "stop-model", "stop-tell"]
    path.unlink()
    assert search(gate).status == "ok"
    assert [what for what in world.effects.all() if "rollback" in str(what)] == []


class TestUnreadable:
    def test_a_folder_in_its_place(self, world: World, path: Path) -> None:
        path.mkdir()
        assert search(world.open()).code == "stop-all"

    def test_bytes_that_are_no_text_and_too_many(self, path: Path) -> None:
        for content in (b"\xff\xfe", b"tool x\n" * 20_000):
            path.write_bytes(content)
            assert StopFile(path).standing().stops_all

    def test_its_folder_is_gone(self, tmp_path: Path) -> None:
        assert StopFile(tmp_path / "mounted" / "stop").standing().stops_all == "the folder of the stop file is gone"

    def test_no_right_to_look(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_path: Any) -> Any:
            raise PermissionError(13, "Permission denied")

        path.write_text("tool x")
        file = StopFile(path)
        assert not file.standing().stops_all
        monkeypatch.setattr(os, "stat", refuse)
        assert file.standing().stops_all == "the stop file cannot be read (Permission denied)"


class TestChanging:
    @pytest.mark.parametrize("kind", KINDS)
    def test_what_is_added_is_read_and_removed(self, path: Path, kind: StopKind) -> None:
        file, stop = StopFile(path), Stop(kind, "slack/#ops*", "person:ann: # because")
        file.add([stop, Stop("tool", "x")])
        file.add([Stop(kind, "slack/#ops*", "again")])
        assert StopFile(path).standing().stops == (stop, Stop("tool", "x"))
        assert file.remove([Stop("tool", "y")]) == ()
        assert file.remove([Stop(kind, "slack/#ops*")]) == (stop,)
        assert path.exists()
        assert file.remove([Stop("tool", "x")]) == (Stop("tool", "x"),)
        assert not path.exists(), "an empty file would stop everything"

    @pytest.mark.parametrize("pattern", ["", "two words", "a\nteam b", "x\x1b[2J", "x" * 300])
    def test_what_is_no_word(self, path: Path, pattern: str) -> None:
        with pytest.raises(InputError):
            StopFile(path).add([Stop("tool", pattern)])
        assert not path.exists()

    def test_a_broken_file_is_not_mended_by_adding(self, path: Path) -> None:
        path.write_text("stop it")
        with pytest.raises(BackendError, match="everything is stopped"):
            StopFile(path).add([Stop("tool", "x")])
        StopFile(path).remove_all()
        assert not path.exists()
