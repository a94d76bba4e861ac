"""Arguments and results of other servers' tools; both are the operator's, never what a server says of itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional

from pydantic import Field, create_model

from ..spec import Args, KeptText, OutsideText, Restores, Result
from .settings import ArgumentSettings


class OutsideAnswer(Result):
    """What a server returned; outsiders may have written any of it.

    Args:
        texts: as they came.
        content: its structured content, as JSON text.
        left_out: pictures, sounds and links that it returned beside.
    """

    texts: list[OutsideText] = Field(default_factory=list)
    content: OutsideText = ""
    left_out: int = 0


class KeptAnswer(Result):
    """The same of a server whose content its operator alone writes."""

    texts: list[KeptText] = Field(default_factory=list)
    content: KeptText = ""
    left_out: int = 0


def args_model(name: str, arguments: dict[str, ArgumentSettings]) -> type[Args]:
    """The model of a tool's arguments: those listed, each with its limits."""
    fields: dict[str, Any] = {each: _field(settings) for each, settings in arguments.items()}
    return create_model(f"Args_{name}", __base__=Args, **fields)


def _field(settings: ArgumentSettings) -> tuple[Any, Any]:
    whole = _one(settings)
    if settings.several:
        whole = _marked(list[whole], Field(max_length=settings.most_values))  # type: ignore[valid-type]  # made here
    if not settings.required:
        whole = Optional[whole]  # noqa: UP045 - made at run time
    if settings.restores:
        whole = _marked(whole, Restores(*settings.restores))
    return whole, Field(default=... if settings.required else None, description=settings.description or None)


def _one(settings: ArgumentSettings) -> Any:
    if settings.values:
        return Literal[settings.values]
    if settings.type == "string":
        pattern = f"^(?:{settings.pattern})$" if settings.pattern is not None else None
        return _marked(str, Field(max_length=settings.longest, pattern=pattern))
    if settings.type == "integer":
        return _marked(int, Field(ge=settings.least, le=settings.most))
    if settings.type == "number":
        return _marked(float, Field(ge=settings.least, le=settings.most, allow_inf_nan=False))
    return bool


def _marked(kind: Any, mark: Any) -> Any:
    return Annotated[kind, mark]
