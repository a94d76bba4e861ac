"""The values behind a run's placeholders: encrypted, numbered once, forgotten in time.

Nothing that may not be restored comes here: card numbers, authentication data and secrets are turned away before, so
there is neither a ciphertext nor a keyed hash of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple, Protocol, TypeAlias

from ..core.clock import Clock, to_iso
from ..core.database import Database, Migration
from ..core.errors import LedgerError
from ..core.keys import KeyProvider
from .placeholders import run_nonce
from .types import TextWithheld

Issued: TypeAlias = tuple[str, int]
"""Entity type and number of a placeholder."""


class Entry(NamedTuple):
    """A value that wants a number; the same identity gets the same one."""

    entity_type: str
    identity: str
    value: str


class Vault(Protocol):
    """Where a run's values wait to be restored."""

    def nonce(self, run_id: str) -> str:
        """What marks the placeholders of a run."""
        ...

    def numbers(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The number of each entry, counted from 1 per run and entity type, in the order they were first seen.

        Raises:
            TextWithheld: reason `vault`.
        """
        ...

    def value(self, run_id: str, entity_type: str, number: int) -> str | None:
        """What a placeholder stands for; None when the run never issued it or it has expired.

        Raises:
            TextWithheld: reason `vault`.
        """
        ...

    def issued(self, run_id: str, mentioned: Collection[Issued]) -> frozenset[Issued]:
        """Those of the mentioned placeholders that the run has issued, expired ones included.

        Raises:
            TextWithheld: reason `vault`.
        """
        ...

    def purge(self) -> int:
        """Forget what has expired; how many values that were."""
        ...


class MemoryVault:
    """A vault that lives as long as the process, for one-off commands and evaluations. Nothing expires.

    Args:
        secret: keys the nonces; a fixed one makes outputs reproducible.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret if secret is not None else secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._values: dict[tuple[str, str, int], str] = {}
        self._last: dict[tuple[str, str], int] = {}

    def nonce(self, run_id: str) -> str:
        """What marks the placeholders of a run."""
        return run_nonce(self._secret, run_id)

    def numbers(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The number of each entry."""
        with self._lock:
            return [self._number(run_id, entry) for entry in entries]

    def _number(self, run_id: str, entry: Entry) -> int:
        identity = (run_id, entry.entity_type, entry.identity)
        number = self._numbers.get(identity)
        if number is None:
            number = self._last[run_id, entry.entity_type] = self._last.get((run_id, entry.entity_type), 0) + 1
            self._numbers[identity] = number
            self._values[run_id, entry.entity_type, number] = entry.value
        return number

    def value(self, run_id: str, entity_type: str, number: int) -> str | None:
        """What a placeholder stands for."""
        return self._values.get((run_id, entity_type, number))

    def issued(self, run_id: str, mentioned: Collection[Issued]) -> frozenset[Issued]:
        """Those of the mentioned placeholders that the run has issued."""
        return frozenset(each for each in mentioned if each[1] <= self._last.get((run_id, each[0]), 0))

    def purge(self) -> int:
        """Nothing expires here."""
        return 0


_MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE vault_values (
            run_id TEXT NOT NULL,
            entity_type TEXT NOT NULL,
            number INTEGER NOT NULL,
            lookup BLOB NOT NULL,
            sealed BLOB NOT NULL,
            expires_at TEXT NOT NULL,
            PRIMARY KEY (run_id, entity_type, number)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX vault_values_by_lookup ON vault_values (run_id, lookup);
        CREATE INDEX vault_values_by_expiry ON vault_values (expires_at);
        CREATE TABLE vault_counters (
            run_id TEXT NOT NULL,
            entity_type TEXT NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (run_id, entity_type)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)
_SEAL_NONCE_BYTES = 12
_BATCH = 400  # variables in one statement, well below SQLite's limit


class SqliteVault:
    """The vault of one machine.

    Values are sealed with AES-256-GCM under the key `vault`, bound to run, entity type and number, so that rows cannot
    be swapped. They are found again by an HMAC-SHA256 of type and identity, keyed per run. A number is
    never given twice, not even after its value was purged.

    Args:
        ttl_s: how long a value can be restored after it was last put away.
    """

    def __init__(self, database: Database, keys: KeyProvider, clock: Clock, *, ttl_s: float) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms

        self._database = database
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_s)
        self._cipher = AESGCM(keys.secret("vault"))
        self._lookup_key = keys.secret("vault-lookup")
        self._nonce_key = keys.secret("placeholder-nonce")
        with _withholding():
            database.migrate("vault", _MIGRATIONS)

    def nonce(self, run_id: str) -> str:
        """What marks the placeholders of a run."""
        return run_nonce(self._nonce_key, run_id)

    def numbers(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The number of each entry; new ones are durable before this returns."""
        lookups = [self._lookup(run_id, entry) for entry in entries]
        with _withholding():
            known = self._known(run_id, lookups)
            fresh = {lookup: entry for lookup, entry in zip(lookups, entries, strict=True) if lookup not in known}
            if fresh:
                known |= self._add(run_id, fresh)
        return [known[lookup] for lookup in lookups]

    def value(self, run_id: str, entity_type: str, number: int) -> str | None:
        """What a placeholder stands for."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above

        with _withholding():
            row = (
                self._database.connection()
                .execute(
                    "SELECT sealed FROM vault_values "
                    "WHERE run_id = ? AND entity_type = ? AND number = ? AND expires_at > ?",
                    (run_id, entity_type, number, self._now()),
                )
                .fetchone()
            )
        if row is None:
            return None
        sealed: bytes = row["sealed"]
        try:
            opened = self._cipher.decrypt(
                sealed[:_SEAL_NONCE_BYTES], sealed[_SEAL_NONCE_BYTES:], _binding(run_id, entity_type, number)
            )
        except InvalidTag:
            raise TextWithheld(
                "a value in the vault cannot be opened",
                reason="vault",
                remedy="restore the key file that was in use when the run began",
            ) from None
        return opened.decode("utf-8")

    def issued(self, run_id: str, mentioned: Collection[Issued]) -> frozenset[Issued]:
        """Those of the mentioned placeholders that the run has issued."""
        with _withholding():
            last = {
                row["entity_type"]: int(row["last"])
                for row in self._database.connection().execute(
                    "SELECT entity_type, last FROM vault_counters WHERE run_id = ?", (run_id,)
                )
            }
        return frozenset(each for each in mentioned if each[1] <= last.get(each[0], 0))

    def purge(self) -> int:
        """Forget what has expired."""
        with _withholding(), self._database.transaction() as connection:
            return connection.execute("DELETE FROM vault_values WHERE expires_at <= ?", (self._now(),)).rowcount

    def _known(self, run_id: str, lookups: Sequence[bytes]) -> dict[bytes, int]:
        """The numbers of lookups whose values are still there and have not expired."""
        connection = self._database.connection()
        if connection.in_transaction:
            # Its rollback would take numbers back that texts already show.
            raise TextWithheld(
                "a text was cleaned inside a transaction of the vault's database",
                reason="vault",
                remedy="clean first, then begin the transaction",
            )
        found: dict[bytes, int] = {}
        wanted = list(dict.fromkeys(lookups))
        for first in range(0, len(wanted), _BATCH):
            batch = wanted[first : first + _BATCH]
            rows = connection.execute(
                "SELECT lookup, number FROM vault_values WHERE run_id = ? AND expires_at > ? "  # noqa: S608 - only marks
                f"AND lookup IN ({', '.join('?' * len(batch))})",
                (run_id, self._now(), *batch),
            )
            found.update((bytes(row["lookup"]), int(row["number"])) for row in rows)
        return found

    def _add(self, run_id: str, fresh: dict[bytes, Entry]) -> dict[bytes, int]:
        expires_at = to_iso(self._clock.now() + self._ttl)
        added: dict[bytes, int] = {}
        with self._database.transaction() as connection:
            for lookup, entry in fresh.items():
                # Another process may have been first, or the value is there but has expired: it keeps its number.
                row = connection.execute(
                    "SELECT number FROM vault_values WHERE run_id = ? AND lookup = ?", (run_id, lookup)
                ).fetchone()
                number = int(row["number"]) if row else _next_number(connection, run_id, entry.entity_type)
                connection.execute(
                    "INSERT INTO vault_values VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, entity_type, number) "
                    "DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
                    (run_id, entry.entity_type, number, lookup, self._sealed(run_id, entry, number), expires_at),
                )
                added[lookup] = number
        return added

    def _sealed(self, run_id: str, entry: Entry, number: int) -> bytes:
        nonce = secrets.token_bytes(_SEAL_NONCE_BYTES)
        binding = _binding(run_id, entry.entity_type, number)
        return nonce + self._cipher.encrypt(nonce, entry.value.encode("utf-8"), binding)

    def _lookup(self, run_id: str, entry: Entry) -> bytes:
        run_key = hmac.digest(self._lookup_key, run_id.encode(), hashlib.sha256)
        return hmac.digest(run_key, f"{entry.entity_type}\0{entry.identity}".encode(), hashlib.sha256)

    def _now(self) -> str:
        return to_iso(self._clock.now())


def _next_number(connection: sqlite3.Connection, run_id: str, entity_type: str) -> int:
    row = connection.execute(
        "INSERT INTO vault_counters VALUES (?, ?, 1) "
        "ON CONFLICT (run_id, entity_type) DO UPDATE SET last = last + 1 RETURNING last",
        (run_id, entity_type),
    ).fetchone()
    return int(row["last"])


def _binding(run_id: str, entity_type: str, number: int) -> bytes:
    return f"{run_id}\0{entity_type}\0{number}".encode()


@contextmanager
def _withholding() -> Iterator[None]:
    """A vault that does not work withholds text."""
    try:
        yield
    except (LedgerError, sqlite3.Error) as error:
        raise TextWithheld(
            "the vault cannot be read or written",
            reason="vault",
            remedy="check the free space and the rights of the state directory",
        ) from error
