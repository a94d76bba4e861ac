"""Approvals: stored records of what a person was asked and answered, bound to one exact call.

A record carries a keyed seal over what was asked and answered, so that a row written behind the gate's back is worth
nothing. Whoever wants to act on an approval consumes it inside the transaction that also records the intent.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from ..core.canonical import JsonValue
from ..core.clock import Clock, to_iso
from ..core.database import Connection, Database, Migration, Row
from ..core.errors import CallDenied, InputError
from ..core.ids import IdSource
from ..core.keys import KeyProvider
from ..tools.shown import flat, shortened
from .approval_records import Approval, Binding, Grant, Question, State, answered_text, asked_text, from_row
from .budgets import Verb
from .ledger.types import Ledger, LedgerEntry, StoredEntry
from .store import select
from .types import EntryKind, Run

__all__ = ["Answer", "Approval", "ApprovalStore", "Binding", "Question", "State"]

Answer = Literal["approve", "deny"]

Closing = Literal["call", "policy", "tool", "taint", "state", "settled", "expired"]
"""Why a record is closed without an answer, or in spite of one."""

_NOTE_TOKENS = 200
_ENDINGS = frozenset({"approval.consumed", "approval.voided", "approval.expired"})

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE approval (
            id TEXT PRIMARY KEY,
            run_id TEXT NOT NULL,
            verb TEXT NOT NULL,
            call_id TEXT NOT NULL,
            team TEXT NOT NULL,
            state TEXT NOT NULL,
            asked TEXT NOT NULL,
            answered TEXT,
            seal TEXT NOT NULL
        ) STRICT;
        CREATE INDEX approval_by_call ON approval (run_id, verb, call_id);
        CREATE INDEX approval_by_state ON approval (state)
        """,
    ),
)


