"""The Cedar schema, generated from the argument models of the tools, and the same models' values as Cedar takes them.

How a type becomes one of Cedar's:

| pydantic | Cedar |
|---|---|
| `str`, `Literal["…"]`, string `Enum`, `date`, `UUID` | `String` |
| `bool`, `int` | `Bool`, `Long` |
| `float` | `decimal`, rounded to the four places Cedar has; a value beyond its range is an engine error, so a denial |
| `datetime` | `datetime` |
| list, tuple or set of a `String`, `Long` or `Bool` | `Set<…>` |
| mapping with text keys | `Set<String>` of its keys |
| nested model | record |
| `X | None` | optional attribute, left out while `None` |
| anything else | left out, and named in a comment of the schema |
"""

from __future__ import annotations

import enum
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Protocol, TypeAlias, Union
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from ..core.canonical import JsonValue
from ..core.clock import to_iso
from ..core.errors import ConfigError
from ..tools.spec import Effect

NAMESPACE = "Ops"
GROUPS: tuple[Effect, ...] = ("read", "write", "send")
PROMPT_ACTION = "model.prompt"
TELL_ACTION = "people.tell"
# One action per group that no tool ever has: a rule on a group stays valid where no tool is in it, and can be tested.
CANARY_ACTIONS: Mapping[Effect, str] = {group: f"canary.{group}" for group in GROUPS}

ScalarName = Literal["String", "Long", "Bool", "decimal", "datetime"]


class Declared(Protocol):
    """What policies know of a tool."""

    @property
    def name(self) -> str: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def environment(self) -> str: ...
    @property
    def args(self) -> type[BaseModel]: ...


@dataclass(frozen=True)
class Scalar:
    """One of Cedar's simple types."""

    name: ScalarName


@dataclass(frozen=True)
class SetOf:
    """A set of simple values; of a mapping, the set of its keys."""

    of: Scalar


@dataclass(frozen=True)
class Attribute:
    """One attribute of a record."""

    kind: Kind
    is_optional: bool


@dataclass(frozen=True)
class Record:
    """Named attributes; `left_out` names the fields that have no type in Cedar."""

    attributes: Mapping[str, Attribute]
    left_out: tuple[str, ...] = ()


Kind: TypeAlias = Scalar | SetOf | Record

_TOOL_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

_STRING, _LONG, _BOOL = Scalar("String"), Scalar("Long"), Scalar("Bool")
_SETTABLE = (_STRING, _LONG, _BOOL)
# The order matters: a bool is an int, a datetime is a date.
_SCALARS: tuple[tuple[Any, Scalar], ...] = (
    (bool, _BOOL),
    (int, _LONG),
    (float, Scalar("decimal")),
    (datetime, Scalar("datetime")),
    (AwareDatetime, Scalar("datetime")),  # at run time a class of its own, no datetime
    (date, _STRING),
    (str, _STRING),
    (UUID, _STRING),
)

PROMPT_ARGS = Record(
    {
        "model": Attribute(_STRING, False),
        "messages": Attribute(_LONG, False),
        "tokens_in": Attribute(_LONG, False),
        "max_tokens": Attribute(_LONG, False),
        "has_tools": Attribute(_BOOL, False),
    }
)
TELL_ARGS = Record({"kind": Attribute(_STRING, False), "tokens": Attribute(_LONG, False)})

