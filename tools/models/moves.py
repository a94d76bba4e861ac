"""The book of moves: which alias was moved where, by whom and why, and a lock with a fence around every move.

No registry has a condition for moving an alias. So a move is one row that is written before the alias is touched, under
a lock that one run holds at a time. Each holder gets a higher fence; whoever finds that another one has come since has
been overtaken, and says so. A row that was left open by a crash is closed by what the registry shows before anybody
moves again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Connection, Database, Migration
from ...core.errors import BackendError

MoveKind = Literal["promote", "rollback", "seen"]
"""`seen`: nobody of ours moved it; the alias was found elsewhere than the book says."""
MoveState = Literal["open", "done", "void", "overtaken"]

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE model_moves (
            id INTEGER PRIMARY KEY,
            environment TEXT NOT NULL,
            model TEXT NOT NULL,
            alias TEXT NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            version_before INTEGER,
            version_after INTEGER,
            source_version INTEGER,
            fence INTEGER NOT NULL,
            call_key TEXT NOT NULL,
            run_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            seen_digest TEXT NOT NULL,
            begun_at TEXT NOT NULL,
            ended_at TEXT
        ) STRICT;
        CREATE INDEX model_moves_place ON model_moves (environment, model, alias);
        CREATE TABLE model_locks (
            environment TEXT NOT NULL,
            model TEXT NOT NULL,
            fence INTEGER NOT NULL,
            holder TEXT NOT NULL,
            until TEXT NOT NULL,
            PRIMARY KEY (environment, model)
        ) STRICT
        """,
    ),
)

LEASE = timedelta(seconds=90)
"""Longer than any call that holds the lock may take."""
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class Move:
    """One row of the book.

    Args:
        version_before: where the alias pointed; `None` if nowhere.
        version_after: where it was to point.
        source_version: the version of the environment before, which it was made from.
        call_key: the idempotency key of the call; empty if nobody of ours did it.
        seen_digest: of what the checks saw.
    """

    id: int
    environment: str
    model: str
    alias: str
    kind: MoveKind
    state: MoveState
    version_before: int | None
    version_after: int | None
    source_version: int | None
    fence: int
    call_key: str
    run_id: str
    reason: str
    seen_digest: str
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """A move that somebody wants."""

    alias: str
    kind: MoveKind
    version_before: int | None
    version_after: int
    source_version: int | None
    call_key: str
    run_id: str
    reason: str = ""
    seen_digest: str = ""


