"""Making proofs from the ledger: its leaves are read one after another and never all held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...core.database import STATEMENT_ERRORS, Database
from ...core.errors import InputError, LedgerError
from . import payloads
from .checkpoint import Checkpoint
from .proof import entry_proof, extension_proof
from .tree import (
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

_REMEDY = "run `opswarden audit verify`"


def prove_entry(database: Database, seq: int, head: Checkpoint) -> str:
    """The proof that one entry is under a signed head, as a file; checked before it is handed out.

    Args:
        database: where the ledger lies.
        seq: place of the entry.
        head: a head of this ledger, its signature checked.

    Raises:
        InputError: the head does not cover such an entry.
        LedgerError: the ledger does not lead to this head, or cannot be read.
    """
    if not 0 <= seq < head.size:
        raise InputError(
            f"the head covers {head.size} entries, not entry {seq}", remedy="name an earlier entry or a later head"
        )
    body = _body(database, seq)
    hashes = _roots(database, inclusion_ranges(seq, head.size))
    if not verify_inclusion(leaf_hash(body), seq, head.size, hashes, head.root):
        raise LedgerError(f"entry {seq} does not lead to the head of size {head.size}", remedy=_REMEDY)
    kept = payloads.select(database.connection(), [seq]).get(seq)
    return entry_proof(body, seq, hashes, head.note, None if kept is None else kept.payload)


def prove_extension(database: Database, old: Checkpoint, new: Checkpoint) -> str:
    """The proof that a newer head continues an older one, as a file; checked before it is handed out.

    Args:
        database: where the ledger lies.
        old: the older head, its signature checked.
        new: the newer head, its signature checked.

    Raises:
        InputError: the older head covers more than the newer one.
        LedgerError: the newer head does not continue the older one, or the ledger cannot be read.
    """
    if old.size > new.size:
        raise InputError(
            f"the older head covers {old.size} entries, the newer one {new.size}",
            remedy="hand in the older head; if it is the older one, the end of the ledger was cut off",
        )
    hashes = consistency_hashes(database, old, new)
    if hashes is None:
        raise LedgerError(f"the ledger does not continue the head of size {old.size}: it was rewritten", remedy=_REMEDY)
    return extension_proof(hashes, old.note, new.note)


def consistency_hashes(database: Database, old: Checkpoint, new: Checkpoint) -> list[bytes] | None:
    """The hashes that show that `new` continues `old`, from this ledger's own leaves; `None` if it does not.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if old.size > new.size:
        return None
    hashes = _roots(database, consistency_ranges(old.size, new.size))
    return hashes if verify_consistency(old.size, new.size, old.root, new.root, hashes) else None


def extension_hashes(database: Database, old_size: int, new: Checkpoint) -> list[bytes] | None:
    """The hashes that show that `new` continues this ledger as it was at a size, to somebody who holds that head.

    Whether their head is the one of this ledger is theirs to find out. `None` if the leaves do not lead to `new`.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if old_size == 0:
        return [] if leads_to(database, new) else None
    (root,) = _roots(database, [(0, old_size)])
    return consistency_hashes(database, Checkpoint(new.origin, old_size, root, ""), new)


def leads_to(database: Database, head: Checkpoint) -> bool:
    """Whether the leaves of the ledger lead to this head.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    return _roots(database, [(0, head.size)]) == [head.root]


def _roots(database: Database, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    try:
        return [root_of(_leaves(database, start, end)) for start, end in ranges]
    except STATEMENT_ERRORS as error:
        raise LedgerError(f"the ledger cannot be read: {error}", remedy=_REMEDY) from error


def _leaves(database: Database, start: int, end: int) -> Iterator[bytes]:
    """Whatever stands there, in order; a gap gives another root, which the caller finds."""
    query = "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
    with database.snapshot() as connection:
        for row in connection.execute(query, (start, end)):
            yield bytes(row["leaf"])


def _body(database: Database, seq: int) -> bytes:
    try:
        query = "SELECT CAST(body AS BLOB) AS body FROM entry WHERE seq = ?"
        row = database.connection().execute(query, (seq,)).fetchone()
    except STATEMENT_ERRORS as error:
        raise LedgerError(f"the ledger cannot be read: {error}", remedy=_REMEDY) from error
    if row is None or not row["body"]:
        raise LedgerError(f"entry {seq} is missing", remedy=_REMEDY)
    return bytes(row["body"])
