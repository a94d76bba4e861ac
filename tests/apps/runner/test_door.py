"""The socket of a run lets in one process of one user with one handle, and notes the others."""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.runner.door import Door
from opswarden.apps.runner.process import readable
from opswarden.apps.runner.refusals import Refusals
from opswarden.apps.runner.settings import RunnerSettings
from opswarden.core.clock import SystemClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.policies.ledger.types import LedgerEntry


class Notes:
    """Stands for a ledger: keeps what was written."""

    def __init__(self) -> None:
        self.whats: list[Any] = []

    def append(self, entries: list[LedgerEntry]) -> list[int]:
        self.whats += [entry.body["what"] for entry in entries]
        return [0]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def open_door(notes: Notes) -> Iterator[Callable[[int], Door]]:
    doors: list[Door] = []

    def open_one(uid: int) -> Door:
        doors.append(Door(uid, Refusals(notes, "run_1"), SystemClock()))  # type: ignore[arg-type]
        return doors[-1]

    yield open_one
    for door in doors:
        door.__exit__(None, None, None)
        assert not door.folder.exists()


def knock(door: Door, handle: str, version: int = 1) -> socket.socket:
    knocking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    knocking.settimeout(10)
    knocking.connect(str(door.path))
    said = json.dumps({"version": version, "handle": handle}).encode()
    with suppress(BrokenPipeError, ConnectionResetError):  # shut out before anything was said
        knocking.sendall(struct.pack(">I", len(said)) + said)
    return knocking


def admit(door: Door, pid: int, is_alive: Callable[[], bool]) -> list[Any]:
    try:
        return [door.admit(pid, is_alive)]
    except BackendError:
        return []


def refused(door: Door, pid: int, handle: str, version: int = 1) -> None:
    knocking = knock(door, handle, version)
    asked = iter((True, False))
    assert admit(door, pid, lambda: next(asked)) == []
    assert is_shut(knocking)


def is_shut(knocking: socket.socket) -> bool:
    with knocking:
        try:
            return knocking.recv(1) == b""
        except ConnectionResetError:  # closed before what was said was read
            return True


def test_one_process_gets_in_and_whoever_comes_after_it_does_not(
    open_door: Callable[[int], Door], notes: Notes
) -> None:
    door = open_door(os.getuid())
    assert stat.S_IMODE(door.path.stat().st_mode) == 0o600
    first = knock(door, door.handle)
    (frames,) = admit(door, os.getpid(), lambda: True)
    assert is_shut(knock(door, door.handle))
    frames.send({"you": "are in"})
    assert first.recv(4)
    frames.close()
    first.close()
    end = time.monotonic() + 10
    while not notes.whats and time.monotonic() < end:  # it is shut out before that is written down
        time.sleep(0.01)
    assert notes.whats == ["second-connection"]


def test_another_handle_version_or_process_is_refused(open_door: Callable[[int], Door], notes: Notes) -> None:
    door = open_door(os.getuid())
    refused(door, os.getpid(), "0" * 64)
    refused(door, os.getpid(), "\udcff")
    refused(door, os.getpid(), door.handle, version=2)
    refused(door, os.getpid() + 1, door.handle)
    assert notes.whats == ["wrong-handle", "wrong-handle", "wrong-version", "wrong-process"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else here")
def test_another_user_is_refused_whatever_they_know(open_door: Callable[[int], Door], notes: Notes) -> None:
    door = open_door(65534)
    assert door.path.stat().st_uid == 65534
    refused(door, os.getpid(), door.handle)
    assert notes.whats == ["wrong-user"]


def test_nobody_fills_the_ledger(notes: Notes) -> None:
    refusals = Refusals(notes, "run_1")  # type: ignore[arg-type]
    threads = [threading.Thread(target=refusals.add, args=("wrong-handle",)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notes.whats) == 32


def test_a_state_directory_where_the_agent_process_reads_is_refused(tmp_path: Path) -> None:
    settings = RunnerSettings(paths=(tmp_path,))
    with pytest.raises(ConfigError, match="state directory lies in"):
        readable(settings, tmp_path / "state")
    with pytest.raises(ConfigError, match="state directory lies in"):
        readable(RunnerSettings(paths=(tmp_path,)), tmp_path)
