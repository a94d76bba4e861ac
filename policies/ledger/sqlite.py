"""The ledger in SQLite: entries, their tree and its signed heads in one transaction, by any number of processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from ...core.clock import Clock
from ...core.database import STATEMENT_ERRORS, Connection, Database, Migration
from ...core.errors import BackendError, ConfigError, InputError, LedgerError
from ...core.keys import KeyProvider, VersionedKeys
from ...core.ledger_keys import LedgerKeys
from . import payloads
from .checkpoint import DEFAULT_ORIGIN, Checkpoint, check_origin, open_checkpoint, sign_checkpoint
from .key_file import handover_note
from .record import decode, encode
from .tree import CompactRange, leaf_hash
from .types import LedgerEntry, StoredEntry

# `run_id` and `tool` are computed from the body by SQLite, so that they cannot say anything else than the signed bytes.
MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE entry (
            seq INTEGER PRIMARY KEY,
            leaf BLOB NOT NULL,
            body TEXT NOT NULL,
            run_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.run_id')) VIRTUAL,
            tool TEXT GENERATED ALWAYS AS (json_extract(body, '$.body.tool')) VIRTUAL
        ) STRICT;
        CREATE INDEX entry_by_run ON entry (run_id, seq);
        CREATE INDEX entry_by_tool ON entry (tool, seq) WHERE tool IS NOT NULL;
        CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
        CREATE TABLE frontier (
            id INTEGER PRIMARY KEY CHECK (id = 0),
            size INTEGER NOT NULL,
            hashes BLOB NOT NULL
        ) STRICT;
        """,
    ),
)

_PAGE_ROWS = 500
# As bytes: a damaged text that is no UTF-8 shall be named by its hash, not by a decoding error.
_ROWS = "SELECT seq, leaf, CAST(body AS BLOB) AS body FROM entry"
_STAND = (
    "SELECT (SELECT size FROM frontier WHERE id = 0) AS size, (SELECT hashes FROM frontier WHERE id = 0) AS hashes,"
    " (SELECT MAX(seq) FROM entry) AS last"
)
_REMEDY = "stop writing and run `opswarden audit verify`"


@dataclass(frozen=True)
class _Seen:
    """A head that this process knows to be durable."""

    size: int
    root: bytes


@dataclass
class _Rows:
    """What appends put into the tables: places, leaves and bodies with the entries they are of, and payloads apart."""

    rows: list[tuple[int, bytes, str]] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    apart: list[tuple[int, bytes, bytes]] = field(default_factory=list)

    def join(self, other: _Rows) -> None:
        self.rows += other.rows
        self.entries += other.entries
        self.apart += other.apart


class _Sealing:
    """Appends to one connection that share one head; see `types.Sealing`."""

    def __init__(
        self,
        connection: Connection,
        remember: Callable[[Checkpoint], None],
        write: Callable[[Connection, _Rows], None],
        *,
        can_gather: bool,
    ) -> None:
        self.connection = connection
        self._write = write
        self._can_gather = can_gather
        self._waits: _Rows | None = None
        self.tree: CompactRange | None = None  # loaded and checked by the first append
        self.head: Checkpoint | None = None
        self._remember = remember

    def mark(self) -> CompactRange | None:
        return self.tree

    def back_to(self, mark: object) -> None:
        self.tree = mark if isinstance(mark, CompactRange) else None

    def gather(self) -> None:
        if self._can_gather and self._waits is None:
            self._waits = _Rows()

    def add(self, rows: _Rows) -> None:
        if self._waits is None:
            self._write(self.connection, rows)
        else:
            self._waits.join(rows)

    def flush(self) -> None:
        rows, self._waits = self._waits, None
        if rows is None or not rows.entries:
            return
        try:
            self._write(self.connection, rows)
        except STATEMENT_ERRORS as error:
            raise _unwritable(error) from error

    def committed(self) -> None:
        if self.head is not None:
            self._remember(self.head)


