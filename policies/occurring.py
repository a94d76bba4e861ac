"""What can occur in a question to the policies: actions, roles, environments, and the values of attributes.

Everything here errs on the wide side: an attribute of which nothing certain is known can have any value.
"""

from __future__ import annotations

import enum
import json
import types
import typing
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal, TypeAlias, Union

from pydantic import BaseModel, Strict
from pydantic.fields import FieldInfo

from ..tools.spec import AnyTool, DataClass, OneLine, Restores, TimeRange, Trust
from .data_facts import UNKNOWN, DataFacts
from .environment_facts import UNDECLARED, EnvironmentFacts, EnvironmentKind
from .facts import BudgetFacts, CommonFacts, ProgressFacts
from .schema import CANARY_ACTIONS, GROUPS, PROMPT_ACTION, PROMPT_ARGS, TELL_ACTION, TELL_ARGS, Record, args_record
from .types import Stage

BUILT_IN_ROLES = frozenset({"triage", "runbooks", "finops", "platform", "mcp"})
"""The roles of our own agents, which the built-in policies speak of; agents of packages add theirs."""

Path: TypeAlias = tuple[str, ...]
"""`context.args.limit` as its names, or another key of something that has a value."""
Constant: TypeAlias = tuple[str, Hashable]
"""A value with the name of its type, so that `1` is not `true`."""

ROLE: Path = ("<role>",)
ENVIRONMENT: Path = ("<environment>",)
LONGS = (-(2**63), 2**63 - 1)

_COMMON: Path = ("context", "common")
_ARGS: Path = ("context", "args")
_COUNTS = (*fields(BudgetFacts), *fields(ProgressFacts))
_COMMON_FIELDS = tuple(
    item
    for item in (*fields(CommonFacts), *_COUNTS, *fields(DataFacts), *fields(EnvironmentFacts))
    if item.name not in ("budget", "progress", "data", "environment")
)
# Absent while `None`: what holds of them is no property of a policy.
_UNSURE = {item.name for item in _COMMON_FIELDS if item.default is None}
_COMMON_NAMES = {"countries", "data_classes", *(item.name for item in _COMMON_FIELDS)}
_RESOURCES: Mapping[str, Mapping[str, bool | None]] = {
    "Target": {"team": None},
    "Audience": {"kind": True, "name": True, "team": True},
    "Endpoint": {"region": True, "is_self_hosted": True},
}


@dataclass(frozen=True)
class Known:
    """What an installation has.

    Args:
        tools: every tool that can be called.
        roles: every role that an agent can have; `None` if that is not known.
        moving: names of tools whose environment comes with the data that they are given, so that it can be any.
        environments: every environment there can be; `None` if that is open.
        builtin_files: the files of our own policies.
    """

    tools: Sequence[AnyTool]
    roles: frozenset[str] | None = None
    moving: frozenset[str] = frozenset()
    environments: frozenset[str] | None = None
    builtin_files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Domain:
    """The values that something can have.

    Args:
        values: all of them; `None` if they are not a closed list.
        low: the smallest number.
        high: the largest number.
        shortest: the fewest characters of a text or members of a set.
        longest: the most characters of a text.
        members: all that a set can hold; `None` if that is open.
    """

    values: frozenset[Constant] | None = None
    low: int = LONGS[0]
    high: int = LONGS[1]
    shortest: int = 0
    longest: int | None = None
    members: frozenset[Constant] | None = None


OPEN = Domain()


@dataclass(frozen=True)
class Asked:
    """One sort of question: an action, and what is certain wherever it is asked for.

    Args:
        args: what the arguments consist of; `None` if nothing is known of them.
    """

    action: str
    group: str | None
    resource: Literal["Target", "Audience", "Endpoint"]
    args: Record | None
    domains: Mapping[Path, Domain] = field(default_factory=dict[Path, Domain])

    def domain(self, path: Path) -> Domain:
        """The values that something can have."""
        return self.domains.get(path, OPEN)

    def has(self, path: Path, name: str) -> bool | None:
        """Whether the thing at a path has an attribute; `None` if that is open."""
        if path[: len(_ARGS)] == _ARGS:
            return self._args_have(path[len(_ARGS) :], name)
        if path == _COMMON:
            return None if name in _UNSURE else name in _COMMON_NAMES
        known: Mapping[Path, Mapping[str, bool | None]] = {
            ("context",): {"args": True, "common": True, "approval": None},
            ("context", "approval"): dict.fromkeys(("approver", "approver_roles", "call_hmac", "expires"), True),
            ("principal",): {"on_behalf_of": True, "team": True},
            ("resource",): _RESOURCES[self.resource],
        }
        return known[path].get(name, False) if path in known else None

    def _args_have(self, path: Path, name: str) -> bool | None:
        record = self.args
        for step in path:
            inner = record.attributes.get(step) if record else None
            record = inner.kind if inner and isinstance(inner.kind, Record) else None
        if record is None:
            return None
        if name not in record.attributes:
            return False
        return None if record.attributes[name].is_optional else True


