"""A person in a process of their own: `python press_worker.py ROOT press NAME ID …` or `… ROOT use CALL_ID …`.

Says `ready`, then does one thing per line that comes in, in the order of the ids, and prints what came of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from worlds import ACT, World

from opswarden.core.errors import OpswardenError


def press(world: World, name: str, approval_id: str) -> str:
    try:
        answered = world.factory.approvals.answer(approval_id, "approve", approver=name, roles=frozenset({"oncall"}))
    except OpswardenError as error:
        return f"{error.message}; {error.remedy}"
    return answered.state


def use(world: World, call_id: str) -> str:
    result = world.open().call("rollouts.rollback", {"service": call_id, "revision": 3}, call_id=call_id)
    return f"{result.status} {result.code}"


def main(root: Path, what: str, *more: str) -> None:
    world = World(root, stages=ACT)
    name, ids = (more[0], more[1:]) if what == "press" else ("", more)
    if what == "use":
        world.open()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for each in ids:
        sys.stdin.readline()
        said = press(world, name, each) if what == "press" else use(world, each)
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
