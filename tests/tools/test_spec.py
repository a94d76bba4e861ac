"""The contract of a tool: closed arguments, trust per field, windows that make sense."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from opswarden.tools.spec import (
    Args,
    DerivedText,
    Output,
    OutsideText,
    Restores,
    Result,
    Scope,
    TimeRange,
    Tool,
    ToolContext,
    Trust,
    restorable_fields,
    trust_of,
)

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


class BakeArgs(Args):
    loaves: int
    oven: str = Field(min_length=1)
    tags: tuple[str, ...] = Field(default=(), strict=False)
    note: Annotated[str, Restores("PERSON", "EMAIL_ADDRESS")] = ""


class Colour(enum.Enum):
    BROWN = "brown"


class Loaf(Result):
    name: OutsideText
    weight_g: float


class Baked(Result):
    count: int
    done: bool
    at: datetime
    took: timedelta
    colour: Colour
    state: Literal["hot", "cold"]
    free: str
    by: DerivedText
    maybe: OutsideText | None
    number_or_text: int | str
    loaves: tuple[Loaf, ...]
    best: Loaf | None
    labels: dict[str, int]
    notes: dict[str, DerivedText]


@pytest.mark.parametrize(
    "given",
    [
        {"loaves": "3", "oven": "a"},
        {"loaves": 3, "oven": "a", "extra": 1},
        {"loaves": 3, "oven": ""},
        {"loaves": 3.5, "oven": "a"},
        {"loaves": True, "oven": "a"},
        {"oven": "a"},
        {"loaves": 3, "oven": 4},
    ],
    ids=["text as number", "unknown key", "too short", "fraction", "truth as number", "missing", "number as text"],
)
def test_arguments_are_closed_and_strict(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BakeArgs.model_validate(given)


def test_arguments_do_not_change() -> None:
    args = BakeArgs.model_validate({"loaves": 3, "oven": "a", "tags": ["x"]})
    assert args.tags == ("x",)
    with pytest.raises(ValidationError):
        args.loaves = 4


def test_trust_is_known_for_every_leaf() -> None:
    assert trust_of(Baked) == {
        "count": Trust.TYPED,
        "done": Trust.TYPED,
        "at": Trust.TYPED,
        "took": Trust.TYPED,
        "colour": Trust.TYPED,
        "state": Trust.TYPED,
        "free": Trust.OUTSIDE,
        "by": Trust.DERIVED,
        "maybe": Trust.OUTSIDE,
        "number_or_text": Trust.OUTSIDE,
        "loaves[].name": Trust.OUTSIDE,
        "loaves[].weight_g": Trust.TYPED,
        "best.name": Trust.OUTSIDE,
        "best.weight_g": Trust.TYPED,
        "labels{key}": Trust.OUTSIDE,
        "labels{}": Trust.TYPED,
        "notes{key}": Trust.OUTSIDE,
        "notes{}": Trust.DERIVED,
    }


def test_only_marked_fields_are_restored() -> None:
    assert restorable_fields(BakeArgs) == {"note": frozenset({"PERSON", "EMAIL_ADDRESS"})}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOON, NOON),
        (NOON, NOON - timedelta(seconds=1)),
        (NOON, NOON + timedelta(days=31, microseconds=1)),
        (NOON.replace(tzinfo=None), NOON + timedelta(hours=1)),
    ],
    ids=["empty", "backwards", "too long", "no time zone"],
)
def test_a_time_range_must_make_sense(start: datetime, end: datetime) -> None:
    with pytest.raises(ValidationError):
        TimeRange(start=start, end=end)


def test_a_time_range_comes_out_of_json_with_any_offset() -> None:
    parsed = TimeRange.model_validate({"start": "2031-05-06T14:00:00+02:00", "end": "2031-05-06T12:30:00Z"})
    assert parsed.start == NOON
    assert parsed.end - parsed.start == timedelta(minutes=30)
    assert TimeRange(start=NOON.astimezone(timezone(timedelta(hours=9))), end=NOON + timedelta(minutes=1)).start == NOON


def test_the_card_of_a_tool_has_nothing_to_call() -> None:
    def run(args: BakeArgs, context: ToolContext) -> Output[Baked]:
        return Output("no_data", Scope(environment="bakery"))

    tool = Tool("bread.bake", "write", "Bake bread.", BakeArgs, Baked, run, environment="bakery")
    card = tool.card
    assert (card.name, card.effect, card.environment) == ("bread.bake", "write", "bakery")
    assert set(card.parameters["properties"]) == {"loaves", "oven", "tags", "note"}
    assert card.parameters["additionalProperties"] is False
    assert not any(callable(value) for value in vars(card).values())
