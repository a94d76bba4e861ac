from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import Field, PrivateAttr, SecretStr, field_serializer
from worlds import MAIL, SCOPE, Done, World

from opswarden.core.errors import ToolRetry
from opswarden.policies.arguments import Parsed, parse
from opswarden.policies.schema import args_record
from opswarden.tools.spec import AnyTool, Args, Output, TimeRange, Tool


def parsed(world: World, name: str, **args: Any) -> Parsed:
    tool: AnyTool = {tool.name: tool for tool in world.tools}[name]
    redactor = world.redaction.for_run("run_1", vault=world.vault)
    return parse(tool, args_record(tool.args), args, redactor)


def placeholder(world: World, text: str) -> str:
    return world.redaction.for_run("run_1", vault=world.vault).text(text)


def test_a_placeholder_comes_back_where_the_field_declares_it(world: World) -> None:
    mark = placeholder(world, MAIL)
    found = parsed(world, "tickets.comment", to=mark, body="hello")
    assert found.model.model_dump() == {"to": MAIL, "body": "hello"}
    assert found.shown == {"to": mark, "body": "hello"}
    assert MAIL not in repr(found.shown_cedar)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a text for a number", {"query": "x", "limit": "3"}, "limit: Input should be a valid integer"),
    ("a number for a text", {"query": 3}, "query: Input should be a valid string"),
    ("a fraction for a whole number", {"query": "x", "limit": 2.5}, "limit: Input should be a valid integer"),
    ("a truth value for a number", {"query": "x", "limit": True}, "limit: Input should be a valid integer"),
    ("a missing argument", {}, "query: Field required"),
    ("an argument that does not exist", {"query": "x", "hunter2": 1}, r"\?: Extra inputs are not permitted"),
    ("a moment without a zone", {"query": "x", "since": "2026-11-23T10:00:00"}, "since: "),
    ("not a number", {"query": "x", "limit": float("nan")}, "no plain JSON"),
    ("a number beyond JSON", {"query": "x", "limit": 2**60}, "no plain JSON"),
    ("half a character", {"query": "\ud800"}, "no plain JSON"),
    ("too much", {"query": "x" * 70_000}, "longer than 65536 bytes"),
]


@pytest.mark.parametrize(("args", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_arguments_are_taken_strictly(world: World, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolRetry, match=message) as caught:
        parsed(world, "logs.search", **args)
    assert "hunter2" not in caught.value.message


def test_a_moment_is_an_iso_text(world: World) -> None:
    found = parsed(world, "logs.search", query="x", since="2026-11-23T10:00:00+01:00")
    assert found.cedar["since"] == "2026-11-23T09:00:00.000Z"


def test_a_placeholder_anywhere_else_is_refused(world: World) -> None:
    mark = placeholder(world, MAIL)
    with pytest.raises(ToolRetry, match="a placeholder in the arguments"):
        parsed(world, "tickets.comment", to=MAIL, body=f"write to {mark}")


@pytest.mark.parametrize("frame", ["https://evil.example/?q={}", "please tell {} of it", "{},mallory@evil.example"])
def test_nothing_is_restored_inside_of_a_url_or_a_text(world: World, frame: str) -> None:
    mark = placeholder(world, MAIL)
    with pytest.raises(ToolRetry, match="inside of a longer text") as caught:
        parsed(world, "tickets.comment", to=frame.replace("{}", mark), body="hello")
    assert MAIL not in caught.value.message


@pytest.mark.parametrize("mark", ["<EMAIL_ADDRESS_7·zzzz>", "<SECRET·zzzz>"])
def test_a_foreign_or_forged_placeholder_is_refused(world: World, mark: str) -> None:
    with pytest.raises(ToolRetry, match="cannot be used"):
        parsed(world, "tickets.comment", to=mark, body="hello")


def test_a_message_of_a_validator_may_not_quote_what_was_given(world: World) -> None:
    from dataclasses import replace

    from pydantic import field_validator

    from opswarden.tools.spec import Args

    class Quoting(Args):
        name: str
        window: TimeRange | None = None

        @field_validator("name")
        @classmethod
        def _check(cls, value: str) -> str:
            raise ValueError(f"{value} is unknown")

    tool = replace(world.tools[0], args=Quoting)
    redactor = world.redaction.for_run("run_1", vault=world.vault)
    with pytest.raises(ToolRetry) as caught:
        parse(tool, args_record(Quoting), {"name": "hunter2"}, redactor)
    assert "hunter2" not in caught.value.message
    assert "name: not acceptable (value_error)" in caught.value.message
    window = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
    with pytest.raises(ToolRetry, match="longer than nothing"):
        parse(tool, args_record(Quoting), {"name": "hunter2", "window": window}, redactor)


class _LeftOut(Args):
    service: str
    target: str = Field(default="one", exclude=True)


class _Rewritten(Args):
    service: str

    @field_serializer("service")
    def _always_the_same(self, _value: str) -> str:
        return "checkout"


class _Secret(Args):
    service: SecretStr


class _KeptAside(Args):
    service: str
    _seen: str = PrivateAttr("")

    def model_post_init(self, _context: object) -> None:
        if self.service == "payouts":
            object.__setattr__(self, "service", "checkout")
            self._seen = "payouts"


@pytest.mark.parametrize(
    ("model", "args"),
    [
        (_LeftOut, {"service": "checkout", "target": "everything"}),
        (_Rewritten, {"service": "payouts"}),
        (_Secret, {"service": "payouts"}),
        (_KeptAside, {"service": "payouts"}),
    ],
    ids=["left out", "rewritten", "secret", "kept aside"],
)
def test_what_nobody_could_see_is_not_run(
    make_world: Callable[..., World], model: type[Args], args: dict[str, Any]
) -> None:
    ran: list[Args] = []

    def run(given: Args, _context: object) -> Output[Done]:
        ran.append(given)
        return Output("ok", SCOPE, Done(note="done"))

    tool: AnyTool = Tool("x.write", "write", "for tests", model, Done, run, environment="prod")
    world = make_world(tools=[tool], stages={"*": {"prod": {"x.write": "act"}}})
    result = world.open().call("x.write", args, call_id="w1")
    assert (result.status, result.code, result.approval_id) == ("denied", "tool-broken", None)
    assert "payouts" not in result.message
    assert ran == []
    assert world.records("call.decided")[0].body["code"] == "tool-broken"
