"""Where pipelines are, and what they can be held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...core.clock import Deadline
from ...core.errors import ToolRetry
from ..changes.backends.types import ChangesBackend
from .backends.jobs import JobSystem, Retries
from .types import PipelineRule


@dataclass(frozen=True)
class FedView:
    """A feature view as far as a pipeline concerns it.

    Args:
        sources: paths or tables of its offline side.
        ttl_s: how old a row may be when it is served; `None` if it may be of any age.
    """

    name: str
    features: tuple[str, ...]
    sources: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    ttl_s: float | None = None


@dataclass(frozen=True)
class FedModel:
    """A model that answers requests, and what it wants to be fed."""

    name: str
    inputs: frozenset[str]
    entity: str


@dataclass(frozen=True)
class Feeding:
    """What may rest on pipelines; `None` where nothing of the kind is configured. Each raises `BackendError`."""

    views: Callable[[Deadline], Sequence[FedView]] | None = None
    models: Callable[[Deadline], Sequence[FedModel]] | None = None
    callers: Callable[[str, Deadline], Sequence[str]] | None = None


@dataclass(frozen=True)
class PipelinePlace:
    """Where pipelines run.

    Args:
        environment: of the credential.
        opened: what runs them; `None` where nothing is configured.
        retries: what clears failed tasks; `None` where only reading is possible.
        rules: by pipeline, what people know of it.
        changes: what was altered; `None` if nobody keeps a record.
        feeding: what may rest on them.
        now: the moment that counts as now; the clock's unless given.
    """

    environment: str
    opened: Callable[[], JobSystem] | None = None
    retries: Callable[[], Retries] | None = None
    rules: Mapping[str, PipelineRule] = field(default_factory=dict)
    changes: ChangesBackend | None = None
    feeding: Feeding = Feeding()
    now: Callable[[], datetime] | None = None
    credential_env: str | None = None

    def system(self) -> JobSystem:
        """What runs them.

        Raises:
            ToolRetry: nothing is configured.
        """
        if self.opened is None:
            raise ToolRetry("nothing that runs pipelines is configured", remedy="list it under `[pipelines.NAME]`")
        return self.opened()

    def rule(self, pipeline: str) -> PipelineRule:
        """What people know of a pipeline; nothing unless they said so."""
        return self.rules.get(pipeline) or PipelineRule()
