"""How long each store keeps what it has, where nothing else says so, and how it lets go of it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field

from ...core.clock import Clock, from_iso, to_iso
from ...core.config import Section
from ...core.database import STATEMENT_ERRORS, Connection, Database
from ...core.errors import LedgerError
from ...core.holds import Held
from ...core.state import StateDirectory
from ...policies.data_labels import Country
from ...tools.spec import DataClass
from ..runner.shared_positions import forget_shared, shared_threads
from .stores import SOONER, STORES, existing

_DAYS = 36_500
PAYLOADS = "payload_days"
"""The setting of what records say at length; the general one is in the section `ledger`."""
_BY_NAME = {store.name: store for store in STORES}
_RUN = re.compile(r"run_\w+")


class CountryPeriods(Section):
    """Days that stores keep what runs have read of one country's data; what is left out is kept as the rest is."""

    checkpoints_days: int | None = Field(default=None, ge=8, le=_DAYS, description="as the general one")
    live_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    reports_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    incidents_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    past_runs_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    posts_days: int | None = Field(default=None, ge=8, le=_DAYS, description="the same")
    queue_days: int | None = Field(default=None, ge=8, le=_DAYS, description="the same")
    vault_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    artifacts_days: int | None = Field(default=None, ge=1, le=_DAYS, description="the same")
    payload_days: int | None = Field(default=None, ge=1, le=_DAYS, description="instead of `ledger.payload_days`")
    classes: dict[DataClass, int] = Field(
        default_factory=dict, description="class of data: the most days that any of these stores keeps what may hold it"
    )


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
    posts_days: int | None = Field(
        default=None, ge=8, le=_DAYS, description="since something was told in Slack; of what is over"
    )
    queue_days: int | None = Field(default=30, ge=8, le=_DAYS, description="since a leg of a triage was done")
    vault_days: int | None = Field(
        default=None,
        ge=1,
        le=_DAYS,
        description="since a value was put away; never longer than `redaction.vault_ttl_s`",
    )
    artifacts_days: int | None = Field(
        default=None,
        ge=1,
        le=_DAYS,
        description="since a full result was made; never longer than `gate.artifact_ttl_s`",
    )
    classes: dict[DataClass, int] = Field(
        default_factory=dict, description="class of data: the most days that any of these stores keeps what may hold it"
    )
    countries: dict[Country, CountryPeriods] = Field(
        default_factory=dict, description="country: how long what runs have read of its data is kept"
    )

    def days_of(
        self, name: str, classes: Iterable[DataClass], countries: Iterable[str] = (), general: int | None = None
    ) -> int | None:
        """Days that a store keeps what it has; `None` keeps it for good.

        A country's own period of a store wins, whether it is shorter or longer. Without one, the store's setting counts
        or less where a class of its data says so; a country's word on a class replaces the general one. Of several
        countries the shortest counts.

        Args:
            name: of the setting of the store.
            classes: of data that it may hold.
            countries: whose data it is; those without periods of their own do not count beside others.
            general: the store's setting, where that is none of these.
        """
        kept = tuple(classes)
        own = [self.countries[each] for each in countries if each in self.countries]
        base = getattr(self, name, general)
        if not own:
            return _shortest(base, *(self.classes.get(one) for one in kept))
        found = []
        for each in own:
            days = getattr(each, name)
            caps = each.classes if days is not None else {**self.classes, **each.classes}
            found.append(_shortest(base if days is None else days, *(caps.get(one) for one in kept)))
        return _shortest(*found)


@dataclass(frozen=True)
class Due:
    """What is over at one moment.

    Args:
        now: that moment.
        settings: how long stores keep what they have.
        held: what is on hold.
        countries: of the data that each run has read, as far as they have periods of their own.
    """

    now: datetime
    settings: RetentionSettings
    held: Held
    countries: Mapping[str, frozenset[str]]

    def latest(self, store: str) -> datetime | None:
        """Nothing that was written since is over; `None` where nothing ever is."""
        whose: list[tuple[str, ...]] = [(), *((each,) for each in self.settings.countries)]
        days = _shortest(*(self._days(store, each) for each in whose))
        return None if days is None else self.now - timedelta(days=days)

    def is_over(self, store: str, written: datetime, runs: Iterable[str]) -> bool:
        """Whether something of these runs is over, for each of them."""
        found = tuple(runs)
        if any(self.held.covers(run_id) for run_id in found):
            return False
        for countries in {self.countries.get(run_id, frozenset()) for run_id in found} or {frozenset[str]()}:
            days = self._days(store, countries)
            if days is None or written >= self.now - timedelta(days=days):
                return False
        return True

    def sooner(self, store: str, runs: Iterable[str]) -> timedelta | None:
        """How long what can be read in full is kept of these runs, where a class or a country has a word on it.

        Args:
            store: `vault` or `artifacts`.
            runs: whose it is; on hold it is kept for its general time at least, which is for others to see.
        """
        found = tuple(runs)
        if any(self.held.covers(run_id) for run_id in found):
            return None
        countries = frozenset[str]().union(*(self.countries.get(run_id, frozenset()) for run_id in found))
        days = self._days(store, countries)
        return None if days is None else timedelta(days=days)

    @property
    def shortens(self) -> bool:
        """Whether a class or a country has a word on what can be read in full."""
        general, own = self.settings, self.settings.countries.values()
        return bool(general.vault_days or general.artifacts_days or general.classes) or any(
            each.vault_days or each.artifacts_days or each.classes for each in own
        )

    def _days(self, store: str, countries: Iterable[str]) -> int | None:
        found = _BY_NAME[store]
        setting = SOONER.get(store, found.setting.partition(".")[2])
        return self.settings.days_of(setting, found.classes, countries)


