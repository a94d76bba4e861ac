"""What the web view keeps of people: tokens, sign-ins and fresh sign-ins for one call, never a secret itself.

Whatever lets somebody in is kept as its SHA-256, so a copy of the database signs nobody in.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from ...policies.ledger.types import Ledger, LedgerEntry
from ...policies.store import select
from ...policies.switches import INSTALLATION
from ..people.callers import hash_of

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE web_token (
            hash TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            made_by TEXT NOT NULL,
            made_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE web_session (
            hash TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            identified_by TEXT NOT NULL,
            vouched_by TEXT NOT NULL,
            roles TEXT NOT NULL,
            began_at TEXT NOT NULL,
            seen_at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE web_fresh (
            session TEXT NOT NULL,
            approval_id TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (session, approval_id)
        ) STRICT;
        CREATE TABLE web_flow (
            hash TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            approval_id TEXT NOT NULL,
            began_at TEXT NOT NULL
        ) STRICT
        """,
    ),
)

OURS = "web-token"
"""How somebody is identified who signed in with a token of ours."""

_FLOW = timedelta(minutes=10)
_MOST_FLOWS, _MOST_OF_A_SESSION = 10_000, 20
_SEEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Session:
    """Somebody who has signed in.

    Args:
        key: what it is kept under.
        person: the name under `people`.
        identified_by: `web-token`, or `oidc:<issuer>`.
        vouched_by: who made the token, as `person:<name>`; empty where an issuer says who it is.
        roles: those that the issuer gave when they signed in.
        began_at: when they did.
    """

    key: str
    person: str
    identified_by: str
    vouched_by: str
    roles: frozenset[str]
    began_at: datetime


@dataclass(frozen=True)
class Flow:
    """A way to the issuer and back that is under way.

    Args:
        session: that is to be made fresh; empty for a first sign-in.
        approval_id: for which call; of a first sign-in, the one that they came for.
    """

    session: str
    approval_id: str
    began_at: datetime


