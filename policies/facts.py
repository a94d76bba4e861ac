"""What a decision is made on: who asks for what, on which resource, under which circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from ..core.canonical import JsonValue
from ..core.clock import to_iso
from .data_facts import DataFacts
from .environment_facts import EnvironmentFacts
from .schema import NAMESPACE
from .types import Audience, Endpoint, Principal, Stage


@dataclass(frozen=True)
class Target:
    """What a tool acts on, in the environment of the credential that it will use.

    Args:
        team: whose it is; `None` where nobody has declared it.
    """

    name: str
    environment: str
    team: str | None = None


Resource: TypeAlias = Target | Audience | Endpoint


@dataclass(frozen=True)
class BudgetFacts:
    """What the run has used, this call's reservation included, and how much it may use."""

    calls_used: int
    calls_limit: int
    prompts_used: int
    prompts_limit: int
    tells_used: int
    tells_limit: int
    tokens_used: int
    tokens_limit: int
    microusd_used: int
    microusd_limit: int
    wall_s_used: int
    wall_s_limit: int
    rows_used: int = 0
    rows_limit: int = 0
    bytes_used: int = 0
    bytes_limit: int = 0


@dataclass(frozen=True)
class ProgressFacts:
    """Whether the run gets anywhere.

    Args:
        repeats: how often in a row this very call has brought the same, before this time.
        repeats_limit: how often it may.
        idle_calls: calls in a row, of any kind, that brought nothing new, before this one.
        idle_calls_limit: how many there may be.
    """

    repeats: int = 0
    repeats_limit: int = 1
    idle_calls: int = 0
    idle_calls_limit: int = 1


@dataclass(frozen=True)
class TicketFacts:
    """The change ticket that a person named for the run, as the gate found it; Cedar sees `context.common.ticket`.

    Args:
        state: the system's own word; `unreachable`, `unknown` or `altered` where nothing is known of it.
        in_window: whether it is for this moment.
        for_resource: whether it names what the call acts on.
        for_team: whether it is the run's team's.
    """

    id: str
    state: str
    is_approved: bool = False
    in_window: bool = False
    for_resource: bool = False
    for_team: bool = False


@dataclass(frozen=True)
class CommonFacts:
    """The circumstances of any decision; Cedar sees them as `context.common`.

    Args:
        call_hmac: keyed hash of (action, canonical arguments, environment, run); what an approval is bound to.
        stage: how far the tool may go for this team in this environment.
        untrusted_args: names of arguments that derive from text outsiders can write, or whose origin is unknown.
        run_tainted: whether the run has read any such text.
        asked_for: whether the person who started the run asked for just this call in their own words (`provenance`).
        requester_roles: roles of that person.
        writes_stopped: the kill switch.
        frozen: whether a change freeze binds the team in the target's environment now.
        budgets_exceeded: shared budgets that this call draws on and that are used up, such as `team-day.microusd`.
        progress: whether the run gets anywhere; Cedar sees its fields beside the others.
        emergency: whether emergency access is open for the team in the target's environment, for writes and sends.
        ticket: the run's change ticket, for writes and sends; absent where nobody named one or no system is configured.
        audience_team: whose eyes the run's answers meet, where that is known.
        two_person: an approval needs somebody other than whoever started the run.
        data: what the data involved are, and where they may not go.
        environment: of which kind the target's environment is, and which one the run was opened for.
        preview_failed: whether the tool could not show a person what the call would change.
    """

    call_hmac: str
    now: datetime
    stage: Stage
    trigger: str
    budget: BudgetFacts
    two_person: bool = False
    writes_stopped: bool = False
    frozen: bool = False
    emergency: bool = False
    untrusted_args: frozenset[str] = frozenset()
    run_tainted: bool = False
    asked_for: bool = False
    requester_roles: frozenset[str] = frozenset()
    budgets_exceeded: frozenset[str] = frozenset()
    progress: ProgressFacts = ProgressFacts()
    data: DataFacts = field(default_factory=DataFacts)
    environment: EnvironmentFacts = field(default_factory=EnvironmentFacts)
    preview_failed: bool = False
    ticket: TicketFacts | None = None
    audience_team: str | None = None


