"""What the gate lends a tool that wants vectors: requests that pass all that a prompt passes.

Whoever asks can do without them: every failure is one `BackendError`, and after a failure the model is left alone for a
while, so that a run waits for it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..core.clock import Clock, Deadline
from ..core.errors import BackendError, CallDenied, LedgerError, ModelError, OpswardenError, RedactionError
from ..tools.embedding import Vectors
from .data_facts import DataLabel
from .desk import Desk
from .embedding import MOST_CHARACTERS, MOST_TEXTS, Embedding, are_vectors
from .execution import BoundedThreads, DeadlinePassed
from .prompts import Prompts
from .services import Services
from .types import Endpoint, ModelReply, ModelRequest

_NONE = "the model of embeddings gave no vectors that can be used"
_CHECK = "check that it is a model of embeddings"


def lent_embedder(services: Services, desk: Desk, labels: frozenset[DataLabel]) -> LentEmbedder | None:
    """The embedder of a run, for texts that carry some labels; `None` if the operator names no model."""
    embedding = services.embedding
    if embedding is None:
        return None

    def ask(carrier: Carrier, request: ModelRequest) -> ModelReply:
        name = carrier.endpoint.name
        prompts = Prompts(services, desk, {name: carrier})
        # An id of its own each time: the journal keeps no vectors that a second request could get.
        return prompts.prompt(request, name, services.ids.new("embed"), lambda _: None)

    return LentEmbedder(embedding, services.clock, services.threads, ask, desk.data.learn, labels)


@dataclass(frozen=True)
class LentEmbedder:
    """What a tool is lent.

    Args:
        embedding: the model.
        ask: makes the request of a prompt, through everything a prompt passes.
        learn: lets the run have read what the texts come from, before any of them leaves.
        labels: of the data that the texts come from.
    """

    embedding: Embedding
    clock: Clock
    threads: BoundedThreads
    ask: Callable[[Carrier, ModelRequest], ModelReply]
    learn: Callable[[frozenset[DataLabel]], None]
    labels: frozenset[DataLabel] = frozenset()

    @property
    def model(self) -> str:
        """Its name."""
        return self.embedding.model.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector for each text, within a short time.

        Raises:
            BackendError: there are none.
        """
        given = [text[:MOST_CHARACTERS] or " " for text in texts]
        if not 1 <= len(given) <= MOST_TEXTS:
            raise BackendError(f"vectors are made of 1 to {MOST_TEXTS} texts at once")
        self.embedding.ready(self.clock)
        found = self._here(given) if self.embedding.model.endpoint is None else self._there(given)
        if not are_vectors(found, len(given)):
            self.embedding.leave_alone(self.clock)
            raise BackendError(_NONE, remedy=_CHECK)
        return found

    def _here(self, texts: Sequence[str]) -> Vectors:
        """In this process nothing leaves, so there is nothing to decide; only the time is held."""
        deadline, failed = Deadline(self.clock, self.embedding.timeout_s), ""
        try:
            return self.threads.run(lambda: self.embedding.model.embed(texts, deadline).vectors, deadline.left_s)
        except DeadlinePassed:
            failed = "the model of embeddings did not answer in time"
        except Exception as error:  # noqa: BLE001 - a package's model raises what it likes, texts quoted
            failed = f"the model of embeddings failed ({type(error).__name__})"
        self.embedding.leave_alone(self.clock)
        raise BackendError(failed, remedy="look at the package that adds it")

    def _there(self, texts: Sequence[str]) -> Vectors:
        carrier = Carrier(self.embedding, self.clock)
        request = ModelRequest(tuple({"role": "user", "content": text} for text in texts), max_tokens=1)
        self.learn(self.labels)
        failed: OpswardenError
        try:
            self.ask(carrier, request)
        except CallDenied as error:
            # No failure of the endpoint: another run may be allowed.
            raise BackendError(f"a policy keeps the texts from the endpoint of embeddings: {error.message}") from None
        except (LedgerError, RedactionError) as error:
            raise BackendError(f"no text may go to the endpoint of embeddings: {error.message}") from None
        except ModelError as error:
            failed = error
        else:
            return carrier.vectors
        self.embedding.leave_alone(self.clock)
        raise BackendError(failed.message, remedy=failed.remedy)


class Carrier:
    """A transport that takes the messages of one request for texts, and keeps the vectors out of the reply."""

    def __init__(self, embedding: Embedding, clock: Clock) -> None:
        self._embedding = embedding
        self._clock = clock
        self.vectors: Vectors = ()

    @property
    def endpoint(self) -> Endpoint:
        """Where the texts go."""
        endpoint = self._embedding.model.endpoint
        if endpoint is None:
            raise ModelError("texts for a model in this process go nowhere")
        return endpoint

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send the texts; the reply says only how many vectors came.

        Raises:
            ModelError: none came, or none that can be used.
        """
        texts = [str(message["content"]) for message in request.messages]
        short = Deadline(self._clock, min(self._embedding.timeout_s, deadline.left_s))
        found = self._embedding.model.embed(texts, short)
        if not are_vectors(found.vectors, len(texts)):
            raise ModelError(_NONE, remedy=_CHECK)
        self.vectors = found.vectors
        return ModelReply(
            f"{len(texts)} vectors",
            model=self.endpoint.model,
            endpoint=self.endpoint.name,
            tokens_in=found.tokens_in,
            cost_microusd=found.cost_microusd,
        )

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """The reply; vectors come at once."""
        yield self.complete(request, deadline)
