"""The chat model that agents use. Behind it stands `gate.prompt`, and it is the only caller of it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableMap
from langchain_core.runnables.config import ensure_config
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, SkipValidation

from ...core.errors import CallDenied, ConfigError, ModelError
from ...core.tokens import estimate_tokens
from ...policies.types import Endpoint, Gate, Message, ModelReply, ModelRequest
from .messages import TOOL_NAME, from_gate, streamable, to_gate, usage_of, with_ids, without_tools
from .structured import Schema, Shape, mode_for, parse, shape_of

_LEAST_ANSWER_TOKENS = 256
_CALL_ID = "prompt_call_id"
_PROMPTS = "prompt_hashes"
_CHOICES = {"any": "required", True: "required", "required": "required", "auto": "auto", "none": "none"}


class GatedChatModel(BaseChatModel):
    """A LangChain chat model whose every request is decided, redacted and recorded by the gate.

    Endpoints are tried in order. When one fails or is denied, the next is asked, and the gate decides anew; the
    answer's `response_metadata` names those that were passed over under `fallbacks`, each as `<name>: <reason>`. The
    rest of it: `endpoint`, `model`, `finish_reason`, `cost_microusd`, `seq`, and `single_pass` where a model without
    tools answered a request that had some.

    Each request needs an id that no other request of the run has, and that is the same when the run is resumed: give
    `config={"metadata": {"call_id": …}}` with one request (not with a batch), or `call_ids`. Without either the id is
    random: unique, but another one after a resume. `metadata` may also hold `prompts`, the hashes of our texts in the
    request by their names, which are recorded with it.

    Args:
        gate: opened for the run.
        endpoint_names: which endpoints, in which order; all of the gate's, in its order, if empty.
        max_tokens: longest answer; less where an endpoint's context leaves less room.
        temperature: as the endpoints understand it; theirs if absent.
        call_ids: the id of the next request.
    """

    gate: SkipValidation[Gate]
    endpoint_names: tuple[str, ...] = ()
    max_tokens: int = 2048
    temperature: float | None = None
    call_ids: Callable[[], str] | None = None
    cache: Any = False
    """Never LangChain's global cache: it would answer past the gate and keep what was asked."""

    @property
    def _llm_type(self) -> str:
        return "opswarden-gate"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | bool | dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with tools to ask for.

        Raises:
            ValueError: a name does not fit `[A-Za-z0-9_-]{1,64}`, which is all that endpoints accept.
        """
        converted = [convert_to_openai_tool(tool) for tool in tools]
        for tool in converted:
            if not TOOL_NAME.fullmatch(tool["function"]["name"]):
                raise ValueError(f"tool name {tool['function']['name']!r}: write a dot as two underscores")
        choice = _choice(tool_choice)
        return self.bind(tools=converted, **({"tool_choice": choice} if choice else {}), **kwargs)

    def with_structured_output(
        self, schema: Schema, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """The model with answers that fit a schema, asked for in the best way that the answering endpoint has.

        The runnable raises `ModelError` for an answer that does not fit; with `include_raw` it returns
        `{raw, parsed, parsing_error}` instead.
        """
        if kwargs:
            raise ValueError(f"unknown options: {', '.join(map(repr, sorted(kwargs)))}")
        shape = shape_of(schema)

        def read(message: AIMessage) -> Any:
            return parse(message, shape, schema)

        def read_or_tell(found: Mapping[str, Any]) -> dict[str, Any]:
            try:
                return {**found, "parsed": read(found["raw"]), "parsing_error": None}
            except ModelError as error:
                return {**found, "parsed": None, "parsing_error": error}

        bound = self.bind(structured=shape)
        if include_raw:
            return RunnableMap(raw=bound) | RunnableLambda(read_or_tell)
        return bound | RunnableLambda(read)

    def invoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Ask and wait; see the class for ids, endpoints and what the answer carries."""
        return super().invoke(input, config, stop=stop, **self._identified(config, kwargs))

    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Like `invoke`, on a thread."""
        return await super().ainvoke(input, config, stop=stop, **self._identified(config, kwargs))

    def stream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """Text as it arrives; tool calls, tokens and facts in the last chunk."""
        yield from super().stream(input, config, stop=stop, **self._identified(config, kwargs))

    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Like `stream`, on a thread."""
        async for chunk in super().astream(input, config, stop=stop, **self._identified(config, kwargs)):
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call_id = self._identified(None, kwargs)[_CALL_ID]
        attempts = _Attempts(self, to_gate(messages), stop, kwargs)
        for endpoint, request, attempt_id in attempts.each(call_id):
            try:
                reply = self.gate.prompt(request, endpoint=endpoint.name, call_id=attempt_id)
            except (ModelError, CallDenied) as error:
                attempts.passed_over(endpoint, error)
                continue
            message = from_gate(reply, attempt_id, attempts.facts(endpoint, reply))
            return ChatResult(generations=[ChatGeneration(message=message)])
        raise attempts.nobody_answered()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        call_id = self._identified(None, kwargs)[_CALL_ID]
        attempts = _Attempts(self, to_gate(messages), stop, kwargs)
        for endpoint, request, attempt_id in attempts.each(call_id):
            has_begun = False
            try:
                for item in self.gate.prompt_stream(request, endpoint=endpoint.name, call_id=attempt_id):
                    if isinstance(item, ModelReply):
                        yield _last_chunk(item, attempt_id, attempts.facts(endpoint, item))
                        return
                    has_begun = True
                    yield ChatGenerationChunk(message=AIMessageChunk(content=item))
            except (ModelError, CallDenied) as error:
                if has_begun:
                    raise  # half an answer cannot be taken back
                attempts.passed_over(endpoint, error)
                continue
            raise ModelError(f"endpoint {endpoint.name!r} ended its answer without saying so", retryable=True)
        raise attempts.nobody_answered()

    def _identified(self, config: RunnableConfig | None, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The options with the id of the prompt; LangChain hands the configuration on in some of its ways only."""
        if kwargs.get(_CALL_ID):
            return kwargs
        metadata = ensure_config(config).get("metadata") or {}
        given = metadata.get("call_id")
        if isinstance(metadata.get("prompts"), Mapping):
            kwargs = {**kwargs, _PROMPTS: metadata["prompts"]}
        if not (isinstance(given, str) and given):
            given = self.call_ids() if self.call_ids is not None else f"prompt.{uuid.uuid4().hex}"
        return {**kwargs, _CALL_ID: given}

    def chosen_endpoints(self) -> list[Endpoint]:
        """The endpoints in the order in which they are tried.

        Raises:
            ConfigError: a name that the gate does not know, or no endpoint at all.
        """
        known = {endpoint.name: endpoint for endpoint in self.gate.endpoints()}
        unknown = [name for name in self.endpoint_names if name not in known]
        if unknown or not known:
            told = f"no model endpoint {unknown[0]!r}" if unknown else "no model endpoint is configured"
            raise ConfigError(told, remedy="declare it under `models.endpoints`, or use `--model PROVIDER/NAME`")
        return [known[name] for name in self.endpoint_names or known]


class _Attempts:
    """One prompt on its way along the endpoints."""

    def __init__(
        self, model: GatedChatModel, messages: tuple[Message, ...], stop: list[str] | None, options: dict[str, Any]
    ) -> None:
        self._model = model
        self._messages = messages
        self._stop = tuple(stop or ())
        self._tools: tuple[dict[str, Any], ...] = tuple(options.get("tools") or ())
        self._choice = _choice(options.get("tool_choice"))
        self._format: Mapping[str, Any] | None = options.get("response_format")
        self._shape: Shape | None = options.get("structured")
        self._temperature: float | None = options.get("temperature", model.temperature)
        self._max_tokens: int = options.get("max_tokens") or model.max_tokens
        self._prompts: Mapping[str, str] = options.get(_PROMPTS) or {}
        self._errors: list[tuple[str, ModelError | CallDenied]] = []

    def each(self, call_id: str) -> Iterator[tuple[Endpoint, ModelRequest, str]]:
        """Endpoint, request and id of each attempt; ids differ, because each is decided and recorded on its own."""
        for place, endpoint in enumerate(self._model.chosen_endpoints()):
            yield endpoint, self._request(endpoint), call_id if place == 0 else f"{call_id}.fallback{place}"

    def passed_over(self, endpoint: Endpoint, error: ModelError | CallDenied) -> None:
        """Remember why an endpoint did not answer."""
        self._errors.append((endpoint.name, error))

    def facts(self, endpoint: Endpoint, reply: ModelReply) -> dict[str, Any]:
        """The `response_metadata` of an answer."""
        facts: dict[str, Any] = {
            "endpoint": reply.endpoint or endpoint.name,
            "model": reply.model or endpoint.model,
            "finish_reason": reply.finish_reason,
            "cost_microusd": reply.cost_microusd,
            "seq": reply.seq,
            "fallbacks": [f"{name}: {error.message}" for name, error in self._errors],
        }
        if self._tools and "tools" not in endpoint.abilities:
            facts["single_pass"] = True
        return facts

    def nobody_answered(self) -> ModelError | CallDenied:
        """The error for the caller: the endpoint's own if there was one, else all in one line."""
        if len(self._errors) == 1:
            return self._errors[0][1]
        told = "; ".join(f"{name}: {error.message}" for name, error in self._errors)
        failed = [error for _, error in self._errors if isinstance(error, ModelError)]
        if failed:
            return ModelError(
                f"no endpoint answered: {told}",
                remedy=failed[-1].remedy,
                retryable=any(error.retryable for error in failed),
            )
        denied = self._errors[0][1]
        code = denied.code if isinstance(denied, CallDenied) else ""
        return CallDenied(f"no endpoint is allowed: {told}", code=code, remedy=denied.remedy)

    def _request(self, endpoint: Endpoint) -> ModelRequest:
        """The request as this endpoint can take it."""
        can_call = "tools" in endpoint.abilities
        messages, tools = self._messages, self._tools if can_call else ()
        choice = self._choice if tools else None
        wanted = self._format if "json" in endpoint.abilities else None
        if not can_call:
            messages = without_tools(messages)
        if self._shape is not None:
            mode = mode_for(endpoint)
            if mode == "json":
                wanted = self._shape.response_format()
            elif mode == "tools":
                tools, choice = (*tools, self._shape.tool()), self._shape.name
            else:
                messages = (*messages, self._shape.instruction())
        asked = sum(estimate_tokens(str(part)) for part in (*messages, *tools))
        room = max(_LEAST_ANSWER_TOKENS, endpoint.context_tokens - asked)
        return ModelRequest(
            messages=messages,
            tools=tools,
            tool_choice=choice,
            response_format=wanted,
            max_tokens=min(self._max_tokens, room),
            temperature=self._temperature,
            stop=self._stop,
            prompts=self._prompts,
        )


def _last_chunk(reply: ModelReply, call_id: str, facts: Mapping[str, Any]) -> ChatGenerationChunk:
    """What comes after the text: the tool calls whole, the tokens and the facts."""
    message = AIMessageChunk(
        content="",
        tool_call_chunks=[
            tool_call_chunk(name=one.name, args=streamable(one.arguments), id=one.id, index=place)
            for place, one in enumerate(with_ids(reply.tool_requests, call_id))
        ],
        usage_metadata=usage_of(reply),
        response_metadata=dict(facts),
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)


def _choice(choice: Any) -> str | None:
    if isinstance(choice, Mapping):
        return str(choice["function"]["name"])
    if choice in (None, False):
        return None
    return _CHOICES.get(choice) or str(choice)
