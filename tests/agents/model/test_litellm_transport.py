"""The transport over real HTTP against the scripted server, on both roads LiteLLM takes to an OpenAI-like server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from opswarden.agents.model.litellm_transport import LiteLLMTransport
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ModelError
from opswarden.core.tokens import estimate_tokens
from opswarden.policies.types import Endpoint, ModelReply, ModelRequest, ModelTransport, ToolRequest
from opswarden.tests.doubles.openai_server import (
    Calls,
    Drip,
    Fail,
    Hang,
    OpenAIServer,
    Raw,
    Reset,
    Step,
    Text,
    Truncated,
)

PROVIDERS = ("openai", "hosted_vllm")
TOOLS = (
    {
        "type": "function",
        "function": {"name": "metrics__query", "description": "d", "parameters": {"type": "object", "properties": {}}},
    },
)
Make = Callable[..., LiteLLMTransport]


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def make(server: OpenAIServer, provider: str, slept: list[float]) -> Iterator[Make]:
    made: list[LiteLLMTransport] = []

    def build(endpoint: Endpoint | None = None, **options: object) -> LiteLLMTransport:
        settings: dict[str, object] = {
            "api_key": SecretStr("test-key"),
            "base_url": server.url,
            "clock": SystemClock(),
            "jitter": lambda: 1.0,
            "sleep": slept.append,
            **options,
        }
        transport = LiteLLMTransport(endpoint or Endpoint("main", f"{provider}/small"), **settings)  # type: ignore[arg-type]  # a table of options
        made.append(transport)
        return transport

    yield build
    for one in made:
        one.close()


def ask(text: str = "what is wrong?", **more: object) -> ModelRequest:
    return ModelRequest(({"role": "user", "content": text},), **more)  # type: ignore[arg-type]  # a table of options


def gather(items: Iterator[str | ModelReply]) -> tuple[list[str], ModelReply]:
    found = list(items)
    reply = found.pop()
    assert isinstance(reply, ModelReply)
    assert all(isinstance(one, str) for one in found)
    return [str(one) for one in found], reply


def whole_or_streamed(transport: LiteLLMTransport, request: ModelRequest, deadline: Deadline, way: str) -> ModelReply:
    if way == "whole":
        return transport.complete(request, deadline)
    return gather(transport.stream(request, deadline))[1]


WAYS = ("whole", "streamed")


def test_it_is_a_transport(make: Make) -> None:
    transport: ModelTransport = make()
    assert transport.endpoint.name == "main"


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_comes_back_with_its_tokens(make: Make, server: OpenAIServer, deadline: Deadline, way: str) -> None:
    server.script(Text("Der Dienst läuft 🚀 wieder."))
    reply = whole_or_streamed(make(), ask(), deadline, way)
    assert (reply.text, reply.finish_reason, reply.endpoint, reply.model) == (
        "Der Dienst läuft 🚀 wieder.",
        "stop",
        "main",
        "small",
    )
    assert (reply.tokens_in, reply.tokens_out) == usage_of(server, reply.text)
    assert reply.tool_requests == ()
    assert reply.cost_microusd == 0
    assert not server.refusals


def usage_of(server: OpenAIServer, spoken: str) -> tuple[int, int]:
    from opswarden.tests.doubles.openai_requests import count_tokens

    return count_tokens(server.captured[-1].body["messages"]), count_tokens(spoken)


def test_streamed_text_arrives_in_pieces_before_the_reply(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    server.script(Text("one two three four", piece=5, pause_s=0.05))
    items = make().stream(ask(), deadline)
    started = time.monotonic()
    assert next(items) == "one t"
    assert time.monotonic() - started < 0.15 + 1  # not the whole answer; the margin is for a busy machine
    pieces, reply = gather(items)
    assert pieces == ["wo th", "ree f", "our"]
    assert reply.text == "one two three four"


@pytest.mark.parametrize("way", WAYS)
def test_tool_calls_come_back_whole_and_in_order(
    make: Make, server: OpenAIServer, deadline: Deadline, way: str
) -> None:
    arguments = '{"selector": "p99{service=\\"fraud\\"}", "n": 3}'
    server.script(Calls([("metrics__query", arguments), ("metrics__query", "{}")], "let me look", ids=("c1", "c2")))
    reply = whole_or_streamed(make(), ask(tools=TOOLS), deadline, way)
    assert reply.tool_requests == (
        ToolRequest("c1", "metrics__query", arguments),
        ToolRequest("c2", "metrics__query", "{}"),
    )
    assert (reply.text, reply.finish_reason) == ("let me look", "tool_calls")


@pytest.mark.parametrize("way", WAYS)
def test_arguments_that_are_no_json_pass_through_as_text(
    make: Make, server: OpenAIServer, deadline: Deadline, way: str
) -> None:
    server.script(Calls([("metrics__query", '{"selector": "cut of')]))
    reply = whole_or_streamed(make(), ask(tools=TOOLS), deadline, way)
    assert reply.tool_requests[0].arguments == '{"selector": "cut of'


@pytest.mark.parametrize("way", WAYS)
def test_the_request_says_what_was_asked_for_and_nothing_else(
    make: Make, server: OpenAIServer, deadline: Deadline, way: str
) -> None:
    server.script(Text("{}"), Text("{}"))
    schema = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    conversation = (
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "go"},
        {
            "role": "assistant",
            "content": "let me look",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "metrics__query", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "nothing"},
    )
    request = ModelRequest(
        conversation, TOOLS, "metrics__query", schema, max_tokens=99, temperature=0.25, stop=("END",)
    )
    whole_or_streamed(make(), request, deadline, way)
    body = server.captured[0].body
    assert body.pop("stream", False) == (way == "streamed")
    assert body.pop("stream_options", None) == ({"include_usage": True} if way == "streamed" else None)
    assert body == {
        "model": "small",
        "messages": [*conversation],
        "tools": [*TOOLS],
        "tool_choice": {"type": "function", "function": {"name": "metrics__query"}},
        "response_format": schema,
        "max_tokens": 99,
        "temperature": 0.25,
        "stop": ["END"],
    }
    whole_or_streamed(make(), ask(tools=TOOLS, tool_choice="required"), deadline, way)
    assert server.captured[1].body["tool_choice"] == "required"
    assert not server.refusals


def test_the_request_itself_is_left_as_it_was(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    request = ask(tools=TOOLS)
    before = json.dumps([*request.messages, *request.tools])
    server.script(Text("x"))
    make().complete(request, deadline)
    assert json.dumps([*request.messages, *request.tools]) == before


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("way", WAYS)
def test_why_it_stopped_is_told(make: Make, server: OpenAIServer, deadline: Deadline, way: str, reason: str) -> None:
    server.script(Text("cut", finish_reason=reason))
    assert whole_or_streamed(make(), ask(), deadline, way).finish_reason == reason


# What the server does, whether another attempt is made, and a word of the error.
PASSING: list[tuple[str, Step, str]] = [
    ("429", Fail(429), "takes no more requests"),
    ("500", Fail(500), "failed"),
    ("502", Fail(502), "endpoint 'main'"),
    ("503", Fail(503), "is not available"),
    ("529", Fail(529), "endpoint 'main'"),
    ("408", Fail(408), "endpoint 'main'"),
    ("a reset connection", Reset(), "endpoint 'main'"),
]
FINAL: list[tuple[str, Step, str]] = [
    ("400", Fail(400), "refused the request"),
    ("401", Fail(401), "refused the key"),
    ("403", Fail(403), "refused the key"),
    ("404", Fail(404), "does not know the model"),
    ("422", Fail(422), "refused the request"),
    ("a redirect", Fail(307, headers={"Location": "http://127.0.0.1:9/v1/chat/completions"}), "redirects elsewhere"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "words"), [row[1:] for row in PASSING], ids=[row[0] for row in PASSING])
def test_what_may_pass_is_tried_again(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float], step: Step, words: str, way: str
) -> None:
    server.script(step, Text("there"))
    assert whole_or_streamed(make(retries=1), ask(), deadline, way).text == "there"
    assert len(slept) == 1
    server.script(step, step)
    with pytest.raises(ModelError, match=words) as caught:
        whole_or_streamed(make(retries=1), ask(), deadline, way)
    assert caught.value.retryable
    assert len(server.captured) == 4


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("step", "words"), [row[1:] for row in FINAL], ids=[row[0] for row in FINAL])
def test_what_will_not_pass_is_not_tried_again(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float], step: Step, words: str, way: str
) -> None:
    server.script(step, Text("never"))
    with pytest.raises(ModelError, match=words) as caught:
        whole_or_streamed(make(), ask(), deadline, way)
    assert not caught.value.retryable
    assert (len(server.captured), slept) == (1, [])


def test_a_wrong_key_is_refused_and_not_told(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    with pytest.raises(ModelError, match="refused the key") as caught:
        make(api_key=SecretStr("wrong-key-canary")).complete(ask(), deadline)
    assert "canary" not in repr(caught.value)
    assert server.refusals == ["Incorrect API key provided"]


def test_a_request_that_is_too_long_is_final(provider: str, deadline: Deadline) -> None:
    with OpenAIServer(Text("x"), context_tokens=50) as small:
        transport = LiteLLMTransport(
            Endpoint("main", f"{provider}/small"),
            api_key=SecretStr("test-key"),
            base_url=small.url,
            clock=SystemClock(),
            jitter=lambda: 0.0,
        )
        with pytest.raises(ModelError) as caught:
            transport.complete(ask("x" * 400), deadline)
        assert not caught.value.retryable
        transport.close()


UNUSABLE: list[tuple[str, Step]] = [
    ("broken JSON", Raw(b'{"choices": [{"mess')),
    ("a page", Raw(b"<html>Welcome</html>", "text/html")),
    ("a list", Raw(b"[]")),
    ("nothing", Raw(b"")),
    ("no choices", Raw(b'{"id": "1", "choices": []}')),
    ("another shape", Raw(b'{"answer": 42}')),
    ("null choices", Raw(b'{"choices": null}')),
    ("an error dressed as success", Raw(b'{"error": {"message": "boom"}}')),
    (
        "a number as content",
        Raw(b'{"choices": [{"message": {"role": "assistant", "content": 7}, "finish_reason": "stop"}]}'),
    ),
    ("a choice without a message", Raw(b'{"choices": [{"finish_reason": "stop"}]}')),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", [row[1] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_a_shape_that_nobody_knows_is_a_model_error(
    make: Make, server: OpenAIServer, deadline: Deadline, step: Step, way: str
) -> None:
    server.script(step)
    with pytest.raises(ModelError, match="endpoint 'main'"):
        whole_or_streamed(make(retries=0), ask(), deadline, way)


@pytest.mark.parametrize("how", ["eof", "chunk", "reset"])
def test_a_stream_that_breaks_off_is_never_an_answer(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float], how: str
) -> None:
    """LiteLLM itself makes a clean end of a connection that was closed early."""
    server.script(Truncated("The cause is", how), Text("never asked for"))
    items = make().stream(ask(), deadline)
    pieces: list[str | ModelReply] = []
    with pytest.raises(ModelError, match="broke off its answer") as caught:
        pieces.extend(items)
    assert caught.value.retryable
    assert not any(isinstance(one, ModelReply) for one in pieces)
    # Text had been handed out, so nothing was tried again.
    assert (len(server.captured), slept) == (1, [])


def test_a_stream_of_garbage_is_no_answer(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    server.script(Raw(b'data: {"choices": [{"delta": {"content": "x\n\n', "text/event-stream"))
    with pytest.raises(ModelError):
        list(make(retries=0).stream(ask(), deadline))


@pytest.mark.parametrize("way", WAYS)
def test_silence_ends_at_the_deadline(make: Make, server: OpenAIServer, way: str) -> None:
    server.script(Hang())
    started = time.monotonic()
    with pytest.raises(ModelError, match="did not answer in time") as caught:
        whole_or_streamed(make(), ask(), Deadline(SystemClock(), 0.4), way)
    assert caught.value.retryable
    assert time.monotonic() - started < 3


def test_a_silent_stream_is_given_up_before_the_deadline_and_tried_again(
    make: Make, server: OpenAIServer, deadline: Deadline
) -> None:
    server.script(Hang(), Text("awake"))
    _, reply = gather(make(first_token_timeout_s=0.3).stream(ask(), deadline))
    assert reply.text == "awake"
    assert len(server.captured) == 2


def test_a_stream_that_began_may_pause_longer_than_its_first_piece_may_take(
    make: Make, server: OpenAIServer, deadline: Deadline
) -> None:
    server.script(Text("a", pause_s=0.6))
    assert gather(make(first_token_timeout_s=0.5).stream(ask(), deadline))[1].text == "a"


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_drips_does_not_outlive_the_deadline(make: Make, server: OpenAIServer, way: str) -> None:
    """Every read succeeds at once, so no time-out of a socket would ever end it."""
    server.script(Drip(pause_s=0.02))
    started = time.monotonic()
    with pytest.raises(ModelError, match="did not answer in time"):
        whole_or_streamed(make(), ask(), Deadline(SystemClock(), 0.5), way)
    assert time.monotonic() - started < 3


def test_a_deadline_that_has_passed_asks_nobody(make: Make, server: OpenAIServer) -> None:
    over = Deadline(SystemClock(), 0.001)
    time.sleep(0.01)
    with pytest.raises(ModelError, match="in time"):
        make().complete(ask(), over)
    assert server.captured == []


def test_attempts_wait_longer_and_longer_with_jitter(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float]
) -> None:
    server.script(*[Fail(500)] * 5, Text("there"))
    draws = iter((0.0, 1.0, 0.5, 0.0, 1.0))
    make(retries=5, jitter=lambda: next(draws)).complete(ask(), deadline)
    assert slept == [0.25, 1.0, 1.5, 2.0, 8.0]


@pytest.mark.parametrize("way", WAYS)
def test_the_endpoints_own_wish_is_honoured(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float], way: str
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=12)
    server.script(
        Fail(429, headers={"Retry-After": "7"}),
        Fail(503, headers={"Retry-After": format_datetime(soon, usegmt=True)}),
        Fail(429, headers={"retry-after-ms": "3500"}),
        Fail(429, headers={"Retry-After": "soon"}),
        Text("there"),
    )
    whole_or_streamed(make(retries=4), ask(), deadline, way)
    assert slept[0] == 7.0
    assert 9 < slept[1] <= 12
    assert slept[2:] == [3.5, 4.0]


def test_no_attempt_is_waited_for_that_the_deadline_forbids(
    make: Make, server: OpenAIServer, deadline: Deadline, slept: list[float]
) -> None:
    server.script(Fail(429, headers={"Retry-After": "30"}), Text("too late"))
    with pytest.raises(ModelError, match="takes no more requests") as caught:
        make().complete(ask(), deadline)
    assert caught.value.retryable
    assert (len(server.captured), slept) == (1, [])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("prices", "cost"),
    [((3_000_000, 15_000_000), lambda tokens_in, tokens_out: 3 * tokens_in + 15 * tokens_out), ((1, 0), lambda *_: 1)],
    ids=["in and out", "rounded up"],
)
def test_the_cost_follows_the_declared_prices(
    make: Make,
    server: OpenAIServer,
    deadline: Deadline,
    provider: str,
    way: str,
    prices: tuple[int, int],
    cost: Callable[[int, int], int],
) -> None:
    endpoint = Endpoint(
        "main", f"{provider}/small", input_microusd_per_mtok=prices[0], output_microusd_per_mtok=prices[1]
    )
    server.script(Text("some words"))
    reply = whole_or_streamed(make(endpoint), ask(), deadline, way)
    assert reply.cost_microusd == cost(reply.tokens_in, reply.tokens_out)


def test_without_prices_the_known_list_is_asked_unless_the_model_is_our_own(
    server: OpenAIServer, deadline: Deadline
) -> None:
    server.script(Text("x"), Text("x"), Text("x"))

    def cost(endpoint: Endpoint) -> int:
        transport = LiteLLMTransport(
            endpoint,
            api_key=SecretStr("test-key"),
            base_url=server.url,
            clock=SystemClock(),
            jitter=lambda: 0.0,
        )
        try:
            return transport.complete(ask("x" * 4000), deadline).cost_microusd
        finally:
            transport.close()

    assert cost(Endpoint("main", "openai/gpt-4o")) > 0
    assert cost(Endpoint("main", "openai/gpt-4o", is_self_hosted=True)) == 0
    assert cost(Endpoint("main", "openai/a-model-nobody-knows")) == 0


@pytest.mark.parametrize("way", WAYS)
def test_tokens_that_nobody_counted_are_estimated_on_the_upper_side(
    make: Make, server: OpenAIServer, deadline: Deadline, way: str
) -> None:
    """LiteLLM fills the gap in a stream with a count of its own tokenizer, which is none of the model's."""
    server.script(Text("🚀🚀🚀 größer", usage=False))
    reply = whole_or_streamed(make(), ask("y" * 100), deadline, way)
    assert reply.tokens_out == estimate_tokens("🚀🚀🚀 größer")
    assert reply.tokens_in >= estimate_tokens("y" * 100)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -5, "completion_tokens": -5, "total_tokens": -10},
        {"prompt_tokens": 10**15, "completion_tokens": 10**15, "total_tokens": 2 * 10**15},
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    ],
)
def test_counts_that_cannot_be_are_not_believed(
    make: Make, server: OpenAIServer, deadline: Deadline, usage: dict[str, int]
) -> None:
    answer = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "small",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "abcd"}, "finish_reason": "stop"}],
        "usage": usage,
    }
    server.script(Raw(json.dumps(answer).encode()))
    reply = make().complete(ask(), deadline)
    assert reply.tokens_out == 1
    assert 0 < reply.tokens_in < 100


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_longer_than_any_is_cut_off(make: Make, server: OpenAIServer, deadline: Deadline, way: str) -> None:
    server.script(Text("x" * 1_200_000, piece=100_000))
    with pytest.raises(ModelError, match="longer than any answer"):
        whole_or_streamed(make(), ask(), deadline, way)


