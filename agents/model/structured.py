"""Structured output: one schema, asked for in whatever way an endpoint can, checked the same way afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import AIMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

from ...core.errors import ModelError
from ...policies.types import Endpoint, Message
from ...tools.spec import json_schema
from .messages import TOOL_NAME

Schema = dict[str, Any] | type
_MODES = ("json", "tools")


@dataclass(frozen=True)
class Shape:
    """What an answer must look like.

    Args:
        name: fits `[A-Za-z0-9_-]{1,64}`.
        description: one or two sentences for the model.
        schema: JSON schema of an object.
    """

    name: str
    description: str
    schema: Mapping[str, Any]

    def response_format(self) -> dict[str, Any]:
        """For endpoints with the ability `json`."""
        return {"type": "json_schema", "json_schema": {"name": self.name, "schema": dict(self.schema)}}

    def tool(self) -> dict[str, Any]:
        """For endpoints that can call tools: handing the answer in is a call."""
        function = {"name": self.name, "description": self.description, "parameters": dict(self.schema)}
        return {"type": "function", "function": function}

    def instruction(self) -> Message:
        """For endpoints that can do neither: the schema in words, at the end of the conversation."""
        schema = json.dumps(self.schema, separators=(",", ":"), ensure_ascii=False)
        text = f"Answer with one JSON object that fits this JSON schema, and with nothing else:\n{schema}"
        return {"role": "user", "content": text}


def shape_of(schema: Schema) -> Shape:
    """The shape that a pydantic model, a `TypedDict` or a JSON schema asks for.

    Raises:
        ValueError: a JSON schema has no usable title.
    """
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        found = json_schema(schema)
        return Shape(_named(schema.__name__), (schema.__doc__ or "").strip(), found)
    function = convert_to_openai_tool(cast("dict[str, Any]", schema))["function"]
    return Shape(_named(function["name"]), function.get("description", ""), function.get("parameters", {}))


def mode_for(endpoint: Endpoint) -> str:
    """`json`, `tools`, or `text` where an endpoint can do neither."""
    return next((mode for mode in _MODES if mode in endpoint.abilities), "text")


def parse(message: AIMessage, shape: Shape, schema: Schema) -> Any:
    """The object in an answer, whichever way it came: a model instance, or a `dict` for the other schemas.

    Raises:
        ModelError: there is none, or it does not fit; nothing of the answer is repeated.
    """
    found = _object_in(message, shape)
    if found is None:
        raise _unfit(message, shape, "it holds no JSON object")
    try:
        if isinstance(schema, type) and issubclass(schema, BaseModel):
            return schema.model_validate_json(json.dumps(found))
        if is_typeddict(schema):
            return TypeAdapter[Any](schema).validate_python(found)  # type: ignore[arg-type]  # a TypedDict by the line above
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        # Names of fields may come from the answer too, so only the kind of the first problem is told.
        problem = f"{error.error_count()} problems, the first: {first['type']}"
    else:
        missing = [name for name in shape.schema.get("required", ()) if name not in found]
        if not missing:
            return found
        problem = f"it lacks {', '.join(map(repr, missing))}"
    raise _unfit(message, shape, problem)


def _object_in(message: AIMessage, shape: Shape) -> dict[str, Any] | None:
    for call in message.tool_calls:
        if call["name"] == shape.name:
            return call["args"]
    text = message.content if isinstance(message.content, str) else ""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start:
        return None
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unfit(message: AIMessage, shape: Shape, problem: str) -> ModelError:
    endpoint = message.response_metadata.get("endpoint", "")
    return ModelError(
        f"endpoint {endpoint!r} gave an answer that does not fit {shape.name!r}: {problem}",
        remedy="use a model that can produce structured output",
    )


def _named(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
    if not TOOL_NAME.fullmatch(plain):
        raise ValueError("a schema for structured output needs a title")
    return plain