@dataclass(frozen=True)
class ApprovalFacts:
    """A stored approval, as Cedar sees it in `context.approval`."""

    approver: str
    approver_roles: frozenset[str]
    call_hmac: str
    expires: datetime


@dataclass(frozen=True)
class DecisionInput:
    """One question to the policies.

    Args:
        action: the tool's name, `model.prompt` or `people.tell`.
        args: from `schema.cedar_args`; nothing else may be put here.
    """

    principal: Principal
    action: str
    resource: Resource
    common: CommonFacts
    args: Mapping[str, JsonValue] = field(default_factory=dict)
    approval: ApprovalFacts | None = None


def cedar_request(asked: DecisionInput) -> dict[str, Any]:
    """The question in Cedar's JSON; also what the ledger keeps of it once its arguments are redacted."""
    common = asked.common
    context: dict[str, Any] = {
        "args": dict(asked.args),
        "common": {
            "call_hmac": common.call_hmac,
            "now": to_iso(common.now),
            "stage": common.stage,
            "trigger": common.trigger,
            "two_person": common.two_person,
            "writes_stopped": common.writes_stopped,
            "frozen": common.frozen,
            "preview_failed": common.preview_failed,
            "emergency": common.emergency,
            "untrusted_args": sorted(common.untrusted_args),
            "run_tainted": common.run_tainted,
            "asked_for": common.asked_for,
            "requester_roles": sorted(common.requester_roles),
            "budgets_exceeded": sorted(common.budgets_exceeded),
            **common.data.in_cedar(),
            **common.environment.in_cedar(NAMESPACE),
            **({} if common.ticket is None else {"ticket": dict(vars(common.ticket))}),
            **(
                {}
                if common.audience_team is None
                else {"audience_team": {"__entity": _uid("Team", common.audience_team)}}
            ),
            **vars(common.budget),
            **vars(common.progress),
        },
    }
    if asked.approval is not None:
        context["approval"] = {
            "approver": {"__entity": _uid("User", asked.approval.approver)},
            "approver_roles": sorted(asked.approval.approver_roles),
            "call_hmac": asked.approval.call_hmac,
            "expires": to_iso(asked.approval.expires),
        }
    return {
        "principal": _agent(asked.principal),
        "action": _uid("Action", asked.action),
        "resource": _resource_uid(asked.resource),
        "context": context,
    }


def cedar_entities(principal: Principal, resource: Resource) -> list[dict[str, Any]]:
    """The principal and the resource with their attributes and parents, in Cedar's JSON."""
    return [
        {
            "uid": _agent(principal),
            "attrs": {
                "on_behalf_of": {"__entity": _uid("User", principal.on_behalf_of)},
                "team": {"__entity": _uid("Team", principal.team)},
            },
            "parents": [_uid("Role", principal.role)],
        },
        {"uid": _resource_uid(resource), **_resource_facts(resource)},
    ]


def _uid(kind: str, name: str) -> dict[str, str]:
    # The dict form takes any text as a name; Cedar's own syntax would need it escaped.
    return {"type": f"{NAMESPACE}::{kind}", "id": name}


def _agent(principal: Principal) -> dict[str, str]:
    return _uid("Agent", f"{principal.role}/{principal.team}/{principal.on_behalf_of}")


def _resource_uid(resource: Resource) -> dict[str, str]:
    if isinstance(resource, Target):
        return _uid("Target", f"{resource.environment}/{resource.name}")
    if isinstance(resource, Audience):
        return _uid("Audience", f"{resource.kind}/{resource.name}")
    return _uid("Endpoint", resource.name)


def _resource_facts(resource: Resource) -> dict[str, Any]:
    if isinstance(resource, Target):
        team = {} if resource.team is None else {"team": {"__entity": _uid("Team", resource.team)}}
        return {"attrs": team, "parents": [_uid("Env", resource.environment)]}
    if isinstance(resource, Audience):
        team = {"team": {"__entity": _uid("Team", resource.team)}}
        return {"attrs": {"kind": resource.kind, "name": resource.name, **team}, "parents": []}
    return {"attrs": {"region": resource.region, "is_self_hosted": resource.is_self_hosted}, "parents": []}