def test_a_model_name_that_is_no_name_is_not_repeated(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    answer = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "\x1b[31mevil",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "banana"}],
    }
    server.script(Raw(json.dumps(answer).encode()))
    reply = make().complete(ask(), deadline)
    assert "evil" not in reply.model
    assert reply.finish_reason in ("stop", "unknown")


def test_an_endpoint_without_streaming_gives_the_whole_text_at_once(
    make: Make, server: OpenAIServer, deadline: Deadline, provider: str
) -> None:
    server.script(Text("all of it"))
    endpoint = Endpoint("main", f"{provider}/small", abilities=frozenset({"tools"}))
    pieces, reply = gather(make(endpoint).stream(ask(), deadline))
    assert (pieces, reply.text) == (["all of it"], "all of it")
    assert "stream" not in server.captured[0].body or server.captured[0].body["stream"] is False


def test_without_a_key_none_of_another_place_is_sent_to_an_own_host(
    make: Make, server: OpenAIServer, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "HOSTED_VLLM_API_KEY"):
        monkeypatch.setenv(name, "sk-key-of-the-hosted-provider")
    server.api_key = None
    server.script(Text("x"))
    make(api_key=None).complete(ask(), deadline)
    assert b"sk-key-of-the-hosted-provider" not in server.everything_received()


def test_the_caller_may_stop_listening(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    server.script(Text("a b c d e f", piece=2, pause_s=0.02), Text("next"))
    transport = make()
    items = transport.stream(ask(), deadline)
    next(items)
    items.close()  # type: ignore[attr-defined]  # a generator, as every caller makes use of
    assert transport.complete(ask(), deadline).text == "next"


def test_requests_may_run_side_by_side(make: Make, server: OpenAIServer, deadline: Deadline) -> None:
    import threading

    server.script(*[Text("x", delay_s=0.05)] * 8)
    transport = make()
    replies: list[str] = []
    threads = [
        threading.Thread(target=lambda: replies.append(transport.complete(ask(), deadline).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == ["x"] * 8
