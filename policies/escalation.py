"""When nobody answers: whom else to tell, after how long, each once, and what is recorded of it.

A step tells further people that a question waits. Who may answer stays what the policies asked for: roles that a step
names and the question does not can push others, and cannot approve. Notices go through `Gate.tell`, in a run of their
own per step, so they are decided, cleaned, recorded and never sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ..core.canonical import JsonValue
from ..core.clock import Clock, from_iso, to_iso
from ..core.database import Connection, Database, Migration
from ..core.errors import InputError, RedactionError
from .approval_view import view
from .approvals import Approval, ApprovalStore
from .escalation_steps import ESCALATION_ROLE, EscalationStep, due_at, in_order
from .gate import RunGate
from .ledger.types import Ledger, LedgerEntry
from .store import select
from .types import Audience, EntryKind, Notice, Principal, Run, TellResult

_WHAT_CHARACTERS = 300
CLAIM = timedelta(minutes=5)
"""How long a step is left to the round that is at it; also the pause before what failed is tried again."""

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE approval_notice (
            approval_id TEXT NOT NULL,
            step TEXT NOT NULL,
            told_at TEXT NOT NULL,
            PRIMARY KEY (approval_id, step)
        ) STRICT
        """,
    ),
)

_OPEN = (
    "SELECT id FROM approval WHERE state = 'pending' OR (state = 'expired' AND NOT EXISTS"
    " (SELECT 1 FROM approval_notice WHERE approval_id = approval.id AND step = 'expired')) ORDER BY id"
)


@dataclass(frozen=True)
class Told:
    """What became of one notice.

    Args:
        about: `waiting`, or `expired`.
        step: `1`, `2`, … in the order of time; the last one due for `expired`.
    """

    approval: Approval
    about: Literal["waiting", "expired"]
    step: int
    audience: Audience
    result: TellResult


@dataclass(frozen=True)
class Round:
    """What one round of escalation came to.

    Args:
        expired: questions whose time ran out since the last round.
        altered: ids of records that were altered outside the gate; nobody is told of them.
    """

    told: tuple[Told, ...]
    expired: tuple[Approval, ...]
    altered: tuple[str, ...]

    @property
    def has_failed(self) -> bool:
        """Whether something could not be delivered; a later round tries again."""
        return any(each.result.status == "failed" for each in self.told)


