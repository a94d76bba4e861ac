"""The chat model, over the real transport and real HTTP; only the gate is a double that forwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.globals import set_llm_cache
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel, Field, SecretStr
from typing_extensions import TypedDict

from opswarden.agents.model.chat import GatedChatModel
from opswarden.agents.model.litellm_transport import LiteLLMTransport
from opswarden.core.clock import SystemClock
from opswarden.core.errors import CallDenied, ConfigError, InputError, ModelError
from opswarden.policies.types import Ability, Endpoint, Gate
from opswarden.tests.doubles.forwarding_gate import ForwardingGate
from opswarden.tests.doubles.openai_server import Calls, Fail, OpenAIServer, Text, Truncated

ALL: frozenset[Ability] = frozenset({"tools", "json", "stream"})
Connect = Callable[..., LiteLLMTransport]


@pytest.fixture
def connect(server: OpenAIServer) -> Iterator[Connect]:
    made: list[LiteLLMTransport] = []

    def build(name: str = "main", to: OpenAIServer | None = None, **facts: Any) -> LiteLLMTransport:
        transport = LiteLLMTransport(
            Endpoint(name, f"openai/{name}-model", **facts),
            api_key=SecretStr("test-key"),
            base_url=(to or server).url,
            retries=0,
            clock=SystemClock(),
            jitter=lambda: 0.0,
        )
        made.append(transport)
        return transport

    yield build
    for one in made:
        one.close()


@pytest.fixture
def other() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def chat(gate: ForwardingGate, **fields: Any) -> GatedChatModel:
    as_protocol: Gate = gate
    return GatedChatModel(gate=as_protocol, **fields)


@tool
def metrics__query(selector: str, minutes: int = 5) -> str:
    """Read a metric."""
    return f"{selector} {minutes}"


CALL_ID = {"metadata": {"call_id": "reason.1"}}


def test_an_answer_with_its_facts(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("the scorer is slow"))
    gate = ForwardingGate(connect(input_microusd_per_mtok=1_000_000, output_microusd_per_mtok=2_000_000))
    answer = chat(gate).invoke([SystemMessage("be brief"), HumanMessage("what is wrong?")], config=CALL_ID)
    assert isinstance(answer, AIMessage)
    assert answer.content == "the scorer is slow"
    usage = answer.usage_metadata
    assert usage is not None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0
    assert answer.response_metadata == {
        "endpoint": "main",
        "model": "main-model",
        "finish_reason": "stop",
        "cost_microusd": usage["input_tokens"] + 2 * usage["output_tokens"],
        "seq": -1,
        "fallbacks": [],
    }
    assert [(name, call_id) for name, call_id, _ in gate.prompts] == [("main", "reason.1")]
    assert server.captured[0].body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "what is wrong?"},
    ]


def test_tools_round_trip(connect: Connect, server: OpenAIServer) -> None:
    server.script(
        Calls([("metrics__query", '{"selector": "p99"}'), ("metrics__query", '{"selector": "p50"}')], ids=("a", "b")),
        Text("done"),
    )
    model = chat(ForwardingGate(connect())).bind_tools([metrics__query])
    question = HumanMessage("look")
    answer = model.invoke([question], config=CALL_ID)
    assert [(call["name"], call["args"], call["id"]) for call in answer.tool_calls] == [
        ("metrics__query", {"selector": "p99"}, "a"),
        ("metrics__query", {"selector": "p50"}, "b"),
    ]
    results = [ToolMessage("7 ms", tool_call_id="a"), ToolMessage("3 ms", tool_call_id="b")]
    assert model.invoke([question, answer, *results], config=CALL_ID).content == "done"
    assert not server.refusals  # the double checks roles, ids and order as the real API does
    sent = server.captured[1].body
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "tool", "tool"]
    assert sent["tools"][0]["function"]["parameters"]["required"] == ["selector"]


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, None),
        ("auto", "auto"),
        ("none", "none"),
        ("any", "required"),
        (True, "required"),
        ("metrics__query", {"type": "function", "function": {"name": "metrics__query"}}),
        (
            {"type": "function", "function": {"name": "metrics__query"}},
            {"type": "function", "function": {"name": "metrics__query"}},
        ),
    ],
)
def test_the_choice_of_a_tool_is_passed_on(connect: Connect, server: OpenAIServer, choice: Any, sent: Any) -> None:
    server.script(Text("x"))
    chat(ForwardingGate(connect())).bind_tools([metrics__query], tool_choice=choice).invoke("go", config=CALL_ID)
    assert server.captured[0].body.get("tool_choice") == sent


def test_a_tool_name_that_endpoints_refuse_is_refused_at_once(connect: Connect) -> None:
    dotted = {"type": "function", "function": {"name": "metrics.query", "parameters": {"type": "object"}}}
    with pytest.raises(ValueError, match="two underscores"):
        chat(ForwardingGate(connect())).bind_tools([dotted])


MALFORMED = [
    '{"replicas": 1',
    '{"a": NaN}',
    "[1, 2]",
    '"x"',
    "rm -rf",
    '{"a": "' + "\\",
    '{"a": ' + "[" * 32 + "]" * 32 + "}",
]


@pytest.mark.parametrize("arguments", MALFORMED)
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_arguments_that_are_no_json_object_never_become_a_call(
    connect: Connect, server: OpenAIServer, arguments: str, way: str
) -> None:
    """LangChain would complete `{"replicas": 1` of a cut stream to a call with one replica."""
    server.script(Calls([("metrics__query", arguments)]))
    model = chat(ForwardingGate(connect())).bind_tools([metrics__query])
    answer = model.invoke("go", config=CALL_ID) if way == "whole" else merged(model.stream("go", config=CALL_ID))
    assert answer.tool_calls == []
    (invalid,) = answer.invalid_tool_calls
    assert invalid["name"] == "metrics__query"
    assert (invalid["args"] or "").endswith(arguments)


def merged(chunks: Iterator[AIMessageChunk]) -> AIMessageChunk:
    whole: AIMessageChunk | None = None
    for chunk in chunks:
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    return whole


@pytest.mark.parametrize("arguments", ["", "  ", "{}"])
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_a_call_without_arguments_is_a_call(connect: Connect, server: OpenAIServer, arguments: str, way: str) -> None:
    server.script(Calls([("metrics__query", arguments)]))
    model = chat(ForwardingGate(connect())).bind_tools([metrics__query])
    answer = model.invoke("go", config=CALL_ID) if way == "whole" else merged(model.stream("go", config=CALL_ID))
    assert [call["args"] for call in answer.tool_calls] == [{}]


@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_ids_that_cannot_be_used_are_replaced(connect: Connect, server: OpenAIServer, way: str) -> None:
    call = ("metrics__query", '{"selector": "x"}')
    server.script(Calls([call] * 4, ids=("same", "same", "odd\x1b[31m id", "fine")))
    model = chat(ForwardingGate(connect())).bind_tools([metrics__query])
    answer = model.invoke("go", config=CALL_ID) if way == "whole" else merged(model.stream("go", config=CALL_ID))
    assert [one["id"] for one in answer.tool_calls] == ["same", "reason.1.2", "reason.1.3", "fine"]


def test_streaming_gives_pieces_then_tools_tokens_and_facts(connect: Connect, server: OpenAIServer) -> None:
    server.script(Calls([("metrics__query", '{"selector": "p99"}')], "let me see", piece=4, ids=("a",)))
    model = chat(ForwardingGate(connect())).bind_tools([metrics__query])
    chunks = list(model.stream("go", config=CALL_ID))
    assert [chunk.content for chunk in chunks if chunk.content] == ["let ", "me s", "ee"]
    whole = merged(iter(chunks))
    assert whole.content == "let me see"
    assert [(call["name"], call["args"], call["id"]) for call in whole.tool_calls] == [
        ("metrics__query", {"selector": "p99"}, "a")
    ]
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0
    assert whole.response_metadata["endpoint"] == "main"
    assert whole.response_metadata["finish_reason"] == "tool_calls"


def test_the_asynchronous_surface_is_the_same(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("one"), Text("two words"))
    model = chat(ForwardingGate(connect()))

    async def both() -> tuple[Any, str]:
        answer = await model.ainvoke("go", config=CALL_ID)
        return answer.content, "".join([str(chunk.content) async for chunk in model.astream("go", config=CALL_ID)])

    assert asyncio.run(both()) == ("one", "two words")


def test_the_next_endpoint_answers_when_one_fails_or_is_denied(
    connect: Connect, server: OpenAIServer, other: OpenAIServer
) -> None:
    gate = ForwardingGate(
        connect("first"), connect("second"), connect("third", other), denied={"second": "residency.eu"}
    )
    server.script(Fail(503, "secret words of the endpoint"))
    other.script(Text("from the third"))
    answer = chat(gate).invoke("go", config=CALL_ID)
    assert answer.content == "from the third"
    assert answer.response_metadata["endpoint"] == "third"
    assert answer.response_metadata["fallbacks"] == [
        "first: endpoint 'first' is not available (HTTP 503)",
        "second: endpoint 'second' is not allowed here",
    ]
    # The gate was asked anew for each, under an id of its own.
    assert [(name, call_id) for name, call_id, _ in gate.prompts] == [
        ("first", "reason.1"),
        ("second", "reason.1.fallback1"),
        ("third", "reason.1.fallback2"),
    ]


def test_errors_that_will_not_pass_also_lead_to_the_next_endpoint(
    connect: Connect, server: OpenAIServer, other: OpenAIServer
) -> None:
    server.script(Fail(401))
    other.script(Text("still here"))
    answer = chat(ForwardingGate(connect("first"), connect("second", other))).invoke("go", config=CALL_ID)
    assert answer.content == "still here"


def test_a_stream_falls_back_before_its_first_text_and_never_after(
    connect: Connect, server: OpenAIServer, other: OpenAIServer
) -> None:
    gate = ForwardingGate(connect("first"), connect("second", other))
    server.script(Fail(500), Truncated("The cause"))
    other.script(Text("all well"), Text("never"))
    whole = merged(chat(gate).stream("go", config=CALL_ID))
    assert whole.content == "all well"
    assert whole.response_metadata["fallbacks"] == ["first: endpoint 'first' failed (HTTP 500)"]
    seen: list[str] = []
    with pytest.raises(ModelError, match="broke off"):
        seen.extend(str(chunk.content) for chunk in chat(gate).stream("go", config=CALL_ID))
    assert len(other.captured) == 1


def test_the_order_of_endpoints_can_be_chosen(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("x"))
    gate = ForwardingGate(connect("first"), connect("second"))
    answer = chat(gate, endpoint_names=("second",)).invoke("go", config=CALL_ID)
    assert answer.response_metadata["endpoint"] == "second"
    with pytest.raises(ConfigError, match="no model endpoint 'third'"):
        chat(gate, endpoint_names=("second", "third")).invoke("go", config=CALL_ID)
    with pytest.raises(ConfigError, match="no model endpoint is configured"):
        chat(ForwardingGate()).invoke("go", config=CALL_ID)


def test_when_nobody_answers_every_reason_is_told(connect: Connect, server: OpenAIServer) -> None:
    alone = ForwardingGate(connect("first"))
    server.script(Fail(404), Fail(404), Fail(500))
    with pytest.raises(ModelError, match="endpoint 'first' does not know the model") as caught:
        chat(alone).invoke("go", config=CALL_ID)
    assert not caught.value.retryable
    several = ForwardingGate(connect("first"), connect("second"), connect("third"), denied={"third": "residency.eu"})
    with pytest.raises(ModelError, match=r"first: .* second: .* third: ") as caught:
        chat(several).invoke("go", config=CALL_ID)
    assert caught.value.retryable
    forbidden = ForwardingGate(connect("first"), connect("second"), denied={"first": "a.b", "second": "c.d"})
    with pytest.raises(CallDenied) as denied:
        chat(forbidden).invoke("go", config=CALL_ID)
    assert denied.value.code == "a.b"


def test_a_model_without_tools_gets_the_whole_story_in_a_single_pass(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("it was the deploy"))
    gate = ForwardingGate(connect(abilities=frozenset({"stream"})))
    asked = AIMessage(
        "let me look",
        tool_calls=[{"name": "metrics__query", "args": {"selector": "p99"}, "id": "a", "type": "tool_call"}],
    )
    history = [HumanMessage("what is wrong?"), asked, ToolMessage("7 ms", tool_call_id="a")]
    answer = chat(gate).bind_tools([metrics__query], tool_choice="any").invoke(history, config=CALL_ID)
    assert answer.content == "it was the deploy"
    assert answer.response_metadata["single_pass"] is True
    body = server.captured[0].body
    assert "tools" not in body
    assert "tool_choice" not in body
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert 'asked for metrics__query {"selector": "p99"}' in body["messages"][1]["content"]
    assert body["messages"][2]["content"] == "[result of metrics__query]\n7 ms"
    assert not server.refusals


class Cause(BaseModel):
    """The cause of an incident."""

    entity: str
    score: int = Field(ge=0, le=100)


class CauseDict(TypedDict):
    """The cause of an incident."""

    entity: str
    score: int


CAUSE_SCHEMA = {
    "title": "cause",
    "description": "The cause of an incident.",
    "type": "object",
    "properties": {"entity": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["entity", "score"],
}
GOOD = '{"entity": "fraud-scorer", "score": 90}'


@pytest.mark.parametrize(
    ("abilities", "answer", "sent"),
    [
        (ALL, Text(GOOD), "response_format"),
        (frozenset({"tools"}), Calls([("Cause", GOOD)]), "tools"),
        (frozenset(), Text(f"Gladly:\n```json\n{GOOD}\n```"), "instruction"),
    ],
    ids=["json", "tools", "words"],
)
def test_structured_output_is_asked_for_in_the_way_the_endpoint_has(
    connect: Connect, server: OpenAIServer, abilities: frozenset[Ability], answer: Text | Calls, sent: str
) -> None:
    server.script(answer)
    model = chat(ForwardingGate(connect(abilities=abilities))).with_structured_output(Cause)
    assert model.invoke("go", config=CALL_ID) == Cause(entity="fraud-scorer", score=90)
    body = server.captured[0].body
    assert ("response_format" in body) == (sent == "response_format")
    assert ("tools" in body) == (sent == "tools")
    assert ("JSON schema" in body["messages"][-1]["content"]) == (sent == "instruction")
    if sent == "response_format":
        assert body["response_format"]["json_schema"]["schema"]["required"] == ["entity", "score"]
    if sent == "tools":
        assert body["tool_choice"]["function"]["name"] == "Cause"
    assert not server.refusals


def test_a_fallback_is_asked_in_its_own_way(connect: Connect, server: OpenAIServer, other: OpenAIServer) -> None:
    server.script(Fail(500))
    other.script(Calls([("Cause", GOOD)]))
    gate = ForwardingGate(connect("first"), connect("second", other, abilities=frozenset({"tools"})))
    assert chat(gate).with_structured_output(Cause).invoke("go", config=CALL_ID) == Cause(
        entity="fraud-scorer", score=90
    )
    assert "response_format" in server.captured[0].body
    assert "response_format" not in other.captured[0].body


@pytest.mark.parametrize("schema", [CauseDict, CAUSE_SCHEMA], ids=["typed dict", "json schema"])
def test_other_schemas_give_a_dict(connect: Connect, server: OpenAIServer, schema: Any) -> None:
    server.script(Text(GOOD), Text('{"entity": "secret-name"}'))
    model = chat(ForwardingGate(connect())).with_structured_output(schema)
    assert model.invoke("go", config=CALL_ID) == {"entity": "fraud-scorer", "score": 90}
    with pytest.raises(ModelError):
        model.invoke("go", config=CALL_ID)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot help with that",
        '{"entity": "planted-name", "score": 200}',
        '{"entity": "planted-name"}',
        '{"entity": "planted-name", "score": ',
        "[]",
    ],
)
def test_an_answer_that_does_not_fit_is_a_model_error_that_repeats_nothing(
    connect: Connect, server: OpenAIServer, text: str
) -> None:
    server.script(Text(text), Text(text))
    model = chat(ForwardingGate(connect()))
    with pytest.raises(ModelError, match="endpoint 'main' gave an answer that does not fit 'Cause'") as caught:
        model.with_structured_output(Cause).invoke("go", config=CALL_ID)
    assert "planted-name" not in str(caught.value)
    found = model.with_structured_output(Cause, include_raw=True).invoke("go", config=CALL_ID)
    assert isinstance(found, dict)
    assert found["raw"].content == text
    assert found["parsed"] is None
    assert isinstance(found["parsing_error"], ModelError)


def test_ids_come_from_the_call_from_the_owner_or_from_chance(connect: Connect, server: OpenAIServer) -> None:
    server.script(*[Text("x")] * 6)
    gate = ForwardingGate(connect())
    counted = iter(("one", "two"))
    owned = chat(gate, call_ids=lambda: next(counted))
    owned.invoke("go")
    owned.invoke("go", config=CALL_ID)  # what the call says wins
    owned.invoke("go")
    chat(gate).invoke("go")
    chat(gate).generate([[HumanMessage("go")]])
    list(chat(gate).stream("go"))
    ids = [call_id for _, call_id, _ in gate.prompts]
    assert ids[:3] == ["one", "reason.1", "two"]
    assert all(one.startswith("prompt.") and len(one) > 20 for one in ids[3:])
    assert len(set(ids)) == 6


def test_the_id_reaches_the_gate_on_every_way_through_langchain(connect: Connect, server: OpenAIServer) -> None:
    """Also where a streaming callback turns `invoke` into a stream, and inside a graph's node."""
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables import RunnableConfig, RunnableLambda
    from langchain_core.tracers._streaming import _StreamingCallbackHandler

    class Listener(BaseCallbackHandler, _StreamingCallbackHandler[Any]):
        def tap_output_iter(self, run_id: Any, output: Iterator[Any]) -> Iterator[Any]:
            return output

        def tap_output_aiter(self, run_id: Any, output: Any) -> Any:
            return output

    server.script(*[Text("x")] * 5)
    gate = ForwardingGate(connect())
    model = chat(gate).bind_tools([metrics__query])
    model.invoke("go", config={**CALL_ID, "callbacks": [Listener()]})
    assert server.captured[0].body["stream"] is True
    list(model.stream("go", config=CALL_ID))
    asyncio.run(model.ainvoke("go", config=CALL_ID))

    async def drain() -> None:
        async for _ in model.astream("go", config=CALL_ID):
            pass

    asyncio.run(drain())
    inherited: RunnableConfig = {"metadata": {"call_id": "reason.1", "other": 1}}
    RunnableLambda(lambda text: model.invoke(text).content).invoke("go", config=inherited)
    assert [call_id for _, call_id, _ in gate.prompts] == ["reason.1"] * 5


