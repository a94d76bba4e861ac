"""Emergency access: a loud, short and reviewed way round some of the usual leave, never round the person.

While one is open, the leave of somebody with the role `emergency` counts for that of on-call and of who manages
changes; the rules say so (`context.common.emergency`). Nothing else is lifted.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Clock, from_iso, to_iso
from ..core.config import Section
from ..core.database import Connection, Database, Migration, Row
from ..core.errors import CallDenied, InputError, LedgerError
from ..core.ids import IdSource
from ..core.keys import KeyProvider
from .ledger.types import Ledger, LedgerEntry
from .store import select
from .switches import INSTALLATION

EMERGENCY_ROLE = "emergency"
"""Who may open one, and whose leave counts while it is open."""

MIGRATIONS: tuple[Migration, ...] = (
    (1, "CREATE TABLE emergency (id TEXT PRIMARY KEY, facts TEXT NOT NULL, seal TEXT NOT NULL) STRICT"),
)

_TEXT_LIMIT = 500
_Kind = Literal["emergency.opened", "emergency.closed", "emergency.reviewed"]


class EmergencySettings(Section):
    """How short emergency access is, and who looks at it afterwards."""

    most_minutes: int = Field(default=60, ge=1, le=240, description="how long one may be open")
    reviewers: frozenset[str] = Field(
        default=frozenset({"emergency-review"}), description="one of these roles reviews it afterwards"
    )
    review_within_days: int = Field(
        default=3, ge=1, le=30, description="while one is older than this and not reviewed, no other opens"
    )
    most_unreviewed: int = Field(default=3, ge=1, le=100, description="while so many are not reviewed, no other opens")


@dataclass(frozen=True)
class Emergency:
    """One opening of emergency access.

    Args:
        team: whose runs; empty for everybody's.
        environment: where; empty for everywhere.
        until: when it is over by itself.
        seq: the ledger entry that records it.
        closed_at: when somebody ended it before that.
        reviewed_by: `person:<name>`; empty while nobody has.
    """

    id: str
    team: str
    environment: str
    opened_by: str
    reason: str
    opened_at: datetime
    until: datetime
    seq: int
    closed_at: datetime | None = None
    reviewed_by: str = ""
    note: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether it lasts at a moment."""
        return self.closed_at is None and self.opened_at <= now < self.until

    def covers(self, *, team: str, environment: str) -> bool:
        """Whether it speaks of runs of a team in an environment."""
        return self.team in ("", team) and self.environment in ("", environment)

    @property
    def scope(self) -> str:
        """Whom and where, in words."""
        return f"{self.team or 'every team'} in {self.environment or 'every environment'}"


