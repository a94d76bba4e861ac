"""Rows that a query spills stay in a private folder and do not outlive their process by more than the next start."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "spilled-secret"
SPILLS = f"""
import os, signal, sys
from opswarden.tools.in_memory import in_memory
c = in_memory(1, memory_limit="60MB")
c.execute("CREATE TABLE t AS SELECT i, '{SECRET}' || hash(i) AS s FROM range(2500000) r(i)")
print("spilled", flush=True)
if sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "wait":
    sys.stdin.read()
"""


def start(how: str, place: Path) -> subprocess.Popen[str]:
    place.mkdir(exist_ok=True)
    (place / "cwd").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", SPILLS, how],
        cwd=place / "cwd",
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def files_with(mark: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and mark.encode() in path.read_bytes()]


def test_what_a_killed_process_spilled_is_removed_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    killed = start("kill", place)
    assert killed.communicate(timeout=60)[0] == "spilled\n"
    assert killed.returncode == -signal.SIGKILL
    assert files_with(SECRET, place)
    following = start("end", place)
    assert following.communicate(timeout=60)[0] == "spilled\n"
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_the_folder_is_private_not_where_one_stands_and_not_removed_under_a_running_query(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    running = start("wait", place)
    assert running.stdout is not None
    assert running.stdout.readline() == "spilled\n"
    held = files_with(SECRET, place)
    (shared,) = (path for path in place.iterdir() if path.name.startswith("opswarden-spill-"))
    assert held
    assert stat.S_IMODE(shared.stat().st_mode) == 0o700
    assert all(shared in path.parents for path in held)
    other = start("end", place)
    assert other.communicate(timeout=60)[0] == "spilled\n"
    assert set(held) <= set(files_with(SECRET, place))
    running.communicate("", timeout=60)
    assert files_with(SECRET, place) == []


@pytest.mark.parametrize("kind", ["a link", "open to others"])
def test_a_folder_that_somebody_else_prepared_gets_nothing(tmp_path: Path, kind: str) -> None:
    place, elsewhere = tmp_path / "temporary", tmp_path / "elsewhere"
    place.mkdir()
    elsewhere.mkdir()
    prepared = place / f"opswarden-spill-{os.getuid()}"
    if kind == "a link":
        prepared.symlink_to(elsewhere)
    else:
        prepared.mkdir()
        prepared.chmod(0o777)
    running = start("wait", place)
    assert running.stdout is not None
    assert running.stdout.readline() == "spilled\n"
    (held, *_) = files_with(SECRET, place)
    assert prepared not in held.parents
    assert stat.S_IMODE(held.parents[1].stat().st_mode) == 0o700
    assert list(elsewhere.iterdir()) == []
    running.communicate("", timeout=60)
    assert files_with(SECRET, place) == []
