"""Change tickets: named by a person for a run, and checked by the gate itself in the system that keeps them.

A model can name none. Whatever is wrong with a ticket, or with the way to its system, becomes a state that no policy
takes for approved.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Clock, from_iso
from ..core.database import Database, Migration
from ..core.errors import BackendError, ConfigError, InputError, LedgerError
from ..core.keys import KeyProvider
from .facts import TicketFacts
from .ledger.types import Ledger, LedgerEntry
from .store import select

MIGRATIONS: tuple[Migration, ...] = (
    (1, "CREATE TABLE run_ticket (run_id TEXT PRIMARY KEY, given TEXT NOT NULL, seal TEXT NOT NULL) STRICT"),
)

UNREACHABLE, UNKNOWN, ALTERED = "unreachable", "unknown", "altered"

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_STATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
_SIZE_LIMIT_BYTES = 256_000


@dataclass(frozen=True)
class Ticket:
    """A change ticket as its system has it.

    Args:
        state: the system's own word.
        covers: names of services and resources that it is for.
        team: whose change it is; empty where it does not say.
        start: when the change may begin; `None` where it does not say, and then it never may.
        end: when it must be over.
    """

    id: str
    state: str
    is_approved: bool
    covers: frozenset[str]
    team: str
    start: datetime | None
    end: datetime | None


class TicketSource(Protocol):
    """A system that keeps change tickets."""

    def find(self, ticket_id: str) -> Ticket | None:
        """The ticket; `None` if there is none of this id.

        Raises:
            BackendError: the system gives no usable answer.
            ConfigError: it does not accept our credential.
        """
        ...


class FolderTickets:
    """Tickets as JSON files `ID.json` in a folder; implements `TicketSource`.

    A file holds `state`, `approved`, `covers` (a list), `team`, `start` and `end` (RFC 3339).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, ticket_id: str) -> Ticket | None:
        """The ticket in its file.

        Raises:
            BackendError: the folder or the file cannot be read, or holds no ticket.
        """
        path = self._folder / f"{check_id(ticket_id)}.json"
        try:
            if not self._folder.is_dir():
                raise NotADirectoryError
            with path.open("rb") as file:
                content = file.read(_SIZE_LIMIT_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BackendError("the folder of tickets cannot be read", remedy="check `gate.tickets.folder`") from error
        try:
            found: Any = json.loads(content) if len(content) <= _SIZE_LIMIT_BYTES else None
            return Ticket(
                id=ticket_id,
                state=str(found["state"]),
                is_approved=found["approved"] is True,
                covers=frozenset(map(str, found["covers"])),
                team=str(found.get("team", "")),
                start=from_iso(found["start"]),
                end=from_iso(found["end"]),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BackendError("the file of the ticket holds none", remedy="docs/gate.md shows one") from error


class RunTickets:
    """Which ticket a person named for a run, sealed and recorded."""

    def __init__(self, database: Database, ledger: Ledger, keys: KeyProvider) -> None:
        database.migrate("run_tickets", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._key = keys.secret("tickets")

    def give(self, run_id: str, ticket_id: str, *, by: str) -> int:
        """Name a ticket for a run; a later one takes the place of an earlier one.

        Args:
            run_id: of the run.
            ticket_id: as the ticket system has it.
            by: `person:<name>`, as the surface has established it.

        Returns:
            The ledger entry.

        Raises:
            InputError: it is no id of a ticket.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        check_id(ticket_id)
        body: dict[str, JsonValue] = {"ticket": ticket_id, "by": by}
        text = canonical_json(body).decode()
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO run_ticket VALUES (?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET"
                " given = excluded.given, seal = excluded.seal",
                (run_id, text, self._seal(run_id, text)),
            )
            return self._ledger.append([LedgerEntry("ticket.given", run_id, body)], connection=connection)[0]

    def of(self, run_id: str) -> str | None:
        """The ticket of a run; `None` if nobody named one.

        Raises:
            InputError: the row was altered outside the gate.
            LedgerError: the database cannot be read.
        """
        rows = select(self._database, "SELECT given, seal FROM run_ticket WHERE run_id = ?", (run_id,))
        if not rows:
            return None
        if not hmac.compare_digest(self._seal(run_id, rows[0]["given"]), rows[0]["seal"]):
            raise InputError("the ticket of the run was altered outside the gate", remedy="name it anew")
        return str(json.loads(rows[0]["given"])["ticket"])

    def _seal(self, run_id: str, text: str) -> str:
        return hmac.new(self._key, canonical_json([run_id, text]), "sha256").hexdigest()


class TicketCheck:
    """Asks the ticket system about a run's ticket at the moment of a decision.

    Args:
        cache_s: for how many seconds an answer holds; failures are never kept.
    """

    def __init__(self, source: TicketSource, given: RunTickets, clock: Clock, cache_s: float) -> None:
        self._source = source
        self._given = given
        self._clock = clock
        self._cache_s = cache_s
        self._answers: dict[str, tuple[float, Ticket]] = {}

    def facts(self, run_id: str, *, team: str, resource: str) -> TicketFacts | None:
        """What policies may know of it; `None` where nobody named a ticket."""
        try:
            ticket_id = self._given.of(run_id)
        except (InputError, LedgerError):
            return TicketFacts("", ALTERED)
        if ticket_id is None:
            return None
        try:
            ticket = self._find(ticket_id)
        except (BackendError, ConfigError):
            return TicketFacts(ticket_id, UNREACHABLE)
        if ticket is None:
            return TicketFacts(ticket_id, UNKNOWN)
        now = self._clock.now()
        return TicketFacts(
            id=ticket_id,
            state=ticket.state if _STATE.fullmatch(ticket.state) else "other",
            is_approved=ticket.is_approved,
            in_window=ticket.start is not None and ticket.end is not None and ticket.start <= now < ticket.end,
            for_resource=resource.casefold() in {name.casefold() for name in ticket.covers},
            for_team=ticket.team == team,
        )

    def _find(self, ticket_id: str) -> Ticket | None:
        now = self._clock.monotonic()
        known = self._answers.pop(ticket_id, None)
        if known is None or now - known[0] >= self._cache_s:
            ticket = self._source.find(ticket_id)
            if ticket is None:
                return None
            known = (now, ticket)
        self._answers[ticket_id] = known
        return known[1]


def check_id(ticket_id: str) -> str:
    """The id, if it can be one: letters, digits, `_` and `-`.

    Raises:
        InputError: it cannot.
    """
    if not _ID.fullmatch(ticket_id):
        raise InputError("this is no id of a change ticket", remedy="write it as the ticket system does: CHG0030001")
    return ticket_id


def as_text(facts: TicketFacts) -> str:
    """What is wrong with a ticket, for a refusal; empty if nothing is."""
    states: Mapping[str, str] = {
        UNREACHABLE: "the ticket system gives no answer",
        UNKNOWN: "the ticket system knows no such ticket",
        ALTERED: "the stored ticket of the run was altered or cannot be read",
    }
    if facts.state in states:
        return states[facts.state]
    checks = (
        (facts.is_approved, "is not approved"),
        (facts.in_window, "is for another time"),
        (facts.for_resource, "is for something else"),
        (facts.for_team, "is another team's"),
    )
    return ", ".join(text for holds, text in checks if not holds)
