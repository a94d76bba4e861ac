"""Effects of which nobody knows whether they took place, and people who say what they came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Clock, to_iso
from ..core.database import Connection, Database
from ..core.errors import InputError
from . import budgets, journal
from .ledger.types import Ledger, LedgerEntry, StoredEntry
from .store import select
from .types import CallResult, TellResult

SETTLED = "settled"

# A message of which nobody knows whether it arrived is closed in the journal, so that it is not sent again.
_OPEN = (
    "(state = 'intent' AND verb IN ('call', 'tell'))"
    " OR (verb = 'tell' AND json_extract(result, '$.status') = 'unknown')"
)


@dataclass(frozen=True)
class Unknown:
    """An effect that was begun and of which nobody knows what it came to.

    Args:
        seq: the ledger entry of its intent.
        verb: a call of a tool, or a message to people.
        what: the resource of a call, the kind of a message; redacted.
        began_at: when the intent was recorded.
        is_told: whether its process has said that the outcome is unknown; else it is under way, or its process died.
    """

    seq: int
    run_id: str
    call_id: str
    verb: Literal["call", "tell"]
    tool: str
    environment: str
    what: str
    began_at: datetime
    is_told: bool


class Unknowns:
    """The open effects of an installation.

    Args:
        scrub: cleans the note that a person typed.
    """

    def __init__(self, database: Database, ledger: Ledger, clock: Clock, scrub: Callable[[str], str]) -> None:
        database.migrate("budgets", budgets.MIGRATIONS)
        database.migrate("journal", journal.MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._scrub = scrub

    def open(self) -> Sequence[Unknown]:
        """Those that nobody has settled, oldest first.

        Raises:
            LedgerError: the database cannot be read.
        """
        rows = select(self._database, f"SELECT run_id, verb, call_id FROM journal_call WHERE {_OPEN}")  # noqa: S608 - a constant
        found = [self._unknown(row["run_id"], row["verb"], row["call_id"]) for row in rows]
        return sorted((item for item in found if item is not None), key=lambda item: item.seq)

    def settle(self, seq: int, *, took_effect: bool, by: str, note: str) -> int:
        """Record what an effect came to, and close it in the journal; a resumed run gets this as its result.

        A message that did not arrive may be sent again by its run. A call that took no effect is over; it can be
        proposed again under another call id.

        Args:
            seq: the entry of the intent, or any other of the same call.
            took_effect: what the person says.
            by: `person:<name>`.
            note: how they know.

        Returns:
            The ledger entry.

        Raises:
            InputError: the entry belongs to no open effect.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        entry = self._ledger.read(seq)
        verb, call_id = entry.kind.partition(".")[0], str(entry.body.get("call_id", ""))
        clean = self._scrub(note)
        with self._database.transaction() as connection:
            query = f"SELECT * FROM journal_call WHERE run_id = ? AND verb = ? AND call_id = ? AND ({_OPEN})"  # noqa: S608 - a constant
            row = connection.execute(query, (entry.run_id, verb, call_id)).fetchone()
            found = None if row is None else self._unknown(entry.run_id, row["verb"], call_id)
            if row is None or found is None:
                raise InputError(
                    f"entry {seq} belongs to no effect with an unknown outcome",
                    remedy="`opswarden audit unknown` lists them",
                )
            body = _body(found, row["call_hmac"], took_effect=took_effect, by=by, note=clean)
            kind: Literal["call.outcome", "tell.outcome"] = "call.outcome" if found.verb == "call" else "tell.outcome"
            (place,) = self._ledger.append([LedgerEntry(kind, found.run_id, body)], connection=connection)
            self._close(connection, found, took_effect=took_effect, message=str(body["message"]), seq=place)
        return place

    def _unknown(self, run_id: str, verb: Literal["call", "tell"], call_id: str) -> Unknown | None:
        intent: StoredEntry | None = None
        is_told = False
        for entry in self._ledger.of_run(run_id):
            if entry.body.get("call_id") != call_id or entry.kind.partition(".")[0] != verb:
                continue
            if entry.kind.endswith(".decided") and entry.body.get("decision") == "allow":
                intent, is_told = entry, False
            elif entry.kind.endswith(".outcome"):
                is_told = "outcome-unknown" in (entry.body.get("code"), entry.body.get("status"))
        if intent is None or intent.body.get("effect") == "read":
            return None
        return Unknown(
            seq=intent.seq,
            run_id=run_id,
            call_id=call_id,
            verb=verb,
            tool=str(intent.body.get("tool", "")),
            environment=str(intent.body.get("environment", "")),
            what=str(intent.body.get("resource") or intent.body.get("kind") or ""),
            began_at=intent.ts,
            is_told=is_told,
        )

    def _close(self, connection: Connection, found: Unknown, *, took_effect: bool, message: str, seq: int) -> None:
        result: Mapping[str, JsonValue] | None
        if found.verb == "call":
            status: Literal["ok", "error"] = "ok" if took_effect else "error"
            call = CallResult(found.call_id, found.tool, status, SETTLED, seq=seq, message=message)
            # Nobody knows what it returned, so what derives from it counts as outside text.
            result = {**vars(call), "derives": True}
        else:
            told = TellResult("sent", SETTLED, seq=seq, message=message)
            result = vars(replace(told, body={})) if took_effect else None
        state = "decided" if result is None else "done"
        connection.execute(
            "UPDATE journal_call SET state = ?, result = ?, changed_at = ?"
            " WHERE run_id = ? AND verb = ? AND call_id = ?",
            (
                state,
                None if result is None else canonical_json(result).decode(),
                to_iso(self._clock.now()),
                found.run_id,
                found.verb,
                found.call_id,
            ),
        )
        connection.execute(
            "UPDATE budget_use SET is_settled = 1 WHERE run_id = ? AND verb = ? AND call_id = ?",
            (found.run_id, found.verb, found.call_id),
        )


def _body(found: Unknown, call_hmac: str, *, took_effect: bool, by: str, note: str) -> dict[str, JsonValue]:
    told = "took effect" if took_effect else "took no effect"
    status = (
        ("ok" if found.verb == "call" else "sent") if took_effect else ("error" if found.verb == "call" else "failed")
    )
    return {
        "call_id": found.call_id,
        "tool": found.tool,
        "call_hmac": call_hmac,
        "status": status,
        "code": SETTLED,
        "settles": found.seq,
        "took_effect": took_effect,
        "by": by,
        "note": note,
        "message": f"{by} says that it {told}",
    }
