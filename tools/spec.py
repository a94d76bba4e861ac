"""What a tool is: typed arguments, a typed result with trust declared per field, an effect, limits, and a callable.

A tool domain declares its tools with `Tool(...)`; only the gate ever calls `Tool.run`.
"""

from __future__ import annotations

import enum
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, Protocol, TypeAlias, TypeVar, Union

import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from ..core.canonical import JsonValue
from ..core.clock import Clock, Deadline
from .embedding import Embedder
from .preview import Preview

Effect = Literal["read", "write", "send"]
"""`send`: the arguments leave our trust zone."""

DataClass = Literal["card", "personal", "financial", "credential", "operational", "public"]
"""What data are, for rules on where they may go.

`card`: cardholder data in the sense of PCI DSS. `personal`: of an identifiable person. `financial`: accounts, balances
and payments that are not card data. `credential`: secrets and authentication data. `operational`: telemetry and
configuration of systems. `public`: may go anywhere.
"""

OWN_RECORDS = "own-records"
"""The environment of tools that change nothing but what this installation writes down for itself."""

Status = Literal["ok", "no_data", "error", "truncated", "denied"]


class Args(BaseModel):
    """Arguments of a tool: closed, frozen and strict, so what is decided on is what runs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Result(BaseModel):
    """The small typed result of a tool; what an agent and a model get to see after redaction."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Trust(enum.Enum):
    """Where the content of a result field can come from."""

    OUTSIDE = "outside"
    """Outsiders can write it: log text, labels, summaries of changes. The default of every text field."""
    DERIVED = "derived"
    """Computed; as trustworthy as the inputs of the call."""
    TYPED = "typed"
    """Numbers, times, truth values and closed enumerations: no instruction fits into them. The default of those."""
    KEPT = "kept"
    """Written by the system or by those who run it alone: ids it issues, entries of a directory. Never a default."""


OutsideText = Annotated[str, Trust.OUTSIDE]
"""Text that an outsider can write."""
DerivedText = Annotated[str, Trust.DERIVED]
"""Text made by the tool itself from trusted words and its inputs."""
KeptText = Annotated[str, Trust.KEPT]
"""Text that no outsider can write: an id that the system issues, a name that its owners keep."""


@dataclass(frozen=True)
class OneLine:
    """Marks a text of a result that is shown on one line; the gate flattens and cuts it when it is clean.

    Use as `Annotated[OutsideText, OneLine(60)]`. Until then the text is as it is in the data, line breaks included.

    Args:
        tokens: of one text; about, because what is left out has to be told.
        together: of all the texts of this field in one result, shared evenly.
    """

    tokens: int
    together: int | None = None


@dataclass(frozen=True)
class Paragraphs:
    """Marks a document in a result; when it is clean, the gate cuts it to whole paragraphs of so many tokens."""

    tokens: int


@dataclass(frozen=True)
class Restores:
    """Marks an argument field into which the gate may put back the real value of these entity types.

    Use as `Annotated[str, Restores("EMAIL_ADDRESS")]`. Any other field that holds a placeholder is refused.
    """

    entity_types: tuple[str, ...]

    def __init__(self, *entity_types: str) -> None:
        object.__setattr__(self, "entity_types", entity_types)


class Scope(Result):
    """What a result covers; echoed in every result so that absence is never mistaken for health."""

    environment: str
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    filters: dict[str, str] = Field(default_factory=dict)


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model of arguments or results; the caller's own copy."""
    found: dict[str, Any] = json.loads(_schema_text(model))
    return found


@lru_cache(maxsize=1024)
def _schema_text(model: type[BaseModel]) -> str:
    # A milliseconds-long walk through the model, asked for with every turn of an agent and the start of every run.
    return json.dumps(model.model_json_schema())


