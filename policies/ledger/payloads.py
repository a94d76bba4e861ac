"""What an entry says at length, kept apart from it, so that it can be erased and the ledger still verifies.

Arguments, results, texts and notes of an entry lie in a table beside it. The entry itself holds the names of those
fields and SHA-256 over a random salt and their canonical JSON. While the row is there it is checked against the entry;
once row and salt are gone, nobody can find out from the entry what it said, not even by guessing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...core.canonical import JsonValue, canonical_json
from ...core.database import Connection, Migration, Row
from ...core.errors import LedgerError
from .types import LedgerEntry, StoredEntry

COMPONENT = "ledger-payloads"
# `erased_by` is the place of the entry that recorded the erasure; then salt and content are gone.
MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE payload (
            seq INTEGER PRIMARY KEY,
            salt BLOB,
            content BLOB,
            erased_by INTEGER,
            CHECK ((erased_by IS NULL) = (salt IS NOT NULL AND content IS NOT NULL))
        ) STRICT;
        """,
    ),
)

MARK = "payload"
"""The field of a body that says which fields lie apart, and commits to them."""

ERASED = "[erased"
"""How the text begins that stands in the place of a field whose payload was erased."""

SALT_BYTES = 16  # 128 random bits: nobody tries them all

_ARGS = ("request", "context", "args")
_FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "call.decided": (("args",), _ARGS),
    "call.outcome": (("summary",), ("message",), ("scope",)),
    "prompt.outcome": (("text",), ("tool_requests",)),
    "tell.decided": (("body",),),
    "approval.answered": (("note",),),
    "vault.revealed": (("reason",),),
}
_VERIFY = "run `opswarden audit verify`"


@dataclass(frozen=True)
class Payload:
    """What lies apart from an entry.

    Args:
        salt: 16 random bytes.
        content: canonical JSON of field → value.
    """

    salt: bytes
    content: bytes

    @property
    def commitment(self) -> str:
        """What the entry holds in their place, in hex."""
        return hashlib.sha256(self.salt + self.content).hexdigest()


@dataclass(frozen=True)
class Kept:
    """A row of the table: the payload, or by which entry it was erased."""

    payload: Payload | None
    erased_by: int | None


def part(entry: LedgerEntry) -> tuple[LedgerEntry, Payload | None]:
    """The entry as it is hashed, and what lies apart from it.

    Raises:
        LedgerError: the fields are no canonical JSON.
    """
    apart: dict[str, JsonValue] = {}
    body: dict[str, Any] = dict(entry.body)
    for path in _FIELDS.get(entry.kind, ()):
        _take(body, path, apart)
    if not apart:
        return entry, None
    try:
        payload = Payload(secrets.token_bytes(SALT_BYTES), canonical_json(apart))
    except (ValueError, TypeError, RecursionError) as error:
        raise LedgerError(
            f"an entry of kind {entry.kind!r} is no canonical JSON",
            remedy="record integers beyond 2**53 as text, and no NaN or lone surrogates",
        ) from error
    mark: dict[str, JsonValue] = {"sha256": payload.commitment, "fields": list(apart)}
    body[MARK] = mark
    return LedgerEntry(entry.kind, entry.run_id, body, entry.journal_ts), payload


def commitment_in(body: Mapping[str, object]) -> str | None:
    """The commitment that a body holds; absent where everything stands in the entry itself."""
    mark = body.get(MARK)
    sha256 = mark.get("sha256") if isinstance(mark, Mapping) else None
    return sha256 if isinstance(sha256, str) else None


def whole(entry: StoredEntry, kept: Kept | None) -> StoredEntry:
    """The entry with its fields back in their places, or with a text that says that they were erased.

    Raises:
        LedgerError: the payload is missing without an erasure, or is not the one that the entry commits to.
    """
    commitment = commitment_in(entry.body)
    if commitment is None:
        return entry
    mark: Any = entry.body[MARK]
    body = {name: value for name, value in entry.body.items() if name != MARK}
    if kept is None:
        raise LedgerError(f"the payload of entry {entry.seq} is missing", remedy=_VERIFY)
    if kept.payload is None:
        gone = f"{ERASED}: entry {kept.erased_by}]"
        fields: dict[str, JsonValue] = {str(name): gone for name in mark.get("fields", ())}
    else:
        fields = _opened(entry.seq, commitment, kept.payload)
    for name, value in fields.items():
        body = _put(body, name.split("."), value)
    return replace(entry, body=body, erased_by=kept.erased_by)


def insert(connection: Connection, rows: Sequence[tuple[int, bytes, bytes]]) -> None:
    """Store payloads (place, salt, content) inside the transaction of their entries."""
    if rows:
        connection.executemany("INSERT INTO payload (seq, salt, content) VALUES (?, ?, ?)", rows)


def select(connection: Connection, seqs: Sequence[int]) -> dict[int, Kept]:
    """The rows of some entries, by place.

    Raises:
        STATEMENT_ERRORS: the table cannot be read.
    """
    if not seqs:
        return {}
    query = f"SELECT * FROM payload WHERE seq IN ({', '.join('?' * len(seqs))})"  # noqa: S608 - question marks
    return {row["seq"]: as_kept(row) for row in connection.execute(query, tuple(seqs))}


def as_kept(row: Row) -> Kept:
    """A row of the table."""
    if row["erased_by"] is not None or row["salt"] is None or row["content"] is None:
        return Kept(None, row["erased_by"])
    return Kept(Payload(bytes(row["salt"]), bytes(row["content"])), None)


def _opened(seq: int, commitment: str, payload: Payload) -> dict[str, JsonValue]:
    if payload.commitment != commitment or len(payload.salt) != SALT_BYTES:
        raise LedgerError(f"the payload of entry {seq} was altered", remedy=_VERIFY)
    try:
        found = json.loads(payload.content)
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"the payload of entry {seq} cannot be read", remedy=_VERIFY) from error
    if not isinstance(found, dict):
        raise LedgerError(f"the payload of entry {seq} cannot be read", remedy=_VERIFY)
    return found


def _take(body: dict[str, Any], path: Sequence[str], apart: dict[str, JsonValue]) -> None:
    """Move what lies at a path, if anything does; what is nested is copied on the way, for it belongs to others."""
    inner = body
    for name in path[:-1]:
        below = inner.get(name)
        if not isinstance(below, Mapping):
            return
        copied = dict(below)
        inner[name] = copied
        inner = copied
    if path[-1] in inner:
        apart[".".join(path)] = inner.pop(path[-1])


def _put(body: Mapping[str, Any], path: Sequence[str], value: JsonValue) -> dict[str, Any]:
    if len(path) == 1:
        return {**body, path[0]: value}
    inner = body.get(path[0])
    return {**body, path[0]: _put(inner if isinstance(inner, Mapping) else {}, path[1:], value)}
