"""Any LangChain chat model as a transport, so that an injected model stands behind the gate like every other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.utils import convert_to_messages
from langchain_core.runnables import RunnableConfig

from ...core.clock import Deadline
from ...core.tokens import estimate_tokens
from ...policies.types import Endpoint, ModelReply, ModelRequest, ToolRequest
from .failures import EndpointFailure, too_late, unusable
from .in_time import TooLate, in_time
from .replies import FINISH_REASONS, as_text, priced

# What an injected model shows to callbacks, it shows to nobody here: tracers would get the prompt.
_CONFIG: RunnableConfig = {"callbacks": [], "metadata": {}, "tags": []}


class LangChainTransport:
    """A `ModelTransport` over an injected chat model.

    Retries and their waits are the model's own business; every error of it counts as final unless it says otherwise
    by a `retryable` or by an HTTP status that passes.

    Args:
        chat_model: gets `max_tokens`, `temperature` and `response_format` as call options where they are set.
        endpoint: how policies and reports know it.
    """

    def __init__(self, chat_model: BaseChatModel, endpoint: Endpoint) -> None:
        self._model = chat_model
        self._endpoint = endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self._endpoint

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send and wait.

        Raises:
            ModelError: the model failed, was too late, or gave no text.
        """
        *_, reply = self._run(request, deadline, streamed=False)
        if not isinstance(reply, ModelReply):
            raise unusable(self._endpoint.name, "it is no message")
        return reply

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """Text as it arrives, then the whole reply.

        Raises:
            ModelError: the model failed, was too late, or gave no text.
        """
        yield from self._run(request, deadline, streamed="stream" in self._endpoint.abilities)

    def _run(self, request: ModelRequest, deadline: Deadline, *, streamed: bool) -> Iterator[str | ModelReply]:
        found: EndpointFailure | None = None
        whole: AIMessage | AIMessageChunk | None = None
        try:
            if deadline.passed:
                raise TooLate
            for message in in_time(lambda: self._messages(request, streamed), lambda _: deadline.left_s):
                whole = self._joined(whole, message)
                text = _text(message)
                if text is None:
                    raise unusable(self._endpoint.name, "its content is no text")
                if text:
                    yield text
        except TooLate:
            found = too_late(self._endpoint.name)
        except EndpointFailure:
            raise
        except Exception as error:  # noqa: BLE001 - an injected model raises what it likes, prompts quoted
            found = self._failure(error)
        if found is not None:
            raise found
        if whole is None:
            raise unusable(self._endpoint.name, "it is empty")
        yield self._reply(whole, request)

    def _messages(self, request: ModelRequest, streamed: bool) -> Iterator[BaseMessage]:
        messages = convert_to_messages([dict(message) for message in request.messages])
        options: dict[str, Any] = {"max_tokens": request.max_tokens}
        if request.temperature is not None:
            options["temperature"] = request.temperature
        if request.response_format is not None:
            options["response_format"] = dict(request.response_format)
        stop = list(request.stop) or None
        model: Any = self._model
        if request.tools:
            choice = {} if request.tool_choice is None else {"tool_choice": request.tool_choice}
            model = model.bind_tools([dict(tool) for tool in request.tools], **choice)
        if streamed:
            yield from model.stream(messages, config=_CONFIG, stop=stop, **options)
        else:
            yield model.invoke(messages, config=_CONFIG, stop=stop, **options)

    def _joined(self, whole: AIMessage | AIMessageChunk | None, message: BaseMessage) -> AIMessage | AIMessageChunk:
        if isinstance(whole, AIMessageChunk) and isinstance(message, AIMessageChunk):
            return whole + message
        if whole is None and isinstance(message, AIMessage):
            return message
        raise unusable(self._endpoint.name, "it is no message of an assistant")

    def _failure(self, error: Exception) -> EndpointFailure:
        status = getattr(error, "status_code", None)
        is_passing = getattr(error, "retryable", False) is True or status in (408, 429, 500, 502, 503, 504)
        return EndpointFailure(
            f"endpoint {self._endpoint.name!r} failed: {type(error).__name__}",
            remedy="look at the log of the injected model",
            retryable=is_passing,
        )

    def _reply(self, whole: AIMessage | AIMessageChunk, request: ModelRequest) -> ModelReply:
        text = _text(whole) or ""
        requests = tuple(_requests(whole))
        usage = whole.usage_metadata
        spoken = text + "".join(one.name + one.arguments for one in requests)
        tokens_in = usage["input_tokens"] if usage else estimate_tokens(as_text([*request.messages, *request.tools]))
        tokens_out = usage["output_tokens"] if usage else estimate_tokens(spoken)
        reason = str(whole.response_metadata.get("finish_reason") or ("tool_calls" if requests else "stop"))
        return ModelReply(
            text=text,
            tool_requests=requests,
            finish_reason=reason if reason in FINISH_REASONS else "unknown",
            model=self._endpoint.model,
            endpoint=self._endpoint.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microusd=priced(self._endpoint, tokens_in, tokens_out),
        )


def _requests(whole: AIMessage | AIMessageChunk) -> Iterator[ToolRequest]:
    if isinstance(whole, AIMessageChunk):
        # Of chunks the text itself is taken: LangChain completes JSON that was cut off.
        for chunk in whole.tool_call_chunks:
            yield ToolRequest(chunk["id"] or "", chunk["name"] or "", chunk["args"] or "")
        return
    for call in whole.tool_calls:
        yield ToolRequest(call["id"] or "", call["name"], json.dumps(call["args"], ensure_ascii=False))
    for invalid in whole.invalid_tool_calls:
        yield ToolRequest(invalid["id"] or "", invalid["name"] or "", invalid["args"] or "")


def _text(message: BaseMessage) -> str | None:
    """The text of a message; blocks that are no text (reasoning, citations) are left out."""
    if isinstance(message.content, str):
        return message.content
    parts: list[str] = []
    for block in message.content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "text" and isinstance(block.get("text"), str):
            parts.append(block["text"])
    return "".join(parts)
