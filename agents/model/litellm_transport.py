"""One endpoint behind LiteLLM. The gate holds it; nobody else does."""

from __future__ import annotations

import copy
import functools
import importlib
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.clock import Clock, Deadline
from ...core.errors import ConfigError
from ...policies.embedding import Embedded
from ...policies.types import Endpoint, ModelReply, ModelRequest
from .failures import EndpointFailure, failure, too_late, unusable
from .in_time import TooLate, in_time
from .lazy_litellm import load_litellm
from .replies import Answer, in_microusd, priced
from .vectors import embedded_tokens, vectors_in

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr

# Whose requests go through OpenAI's library, and whose through LiteLLM's own HTTP handler: only with these two can the
# address, the trusted CA and redirects be held to what was declared.
_T = TypeVar("_T")
_THROUGH_OPENAI = frozenset({"openai", "custom_openai"})
_THROUGH_HANDLER = frozenset({"hosted_vllm"})
_NO_KEY = "none"
_CHOICES = frozenset({"auto", "none", "required"})
_EMPTY_FOR_A_REASON = frozenset({"length", "content_filter"})
_BACKOFF_S = 0.5
_BACKOFF_LIMIT_S = 8.0


class LiteLLMTransport:
    """A `ModelTransport` over LiteLLM.

    Args:
        endpoint: what the operator declared; `endpoint.model` is LiteLLM's `provider/name`.
        api_key: sent as the provider wants it. Without one LiteLLM takes the provider's usual environment variable,
            except where `base_url` names a host of our own: no key of another place is ever sent there.
        base_url: for OpenAI-compatible servers (`openai/…`, `hosted_vllm/…`); ends in `/v1`.
        ca_file: PEM file of the only authorities to trust for this endpoint; needs a `base_url`.
        retries: how often a request that may succeed later is sent again.
        clock: for `Retry-After` dates.
        jitter: a number from 0 to 1, drawn anew at each call.
        first_token_timeout_s: how long a stream may stay silent before its first piece.
        sleep: waits between attempts.

    Raises:
        ConfigError: the CA file cannot be used, or nothing could hold the provider to it.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        api_key: SecretStr | None = None,
        base_url: str | None = None,
        ca_file: Path | None = None,
        retries: int = 2,
        clock: Clock,
        jitter: Callable[[], float],
        first_token_timeout_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._api_key = api_key
        self._base_url = base_url
        self._retries = retries
        self._clock = clock
        self._jitter = jitter
        self._first_token_timeout_s = first_token_timeout_s
        self._sleep = sleep
        self._provider = endpoint.model.partition("/")[0]
        self._tls = None if ca_file is None else _trust(endpoint.name, ca_file)
        is_ours = base_url is not None and self._provider in _THROUGH_OPENAI | _THROUGH_HANDLER
        if self._tls is not None and not is_ours:
            raise ConfigError(
                f"endpoint {endpoint.name!r}: a CA file needs a `base_url` and cannot be used with every provider",
                remedy="reach the server as `openai/…` or `hosted_vllm/…` with its `base_url`",
            )
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._client: Any = None
        self._sent_again = 0

    @property
    def sent_again(self) -> int:
        """How many requests were sent once more after a failure that may pass."""
        return self._sent_again

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self._endpoint

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send and wait; what may succeed later is tried again within the deadline.

        Raises:
            ModelError: with `retryable` set for what may succeed later.
        """
        return self._tried(lambda: self._complete_once(request, deadline), deadline)

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """Text as it arrives, then the whole reply. Nothing is tried again once text has been handed out.

        Raises:
            ModelError: with `retryable` set for what may succeed later.
        """
        if "stream" not in self._endpoint.abilities:
            reply = self.complete(request, deadline)
            if reply.text:
                yield reply.text
            yield reply
            return
        for attempt in range(self._retries + 1):
            has_begun = False
            try:
                with closing(self._stream_once(request, deadline)) as items:
                    for item in items:
                        has_begun = True
                        yield item
                return
            except EndpointFailure as error:
                wait_s = None if has_begun else self._wait_s(error, attempt, deadline)
                if wait_s is None:
                    raise
            self._sent_again += 1
            self._sleep(wait_s)

    def embed(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        """A vector for each text, by a model of embeddings; what may succeed later is tried again within the deadline.

        Raises:
            ModelError: with `retryable` set for what may succeed later.
        """
        return self._tried(lambda: self._embed_once(texts, deadline), deadline)

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            if self._http is not None:
                self._http.close()
            self._http = self._client = None

    def _tried(self, once: Callable[[], _T], deadline: Deadline) -> _T:
        for attempt in range(self._retries + 1):
            try:
                return once()
            except EndpointFailure as error:
                wait_s = self._wait_s(error, attempt, deadline)
                if wait_s is None:
                    raise
            self._sent_again += 1
            self._sleep(wait_s)
        raise too_late(self._endpoint.name)

    def _embed_once(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        *_, response = self._guarded(lambda: iter((self._send_texts(texts, deadline),)), deadline)
        return self._embedded(response, texts)

    def _complete_once(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        answer = Answer(self._endpoint.name)
        for response in self._guarded(lambda: iter((self._send(request, deadline, streamed=False),)), deadline):
            answer.add_whole(response)
        return self._finish(answer, request)

    def _stream_once(self, request: ModelRequest, deadline: Deadline) -> Generator[str | ModelReply, None, None]:
        answer = Answer(self._endpoint.name)
        with closing(
            self._guarded(lambda: self._chunks(request, deadline), deadline, first_s=self._first_token_timeout_s)
        ) as chunks:
            for chunk in chunks:
                if isinstance(chunk, _End):
                    if not chunk.was_finished:
                        raise EndpointFailure(
                            f"endpoint {self._endpoint.name!r} broke off its answer",
                            remedy="try again later, or add another endpoint",
                            retryable=True,
                        )
                    if not chunk.usage_was_reported:
                        answer.forget_usage()
                    continue
                text = answer.add_chunk(chunk)
                if text:
                    yield text
        yield self._finish(answer, request)

    def _guarded(
        self, source: Callable[[], Iterator[Any]], deadline: Deadline, first_s: float | None = None
    ) -> Generator[Any, None, None]:
        """The items of `source` within the deadline, its errors as ours."""
        if deadline.passed:
            raise too_late(self._endpoint.name)

        def limit_s(number: int) -> float:
            return deadline.left_s if number or first_s is None else min(first_s, deadline.left_s)

        found: EndpointFailure | None = None
        try:
            with closing(in_time(source, limit_s)) as items:
                yield from items
        except TooLate:
            found = too_late(self._endpoint.name)
        except EndpointFailure:
            raise
        except Exception as error:  # noqa: BLE001 - LiteLLM lets through whatever its parts raise, prompts quoted
            found = failure(self._endpoint.name, error, load_litellm(), self._clock.now())
        if found is not None:
            # Raised out here, where no error that quotes the prompt hangs on to it as its context.
            raise found

    def _chunks(self, request: ModelRequest, deadline: Deadline) -> Iterator[Any]:
        stream = self._send(request, deadline, streamed=True)
        yield from stream
        # LiteLLM makes up an end and token counts where the endpoint sent none; these tell what it really received.
        reasons = (getattr(stream, "received_finish_reason", None), getattr(stream, "intermittent_finish_reason", None))
        received = getattr(stream, "chunks", ())
        yield _End(any(reasons), any(getattr(chunk, "usage", None) is not None for chunk in received))

    def _send(self, request: ModelRequest, deadline: Deadline, *, streamed: bool) -> Any:
        litellm = load_litellm()
        wanted: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": copy.deepcopy([dict(message) for message in request.messages]),
            "max_tokens": request.max_tokens,
            "timeout": max(0.001, deadline.left_s),
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
            "_skip_mcp_handler": True,  # otherwise a request with tools needs the `mcp` package and LiteLLM's gateway
            "api_base": self._base_url,
            "api_key": self._key(),
            "client": self._library_client(),
            "temperature": request.temperature,
            "stop": list(request.stop) or None,
            "tools": copy.deepcopy([dict(tool) for tool in request.tools]) or None,
            "tool_choice": _choice(request.tool_choice) if request.tools else None,
            "response_format": None if request.response_format is None else dict(request.response_format),
        }
        if streamed:
            wanted |= {"stream": True, "stream_options": {"include_usage": True}}
        return litellm.completion(**{name: value for name, value in wanted.items() if value is not None})

    def _send_texts(self, texts: Sequence[str], deadline: Deadline) -> Any:
        is_compatible = self._provider in _THROUGH_OPENAI | _THROUGH_HANDLER
        wanted: dict[str, Any] = {
            "model": self._endpoint.model,
            "input": list(texts),
            "timeout": max(0.001, deadline.left_s),
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
            # Otherwise OpenAI's library asks for base64, which not every compatible server knows.
            "encoding_format": "float" if is_compatible else None,
            "api_base": self._base_url,
            "api_key": self._key(),
            "client": self._library_client(),
        }
        return load_litellm().embedding(**{name: value for name, value in wanted.items() if value is not None})

    def _embedded(self, response: Any, texts: Sequence[str]) -> Embedded:
        tokens_in = embedded_tokens(response, texts)
        cost = self._cost_microusd(tokens_in, 0)
        return Embedded(vectors_in(self._endpoint.name, response, len(texts)), tokens_in, cost)

    def _key(self) -> str | None:
        if self._api_key is not None:
            return self._api_key.get_secret_value()
        return _NO_KEY if self._base_url is not None else None

    def _library_client(self) -> Any:
        """An HTTP client that goes to the declared address and nowhere else; LiteLLM's own for hosted providers."""
        if self._base_url is None or self._provider not in _THROUGH_OPENAI | _THROUGH_HANDLER:
            return None
        with self._lock:
            if self._client is None:
                import httpx  # noqa: PLC0415 - a quarter of a second that only a model needs

                self._http = httpx.Client(verify=self._tls or _public_trust(), follow_redirects=False)
                if self._provider in _THROUGH_OPENAI:
                    openai = importlib.import_module("openai")
                    self._client = openai.OpenAI(
                        api_key=self._key(), base_url=self._base_url, http_client=self._http, max_retries=0
                    )
                else:
                    handlers = importlib.import_module("litellm.llms.custom_httpx.http_handler")
                    self._client = handlers.HTTPHandler(client=self._http)
            return self._client

    def _finish(self, answer: Answer, request: ModelRequest) -> ModelReply:
        if answer.finish_reason not in _EMPTY_FOR_A_REASON and not answer.text and not answer.calls:
            raise unusable(self._endpoint.name, "it is empty")
        tokens_in, tokens_out = answer.tokens(request)
        return answer.reply(self._endpoint, request, self._cost_microusd(tokens_in, tokens_out))

    def _cost_microusd(self, tokens_in: int, tokens_out: int) -> int:
        endpoint = self._endpoint
        if endpoint.is_self_hosted or endpoint.input_microusd_per_mtok or endpoint.output_microusd_per_mtok:
            return priced(endpoint, tokens_in, tokens_out)
        try:
            usd_in, usd_out = load_litellm().cost_per_token(
                model=endpoint.model, prompt_tokens=tokens_in, completion_tokens=tokens_out
            )
        except Exception:  # noqa: BLE001 - LiteLLM raises a bare Exception for a model that its price list lacks
            return 0
        return in_microusd(float(usd_in) + float(usd_out))

    def _wait_s(self, error: EndpointFailure, attempt: int, deadline: Deadline) -> float | None:
        """How long to wait before the next attempt; `None` if there is none."""
        if not error.retryable or attempt >= self._retries:
            return None
        backoff_s = min(_BACKOFF_LIMIT_S, _BACKOFF_S * 2**attempt)
        wait_s = max(error.retry_after_s or 0.0, backoff_s * (0.5 + 0.5 * self._jitter()))
        return wait_s if wait_s < deadline.left_s else None


@dataclass(frozen=True)
class _End:
    """How a stream ended: whether the endpoint said why it stopped, and whether it counted the tokens."""

    was_finished: bool
    usage_was_reported: bool


def _choice(choice: str | None) -> str | Mapping[str, Any] | None:
    if choice is None or choice in _CHOICES:
        return choice
    return {"type": "function", "function": {"name": choice}}


@functools.cache
def _public_trust() -> ssl.SSLContext:
    import httpx  # noqa: PLC0415 - as above

    return httpx.create_ssl_context()


def _trust(endpoint: str, ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"endpoint {endpoint!r}: the CA file {ca_file.name!r} cannot be used",
            remedy="give a PEM file of certificates",
        ) from error
