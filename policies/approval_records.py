"""What an approval is: what was asked, what was answered, and what it holds for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import from_iso, to_iso
from ..core.database import Row
from .budgets import Verb
from .types import Ask

State = Literal["pending", "approved", "denied", "consumed", "void"]


@dataclass(frozen=True)
class Binding:
    """What an approval holds for; if any part is another when the call is made, the approval is void.

    Args:
        call_hmac: keyed hash of (action, canonical arguments, environment, run).
        policy_hash: of the policies and schema that asked.
        tool_hash: of the tool's declaration; empty for messages to people.
        taint: the labels that the person saw.
    """

    call_hmac: str
    policy_hash: str
    tool_hash: str
    taint: tuple[str, ...]


@dataclass(frozen=True)
class Approval:
    """A question to people, and its answer.

    Args:
        action: the tool's name, or `people.tell`.
        preview: what the person sees: redacted arguments, target, stage, taint.
        roles: who may answer; any one of them unless `needs_every_role`.
        requester: on whose behalf the run works.
        approver: `person:<name>`; empty while nobody has answered.
        note: what the approver said, cleaned.
    """

    id: str
    run_id: str
    verb: Verb
    call_id: str
    team: str
    action: str
    environment: str
    code: str
    reason: str
    preview: Mapping[str, JsonValue]
    roles: tuple[str, ...]
    needs_every_role: bool
    two_person: bool
    requester: str
    binding: Binding
    requested_at: datetime
    expires_at: datetime
    state: State = "pending"
    approver: str = ""
    approver_roles: frozenset[str] = frozenset()
    note: str = ""
    answered_at: datetime | None = None

    def has_expired(self, now: datetime) -> bool:
        """Whether it is too late for an answer, or to use one."""
        return now >= self.expires_at


@dataclass(frozen=True)
class Question:
    """What is to be asked: a call that policies allow only with a person's leave."""

    verb: Verb
    call_id: str
    action: str
    environment: str
    ask: Ask
    preview: Mapping[str, JsonValue]
    binding: Binding


def asked_text(approval: Approval) -> str:
    """The question as it is stored and sealed."""
    asked: dict[str, JsonValue] = {
        "action": approval.action,
        "environment": approval.environment,
        "code": approval.code,
        "reason": approval.reason,
        "preview": approval.preview,
        "roles": list(approval.roles),
        "needs_every_role": approval.needs_every_role,
        "two_person": approval.two_person,
        "requester": approval.requester,
        "call_hmac": approval.binding.call_hmac,
        "policy_hash": approval.binding.policy_hash,
        "tool_hash": approval.binding.tool_hash,
        "taint": list(approval.binding.taint),
        "requested_at": to_iso(approval.requested_at),
        "expires_at": to_iso(approval.expires_at),
    }
    return canonical_json(asked).decode()


def answered_text(approval: Approval) -> str | None:
    """The answer as it is stored and sealed; `None` while there is none."""
    if approval.answered_at is None:
        return None
    answered: dict[str, JsonValue] = {
        "approver": approval.approver,
        "approver_roles": sorted(approval.approver_roles),
        "note": approval.note,
        "answered_at": to_iso(approval.answered_at),
    }
    return canonical_json(answered).decode()


def from_row(row: Row) -> Approval:
    """The record that a row holds, its seal not yet checked.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    asked = json.loads(row["asked"])
    answered = json.loads(row["answered"]) if row["answered"] else None
    return Approval(
        id=row["id"],
        run_id=row["run_id"],
        verb=row["verb"],
        call_id=row["call_id"],
        team=row["team"],
        action=asked["action"],
        environment=asked["environment"],
        code=asked["code"],
        reason=asked["reason"],
        preview=asked["preview"],
        roles=tuple(asked["roles"]),
        needs_every_role=asked["needs_every_role"],
        two_person=asked["two_person"],
        requester=asked["requester"],
        binding=Binding(asked["call_hmac"], asked["policy_hash"], asked["tool_hash"], tuple(asked["taint"])),
        requested_at=from_iso(asked["requested_at"]),
        expires_at=from_iso(asked["expires_at"]),
        state=row["state"],
        approver=answered["approver"] if answered else "",
        approver_roles=frozenset(answered["approver_roles"]) if answered else frozenset(),
        note=answered["note"] if answered else "",
        answered_at=from_iso(answered["answered_at"]) if answered else None,
    )
