"""What holds for every test: no network beyond this machine, no settings or state of the person who runs them."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from opswarden.core.database import Database
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.postgres_peer import PostgresPeer, why_missing

settings.register_profile("sample", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=3_000)
settings.load_profile("soak" if os.environ.get("OPSWARDEN_SOAK") else "sample")

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what stands in it is in a folder that pytest makes for this person alone
_ROOM_BYTES = 2 * 1024**3


def _keep_in_memory() -> None:
    """Have temporary folders in memory where there is room: a triage commits hundreds of times, each to the disk."""
    if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES:
        may_run = not os.statvfs(_IN_MEMORY).f_flag & os.ST_NOEXEC  # some tests start programs that they write
        if may_run:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))


_keep_in_memory()

_LOOPBACK = ("127.", "::1", "localhost")
_connect = socket.socket.connect


def _guarded_connect(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
        host = str(address[0])
        if not host.startswith(_LOOPBACK):
            raise AssertionError(f"a test tried to reach {host}")
    _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect)


@pytest.fixture(autouse=True)
def _no_settings_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("OPSWARDEN_") and name != "OPSWARDEN_SOAK":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg-state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresPeer]:
    """A PostgreSQL server, shared by the tests of a process."""
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    peer = PostgresPeer()
    yield peer
    peer.close()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database; SQLite unless the test is marked `on_both`."""
    opened: Database
    if getattr(request, "param", "sqlite") == "postgresql":
        peer: PostgresPeer = request.getfixturevalue("postgres")
        opened = PostgresDatabase(peer.url(peer.new_database()))
    else:
        opened = SqliteDatabase(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """In a new environment one worker compiles what tests import and the others wait: each would compile all of it."""
    if "PYTEST_XDIST_WORKER" not in os.environ or sys.dont_write_bytecode or sys.prefix == sys.base_prefix:
        return (yield)
    is_compiled = Path(sys.prefix, ".compiled")
    with Path(sys.prefix, ".compiling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_compiled.exists():
            result = yield
            is_compiled.touch()
            return result
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long runs are not part of a normal one: left out, not skipped, so that a skip always means something."""
    if os.environ.get("OPSWARDEN_SOAK"):
        return
    long_runs = [item for item in items if item.get_closest_marker("soak")]
    if long_runs:
        config.hook.pytest_deselected(items=long_runs)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


def pytest_collection_finish() -> None:
    """Half a million objects of modules and tests need not be looked through again and again: a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI every peer is installed, so a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter is not None else 0
    if os.environ.get("CI") and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} skipped: in CI a skip is a failure", red=True)
