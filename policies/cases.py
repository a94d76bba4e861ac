"""Table cases for policies, in YAML: a call under named circumstances, and what is to be decided.

A file ends in `.cases.yaml` and lies beside the policies that it tests:

    version: 1
    given:                      # for every case of the file that does not say otherwise
      environment: production
    cases:
      - name: a rollback asks the on-call person
        tool: rollouts.rollback
        args: {service: checkout}
        expect: ask writes.approved

A case in which nothing is said is one against which nothing speaks: the agent `triage` for `person:ann` of team
`payments`, at stage `act`, untainted, within its budget, with no approval. `expect` is the decision and its code; the
code may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..core.canonical import JsonValue
from ..core.errors import InputError
from ..tools.spec import AnyTool
from .arguments import parse_model
from .data_facts import UNKNOWN, DataFacts, Destination, DestinationKind, label_of
from .engine import CedarEngine
from .environment_facts import EnvironmentFacts, EnvironmentKind
from .facts import (
    ApprovalFacts,
    BudgetFacts,
    CommonFacts,
    DecisionInput,
    ProgressFacts,
    Resource,
    Target,
    TicketFacts,
)
from .schema import CANARY_ACTIONS, PROMPT_ACTION, TELL_ACTION, Record, cedar_args, field_values, sample_args
from .types import Audience, Endpoint, Principal, Stage

SUFFIX = ".cases.yaml"
_SIZE_LIMIT_BYTES = 1 << 20
_MOST_CASES = 5_000
_NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
_CALL, _OTHER_CALL = "this-call", "another-call"
_LIMIT = 1_000
_Use = Literal["calls", "prompts", "tells", "tokens", "microusd", "wall_s", "rows", "bytes"]
_Label = Annotated[str, Field(pattern=r"^[A-Za-z]+/[a-z]+$")]
_USES: tuple[_Use, ...] = ("calls", "prompts", "tells", "tokens", "microusd", "wall_s", "rows", "bytes")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_CheckedModel = TypeVar("_CheckedModel", bound=_Strict)


class _Approval(_Strict):
    """A stored approval: whose, with which roles, of this call or of another one, and when it ends."""

    by: str = "person:bob"
    roles: list[str] = Field(default_factory=lambda: ["oncall"])
    of: Literal["this", "another"] = "this"
    expires_in_s: int = 300


class _Endpoint(_Strict):
    name: str = "own"
    model: str = "m"
    region: str = "unknown"
    is_self_hosted: bool = False


class _Audience(_Strict):
    kind: str = "chat"
    name: str = "oncall"
    team: str = "payments"


class _Destination(_Strict):
    kind: DestinationKind
    region: str = UNKNOWN
    provider: str = UNKNOWN
    terms: list[str] = Field(default_factory=list)
    is_self_hosted: bool = False


class _Ticket(_Strict):
    """A change ticket against which nothing speaks."""

    id: str = "CHG1"
    state: str = "Implement"
    is_approved: bool = True
    in_window: bool = True
    for_resource: bool = True
    for_team: bool = True


class _Given(_Strict):
    """The circumstances of a case.

    Args:
        owner: the team that the target belongs to, where declared.
        used: of a run's budget: `calls`, `prompts`, `tells`, `tokens`, `microusd`, `wall_s`, `rows` or `bytes`, this
            call included; 1 unless said.
        limits: how much it may be; 1,000 unless said.
        budgets_exceeded: shared budgets that are used up: `team-day.calls`.
        repeats: how often in a row this call has brought the same; it may 3 times unless `repeats_limit` says else.
        idle_calls: calls in a row that brought nothing new; there may be 20 unless `idle_calls_limit` says else.
    """

    role: str = "triage"
    on_behalf_of: str = "person:ann"
    team: str = "payments"
    environment: str | None = None
    resource: str | None = None
    owner: str | None = None
    stage: Stage = "act"
    trigger: str = "cli"
    now: AwareDatetime = _NOW
    two_person: bool | None = None
    writes_stopped: bool = False
    frozen: bool = False
    preview_failed: bool = False
    emergency: bool = False
    ticket: _Ticket | None = None
    audience_team: str | None = None
    untrusted_args: list[str] = Field(default_factory=list)
    run_tainted: bool = False
    asked_for: bool = False
    requester_roles: list[str] = Field(default_factory=list)
    data_labels: list[_Label] = Field(default_factory=list)
    residency_gaps: list[_Label] = Field(default_factory=list)
    destination: _Destination | None = None
    environment_kind: EnvironmentKind | Literal["undeclared"] = "undeclared"
    is_writer: bool = True
    run_environment: str | None = None
    used: dict[_Use, int] = Field(default_factory=dict)
    limits: dict[_Use, int] = Field(default_factory=dict)
    budgets_exceeded: list[str] = Field(default_factory=list)
    repeats: int = Field(default=0, ge=0)
    repeats_limit: int = Field(default=3, ge=1)
    idle_calls: int = Field(default=0, ge=0)
    idle_calls_limit: int = Field(default=20, ge=1)
    approval: _Approval | None = None
    endpoint: _Endpoint = _Endpoint()
    audience: _Audience = _Audience()


class _Row(_Given):
    name: str = Field(min_length=1, max_length=200)
    tool: str
    args: dict[str, Any] | None = None
    expect: str = Field(pattern=r"^(allow|ask|deny)( [a-z0-9._-]+)?$")


class _File(_Strict):
    version: Literal[1]
    given: dict[str, Any] = Field(default_factory=dict)
    cases: list[dict[str, Any]] = Field(min_length=1, max_length=_MOST_CASES)

    @model_validator(mode="after")
    def _names_differ(self) -> _File:
        names = [case.get("name") for case in self.cases]
        if len(set(map(str, names))) < len(names):
            raise ValueError("two cases have one name")
        return self


@dataclass(frozen=True)
class PolicyCase:
    """One row: a question to the policies, and the answer that is wanted.

    Args:
        file: where it is written.
        expect: `allow`, `ask` or `deny`, perhaps with the code behind a space.
    """

    name: str
    file: str
    asked: DecisionInput
    expect: str


@dataclass(frozen=True)
class CaseFile:
    """A file of cases: its name without folder, and its text."""

    name: str
    text: str


def builtin_cases() -> tuple[CaseFile, ...]:
    """The cases of the policies that opswarden brings along, in name order."""
    folder = resources.files(__name__.rpartition(".")[0]) / "rules"
    return tuple(
        CaseFile(item.name, item.read_text(encoding="utf-8"))
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(SUFFIX)
    )


def case_files(paths: Sequence[Path]) -> tuple[CaseFile, ...]:
    """The cases of files, and of the folders among the paths, in name order.

    Raises:
        InputError: a path cannot be read, or a file is over a megabyte.
    """
    found: list[CaseFile] = []
    try:
        for path in paths:
            inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
            for each in inside:
                if each.stat().st_size > _SIZE_LIMIT_BYTES:
                    raise InputError(f"{each} is over a megabyte", remedy="split the cases over several files")
                found.append(CaseFile(each.name, each.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("a file of policy cases cannot be read", remedy="check the path and its rights") from error
    return tuple(found)


def read_cases(file: CaseFile, engine: CedarEngine, tools: Sequence[AnyTool]) -> tuple[PolicyCase, ...]:
    """The cases of a file as questions.

    Args:
        file: from `case_files` or `builtin_cases`.
        engine: gives the types of the arguments.
        tools: those that a case may name, beside `model.prompt`, `people.tell` and the three `canary.` actions, which
            stand for any tool of their group.

    Raises:
        InputError: the file is no such file; the message names the case.
    """
    parsed = _checked(_File, _plain(file), file.name)
    by_name = {tool.name: tool for tool in tools}
    found = []
    for place, case in enumerate(parsed.cases, 1):
        where = f"{file.name}, case {case.get('name', place)!r}"
        row = _checked(_Row, {**parsed.given, **case}, where)
        try:
            found.append(PolicyCase(row.name, file.name, _asked(row, engine, by_name), row.expect))
        except InputError as error:
            raise InputError(f"{where}: {error.message}", remedy=error.remedy) from error
    return tuple(found)


def _plain(file: CaseFile) -> Any:
    import yaml  # noqa: PLC0415 - only this needs it

    try:
        return yaml.safe_load(file.text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        place = getattr(error, "problem_mark", None)
        line = f", line {place.line + 1}" if place is not None else ""
        raise InputError(f"{file.name}{line}: no valid YAML", remedy="mend the line it names") from error


def _checked(model: type[_CheckedModel], value: Any, where: str) -> _CheckedModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{where}: {f'{place}: ' if place else ''}{first['msg']}",
            remedy="docs/writing-a-policy.md shows what a case may say",
        ) from None


def _asked(row: _Row, engine: CedarEngine, tools: Mapping[str, AnyTool]) -> DecisionInput:
    principal = Principal(row.role, row.on_behalf_of, row.team)
    tool = tools.get(row.tool)
    args: Mapping[str, JsonValue]
    resource: Resource
    if tool is not None:
        args, name = _arguments(tool, row, engine.record_of(tool.name))
        resource = Target(row.resource or name, row.environment or tool.environment, row.owner)
    elif row.tool in CANARY_ACTIONS.values():
        args, resource = {}, Target(row.resource or "anything", row.environment or "production", row.owner)
    elif row.tool == PROMPT_ACTION:
        own = row.endpoint
        args = {"model": own.model, "messages": 1, "tokens_in": 1, "max_tokens": 1, "has_tools": False}
        resource = Endpoint(own.name, own.model, region=own.region, is_self_hosted=own.is_self_hosted)
    elif row.tool == TELL_ACTION:
        args, resource = {"kind": "report", "tokens": 1}, Audience(**row.audience.model_dump())
    else:
        raise InputError(f"there is no tool {row.tool!r}", remedy="`opswarden policy check` counts the tools")
    approval = None if row.approval is None else _approval(row.approval, row.now)
    return DecisionInput(principal, row.tool, resource, _common(row, tool), args, approval)


def _arguments(tool: AnyTool, row: _Row, record: Record) -> tuple[Mapping[str, JsonValue], str]:
    """The arguments as Cedar takes them, and the name of what they act on."""
    if row.args is None:
        return sample_args(record), tool.name.partition(".")[0]
    model = parse_model(tool, row.args, InputError)
    return cedar_args(record, field_values(model)), tool.acts_on(model)[0]


def _common(row: _Row, tool: AnyTool | None) -> CommonFacts:
    facts: dict[str, int] = {}
    for name in _USES:
        facts[f"{name}_used"], facts[f"{name}_limit"] = row.used.get(name, 1), row.limits.get(name, _LIMIT)
    two_person = row.two_person if row.two_person is not None else (tool is not None and tool.two_person)
    return CommonFacts(
        call_hmac=_CALL,
        now=row.now,
        stage=row.stage,
        trigger=row.trigger,
        budget=BudgetFacts(**facts),
        two_person=two_person,
        writes_stopped=row.writes_stopped,
        frozen=row.frozen,
        preview_failed=row.preview_failed,
        emergency=row.emergency,
        audience_team=row.audience_team,
        ticket=None if row.ticket is None else TicketFacts(**row.ticket.model_dump()),
        untrusted_args=frozenset(row.untrusted_args),
        run_tainted=row.run_tainted,
        asked_for=row.asked_for,
        requester_roles=frozenset(row.requester_roles),
        budgets_exceeded=frozenset(row.budgets_exceeded),
        progress=ProgressFacts(row.repeats, row.repeats_limit, row.idle_calls, row.idle_calls_limit),
        data=_data(row),
        environment=EnvironmentFacts(row.environment_kind, row.is_writer, row.run_environment),
    )


def _data(row: _Row) -> DataFacts:
    where = row.destination
    return DataFacts(
        frozenset(map(label_of, row.data_labels)),
        frozenset(map(label_of, row.residency_gaps)),
        None
        if where is None
        else Destination(where.kind, where.region, where.provider, frozenset(where.terms), where.is_self_hosted),
    )


def _approval(given: _Approval, now: datetime) -> ApprovalFacts:
    facts = ApprovalFacts(given.by, frozenset(given.roles), _CALL, now + timedelta(seconds=given.expires_in_s))
    return facts if given.of == "this" else replace(facts, call_hmac=_OTHER_CALL)
