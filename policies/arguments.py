"""Arguments on their way in: placeholders are put back, then the tool's own model parses what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ..core.canonical import JsonValue, canonical_json
from ..core.errors import CallDenied, OpswardenError, RedactionError, ToolRetry
from ..redaction.types import Redactor
from ..tools.spec import AnyTool, Args, restorable_fields
from .schema import Record, cedar_args, field_values
from .summaries import plain_json

SIZE_LIMIT_BYTES = 65_536
_SHORTEST_ECHO = 3


@dataclass(frozen=True)
class Parsed:
    """Arguments as they will run.

    Args:
        model: what the tool gets; frozen.
        given: as the agent wrote them, placeholders and all.
        raw: the model as plain JSON; never recorded.
        shown: `raw` after redaction.
        cedar: as Cedar takes them, raw.
        shown_cedar: `cedar` after redaction.
    """

    model: Args
    given: Mapping[str, JsonValue]
    raw: JsonValue
    shown: JsonValue
    cedar: Mapping[str, JsonValue]
    shown_cedar: Mapping[str, JsonValue]


def parse(tool: AnyTool, record: Record, given: Mapping[str, JsonValue], redactor: Redactor) -> Parsed:
    """Restore and parse the arguments of a call.

    JSON types are taken strictly: a text is no number; a moment is an ISO text.

    Raises:
        ToolRetry: they do not fit; the message names fields and rules, never a value.
        CallDenied: `tool-broken`, see `_written`.
    """
    try:
        restored = _restore(tool, given, redactor)
    except RedactionError as error:
        raise ToolRetry(f"a placeholder in the arguments of {tool.name!r} cannot be used: {error.message}") from None
    model = parse_model(tool, restored, ToolRetry)
    raw = _written(tool, model)
    cedar = cedar_args(record, field_values(model))
    shown_cedar = redactor.value(cedar)
    return Parsed(
        model=model,
        given=given,
        raw=raw,
        shown=redactor.value(raw),
        cedar=cedar,
        shown_cedar=shown_cedar if isinstance(shown_cedar, Mapping) else {},
    )


def parse_model(tool: AnyTool, given: Mapping[str, JsonValue], refusal: type[OpswardenError]) -> Args:
    """Arguments that hold no placeholders, parsed by the tool's own model.

    Raises:
        refusal: they do not fit.
    """
    try:
        content = canonical_json(given)
        if len(content) > SIZE_LIMIT_BYTES:
            raise refusal(
                f"the arguments of {tool.name!r} are longer than {SIZE_LIMIT_BYTES} bytes", remedy="shorten them"
            )
        model: Args = tool.args.model_validate_json(content)
    except ValidationError as error:
        raise refusal(
            f"the arguments of {tool.name!r} do not fit: {_explain(error, tool.args, given)}",
            remedy="see the tool's parameters",
        ) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise refusal(f"the arguments of {tool.name!r} are no plain JSON ({type(error).__name__})") from None
    return model


def _written(tool: AnyTool, model: Args) -> JsonValue:
    """The arguments as plain JSON: what is hashed, shown and approved, and all of what will run.

    A field that is left out of the JSON (`exclude`), written as something else (a serializer, `SecretStr`) or kept
    aside could be exchanged behind an approval, so the JSON has to make the very same arguments again.

    Raises:
        CallDenied: `tool-broken`, it does not.
    """
    raw = plain_json(model.model_dump(mode="json"))
    try:
        if tool.args.model_validate_json(canonical_json(raw)) == model:
            return raw
    except ValueError:
        pass
    raise CallDenied(
        f"the arguments of {tool.name!r} cannot be written down as it gets them, so nobody could see what would run",
        code="tool-broken",
        remedy="the tool's author leaves `exclude`, serializers and secret types out of its arguments",
    )


def _restore(tool: AnyTool, given: Mapping[str, JsonValue], redactor: Redactor) -> dict[str, JsonValue]:
    allowed = restorable_fields(tool.args)
    return {name: redactor.value_restore(value, allowed.get(name, frozenset())) for name, value in given.items()}


def _explain(error: ValidationError, model: type[BaseModel], given: Mapping[str, JsonValue]) -> str:
    """Which fields break which rules, without a value or a name that the caller made up."""
    known, texts = _field_names(model, set()), set(_texts(given))
    parts: list[str] = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        place = ".".join(str(step) if isinstance(step, int) or step in known else "?" for step in problem["loc"])
        message = problem["msg"]
        if any(text in message for text in texts):
            message = f"not acceptable ({problem['type']})"
        parts.append(f"{place or 'as a whole'}: {message}")
    return "; ".join(dict.fromkeys(parts))


def _field_names(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[str]:
    seen.add(model)
    names = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            if inner not in seen:
                names |= _field_names(inner, seen)
    return names


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value] if len(value) >= _SHORTEST_ECHO else []
    if isinstance(value, Mapping):
        keys = [key for key in value if len(key) >= _SHORTEST_ECHO]
        return keys + [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return []
