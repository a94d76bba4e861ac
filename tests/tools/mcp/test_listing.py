"""Fingerprints, schemas that are not ours, and argument models made from the configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.tools.mcp.listing import Listed, misfit
from opswarden.tools.mcp.settings import ArgumentSettings
from opswarden.tools.mcp.types import args_model

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


def test_every_part_of_a_listing_is_in_its_fingerprint() -> None:
    base = Listed("a", "b", SCHEMA)
    others = [
        Listed("x", "b", SCHEMA),
        Listed("a", "b ", SCHEMA),
        Listed("a", "b", {**SCHEMA, "title": "x"}),
        Listed("a", "b", SCHEMA, {}),
    ]
    assert len({each.fingerprint for each in (base, *others)}) == 5
    reordered = dict(reversed(SCHEMA.items()))
    assert Listed("a", "b", reordered).fingerprint == base.fingerprint


def doubling(**more: Any) -> dict[str, Any]:
    """Thirty definitions, each of which is twice the next one: a billion of looks at one value."""
    twice = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(30)}
    return {"$defs": {**twice, "a0": {**twice["a0"], **more}, "a30": {}}, "$ref": "#/$defs/a0"}


@pytest.mark.parametrize(
    ("schema", "value", "does_not_fit"),
    [
        (SCHEMA, {"a": "x"}, False),
        (SCHEMA, {"a": 1}, True),
        ({"type": "nonsense"}, {}, True),
        ({"$ref": "https://away.example/schema"}, {}, True),
        ({"$ref": "#"}, {}, True),
        # Patterns are not run: this one would not come back.
        ({"type": "string", "pattern": "(a+)+$"}, "a" * 60 + "!", False),
        ({"patternProperties": {"(a+)+$": {"type": "integer"}}}, {"a" * 60 + "!": "x"}, False),
        # Neither do these, without a limit of the work or with a dialect that brings its own checks.
        (doubling(), {}, True),
        (doubling(**{"$schema": "https://json-schema.org/draft/2020-12/schema"}), {}, True),
        ({"uniqueItems": True}, [{"x": n} for n in range(30_000)], False),
        # A property may be called like a keyword.
        ({"properties": {"pattern": {"type": "integer"}}}, {"pattern": "x"}, True),
        ({"enum": [{"pattern": "x"}]}, {"pattern": "x"}, False),
    ],
)
def test_a_servers_schema_is_checked_without_running_what_is_in_it(schema: Any, value: Any, does_not_fit: bool) -> None:
    assert misfit(schema, value) is does_not_fit


def test_arguments_are_what_the_operator_allows() -> None:
    model = args_model(
        "t",
        {
            "query": ArgumentSettings(required=True, pattern="[a-z]+", longest=5),
            "project": ArgumentSettings(values=("PAY", "OPS")),
            "limit": ArgumentSettings(type="integer", least=1, most=50),
            "share": ArgumentSettings(type="number", most=1.0),
            "tags": ArgumentSettings(several=True, most_values=2),
        },
    )
    good = {"query": "abc", "project": "PAY", "limit": 50, "share": 0.5, "tags": ["a", "b"]}
    assert model.model_validate_json(json.dumps(good)).model_dump() == good
    for wrong in (
        {},
        {"query": "abc\nx"},
        {"query": "abc\n"},
        {"query": "abcdef"},
        {"query": "a", "project": "pay"},
        {"query": "a", "limit": 51},
        {"query": "a", "limit": "5"},
        {"query": "a", "share": 1e400},
        {"query": "a", "tags": ["a", "b", "c"]},
        {"query": "a", "other": 1},
    ):
        with pytest.raises(ValidationError):
            model.model_validate_json(json.dumps(wrong))