class Escalation:
    """Tells people of questions that wait, and closes those whose time has run out.

    Args:
        steps: in any order.
        open_run: opens a gate that has the senders of the audiences.
    """

    def __init__(
        self,
        steps: Sequence[EscalationStep],
        approvals: ApprovalStore,
        database: Database,
        ledger: Ledger,
        clock: Clock,
        open_run: Callable[[Run], RunGate],
    ) -> None:
        database.migrate("escalation", MIGRATIONS)
        self._steps = in_order(steps)
        self._approvals = approvals
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._open = open_run

    def round(self) -> Round:
        """Do everything that is due now. May run any number of times, also side by side.

        Raises:
            LedgerError: the database cannot be read or written; what was told until then is not told again.
        """
        told: list[Told] = []
        expired: list[Approval] = []
        altered: list[str] = []
        for row in select(self._database, _OPEN):
            try:
                approval = self._approvals.get(row["id"])
            except InputError:
                altered.append(str(row["id"]))
                continue
            if approval.state == "expired" or approval.has_expired(self._clock.now()):
                if self._claim(approval, "expired"):
                    told += self._expire(approval)
                    expired.append(approval)
            else:
                for place, step in self._due(approval):
                    if self._claim(approval, str(step.after_minutes)):
                        told += self._escalate(approval, place, step)
        return Round(tuple(told), tuple(expired), tuple(altered))

    def _due(self, approval: Approval) -> Iterator[tuple[int, EscalationStep]]:
        done = _steps_told(self._database, approval)
        now = self._clock.now()
        for place, step in enumerate(self._steps, 1):
            if now >= due_at(approval, step) and str(step.after_minutes) not in done:
                yield place, step

    def _escalate(self, approval: Approval, place: int, step: EscalationStep) -> list[Told]:
        body = {**_body(approval), "after_minutes": step.after_minutes, "for_roles": list(step.roles)}
        told = self._tell(approval, "waiting", place, step.audiences, body, f"after.{step.after_minutes}")
        if any(each.result.status == "failed" for each in told):
            return told  # a later round tries again; what has arrived is not sent twice
        facts: dict[str, JsonValue] = {
            "after_minutes": step.after_minutes,
            "roles": list(step.roles),
            "may_answer": list(approval.roles),
            "told": _told_facts(told),
        }
        with self._database.transaction() as connection:
            if self._note(connection, approval, str(step.after_minutes)):
                self._record(connection, "approval.escalated", approval, facts)
        return told

    def _expire(self, approval: Approval) -> list[Told]:
        """Tell whoever knows of the question that its time has run out; a failure does not keep it open."""
        due = [step for step in self._steps if due_at(approval, step) < approval.expires_at]
        audiences = tuple(dict.fromkeys(name for step in due for name in step.audiences))
        told = self._tell(approval, "expired", len(due), audiences, _body(approval), "expired")
        with self._database.transaction() as connection:
            self._note(connection, approval, "expired")
            if self._approvals.get(approval.id).state == "pending":
                self._approvals.close(connection, approval, "expired")
        return told

    def _tell(
        self,
        approval: Approval,
        about: Literal["waiting", "expired"],
        place: int,
        audiences: Sequence[str],
        body: dict[str, JsonValue],
        name: str,
    ) -> list[Told]:
        if not audiences:
            return []
        # A run of its own: the tells of the run that asks may be used up.
        gate = self._open(
            Run(
                f"esc.{approval.id}.{name}",
                Principal(ESCALATION_ROLE, f"system:{ESCALATION_ROLE}", approval.team),
                ESCALATION_ROLE,
            )
        )
        told: list[Told] = []
        for each in audiences:
            kind, _, rest = each.partition("/")
            audience = Audience(kind, rest, approval.team)
            try:
                # Called after the audience, so that a changed list of them confuses nobody.
                result = gate.tell(audience, Notice(f"approval.{about}", body), call_id=f"tell {each}")
            except RedactionError as error:
                result = TellResult("denied", "redaction-failed", message=error.message)
            told.append(Told(approval, about, place, audience, result))
        gate.end("told")
        return told

    def _claim(self, approval: Approval, step: str) -> bool:
        """Whether this round may do a step: no other one is at it, nor was a moment ago and died or failed."""
        now, name = self._clock.now(), f"claim {step}"
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT told_at FROM approval_notice WHERE approval_id = ? AND step = ?", (approval.id, name)
            ).fetchone()
            # A claim of the future is one from before the clock went back.
            if row is not None and timedelta(0) <= now - from_iso(row["told_at"]) < CLAIM:
                return False
            connection.execute(
                "INSERT INTO approval_notice VALUES (?, ?, ?)"
                " ON CONFLICT (approval_id, step) DO UPDATE SET told_at = excluded.told_at",
                (approval.id, name, to_iso(now)),
            )
        return True

    def _note(self, connection: Connection, approval: Approval, step: str) -> bool:
        """Whether this round is the first to have done the step."""
        cursor = connection.execute(
            "INSERT INTO approval_notice VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (approval.id, step, to_iso(self._clock.now())),
        )
        return cursor.rowcount == 1

    def _record(self, connection: Connection, kind: EntryKind, approval: Approval, facts: dict[str, JsonValue]) -> None:
        body: dict[str, JsonValue] = {
            "approval_id": approval.id,
            "call_id": approval.call_id,
            "tool": approval.action,
            "environment": approval.environment,
            "team": approval.team,
            **facts,
        }
        self._ledger.append([LedgerEntry(kind, approval.run_id, body)], connection=connection)


def steps_told(database: Database, approval: Approval) -> frozenset[str]:
    """The steps of a question that are done, by their minutes, and `expired`.

    Raises:
        LedgerError: the database cannot be read.
    """
    database.migrate("escalation", MIGRATIONS)
    return _steps_told(database, approval)


def _steps_told(database: Database, approval: Approval) -> frozenset[str]:
    rows = select(database, "SELECT step FROM approval_notice WHERE approval_id = ?", (approval.id,))
    return frozenset(str(row["step"]) for row in rows)


def _body(approval: Approval) -> dict[str, JsonValue]:
    """What people are told; from the sealed question alone, so that it is the same whenever it is told."""
    seen = view(approval)
    return {
        "approval_id": approval.id,
        "run_id": approval.run_id,
        "action": approval.action,
        "what": str(seen["what"])[:_WHAT_CHARACTERS],
        "environment": approval.environment,
        "team": approval.team,
        "reason": approval.reason,
        "roles": list(approval.roles),
        "needs_every_role": approval.needs_every_role,
        "two_person": approval.two_person,
        "requester": approval.requester,
        "requested_at": to_iso(approval.requested_at),
        "expires_at": to_iso(approval.expires_at),
    }


def _told_facts(told: Sequence[Told]) -> list[JsonValue]:
    return [
        {"kind": each.audience.kind, "name": each.audience.name, "status": each.result.status, "code": each.result.code}
        for each in told
    ]
