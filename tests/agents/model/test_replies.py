"""Shapes and values of answers, and what the errors of an endpoint mean, without a server."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace as Thing
from typing import Any

import pytest

from opswarden.agents.model.failures import retry_after_s
from opswarden.agents.model.in_time import TooLate, in_time
from opswarden.agents.model.messages import without_tools
from opswarden.agents.model.replies import Answer, in_microusd, priced
from opswarden.core.errors import ModelError
from opswarden.policies.types import Endpoint, ModelRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENDPOINT = Endpoint("main", "openai/small")
REQUEST = ModelRequest(({"role": "user", "content": "go"},))


def whole(content: Any = "x", calls: Any = None, **more: Any) -> Any:
    return Thing(choices=[Thing(message=Thing(content=content, tool_calls=calls), finish_reason="stop")], **more)


def piece(content: Any = None, calls: Any = None, reason: Any = None) -> Any:
    return Thing(choices=[Thing(delta=Thing(content=content, tool_calls=calls), finish_reason=reason)])


def call(arguments: Any, index: Any = None, name: Any = "f", id: Any = "a") -> Any:
    return Thing(index=index, id=id, function=Thing(name=name, arguments=arguments))


@pytest.mark.parametrize(
    "response",
    [
        Thing(),
        Thing(choices=None),
        Thing(choices=[]),
        Thing(choices=7),
        whole(content=7),
        whole(content=["x"]),
        whole(calls=[Thing(id="a")]),
        whole(calls=[call(7)]),
        whole(calls=[call(["x"])]),
        whole(content="x" * 1_000_001),
        whole(calls=[call("x" * 1_000_001)]),
        whole(calls=[call("{}")] * 1_002),
    ],
)
def test_a_shape_that_is_not_known_is_refused(response: Any) -> None:
    with pytest.raises(ModelError, match="cannot be used"):
        Answer("main").add_whole(response)


def test_an_object_where_arguments_should_be_text_becomes_text() -> None:
    answer = Answer("main")
    answer.add_whole(whole(None, [call({"x": [1, "ü"]})]))
    assert answer.reply(ENDPOINT, REQUEST, 0).tool_requests[0].arguments == '{"x": [1, "ü"]}'


def test_pieces_of_several_calls_are_joined_by_their_index() -> None:
    answer = Answer("main")
    for one in (
        piece(calls=[call('{"a"', 1, "second", "b")]),
        piece(calls=[call("", 0, "first", "a"), call(": 1}", 1, None, None)]),
        piece(calls=[call("{}", 0, None, None)], reason="tool_calls"),
    ):
        answer.add_chunk(one)
    found = answer.reply(ENDPOINT, REQUEST, 0)
    assert [(one.id, one.name, one.arguments) for one in found.tool_requests] == [
        ("a", "first", "{}"),
        ("b", "second", '{"a": 1}'),
    ]
    assert found.finish_reason == "tool_calls"


def test_an_endless_stream_is_cut() -> None:
    answer = Answer("main")
    with pytest.raises(ModelError, match="longer than any answer"):
        for _ in range(2_000):
            answer.add_chunk(piece("x" * 1_000))


@pytest.mark.parametrize("count", [True, -1, 1.5, "7", None, 10**9])
def test_a_count_that_is_none_is_estimated(count: Any) -> None:
    answer = Answer("main")
    answer.add_whole(whole("abcdefgh", usage=Thing(prompt_tokens=count, completion_tokens=count)))
    assert answer.tokens(REQUEST)[1] == 2
    assert 0 < answer.tokens(REQUEST)[0] < 50


@pytest.mark.parametrize(
    ("prices", "tokens", "cost"),
    [((0, 0), (10, 10), 0), ((1, 1), (1, 1), 1), ((150_000, 600_000), (1_000, 1_000), 750), ((1, 0), (10**6, 5), 1)],
)
def test_prices(prices: tuple[int, int], tokens: tuple[int, int], cost: int) -> None:
    endpoint = Endpoint("m", "p/m", input_microusd_per_mtok=prices[0], output_microusd_per_mtok=prices[1])
    assert priced(endpoint, *tokens) == cost


@pytest.mark.parametrize(
    ("usd", "microusd"), [(0.0, 0), (0.000001, 1), (0.0000021, 3), (0.1 + 0.2, 300_000), (-1.0, 0), (math.nan, 0)]
)
def test_dollars_become_whole_millionths(usd: float, microusd: int) -> None:
    assert in_microusd(usd) == microusd


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"RETRY-AFTER": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "Sun, 99 Mar 2026 12:00:30 GMT"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_how_long_an_endpoint_wants_to_be_left_alone(headers: dict[str, str], wait_s: float | None) -> None:
    assert retry_after_s(headers, NOW) == wait_s


def test_items_come_in_order_and_errors_as_they_are() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("x")

    items = in_time(source, lambda _: 5.0)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(KeyError):
        next(items)


def test_each_item_has_its_own_limit() -> None:
    def source() -> Iterator[int]:
        yield 1
        time.sleep(1)
        yield 2

    items = in_time(source, lambda number: 5.0 if number == 0 else 0.05)
    assert next(items) == 1
    with pytest.raises(TooLate):
        next(items)


def test_the_source_ends_when_nobody_listens_any_more() -> None:
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            ended.set()

    items = in_time(source, lambda _: 5.0)
    next(items)
    items.close()
    assert ended.wait(5)


def test_a_conversation_is_retold_without_tools() -> None:
    told = without_tools(
        (
            {"role": "user", "content": "go"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                    {"id": "b", "type": "function", "function": {"name": "g", "arguments": '{"x": 1}'}},
                ],
            },
            {"role": "tool", "tool_call_id": "b", "content": "two"},
            {"role": "tool", "tool_call_id": "a", "content": "one"},
            {"role": "tool", "tool_call_id": "z", "content": "?"},
        )
    )
    assert told == (
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": '[asked for f {}]\n[asked for g {"x": 1}]'},
        {"role": "user", "content": "[result of g]\ntwo"},
        {"role": "user", "content": "[result of f]\none"},
        {"role": "user", "content": "[result of a tool]\n?"},
    )