A = TypeVar("A", bound=Args)
R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Output(Generic[R]):
    """What a tool returns to the gate.

    Args:
        status: `ok`; `no_data` (asked properly, nothing there); `truncated` (more than the limits let through).
            `error` and `denied` belong to the gate: a tool raises `ToolRetry`, `ToolFailed` or `BackendError`.
        scope: what was looked at.
        summary: the small typed result; absent only with `no_data`.
        artifact: the full rows behind the summary, for other tools and for people; never shown to a model.
        note: one line that says what is missing, for `no_data` and `truncated`.
    """

    status: Literal["ok", "no_data", "truncated"]
    scope: Scope
    summary: R | None = None
    artifact: pa.Table | None = None
    note: str = ""


class ArtifactReader(Protocol):
    """Access to full results of earlier calls of the same run, for tools only."""

    def read(self, artifact_id: str) -> pa.Table:
        """The rows stored under an id.

        Raises:
            ToolRetry: no such artifact in this run, or it has expired.
        """
        ...


@dataclass(frozen=True)
class ToolContext:
    """What the gate lends a tool for one call.

    Args:
        idempotency_key: the same for this call of this run whatever happens, and no other's; for systems that drop a
            repetition. Keyed, so that it tells nothing of the arguments; 32 hex digits.
        credential: what the environment variable `Tool.credential_env` holds; `None` if none is declared or it is not
            set.
        embedder: makes vectors of texts; `None` if no model for it is configured.
    """

    run_id: str
    team: str
    clock: Clock
    deadline: Deadline
    artifacts: ArtifactReader
    idempotency_key: str = ""
    credential: SecretStr | None = None
    embedder: Embedder | None = None


UndoCall: TypeAlias = tuple[str, Mapping[str, JsonValue]]
"""The name of a tool and its arguments."""


@dataclass(frozen=True)
class Tool(Generic[A, R]):
    """A tool and the facts a policy needs.

    Args:
        name: `domain.verb`, matched exactly.
        effect: `read`, `write` or `send`.
        description: one or two sentences for a model and a person.
        args: the model of the arguments.
        result: the model of the summary.
        run: the callable; it gets parsed arguments and may block until the deadline.
        environment: where it acts, taken from the credential of its backend, never from an argument.
        timeout_s: how long one call may take.
        summary_tokens: the size of the redacted summary; longer ones are cut, head and tail kept.
        resource: names what a call acts on, for policies; all of it, where that is several things. The tool's domain
            unless given.
        two_person: an approval needs somebody other than whoever started the run.
        reconcile: for writes: finds out after a crash whether a call with these arguments took effect; `None` when the
            system cannot tell.
        undo: for writes: from arguments and result of a call that took effect, the tool and the arguments of the call
            that takes it back; `None` when there is nothing to take back. It is kept beside the outcome and made only
            when a person asks for it, as a call of its own.
        preview: for writes and sends: looks at what a call would change, and changes nothing itself. The gate asks it
            when a person is to be asked, and again before an approved call runs.
        cost_microusd: what one call costs, for budgets.
        asked_by: for writes and sends: the verbs by which a person asks for just this, in base form and any language
            (`roll back`, `revertir`). Without them a person's words are never enough; see `policies.words`.
        rows_estimate: rows of the artifact of a read that are reserved before it runs; what it had is counted after.
        bytes_estimate: the same for the bytes of artifact and summary together.
        data_classes: classes of the data in its results, where the operator has not declared them; `None` if that
            depends on what it reads.
        credential_env: environment variable that holds the credential of its backend; two environments never share one.
        message_trust: where the words of its errors and notes can come from: `OUTSIDE`, or `DERIVED` where they are its
            own words and hold nothing that it read.
        is_offered: whether agents are told of it; what is not can be called all the same, and says why it does not run.
    """

    name: str
    effect: Effect
    description: str
    args: type[A]
    result: type[R]
    run: Callable[[A, ToolContext], Output[R]]
    environment: str = "default"
    timeout_s: float = 30.0
    summary_tokens: int = 400
    resource: Callable[[A], str | Sequence[str]] | None = None
    two_person: bool = False
    reconcile: Callable[[A, ToolContext], Output[R] | None] | None = None
    undo: Callable[[A, R], UndoCall | None] | None = None
    cost_microusd: int = 0
    asked_by: tuple[str, ...] = ()
    rows_estimate: int = 10_000
    bytes_estimate: int = 1_000_000
    data_classes: frozenset[DataClass] | None = None
    credential_env: str | None = None
    preview: Callable[[A, ToolContext], Preview] | None = None
    message_trust: Literal[Trust.OUTSIDE, Trust.DERIVED] = Trust.OUTSIDE
    is_offered: bool = True

    def acts_on(self, args: A) -> tuple[str, ...]:
        """The names of what a call acts on; at least one."""
        found = self.resource(args) if self.resource is not None else ()
        names = (found,) if isinstance(found, str) else tuple(map(str, found))
        return names or (self.name.partition(".")[0],)

    @property
    def card(self) -> ToolCard:
        """The public face of the tool, without its callable."""
        return ToolCard(
            name=self.name,
            effect=self.effect,
            description=self.description,
            parameters=json_schema(self.args),
            environment=self.environment,
        )


