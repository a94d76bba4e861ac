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

State = Literal["pending", "approved", "denied", "consumed", "void", "expired"]


@dataclass(frozen=True)
class Binding:
    """What an approval holds for; if any part is another when the call is made, the approval is void.

    Doubts that have gone since (an endorsed value) do not count: the person agreed in spite of more of them.

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

    def broken_by(self, now: Binding) -> Literal["call", "policy", "tool", "taint"] | None:
        """What has changed, if anything has."""
        if self.call_hmac != now.call_hmac:
            return "call"
        if self.policy_hash != now.policy_hash:
            return "policy"
        if self.tool_hash != now.tool_hash:
            return "tool"
        return None if set(now.taint) <= set(self.taint) else "taint"


@dataclass(frozen=True)
class Grant:
    """One person's part of an answer that takes several roles.

    Args:
        approver: `person:<name>`.
        roles: those that were asked for and this person brings.
        note: what they said, cleaned.
    """

    approver: str
    roles: frozenset[str]
    note: str
    at: datetime


@dataclass(frozen=True)
class Approval:
    """A question to people, and its answer.

    Args:
        action: the tool's name, or `people.tell`.
        preview: what the person sees: redacted arguments, target, stage, taint, and what the tool says it would change.
        roles: who may answer; any one of them unless `needs_every_role`, which several people can bring together.
        requester: on whose behalf the run works.
        approver: `person:<name>`; empty while nobody has answered. Of several who agreed together, whoever started
            the run if they are among them, so that a policy which asks for somebody else sees them; else the last one.
        approver_roles: those that were asked for and the answer has.
        note: what the approver said, cleaned.
        state_hmac: keyed hash of what the tool's preview saw; empty where it saw nothing.
        grants: who has agreed so far, or did, where it takes several roles and no one person brought them all.
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
    state_hmac: str = ""
    grants: tuple[Grant, ...] = ()

    @property
    def missing_roles(self) -> tuple[str, ...]:
        """Roles that somebody still has to bring; meaningful where it takes every one."""
        return tuple(role for role in self.roles if not any(role in grant.roles for grant in self.grants))

    def has_expired(self, now: datetime) -> bool:
        """Whether it is too late for an answer, or to use one."""
        return now >= self.expires_at


@dataclass(frozen=True)
class Question:
    """What is to be asked: a call that policies allow only with a person's leave.

    Args:
        recorded: the preview as the ledger may hold it.
    """

    verb: Verb
    call_id: str
    action: str
    environment: str
    ask: Ask
    preview: Mapping[str, JsonValue]
    recorded: Mapping[str, JsonValue]
    binding: Binding
    state_hmac: str = ""


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
        **({"state_hmac": approval.state_hmac} if approval.state_hmac else {}),
    }
    return canonical_json(asked).decode()


def answered_text(approval: Approval) -> str | None:
    """The answer as it is stored and sealed; `None` while there is none, nor a part of one."""
    answered: dict[str, JsonValue] = {}
    if approval.grants:
        answered["grants"] = [
            {"approver": each.approver, "roles": sorted(each.roles), "note": each.note, "at": to_iso(each.at)}
            for each in approval.grants
        ]
    if approval.answered_at is not None:
        answered |= {
            "approver": approval.approver,
            "approver_roles": sorted(approval.approver_roles),
            "note": approval.note,
            "answered_at": to_iso(approval.answered_at),
        }
    if not answered:
        return None
    return canonical_json(answered).decode()


def from_row(row: Row) -> Approval:
    """The record that a row holds, its seal not yet checked.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    asked = json.loads(row["asked"])
    answered = json.loads(row["answered"]) if row["answered"] else {}
    is_answered = "answered_at" in answered
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
        approver=answered["approver"] if is_answered else "",
        approver_roles=frozenset(answered["approver_roles"]) if is_answered else frozenset(),
        note=answered["note"] if is_answered else "",
        answered_at=from_iso(answered["answered_at"]) if is_answered else None,
        state_hmac=asked.get("state_hmac", ""),
        grants=tuple(
            Grant(each["approver"], frozenset(each["roles"]), each["note"], from_iso(each["at"]))
            for each in answered.get("grants", ())
        ),
    )
