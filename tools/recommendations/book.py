"""The book of recommendations: what was found, what people said of it, and how it went. In the installation's database.

Everything that goes in is cleaned before: a report has to be able to show it later, on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...core.clock import from_iso, to_iso
from ...core.database import Connection, Database, Migration
from ...core.errors import InputError, ToolRetry
from .lifecycle import OwnMove, PersonalMove, Standing, State, check_move, weight_of
from .plan import Kept, Plan
from .realised import Realised
from .types import Recommendation

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE recommendation (
            environment TEXT NOT NULL,
            id TEXT NOT NULL,
            team TEXT NOT NULL,
            state TEXT NOT NULL,
            said_by TEXT NOT NULL,
            said_at TEXT NOT NULL,
            reason TEXT NOT NULL,
            until TEXT,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            applied_at TEXT,
            weight TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, id)
        ) STRICT;
        CREATE TABLE recommendation_move (
            environment TEXT NOT NULL,
            id TEXT NOT NULL,
            number INTEGER NOT NULL,
            move TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            said_by TEXT NOT NULL,
            said_at TEXT NOT NULL,
            reason TEXT NOT NULL,
            run_id TEXT NOT NULL,
            PRIMARY KEY (environment, id, number)
        ) STRICT;
        CREATE TABLE recommendation_measure (
            environment TEXT NOT NULL,
            id TEXT NOT NULL,
            days INTEGER NOT NULL,
            measured_at TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, id, days)
        ) STRICT;
        CREATE TABLE finops_week (
            environment TEXT NOT NULL,
            run_id TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (environment, run_id)
        ) STRICT
        """,
    ),
)
MOST_KEPT = 50_000
_STATE_AFTER: Mapping[OwnMove, State] = {
    "found": "open",
    "raised": "open",
    "woken": "open",
    "withdrawn": "withdrawn",
    "verified": "verified",
    "regressed": "regressed",
}


@dataclass(frozen=True)
class Moved:
    """One move as the book has it."""

    id: str
    number: int
    move: str
    before: str
    after: str
    by: str
    at: datetime
    reason: str
    run_id: str


@dataclass(frozen=True)
class Week:
    """What one weekly run came to: sums that the next one is compared with."""

    run_id: str
    at: datetime
    body: Mapping[str, Any]


