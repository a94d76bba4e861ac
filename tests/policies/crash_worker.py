"""Runs calls in child processes that die by SIGKILL at a chosen or a random moment.

Usage: `python crash_worker.py points ROOT URL`, `python crash_worker.py random ROOT SEED COUNT URL` or
`python crash_worker.py pairs ROOT SEED COUNT URL`. The URL is that of a PostgreSQL database, in which each case has a
schema of its own, or empty for SQLite in the folder of the case. Imports are paid once; every child is a real process
of its own, forked before any thread exists. Prints one JSON object: case to signal or exit code.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from undoing import effect, undo
from worlds import ACT, START, World

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import OpswardenError
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.types import Audience, ModelRequest, Notice
from opswarden.redaction.engine import Redaction

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "write": ("rollouts.rollback", {"service": "checkout", "revision": 3}),
    "checked": ("models.revert", {"service": "checkout", "revision": 3}),
    "read": ("logs.search", {"query": "x"}),
}
POINTS = ("reserved", "decided", "intent", "effect", "outcome", "returned")


URL = ""
PAIRED_WRITES = 12


def database_of(root: Path, url: str, *, timeout_s: float = 5) -> Database:
    """The database of a case: a schema named after its folder, or a file in it."""
    if not url:
        root.mkdir(exist_ok=True)
        return SqliteDatabase(root / "gate.sqlite", timeout_s=timeout_s)
    import psycopg

    schema = "case_" + root.name.replace("-", "_")
    # The server may be away, or somebody else may be making it at the same moment.
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
    return PostgresDatabase(SecretStr(f"{url}?options=-csearch_path%3D{schema}"), timeout_s=timeout_s)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Counting:
    """A ledger that dies inside the transaction of one append; 0 counts from when it is armed."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.countdown: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def append(self, entries: Sequence[Any], *, connection: Any = None) -> Any:
        places = self._real.append(entries, connection=connection)
        if self.countdown is not None:
            if self.countdown == 0:
                die()
            self.countdown -= 1
        return places


def approve_all(world: World) -> None:
    for record in world.factory.approvals.records(state="pending"):
        world.factory.approvals.answer(record.id, "approve", approver="bob", roles=frozenset({"oncall"}))


def one_call(root: Path, kind: str, point: str) -> None:
    """Make one call and die at a point of it."""
    world = World(root, stages=ACT, ledger=Counting, database=database_of(root, URL))
    gate, (name, args) = world.open(), CALLS[kind]
    if kind != "read":
        gate.call(name, args, call_id="c")
        approve_all(world)
    arm(world, gate, point, intents=0 if kind == "read" else 1)
    gate.call(name, args, call_id="c")
    die()


def arm(world: World, gate: Any, point: str, *, intents: int) -> None:
    """Have the process die at a point of the next call; an approved one appends one record more before its intent."""
    if point == "reserved":
        enter = gate._desk.enter

        def enter_and_die(*given: Any) -> Any:
            die()
            return enter(*given)

        gate._desk.enter = enter_and_die  # type: ignore[method-assign]
    elif point == "decided":
        world.ledger.countdown = intents  # type: ignore[attr-defined]
    elif point == "intent":
        world.shop.before = lambda _name: die()
    elif point == "effect":
        world.shop.after = lambda _name: die()
    elif point == "outcome":
        world.ledger.countdown = intents + 1  # type: ignore[attr-defined]


def one_undo(root: Path, point: str) -> None:
    """Take an effect back and die at a point of the call that does it."""
    world = World(root, stages=ACT, ledger=Counting)
    done = effect(world)
    (root / "seq.json").write_text(json.dumps(done.seq))
    undo(world, done.seq)
    approve_all(world)
    gate = world.open(f"undo-{done.seq}-1", known=())
    arm(world, gate, point, intents=1)
    undo(world, done.seq)
    die()


def one_message(root: Path, point: str) -> None:
    world = World(root, stages=ACT, database=database_of(root, URL))
    send = world.chat.send

    def send_and_die(*given: Any) -> str:
        if point == "effect":
            send(*given)
        die()
        return ""

    world.chat.send = send_and_die  # type: ignore[method-assign]
    world.open().tell(Audience("chat", "#x", "payments"), Notice("report", {"text": "x"}), call_id="c")


def one_request(root: Path) -> None:
    world = World(root, stages=ACT, database=database_of(root, URL))
    world.hosted.complete = lambda *_given: die()  # type: ignore[method-assign, assignment, misc]
    world.open().prompt(ModelRequest(({"role": "user", "content": "x"},)), endpoint="hosted", call_id="c")


