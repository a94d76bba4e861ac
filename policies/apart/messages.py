"""What is said over the socket: what each verb may be asked with, and the gate's answers as JSON and back.

A request names no run and nobody's identity: a connection belongs to one run, and whoever opened it knows whose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ...core import errors
from ...core.errors import OpswardenError
from ...tools.spec import ToolCard
from ..data_facts import DataLabel
from ..types import (
    Audience,
    CallResult,
    Endpoint,
    ModelReply,
    ModelRequest,
    Notice,
    Principal,
    Run,
    Spent,
    TellResult,
    ToolRequest,
)

_NAME = 400
_ID = 1_000


class Said(BaseModel):
    """Closed, so nothing can be smuggled in: no run, no principal, no approval."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Request(Said):
    """One request; `body` is checked by its verb."""

    id: int = Field(ge=1, le=1 << 53)
    verb: str = Field(min_length=1, max_length=32)
    body: dict[str, Any] = Field(default_factory=dict)


class Nothing(Said):
    """A verb without arguments."""


class Call(Said):
    """`gate.call`."""

    tool: str = Field(max_length=_NAME)
    args: dict[str, Any]
    call_id: str = Field(max_length=_ID)


class Asked(Said):
    """A `ModelRequest`."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] = Field(default_factory=list)
    tool_choice: str | None = None
    response_format: dict[str, Any] | None = None
    max_tokens: int = 2048
    temperature: float | None = None
    stop: list[str] = Field(default_factory=list)
    prompts: dict[str, str] = Field(default_factory=dict)


class Prompt(Said):
    """`gate.prompt`."""

    request: Asked
    endpoint: str = Field(max_length=_NAME)
    call_id: str = Field(max_length=_ID)

    def as_request(self) -> ModelRequest:
        """What the gate is asked."""
        asked = self.request
        return ModelRequest(
            messages=tuple(asked.messages),
            tools=tuple(asked.tools),
            tool_choice=asked.tool_choice,
            response_format=asked.response_format,
            max_tokens=asked.max_tokens,
            temperature=asked.temperature,
            stop=tuple(asked.stop),
            prompts=asked.prompts,
        )


class Heard(Said):
    """An `Audience`."""

    kind: str = Field(max_length=_NAME)
    name: str = Field(max_length=_NAME)
    team: str = Field(max_length=_NAME)


class Told(Said):
    """A `Notice`."""

    kind: str = Field(max_length=_NAME)
    body: dict[str, Any]
    cites: dict[str, int] = Field(default_factory=dict)


class Tell(Said):
    """`gate.tell`."""

    audience: Heard
    notice: Told
    call_id: str = Field(max_length=_ID)

    def as_notice(self) -> tuple[Audience, Notice]:
        """What the gate is asked."""
        audience, notice = self.audience, self.notice
        return Audience(audience.kind, audience.name, audience.team), Notice(notice.kind, notice.body, notice.cites)


class Stream(Said):
    """Whoever asked for a stream wants the next item of it, or no more."""

    of: int


def prompt_body(request: ModelRequest, endpoint: str, call_id: str) -> dict[str, Any]:
    """The body of `prompt`."""
    fields = {**vars(request), "stop": list(request.stop), "prompts": dict(request.prompts)}
    return {"request": fields, "endpoint": endpoint, "call_id": call_id}


def tell_body(audience: Audience, notice: Notice, call_id: str) -> dict[str, Any]:
    """The body of `tell`."""
    told = {"kind": notice.kind, "body": dict(notice.body), "cites": dict(notice.cites)}
    return {"audience": dict(vars(audience)), "notice": told, "call_id": call_id}


def run_body(run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        **vars(run),
        "principal": dict(vars(run.principal)),
        "requester_roles": sorted(run.requester_roles),
        "brings": [[label.country, label.data_class] for label in sorted(run.brings, key=str)],
    }


def run_of(body: Mapping[str, Any]) -> Run:
    """The run that `run_body` wrote."""
    return Run(
        **{
            **body,
            "principal": Principal(**body["principal"]),
            "known_names": tuple(body["known_names"]),
            "requester_roles": frozenset(body["requester_roles"]),
            "brings": frozenset(DataLabel(*label) for label in body["brings"]),
        }
    )


def result_body(result: CallResult | TellResult) -> dict[str, Any]:
    """The result of a call or of a notice as JSON."""
    return dict(vars(result))


def call_result(body: Mapping[str, Any]) -> CallResult:
    """What `result_body` wrote of a call."""
    return CallResult(**body)


def tell_result(body: Mapping[str, Any]) -> TellResult:
    """What `result_body` wrote of a notice."""
    return TellResult(**body)


def reply_body(reply: ModelReply) -> dict[str, Any]:
    """The answer of a model as JSON."""
    return {**vars(reply), "tool_requests": [dict(vars(one)) for one in reply.tool_requests]}


def reply_of(body: Mapping[str, Any]) -> ModelReply:
    """What `reply_body` wrote."""
    return ModelReply(**{**body, "tool_requests": tuple(ToolRequest(**one) for one in body["tool_requests"])})


def cards_body(cards: Sequence[ToolCard]) -> list[dict[str, Any]]:
    """Cards of tools as JSON."""
    return [{**vars(card), "parameters": dict(card.parameters)} for card in cards]


def cards_of(body: Sequence[Mapping[str, Any]]) -> tuple[ToolCard, ...]:
    """What `cards_body` wrote."""
    return tuple(ToolCard(**card) for card in body)


def endpoints_body(endpoints: Sequence[Endpoint]) -> list[dict[str, Any]]:
    """Endpoints as JSON."""
    return [{**vars(one), "abilities": sorted(one.abilities), "terms": sorted(one.terms)} for one in endpoints]


def endpoints_of(body: Sequence[Mapping[str, Any]]) -> tuple[Endpoint, ...]:
    """What `endpoints_body` wrote."""
    return tuple(
        Endpoint(**{**one, "abilities": frozenset(one["abilities"]), "terms": frozenset(one["terms"])}) for one in body
    )


def spent_of(body: Mapping[str, Any]) -> Spent:
    """What a run has used."""
    return Spent(**body)


_ERRORS: Mapping[str, type[OpswardenError]] = {
    kind.__name__: kind
    for kind in (
        errors.OpswardenError,
        errors.ConfigError,
        errors.InputError,
        errors.BackendError,
        errors.ModelError,
        errors.NotDelivered,
        errors.ToolRetry,
        errors.ToolFailed,
        errors.CallDenied,
        errors.ApprovalRequired,
        errors.RedactionError,
        errors.LedgerError,
    )
}
_MOST_WORDS = 2_000


def error_body(error: OpswardenError) -> dict[str, Any]:
    """An error of ours as JSON; one of a class that the wire does not know goes as the nearest that it knows."""
    kind = next(each.__name__ for each in type(error).__mro__ if _ERRORS.get(each.__name__) is each)
    more = {name: getattr(error, name) for name in ("code", "retryable", "approval_id") if hasattr(error, name)}
    return {"kind": kind, "message": error.message, "remedy": error.remedy, **more}


def error_of(body: Mapping[str, Any]) -> OpswardenError:
    """The error that `error_body` wrote; whatever came makes some error, and none longer than two lines."""
    kind = _ERRORS.get(str(body.get("kind")), OpswardenError)
    message, remedy = (" ".join(str(body.get(name, "")).split())[:_MOST_WORDS] for name in ("message", "remedy"))
    if kind is errors.CallDenied:
        return errors.CallDenied(message, code=str(body.get("code", ""))[:_NAME], remedy=remedy)
    if kind is errors.ApprovalRequired:
        return errors.ApprovalRequired(message, approval_id=str(body.get("approval_id", ""))[:_NAME], remedy=remedy)
    if kind is errors.ModelError:
        return errors.ModelError(message, remedy=remedy, retryable=body.get("retryable") is True)
    return kind(message, remedy=remedy)
