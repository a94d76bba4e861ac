"""A model of Inspect as a transport behind the gate: Inspect carries the request, the gate has decided and redacted it.

Needs the extra `inspect`.
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...agents.model.failures import EndpointFailure, too_late, unusable
from ...core.clock import Deadline
from ...core.errors import ModelError
from ...core.tokens import estimate_tokens
from ...policies.types import Endpoint, Message, ModelReply, ModelRequest, ToolRequest

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

_FINISH_REASONS = {
    "stop": "stop",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
}
_CHOICES = frozenset({"auto", "none", "any"})


class InspectTransport:
    """A `ModelTransport` over the model that Inspect was started with.

    Args:
        model: of `inspect_ai.model.get_model()`.
        portal: into the event loop of the sample; requests come from threads.
        endpoint: how policies and reports know it.
    """

    def __init__(self, model: Any, portal: BlockingPortal, endpoint: Endpoint) -> None:
        self._model = model
        self._portal = portal
        self._endpoint = endpoint
        # Inspect writes down what a model said where the sample's context tells it to; threads of the gate have none.
        self._context = contextvars.copy_context()

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self._endpoint

    @property
    def sent_again(self) -> int:
        """Nothing here: what Inspect sends again stands in its own log."""
        return 0

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send and wait.

        Raises:
            ModelError: Inspect's model failed, was too late, or gave nothing.
        """
        found: ModelError | None = None
        output: Any = None
        try:
            output = self._context.copy().run(self._portal.call, self._generate, request, max(0.001, deadline.left_s))
        except TimeoutError:
            found = too_late(self._endpoint.name)
        except Exception as error:  # noqa: BLE001 - a provider raises whatever it likes, prompts quoted
            found = EndpointFailure(
                f"endpoint {self._endpoint.name!r} failed ({type(error).__name__})", remedy="see the log of Inspect"
            )
        if found is not None:
            # Raised out here, where no error that quotes the prompt hangs on to it as its context.
            raise found
        return self._reply(request, output)

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """The whole answer at once.

        Raises:
            ModelError: as `complete`.
        """
        reply = self.complete(request, deadline)
        if reply.text:
            yield reply.text
        yield reply

    async def _generate(self, request: ModelRequest, seconds: float) -> Any:
        import anyio  # noqa: PLC0415 - comes with Inspect
        from inspect_ai.model import GenerateConfig  # noqa: PLC0415 - of the extra
        from inspect_ai.tool import ToolFunction, ToolInfo  # noqa: PLC0415 - the same

        messages = [_message(message) for message in request.messages]
        tools = [ToolInfo.model_validate(tool["function"]) for tool in request.tools]
        config = GenerateConfig(
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            stop_seqs=list(request.stop) or None,
        )
        choice: Any = None
        if tools and request.tool_choice:
            choice = request.tool_choice if request.tool_choice in _CHOICES else ToolFunction(name=request.tool_choice)
        with anyio.fail_after(seconds):
            return await self._model.generate(messages, tools=tools, tool_choice=choice, config=config)

    def _reply(self, request: ModelRequest, output: Any) -> ModelReply:
        if getattr(output, "error", None) or not output.choices:
            raise EndpointFailure(f"endpoint {self._endpoint.name!r} failed", remedy="see the log of Inspect")
        message = output.choices[0].message
        calls = tuple(
            ToolRequest(str(call.id), str(call.function), json.dumps(call.arguments))
            for call in message.tool_calls or ()
        )
        text = str(message.text)
        if not text and not calls:
            raise unusable(self._endpoint.name, "it is empty")
        usage = output.usage
        return ModelReply(
            text=text,
            tool_requests=calls,
            finish_reason=_FINISH_REASONS.get(str(output.stop_reason), "stop"),
            model=str(output.model),
            endpoint=self._endpoint.name,
            tokens_in=usage.input_tokens if usage else estimate_tokens(json.dumps([*request.messages], default=str)),
            tokens_out=usage.output_tokens if usage else estimate_tokens(text),
        )


def _message(message: Message) -> Any:
    """One message in Inspect's types."""
    from inspect_ai.model import (  # noqa: PLC0415 - of the extra
        ChatMessageAssistant,
        ChatMessageSystem,
        ChatMessageTool,
        ChatMessageUser,
    )
    from inspect_ai.tool import ToolCall  # noqa: PLC0415 - the same

    text = str(message.get("content") or "")
    match message.get("role"):
        case "system":
            return ChatMessageSystem(content=text)
        case "tool":
            return ChatMessageTool(content=text, tool_call_id=str(message.get("tool_call_id")))
        case "assistant":
            asked: Any = message.get("tool_calls") or ()
            calls = [
                ToolCall(id=each["id"], function=each["function"]["name"], arguments=_arguments(each)) for each in asked
            ]
            return ChatMessageAssistant(content=text, tool_calls=calls or None)
        case _:
            return ChatMessageUser(content=text)


def _arguments(call: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(call["function"]["arguments"] or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
