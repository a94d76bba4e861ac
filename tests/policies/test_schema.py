from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import cedarpy
import pytest
from pydantic import AwareDatetime, Field, create_model

from opswarden.core.errors import ConfigError
from opswarden.policies.schema import args_record, cedar_args, cedar_schema, field_values, sample_args
from opswarden.tools.spec import Args, Output, Restores, Result, TimeRange, Tool


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Inner(Args):
    depth: int
    label: str | None = None


class Tree(Args):
    name: str
    children: list[Tree] = Field(default_factory=list)


class Nothing(Result):
    pass


def tool(name: str, args: type[Args], effect: Any = "read") -> Tool[Any, Any]:
    def run(_args: Any, _context: Any) -> Output[Any]:
        raise AssertionError

    return Tool(name, effect, "", args, Nothing, run)


def of_type(annotation: Any) -> type[Args]:
    return create_model("OneArg", __base__=Args, x=(annotation, ...))


TYPES: list[tuple[str, Any, str]] = [
    ("text", str, '"x": String'),
    ("whole number", int, '"x": Long'),
    ("truth value", bool, '"x": Bool'),
    ("fraction", float, '"x": decimal'),
    ("moment", datetime, '"x": datetime'),
    ("moment with a zone", AwareDatetime, '"x": datetime'),
    ("literal", Literal["a", "b"], '"x": String'),
    ("literal numbers", Literal[1, 2], '"x": Long'),
    ("enumeration", Colour, '"x": String'),
    ("list of texts", list[str], '"x": Set<String>'),
    ("tuple of numbers", tuple[int, ...], '"x": Set<Long>'),
    ("set of literals", frozenset[Literal["a", "b"]], '"x": Set<String>'),
    ("mapping: its keys", dict[str, str], '"x": Set<String>'),
    ("nested model", Inner, '"x": { "depth": Long, "label"?: String }'),
    ("optional text", str | None, '"x"?: String'),
    ("optional model", Inner | None, '"x"?: { "depth": Long, "label"?: String }'),
    ("marked text", Annotated[str, Restores("EMAIL_ADDRESS")], '"x": String'),
    ("several types agree", str | Literal["a"], '"x": String'),
]


@pytest.mark.parametrize(("annotation", "expected"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES])
def test_each_type_has_its_own_in_cedar(annotation: Any, expected: str) -> None:
    text = cedar_schema([tool("demo.run", of_type(annotation))])
    assert f"args: {{ {expected} }}" in text
    cedarpy.Schema.from_str(text)


LEFT_OUT: list[tuple[str, Any]] = [
    ("types that differ", str | int),
    ("list of models", list[Inner]),
    ("list of moments", list[datetime]),
    ("mapping with other keys", dict[int, str]),
    ("model that holds itself", list[Tree]),
    ("anything", Any),
]


@pytest.mark.parametrize("annotation", [row[1] for row in LEFT_OUT], ids=[row[0] for row in LEFT_OUT])
def test_what_cedar_has_no_type_for_is_left_out_and_named(annotation: Any) -> None:
    model = of_type(annotation)
    text = cedar_schema([tool("demo.run", model)])
    assert "args: {  }" in text
    assert "// demo.run: 'x' has no type in Cedar" in text
    assert args_record(model).left_out == ("x",)


def test_values_take_the_shape_of_their_types() -> None:
    class Everything(Args):
        text: str
        ratio: float
        at: AwareDatetime = Field(strict=False)
        colour: Colour
        tags: dict[str, str]
        window: TimeRange
        inner: Inner
        absent: str | None = None
        unknown: Any = None

    args = Everything.model_validate_json(
        '{"text":"a","ratio":0.33337,"at":"2026-11-23T15:00:00+01:00","colour":"red","tags":{"k":"v"},'
        '"window":{"start":"2026-11-23T00:00:00Z","end":"2026-11-24T00:00:00Z"},"inner":{"depth":2}}'
    )
    assert cedar_args(args_record(Everything), field_values(args)) == {
        "text": "a",
        "ratio": "0.3334",
        "at": "2026-11-23T14:00:00.000Z",
        "colour": "red",
        "tags": ["k"],
        "window": {"start": "2026-11-23T00:00:00.000Z", "end": "2026-11-24T00:00:00.000Z"},
        "inner": {"depth": 2},
    }


def test_sample_arguments_fit_the_schema() -> None:
    class Window(Args):
        at: datetime
        ratio: float
        tags: list[str]
        inner: Inner
        note: str | None = None

    record = args_record(Window)
    assert sample_args(record) == {
        "at": "1970-01-01T00:00:00.000Z",
        "ratio": "0.0",
        "tags": [],
        "inner": {"depth": 0},
    }


def test_the_order_of_the_tools_does_not_matter() -> None:
    tools = [tool("b.run", of_type(str)), tool("a.run", of_type(int), "write")]
    assert cedar_schema(tools) == cedar_schema(tools[::-1])


@pytest.mark.parametrize("name", ["model.prompt", "people.tell", "canary.write", "run", "Demo.run", 'a.b"', "a b.c"])
def test_reserved_and_odd_names_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="reserved name"):
        cedar_schema([tool(name, of_type(str))])


def test_one_name_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="declared twice"):
        cedar_schema([tool("a.run", of_type(str)), tool("a.run", of_type(int))])


def test_an_alias_is_refused_because_policies_would_name_something_else() -> None:
    class Aliased(Args):
        text: str = Field(alias="other")

    with pytest.raises(ConfigError, match="alias"):
        args_record(Aliased)


def test_moments_before_1970_and_odd_zones_come_out_in_utc() -> None:
    record = args_record(of_type(datetime))
    assert cedar_args(record, {"x": datetime(1969, 12, 31, 23, tzinfo=UTC)}) == {"x": "1969-12-31T23:00:00.000Z"}
