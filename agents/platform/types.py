"""The words of the daily check: what is looked at, what is wrong, and the report of a day."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..triage.types import Claim, Evidence, ModelUse

CheckKind = Literal[
    "quality", "drift", "slo", "freshness", "parity", "registry", "pipelines", "chargebacks", "programmes"
]
CheckState = Literal["well", "wrong", "unknown"]
"""`unknown`: the check could not run, or what it looks at has no data. It is no health."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlatformCheck(_Frozen):
    """One check of a day: one call of a tool.

    Args:
        name: kind and subject, `quality card`; unique in a day.
        subject: what is looked at, as the configuration names it.
        place: which of the gates makes the call: it knows the tools of one system.
        problem: why it cannot be asked at all; empty where it can.
    """

    name: str
    kind: CheckKind
    subject: str
    tool: str
    args: dict[str, Any]
    place: str
    problem: str = ""


class PlatformFault(_Frozen):
    """One thing that is wrong.

    Args:
        check: the name of the check that found it.
        fault: its name.
        cause: what is known of why, in one sentence.
        reach: what it concerns, in words.
        share: of rows, keys or requests that it concerns; `None` where that is not known.
    """

    check: str
    subject: str
    fault: str
    cause: str
    reach: str
    share: float | None = Field(default=None, ge=0, le=1)


class CheckOutcome(_Frozen):
    """How a check ended.

    Args:
        looked_at: what it saw, in words.
        why: why it is `unknown`.
        run_id: the run whose ledger entry has the call.
        seq: that entry; -1 where none was made.
    """

    name: str
    kind: CheckKind
    subject: str
    state: CheckState
    looked_at: str = ""
    why: str = ""
    run_id: str = ""
    seq: int = -1


class DailyReport(_Frozen):
    """The one result of a daily check, rendered for every surface. Version 1 of the contract.

    Args:
        at: the moment it is for, RFC 3339.
        faults: what is wrong, the farthest reaching first.
        checks: every check, in the order of the configuration.
        not_covered: what nobody watches, in words.
    """

    version: Literal[1] = 1
    run_id: str
    at: str
    faults: tuple[PlatformFault, ...]
    checks: tuple[CheckOutcome, ...]
    not_covered: tuple[str, ...]

    @property
    def unknown(self) -> tuple[CheckOutcome, ...]:
        """The checks that say nothing."""
        return tuple(each for each in self.checks if each.state == "unknown")


class PlatformAnswer(_Frozen):
    """The answer to a person's question about the platform. Version 1 of the contract.

    Args:
        at: the moment it is for, RFC 3339.
        claims: a model's sentences first, each with what code found of it, then what the checks say.
        checks: those that were made for it.
        unknown: what is not known.
    """

    version: Literal[1] = 1
    run_id: str
    at: str
    question: str
    claims: tuple[Claim, ...]
    checks: tuple[CheckOutcome, ...]
    not_covered: tuple[str, ...]
    unknown: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    model: ModelUse
