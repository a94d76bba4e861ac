"""The trail of a run's calls: what was asked and what it brought, so that a run that gets nowhere is noticed.

It lies beside the call journal and is written in the same transactions, so a resumed run knows what it did before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..core.database import Connection, Database, Migration, Row
from ..core.errors import LedgerError
from .facts import ProgressFacts
from .store import select

State = Literal["pending", "refused", "ended"]

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE call_trail (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL,
            call_id TEXT NOT NULL,
            call_hmac TEXT NOT NULL,
            state TEXT NOT NULL,
            finding TEXT,
            seq INTEGER NOT NULL DEFAULT -1,
            is_idle INTEGER NOT NULL DEFAULT 0,
            UNIQUE (run_id, call_id)
        ) STRICT;
        CREATE INDEX call_trail_by_call ON call_trail (run_id, call_hmac);
        CREATE INDEX call_trail_by_finding ON call_trail (run_id, finding)
        """,
    ),
)

# Calls under way bring nothing yet and are passed over, so more rows are read than may be idle.
_SLACK = 64


@dataclass(frozen=True)
class Step:
    """One call on the trail.

    Args:
        call_hmac: what was asked, whatever its id; empty for what was refused unread.
        state: `pending` while it is under way or waits for a person.
        finding: keyed hash of what it brought; only when it has ended.
        seq: the ledger entry of its outcome.
        is_idle: it was refused, failed, found no data, or brought what the run had already.
    """

    call_id: str
    call_hmac: str
    state: State
    finding: str | None = None
    seq: int = -1
    is_idle: bool = False


@dataclass(frozen=True)
class Progress:
    """Where the run stands as a call comes in.

    Args:
        facts: for the policies.
        before: the newest time that this very call ended.
    """

    facts: ProgressFacts = field(default_factory=ProgressFacts)
    before: Step | None = None


@dataclass(frozen=True)
class Brought:
    """What a call brought.

    Args:
        finding: keyed hash of tool, status and summary.
        is_empty: it failed or found no data.
        is_effect: it changed something, which is never nothing.
    """

    finding: str
    is_empty: bool
    is_effect: bool


def progress(same: Iterable[Step], lately: Iterable[Step], *, repeats: int, idle_calls: int) -> Progress:
    """How often the call has brought the same, and how long the run has brought nothing new.

    A refusal says nothing of what a call would bring, so it counts as idle and not as a repetition. A call under way
    counts as a repetition: the same question asked many times at once is no better than one after the other.

    Args:
        same: earlier times of this very call, newest first.
        lately: all earlier calls of the run, newest first.
        repeats: the limit of repetitions.
        idle_calls: the limit of idle calls.
    """
    count, before = 0, None
    for step in same:
        if step.state == "refused":
            continue
        if step.state == "ended":
            before = before or step
            if step.finding != before.finding:
                break
        count += 1
    idle = 0
    for step in lately:
        if step.state == "pending":
            continue
        if not step.is_idle:
            break
        idle += 1
    return Progress(ProgressFacts(count, repeats, idle, idle_calls), before)


