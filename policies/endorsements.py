"""Endorsements: a person says of one doubted argument "this value is what I mean", without approving the whole call.

It holds for that value in that argument of that tool, as declared now, until the run ends; for nothing else. The value
itself is not stored, only a keyed hash of its redacted form. A row has a keyed seal, as approvals have.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Clock, to_iso
from ..core.database import Database, Migration, Row
from ..core.errors import CallDenied, InputError, LedgerError
from ..core.keys import KeyProvider
from .approvals import Approval, ApprovalStore, check_alone, person
from .fingerprints import Fingerprints, holds_unrestorable
from .ledger.types import Ledger, LedgerEntry
from .store import select

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE endorsement (
            run_id TEXT NOT NULL,
            value_hmac TEXT NOT NULL,
            tool TEXT NOT NULL,
            argument TEXT NOT NULL,
            approval_id TEXT NOT NULL,
            approver TEXT NOT NULL,
            endorsed_at TEXT NOT NULL,
            seal TEXT NOT NULL,
            PRIMARY KEY (run_id, value_hmac)
        ) STRICT
        """,
    ),
)

_COLUMNS = ("run_id", "value_hmac", "tool", "argument", "approval_id", "approver", "endorsed_at")


@dataclass(frozen=True)
class Endorsed:
    """What a person has endorsed: an argument of the tool that the question was about."""

    run_id: str
    tool: str
    argument: str
    approver: str


class Endorsements:
    """Endorsed values of all runs; every one is recorded in the ledger in the same transaction.

    Args:
        approvals: the questions that values are taken from.
        scrub: cleans the note that a person typed.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        keys: KeyProvider,
        clock: Clock,
        approvals: ApprovalStore,
        scrub: Callable[[str], str],
    ) -> None:
        database.migrate("endorsements", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._fingerprints = Fingerprints(keys)
        self._key = keys.secret("endorsements")
        self._clock = clock
        self._approvals = approvals
        self._scrub = scrub

    def endorse(
        self, approval_id: str, argument: str, *, approver: str, roles: frozenset[str], note: str = ""
    ) -> Endorsed:
        """Trust the value that a standing question shows for one argument; the question stays until the call is made.

        Args:
            approval_id: the question; its stored value counts, nobody types one.
            argument: one that the question marks as untrusted.
            approver: as `ApprovalStore.answer` takes it.
            roles: the roles this person holds; those that could answer the whole question alone.
            note: why; cleaned before it is stored.

        Raises:
            InputError: no such question, it is no longer open, or nothing doubts the argument.
            CallDenied: `approval-role`, `approval-two-person`, or `secret-argument`.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        who, clean = person(approver), self._scrub(note) if note else ""
        with self._database.transaction() as connection:
            approval = self._approvals.open_question(approval_id)
            check_alone(approval, who, roles)
            value_hmac = self._value_hmac(
                approval.run_id, approval.action, approval.binding.tool_hash, argument, _doubted(approval, argument)
            )
            fields = (
                approval.run_id,
                value_hmac,
                approval.action,
                argument,
                approval.id,
                who,
                to_iso(self._clock.now()),
            )
            # Whoever says the same again changes nothing, and is recorded.
            connection.execute(
                "INSERT INTO endorsement VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (*fields, self._seal(fields)),
            )
            body: dict[str, JsonValue] = {
                "approval_id": approval.id,
                "call_id": approval.call_id,
                "tool": approval.action,
                "environment": approval.environment,
                "team": approval.team,
                "argument": argument,
                "value_hmac": value_hmac,
                "approver": who,
                "approver_roles": sorted(roles & set(approval.roles)),
                "note": clean,
            }
            self._ledger.append([LedgerEntry("value.endorsed", approval.run_id, body)], connection=connection)
        return Endorsed(approval.run_id, approval.action, argument, who)

    def is_endorsed(self, run_id: str, tool: str, tool_hash: str, argument: str, value: JsonValue) -> bool:
        """Whether a person of this run has said that the value is what they mean.

        Args:
            run_id: of the run.
            tool: its name.
            tool_hash: of its declaration; endorsed for another one, the value is not.
            argument: its name.
            value: redacted, as the question showed it.

        Raises:
            CallDenied: `approval-forged`, the row was altered outside the gate.
            LedgerError: the database cannot be read.
        """
        value_hmac = self._value_hmac(run_id, tool, tool_hash, argument, value)
        rows = select(
            self._database, "SELECT * FROM endorsement WHERE run_id = ? AND value_hmac = ?", (run_id, value_hmac)
        )
        for row in rows:
            self._check(row)
        return bool(rows)

    def among(
        self, names: Collection[str], run_id: str, tool: str, tool_hash: str, args: JsonValue, *, may_degrade: bool
    ) -> frozenset[str]:
        """Those of some doubted arguments whose values are endorsed.

        Args:
            names: of the arguments.
            run_id: of the run.
            tool: its name.
            tool_hash: of its declaration.
            args: of the call, redacted.
            may_degrade: whether the call goes on, in doubt, while the database cannot be read.

        Raises:
            CallDenied: `approval-forged`.
            LedgerError: the database cannot be read and the call must not go on without it.
        """
        if not names or not isinstance(args, Mapping):
            return frozenset()
        try:
            return frozenset(
                name for name in names if name in args and self.is_endorsed(run_id, tool, tool_hash, name, args[name])
            )
        except LedgerError:
            if not may_degrade:
                raise
            return frozenset()

    def of(self, approval: Approval) -> frozenset[str]:
        """The arguments of a question whose values are endorsed.

        Raises:
            CallDenied: `approval-forged`.
            LedgerError: the database cannot be read.
        """
        doubted = approval.preview.get("untrusted_args")
        names = [name for name in doubted if isinstance(name, str)] if isinstance(doubted, (list, tuple)) else []
        args = approval.preview.get("args")
        tool_hash = approval.binding.tool_hash
        return self.among(names, approval.run_id, approval.action, tool_hash, args, may_degrade=False)

    def _value_hmac(self, run_id: str, tool: str, tool_hash: str, argument: str, value: JsonValue) -> str:
        return self._fingerprints.of(
            {"run": run_id, "tool": tool, "tool_hash": tool_hash, "argument": argument, "value": value}
        )

    def _seal(self, fields: tuple[str, ...]) -> str:
        return hmac.new(self._key, canonical_json(fields), "sha256").hexdigest()

    def _check(self, row: Row) -> None:
        if not hmac.compare_digest(self._seal(tuple(str(row[name]) for name in _COLUMNS)), str(row["seal"])):
            raise CallDenied(
                "an endorsement was altered outside the gate",
                code="approval-forged",
                remedy="treat it as forged; `opswarden audit verify` checks the ledger",
            )


def _doubted(approval: Approval, argument: str) -> JsonValue:
    args, doubted = approval.preview.get("args"), approval.preview.get("untrusted_args")
    names = doubted if isinstance(doubted, (list, tuple)) else ()
    if not isinstance(args, Mapping) or argument not in args or argument not in names:
        raise InputError(
            "nothing doubts such an argument of this question",
            remedy=f"those in doubt: {', '.join(map(str, names)) or 'none'}",
        )
    if holds_unrestorable(args[argument]):
        raise CallDenied(
            "a secret or card number cannot be endorsed", code="secret-argument", remedy="deny the call instead"
        )
    return args[argument]