class Emergencies:
    """The openings in the gate's database, each sealed and recorded in the same step.

    Args:
        scrub: cleans what a person typed.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        keys: KeyProvider,
        clock: Clock,
        ids: IdSource,
        scrub: Callable[[str], str],
        settings: EmergencySettings,
    ) -> None:
        database.migrate("emergencies", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._key = keys.secret("emergencies")
        self._clock = clock
        self._ids = ids
        self._scrub = scrub
        self._settings = settings

    def in_force(self, *, team: str, environment: str) -> Emergency | None:
        """The one that covers a call now; none where the database cannot be read or a row is not ours.

        It can only widen what is allowed, so every doubt means that there is none. A row may be an older one that was
        put back, with its seal: what the ledger has as closed is closed.
        """
        now = self._clock.now()
        try:
            open_here = [
                one for one in self.records() if one.is_open(now) and one.covers(team=team, environment=environment)
            ]
            return next((one for one in open_here if not self._is_closed(one)), None)
        except (InputError, LedgerError):
            return None

    def open_now(self) -> list[Emergency]:
        """All that are open.

        Raises:
            InputError: a row was altered outside the gate.
            LedgerError: the database cannot be read.
        """
        now = self._clock.now()
        return [one for one in self.records() if one.is_open(now)]

    def records(self) -> list[Emergency]:
        """All that ever were, oldest first.

        Raises:
            InputError: a row was altered outside the gate.
            LedgerError: the database cannot be read.
        """
        return [self._read(row) for row in select(self._database, "SELECT * FROM emergency ORDER BY rowid")]

    def unreviewed(self) -> list[Emergency]:
        """Those that are over and that nobody has reviewed, oldest first.

        Raises:
            InputError, LedgerError: as `records`.
        """
        now = self._clock.now()
        return [one for one in self.records() if not one.reviewed_by and not one.is_open(now)]

    def is_overdue(self, emergency: Emergency) -> bool:
        """Whether its review is late."""
        late = emergency.opened_at + timedelta(days=self._settings.review_within_days)
        return not emergency.reviewed_by and self._clock.now() >= late

    def open(
        self, *, by: str, roles: frozenset[str], reason: str, minutes: int, team: str = "", environment: str = ""
    ) -> Emergency:
        """Open emergency access.

        Args:
            by: `person:<name>`, as the surface has established it.
            roles: which the person holds.
            reason: why; cleaned before it is stored.
            minutes: how long.
            team: whose runs; empty for everybody's.
            environment: where; empty for everywhere.

        Raises:
            CallDenied: `emergency-role`, or `emergency-unreviewed` (too many, or one for too long).
            InputError: no reason, too long, or one like it is open already.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        clean = self._clean(reason, "a reason")
        if not 1 <= minutes <= self._settings.most_minutes:
            raise InputError(
                f"emergency access lasts 1 to {self._settings.most_minutes} minutes", remedy="say fewer `--minutes`"
            )
        _need(roles, frozenset({EMERGENCY_ROLE}), "opening emergency access")
        with self._database.transaction() as connection:
            now = self._clock.now()
            self._check_reviews(now)
            if any(one.is_open(now) and one.covers(team=team, environment=environment) for one in self.records()):
                raise InputError("emergency access is open already", remedy="`opswarden emergency list` shows it")
            made = Emergency(
                id=self._ids.new("emg"),
                team=team,
                environment=environment,
                opened_by=by,
                reason=clean,
                opened_at=now,
                until=now + timedelta(minutes=minutes),
                seq=-1,
            )
            made = replace(made, seq=self._record(connection, "emergency.opened", made, by))
            self._store(connection, made)
        return made

    def close(self, emergency_id: str, *, by: str) -> Emergency:
        """End one before its time; anybody may.

        Raises:
            InputError: there is none, or it is over.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        with self._database.transaction() as connection:
            found = self._get(emergency_id)
            if not found.is_open(self._clock.now()):
                raise InputError("this emergency access is over already", remedy="nothing is left to close")
            closed = replace(found, closed_at=self._clock.now())
            self._record(connection, "emergency.closed", closed, by)
            self._store(connection, closed)
        return closed

    def review(self, emergency_id: str, *, by: str, roles: frozenset[str], note: str) -> Emergency:
        """Write down what somebody else thinks of it, once it is over.

        Raises:
            CallDenied: `emergency-role`, or `emergency-own` (whoever opened it).
            InputError: there is none, it is still open, reviewed already, or there is no note.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        clean = self._clean(note, "a note")
        _need(roles, self._settings.reviewers, "reviewing emergency access")
        with self._database.transaction() as connection:
            found = self._get(emergency_id)
            if found.is_open(self._clock.now()):
                raise InputError("this emergency access is still open", remedy="close it, or wait until it is over")
            if found.reviewed_by:
                raise InputError("this emergency access is reviewed already", remedy="nothing is left to review")
            if by == found.opened_by:
                raise CallDenied(
                    "whoever opened emergency access does not review it",
                    code="emergency-own",
                    remedy="ask a colleague who holds the role",
                )
            reviewed = replace(found, reviewed_by=by, note=clean)
            self._record(connection, "emergency.reviewed", reviewed, by)
            self._store(connection, reviewed)
        return reviewed

    def unrecorded(self) -> tuple[str, ...]:
        """Openings that the ledger records and the database has not, or not as ours.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        opened = {
            str(entry.body.get("emergency_id"))
            for entry in self._ledger.of_run(INSTALLATION)
            if entry.kind == "emergency.opened"
        }
        try:
            found = {one.id for one in self.records()}
        except InputError:
            found = set()
        return tuple(sorted(opened - found))

    def _is_closed(self, emergency: Emergency) -> bool:
        """Whether the ledger records that it was ended before its time."""
        since = self._ledger.of_run(INSTALLATION, emergency.seq)
        return any(
            entry.kind == "emergency.closed" and entry.body.get("emergency_id") == emergency.id for entry in since
        )

    def _check_reviews(self, now: datetime) -> None:
        waiting = self.unreviewed()
        late = [one for one in waiting if self.is_overdue(one)]
        if late or len(waiting) >= self._settings.most_unreviewed:
            which = (late or waiting)[0].id
            raise CallDenied(
                f"no emergency access opens before the last is reviewed ({len(waiting)} wait, {len(late)} too long)",
                code="emergency-unreviewed",
                remedy=f"have somebody else run `opswarden emergency review {which} --note …`",
            )

    def _get(self, emergency_id: str) -> Emergency:
        rows = select(self._database, "SELECT * FROM emergency WHERE id = ?", (emergency_id,))
        if not rows:
            raise InputError("there is no emergency access of this id", remedy="`opswarden emergency list` shows them")
        return self._read(rows[0])

    def _clean(self, text: str, what: str) -> str:
        if not text.strip() or len(text) > _TEXT_LIMIT:
            raise InputError(f"emergency access needs {what}", remedy=f"say it in at most {_TEXT_LIMIT} characters")
        return self._scrub(text.strip())

    def _record(self, connection: Connection, kind: _Kind, emergency: Emergency, by: str) -> int:
        body: dict[str, JsonValue] = {
            "emergency_id": emergency.id,
            "by": by,
            "team": emergency.team or None,
            "environment": emergency.environment or None,
            "until": to_iso(emergency.closed_at or emergency.until),
            "reason": emergency.reason,
            "note": emergency.note,
        }
        return self._ledger.append([LedgerEntry(kind, INSTALLATION, body)], connection=connection)[0]

    def _store(self, connection: Connection, emergency: Emergency) -> None:
        facts: dict[str, Any] = {**vars(emergency)}
        for name in ("opened_at", "until", "closed_at"):
            facts[name] = None if facts[name] is None else to_iso(facts[name])
        text = canonical_json(facts).decode()
        connection.execute(
            "INSERT INTO emergency VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " facts = excluded.facts, seal = excluded.seal",
            (emergency.id, text, self._seal(emergency.id, text)),
        )

    def _seal(self, emergency_id: str, text: str) -> str:
        return hmac.new(self._key, canonical_json([emergency_id, text]), "sha256").hexdigest()

    def _read(self, row: Row) -> Emergency:
        if not hmac.compare_digest(self._seal(row["id"], row["facts"]), row["seal"]):
            raise InputError(
                "a record of emergency access was altered outside the gate",
                remedy="it counts as closed, and none opens; `opswarden audit verify` checks the ledger",
            )
        return _from_text(row["facts"])


def warning(emergency: Emergency) -> str:
    """One open emergency in words, for reports and commands."""
    return (
        f"EMERGENCY ACCESS is open until {to_iso(emergency.until)} for {emergency.scope}, by {emergency.opened_by}: "
        f"{emergency.reason} ({emergency.id})"
    )


def glimpsed(database: Path, now: datetime) -> list[str]:
    """The warnings of what a database file shows as open, without keys and without making anything.

    A row that was altered behind the gate's back is warned of all the same, though the gate takes it for closed.
    """
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            rows = connection.execute("SELECT facts FROM emergency").fetchall()
        found = [_from_text(row[0]) for row in rows]
        return [warning(one) for one in found if one.is_open(now)]
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        return []  # no such table yet, or a damaged file, which the commands that need it name


def _from_text(text: str) -> Emergency:
    facts: dict[str, Any] = json.loads(text)
    for name in ("opened_at", "until", "closed_at"):
        facts[name] = None if facts[name] is None else from_iso(facts[name])
    return Emergency(**facts)


def _need(roles: frozenset[str], wanted: frozenset[str], what: str) -> None:
    if not roles & wanted:
        raise CallDenied(
            f"{what} needs another role", code="emergency-role", remedy=f"one of: {', '.join(sorted(wanted)) or 'none'}"
        )
