"""Why a call would be allowed, asked about or denied; and whether the policies are fit to decide at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.canonical import JsonValue
from ..core.clock import Clock
from ..core.errors import InputError
from ..tools.spec import AnyTool
from .arguments import parse_model
from .budgets import Limits
from .data_facts import DataLabel
from .engine import CedarEngine
from .environments import Environments
from .escalation_steps import ESCALATION_ROLE
from .facts import BudgetFacts, CommonFacts, DecisionInput, ProgressFacts, Target
from .loading import PolicyNote, builtin_files
from .never import Never, never_matching
from .occurring import BUILT_IN_ROLES, Known
from .run_data import Residency, RunData
from .schema import cedar_args, field_values, sample_args
from .types import GUARD_ROLE, Ask, Decision, Deny, Principal, Stage

_WHAT_IF = "what-if"


@dataclass(frozen=True)
class Circumstances:
    """What an explanation assumes beside the call itself.

    Args:
        stage: the stage of the tool, from `Stages`.
        owner: the team that the target belongs to, where declared.
        read: labels of the data that the run has read.
        run_environment: the one that the run was opened for.
    """

    principal: Principal
    stage: Stage
    untrusted_args: frozenset[str] = frozenset()
    run_tainted: bool = False
    writes_stopped: bool = False
    frozen: bool = False
    emergency: bool = False
    calls_used: int = 1
    owner: str | None = None
    limits: Limits = field(default_factory=Limits)
    read: frozenset[DataLabel] = frozenset()
    residency: Residency = field(default_factory=Residency)
    environments: Environments = field(default_factory=Environments)
    run_environment: str | None = None


@dataclass(frozen=True)
class Explanation:
    """What the policies say to one call.

    Args:
        resource: what the call would act on.
        deciding: the policies that decided.
        near: permits for such a call whose conditions do not hold.
        to_change: what would have to change, in the policies' own words; empty if the call is allowed.
    """

    tool: str
    environment: str
    resource: str
    stage: Stage
    decision: Decision
    deciding: tuple[PolicyNote, ...]
    near: tuple[PolicyNote, ...]
    to_change: tuple[str, ...]


@dataclass(frozen=True)
class CheckReport:
    """Policies that passed every check at load.

    Args:
        never: the rules among them that never match or never decide.
    """

    policies: tuple[PolicyNote, ...]
    tools: int
    policy_hash: str
    schema: str
    never: tuple[Never, ...] = ()


def check(
    tools: Sequence[AnyTool],
    folders: Sequence[Path] = (),
    agents: Collection[str] | None = None,
    moving: Collection[str] = (),
    environments: frozenset[str] | None = None,
) -> CheckReport:
    """Load the built-in and the operator's policies, validate them against the tools, and run the canaries.

    Args:
        tools: the tools that exist.
        folders: the operator's.
        agents: what packages add beside our own; `None` if that is not known, and a role can then be any.
        moving: names of tools whose environment comes with the data that they are given.
        environments: every environment there can be; `None` if that is open.

    Raises:
        ConfigError: anything is wrong; the message names the policy or the file.
    """
    engine = CedarEngine.load(tools, folders)
    known = Known(
        tools=tools,
        roles=None if agents is None else BUILT_IN_ROLES | {ESCALATION_ROLE, GUARD_ROLE} | frozenset(agents),
        moving=frozenset(moving),
        environments=environments,
        builtin_files=frozenset(file.name for file in builtin_files()),
    )
    never = never_matching(engine.trees, engine.notes, known)
    return CheckReport(engine.notes, len(tools), engine.policy_hash, engine.schema_text, never)


def explain(
    engine: CedarEngine,
    tool: AnyTool,
    args: Mapping[str, JsonValue] | None,
    circumstances: Circumstances,
    clock: Clock,
) -> Explanation:
    """What the policies would decide, without running, reserving or recording anything.

    Args:
        engine: made for a set of tools with this one.
        tool: what would be called.
        args: with these arguments; `None` takes empty ones of the right types.
        circumstances: under these circumstances.
        clock: tells the policies the time.

    Raises:
        InputError: the arguments do not fit the tool.
    """
    record = engine.record_of(tool.name)
    name = tool.name.partition(".")[0]
    if args is None:
        cedar = sample_args(record)
    else:
        model = parse_model(tool, args, InputError)
        cedar = cedar_args(record, field_values(model))
        name = tool.acts_on(model)[0]
    target = Target(name, tool.environment, circumstances.owner)
    asked = DecisionInput(
        circumstances.principal, tool.name, target, _common(tool, target, circumstances, clock), cedar
    )
    decision = engine.decide(asked)
    deciding, near = engine.answer(asked).hits, engine.near(asked)
    return Explanation(
        tool=tool.name,
        environment=tool.environment,
        resource=name,
        stage=circumstances.stage,
        decision=decision,
        deciding=deciding,
        near=near,
        to_change=_to_change(decision, deciding, near),
    )


def _common(tool: AnyTool, target: Target, circumstances: Circumstances, clock: Clock) -> CommonFacts:
    limits, principal = circumstances.limits, circumstances.principal
    data = RunData(circumstances.residency, {}, principal.team)
    data.learn(circumstances.read)
    budget = BudgetFacts(
        calls_used=circumstances.calls_used,
        calls_limit=limits.calls,
        prompts_used=0,
        prompts_limit=limits.prompts,
        tells_used=0,
        tells_limit=limits.tells,
        tokens_used=0,
        tokens_limit=limits.tokens,
        microusd_used=tool.cost_microusd,
        microusd_limit=limits.microusd,
        wall_s_used=0,
        wall_s_limit=limits.wall_s,
        rows_used=tool.rows_estimate,
        rows_limit=limits.rows,
        bytes_used=tool.bytes_estimate,
        bytes_limit=limits.bytes,
    )
    return CommonFacts(
        call_hmac=_WHAT_IF,
        now=clock.now(),
        stage=circumstances.stage,
        trigger=_WHAT_IF,
        budget=budget,
        two_person=tool.two_person,
        writes_stopped=circumstances.writes_stopped,
        frozen=circumstances.frozen,
        emergency=circumstances.emergency,
        untrusted_args=circumstances.untrusted_args,
        run_tainted=circumstances.run_tainted,
        progress=ProgressFacts(repeats_limit=limits.repeats, idle_calls_limit=limits.idle_calls),
        data=data.facts(circumstances.residency.of_call(tool, target, principal.team)),
        environment=circumstances.environments.facts(
            tool.environment, role=principal.role, opened_for=circumstances.run_environment
        ),
    )


def _to_change(decision: Decision, deciding: tuple[PolicyNote, ...], near: tuple[PolicyNote, ...]) -> tuple[str, ...]:
    if isinstance(decision, Ask):
        return (f"a person with the role {decision.who} approves exactly this call",)
    if not isinstance(decision, Deny):
        return ()
    lines = [f"{note.id}: {note.remedy or note.reason}" for note in deciding if note.effect == "forbid"]
    if not any(note.effect == "permit" for note in deciding):
        lines += [f"{note.id} would permit it, but its conditions do not hold" for note in near]
        if not near:
            lines.append("no policy permits this role such a call; an operator would have to write one")
    return tuple(lines)
