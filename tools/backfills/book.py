"""The book of backfills: the chunks of each plan, in order, and what became of them.

A chunk is claimed before it is written and done afterwards; what is done is never written again. A chunk whose process
died is claimed by the next run once its lease is over, and written again, which changes nothing: materializing an
interval twice leaves what once leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from ...core.errors import BackendError, ToolFailed
from .planning import Chunk

State = Literal["open", "done", "differs"]

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE backfill (
            environment TEXT NOT NULL,
            digest TEXT NOT NULL,
            state TEXT NOT NULL,
            begun_at TEXT NOT NULL,
            ended_at TEXT,
            PRIMARY KEY (environment, digest)
        ) STRICT;
        CREATE TABLE backfill_chunk (
            environment TEXT NOT NULL,
            digest TEXT NOT NULL,
            number INTEGER NOT NULL,
            view_name TEXT NOT NULL,
            start_us INTEGER NOT NULL,
            end_us INTEGER NOT NULL,
            why TEXT NOT NULL,
            planned INTEGER NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            call_key TEXT NOT NULL,
            until TEXT NOT NULL,
            written INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            PRIMARY KEY (environment, digest, number)
        ) STRICT
        """,
    ),
)

_MOST_ATTEMPTS = 3
_MOST_PAST = 500


@dataclass(frozen=True)
class Claimed:
    """A chunk that is ours to write, and its number."""

    number: int
    chunk: Chunk


@dataclass(frozen=True)
class Standing:
    """How a backfill stands: chunks done of all, rows written, and its state."""

    digest: str
    state: State
    done: int
    chunks: int
    written: int
    begun_at: str


class BackfillBook:
    """The backfills of an installation.

    Args:
        database: the installation's.
        clock: tells when.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        database.migrate("backfills", MIGRATIONS)
        self._database = database
        self._clock = clock

    def begin(self, environment: str, digest: str, chunks: Sequence[Chunk]) -> None:
        """Write down a plan, once."""
        now = to_iso(self._clock.now())
        with self._database.transaction() as connection:
            at = (environment, digest)
            if connection.execute("SELECT 1 FROM backfill WHERE environment = ? AND digest = ?", at).fetchone():
                return
            connection.execute("INSERT INTO backfill VALUES (?, ?, 'open', ?, NULL)", (*at, now))
            connection.executemany(
                "INSERT INTO backfill_chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', 0, '', ?, 0, 0)",
                [
                    (*at, number, each.view, each.start_us, each.end_us, each.why, each.rows, now)
                    for number, each in enumerate(chunks)
                ],
            )

    def claim(self, environment: str, digest: str, call_key: str, lease_s: float) -> Claimed | None:
        """The first chunk that is not done; `None` if all are.

        Raises:
            BackendError: another call is writing it.
            ToolFailed: it failed too often.
        """
        now = self._clock.now()
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM backfill_chunk WHERE environment = ? AND digest = ? AND state <> 'done' "
                "ORDER BY number LIMIT 1",
                (environment, digest),
            ).fetchone()
            if row is None:
                return None
            if row["state"] == "claimed" and row["call_key"] != call_key and from_iso(row["until"]) > now:
                raise BackendError("another call is writing this backfill", remedy="wait for it, then run it on")
            if int(row["attempts"]) >= _MOST_ATTEMPTS:
                raise ToolFailed(
                    f"chunk {row['number']} failed {_MOST_ATTEMPTS} times", remedy="look at the store, then plan anew"
                )
            connection.execute(
                "UPDATE backfill_chunk SET state = 'claimed', attempts = attempts + 1, call_key = ?, until = ? "
                "WHERE environment = ? AND digest = ? AND number = ?",
                (call_key, to_iso(now + timedelta(seconds=lease_s)), environment, digest, int(row["number"])),
            )
        return Claimed(int(row["number"]), _chunk(row))

    def done(self, environment: str, digest: str, number: int, written: int, took_s: float) -> None:
        """A chunk is written."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE backfill_chunk SET state = 'done', written = ?, took_ms = ? "
                "WHERE environment = ? AND digest = ? AND number = ?",
                (written, round(took_s * 1000), environment, digest, number),
            )

    def failed(self, environment: str, digest: str, number: int) -> None:
        """A chunk was not written, as far as anybody knows; the next run writes it again."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE backfill_chunk SET state = 'open' "
                "WHERE environment = ? AND digest = ? AND number = ? AND state = 'claimed'",
                (environment, digest, number),
            )

    def end(self, environment: str, digest: str, state: State) -> None:
        """All chunks are written; what the comparison afterwards said."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE backfill SET state = ?, ended_at = ? WHERE environment = ? AND digest = ?",
                (state, to_iso(self._clock.now()), environment, digest),
            )

    def views(self, environment: str, digest: str) -> tuple[str, ...]:
        """The views of a backfill, in their order."""
        rows = self._rows(
            "SELECT view_name, MIN(number) AS first FROM backfill_chunk WHERE environment = ? AND digest = ? "
            "GROUP BY view_name ORDER BY first",
            (environment, digest),
        )
        return tuple(str(row["view_name"]) for row in rows)

    def standings(self, environment: str, digest: str | None = None, limit: int = 20) -> tuple[Standing, ...]:
        """How backfills stand, the newest first; or one of them."""
        rows = self._rows(
            "SELECT b.digest, b.state, b.begun_at, COUNT(*) AS chunks, "
            "SUM(CASE WHEN c.state = 'done' THEN 1 ELSE 0 END) AS finished, SUM(c.written) AS written "
            "FROM backfill b JOIN backfill_chunk c ON c.environment = b.environment AND c.digest = b.digest "
            "WHERE b.environment = ? AND (? = '' OR b.digest = ?) "
            "GROUP BY b.digest, b.state, b.begun_at ORDER BY b.begun_at DESC LIMIT ?",
            (environment, digest or "", digest or "", limit),
        )
        return tuple(
            Standing(
                digest=str(row["digest"]),
                state=row["state"],
                done=int(row["finished"]),
                chunks=int(row["chunks"]),
                written=int(row["written"]),
                begun_at=str(row["begun_at"]),
            )
            for row in rows
        )

    def touched(self, environment: str, digest: str, call_key: str) -> bool:
        """Whether a call has claimed a chunk."""
        where = "environment = ? AND digest = ? AND call_key = ?"
        found = self._rows(f"SELECT 1 FROM backfill_chunk WHERE {where} LIMIT 1", (environment, digest, call_key))  # noqa: S608 - ours
        return bool(found)

    def past(self, environment: str) -> tuple[tuple[int, float], ...]:
        """Rows and seconds of chunks that were written, the newest of them."""
        rows = self._rows(
            "SELECT c.written, c.took_ms FROM backfill_chunk c JOIN backfill b "
            "ON c.environment = b.environment AND c.digest = b.digest "
            "WHERE c.environment = ? AND c.state = 'done' ORDER BY b.begun_at DESC, c.number DESC LIMIT ?",
            (environment, _MOST_PAST),
        )
        return tuple((int(row["written"]), int(row["took_ms"]) / 1000) for row in rows)

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        return self._database.connection().execute(sql, values).fetchall()


def _chunk(row: Any) -> Chunk:
    return Chunk(str(row["view_name"]), int(row["start_us"]), int(row["end_us"]), row["why"], int(row["planned"]))