@dataclass(frozen=True)
class ToolCard:
    """What an agent may know of a tool: enough to call it through the gate, nothing to call it with."""

    name: str
    effect: Effect
    description: str
    parameters: Mapping[str, Any]
    environment: str


AnyTool = Tool[Any, Any]


class TimeRange(Args):
    """A half-open interval `[start, end)` with time zones; at most 31 days."""

    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)

    def model_post_init(self, _context: object) -> None:
        """Refuse an empty or an endless range."""
        if not timedelta(0) < self.end - self.start <= timedelta(days=31):
            raise ValueError("a time range must be longer than nothing and at most 31 days")


_HARMLESS: tuple[Any, ...] = (bool, int, float, datetime, timedelta, AwareDatetime)
# At run time AwareDatetime is a class of its own and no datetime.


def trust_of(model: type[BaseModel]) -> dict[str, Trust]:
    """The trust of every leaf field of a result model, by its path (`groups[].template`).

    Text without a mark is `OUTSIDE`; numbers, times, truth values, `Literal`s and enumerations are `TYPED`.
    """
    found: dict[str, Trust] = {}
    for name, field in model.model_fields.items():
        marks = [mark for mark in field.metadata if isinstance(mark, Trust)]
        annotation = field.annotation
        _walk(name, Annotated[annotation, marks[0]] if marks else annotation, found)
    return found


def _walk(path: str, annotation: Any, found: dict[str, Trust]) -> None:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        marks = [mark for mark in arguments[1:] if isinstance(mark, Trust)]
        if marks:
            found[path] = marks[0]
        else:
            _walk(path, arguments[0], found)
    elif origin in (Union, types.UnionType):
        _walk_union(path, arguments, found)
    elif origin in (list, tuple, set, frozenset):
        _walk_union(f"{path}[]", arguments, found)
    elif origin in (dict, Mapping):
        found[f"{path}{{key}}"] = Trust.OUTSIDE
        _walk(f"{path}{{}}", arguments[-1], found)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, trust in trust_of(annotation).items():
            found[f"{path}.{name}"] = trust
    else:
        found[path] = Trust.TYPED if _is_harmless(annotation) else Trust.OUTSIDE


def _walk_union(path: str, members: tuple[Any, ...], found: dict[str, Trust]) -> None:
    """The least trusted member decides; `None` and `...` say nothing."""
    for member in members:
        if member in (type(None), Ellipsis):
            continue
        before = found.get(path)
        _walk(path, member, found)
        if before is Trust.OUTSIDE:
            found[path] = before


def _is_harmless(annotation: Any) -> bool:
    if typing.get_origin(annotation) is Literal:
        return True
    return isinstance(annotation, type) and issubclass(annotation, (enum.Enum, *_HARMLESS))


def restorable_fields(model: type[BaseModel]) -> dict[str, frozenset[str]]:
    """Top-level argument fields that declare `Restores`, with the entity types they accept."""
    return {
        name: frozenset(kind for mark in field.metadata if isinstance(mark, Restores) for kind in mark.entity_types)
        for name, field in model.model_fields.items()
        if any(isinstance(mark, Restores) for mark in field.metadata)
    }
