"""How long each store keeps what it has, where nothing else says so, and how it lets go of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field

from ..core.clock import Clock, to_iso
from ..core.config import Section
from ..core.database import STATEMENT_ERRORS, Database
from ..core.errors import LedgerError
from ..core.holds import Held
from ..core.state import StateDirectory
from ..tools.spec import DataClass
from .data_stores import STORES, existing
from .runner.shared_positions import forget_shared, shared_threads

_DAYS = 36_500


class RetentionSettings(Section):
    """Days that stores keep what they have; `None` keeps it for good."""

    checkpoints_days: int | None = Field(
        default=30, ge=8, le=_DAYS, description="since a run began; longer than a question to people stands"
    )
    live_days: int | None = Field(default=30, ge=1, le=_DAYS, description="since a live incident was opened")
    reports_days: int | None = Field(default=None, ge=1, le=_DAYS, description="since a report was written")
    arrivals_days: int | None = Field(
        default=30, ge=1, le=_DAYS, description="since it came; until then the same event is taken once"
    )
    incidents_days: int | None = Field(
        default=None, ge=1, le=_DAYS, description="since an incident was opened; ended ones"
    )
    past_runs_days: int | None = Field(default=None, ge=1, le=_DAYS, description="since the incident began")
    classes: dict[DataClass, int] = Field(
        default_factory=dict, description="class of data: the most days that any of these stores keeps what may hold it"
    )

    def days_of(self, name: str, classes: Iterable[DataClass]) -> int | None:
        """Days that a store keeps what it has: its own setting, or less where a class of its data says so."""
        limits = (getattr(self, name), *(self.classes.get(one) for one in classes))
        return min((days for days in limits if days is not None), default=None)


def artifacts_of(database: Database, runs: Iterable[str]) -> frozenset[str]:
    """The ids of the full results of some runs.

    Raises:
        LedgerError: the database cannot be read.
    """
    return frozenset(artifact for artifact, _ in run_artifacts(database, runs))


def run_artifacts(database: Database, runs: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Full results with their runs, of some runs or of all: those of calls, and answers that were kept; as above."""
    wanted = None if runs is None else frozenset(runs)
    if wanted is not None and not wanted:
        return []
    found: list[tuple[str, str]] = []
    try:
        tables = existing(database, ("journal_call", "kept_answer"))
        connection = database.connection()
        if "journal_call" in tables:
            sql = "SELECT run_id, result FROM journal_call WHERE verb = 'call' AND result IS NOT NULL"
            for row in connection.execute(sql):
                if wanted is None or row["run_id"] in wanted:
                    artifact = json.loads(row["result"]).get("artifact_id")
                    found.extend([(artifact, row["run_id"])] if artifact else [])
        if "kept_answer" in tables:
            for row in connection.execute("SELECT run_id, artifact_id FROM kept_answer WHERE artifact_id <> ''"):
                if wanted is None or row["run_id"] in wanted:
                    found.append((row["artifact_id"], row["run_id"]))
    except (ValueError, *STATEMENT_ERRORS) as error:
        raise LedgerError("the records of full results cannot be read", remedy="check the database") from error
    return found


def expire(state: StateDirectory, database: Database, clock: Clock, settings: RetentionSettings, held: Held) -> None:
    """Let go of what is older than the settings say and not on hold.

    Raises:
        LedgerError: the database failed.
    """
    before = {
        store.name: clock.now() - timedelta(days=days)
        for store in STORES
        if store.setting.startswith("retention.")
        and (days := settings.days_of(store.setting.partition(".")[2], store.classes)) is not None
    }
    if "checkpoints" in before:
        _checkpoints(state.checkpoints, database, before["checkpoints"], held)
        _positions(database, before["checkpoints"], held)
    if "live" in before:
        _folders(state, database, before["live"], held)
    if "reports" in before:
        _reports(state.reports, before["reports"], held)
    _tables(database, before, held)


def forget_checkpoints(path: Path, runs: Iterable[str]) -> int:
    """Remove where runs stand, overwritten and not only marked as free; of how many there was anything.

    Raises:
        LedgerError: the file cannot be written.
    """
    if not path.exists():
        return 0
    gone = 0
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "checkpoints" not in there:
                return 0
            for run_id in runs:
                gone += min(connection.execute("DELETE FROM checkpoints WHERE thread_id = ?", (run_id,)).rowcount, 1)
                if "writes" in there:
                    connection.execute("DELETE FROM writes WHERE thread_id = ?", (run_id,))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise LedgerError("the checkpoints cannot be written", remedy="check the disk and its rights") from error
    return gone