class MoveBook:
    """The moves of every model in every environment of an installation.

    Args:
        database: the installation's.
        clock: tells when.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        database.migrate("model_moves", MIGRATIONS)
        self._database = database
        self._clock = clock

    @contextmanager
    def lock(self, environment: str, model: str, holder: str) -> Iterator[int]:
        """Hold a model in an environment during the block; gives the fence.

        Raises:
            BackendError: another call holds it.
        """
        fence = self._take(environment, model, holder)
        try:
            yield fence
        finally:
            self._release(environment, model, fence)

    def _take(self, environment: str, model: str, holder: str) -> int:
        now = self._clock.now()
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT fence, holder, until FROM model_locks WHERE environment = ? AND model = ?", (environment, model)
            ).fetchone()
            if row is not None and row["holder"] and row["holder"] != holder and from_iso(row["until"]) > now:
                raise BackendError(
                    "another call is moving this model", remedy="wait for it; after a crash it takes up to 90 seconds"
                )
            fence = (int(row["fence"]) if row is not None else 0) + 1
            connection.execute(
                "INSERT INTO model_locks VALUES (?, ?, ?, ?, ?) ON CONFLICT (environment, model) DO UPDATE SET "
                "fence = excluded.fence, holder = excluded.holder, until = excluded.until",
                (environment, model, fence, holder, to_iso(now + LEASE)),
            )
        return fence

    def _release(self, environment: str, model: str, fence: int) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE model_locks SET holder = '' WHERE environment = ? AND model = ? AND fence = ?",
                (environment, model, fence),
            )

    def is_ours(self, environment: str, model: str, fence: int) -> bool:
        """Whether nobody has taken the lock since, and enough of the lease is left for a question."""
        row = (
            self._database.connection()
            .execute("SELECT fence, until FROM model_locks WHERE environment = ? AND model = ?", (environment, model))
            .fetchone()
        )
        return row is not None and int(row["fence"]) == fence and from_iso(row["until"]) > self._clock.now() + LEASE / 3

    def begin(self, environment: str, model: str, fence: int, wanted: Wanted) -> int:
        """Write down a move before it is made; gives its id."""
        return self._insert(environment, model, fence, wanted, "open")

    def saw(self, environment: str, model: str, alias: str, before: int | None, now_at: int | None, run_id: str) -> int:
        """Write down that an alias is elsewhere than the book says."""
        wanted = Wanted(alias, "seen", before, now_at or 0, None, "", run_id, "moved outside of opswarden")
        return self._insert(environment, model, 0, wanted, "done", is_nowhere=now_at is None)

    def _insert(
        self, environment: str, model: str, fence: int, wanted: Wanted, state: MoveState, *, is_nowhere: bool = False
    ) -> int:
        now = to_iso(self._clock.now())
        with self._database.transaction() as connection:
            row = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 AS id FROM model_moves").fetchone()
            number = int(row["id"])
            connection.execute(
                "INSERT INTO model_moves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    environment,
                    model,
                    wanted.alias,
                    wanted.kind,
                    state,
                    wanted.version_before,
                    None if is_nowhere else wanted.version_after,
                    wanted.source_version,
                    fence,
                    wanted.call_key,
                    wanted.run_id,
                    wanted.reason,
                    wanted.seen_digest,
                    now,
                    now if state != "open" else None,
                ),
            )
        return number

    def end(self, number: int, state: MoveState) -> None:
        """Close an open move; one that is closed stays as it is, unless its holder came back too late and moved."""
        before = ("open", "void") if state == "overtaken" else ("open", "open")
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE model_moves SET state = ?, ended_at = ? WHERE id = ? AND state IN (?, ?)",
                (state, to_iso(self._clock.now()), number, *before),
            )

    def of(self, environment: str, model: str, alias: str) -> tuple[Move, ...]:
        """The moves of an alias, oldest first; the newest 10,000."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT * FROM model_moves WHERE environment = ? AND model = ? AND alias = ? ORDER BY id DESC LIMIT ?",
                (environment, model, alias, _MOST_ROWS),
            )
            .fetchall()
        )
        return tuple(_move(row) for row in reversed(rows))

    def between(self, environment: str, start: datetime, end: datetime, limit: int) -> tuple[Move, ...]:
        """Moves of any model in `[start, end)` that were made, the newest first."""
        # Times of one form sort as texts do.
        sql = (
            "SELECT * FROM model_moves WHERE environment = ? AND state = 'done' AND begun_at >= ? AND begun_at < ? "
            "ORDER BY id DESC LIMIT ?"
        )
        rows = self._database.connection().execute(sql, (environment, to_iso(start), to_iso(end), limit)).fetchall()
        return tuple(_move(row) for row in rows)

    def by_key(self, call_key: str) -> Move | None:
        """The move of a call, if it has begun one."""
        if not call_key:
            return None
        row = self._one("SELECT * FROM model_moves WHERE call_key = ? ORDER BY id DESC LIMIT 1", (call_key,))
        return None if row is None else _move(row)

    def _one(self, sql: str, parameters: tuple[Any, ...]) -> Any:
        connection: Connection = self._database.connection()
        return connection.execute(sql, parameters).fetchone()


def last_done(moves: tuple[Move, ...]) -> Move | None:
    """The move that says where the alias is, as far as the book knows."""
    return next((move for move in reversed(moves) if move.state == "done"), None)


def champions(moves: tuple[Move, ...]) -> tuple[int, ...]:
    """Versions that our promotions made champion, the newest first, without those that a rollback has left since."""
    found: list[int] = []
    for move in moves:
        if move.state != "done" or move.version_after is None:
            continue
        if move.kind == "rollback" and move.version_before in found:
            found.remove(move.version_before)
        if move.kind in ("promote", "rollback"):
            if move.version_after in found:
                found.remove(move.version_after)
            found.append(move.version_after)
    return tuple(reversed(found))


def _move(row: Any) -> Move:
    kind, state = str(row["kind"]), str(row["state"])
    assert kind in get_args(MoveKind), "a row of ours"  # noqa: S101 - migrations alone write other kinds
    return Move(
        id=int(row["id"]),
        environment=str(row["environment"]),
        model=str(row["model"]),
        alias=str(row["alias"]),
        kind=kind,  # type: ignore[arg-type]  # checked above
        state=state,  # type: ignore[arg-type]  # as written by `begin` and `end`
        version_before=row["version_before"],
        version_after=row["version_after"],
        source_version=row["source_version"],
        fence=int(row["fence"]),
        call_key=str(row["call_key"]),
        run_id=str(row["run_id"]),
        reason=str(row["reason"]),
        seen_digest=str(row["seen_digest"]),
        begun_at=from_iso(row["begun_at"]),
        ended_at=from_iso(row["ended_at"]) if row["ended_at"] else None,
    )