class RunTrail:
    """The trail of one run; the table is there already (`MIGRATIONS`).

    Args:
        repeats: how often in a row one call may bring the same.
        idle_calls: how many calls in a row may bring nothing new.
    """

    def __init__(self, database: Database, run_id: str, *, repeats: int, idle_calls: int) -> None:
        self._run_id = run_id
        self._repeats = repeats
        self._idle_calls = idle_calls
        # For the time in which the database is down; what another process did is then not known.
        self._known: dict[str, Step] = {}
        try:
            query = "SELECT * FROM call_trail WHERE run_id = ? ORDER BY id DESC LIMIT ?"
            rows = select(database, query, (run_id, idle_calls + _SLACK))
        except LedgerError:
            rows = []
        for row in reversed(rows):
            self._known[row["call_id"]] = _open(row)

    def begin(self, connection: Connection | None, call_id: str, call_hmac: str) -> Progress:
        """Put a call on the trail and say where the run stands, inside the caller's transaction.

        Args:
            connection: `None` while the database is down.
            call_id: as it is stored; a call that comes again after an approval keeps its place.
            call_hmac: what is asked.
        """
        if connection is None:
            earlier = [step for name, step in reversed(list(self._known.items())) if name != call_id]
            self._known.setdefault(call_id, Step(call_id, call_hmac, "pending"))
            return self._progress([step for step in earlier if step.call_hmac == call_hmac], earlier)
        connection.execute(
            "INSERT INTO call_trail (run_id, call_id, call_hmac, state) VALUES (?, ?, ?, 'pending')"
            " ON CONFLICT (run_id, call_id) DO UPDATE SET state = 'pending' WHERE call_trail.state = 'refused'",
            (self._run_id, call_id, call_hmac),
        )
        place = connection.execute(
            "SELECT id FROM call_trail WHERE run_id = ? AND call_id = ?", (self._run_id, call_id)
        ).fetchone()["id"]
        # Read as far as needed: a run that gets on looks at a row or two.
        same = connection.execute(
            "SELECT * FROM call_trail WHERE run_id = ? AND call_hmac = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (self._run_id, call_hmac, place, self._repeats + _SLACK),
        )
        lately = connection.execute(
            "SELECT * FROM call_trail WHERE run_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (self._run_id, place, self._idle_calls + _SLACK),
        )
        self._known.setdefault(call_id, Step(call_id, call_hmac, "pending"))
        return self._progress(map(_open, same), map(_open, lately))

    def refuse(self, connection: Connection | None, call_id: str, call_hmac: str) -> None:
        """Note that a call was refused, inside the caller's transaction; one that has ended stays as it is."""
        self._known[call_id] = Step(call_id, call_hmac, "refused", is_idle=True)
        if connection is not None:
            connection.execute(
                "INSERT INTO call_trail (run_id, call_id, call_hmac, state, is_idle) VALUES (?, ?, ?, 'refused', 1)"
                " ON CONFLICT (run_id, call_id) DO UPDATE SET state = 'refused', is_idle = 1"
                " WHERE call_trail.state = 'pending'",
                (self._run_id, call_id, call_hmac),
            )

    def end(self, connection: Connection | None, call_id: str, call_hmac: str, brought: Brought, seq: int) -> None:
        """Note what a call has brought, inside the caller's transaction."""
        is_known = any(
            step.finding == brought.finding for step in self._known.values() if step.call_id != call_id
        ) or self._is_recorded(connection, call_id, brought.finding)
        is_idle = brought.is_empty or (is_known and not brought.is_effect)
        self._known[call_id] = Step(call_id, call_hmac, "ended", brought.finding, seq, is_idle)
        if connection is not None:
            connection.execute(
                "INSERT INTO call_trail (run_id, call_id, call_hmac, state, finding, seq, is_idle)"
                " VALUES (?, ?, ?, 'ended', ?, ?, ?) ON CONFLICT (run_id, call_id) DO UPDATE SET state = 'ended',"
                " finding = excluded.finding, seq = excluded.seq, is_idle = excluded.is_idle",
                (self._run_id, call_id, call_hmac, brought.finding, seq, int(is_idle)),
            )

    def _is_recorded(self, connection: Connection | None, call_id: str, finding: str) -> bool:
        if connection is None:
            return False
        query = "SELECT 1 FROM call_trail WHERE run_id = ? AND finding = ? AND call_id <> ? LIMIT 1"
        return connection.execute(query, (self._run_id, finding, call_id)).fetchone() is not None

    def _progress(self, same: Iterable[Step], lately: Iterable[Step]) -> Progress:
        return progress(same, lately, repeats=self._repeats, idle_calls=self._idle_calls)


def told_of_repetition(before: Step | None, finding: str) -> Sequence[str]:
    """A note for the result of a call that brought what it had brought before."""
    if before is None or before.finding != finding:
        return ()
    where = f" (record {before.seq})" if before.seq >= 0 else ""
    return (f"you have asked this before{where} and got the same; ask something else",)


def _open(row: Row) -> Step:
    return Step(
        row["call_id"], row["call_hmac"], row["state"], row["finding"], int(row["seq"]), is_idle=bool(row["is_idle"])
    )
