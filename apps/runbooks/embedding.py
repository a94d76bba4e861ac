"""The model of sentences that the settings name: an endpoint behind LiteLLM, or one that a listed package adds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...core.clock import Clock, Deadline
from ...core.errors import ConfigError, ModelError
from ...policies.embedding import Embedded, Embedding
from ...policies.types import Endpoint, Principal, Run
from ..packages import EmbedderFactory, Registry

if TYPE_CHECKING:
    from ...agents.model.endpoints import EndpointSettings
    from ...agents.model.litellm_transport import LiteLLMTransport
    from ..installation import Installation
    from ..settings import Settings


def embedding_of(settings: Settings, registry: Callable[[], Registry], clock: Clock) -> Embedding | None:
    """The model; `None` unless the settings name one.

    Args:
        settings: which one is wanted.
        registry: what the listed packages add; asked for only where one of them is wanted.
        clock: for the endpoint.

    Raises:
        ConfigError: no listed package adds a model of this name.
    """
    wanted = settings.runbook_embeddings
    if wanted.endpoint is not None:
        endpoint = next(each for each in settings.models.endpoints if each.name == wanted.endpoint)
        return Embedding(_EndpointModel(endpoint, clock), wanted.timeout_s)
    if wanted.local is None:
        return None
    factory = registry().embedders.get(wanted.local)
    if factory is None:
        raise ConfigError(
            f"no listed package adds an embedder {wanted.local[:64]!r}",
            remedy="correct `runbook_embeddings.local` or `packages`",
        )
    return Embedding(_LocalModel(wanted.local, factory), wanted.timeout_s)


def ask_once(installation: Installation) -> int:
    """How long the vectors are that the model of an installation makes; asked through a gate, and recorded.

    Raises:
        OpswardenError: the model is not there, may not be asked, or does not answer.
    """
    from ..installation import current_person  # noqa: PLC0415 - an installation makes its embedding here
    from ..wiring import gate_factory  # noqa: PLC0415 - the same

    by = Principal("runbooks", f"person:{current_person()}", installation.settings.team)
    gate = gate_factory(installation, ()).open_run(Run(installation.ids.new("run"), by, trigger="doctor"))
    embedder = gate.embedder("runbooks.search")
    if embedder is None:
        raise ConfigError("no model of embeddings is configured", remedy="set `runbook_embeddings`")
    try:
        (vector,) = embedder.embed(["disk full"])
    finally:
        gate.end("answered")
    return len(vector)


class _EndpointModel:
    """A model behind LiteLLM; its key is read, and LiteLLM imported, when texts are first sent."""

    def __init__(self, settings: EndpointSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._transport: LiteLLMTransport | None = None

    @property
    def name(self) -> str:
        return f"{self._settings.model} at {self._settings.name}"

    @property
    def endpoint(self) -> Endpoint | None:
        return self._settings.endpoint

    def load(self) -> None:
        from ...agents.model.endpoints import build_transports  # noqa: PLC0415 - only where texts are sent
        from ...agents.model.lazy_litellm import load_litellm  # noqa: PLC0415 - the same

        jitter = random.SystemRandom().random
        (self._transport,) = build_transports((self._settings,), clock=self._clock, jitter=jitter)
        load_litellm()

    def embed(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        if self._transport is None:
            raise ModelError("the endpoint of embeddings is not ready", retryable=True)
        return self._transport.embed(texts, deadline)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _LocalModel:
    """A model of a user's package, in this process; texts go nowhere."""

    endpoint = None

    def __init__(self, name: str, factory: EmbedderFactory) -> None:
        self.name = name
        self._factory = factory
        self._embed: Callable[[Sequence[str]], Any] | None = None

    def load(self) -> None:
        self._embed = self._factory()

    def embed(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        if self._embed is None:
            raise ModelError("the model of embeddings is not ready", retryable=True)
        return Embedded(self._embed(texts))

    def close(self) -> None:
        self._embed = None
