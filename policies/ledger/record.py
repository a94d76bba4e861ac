"""The bytes of an entry: canonical JSON that holds its own place and time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from ...core.canonical import JsonValue, canonical_json
from ...core.clock import from_iso, to_iso
from ...core.errors import LedgerError
from .tree import leaf_hash
from .types import LedgerEntry, StoredEntry


def encode(seq: int, ts: datetime, entry: LedgerEntry) -> bytes:
    """The body of an entry, as it is hashed and stored.

    Raises:
        LedgerError: the facts are no canonical JSON.
    """
    body: dict[str, JsonValue] = {
        "seq": seq,
        "ts": to_iso(ts),
        "kind": entry.kind,
        "run_id": entry.run_id,
        "body": entry.body,
    }
    if entry.journal_ts is not None:
        body["journal_ts"] = to_iso(entry.journal_ts)
    try:
        return canonical_json(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise LedgerError(
            f"an entry of kind {entry.kind!r} is no canonical JSON",
            remedy="record integers beyond 2**53 as text, and no NaN or lone surrogates",
        ) from error


def decode(seq: int, leaf: bytes, body: bytes) -> StoredEntry:
    """The entry that a row holds.

    Raises:
        LedgerError: body and leaf disagree, or the body is not that of this place.
    """
    if leaf_hash(body) != leaf:
        raise LedgerError(f"entry {seq} was altered: its body does not match its hash", remedy=_VERIFY)
    try:
        found = json.loads(body)
        if found["seq"] != seq or not isinstance(found["body"], Mapping):
            raise LedgerError(f"entry {seq} holds the body of another place", remedy=_VERIFY)
        journal_ts = found.get("journal_ts")
        return StoredEntry(
            seq=seq,
            ts=from_iso(found["ts"]),
            kind=str(found["kind"]),
            run_id=str(found["run_id"]),
            body=found["body"],
            leaf=leaf,
            journal_ts=None if journal_ts is None else from_iso(journal_ts),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerError(f"entry {seq} cannot be read", remedy=_VERIFY) from error


_VERIFY = "run `opswarden audit verify`"
