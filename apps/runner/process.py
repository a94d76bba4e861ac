"""Starts the agent process: without our environment, user, files and network, as far as the machine lets us.

What is confined how is in `launcher.py`; here it is decided what the agent process may read and who it becomes.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.clock import Clock
from ...core.errors import BackendError, ConfigError
from .door import Door
from .refusals import Refusals
from .settings import Protection, RunnerSettings

PROTECTIONS: tuple[Protection, ...] = ("user", "files", "network")
HOME = "/home/agent"
LAUNCHER = Path(__file__).with_name("launcher.py")

_PR_SET_DUMPABLE = 4
_STATUS_BYTES = 4_096
# Where an interpreter and the libraries of wheels find theirs; no settings and no list of users.
_SYSTEM = (
    "/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What holds of a process that was started.

    Args:
        protections: those that hold.
        problem: why one does not, as the machine says it; empty if nothing was said.
    """

    protections: frozenset[Protection]
    problem: str = ""


def agent_user(settings: RunnerSettings) -> tuple[int, int]:
    """Whose the agent process will be: user and group.

    Raises:
        ConfigError: there is no such user, or it is root.
    """
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    try:
        found = pwd.getpwnam(settings.user)
    except KeyError as error:
        raise ConfigError("`runner.user` is no user of this machine", remedy="name one that owns nothing") from error
    if found.pw_uid == 0:
        raise ConfigError("`runner.user` is root", remedy="name a user that owns nothing, such as nobody")
    return found.pw_uid, found.pw_gid


def readable(settings: RunnerSettings, state: Path) -> list[str]:
    """The paths that the agent process sees, none inside another.

    Raises:
        ConfigError: one of them holds the state directory, or lies in it.
    """
    package = Path(__file__).resolve().parents[2]
    wanted = [sys.base_prefix, sys.prefix, str(package), *_SYSTEM, *(str(path.resolve()) for path in settings.paths)]
    for folder in settings.paths:
        if not folder.is_dir():
            raise ConfigError(f"`runner.paths`: {folder} is no folder", remedy="correct the path")
    found: list[str] = []
    for path in sorted({os.path.abspath(path) for path in wanted if Path(path).exists()}, key=len):  # noqa: PTH100 - links stay
        if not any(path.startswith(f"{known}/") for known in found):
            found.append(path)
    root = state.resolve()
    for seen in (Path(path).resolve() for path in found):
        if root.is_relative_to(seen) or seen.is_relative_to(root):
            raise ConfigError(
                f"the state directory lies in {seen}, which the agent process may read",
                remedy="set `state_dir` to a folder that holds nothing but state",
            )
    return found


class AgentProcess:
    """A process that was started and confined; `end` is always called.

    Args:
        settings: of the runner.
        state: the state directory, which it must not see.
        socket_path: where the gate is.
        view: an empty folder, over which it mounts its own view of files.
        handle: what it shows at the socket; handed over by a pipe.

    Raises:
        BackendError: it could not be started, or less holds than must.
    """

    def __init__(self, settings: RunnerSettings, state: Path, socket_path: Path, view: Path, handle: str) -> None:
        if sys.platform != "linux":
            raise ConfigError("an agent process apart needs Linux", remedy="set `runner.mode` to embedded")
        self._settings = settings
        uid, gid = agent_user(settings)
        status, theirs = os.pipe()
        plan: dict[str, Any] = {
            "root": str(view),
            "readable": [*readable(settings, state), str(socket_path)],
            "home": HOME,
            "uid": uid,
            "gid": gid,
            "limits": _limits(settings, is_own_user=uid != os.getuid()),
            "status": theirs,
            "least": sorted(settings.least),
            "parent": os.getpid(),
            "command": [sys.executable, *_agent_command(socket_path, settings.paths)],
        }
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(plan)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs],
                env={},
                cwd="/",
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        self._timer = threading.Timer(settings.most_s, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        try:
            self.held = _held(status)
            self._check()
            if "user" not in self.held.protections:
                ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # then our memory and environment are not theirs
            assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
            self._process.stdin.write(handle.encode() + b"\n")
            self._process.stdin.close()
        except BaseException as error:
            self.end()
            if isinstance(error, OSError):
                raise BackendError("the agent process ended before it had begun", remedy=_REMEDY) from error
            raise

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self, wait_s: float = 0.0) -> int:
        """Wait for its end, then end it; its exit code, negative for a signal."""
        self._timer.cancel()
        try:
            code = self._process.wait(wait_s) if wait_s else self._process.poll()
        except subprocess.TimeoutExpired:
            code = None
        if code is None:
            self._process.kill()
            code = self._process.wait()
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        return code

    def _check(self) -> None:
        missing = [name for name in PROTECTIONS if name in self._settings.least - self.held.protections]
        if missing:
            told = f" ({self.held.problem})" if self.held.problem else ""
            raise BackendError(f"the agent process is not confined: {', '.join(missing)}{told}", remedy=_REMEDY)


def look(settings: RunnerSettings, state: Path, refusals: Refusals, clock: Clock) -> Held:
    """What holds on this machine: an agent process is started, let in and sent away again.

    Raises:
        ConfigError: the settings cannot be used.
        BackendError: it cannot be started at all.
    """
    with Door(agent_user(settings)[0], refusals, clock) as door:
        anything = settings.model_copy(update={"least": frozenset()})
        process = AgentProcess(anything, state, door.path, door.view, door.handle)
        try:
            door.admit(process.pid, process.is_alive).close()
            return process.held
        finally:
            process.end()


_REMEDY = "`opswarden runner check` says what holds here; docs/runner.md says what it takes"


def _agent_command(socket_path: Path, paths: Sequence[Path]) -> list[str]:
    module = f"{__name__.rpartition('.')[0]}.agent_process"
    return ["-I", "-m", module, str(socket_path), *(str(path.resolve()) for path in paths)]


def _limits(settings: RunnerSettings, *, is_own_user: bool) -> dict[str, int]:
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_DATA": settings.memory_mb * 1_000_000,
        "RLIMIT_CPU": settings.most_s,
    }
    # It counts every process of a user, so it is for a user that has no others.
    return {**limits, "RLIMIT_NPROC": 512} if is_own_user else limits


def _held(status: int) -> Held:
    with os.fdopen(status, "rb") as file:
        told = file.read(_STATUS_BYTES)
    try:
        found = json.loads(told)
    except ValueError:
        return Held(frozenset(), "the launcher said nothing")
    return Held(frozenset(name for name in PROTECTIONS if found.get(name) is True), str(found.get("problem", "")))
