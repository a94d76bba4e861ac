"""What a server says of its tools, and the fingerprint by which a change of it is noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any

from ...core.canonical import JsonValue, canonical_json

_NOT_RUN = frozenset(
    {
        "pattern", "patternProperties", "format",
        "uniqueItems", "unevaluatedProperties", "unevaluatedItems",
        "$schema", "$dynamicRef",
    }
)  # fmt: skip
"""Keywords of a server's schemas that are left out of checks. Its regular expressions could keep us busy for ever, and
so could what compares everything with everything or looks ahead; a dialect of its own would be checked without a limit.
"""
_MOST_STEPS = 100_000
"""Keywords that are looked at in one value: a few references to references can stand for any number."""
_NO_CHECK = frozenset({"enum", "const", "default", "examples"})
"""Keywords whose values are data and no schemas."""


@dataclass(frozen=True)
class Listed:
    """One tool as a server describes it; every word of it is the server's.

    Args:
        input_schema: of its arguments.
        output_schema: of its structured content, if it declares one.
    """

    name: str
    description: str
    input_schema: Mapping[str, JsonValue]
    output_schema: Mapping[str, JsonValue] | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over name, description and both schemas, in hex; any change of any of them changes it."""
        whole: dict[str, JsonValue] = {
            "name": self.name,
            "description": self.description,
            "input": dict(self.input_schema),
            "output": dict(self.output_schema) if self.output_schema is not None else None,
        }
        return sha256(canonical_json(whole)).hexdigest()


def misfit(schema: Mapping[str, JsonValue], value: JsonValue) -> bool:
    """Whether a value does not fit a server's schema, or the schema is none, or too much work.

    Nothing is fetched, no pattern is run.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - where a server is asked
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - the same
    from referencing import Registry  # noqa: PLC0415 - the same
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - the same

    bare = _without_patterns(dict(schema))
    try:
        Draft202012Validator.check_schema(bare)
        validator = _counting(Draft202012Validator)(bare, registry=Registry())
        return next(iter(validator.iter_errors(value)), None) is not None
    except (SchemaError, Unresolvable, RecursionError, ValueError, TypeError, KeyError):
        return True


def _counting(base: Any) -> Any:
    """The validator, for one value: it gives up after so many steps."""
    from jsonschema.validators import extend  # noqa: PLC0415 - as above

    steps = count()

    def counted(check: Any) -> Any:
        def run(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            if next(steps) > _MOST_STEPS:
                raise ValueError("too much work")
            yield from check(validator, value, instance, schema) or ()

        return run

    return extend(base, {name: counted(check) for name, check in base.VALIDATORS.items()})


def _without_patterns(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: item if key in _NO_CHECK else _properties(item) if key in _NAMED else _without_patterns(item)
            for key, item in schema.items()
            if key not in _NOT_RUN
        }
    if isinstance(schema, list):
        return [_without_patterns(item) for item in schema]
    return schema


_NAMED = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
"""Keywords under which the keys are names, which may be called `pattern`."""


def _properties(named: Any) -> Any:
    return {name: _without_patterns(item) for name, item in named.items()} if isinstance(named, dict) else named