def askable(known: Known) -> tuple[Asked, ...]:
    """Every sort of question that can be asked.

    A group without a tool gets a question of which nothing is known: its rules are there for tools yet to come.
    """
    common = _common_domains(known.roles)
    names = known.environments
    anywhere = OPEN if names is None else Domain(frozenset(("Env", name) for name in names))
    asked = [
        Asked(
            tool.name,
            tool.effect,
            "Target",
            args_record(tool.args),
            {
                **common,
                **_args_domains(tool.args, _ARGS),
                ENVIRONMENT: anywhere if tool.name in known.moving else Domain(frozenset({("Env", tool.environment)})),
            },
        )
        for tool in known.tools
    ]
    used = {tool.effect for tool in known.tools}
    asked += [Asked(CANARY_ACTIONS[group], group, "Target", None, common) for group in GROUPS if group not in used]
    asked.append(Asked(PROMPT_ACTION, None, "Endpoint", PROMPT_ARGS, common))
    asked.append(Asked(TELL_ACTION, None, "Audience", TELL_ARGS, common))
    return tuple(asked)


def constant(value: object) -> Constant | None:
    """A Python value as Cedar's, if it is a simple one."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return ("Bool", value)
    if isinstance(value, int):
        return ("Long", value)
    return ("String", str(value)) if isinstance(value, str) else None


def shown(value: Constant) -> str:
    """A value as people write it."""
    return json.dumps(value[1], ensure_ascii=False) if isinstance(value[1], str | bool | int) else str(value[1])


def told(values: frozenset[Constant], joint: str) -> str:
    """A list of values in words."""
    *others, last = sorted(str(value) for _, value in values) or ["nothing"]
    return f"{', '.join(others)} {joint} {last}" if others else last


def _common_domains(roles: frozenset[str] | None) -> dict[Path, Domain]:
    found: dict[Path, Domain] = {(*_COMMON, item.name): Domain(low=0) for item in _COUNTS}
    found[("context", "common", "stage")] = Domain(frozenset(("String", stage) for stage in typing.get_args(Stage)))
    kinds = (*typing.get_args(EnvironmentKind), UNDECLARED)
    found[("context", "common", "environment_kind")] = Domain(frozenset(("String", kind) for kind in kinds))
    labelled = (UNKNOWN, *(kind for kind in typing.get_args(DataClass) if kind != "public"))
    found[("context", "common", "data_classes")] = Domain(members=frozenset(("String", kind) for kind in labelled))
    if roles is not None:
        found[ROLE] = Domain(frozenset(("Role", role) for role in roles))
    return found


def _args_domains(model: type[BaseModel], above: Path) -> dict[Path, Domain]:
    """What the fields of a model can hold; nothing of a model whose code could change what it has checked."""
    if not _only_declares(model):
        return {}
    found: dict[Path, Domain] = {}
    for name, info in model.model_fields.items():
        inner = _model_of(info.annotation)
        if inner is None:
            found[(*above, name)] = _field_domain(info)
        elif inner is not model and len(above) < 8 and (info.is_required() or info.default is None):
            found |= _args_domains(inner, (*above, name)) if _all_harmless(info.metadata) else {}
    return found


def _only_declares(model: type[BaseModel]) -> bool:
    code = model.__pydantic_decorators__
    return (
        not (code.validators or code.field_validators or code.root_validators or code.model_validators)
        and model.model_post_init in (BaseModel.model_post_init, TimeRange.model_post_init)
        and model.__init__ is BaseModel.__init__
        and not any(key.startswith("str_") for key in model.model_config)
    )


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a nested field that is one or may be absent."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        annotation = members[0] if len(members) == 1 else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _field_domain(info: FieldInfo) -> Domain:
    domain = _domain(info.annotation, info.metadata)
    if info.is_required() or domain == OPEN:
        return domain
    # Pydantic does not hold a default against the field's own rules.
    return domain if info.default_factory is None and _admits(domain, info) else OPEN


def _admits(domain: Domain, info: FieldInfo) -> bool:
    default = info.default
    if default is None:
        return type(None) in typing.get_args(info.annotation) or None in typing.get_args(info.annotation)
    if isinstance(default, list | tuple | set | frozenset | dict):
        return not default and domain.shortest == 0
    found = constant(default)
    return found is not None and fits(found, domain)


def fits(value: Constant, domain: Domain) -> bool:
    """Whether a domain has a value."""
    if domain.values is not None and value not in domain.values:
        return False
    content = value[1]
    if isinstance(content, str):
        return domain.shortest <= len(content) and (domain.longest is None or len(content) <= domain.longest)
    if isinstance(content, int) and not isinstance(content, bool):
        return domain.low <= content <= domain.high
    return True


def _domain(annotation: Any, marks: Sequence[Any]) -> Domain:
    """The values of an annotation under pydantic's constraints."""
    marks = [each for mark in marks for each in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    origin, members = typing.get_origin(annotation), typing.get_args(annotation)
    if not _all_harmless(marks):
        return OPEN
    if origin is Annotated:
        return _domain(members[0], [*members[1:], *marks])
    if origin in (Union, types.UnionType):
        inner = [_domain(member, marks) for member in members if member is not type(None)]
        return inner[0] if len(inner) == 1 else Domain(_joined(one.values for one in inner))
    if origin is Literal:
        return Domain(_joined(_only(constant(member)) for member in members if member is not None))
    if origin in (list, tuple, set, frozenset, Sequence):
        inner = [_domain(member, ()) for member in members if member is not Ellipsis]
        return Domain(members=_joined(one.values for one in inner), shortest=_bound(marks, "min_length", 0))
    if origin in (dict, Mapping):
        return Domain(members=_domain(members[0], ()).values, shortest=_bound(marks, "min_length", 0))
    return _plain_domain(annotation, marks)


def _plain_domain(annotation: Any, marks: Sequence[Any]) -> Domain:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        if issubclass(annotation, enum.Flag):
            return OPEN
        return Domain(_joined(_only(constant(member)) for member in annotation))
    if annotation is int:
        low = max(_bound(marks, "ge", LONGS[0]), _bound(marks, "gt", LONGS[0] - 1) + 1)
        high = min(_bound(marks, "le", LONGS[1]), _bound(marks, "lt", LONGS[1] + 1) - 1)
        return Domain(low=low, high=high)
    if annotation is str and not any(isinstance(mark, Restores) for mark in marks):
        longest = _bound(marks, "max_length", -1)
        return Domain(shortest=_bound(marks, "min_length", 0), longest=None if longest < 0 else longest)
    return OPEN


def _only(value: Constant | None) -> frozenset[Constant] | None:
    return None if value is None else frozenset({value})


def _joined(parts: Iterable[frozenset[Constant] | None]) -> frozenset[Constant] | None:
    """All values of closed lists; open if one of them is."""
    found: frozenset[Constant] = frozenset()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _bound(marks: Sequence[Any], name: str, otherwise: int) -> int:
    bounds = [getattr(mark, name, None) for mark in marks]
    whole = [bound for bound in bounds if isinstance(bound, int)]
    # Of two bounds of one name the weaker is taken, so that which of them pydantic heeds does not matter.
    return otherwise if not whole else min(whole) if name in ("ge", "gt", "min_length") else max(whole)


def _all_harmless(marks: Sequence[Any]) -> bool:
    """Whether marks only check values or speak of them; any other could change a value after it was checked."""
    return all(
        isinstance(mark, FieldInfo | Trust | OneLine | Restores | Strict)
        or type(mark).__module__ == "annotated_types"
        or (type(mark).__module__ == "pydantic._internal._fields" and _names(mark) <= {"pattern", "strict"})
        for mark in marks
    )


def _names(mark: object) -> set[str]:
    return set(vars(mark))