def run_countries(database: Database, settings: RetentionSettings) -> dict[str, frozenset[str]]:
    """The countries with periods of their own whose data each run has read, as the journal of its calls says."""
    found: dict[str, set[str]] = {}
    if settings.countries and existing(database, ("journal_call",)):
        labels = "json_extract(result, '$.data_labels') AS labels"
        sql = f"SELECT DISTINCT run_id, {labels} FROM journal_call WHERE verb = 'call'"  # noqa: S608 - a constant
        for row in database.connection().execute(sql):
            for label in json.loads(row["labels"] or "[]"):
                country = str(label).partition("/")[0]
                if country in settings.countries:
                    found.setdefault(row["run_id"], set()).add(country)
    return {run_id: frozenset(countries) for run_id, countries in found.items()}


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


def due_now(database: Database, clock: Clock, settings: RetentionSettings, held: Held) -> Due:
    """What is over now.

    Raises:
        LedgerError: the database failed.
    """
    return Due(clock.now(), settings, held, run_countries(database, settings))


def expire(state: StateDirectory, database: Database, due: Due) -> None:
    """Let go of what is older than the settings say and not on hold.

    Raises:
        LedgerError: the database failed.
    """
    _checkpoints(state.checkpoints, database, due)
    _positions(database, due)
    _folders(state, database, due)
    _reports(state.reports, due)
    _tables(database, due)
    _posts(database, due)


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


def _checkpoints(path: Path, database: Database, due: Due) -> None:
    threads = threads_in(path)
    if threads and existing(database, ("run",)):
        forget_checkpoints(path, _begun(database, "checkpoints", due, threads))


def _positions(database: Database, due: Due) -> None:
    if len(existing(database, ("run", "run_position"))) == 2:
        forget_shared(database, _begun(database, "positions", due, shared_threads(database)))


def _begun(database: Database, store: str, due: Due, threads: Iterable[str]) -> list[str]:
    """Those of the runs that began too long ago."""
    before = due.latest(store)
    if before is None:
        return []
    there = frozenset(threads)
    sql = "SELECT run_id, started_at FROM run WHERE started_at < ?"
    rows = database.connection().execute(sql, (to_iso(before),))
    return [
        row["run_id"]
        for row in rows
        if row["run_id"] in there and due.is_over(store, from_iso(row["started_at"]), (row["run_id"],))
    ]


def _folders(state: StateDirectory, database: Database, due: Due) -> None:
    before = due.latest("live")
    if before is None:
        return
    old = [path for path in state.live.glob("*") if _written(path) < before]
    is_shared = bool(existing(database, ("live_incident",)))
    if not old and not is_shared:
        return
    runs = run_folders(database)
    if is_shared:
        with database.transaction() as connection:
            sql = "SELECT name, opened_at FROM live_incident WHERE opened_at < ?"
            for row in connection.execute(sql, (to_iso(before),)).fetchall():
                if due.is_over("shared-live", from_iso(row["opened_at"]), runs.get(row["name"], ())):
                    connection.execute("DELETE FROM live_incident WHERE name = ?", (row["name"],))
    for path in old:
        if due.is_over("live", _written(path), runs.get(path.name, ())):
            shutil.rmtree(path, ignore_errors=True)


