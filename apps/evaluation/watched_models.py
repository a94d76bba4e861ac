"""Model endpoints under an evaluation's eyes: what they answered, what failed on the way, and what was sent again.

A triage goes on without a model whose endpoint is down, and its report is whole. For an evaluation of the model it is
no answer at all, so the road to the model is watched here, below everything that could cover a failure up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ...agents.model.failures import EndpointFailure
from ...core.clock import Deadline
from ...core.errors import ModelError
from ...policies.types import Endpoint, ModelReply, ModelRequest, ModelTransport


class CountingTransport(ModelTransport, Protocol):
    """A transport that tells how often it tried again."""

    @property
    def sent_again(self) -> int:
        """How many requests were sent once more after a failure that may pass."""
        ...


@dataclass
class Road:
    """What happened between us and the models since the last `begin`.

    Args:
        answered: requests that brought an answer, usable or not.
        failures: requests that brought none.
        last_failure: the last of these, if nothing was answered after it.
    """

    answered: int = 0
    failures: int = 0
    last_failure: ModelError | None = None

    def begin(self) -> None:
        """Forget what was before."""
        self.answered, self.failures, self.last_failure = 0, 0, None

    def note_answer(self) -> None:
        """A model answered."""
        self.answered += 1
        self.last_failure = None

    def note_error(self, error: ModelError) -> None:
        """A request ended in an error; one that the model caused is an answer."""
        if isinstance(error, EndpointFailure) and error.is_answer:
            self.note_answer()
            return
        self.failures += 1
        self.last_failure = error


class WatchedTransport:
    """A `ModelTransport` that writes down how requests end and changes nothing."""

    def __init__(self, inner: CountingTransport, road: Road) -> None:
        self._inner = inner
        self._road = road

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self._inner.endpoint

    @property
    def sent_again(self) -> int:
        """How many requests were sent once more after a failure that may pass."""
        return self._inner.sent_again

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send and wait.

        Raises:
            ModelError: as the endpoint does.
        """
        try:
            reply = self._inner.complete(request, deadline)
        except ModelError as error:
            self._road.note_error(error)
            raise
        self._road.note_answer()
        return reply

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """Text as it arrives, then the whole reply.

        Raises:
            ModelError: as the endpoint does.
        """
        try:
            for item in self._inner.stream(request, deadline):
                if isinstance(item, ModelReply):
                    self._road.note_answer()
                yield item
        except ModelError as error:
            self._road.note_error(error)
            raise
