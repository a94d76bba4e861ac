"""Vectors of texts, by a model that the operator names: through the gate like a prompt, or in this process.

What leaves for an endpoint is a prompt to the policies: redacted, decided, paid for, recorded. The vectors themselves
are in no record.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..core.clock import Clock, Deadline
from ..core.errors import BackendError, OpswardenError
from ..tools.embedding import Vectors
from .types import Endpoint

MOST_TEXTS = 64
MOST_CHARACTERS = 2_000
"""Of one text: most models of sentences read no more."""
MOST_NUMBERS = 8_192
_SHORTEST, _LONGEST = 1e-9, 1e9
"""Of a vector: far outside of what models make, and well inside of what single precision holds."""
_QUIET_S = 60.0
_LOAD_S = 10.0
"""A library, or a model from the disk, takes seconds; a tool has half a minute."""


@dataclass(frozen=True)
class Embedded:
    """Vectors, and what they took."""

    vectors: Vectors
    tokens_in: int = 0
    cost_microusd: int = 0


class EmbeddingModel(Protocol):
    """Makes vectors of texts."""

    @property
    def name(self) -> str:
        """Of the model; another name means other vectors."""
        ...

    @property
    def endpoint(self) -> Endpoint | None:
        """Where the texts go; `None` if they stay in this process."""
        ...

    def load(self) -> None:
        """Do what has to be done once before it can be asked, however long it takes.

        Raises:
            OpswardenError: it cannot be done.
        """
        ...

    def embed(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        """One vector per text.

        Raises:
            ModelError: it failed, or not before the deadline.
        """
        ...

    def close(self) -> None:
        """Close idle connections."""
        ...


class Embedding:
    """The model of an installation: loaded beside other work, and left alone for a while after a failure.

    Args:
        timeout_s: how long one request may take.
    """

    def __init__(self, model: EmbeddingModel, timeout_s: float) -> None:
        self.model = model
        self.timeout_s = timeout_s
        self._quiet_until = -math.inf
        self._lock = threading.Lock()
        self._is_loaded = threading.Event()
        self._loading: threading.Thread | None = None
        self._failure = ""

    def begin_to_load(self) -> None:
        """Load the model on a thread of its own, unless that has begun already."""
        with self._lock:
            if self._loading is None:
                self._loading = threading.Thread(target=self._load, name="load-embeddings", daemon=True)
                self._loading.start()

    def _load(self) -> None:
        try:
            self.model.load()
        except OpswardenError as error:
            self._failure = error.message
        except Exception as error:  # noqa: BLE001 - a package's model raises what it likes
            self._failure = f"the model of embeddings cannot be loaded ({type(error).__name__})"
        self._is_loaded.set()

    def ready(self, clock: Clock) -> None:
        """Return once it can be asked.

        Raises:
            BackendError: it cannot be loaded, not soon enough, or it failed a moment ago.
        """
        self.begin_to_load()
        with self._lock:
            if clock.monotonic() < self._quiet_until:
                raise BackendError("the model of embeddings failed a moment ago")
        if not self._is_loaded.wait(_LOAD_S):
            raise BackendError("the model of embeddings is still being loaded")
        if self._failure:
            raise BackendError(self._failure)

    def leave_alone(self, clock: Clock) -> None:
        """It has failed just now."""
        with self._lock:
            self._quiet_until = clock.monotonic() + _QUIET_S


def are_vectors(found: object, count: int) -> bool:
    """Whether they are what `Vectors` promises: a model can answer anything."""
    import numpy as np  # noqa: PLC0415 - most gates make no vector

    try:
        table = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return False
    if table.ndim != 2 or table.shape[0] != count or not 1 <= table.shape[1] <= MOST_NUMBERS:
        return False
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(table, axis=1)
    return bool(((lengths > _SHORTEST) & (lengths < _LONGEST)).all())
