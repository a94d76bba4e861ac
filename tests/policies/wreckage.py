"""Starting `crash_worker.py`, and what must hold of whatever it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from worlds import World

WORKER = Path(__file__).with_name("crash_worker.py")


def run_worker(*args: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, str(WORKER), *args], capture_output=True, text=True, timeout=1_800, check=False
    )
    assert done.returncode == 0, done.stderr
    ended: dict[str, int] = json.loads(done.stdout)
    return ended


def check_ledger(world: World) -> None:
    """Every place holds its entry, and every intent has an outcome or is the one that was cut off."""
    entries = world.records()
    assert [entry.seq for entry in entries] == list(range(len(entries)))
    head = world.sqlite_ledger.head()
    assert head is not None
    assert head.size == len(entries)