def _reports(folder: Path, due: Due) -> None:
    before = due.latest("reports")
    for path in folder.glob("*") if before is not None else ():
        if before is not None and path.is_file() and (written := _written(path)) < before:
            runs = _RUN.findall(path.name) + _RUN.findall(path.read_text(encoding="utf-8", errors="replace"))
            if due.is_over("reports", written, set(runs)):
                path.unlink(missing_ok=True)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _tables(database: Database, due: Due) -> None:
    there = existing(database, ("arrival", "incident", "past_run"))
    with database.transaction() as connection:
        if "arrival" in there and (before := due.latest("arrivals")) is not None:
            # It belongs to no run, and holds nothing any more once it was worked off.
            connection.execute("DELETE FROM arrival WHERE state <> 'waiting' AND received_at < ?", (to_iso(before),))
        if "incident" in there and (before := due.latest("incidents")) is not None:
            sql = "SELECT id, run_id, opened_at FROM incident WHERE ended_at IS NOT NULL AND opened_at < ?"
            for row in connection.execute(sql, (to_iso(before),)).fetchall():
                if due.is_over("incidents", from_iso(row["opened_at"]), (row["run_id"],)):
                    connection.execute("DELETE FROM incident_event WHERE incident_id = ?", (row["id"],))
                    connection.execute("DELETE FROM incident_alert WHERE incident_id = ?", (row["id"],))
                    connection.execute("DELETE FROM incident WHERE id = ?", (row["id"],))
        if "past_run" in there and (before := due.latest("past-runs")) is not None:
            sql = "SELECT run_id, began FROM past_run WHERE began < ?"
            for row in connection.execute(sql, (to_iso(before),)).fetchall():
                if due.is_over("past-runs", from_iso(row["began"]), (row["run_id"],)):
                    connection.execute("DELETE FROM past_run WHERE run_id = ?", (row["run_id"],))


def _posts(database: Database, due: Due) -> None:
    """What Slack was told, in Slack's own time there; here it is forgotten where it is and how it stood."""
    before = due.latest("posts")
    there = existing(database, ("slack_post", "slack_incident", "incident", "approval"))
    if before is None or not {"slack_post", "slack_incident"} <= set(there):
        return
    moment = to_iso(before)
    with database.transaction() as connection:
        runs = _runs_told(connection, "incident" in there, "approval" in there)
        for row in connection.execute("SELECT slot, began FROM slack_post WHERE began < ?", (moment,)).fetchall():
            first, _, rest = str(row["slot"]).partition("/")
            run = runs.get(rest if first == "approval" else first, "")
            if run is not None and due.is_over("posts", from_iso(row["began"]), _named(run)):
                connection.execute("DELETE FROM slack_post WHERE slot = ?", (row["slot"],))
        for row in connection.execute("SELECT id, began FROM slack_incident WHERE began < ?", (moment,)).fetchall():
            run = runs.get(row["id"], "")
            if run is not None and due.is_over("posts", from_iso(row["began"]), _named(run)):
                connection.execute("DELETE FROM slack_incident WHERE id = ?", (row["id"],))
        for row in connection.execute("SELECT run_id, at FROM slack_opinion WHERE at < ?", (moment,)).fetchall():
            if due.is_over("posts", from_iso(row["at"]), (row["run_id"],)):
                connection.execute("DELETE FROM slack_opinion WHERE run_id = ?", (row["run_id"],))
        for row in connection.execute("SELECT channel, until FROM slack_mute WHERE until < ?", (moment,)).fetchall():
            if due.is_over("posts", from_iso(row["until"]), ()):
                sql = "DELETE FROM slack_mute WHERE channel = ? AND until = ?"
                connection.execute(sql, (row["channel"], row["until"]))
        if len(existing(database, ("slack_opened", "arrival"))) == 2:
            # Once it is not known that something came in, it cannot come in again.
            connection.execute("DELETE FROM slack_opened WHERE arrival NOT IN (SELECT id FROM arrival)")


def _runs_told(connection: Connection, has_incidents: bool, has_approvals: bool) -> dict[str, str | None]:
    """The runs of what Slack was told, by the id of the incident or the question; `None` where it is not over."""
    found: dict[str, str | None] = {
        row["id"]: row["run_id"] for row in connection.execute("SELECT id, run_id FROM slack_incident")
    }
    if has_incidents:
        rows = connection.execute("SELECT id, run_id, ended_at FROM incident")
        found |= {row["id"]: row["run_id"] if row["ended_at"] else None for row in rows}
    if has_approvals:
        rows = connection.execute("SELECT id, run_id, state FROM approval")
        found |= {row["id"]: None if row["state"] in ("pending", "approved") else row["run_id"] for row in rows}
    return found


def _named(run_id: str) -> tuple[str, ...]:
    return (run_id,) if run_id else ()


def _shortest(*days: int | None) -> int | None:
    return min((each for each in days if each is not None), default=None)
