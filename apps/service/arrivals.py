"""What has come in from outside and is not worked off yet: kept once, encrypted, before anybody is answered.

Whoever sends may send again: the same event of the same source is one arrival, whatever came in between.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ...core.canonical import JsonValue
from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from ...core.errors import InputError
from ...core.ids import IdSource
from ...core.keys import KeyProvider

ArrivalKind = Literal["alert", "mention", "command", "action", "feedback"]
"""What somebody wants: `alert` a triage of alerts, `mention` and `command` what a person wrote, `action` a pressed
button, `feedback` what somebody thought of a report."""

ArrivalState = Literal["waiting", "done", "failed"]

MOST_BYTES = 1_000_000

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE arrival (
            id TEXT PRIMARY KEY,
            source TEXT NOT NULL,
            event TEXT NOT NULL,
            kind TEXT NOT NULL,
            priority INTEGER NOT NULL,
            received_at TEXT NOT NULL,
            state TEXT NOT NULL,
            note TEXT NOT NULL,
            sealed BLOB NOT NULL,
            UNIQUE (source, event)
        ) STRICT;
        CREATE INDEX arrival_waiting ON arrival (state, priority, received_at)
        """,
    ),
)


@dataclass(frozen=True)
class Arrival:
    """One thing that came in.

    Args:
        id: of ours.
        source: who sent it, such as `slack` or the name of a webhook.
        kind: what is wanted.
        body: as it came, parsed; text of outsiders.
        received_at: when it came first.
        priority: lower is sooner.
    """

    id: str
    source: str
    kind: ArrivalKind
    body: Mapping[str, JsonValue]
    received_at: datetime
    priority: int


class Arrivals:
    """The arrivals of an installation.

    Args:
        database: where they are kept.
        keys: what they hold is encrypted, because nothing has redacted it yet.
        clock: tells when they came.
        ids: gives each its id.
    """

    def __init__(self, database: Database, keys: KeyProvider, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._key = keys.secret("arrivals")
        self._clock = clock
        self._ids = ids
        database.migrate("arrivals", MIGRATIONS)

    def accept(
        self, source: str, event_id: str, kind: ArrivalKind, body: Mapping[str, JsonValue], *, priority: int = 5
    ) -> tuple[str, bool]:
        """Keep what came in; once this returns it is never lost.

        Args:
            source: who sent it.
            event_id: what the sender calls it; the same one again is the same arrival.
            kind: what is wanted.
            body: as it came.
            priority: lower is sooner.

        Returns:
            The id of the arrival, and whether it is new.

        Raises:
            InputError: it is larger than `MOST_BYTES`.
        """
        # JSON can hold half of a surrogate pair, which is no text.
        plain = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        if len(plain) > MOST_BYTES:
            raise InputError("what came in is too large", remedy=f"at most {MOST_BYTES} bytes")
        event = hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest()
        arrival_id = self._ids.new("arr")
        now = to_iso(self._clock.now())
        with self._database.transaction() as connection:
            written = connection.execute(
                "INSERT INTO arrival VALUES (?, ?, ?, ?, ?, ?, 'waiting', '', ?) "
                "ON CONFLICT (source, event) DO NOTHING",
                (arrival_id, source, event, kind, priority, now, self._sealed(arrival_id, plain)),
            )
            if written.rowcount == 1:
                return arrival_id, True
            row = connection.execute(
                "SELECT id FROM arrival WHERE source = ? AND event = ?", (source, event)
            ).fetchone()
        return str(row["id"]), False

    def read(self, arrival_id: str) -> Arrival:
        """What came in.

        Raises:
            InputError: there is no such arrival, or it was changed behind our back.
        """
        row = self._database.connection().execute("SELECT * FROM arrival WHERE id = ?", (arrival_id,)).fetchone()
        if row is None:
            raise InputError("there is no such arrival")
        return Arrival(
            id=arrival_id,
            source=row["source"],
            kind=row["kind"],
            body=self._opened(arrival_id, bytes(row["sealed"])),
            received_at=from_iso(row["received_at"]),
            priority=row["priority"],
        )

    def waiting(self, limit: int = 1_000) -> tuple[str, ...]:
        """Ids of what nobody has worked off, the most urgent and then the oldest first."""
        rows = self._database.connection().execute(
            "SELECT id FROM arrival WHERE state = 'waiting' ORDER BY priority, received_at, id LIMIT ?", (limit,)
        )
        return tuple(row["id"] for row in rows)

    def is_waiting(self, arrival_id: str) -> bool:
        """Whether nobody has worked it off; holds inside of a transaction until that ends."""
        row = self._database.connection().execute("SELECT state FROM arrival WHERE id = ?", (arrival_id,)).fetchone()
        return row is not None and row["state"] == "waiting"

    def count_waiting(self) -> int:
        """How much nobody has worked off."""
        row = self._database.connection().execute("SELECT count(*) AS n FROM arrival WHERE state = 'waiting'")
        return int(row.fetchone()["n"])

    def oldest_waiting(self) -> datetime | None:
        """When the oldest came that nobody has worked off."""
        row = self._database.connection().execute(
            "SELECT min(received_at) AS oldest FROM arrival WHERE state = 'waiting'"
        )
        oldest = row.fetchone()["oldest"]
        return from_iso(oldest) if oldest else None

    def settle(self, arrival_id: str, state: Literal["done", "failed"], note: str = "") -> None:
        """Say how working it off ended; the content is forgotten with that."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE arrival SET state = ?, note = ?, sealed = ? WHERE id = ? AND state = 'waiting'",
                (state, note[:500], b"", arrival_id),
            )

    def _sealed(self, arrival_id: str, plain: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms that `--help` need not pay

        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._key).encrypt(nonce, plain, arrival_id.encode())

    def _opened(self, arrival_id: str, sealed: bytes) -> Mapping[str, Any]:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        try:
            found: Mapping[str, Any] = json.loads(
                AESGCM(self._key).decrypt(sealed[:12], sealed[12:], arrival_id.encode())
            )
        except (InvalidTag, ValueError) as error:
            raise InputError(
                "the arrival cannot be read", remedy="it was worked off, or changed behind our back"
            ) from error
        return found