class SqliteLedger:
    """A `Ledger` in one SQLite file.

    Every append reloads the tree's frontier inside its own transaction and checks it against the newest signed head, so
    that several processes may write, and nobody signs on top of something that was changed behind the ledger's back.

    Args:
        database: where the tables are made.
        keys: signs the heads.
        clock: dates the entries.
        origin: names this ledger in its heads.

    Raises:
        ConfigError: the tables were made by a newer version.
        ValueError: the origin is no single word.
    """

    _migrations: ClassVar[tuple[Migration, ...]] = MIGRATIONS
    _gathers: ClassVar[bool] = False
    """Whether rows of a group go in together: worth it only where each statement is a way to a server and back."""

    def __init__(self, database: Database, keys: KeyProvider, clock: Clock, origin: str = DEFAULT_ORIGIN) -> None:
        check_origin(origin)
        self._database = database
        self._keys = keys
        self._clock = clock
        self._origin = origin
        self._lock = threading.Lock()
        self._local = threading.local()
        self._seen = _Seen(0, b"")
        self._checked: Checkpoint | None = None
        database.migrate("ledger", self._migrations)
        database.migrate(payloads.COMPONENT, payloads.MIGRATIONS)

    @property
    def origin(self) -> str:
        """The name of this ledger in its heads."""
        return self._origin

    def hand_over(self, keys: VersionedKeys) -> LedgerKeys:
        """Relieve the key that signs the heads. Writers wait meanwhile, and go on with the new one.

        Args:
            keys: those that this ledger signs with.

        Returns:
            All public keys that the ledger has had.

        Raises:
            LedgerError: the ledger cannot be read, or holds nothing yet.
            BackendError: the new key could not be stored, and nothing has changed.
        """
        try:
            with self._database.transaction() as own:
                last = self._load(own).size
                if not last:
                    raise LedgerError("the ledger is empty: no key has signed anything yet")
                return keys.relieve(last, lambda new: handover_note(self._origin, new, last, self._keys))
        except STATEMENT_ERRORS as error:
            raise _unreadable(error) from error

    def append(self, entries: Sequence[LedgerEntry], *, connection: Connection | None = None) -> tuple[int, ...]:
        """Record entries, all or none, and sign the new head. When it returns without `connection`, they are durable.

        Inside somebody's transaction the head is signed before that commits: hand it to nobody until it has.

        Raises:
            LedgerError: nothing was recorded: the database failed, it shrank or was changed, or a body is no JSON.
        """
        if not entries:
            return ()
        if connection is not None:
            if not connection.in_transaction:
                raise LedgerError("the connection handed to the ledger is in no transaction", remedy=_REMEDY)
            return self._append_inside(connection, entries)
        if self._database.connection().in_transaction:
            return self._append_inside(self._database.connection(), entries)
        with self._database.transaction() as own, self.sealing(own) as sealing:
            places = self._append_inside(own, entries)
        sealing.committed()
        return places

    @contextmanager
    def sealing(self, connection: Connection) -> Iterator[_Sealing]:
        """Let every append to this connection share one head, signed when the context ends without an error.

        Raises:
            LedgerError: the connection is in no transaction, or the head could not be written.
        """
        if not connection.in_transaction:
            raise LedgerError("the connection handed to the ledger is in no transaction", remedy=_REMEDY)
        sealing = _Sealing(connection, self._remember, self._write, can_gather=self._gathers)
        outer, self._local.sealing = self._sealing_of(connection), sealing
        try:
            yield sealing
            sealing.flush()
            self._seal(sealing)
        finally:
            self._local.sealing = outer

    def read(self, seq: int) -> StoredEntry:
        """One entry, checked against its hash; `InputError` where there is none."""
        rows = self._select(_ROWS + " WHERE seq = ?", (seq,))
        if not rows:
            raise InputError(f"the ledger has no entry {seq}", remedy="`opswarden audit tail` shows the newest places")
        return rows[0]

    def tail(self, n: int, *, run_id: str | None = None, tool: str | None = None) -> list[StoredEntry]:
        """The last `n` entries, of one run and of one tool where asked, oldest first."""
        wanted = {"run_id": run_id, "tool": tool}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in given)
        query = _ROWS + (f" WHERE {where}" if where else "") + " ORDER BY seq DESC LIMIT ?"
        return self._select(query, (*given.values(), max(0, n)))[::-1]

    def of_run(self, run_id: str, start: int = 0) -> Iterator[StoredEntry]:
        """Every entry of a run from a place on, oldest first."""
        return self._pages(_ROWS + " WHERE run_id = ? AND seq >= ? ORDER BY seq LIMIT ?", run_id, start=start)

    def entries(self, start: int = 0) -> Iterator[StoredEntry]:
        """Every entry from a place on; entries recorded meanwhile come along."""
        return self._pages(_ROWS + " WHERE seq >= ? ORDER BY seq LIMIT ?", start=start)

    def head(self) -> Checkpoint | None:
        """The newest signed head, its signature checked; none while the ledger is empty."""
        try:
            return self._last_head(self._database.connection(), self._public_keys())
        except STATEMENT_ERRORS as error:
            raise _unreadable(error) from error

    def _append_inside(self, connection: Connection, entries: Sequence[LedgerEntry]) -> tuple[int, ...]:
        sealing = self._sealing_of(connection)
        if sealing is None:
            with self.sealing(connection):
                return self._append_inside(connection, entries)
        try:
            # A copy: a mark that was set before must not grow.
            tree = self._load(connection) if sealing.tree is None else sealing.tree.copy()
            ts = self._clock.now()
            found = _Rows(entries=list(entries))
            for entry in entries:
                small, payload = payloads.part(entry)
                if payload is not None:
                    found.apart.append((tree.size, payload.salt, payload.content))
                body = encode(tree.size, ts, small)
                leaf = leaf_hash(body)
                found.rows.append((tree.size, leaf, body.decode()))
                tree.append(leaf)
            sealing.add(found)
        except STATEMENT_ERRORS as error:
            raise _unwritable(error) from error
        sealing.tree = tree
        return tuple(row[0] for row in found.rows)

    def _write(self, connection: Connection, found: _Rows) -> None:
        self._insert(connection, found.rows, found.entries)
        payloads.insert(connection, found.apart)

    def _insert(
        self, connection: Connection, rows: Sequence[tuple[int, bytes, str]], entries: Sequence[LedgerEntry]
    ) -> None:
        connection.executemany("INSERT INTO entry (seq, leaf, body) VALUES (?, ?, ?)", rows)

    def _seal(self, sealing: _Sealing) -> None:
        connection, tree = sealing.connection, sealing.tree
        if tree is None:
            return  # nothing was appended
        head = sign_checkpoint(self._origin, tree.size, tree.root(), self._keys)
        try:
            connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (head.size, head.note))
            connection.execute(
                "INSERT INTO frontier VALUES (0, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET size = excluded.size, hashes = excluded.hashes",
                (tree.size, tree.to_bytes()),
            )
        except STATEMENT_ERRORS as error:
            raise _unwritable(error) from error
        sealing.head = head
        with self._lock:
            self._checked = head

    def _sealing_of(self, connection: Connection) -> _Sealing | None:
        sealing: _Sealing | None = getattr(self._local, "sealing", None)
        return sealing if sealing is not None and sealing.connection is connection else None

    def _load(self, connection: Connection) -> CompactRange:
        """The tree as the newest head signed it.

        Raises:
            LedgerError: frontier, entries, the newest head and what this process has seen do not fit together.
        """
        # Whoever relieved the key held this same lock: what is signed from here on is signed by the right one.
        keys = self._public_keys()
        row = connection.execute(_STAND).fetchone()
        try:
            tree = CompactRange() if row["size"] is None else CompactRange.from_bytes(row["size"], row["hashes"])
        except (ValueError, TypeError) as error:
            raise LedgerError("the frontier of the ledger is damaged", remedy=_REMEDY) from error
        last = row["last"]
        head = self._last_head(connection, keys)
        root = tree.root()
        counts = {tree.size, 0 if last is None else last + 1, 0 if head is None else head.size}
        if len(counts) != 1 or (head is not None and head.root != root):
            raise LedgerError("entries and newest signed head of the ledger do not fit together", remedy=_REMEDY)
        with self._lock:
            seen = self._seen
        if tree.size < seen.size or (tree.size == seen.size and seen.size and root != seen.root):
            raise LedgerError("the ledger holds less than this process has recorded in it", remedy=_REMEDY)
        return tree

    def _public_keys(self) -> LedgerKeys:
        try:
            return self._keys.ledger_keys()
        except (BackendError, ConfigError) as error:
            raise LedgerError(f"the keys of the ledger were changed: {error.message}", remedy=error.remedy) from error

    def _last_head(self, connection: Connection, keys: LedgerKeys) -> Checkpoint | None:
        row = connection.execute("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        if row is None:
            return None
        with self._lock:
            checked = self._checked
        if checked is not None and row["note"] == checked.note and row["size"] == checked.size:
            return checked
        head = open_checkpoint(row["note"], self._origin, keys)
        if head.size != row["size"]:
            raise LedgerError("the newest head of the ledger is stored at another size", remedy=_REMEDY)
        with self._lock:
            self._checked = head
        return head

    def _remember(self, head: Checkpoint) -> None:
        with self._lock:
            if head.size > self._seen.size:
                self._seen = _Seen(head.size, head.root)

    def _select(self, query: str, values: Sequence[object]) -> list[StoredEntry]:
        connection = self._database.connection()
        try:
            rows = connection.execute(query, values).fetchall()
            entries = [decode(row["seq"], row["leaf"], bytes(row["body"] or b"")) for row in rows]
            # An erasure between the two reads is seen as one: a row is emptied, never removed.
            kept = payloads.select(connection, [one.seq for one in entries if payloads.MARK in one.body])
        except STATEMENT_ERRORS as error:
            raise _unreadable(error) from error
        return [payloads.whole(entry, kept.get(entry.seq)) for entry in entries]

    def _pages(self, query: str, *before: object, start: int = 0) -> Iterator[StoredEntry]:
        """Rows in pages, so that no reader holds a transaction open between them."""
        while True:
            page = self._select(query, (*before, start, _PAGE_ROWS))
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            start = page[-1].seq + 1


def _unwritable(error: Exception) -> LedgerError:
    return LedgerError(
        f"the ledger cannot be written: {error}",
        remedy="check the free space and the rights of the state directory",
    )


def _unreadable(error: Exception) -> LedgerError:
    return LedgerError(
        f"the ledger cannot be read: {error}", remedy="check the disk; `opswarden audit verify` says what is left"
    )
