"""The values behind a run's placeholders: encrypted, numbered once, forgotten in time.

Nothing that may not be restored comes here: card numbers, authentication data and secrets are turned away before, so
there is neither a ciphertext nor a keyed hash of them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeAlias

from ..core.clock import Clock, to_iso
from ..core.database import STATEMENT_ERRORS, Connection, Database, Migration
from ..core.errors import BackendError, ConfigError, InputError, LedgerError
from ..core.holds import Held, nothing_held
from ..core.keys import KeyRing, VersionedKeys
from .placeholders import run_nonce
from .types import TextWithheld
from .vault_seals import NEWEST_FORM, Place, SealBroken, Seals

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


MIGRATIONS: tuple[Migration, ...] = (
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
    (2, "ALTER TABLE vault_values ADD COLUMN key_version INTEGER NOT NULL DEFAULT 1"),
    (3, "ALTER TABLE vault_values ADD COLUMN seal_form INTEGER NOT NULL DEFAULT 1"),
)
_ROWS = "SELECT run_id, entity_type, number, expires_at, sealed, key_version, seal_form FROM vault_values"
_PUT = (
    "INSERT INTO vault_values (run_id, entity_type, number, expires_at, lookup, sealed, key_version, seal_form) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, entity_type, number) DO UPDATE SET "
    "lookup = excluded.lookup, sealed = excluded.sealed, expires_at = excluded.expires_at, "
    "key_version = excluded.key_version, seal_form = excluded.seal_form"
)
_BATCH = 400  # variables in one statement, well below SQLite's limit

Sooner: TypeAlias = "Callable[[tuple[str, ...]], timedelta | None]"
"""How long values of some runs are kept, where something has a word on it."""
_Identity: TypeAlias = "tuple[str, str]"
"""Entity type and identity."""


class SqliteVault:
    """The vault of one machine.

    Values are sealed with AES-256-GCM under the newest key of `vault`, bound to run, entity type, number and expiry, so
    that rows cannot be swapped and none outlives its time. They are found again by an HMAC-SHA256 of type and identity,
    keyed per run. A row says which key version made both; older versions are tried as well, so a value keeps its number
    when keys rotate. A number is never given twice, not even after its value was purged.

    Args:
        ttl_s: how long a value can be restored after it was last put away.
        held: the runs whose values stay after their time.
    """

    def __init__(
        self,
        database: Database,
        keys: VersionedKeys,
        clock: Clock,
        *,
        ttl_s: float,
        held: Callable[[], Held] = nothing_held,
    ) -> None:
        self._held = held
        self._database = database
        self._keys = keys
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_s)
        self._nonce_key = keys.secret("placeholder-nonce")
        self._seals = Seals()
        with _withholding():
            database.migrate("vault", MIGRATIONS)

    def nonce(self, run_id: str) -> str:
        """What marks the placeholders of a run."""
        return run_nonce(self._nonce_key, run_id)

    def numbers(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The number of each entry; new ones are durable before this returns."""
        wanted: dict[_Identity, Entry] = {}
        for entry in entries:
            wanted.setdefault((entry.entity_type, entry.identity), entry)
        with _withholding():
            known = self._known(run_id, wanted)
            fresh = [entry for identity, entry in wanted.items() if identity not in known]
            if fresh:
                known |= self._add(run_id, fresh)
        return [known[entry.entity_type, entry.identity] for entry in entries]

    def value(self, run_id: str, entity_type: str, number: int) -> str | None:
        """What a placeholder stands for."""
        with _withholding():
            row = (
                self._database.connection()
                .execute(f"{_ROWS} WHERE run_id = ? AND entity_type = ? AND number = ?", (run_id, entity_type, number))
                .fetchone()
            )
            keys = self._ring("vault").keys if row else {}
            is_over = row is not None and row["expires_at"] <= self._now() and not self._held().covers(run_id)
        if row is None or (is_over and row["key_version"] not in keys):
            return None
        # Opened even when it is over: what says so may have been altered.
        try:
            value = self._opened(row, keys)
        except SealBroken:
            raise TextWithheld(
                "a value in the vault cannot be opened: it or its expiry was altered, or its key is gone",
                reason="vault",
                remedy="restore the keys that were in use when the run began, or the database as it was",
            ) from None
        return None if is_over else value

    def _opened(self, row: Any, keys: Mapping[int, bytes]) -> str:
        return self._seals.open(keys.get(row["key_version"]), _place(row), row["seal_form"], bytes(row["sealed"]))

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

    def purge(self, sooner: Sooner | None = None) -> int:
        """Forget what has expired; how many values.

        Args:
            sooner: how long values of a run are kept, where that may be less than the general time.
        """
        with _withholding(), self._database.transaction() as connection:
            held, now = self._held(), self._now()
            if held.is_everything:
                return 0
            if sooner is not None:
                return self._purge_by_run(connection, held, sooner)
            if not held.runs:
                return connection.execute("DELETE FROM vault_values WHERE expires_at <= ?", (now,)).rowcount
            over = connection.execute("SELECT DISTINCT run_id FROM vault_values WHERE expires_at <= ?", (now,))
            runs = [(row["run_id"], now) for row in over.fetchall() if not held.covers(row["run_id"])]
            sql = "DELETE FROM vault_values WHERE run_id = ? AND expires_at <= ?"
            return sum(connection.execute(sql, each).rowcount for each in runs)

    def _purge_by_run(self, connection: Connection, held: Held, sooner: Sooner) -> int:
        gone, now = 0, self._clock.now()
        for row in connection.execute("SELECT DISTINCT run_id FROM vault_values").fetchall():
            if held.covers(row["run_id"]):
                continue
            own = sooner((row["run_id"],))
            over = now if own is None or own >= self._ttl else now + self._ttl - own
            sql = "DELETE FROM vault_values WHERE run_id = ? AND expires_at <= ?"
            gone += connection.execute(sql, (row["run_id"], to_iso(over))).rowcount
        return gone

    def holding(self, value: str) -> tuple[tuple[str, str, int], ...]:
        """Where a value lies, whatever its type and the way it was written: run, entity type, number.

        Every value is opened; one that cannot be is passed over, for nobody can read it.

        Raises:
            TextWithheld: reason `vault`.
        """
        wanted, found = value.casefold(), []
        with _withholding():
            keys = self._ring("vault").keys
            for row in self._database.connection().execute(_ROWS).fetchall():
                with suppress(SealBroken):
                    if wanted in self._opened(row, keys).casefold():
                        found.append((row["run_id"], row["entity_type"], int(row["number"])))
        return tuple(found)

    def forget(self, places: Collection[tuple[str, str, int]]) -> int:
        """Forget values before their time; their numbers are never given again. How many there were."""
        sql = "DELETE FROM vault_values WHERE run_id = ? AND entity_type = ? AND number = ?"
        with _withholding(), self._database.transaction() as connection:
            return sum(connection.execute(sql, place).rowcount for place in places)

    def forget_run(self, run_id: str) -> int:
        """Forget every value of a run; as `forget`."""
        with _withholding(), self._database.transaction() as connection:
            return connection.execute("DELETE FROM vault_values WHERE run_id = ?", (run_id,)).rowcount

    def rows_by_key(self) -> dict[int, int]:
        """How many values each key version has sealed that are still there, expired ones included."""
        with _withholding():
            rows = self._database.connection().execute(
                "SELECT key_version, COUNT(*) AS count FROM vault_values GROUP BY key_version"
            )
            return {int(row["key_version"]): int(row["count"]) for row in rows}

    def seal_anew(self) -> int:
        """Bind what older versions have sealed to its expiry as well; how many values that were.

        An expiry that is further away than any value is kept is brought nearer. What cannot be opened stays as it is.

        Raises:
            TextWithheld: reason `vault`.
        """
        latest, count = to_iso(self._clock.now() + self._ttl), 0
        with _withholding(), self._database.transaction() as connection:
            keys = self._ring("vault").keys
            for row in connection.execute(f"{_ROWS} WHERE seal_form < ?", (NEWEST_FORM,)).fetchall():
                with suppress(SealBroken):
                    value = self._opened(row, keys)
                    place = _place(row)._replace(expires_at=min(row["expires_at"], latest))
                    # Under the same version: it also keys what the row is found by, for which the identity is not here.
                    sealed = self._seals.seal(keys[row["key_version"]], place, value)
                    connection.execute(
                        "UPDATE vault_values SET sealed = ?, expires_at = ?, seal_form = ? "
                        "WHERE run_id = ? AND entity_type = ? AND number = ?",
                        (sealed, place.expires_at, NEWEST_FORM, *place[:3]),
                    )
                    count += 1
        return count

    def release_key(self, version: int, retire: Callable[[int], None]) -> None:
        """Purge, and retire a key version that no value needs any more, while nobody can write a new one.

        Raises:
            InputError: values still need it, or it is unknown or in use.
            TextWithheld: reason `vault`.
        """
        with _withholding(), self._database.transaction():
            self.purge()
            needed = self.rows_by_key().get(version, 0)
            if needed:
                raise InputError(
                    f"{needed} values in the vault still need key version {version}",
                    remedy="wait until they have expired (`redaction.vault_ttl_s`)",
                )
            retire(version)

    def _known(self, run_id: str, wanted: Collection[_Identity]) -> dict[_Identity, int]:
        """The numbers of what is still there and has not expired."""
        connection = self._database.connection()
        if connection.in_transaction:
            # Its rollback would take numbers back that texts already show.
            raise TextWithheld(
                "a text was cleaned inside a transaction of the vault's database",
                reason="vault",
                remedy="clean first, then begin the transaction",
            )
        ring = self._ring("vault-lookup")
        lookups = {lookup: each for each in wanted for lookup in _lookups(ring, run_id, each).values()}
        found: dict[_Identity, int] = {}
        every = list(lookups)
        for first in range(0, len(every), _BATCH):
            batch = every[first : first + _BATCH]
            rows = connection.execute(
                "SELECT lookup, number FROM vault_values WHERE run_id = ? AND expires_at > ? "  # noqa: S608 - only marks
                f"AND lookup IN ({', '.join('?' * len(batch))})",
                (run_id, self._now(), *batch),
            )
            found.update((lookups[bytes(row["lookup"])], int(row["number"])) for row in rows)
        return found

    def _add(self, run_id: str, fresh: Sequence[Entry]) -> dict[_Identity, int]:
        expires_at = to_iso(self._clock.now() + self._ttl)
        added: dict[_Identity, int] = {}
        with self._database.transaction() as connection:
            # Asked for inside: whoever rotated before this began is seen, and whoever rotates later finds these rows.
            looking = self._ring("vault-lookup")
            version = looking.newest
            seal_key = self._ring("vault").keys[version]  # the later ring holds at least as many versions
            for entry in fresh:
                identity = (entry.entity_type, entry.identity)
                lookups = _lookups(looking, run_id, identity)
                # Another process may have been first, or the value is there but has expired: it keeps its number.
                known = _number_of(connection, run_id, lookups)
                number = known if known is not None else _next_number(connection, run_id, entry.entity_type)
                if known is None:
                    _check_free(connection, run_id, entry.entity_type, number)
                place = Place(run_id, entry.entity_type, number, expires_at)
                sealed = self._seals.seal(seal_key, place, entry.value)
                connection.execute(_PUT, (*place, lookups[version], sealed, version, NEWEST_FORM))
                added[identity] = number
        return added

    def _ring(self, purpose: str) -> KeyRing:
        try:
            return self._keys.ring(purpose)
        except (ConfigError, BackendError) as error:
            raise TextWithheld(
                f"the keys of the vault cannot be had: {error.message}", reason="vault", remedy=error.remedy
            ) from error

    def _now(self) -> str:
        return to_iso(self._clock.now())


