"""Entries as people and programs read them: one row per entry, one entry in full.

Bodies are redacted, but they can quote what outsiders wrote, so nothing here may steer a terminal.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from .types import StoredEntry

_SUBJECTS = ("tool", "endpoint", "audience", "approval_id", "trigger")
_FINDINGS = ("decision", "status", "answer", "code")


@dataclass(frozen=True)
class Row:
    """One line of `audit tail`.

    Args:
        ts: RFC 3339, UTC.
        subject: what it is about: a tool, an endpoint, an audience; empty if the body names none.
        finding: what was decided or came out; empty if the body says nothing.
        journal_ts: when the fallback journal took it down; empty for the others.
    """

    seq: int
    ts: str
    kind: str
    run_id: str
    call_id: str
    subject: str
    finding: str
    journal_ts: str = ""


def rows(entries: Iterable[StoredEntry]) -> list[Row]:
    """The short form of entries."""
    return [
        Row(
            seq=entry.seq,
            ts=to_iso(entry.ts),
            kind=inert(entry.kind),
            run_id=inert(entry.run_id),
            call_id=_first(entry, ("call_id",)),
            subject=_first(entry, _SUBJECTS),
            finding=" ".join(filter(None, (_first(entry, (name,)) for name in _FINDINGS))),
            journal_ts="" if entry.journal_ts is None else to_iso(entry.journal_ts),
        )
        for entry in entries
    ]


def as_json(entry: StoredEntry) -> dict[str, JsonValue]:
    """An entry as one JSON object, for `--format json`; `leaf` in hex."""
    found: dict[str, JsonValue] = {
        "seq": entry.seq,
        "ts": to_iso(entry.ts),
        "kind": entry.kind,
        "run_id": entry.run_id,
        "body": entry.body,
        "leaf": entry.leaf.hex(),
    }
    if entry.journal_ts is not None:
        found["journal_ts"] = to_iso(entry.journal_ts)
    if entry.erased_by is not None:
        found["erased_by"] = entry.erased_by
    return found


def in_full(entry: StoredEntry) -> str:
    """An entry as indented JSON for a terminal."""
    return inert(json.dumps(as_json(entry), indent=2, ensure_ascii=False), keep="\n")


def inert(text: str, *, keep: str = "") -> str:
    """The text with control, format and unassigned characters as escapes: no colours, no cursor, no reversal."""
    return "".join(_escaped(one) if _steers(one) and one not in keep else one for one in text)


def _steers(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _first(entry: StoredEntry, names: Iterable[str]) -> str:
    for name in names:
        value = entry.body.get(name)
        if isinstance(value, str) and value:
            return inert(value)
    return ""