_HEAD = """\
  entity Role;
  entity Team;
  entity Env;
  entity User in [Role];
  entity Agent in [Role] { on_behalf_of: User, team: Team };
  entity Target in [Env] { team?: Team };
  entity Audience { kind: String, name: String, team: Team };
  entity Endpoint { region: String, is_self_hosted: Bool };
  type Approval = { approver: User, approver_roles: Set<String>, call_hmac: String, expires: datetime };
  type Destination = {
    kind: String, region: String, provider: String, terms: Set<String>, is_self_hosted: Bool
  };
  type Ticket = {
    id: String, state: String, is_approved: Bool, in_window: Bool, for_resource: Bool, for_team: Bool
  };
  type Common = {
    call_hmac: String, now: datetime, stage: String, trigger: String, two_person: Bool, writes_stopped: Bool,
    frozen: Bool, preview_failed: Bool, emergency: Bool, ticket?: Ticket, audience_team?: Team,
    untrusted_args: Set<String>, run_tainted: Bool, asked_for: Bool, requester_roles: Set<String>,
    countries: Set<String>, data_classes: Set<String>, data_labels: Set<String>, residency_gaps: Set<String>,
    destination?: Destination, environment_kind: String, is_writer: Bool, run_environment?: Env,
    calls_used: Long, calls_limit: Long, prompts_used: Long, prompts_limit: Long, tells_used: Long, tells_limit: Long,
    tokens_used: Long, tokens_limit: Long, microusd_used: Long, microusd_limit: Long,
    wall_s_used: Long, wall_s_limit: Long, rows_used: Long, rows_limit: Long, bytes_used: Long, bytes_limit: Long,
    budgets_exceeded: Set<String>,
    repeats: Long, repeats_limit: Long, idle_calls: Long, idle_calls_limit: Long
  };
  action read; action write; action send;
"""


def args_record(model: type[BaseModel]) -> Record:
    """The Cedar record of a model of arguments.

    Raises:
        ConfigError: a field has an alias, so that its name in JSON would differ from the one in policies.
    """
    return _record(model, ())


def cedar_schema(tools: Sequence[Declared]) -> str:
    """The schema for these tools, as text in Cedar's own syntax; the same tools in any order give the same text.

    Raises:
        ConfigError: two tools have one name, a name is reserved, or a model cannot be described.
    """
    parts = [f"namespace {NAMESPACE} {{\n", _HEAD]
    parts += [_action(name, group, "Target", Record({})) for group, name in CANARY_ACTIONS.items()]
    names: set[str] = {*CANARY_ACTIONS.values(), PROMPT_ACTION, TELL_ACTION}
    for tool in sorted(tools, key=lambda tool: tool.name):
        if tool.name in names or not _TOOL_NAME.fullmatch(tool.name):
            raise ConfigError(
                f"tool {tool.name!r} is declared twice, has a reserved name or one that is no `domain.verb`",
                remedy="use small letters, digits and `_`, with a dot between",
            )
        names.add(tool.name)
        parts.append(_action(tool.name, tool.effect, "Target", args_record(tool.args)))
    parts.append(_action(PROMPT_ACTION, None, "Endpoint", PROMPT_ARGS))
    parts.append(_action(TELL_ACTION, None, "Audience", TELL_ARGS))
    parts.append("}\n")
    return "".join(parts)