def _lookups(ring: KeyRing, run_id: str, identity: _Identity) -> dict[int, bytes]:
    """What a value is found by, under every key version."""
    message, run = "\0".join(identity).encode(), run_id.encode()
    return {
        version: hmac.digest(hmac.digest(key, run, hashlib.sha256), message, hashlib.sha256)
        for version, key in ring.keys.items()
    }


def _number_of(connection: Connection, run_id: str, lookups: Mapping[int, bytes]) -> int | None:
    for version in sorted(lookups, reverse=True):
        row = connection.execute(
            "SELECT number FROM vault_values WHERE run_id = ? AND lookup = ?", (run_id, lookups[version])
        ).fetchone()
        if row is not None:
            return int(row["number"])
    return None


def _next_number(connection: Connection, run_id: str, entity_type: str) -> int:
    row = connection.execute(
        "INSERT INTO vault_counters VALUES (?, ?, 1) "
        "ON CONFLICT (run_id, entity_type) DO UPDATE SET last = vault_counters.last + 1 RETURNING last",
        (run_id, entity_type),
    ).fetchone()
    return int(row["last"])


def _check_free(connection: Connection, run_id: str, entity_type: str, number: int) -> None:
    """Refuse a number behind which a value lies: the counter was set back behind our back."""
    taken = connection.execute(
        "SELECT 1 FROM vault_values WHERE run_id = ? AND entity_type = ? AND number = ?", (run_id, entity_type, number)
    ).fetchone()
    if taken is not None:
        raise TextWithheld(
            "the vault would give a number twice",
            reason="vault",
            remedy="its counters were altered: restore the database, or start the run anew",
        )


def _place(row: Any) -> Place:
    return Place(row["run_id"], row["entity_type"], int(row["number"]), row["expires_at"])


@contextmanager
def _withholding() -> Iterator[None]:
    """A vault that does not work withholds text."""
    try:
        yield
    except (LedgerError, *STATEMENT_ERRORS) as error:
        raise TextWithheld(
            "the vault cannot be read or written",
            reason="vault",
            remedy="check the free space and the rights of the state directory",
        ) from error