class WebRecords:
    """The records of one installation's web view.

    Args:
        session_s: how long a sign-in holds at most.
        idle_s: how long it holds without a request.
    """

    def __init__(self, database: Database, ledger: Ledger, clock: Clock, *, session_s: float, idle_s: float) -> None:
        database.migrate("web", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._session = timedelta(seconds=session_s)
        self._idle = timedelta(seconds=idle_s)

    def make_token(self, person: str, by: str, valid: timedelta) -> str:
        """A new token for a person, which is kept nowhere else; recorded.

        Args:
            person: the name under `people`.
            by: who makes it, `person:<name>`.
            valid: for how long.
        """
        token, now = f"opsw_{secrets.token_urlsafe(32)}", self._clock.now()
        expires = to_iso(now + valid)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM web_token WHERE expires_at <= ?", (to_iso(now),))
            row = (hash_of(token).hex(), person, by, to_iso(now), expires)
            connection.execute("INSERT INTO web_token VALUES (?, ?, ?, ?, ?)", row)
            body = {"person": f"person:{person}", "by": by, "act": "made", "expires_at": expires}
            self._ledger.append([LedgerEntry("token.made", INSTALLATION, body)], connection=connection)
        return token

    def revoke(self, person: str, by: str) -> int:
        """Take back a person's tokens and end their sign-ins; how many there were. Recorded, unless there were none."""
        with self._database.transaction() as connection:
            count = sum(
                connection.execute(f"DELETE FROM {table} WHERE person = ?", (person,)).rowcount  # noqa: S608 - constants
                for table in ("web_token", "web_session")
            )
            if count:  # whoever has none may be nobody: what was typed is not recorded
                body = {"person": f"person:{person}", "by": by, "act": "revoked"}
                self._ledger.append([LedgerEntry("token.made", INSTALLATION, body)], connection=connection)
        return count

    def owner_of(self, token: str) -> tuple[str, str] | None:
        """Whose a token is and who made it; `None` for one of nobody or one that has expired."""
        sql = "SELECT person, made_by FROM web_token WHERE hash = ? AND expires_at > ?"
        rows = select(self._database, sql, (hash_of(token).hex(), to_iso(self._clock.now())))
        return (str(rows[0]["person"]), str(rows[0]["made_by"])) if rows else None

    def sign_in(
        self, person: str, identified_by: str, vouched_by: str = "", roles: frozenset[str] = frozenset()
    ) -> str:
        """Begin a session, and record it; what the browser is given for it."""
        cookie, now = secrets.token_urlsafe(32), to_iso(self._clock.now())
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM web_session WHERE began_at <= ?", (to_iso(self._clock.now() - self._session),)
            )
            connection.execute(
                "INSERT INTO web_session VALUES (?, ?, ?, ?, ?, ?, ?)",
                (hash_of(cookie).hex(), person, identified_by, vouched_by, json.dumps(sorted(roles)), now, now),
            )
            body = {"by": f"person:{person}", "identified_by": identified_by, "token_made_by": vouched_by}
            self._ledger.append([LedgerEntry("person.signed_in", INSTALLATION, body)], connection=connection)
        return cookie

    def session_of(self, cookie: str) -> Session | None:
        """The session of a browser; `None` if there is none, or it is over. Counts as a request of it."""
        return self.session(hash_of(cookie).hex())

    def session(self, key: str) -> Session | None:
        """The session that is kept under a key, as for `session_of`."""
        rows = select(self._database, "SELECT * FROM web_session WHERE hash = ?", (key,))
        if not rows:
            return None
        row, now = rows[0], self._clock.now()
        began, seen = from_iso(row["began_at"]), from_iso(row["seen_at"])
        if now >= began + self._session or now >= seen + self._idle:
            self.sign_out(key)
            return None
        if now - seen >= _SEEN_EVERY:
            with self._database.transaction() as connection:
                connection.execute("UPDATE web_session SET seen_at = ? WHERE hash = ?", (to_iso(now), key))
        roles = frozenset(map(str, json.loads(row["roles"])))
        return Session(key, row["person"], row["identified_by"], row["vouched_by"], roles, began)

    def sign_out(self, key: str) -> None:
        """End a session."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM web_session WHERE hash = ?", (key,))
            connection.execute("DELETE FROM web_fresh WHERE session = ?", (key,))

    def make_fresh(self, session: Session, approval_id: str, roles: frozenset[str]) -> None:
        """Remember that somebody has proved again who they are, for one call, and the roles that they came with."""
        now = to_iso(self._clock.now())
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM web_fresh WHERE session = ? AND approval_id = ?", (session.key, approval_id)
            )
            connection.execute("INSERT INTO web_fresh VALUES (?, ?, ?)", (session.key, approval_id, now))
            connection.execute(
                "UPDATE web_session SET roles = ?, began_at = ?, seen_at = ? WHERE hash = ?",
                (json.dumps(sorted(roles)), now, now, session.key),
            )

    def fresh_at(self, session: Session, approval_id: str) -> datetime | None:
        """When somebody has last proved who they are for this call and no other."""
        sql = "SELECT at FROM web_fresh WHERE session = ? AND approval_id = ?"
        rows = select(self._database, sql, (session.key, approval_id))
        return from_iso(rows[0]["at"]) if rows else None

    def use_fresh(self, session: Session, approval_id: str) -> None:
        """Use it up."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM web_fresh WHERE session = ? AND approval_id = ?", (session.key, approval_id)
            )

    def begin_flow(self, session: str, approval_id: str) -> str:
        """Begin a way to the issuer; its `state`, which nobody can guess and which is good for one return."""
        state, now = secrets.token_urlsafe(32), self._clock.now()
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM web_flow WHERE began_at <= ?", (to_iso(now - _FLOW),))
            # Anybody may begin one, so no number of them keeps anybody out: the oldest make room, and whoever has
            # signed in does not give theirs up for those who have not.
            connection.execute(
                "DELETE FROM web_flow WHERE hash IN "
                "(SELECT hash FROM web_flow WHERE session = ? ORDER BY began_at DESC, hash LIMIT ? OFFSET ?)",
                (session, _MOST_FLOWS, (_MOST_OF_A_SESSION if session else _MOST_FLOWS) - 1),
            )
            flow = (hash_of(state).hex(), session, approval_id, to_iso(now))
            connection.execute("INSERT INTO web_flow VALUES (?, ?, ?, ?)", flow)
        return state

    def end_flow(self, state: str) -> Flow | None:
        """The way of a `state`, which is used up by this; `None` if there is none, or it took too long."""
        key = hash_of(state).hex()
        with self._database.transaction() as connection:
            row = connection.execute("SELECT * FROM web_flow WHERE hash = ?", (key,)).fetchone()
            connection.execute("DELETE FROM web_flow WHERE hash = ?", (key,))
        if row is None or self._clock.now() >= from_iso(row["began_at"]) + _FLOW:
            return None
        return Flow(row["session"], row["approval_id"], from_iso(row["began_at"]))


class Attempts:
    """How often an address failed to sign in lately, in this process.

    Args:
        monotonic: seconds on a clock that never goes back.
        most: failures of one address in the window.
        window_s: seconds.
    """

    _MOST_ADDRESSES = 10_000

    def __init__(self, monotonic: Callable[[], float], *, most: int = 10, window_s: float = 300.0) -> None:
        self._monotonic = monotonic
        self._most = most
        self.window_s = window_s
        self._failed: dict[str, list[float]] = {}

    def are_too_many(self, address: str) -> bool:
        """Whether this address has to wait."""
        return len(self._recent(address)) >= self._most

    def failed(self, address: str) -> None:
        """Count a failure."""
        recent = [*self._recent(address), self._monotonic()][-self._most :]
        self._failed.pop(address, None)
        while len(self._failed) >= self._MOST_ADDRESSES:
            self._failed.pop(next(iter(self._failed)), None)
        self._failed[address] = recent

    def _recent(self, address: str) -> list[float]:
        end = self._monotonic() - self.window_s
        return [moment for moment in self._failed.get(address, ()) if moment > end]