def many_calls(root: Path) -> None:
    world = World(root, stages=ACT, database=database_of(root, URL))
    gate = world.open()
    for n in range(40):
        args = {"service": f"s{n}", "revision": 1}
        gate.call("logs.search", {"query": f"q{n}"}, call_id=f"r{n}")
        gate.call("rollouts.rollback", args, call_id=f"w{n}")
        approve_all(world)
        gate.call("rollouts.rollback", args, call_id=f"w{n}")


class Jumping(FixedClock):
    """A clock that goes on, and back, by up to a minute."""

    def __init__(self, seed: int) -> None:
        super().__init__(START)
        self._dice = random.Random(seed)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._dice.uniform(-60, 60))


class Doom:
    """Kills its process at the n-th of the moments that it is told of."""

    def __init__(self, moments: int) -> None:
        self._left = moments

    def near(self, *_: Any) -> None:
        self._left -= 1
        if self._left == 0:
            die()


class Doomed:
    """A ledger whose appends are two such moments: before, and after with the transaction still open."""

    def __init__(self, real: Any, doom: Doom) -> None:
        self._real = real
        self._doom = doom

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def append(self, entries: Sequence[Any], *, connection: Any = None) -> Any:
        self._doom.near()
        places = self._real.append(entries, connection=connection)
        self._doom.near()
        return places


def doomed_world(root: Path, seed: int, doom: Doom) -> World:
    """A world that may die at every append, after every commit, and before and after every effect."""
    database: Any = database_of(root, URL, timeout_s=5 if URL else 0.5)
    transaction = database.transaction

    @contextmanager
    def doomed_transaction() -> Iterator[Any]:
        with transaction() as connection:
            yield connection
        doom.near()

    database.transaction = doomed_transaction
    world = World(root, stages=ACT, clock=Jumping(seed), database=database, ledger=lambda real: Doomed(real, doom))
    world.shop.before = world.shop.after = doom.near
    return world


def contend(root: Path, who: str, seed: int, moments: int) -> None:
    """One of two workers at the same run: reads of its own, and writes that both want to make."""
    gate = None
    for attempt in range(200):
        # While the database is away an installation does not start; that is no news here.
        with suppress(OpswardenError):
            world = doomed_world(root, seed, Doom(moments))
            gate = world.open()
            break
        time.sleep(0.01 * attempt)
    if gate is None:
        raise AssertionError("the database never came back")
    for n in range(PAIRED_WRITES):
        args = {"service": f"s{n}", "revision": 1}
        with suppress(OpswardenError):
            gate.call("logs.search", {"query": f"{who}-{seed}-{n}"}, call_id=f"{who}-{seed}-{n}")
        for _ in range(2):
            with suppress(OpswardenError):
                gate.call("rollouts.rollback", args, call_id=f"w{n}")
            with suppress(OpswardenError):
                approve_all(world)


def pair(root: Path, dice: random.Random) -> list[int]:
    """Two workers that die at random moments, some of them not; then two more."""
    ended: list[int] = []
    for generation in range(2):
        children: list[int] = []
        for who in "ab":
            seed, moments = dice.randrange(10**6), dice.choice((dice.randint(3, 100), dice.randint(3, 450)))
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    contend(root, f"{who}{generation}", seed, moments)
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        ended += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return ended


def in_child(work: Callable[[], None], kill_after_s: float | None = None) -> int:
    """Run work in a child; the signal that ended it as a negative number, or its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main(mode: str, root: Path, *more: str) -> dict[str, int]:
    global URL
    URL = more[-1] if more else ""
    Redaction()  # its rules stay compiled
    # Children share what nobody writes to, and looking for garbage writes to everything.
    gc.collect()
    gc.freeze()
    if mode == "pairs":
        dice = random.Random(int(more[0]))
        return {
            f"{n}.{place}": code for n in range(int(more[1])) for place, code in enumerate(pair(root / str(n), dice))
        }
    if mode == "points":
        ended = {
            f"{kind}-{point}": in_child(lambda kind=kind, point=point: one_call(root / f"{kind}-{point}", kind, point))
            for kind in CALLS
            for point in POINTS
        }
        for point in ("intent", "effect"):
            ended[f"tell-{point}"] = in_child(lambda point=point: one_message(root / f"tell-{point}", point))
        ended["prompt-intent"] = in_child(lambda: one_request(root / "prompt-intent"))
        return ended
    if mode == "undo":
        return {point: in_child(lambda point=point: one_undo(root / point, point)) for point in POINTS}
    seed, count = int(more[0]), int(more[1])
    delays = random.Random(seed)
    return {str(n): in_child(lambda n=n: many_calls(root / str(n)), delays.uniform(0.02, 0.6)) for n in range(count)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])))