class Book:
    """The recommendations of an installation.

    Args:
        database: where they are kept.
        clean: takes personal data and secrets out of a text.
    """

    def __init__(self, database: Database, clean: Callable[[str], str]) -> None:
        self._database = database
        self._clean = clean
        database.migrate("recommendations", MIGRATIONS)

    def kept(self, environment: str) -> list[Kept]:
        """All of an environment, those that changed last first."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT * FROM recommendation WHERE environment = ? ORDER BY said_at DESC, id LIMIT ?",
                (environment, MOST_KEPT),
            )
            .fetchall()
        )
        return [_kept(row) for row in rows]

    def environments(self) -> list[str]:
        """Every environment that the book has something of."""
        rows = self._database.connection().execute("SELECT DISTINCT environment FROM recommendation ORDER BY 1")
        return [str(row["environment"]) for row in rows]

    def find(self, environment: str, name: str) -> Kept:
        """One, by its id or the unmistakable beginning of it.

        Raises:
            InputError: there is none, or there are several.
        """
        rows = (
            self._database.connection()
            .execute(
                "SELECT * FROM recommendation WHERE environment = ? AND substr(id, 1, ?) = ? LIMIT 2",
                (environment, len(name), name),
            )
            .fetchall()
        )
        if len(rows) != 1 or len(name) < 4:
            raise InputError(
                "there is no one recommendation of this id",
                remedy="`opswarden finops recommendations list` has the ids",
            )
        return _kept(rows[0])

    def moves(self, environment: str, name: str) -> list[Moved]:
        """What has happened to one, in order."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT * FROM recommendation_move WHERE environment = ? AND id = ? ORDER BY number",
                (environment, name),
            )
            .fetchall()
        )
        return [_moved(row) for row in rows]

    def moves_since(self, environment: str, moment: datetime) -> list[Moved]:
        """Every move after a moment, in order of time."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT * FROM recommendation_move WHERE environment = ? AND said_at > ? ORDER BY said_at, id, number"
                " LIMIT ?",
                (environment, to_iso(moment), MOST_KEPT),
            )
            .fetchall()
        )
        return [_moved(row) for row in rows]

    def record(
        self, environment: str, plan: Plan, team: str, *, by: str, at: datetime, run_id: str, sums: Mapping[str, Any]
    ) -> dict[OwnMove, int]:
        """Write down a week: what is offered, what was moved by that, and the sums. Once per run.

        Args:
            environment: of the fleet.
            plan: of the week.
            team: whose book it is.
            by: `system:TRIGGER` or `person:NAME`.
            at: the moment.
            run_id: of the run.
            sums: what next week's run is compared with.

        Returns:
            How many were moved, by move.
        """
        counts: dict[OwnMove, int] = {}
        offered = {each.id: each for each in plan.offered}
        with self._database.transaction() as connection:
            done = connection.execute(
                "SELECT 1 FROM finops_week WHERE environment = ? AND run_id = ?", (environment, run_id)
            ).fetchone()
            if done is not None:
                return {}
            for name, move in sorted(plan.moves.items()):
                counts[move] = counts.get(move, 0) + 1
                if name not in plan.standings:
                    self._insert(connection, environment, offered[name], team, by, at)
                before = plan.standings[name].state if name in plan.standings else ""
                self._shift(connection, environment, name, move, before, _STATE_AFTER[move], by, at, "", None, run_id)
            for name, each in offered.items():
                standing = plan.standings.get(name)
                if standing is None or standing.state != "claimed":
                    self._renew(connection, environment, each)
                connection.execute(
                    "UPDATE recommendation SET last_seen = ? WHERE environment = ? AND id = ?",
                    (to_iso(at), environment, name),
                )
            connection.execute(
                "INSERT INTO finops_week VALUES (?, ?, ?, ?)", (environment, run_id, to_iso(at), json.dumps(dict(sums)))
            )
        return counts

    def move(
        self,
        environment: str,
        name: str,
        move: PersonalMove,
        *,
        by: str,
        at: datetime,
        reason: str = "",
        until: datetime | None = None,
        run_id: str = "",
    ) -> tuple[State, State]:
        """What a person says of one; the states before and after.

        Raises:
            ToolRetry: there is none of this id, or it cannot be moved so.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT state FROM recommendation WHERE environment = ? AND id = ?", (environment, name)
            ).fetchone()
            if row is None:
                raise ToolRetry("there is no recommendation of this id", remedy="list them for their ids")
            before: State = row["state"]
            after = check_move(before, move, reason, until, at)
            self._shift(connection, environment, name, move, before, after, by, at, reason, until, run_id)
            if move == "applied":
                connection.execute(
                    "UPDATE recommendation SET applied_at = ? WHERE environment = ? AND id = ?",
                    (to_iso(at), environment, name),
                )
        return before, after

    def measured(
        self, environment: str, name: str, found: Realised, *, by: str, at: datetime, run_id: str
    ) -> OwnMove | None:
        """Keep what an applied one has really saved, and move it if that settles it; the move."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO recommendation_measure VALUES (?, ?, ?, ?, ?) ON CONFLICT (environment, id, days)"
                " DO UPDATE SET measured_at = excluded.measured_at, body = excluded.body",
                (environment, name, found.days, to_iso(at), found.model_dump_json()),
            )
            row = connection.execute(
                "SELECT state FROM recommendation WHERE environment = ? AND id = ?", (environment, name)
            ).fetchone()
            move = found.move if row is not None and row["state"] == "applied" else None
            if move is not None:
                after = _STATE_AFTER[move]
                self._shift(connection, environment, name, move, "applied", after, by, at, found.why, None, run_id)
        return move

    def measures(self, environment: str, name: str) -> list[Realised]:
        """What was measured of one, by days after it was applied."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT body FROM recommendation_measure WHERE environment = ? AND id = ? ORDER BY days",
                (environment, name),
            )
            .fetchall()
        )
        return [Realised.model_validate_json(row["body"]) for row in rows]

    def last_week(self, environment: str, before: datetime) -> Week | None:
        """The newest weekly run before a moment."""
        row = (
            self._database.connection()
            .execute(
                "SELECT * FROM finops_week WHERE environment = ? AND at < ? ORDER BY at DESC, run_id DESC LIMIT 1",
                (environment, to_iso(before)),
            )
            .fetchone()
        )
        return None if row is None else Week(row["run_id"], from_iso(row["at"]), json.loads(row["body"]))

    def _insert(
        self, connection: Connection, environment: str, each: Recommendation, team: str, by: str, at: datetime
    ) -> None:
        clean = self._cleaned(each)
        connection.execute(
            "INSERT INTO recommendation VALUES (?, ?, ?, 'open', ?, ?, '', NULL, ?, ?, NULL, ?, ?)",
            (
                environment,
                each.id,
                team,
                by,
                to_iso(at),
                to_iso(at),
                to_iso(at),
                json.dumps(weight_of(each)),
                clean.model_dump_json(),
            ),
        )

    def _renew(self, connection: Connection, environment: str, each: Recommendation) -> None:
        connection.execute(
            "UPDATE recommendation SET weight = ?, body = ? WHERE environment = ? AND id = ?",
            (json.dumps(weight_of(each)), self._cleaned(each).model_dump_json(), environment, each.id),
        )

    def _shift(
        self,
        connection: Connection,
        environment: str,
        name: str,
        move: str,
        before: str,
        after: State,
        by: str,
        at: datetime,
        reason: str,
        until: datetime | None,
        run_id: str,
    ) -> None:
        said = self._clean(reason) if reason else ""
        connection.execute(
            "UPDATE recommendation SET state = ?, said_by = ?, said_at = ?, reason = ?, until = ?"
            " WHERE environment = ? AND id = ?",
            (after, by, to_iso(at), said, to_iso(until) if until is not None else None, environment, name),
        )
        connection.execute(
            "INSERT INTO recommendation_move SELECT ?, ?, COUNT(*) + 1, ?, ?, ?, ?, ?, ?, ? FROM recommendation_move"
            " WHERE environment = ? AND id = ?",
            (environment, name, move, before, after, by, to_iso(at), said, run_id, environment, name),
        )

    def _cleaned(self, each: Recommendation) -> Recommendation:
        found: Recommendation = Recommendation.model_validate(_clean_texts(each.model_dump(), self._clean))
        return found.model_copy(update={"id": each.id})


def _clean_texts(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value) if value else value
    if isinstance(value, Mapping):
        return {name: _clean_texts(item, clean) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_clean_texts(item, clean) for item in value)
    return value


def _kept(row: Any) -> Kept:
    standing = Standing(
        id=row["id"],
        state=row["state"],
        by=row["said_by"],
        at=from_iso(row["said_at"]),
        reason=row["reason"],
        until=from_iso(row["until"]) if row["until"] else None,
        first_seen=from_iso(row["first_seen"]),
        last_seen=from_iso(row["last_seen"]),
        applied_at=from_iso(row["applied_at"]) if row["applied_at"] else None,
        weight=json.loads(row["weight"]),
    )
    return Kept(standing, Recommendation.model_validate_json(row["body"]))


def _moved(row: Any) -> Moved:
    return Moved(
        id=row["id"],
        number=int(row["number"]),
        move=row["move"],
        before=row["before"],
        after=row["after"],
        by=row["said_by"],
        at=from_iso(row["said_at"]),
        reason=row["reason"],
        run_id=row["run_id"],
    )
