"""What is recorded, and who may write and read it.

What `verify` and the readers expect of bodies: an entry `<verb>.decided` with `decision` = `allow` is an *intent*,
closed by a later `<verb>.outcome` of the same run and `call_id`; an intent that never runs (stage `observe`) says
`will_run: false`. `tool` names the tool, `policy_hash` the policy set that decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ...core.canonical import JsonValue
from ...core.database import Connection
from .checkpoint import Checkpoint

if TYPE_CHECKING:
    from ..types import EntryKind  # at run time it would bring Arrow and pydantic with it


@dataclass(frozen=True)
class LedgerEntry:
    """Something to record.

    Args:
        kind: what happened.
        run_id: the run it belongs to.
        body: redacted facts; keyed hashes instead of raw values.
        journal_ts: when the fallback journal took it down; absent for what goes straight into the ledger.
    """

    kind: EntryKind
    run_id: str
    body: Mapping[str, JsonValue]
    journal_ts: datetime | None = None


@dataclass(frozen=True)
class StoredEntry:
    """An entry as the ledger holds it.

    Args:
        seq: its place, from 0, without gaps.
        ts: when the ledger took it down, by the clock of its writer; order is told by `seq`, not by this.
        kind: an `EntryKind`, or a kind that a newer version wrote.
        leaf: the leaf hash in the tree.
        erased_by: the place of the entry that recorded that parts of this one were erased; texts stand in their places.
    """

    seq: int
    ts: datetime
    kind: str
    run_id: str
    body: Mapping[str, JsonValue]
    leaf: bytes
    journal_ts: datetime | None = None
    erased_by: int | None = None


class RecordReader(Protocol):
    """The past, for tools that need it (similar incidents, spend, approvals)."""

    def tail(self, n: int, *, run_id: str | None = None, tool: str | None = None) -> list[StoredEntry]:
        """The last `n` entries, of one run and of one tool where asked, oldest first."""
        ...

    def of_run(self, run_id: str, start: int = 0) -> Iterator[StoredEntry]:
        """Every entry of a run from a place on, oldest first."""
        ...


class Sealing(Protocol):
    """Appends that share one signed head."""

    def mark(self) -> object:
        """A place to go back to, for when a savepoint is rolled back."""
        ...

    def back_to(self, mark: object) -> None:
        """Forget what was appended since; its rows must be rolled back already."""
        ...

    def gather(self) -> None:
        """From now on rows may wait for `flush`, so that a server far away is asked once for all of them."""
        ...

    def flush(self) -> None:
        """Write what waits.

        Raises:
            LedgerError: it could not be written; of nothing in this transaction may be said that it was.
        """
        ...

    def committed(self) -> None:
        """The transaction stands: from now on a ledger that holds less is refused."""
        ...


class Ledger(RecordReader, Protocol):
    """An append-only record."""

    def append(self, entries: Sequence[LedgerEntry], *, connection: Connection | None = None) -> tuple[int, ...]:
        """Record entries, all or none, and sign the new head. When it returns without `connection`, they are durable.

        Args:
            entries: in order.
            connection: an open write transaction on the same database to join; the entries then stand or fall with it.

        Returns:
            Their places.

        Raises:
            LedgerError: nothing was recorded.
        """
        ...

    def sealing(self, connection: Connection) -> AbstractContextManager[Sealing]:
        """Let every append to this connection share one head, signed when the context ends without an error.

        Raises:
            LedgerError: the connection is in no transaction, or the head could not be written.
        """
        ...

    def read(self, seq: int) -> StoredEntry:
        """One entry.

        Raises:
            InputError: there is none at this place.
            LedgerError: it was altered, or the ledger cannot be read.
        """
        ...

    def entries(self, start: int = 0) -> Iterator[StoredEntry]:
        """Every entry from a place on."""
        ...

    def head(self) -> Checkpoint | None:
        """The newest signed head; none while the ledger is empty."""
        ...