def test_the_answer_is_kept_within_the_room_that_the_context_leaves(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("x"), Text("x"), Text("x"))
    model = chat(ForwardingGate(connect(context_tokens=2_000)), max_tokens=1_500)
    model.invoke("short", config=CALL_ID)
    model.invoke("x" * 4_000, config=CALL_ID)
    model.invoke("x" * 40_000, config=CALL_ID)
    asked = [one.body["max_tokens"] for one in server.captured]
    assert asked[0] == 1_500
    assert 900 < asked[1] < 1_000
    assert asked[2] == 256


def test_stop_and_temperature_reach_the_endpoint(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("x"), Text("x"))
    model = chat(ForwardingGate(connect()), temperature=0.0)
    model.invoke("go", config=CALL_ID, stop=["END"])
    model.invoke("go", config=CALL_ID, temperature=0.5, max_tokens=12)
    assert (server.captured[0].body["temperature"], server.captured[0].body["stop"]) == (0.0, ["END"])
    assert (server.captured[1].body["temperature"], server.captured[1].body["max_tokens"]) == (0.5, 12)


def test_what_is_no_text_is_not_sent(connect: Connect, server: OpenAIServer) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/secret.png"}}
    model = chat(ForwardingGate(connect()))
    with pytest.raises(InputError, match="no text"):
        model.invoke([HumanMessage([{"type": "text", "text": "look"}, image])], config=CALL_ID)
    assert server.captured == []
    server.script(Text("x"))
    model.invoke([HumanMessage([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}])], config=CALL_ID)
    assert server.captured[0].body["messages"][0]["content"] == "one\ntwo"


def test_langchains_global_cache_is_never_used(connect: Connect, server: OpenAIServer) -> None:
    server.script(Text("first"), Text("second"))
    model = chat(ForwardingGate(connect()))
    set_llm_cache(InMemoryCache())
    try:
        assert [model.invoke("go", config=CALL_ID).content for _ in range(2)] == ["first", "second"]
    finally:
        set_llm_cache(None)


def test_the_model_shows_neither_gate_nor_key_when_it_is_printed(connect: Connect) -> None:
    model = chat(ForwardingGate(connect()))
    assert "test-key" not in repr(model) + json.dumps(model.asdict(), default=repr)
