"""A real PostgreSQL for tests: a server of our own in a temporary folder, on a port of its own, gone at the end."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

OWNER, WRITER = "records_owner", "records_writer"

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test of a store on either kind of database."""
worlds_on_both = pytest.mark.parametrize("gate_database", ["sqlite", "postgresql"], indirect=True)
"""Runs a test of the gate on either kind of database."""


def programs() -> Path | None:
    """The folder of the `initdb` on the path, or where Debian keeps it."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def why_missing() -> str:
    """Why there is no server to be had here; empty if there is."""
    if programs() is None:
        return "PostgreSQL is not installed: the tests of the shared database are left out"
    try:
        import psycopg  # noqa: F401 - whether it is there
    except ImportError:
        return "psycopg is not installed: the tests of the shared database are left out"
    return ""


class PostgresPeer:
    """One server. PostgreSQL refuses to run as root; there it runs as `postgres` or `nobody`."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._user = self._unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="opswarden-pg-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._count = 0
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()
        self.run_as_superuser(f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {WRITER} LOGIN")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        # Nobody pulls a plug here, so the disk need not be waited for.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """As a crash would: no goodbye, and what was not committed is gone."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str, role: str = OWNER) -> SecretStr:
        return SecretStr(f"postgresql://{role}@127.0.0.1:{self.port}/{database}")

    def new_database(self) -> str:
        """The name of an empty database that belongs to the owner."""
        self._count += 1
        name = f"records_{self._count}"
        self.run_as_superuser(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
        return name

    def run_as_superuser(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements; the rows of the last one."""
        import psycopg

        url = self.url(database, "postgres").get_secret_value()
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _unprivileged(self) -> str | None:
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                pwd.getpwnam(name)
            except KeyError:
                continue
            return name
        raise RuntimeError(f"{getpass.getuser()} may not run PostgreSQL and there is no other user")

    def _run(self, program: str, *arguments: str) -> None:
        more: dict[str, Any] = {}
        if self._user is not None:
            more = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            **more,
        )
        if done.returncode:
            log = self._folder / "log"
            told = log.read_text()[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} failed: {done.stderr} {told}")


def wait_until(is_so: Any, timeout_s: float = 30) -> None:
    """Poll until something holds."""
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
