from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from opswarden.agents.model.chat import GatedChatModel
from opswarden.agents.model.injected import LangChainTransport
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ModelError
from opswarden.policies.types import Endpoint, ModelReply, ModelRequest, ModelTransport, ToolRequest
from opswarden.tests.doubles.forwarding_gate import ForwardingGate


class Scripted(BaseChatModel):
    """A LangChain model as a user may bring one: notes what it is asked and answers from a script."""

    answers: list[Any]
    asked: list[tuple[list[BaseMessage], dict[str, Any]]]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=tools, **kwargs)

    def _next(self, messages: list[BaseMessage], options: dict[str, Any]) -> Any:
        self.asked.append((messages, options))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer()
        return answer

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kw: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages, {"stop": stop, **kw}))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kw: Any
    ) -> Iterator[ChatGenerationChunk]:
        for message in self._next(messages, {"stop": stop, **kw}):
            if isinstance(message, Exception):
                raise message
            yield ChatGenerationChunk(message=message)


def transport(*answers: Any, **facts: Any) -> tuple[LangChainTransport, Scripted]:
    model = Scripted(answers=list(answers), asked=[])
    return LangChainTransport(model, Endpoint("mine", "custom/model", **facts)), model


def ask(**more: Any) -> ModelRequest:
    return ModelRequest(({"role": "system", "content": "be brief"}, {"role": "user", "content": "go"}), **more)


TOOLS = ({"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},)


def test_a_whole_answer(deadline: Deadline) -> None:
    answer = AIMessage(
        [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "the cause"}],
        tool_calls=[{"name": "f", "args": {"x": "ü"}, "id": "a", "type": "tool_call"}],
        invalid_tool_calls=[{"name": "f", "args": "{", "id": "b", "error": "", "type": "invalid_tool_call"}],
        usage_metadata={"input_tokens": 10, "output_tokens": 4, "total_tokens": 14},
        response_metadata={"finish_reason": "tool_calls"},
    )
    under_test, model = transport(answer, input_microusd_per_mtok=1_000_000, output_microusd_per_mtok=1_000_000)
    as_protocol: ModelTransport = under_test
    reply = as_protocol.complete(
        ask(tools=TOOLS, tool_choice="f", max_tokens=7, temperature=0.5, stop=("END",)), deadline
    )
    assert reply == ModelReply(
        text="the cause",
        tool_requests=(ToolRequest("a", "f", '{"x": "ü"}'), ToolRequest("b", "f", "{")),
        finish_reason="tool_calls",
        model="custom/model",
        endpoint="mine",
        tokens_in=10,
        tokens_out=4,
        cost_microusd=14,
    )
    messages, options = model.asked[0]
    assert [message.type for message in messages] == ["system", "human"]
    assert options == {
        "stop": ["END"],
        "max_tokens": 7,
        "temperature": 0.5,
        "tools": [*map(dict, TOOLS)],
        "tool_choice": "f",
    }


def test_a_streamed_answer_keeps_arguments_as_they_came(deadline: Deadline) -> None:
    chunks = [
        AIMessageChunk("the "),
        AIMessageChunk("cause", tool_call_chunks=[tool_call_chunk(name="f", args='{"n": ', id="a", index=0)]),
        AIMessageChunk("", tool_call_chunks=[tool_call_chunk(args="1", index=0)]),
    ]
    items = list(transport(chunks)[0].stream(ask(), deadline))
    assert items[:-1] == ["the ", "cause"]
    reply = items[-1]
    assert isinstance(reply, ModelReply)
    assert reply.tool_requests == (ToolRequest("a", "f", '{"n": 1'),)
    assert reply.tokens_in > 0
    assert reply.tokens_out > 0


def test_a_model_that_cannot_stream_is_not_asked_to(deadline: Deadline) -> None:
    items = list(transport(AIMessage("all"), abilities=frozenset())[0].stream(ask(), deadline))
    assert items[0] == "all"
    assert isinstance(items[1], ModelReply)


class Busy(Exception):
    status_code = 429


@pytest.mark.parametrize(
    ("error", "retryable"), [(ValueError("the prompt was: canary"), False), (Busy("canary"), True)]
)
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_its_errors_become_model_errors_without_their_words(
    deadline: Deadline, error: Exception, retryable: bool, way: str
) -> None:
    under_test, _ = transport(error if way == "whole" else [AIMessageChunk("x"), error])
    with pytest.raises(ModelError, match=f"endpoint 'mine' failed: {type(error).__name__}") as caught:
        if way == "whole":
            under_test.complete(ask(), deadline)
        else:
            list(under_test.stream(ask(), deadline))
    assert caught.value.retryable is retryable
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None


def test_it_is_held_to_the_deadline() -> None:
    under_test, _ = transport(lambda: time.sleep(3))
    started = time.monotonic()
    with pytest.raises(ModelError, match="in time"):
        under_test.complete(ask(), Deadline(SystemClock(), 0.2))
    assert time.monotonic() - started < 2


def test_it_stands_behind_the_gate_like_any_other() -> None:
    under_test, model = transport(AIMessage("fine"))
    gate = ForwardingGate(under_test)
    answer = GatedChatModel(gate=gate).invoke([HumanMessage("go")], config={"metadata": {"call_id": "p1"}})
    assert answer.content == "fine"
    assert gate.prompts[0][:2] == ("mine", "p1")
    assert len(model.asked) == 1