def cedar_args(record: Record, values: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The arguments as Cedar's JSON takes them.

    Only attributes that the schema names get in, each in the shape of its type, so that JSON which means something to
    Cedar (`__entity`, `__extn`) can never be written by whoever supplied the arguments.

    Args:
        record: from `args_record`.
        values: the fields of the parsed model, not its JSON.
    """
    found: dict[str, JsonValue] = {}
    for name, attribute in record.attributes.items():
        value = values.get(name)
        if value is None and attribute.is_optional:
            continue
        found[name] = _value(attribute.kind, value)
    return found


def sample_args(record: Record) -> dict[str, JsonValue]:
    """The smallest arguments that fit, for checks at load."""
    return {name: sample_value(item.kind) for name, item in record.attributes.items() if not item.is_optional}


def field_values(model: BaseModel) -> dict[str, Any]:
    """The fields of a parsed model by name."""
    return {name: getattr(model, name) for name in type(model).model_fields}


def _record(model: type[BaseModel], above: tuple[type[BaseModel], ...]) -> Record:
    attributes: dict[str, Attribute] = {}
    left_out: list[str] = []
    for name, field in model.model_fields.items():
        if field.alias or field.validation_alias or field.serialization_alias:
            raise ConfigError(f"argument {name!r} of {model.__name__} has an alias", remedy="name the field itself so")
        kind, is_optional = _kind(field.annotation, (*above, model))
        if kind is None:
            left_out.append(name)
        else:
            attributes[name] = Attribute(kind, is_optional)
    return Record(attributes, tuple(left_out))


def _kind(annotation: Any, above: tuple[type[BaseModel], ...]) -> tuple[Kind | None, bool]:
    """The kind of an annotation, `None` if Cedar has none, and whether it may be absent."""
    while typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    origin = typing.get_origin(annotation)
    members = [member for member in typing.get_args(annotation) if member not in (type(None), None, Ellipsis)]
    if origin in (Union, types.UnionType):
        return _agreed(_kind(member, above)[0] for member in members), type(None) in typing.get_args(annotation)
    if origin is Literal:
        return _agreed(_plain(type(member)) for member in members), None in typing.get_args(annotation)
    if origin in (list, tuple, set, frozenset, Sequence):
        only = _agreed(_kind(member, above)[0] for member in members)
        return (SetOf(only) if isinstance(only, Scalar) and only in _SETTABLE else None), False
    if origin in (dict, Mapping):
        return (SetOf(_STRING) if _kind(members[0], above)[0] == _STRING else None), False
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (None if annotation in above else _record(annotation, above)), False
    return _plain(annotation), False


def _agreed(kinds: Iterable[Kind | None]) -> Kind | None:
    """The one kind that all of them are."""
    first, *others = kinds
    return first if all(other == first for other in others) else None


def _plain(annotation: Any) -> Scalar | None:
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, enum.Enum):
        kinds = {_plain(type(member.value)) for member in annotation}
        return kinds.pop() if len(kinds) == 1 else None
    return next((scalar for known, scalar in _SCALARS if issubclass(annotation, known)), None)


def _action(name: str, group: str | None, resource: str, args: Record) -> str:
    inside = f" in [{group}]" if group else ""
    lines = [f"  // {name}: {field!r} has no type in Cedar and is left out\n" for field in args.left_out]
    context = f"{{ args: {_type_text(args)}, common: Common, approval?: Approval }}"
    applies = f"principal: [Agent], resource: [{resource}],\n    context: {context}"
    lines.append(f'  action "{name}"{inside} appliesTo {{ {applies} }};\n')
    return "".join(lines)


def _type_text(kind: Kind) -> str:
    if isinstance(kind, Scalar):
        return kind.name
    if isinstance(kind, SetOf):
        return f"Set<{kind.of.name}>"
    inside = ", ".join(
        f'"{name}"{"?" if item.is_optional else ""}: {_type_text(item.kind)}' for name, item in kind.attributes.items()
    )
    return f"{{ {inside} }}"


def _value(kind: Kind, value: Any) -> JsonValue:
    if isinstance(kind, Record):
        return cedar_args(kind, field_values(value))
    if isinstance(kind, SetOf):
        return [_value(kind.of, member) for member in value]
    if isinstance(value, enum.Enum):
        value = value.value
    if kind.name == "decimal":
        return f"{Decimal(repr(float(value))):.4f}"
    if kind.name == "datetime":
        return to_iso(value)
    if kind.name == "String":
        return value if isinstance(value, str) else str(value)
    plain: bool | int = value
    return plain


def sample_value(kind: Kind) -> JsonValue:
    """The smallest value of a kind."""
    if isinstance(kind, Record):
        return sample_args(kind)
    if isinstance(kind, SetOf):
        return []
    samples: dict[ScalarName, JsonValue] = {
        "String": "",
        "Long": 0,
        "Bool": False,
        "decimal": "0.0",
        "datetime": "1970-01-01T00:00:00.000Z",
    }
    return samples[kind.name]