class ApprovalStore:
    """Requests and answers in the gate's database; every change is recorded in the ledger in the same transaction.

    Args:
        scrub: cleans the note that a person typed.
        ttl_s: how long a question stands, and with it the answer.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        keys: KeyProvider,
        clock: Clock,
        ids: IdSource,
        scrub: Callable[[str], str],
        *,
        ttl_s: float = 4 * 3600,
    ) -> None:
        database.migrate("approvals", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._key = keys.secret("approvals")
        self._clock = clock
        self._ids = ids
        self._scrub = scrub
        self._ttl = timedelta(seconds=ttl_s)

    def request(self, connection: Connection, run: Run, question: Question) -> Approval:
        """Store a question inside the caller's transaction, and record it.

        Raises:
            LedgerError: it could not be recorded.
        """
        now = self._clock.now()
        approval = Approval(
            id=self._ids.new("apr"),
            run_id=run.id,
            verb=question.verb,
            call_id=question.call_id,
            team=run.principal.team,
            action=question.action,
            environment=question.environment,
            code=question.ask.code,
            reason=question.ask.reason,
            preview=question.preview,
            roles=question.ask.roles,
            needs_every_role=question.ask.needs_every_role,
            two_person=question.ask.two_person,
            requester=run.principal.on_behalf_of,
            binding=question.binding,
            requested_at=now,
            expires_at=now + self._ttl,
            state_hmac=question.state_hmac,
        )
        connection.execute(
            "INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                approval.id,
                run.id,
                approval.verb,
                approval.call_id,
                approval.team,
                approval.state,
                asked_text(approval),
                None,
                self._seal(approval),
            ),
        )
        self._record(
            connection, "approval.requested", approval, {"preview": question.recorded, "reason": approval.reason}
        )
        return approval

    def get(self, approval_id: str) -> Approval:
        """One record.

        Raises:
            InputError: there is none of this id, or it was altered.
        """
        rows = select(self._database, "SELECT * FROM approval WHERE id = ?", (approval_id,))
        if not rows:
            raise InputError("there is no approval of this id", remedy="`opswarden approvals list` shows them")
        return self._open(rows[0])

    def records(
        self, *, state: State | None = None, team: str | None = None, run_id: str | None = None
    ) -> list[Approval]:
        """Records, oldest first.

        Raises:
            InputError: a record was altered.
        """
        wanted = {"state": state, "team": team, "run_id": run_id}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = "".join(f" AND {name} = ?" for name in given)
        query = f"SELECT * FROM approval WHERE 1 = 1{where} ORDER BY rowid"  # noqa: S608 - the three column names above
        return [self._open(row) for row in select(self._database, query, tuple(given.values()))]

    def find(self, run_id: str, verb: Verb, call_id: str) -> Approval | None:
        """The newest record of a call.

        Raises:
            InputError: it was altered.
        """
        rows = select(
            self._database,
            "SELECT * FROM approval WHERE run_id = ? AND verb = ? AND call_id = ? ORDER BY rowid DESC LIMIT 1",
            (run_id, verb, call_id),
        )
        return self._open(rows[0]) if rows else None

    def answer(
        self,
        approval_id: str,
        answer: Answer,
        *,
        approver: str,
        roles: frozenset[str],
        note: str = "",
        established: Mapping[str, JsonValue] | None = None,
    ) -> Approval:
        """Approve or deny, once; of two people who press at once the second is told so.

        Where policies want several roles, several people can bring them: until the last one is there the record stays
        `pending`, and its `missing_roles` say what it waits for. Anybody who holds one of the roles can deny.

        Args:
            approval_id: which question.
            answer: the answer.
            approver: who answers, as the surface has established it: `person:<name>`, or the bare name.
            roles: the roles this person holds.
            note: why; cleaned before it is stored.
            established: how the surface knows the person and the roles, for the record.

        Raises:
            InputError: no such approval, it is answered already, or it has expired; or this person adds nothing to it.
            CallDenied: `approval-role` (no sufficient role) or `approval-two-person` (the requester's own call).
            LedgerError: it could not be recorded, and nothing has changed.
        """
        who = person(approver)
        clean = shortened(flat(self._scrub(note)), _NOTE_TOKENS, " ") if note else ""
        with self._database.transaction() as connection:
            approval, now = self.open_question(approval_id), self._clock.now()
            _check_person(approval, who, roles, answer)
            grant = Grant(who, roles & frozenset(approval.roles), clean, now)
            answered = agreed(approval, grant) if answer == "approve" else _closed(approval, grant, "denied")
            self._store(connection, answered, expected="pending")
            facts: dict[str, JsonValue] = {
                "answer": answer,
                "approver": who,
                "approver_roles": sorted(grant.roles),
                "note": clean,
                "is_complete": answered.state != "pending",
                **({"missing_roles": list(answered.missing_roles)} if answered.state == "pending" else {}),
                **(established or {}),
            }
            self._record(connection, "approval.answered", answered, facts)
        return answered

    def open_question(self, approval_id: str) -> Approval:
        """A record that still waits for an answer.

        Raises:
            InputError: there is none of this id, it was altered or answered, or it has expired.
        """
        approval = self.get(approval_id)
        if approval.state == "expired" or (approval.state == "pending" and approval.has_expired(self._clock.now())):
            raise InputError(f"approval {approval.id} has expired", remedy="let the run ask again")
        if approval.state != "pending":
            at = f" at {approval.answered_at:%Y-%m-%d %H:%M} UTC" if approval.answered_at else ""
            by = f"{approval.approver} answered{at}; " if approval.approver else ""
            raise InputError(
                f"approval {approval.id} is {approval.state} already", remedy=f"{by}nothing is left to answer"
            )
        return approval

    def consume(self, connection: Connection, approval: Approval) -> None:
        """Use an approved record up, inside the transaction that records the intent.

        Raises:
            CallDenied: `approval-used` (somebody was faster), `approval-expired`, or `approval-forged`: the ledger has
                it that the record is over, so an older row of it, whose seal holds, was put back.
            LedgerError: it could not be recorded.
        """
        if approval.has_expired(self._clock.now()):
            raise CallDenied("the approval has expired", code="approval-expired", remedy="ask again with a new call")
        consumed = replace(approval, state="consumed")
        self._store(connection, consumed, expected="approved")
        # Only now: whoever was faster has left a row that is used and a ledger that says so.
        if any(_ends(entry, approval.id) for entry in self._ledger.of_run(approval.run_id)):
            raise CallDenied(_ALTERED, code="approval-forged", remedy=_ALTERED_REMEDY)
        together: dict[str, JsonValue] = {"approvers": [grant.approver for grant in approval.grants]}
        self._record(
            connection,
            "approval.consumed",
            consumed,
            {"approver": approval.approver, **(together if approval.grants else {})},
        )

    def close(self, connection: Connection, approval: Approval, why: Closing) -> None:
        """Mark a record that is good for nothing any more, inside the caller's transaction, and record it.

        Args:
            connection: the caller's transaction.
            approval: as it was read.
            why: what has changed; `settled` where no person is needed any more, `expired` where nobody answered.

        Raises:
            CallDenied: `approval-used`, somebody changed the record meanwhile.
            LedgerError: it could not be recorded.
        """
        closed = replace(approval, state="expired" if why == "expired" else "void")
        self._store(connection, closed, expected=approval.state)
        kind: EntryKind = "approval.expired" if why == "expired" else "approval.voided"
        self._record(connection, kind, closed, {"why": why})

    def _store(self, connection: Connection, approval: Approval, *, expected: State) -> None:
        cursor = connection.execute(
            "UPDATE approval SET state = ?, answered = ?, seal = ? WHERE id = ? AND state = ?",
            (approval.state, answered_text(approval), self._seal(approval), approval.id, expected),
        )
        if cursor.rowcount != 1:
            raise CallDenied(
                "the approval was used meanwhile", code="approval-used", remedy="ask again with a new call"
            )

    def _seal(self, approval: Approval) -> str:
        parts = (approval.id, approval.run_id, approval.verb, approval.call_id, approval.team, approval.state)
        message = "\n".join((*parts, asked_text(approval), answered_text(approval) or "")).encode()
        return hmac.new(self._key, message, "sha256").hexdigest()

    def _open(self, row: Row) -> Approval:
        try:
            approval = from_row(row)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(_ALTERED, remedy=_ALTERED_REMEDY) from error
        if not hmac.compare_digest(self._seal(approval), row["seal"]):
            raise InputError(_ALTERED, remedy=_ALTERED_REMEDY)
        return approval

    def _record(
        self,
        connection: Connection,
        kind: EntryKind,
        approval: Approval,
        facts: Mapping[str, JsonValue],
    ) -> None:
        body: dict[str, JsonValue] = {
            "approval_id": approval.id,
            "verb": approval.verb,
            "call_id": approval.call_id,
            "tool": approval.action,
            "environment": approval.environment,
            "team": approval.team,
            "code": approval.code,
            "roles": list(approval.roles),
            "call_hmac": approval.binding.call_hmac,
            "policy_hash": approval.binding.policy_hash,
            "tool_hash": approval.binding.tool_hash,
            "taint": list(approval.binding.taint),
            "expires_at": to_iso(approval.expires_at),
            **facts,
        }
        self._ledger.append([LedgerEntry(kind, approval.run_id, body)], connection=connection)


_ALTERED = "an approval record was altered outside the gate"
_ALTERED_REMEDY = "treat it as forged; `opswarden audit verify` checks the ledger"


def _ends(entry: StoredEntry, approval_id: str) -> bool:
    """Whether after this entry an approval is good for nothing."""
    is_denial = entry.kind == "approval.answered" and entry.body.get("answer") == "deny"
    return (entry.kind in _ENDINGS or is_denial) and entry.body.get("approval_id") == approval_id


def person(name: str) -> str:
    """Whoever answers, as records name them."""
    return name if name.startswith("person:") else f"person:{name}"


def check_alone(approval: Approval, who: str, roles: frozenset[str]) -> None:
    """Whether somebody could approve the whole question without anybody else.

    Raises:
        CallDenied: `approval-role` or `approval-two-person`.
    """
    _check_person(approval, who, roles, "approve")
    if approval.needs_every_role and not roles.issuperset(approval.roles):
        raise CallDenied(
            f"approval {approval.id} needs another role",
            code="approval-role",
            remedy=f"all of: {', '.join(approval.roles)}",
        )


def agreed(approval: Approval, grant: Grant) -> Approval:
    """The record after one more person has agreed: approved, or waiting for further roles.

    Raises:
        InputError: they have agreed before, or bring no role that is still missing.
    """
    if not approval.needs_every_role or (not approval.grants and grant.roles.issuperset(approval.roles)):
        return _closed(approval, grant, "approved")
    waits = f"it waits for: {', '.join(approval.missing_roles)}"
    if any(each.approver == grant.approver for each in approval.grants):
        raise InputError(f"{grant.approver} has agreed to approval {approval.id} already", remedy=waits)
    if not grant.roles.intersection(approval.missing_roles):
        raise InputError(f"approval {approval.id} needs nobody else with that role", remedy=waits)
    joined = replace(approval, grants=(*approval.grants, grant))
    if joined.missing_roles:
        return joined
    people = {each.approver for each in joined.grants}
    speaker = approval.requester if approval.requester in people else grant.approver
    return _closed(joined, replace(grant, approver=speaker, roles=frozenset(approval.roles)), "approved")


def _closed(approval: Approval, grant: Grant, state: State) -> Approval:
    return replace(
        approval,
        state=state,
        approver=grant.approver,
        approver_roles=grant.roles,
        note=grant.note,
        answered_at=grant.at,
    )


def _check_person(approval: Approval, who: str, roles: frozenset[str], answer: Answer) -> None:
    if not roles.intersection(approval.roles):
        raise CallDenied(
            f"approval {approval.id} needs another role",
            code="approval-role",
            remedy=f"one of: {', '.join(approval.roles)}",
        )
    # Anybody with the role may stop a call; only approving one's own two-person call is refused.
    if answer == "approve" and approval.two_person and who == approval.requester:
        raise CallDenied(
            f"approval {approval.id} needs somebody other than whoever started the run",
            code="approval-two-person",
            remedy="ask a colleague who holds the role",
        )
