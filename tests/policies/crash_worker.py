"""Runs calls in child processes that die by SIGKILL at a chosen or a random moment.

Usage: `python crash_worker.py points ROOT` or `python crash_worker.py random ROOT SEED COUNT`. Imports are paid once;
every child is a real process of its own, forked before any thread exists. Prints one JSON object: case to signal or
exit code.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from undoing import effect, undo
from worlds import ACT, World

from opswarden.policies.types import Audience, ModelRequest, Notice

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "write": ("rollouts.rollback", {"service": "checkout", "revision": 3}),
    "checked": ("models.revert", {"service": "checkout", "revision": 3}),
    "read": ("logs.search", {"query": "x"}),
}
POINTS = ("reserved", "decided", "intent", "effect", "outcome", "returned")


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
    world = World(root, stages=ACT, ledger=Counting)
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
    world = World(root, stages=ACT)
    send = world.chat.send

    def send_and_die(*given: Any) -> str:
        if point == "effect":
            send(*given)
        die()
        return ""

    world.chat.send = send_and_die  # type: ignore[method-assign]
    world.open().tell(Audience("chat", "#x", "payments"), Notice("report", {"text": "x"}), call_id="c")


def one_request(root: Path) -> None:
    world = World(root, stages=ACT)
    world.hosted.complete = lambda *_given: die()  # type: ignore[method-assign, assignment, misc]
    world.open().prompt(ModelRequest(({"role": "user", "content": "x"},)), endpoint="hosted", call_id="c")


def many_calls(root: Path) -> None:
    world = World(root, stages=ACT)
    gate = world.open()
    for n in range(40):
        args = {"service": f"s{n}", "revision": 1}
        gate.call("logs.search", {"query": f"q{n}"}, call_id=f"r{n}")
        gate.call("rollouts.rollback", args, call_id=f"w{n}")
        approve_all(world)
        gate.call("rollouts.rollback", args, call_id=f"w{n}")


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