def threads_in(path: Path) -> frozenset[str]:
    """The runs that have checkpoints."""
    if not path.exists():
        return frozenset()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            return frozenset(row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints"))
        except sqlite3.OperationalError:
            return frozenset()  # no run has stored anything yet


def run_folders(database: Database) -> dict[str, list[str]]:
    """The runs that read each folder, by its name."""
    found: dict[str, list[str]] = {}
    if existing(database, ("run_request",)):
        for row in database.connection().execute("SELECT run_id, request FROM run_request"):
            folder = Path(str(json.loads(row["request"]).get("snapshot", ""))).name
            found.setdefault(folder, []).append(row["run_id"])
    return found


def _checkpoints(path: Path, database: Database, before: datetime, held: Held) -> None:
    threads = threads_in(path)
    if not threads or not existing(database, ("run",)):
        return
    rows = database.connection().execute("SELECT run_id FROM run WHERE started_at < ?", (to_iso(before),))
    over = [row["run_id"] for row in rows if row["run_id"] in threads and not held.covers(row["run_id"])]
    forget_checkpoints(path, over)


def _positions(database: Database, before: datetime, held: Held) -> None:
    if len(existing(database, ("run", "run_position"))) == 2:
        threads = shared_threads(database)
        rows = database.connection().execute("SELECT run_id FROM run WHERE started_at < ?", (to_iso(before),))
        old = [row["run_id"] for row in rows if row["run_id"] in threads and not held.covers(row["run_id"])]
        forget_shared(database, old)


def _folders(state: StateDirectory, database: Database, before: datetime, held: Held) -> None:
    old = [path for path in state.live.glob("*") if _written(path) < before]
    is_shared = bool(existing(database, ("live_incident",)))
    if not old and not is_shared:
        return
    runs = run_folders(database)
    if is_shared:
        with database.transaction() as connection:
            rows = connection.execute("SELECT name FROM live_incident WHERE opened_at < ?", (to_iso(before),))
            for name in [row["name"] for row in rows.fetchall()]:
                if not any(held.covers(run_id) for run_id in runs.get(name, ())):
                    connection.execute("DELETE FROM live_incident WHERE name = ?", (name,))
    for path in old:
        if not any(held.covers(run_id) for run_id in runs.get(path.name, ())):
            shutil.rmtree(path, ignore_errors=True)


def _reports(folder: Path, before: datetime, held: Held) -> None:
    for path in folder.glob("*"):
        if path.is_file() and _written(path) < before:
            text = path.read_bytes() if held.runs else b""
            if not any(run_id in path.name or run_id.encode() in text for run_id in held.runs):
                path.unlink(missing_ok=True)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _tables(database: Database, before: dict[str, datetime], held: Held) -> None:
    there = existing(database, ("arrival", "incident", "past_run"))
    with database.transaction() as connection:
        if "arrival" in there and "arrivals" in before:
            connection.execute(
                "DELETE FROM arrival WHERE state <> 'waiting' AND received_at < ?", (to_iso(before["arrivals"]),)
            )
        if "incident" in there and "incidents" in before:
            sql = "SELECT id, run_id FROM incident WHERE ended_at IS NOT NULL AND opened_at < ?"
            rows = connection.execute(sql, (to_iso(before["incidents"]),)).fetchall()
            for row in rows:
                if not held.covers(row["run_id"]):
                    connection.execute("DELETE FROM incident_event WHERE incident_id = ?", (row["id"],))
                    connection.execute("DELETE FROM incident_alert WHERE incident_id = ?", (row["id"],))
                    connection.execute("DELETE FROM incident WHERE id = ?", (row["id"],))
        if "past_run" in there and "past_runs" in before:
            sql = "SELECT run_id FROM past_run WHERE began < ?"
            for row in connection.execute(sql, (to_iso(before["past_runs"]),)).fetchall():
                if not held.covers(row["run_id"]):
                    connection.execute("DELETE FROM past_run WHERE run_id = ?", (row["run_id"],))
