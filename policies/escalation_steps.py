"""The steps of an escalation, as an operator sets them: after how long, whom to tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field, field_validator

from ..core.config import Section
from .approval_records import Approval

ESCALATION_ROLE = "escalation"
"""The agent role of the runs that tell further people, for policies."""
_MOST_AUDIENCES = 10


class EscalationStep(Section):
    """One step: after how long further people are told that a question waits."""

    after_minutes: int = Field(ge=1, le=10_080, description="how long nobody has answered")
    audiences: tuple[str, ...] = Field(description="who is told: `kind/name`, such as `file/oncall.log`")
    roles: tuple[str, ...] = Field(
        default=(), description="who is meant; only those that the question names may answer it"
    )

    @field_validator("audiences")
    @classmethod
    def _are_audiences(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(names) <= _MOST_AUDIENCES:
            raise ValueError(f"a step tells 1 to {_MOST_AUDIENCES} audiences")
        for name in names:
            kind, slash, rest = name.partition("/")
            if not (kind and slash and rest) or not name.isprintable():
                raise ValueError("an audience is written as `kind/name`, such as `file/oncall.log`")
        return names


def in_order(steps: Sequence[EscalationStep]) -> tuple[EscalationStep, ...]:
    """Steps by time."""
    return tuple(sorted(steps, key=lambda step: step.after_minutes))


def due_at(approval: Approval, step: EscalationStep) -> datetime:
    """When a step falls due, unless somebody answers before."""
    return approval.requested_at + timedelta(minutes=step.after_minutes)


def next_notice(
    approval: Approval, steps: Sequence[EscalationStep], told: frozenset[str]
) -> tuple[datetime, EscalationStep] | None:
    """The next step of a question that nobody was told of yet, and when it falls due; none left gives nothing."""
    for step in in_order(steps):
        if str(step.after_minutes) not in told and due_at(approval, step) < approval.expires_at:
            return due_at(approval, step), step
    return None
