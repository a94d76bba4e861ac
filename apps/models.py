"""From the names on a command line to transports: the one place where credentials of models are read."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .settings import Settings

if TYPE_CHECKING:
    from ..agents.model.litellm_transport import LiteLLMTransport
    from ..core.clock import Clock


def chosen_models(settings: Settings, named: str | None, *, none_wanted: bool) -> tuple[str, ...]:
    """Which endpoints a run uses: the named one, or all configured ones in order but that of embeddings, or none.

    A name is that of a configured endpoint or `provider/name`.
    """
    if none_wanted:
        return ()
    if named:
        return (named,)
    embeddings = settings.runbook_embeddings.endpoint
    return tuple(endpoint.name for endpoint in settings.models.endpoints if endpoint.name != embeddings)


def transports_for(settings: Settings, names: Sequence[str], clock: Clock) -> tuple[LiteLLMTransport, ...]:
    """A transport per name, in order.

    Raises:
        ConfigError: a name is neither a configured endpoint nor `provider/name`, or its key is missing.
    """
    if not names:
        return ()
    from ..agents.model.endpoints import build_transports, from_short_form  # noqa: PLC0415 - only with a model

    configured = {endpoint.name: endpoint for endpoint in settings.models.endpoints}
    endpoints = tuple(configured.get(name) or from_short_form(name) for name in names)
    return build_transports(endpoints, clock=clock, jitter=random.SystemRandom().random)


@contextmanager
def open_transports(settings: Settings, names: Sequence[str], clock: Clock) -> Iterator[tuple[LiteLLMTransport, ...]]:
    """`transports_for` whose connections are closed at the end.

    Raises:
        ConfigError: as there.
    """
    transports = transports_for(settings, names, clock)
    if transports:
        from ..agents.model.lazy_litellm import load_litellm  # noqa: PLC0415 - only with a model

        # Its import takes seconds; begun now, it is over when statistics are, and no prompt's deadline pays for it.
        threading.Thread(target=load_litellm, name="load-litellm", daemon=True).start()
    try:
        yield transports
    finally:
        for transport in transports:
            transport.close()
