"""Taking an effect back: the call that does it is kept beside the outcome, and made once, when a person asks for it.

It is a call like any other, in a run of its own on behalf of that person: decided, approved, recorded, reconciled after
a crash. Its records cite the entry that it undoes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from ..core.canonical import JsonValue, canonical_json
from ..core.database import Connection, Database, Migration
from ..core.errors import CallDenied, InputError, OpswardenError, RedactionError
from ..redaction.types import Redactor
from ..tools.spec import AnyTool, Args, Output
from .approvals import ApprovalStore
from .artifacts import ArtifactStore
from .fingerprints import Fingerprints, hashable
from .ledger.types import Ledger, StoredEntry
from .services import Services
from .store import select
from .summaries import plain_json
from .types import Principal, Run
from .unknowns import SETTLED

CALL_ID = "undo"
TRIGGER = "undo"
_MOST_ATTEMPTS = 100
# What else ends in an error may have taken effect first: its result could not be cleaned, or was not what was declared.
_WITHOUT_EFFECT = frozenset({"tool-retry", "tool-failed", "deadline", SETTLED})

MIGRATIONS: tuple[Migration, ...] = (
    (1, "CREATE TABLE effect_undo (seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL) STRICT"),
)


@dataclass(frozen=True)
class Undoable:
    """An effect that can be taken back, and the call that does it.

    Args:
        seq: the ledger entry of its outcome.
        role: of the agent whose call it was; the call back is decided under the same role.
        team: whose run it was.
        args: raw.
    """

    seq: int
    role: str
    team: str
    tool: str
    args: Mapping[str, JsonValue]


def cited(undoes: int | None) -> dict[str, JsonValue]:
    """For the records of a call: what it takes back."""
    return {} if undoes is None else {"undoes": undoes}


def undo_facts(
    services: Services, run: Run, redactor: Redactor, args: Args, tool: AnyTool, output: Output[Any]
) -> dict[str, JsonValue]:
    """For the outcome of an effect: how to take it back, redacted.

    Where redaction takes something out of the arguments, they are kept whole as an artifact, encrypted and expiring. A
    secret or a card number is kept nowhere, so such a call cannot be made later.
    """
    if tool.undo is None or tool.effect == "read" or output.status != "ok" or output.summary is None:
        return {}
    try:
        call = tool.undo(args, output.summary)
        if call is None:
            return {}
        name, raw = str(call[0]), plain_json(dict(call[1]))
        shown = redactor.value(raw)
        if name not in services.tools or services.tools[name].effect == "read":
            return {"undo_error": "no-such-write"}
        safe = hashable(raw, shown)
        if safe.holds_secret:
            return {"undo_error": "holds-secret"}
        kept = None
        if shown != raw:
            table = pa.table({"args": [canonical_json(raw).decode()]})
            kept = services.artifacts.write(table, run_id=run.id, team=run.principal.team).id
    except Exception as error:  # noqa: BLE001 - a tool is anybody's code; the effect is there, its outcome has to be recorded
        return {"undo_error": type(error).__name__}
    args_hmac = Fingerprints(services.keys).of(raw)
    return {"undo": {"tool": name, "args": shown, "args_hmac": args_hmac, "artifact_id": kept}}


def find_undo(ledger: Ledger, artifacts: ArtifactStore, fingerprints: Fingerprints, seq: int) -> Undoable:
    """How an effect is taken back.

    Args:
        ledger: where it is recorded.
        artifacts: where arguments are kept that may not stand in the ledger.
        fingerprints: prove that the arguments are those that the tool gave.
        seq: the entry of the effect's outcome, or of its decision.

    Raises:
        InputError: there is no such effect, its tool declares no way back, or the way is not kept any more.
    """
    entry = ledger.read(seq)
    decided, outcome = _pair(ledger, entry)
    if decided is None or outcome is None or outcome.body.get("status") != "ok":
        raise InputError(
            f"entry {seq} is no effect that took place", remedy="`opswarden audit tail` shows the outcomes of calls"
        )
    undo = outcome.body.get("undo")
    if not isinstance(undo, Mapping):
        why = outcome.body.get("undo_error")
        told = f" ({why})" if why else ""
        raise InputError(
            f"entry {seq}: no way back was recorded{told}", remedy="undo it by hand, or propose the opposite call"
        )
    args = undo["args"]
    if not isinstance(args, Mapping) or fingerprints.of(args) != undo["args_hmac"]:
        args = _kept(artifacts, fingerprints, undo, outcome.run_id, str(decided.body["team"]))
    return Undoable(outcome.seq, str(decided.body["role"]), str(decided.body["team"]), str(undo["tool"]), args)


def claim_undo(connection: Connection, seq: int, run_id: str) -> None:
    """Take the one right to undo an effect, inside the transaction that writes the intent.

    An attempt that certainly did nothing gives it up; one whose outcome is unknown keeps it.

    Raises:
        CallDenied: another run has undone it, or may have.
    """
    row = connection.execute("SELECT run_id FROM effect_undo WHERE seq = ?", (seq,)).fetchone()
    if row is not None and row["run_id"] != run_id and not _how_far(connection, row["run_id"]).did_nothing:
        raise already_undone(seq, row["run_id"])
    connection.execute(
        "INSERT INTO effect_undo VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET run_id = excluded.run_id", (seq, run_id)
    )


def already_undone(seq: int, run_id: str) -> CallDenied:
    """The refusal to undo an effect twice."""
    return CallDenied(
        f"entry {seq} was undone already, or its undoing is under way: run {run_id}",
        code="already-undone",
        remedy=f"`opswarden audit tail --run {run_id}` shows what came of it",
    )


def attempt_of(database: Database, approvals: ApprovalStore, now: datetime, seq: int, principal: Principal) -> str:
    """The run in which a person undoes an effect: the one that waits or was cut off, or else a new one.

    Args:
        database: the gate's, after a factory has prepared it.
        approvals: where an attempt may wait.
        now: tells which approvals still stand.
        seq: the entry of the effect's outcome.
        principal: on whose behalf.

    Raises:
        CallDenied: somebody else has undone it, or may have.
        InputError: it was tried too often.
    """
    whole = canonical_json(dict(vars(principal))).decode()
    owners = {
        row["run_id"]: row["principal"]
        for row in select(database, "SELECT run_id, principal FROM run WHERE run_id LIKE ?", (f"undo-{seq}-%",))
    }
    claimed = select(database, "SELECT run_id FROM effect_undo WHERE seq = ?", (seq,))
    if claimed:
        run_id = claimed[0]["run_id"]
        if not _how_far(database.connection(), run_id).did_nothing:
            if owners.get(run_id) != whole:
                raise already_undone(seq, run_id)
            return str(run_id)
    for place in range(1, _MOST_ATTEMPTS + 1):
        run_id = f"undo-{seq}-{place}"
        if run_id not in owners or (owners[run_id] == whole and _is_open(database, approvals, now, run_id)):
            return run_id
    raise InputError(f"undoing entry {seq} was tried too often", remedy="undo it by hand")


def _is_open(database: Database, approvals: ApprovalStore, now: datetime, run_id: str) -> bool:
    """Whether an attempt waits for a person, or was cut off before it had come to anything."""
    how_far = _how_far(database.connection(), run_id)
    if how_far.state in (None, "intent"):
        return True
    approval = approvals.find(run_id, "call", CALL_ID)
    if approval is None or how_far.state != "decided":
        return False
    return approval.state in ("pending", "approved") and not approval.has_expired(now)


@dataclass(frozen=True)
class _HowFar:
    """How far the call of an attempt is, and what came of it."""

    state: str | None
    status: str = ""
    code: str = ""

    @property
    def did_nothing(self) -> bool:
        is_without_effect = self.status == "error" and self.code in _WITHOUT_EFFECT
        return self.state in (None, "decided") or (self.state == "done" and is_without_effect)


def _how_far(connection: Connection, run_id: str) -> _HowFar:
    row = connection.execute(
        "SELECT state, json_extract(result, '$.status') AS status, json_extract(result, '$.code') AS code"
        " FROM journal_call WHERE run_id = ? AND verb = 'call' AND call_id = ?",
        (run_id, CALL_ID),
    ).fetchone()
    return _HowFar(None) if row is None else _HowFar(row["state"], row["status"] or "", row["code"] or "")


def _pair(ledger: Ledger, entry: StoredEntry) -> tuple[StoredEntry | None, StoredEntry | None]:
    """The decision and the newest outcome of the call that an entry belongs to; nothing for what is no effect."""
    call_id, decided, outcome = entry.body.get("call_id"), None, None
    if entry.kind not in ("call.decided", "call.outcome") or not isinstance(call_id, str):
        return None, None
    for each in ledger.of_run(entry.run_id):
        if each.body.get("call_id") != call_id:
            continue
        if each.kind == "call.decided" and each.body.get("decision") == "allow":
            decided = each
        elif each.kind == "call.outcome":
            outcome = each
    if decided is None or decided.body.get("effect") == "read":
        return None, None
    return decided, outcome


def _kept(
    artifacts: ArtifactStore, fingerprints: Fingerprints, undo: Mapping[str, Any], run_id: str, team: str
) -> Mapping[str, JsonValue]:
    gone = InputError(
        "the arguments of the way back are not kept any more", remedy="undo it by hand, or propose the opposite call"
    )
    try:
        table = artifacts.read(str(undo["artifact_id"]), run_id=run_id, team=team)
        args = json.loads(table["args"][0].as_py())
    except (OpswardenError, RedactionError, KeyError, ValueError) as error:
        raise gone from error
    if not isinstance(args, Mapping) or fingerprints.of(args) != undo["args_hmac"]:
        raise gone
    return args
