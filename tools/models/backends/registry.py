"""What a model registry has to be able to do: versions, aliases, and the runs that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ....core.clock import Deadline

MOST_VERSIONS = 1_000
MOST_FILES = 2_000


@dataclass(frozen=True)
class ModelVersion:
    """One version of a registered model.

    Args:
        name: as the registry has it, with the prefix of its environment.
        version: counted from 1.
        source: where its artefact lies.
        run_id: of the run that made it; empty if the registry does not say.
        status: `READY`, or what the registry calls it otherwise.
        stage: a stage of the old kind, which nobody should use any more; empty if none.
        tags: as they are.
        created_ms: Unix time.
    """

    name: str
    version: int
    source: str
    run_id: str = ""
    status: str = "READY"
    stage: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_ms: int = 0


@dataclass(frozen=True)
class RegisteredModel:
    """A registered model and where its aliases point."""

    name: str
    aliases: Mapping[str, int]


@dataclass(frozen=True)
class RunFacts:
    """The run that made a version.

    Args:
        datasets: by name of what went in, its digest.
    """

    run_id: str
    status: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    datasets: Mapping[str, str]


@dataclass(frozen=True)
class ArtifactFile:
    """A file of a version's artefact; its path is below the artefact."""

    path: str
    size: int


class ModelRegistry(Protocol):
    """A registry, asked with the credential of one environment. Every method raises `BackendError`."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def model(self, name: str, deadline: Deadline) -> RegisteredModel | None:
        """A registered model with its aliases as they are now; `None` if there is none."""
        ...

    def version(self, name: str, version: int, deadline: Deadline) -> ModelVersion | None:
        """One version; `None` if there is none."""
        ...

    def versions(self, name: str, deadline: Deadline) -> tuple[ModelVersion, ...]:
        """Every version, newest first, at most `MOST_VERSIONS`."""
        ...

    def point(self, name: str, alias: str, version: int, deadline: Deadline) -> None:
        """Let an alias point to a version. Asked once, never again by itself: no registry has a condition for it."""
        ...

    def admit(self, name: str, source: ModelVersion, tags: Mapping[str, str], deadline: Deadline) -> ModelVersion:
        """Make a version with the artefact of another one and with these tags alone; the model is made if it is new."""
        ...


class ArtifactReader(Protocol):
    """Runs and artefacts, for checks."""

    def run(self, run_id: str, deadline: Deadline) -> RunFacts | None:
        """What a run noted; `None` if there is none."""
        ...

    def files(self, version: ModelVersion, deadline: Deadline) -> tuple[ArtifactFile, ...]:
        """Every file of the artefact, at most `MOST_FILES`."""
        ...

    def read(self, version: ModelVersion, path: str, limit_bytes: int, deadline: Deadline) -> bytes:
        """One file.

        Raises:
            BackendError: it is larger than the limit, or cannot be read.
        """
        ...
