"""Arguments and results of the tools over a cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result
from ..windows import EntityRange
from .machines import NodeTrouble
from .workloads import Trouble

_Entities = Annotated[tuple[str, ...], Field(max_length=200)]
_Name = Annotated[OutsideText, OneLine(30)]


class WorkloadsArgs(Args):
    """How the workloads of all entities or of some are."""

    entities: _Entities = Field(default=(), strict=False)
    limit: int = Field(default=8, ge=1, le=40)


class WorkloadSeen(Result):
    """One workload and its pods; sizes are of one pod, and absent where nothing is said."""

    entity: _Name
    kind: Annotated[OutsideText, OneLine(10)]
    name: Annotated[OutsideText, OneLine(40)] = Field(description="namespace/name")
    trouble: Trouble | None
    desired: int
    ready: int
    updated: int = Field(description="pods of the newest revision")
    restarts: int = Field(description="of the containers of its present pods, since they began")
    ended_at: AwareDatetime | None = Field(description="when a container last ended with an error")
    ended_because: Annotated[OutsideText, OneLine(10)] = Field(description="such as OOMKilled")
    exit_code: int | None
    waiting: tuple[Annotated[OutsideText, OneLine(14)], ...] = Field(description="why containers do not run")
    conditions: tuple[Annotated[OutsideText, OneLine(16)], ...] = Field(description="those that are not as they should")
    images: tuple[Annotated[OutsideText, OneLine(30)], ...]
    cpu_request: float | None = Field(description="cores")
    cpu_limit: float | None
    memory_request_mb: float | None
    memory_limit_mb: float | None
    accelerators: float | None
    nodes: int


class WorkloadsResult(Result):
    """How many workloads there are and are in trouble, those in trouble first."""

    workloads: int
    in_trouble: int
    pods: int
    shown: tuple[WorkloadSeen, ...]
    is_whole: bool = Field(default=True, description="whether all objects of the cluster could be read")


class EventsArgs(EntityRange):
    """What the cluster said happened in a stretch of time and shortly before it."""

    lookback_s: int = Field(default=3_600, ge=0, le=7 * 86_400, description="how far before the start to look")
    reasons: tuple[str, ...] = Field(default=(), max_length=20, strict=False, description="such as OOMKilled, BackOff")
    limit: int = Field(default=10, ge=1, le=50)


class EventGroup(Result):
    """Events of one entity with one reason."""

    entity: _Name
    reason: Annotated[OutsideText, OneLine(12)]
    is_warning: bool
    times: int = Field(description="how often it happened, as the cluster counts")
    first: AwareDatetime
    last: AwareDatetime
    message: Annotated[OutsideText, OneLine(50)] = Field(description="the newest")


class EventsResult(Result):
    """How many events there are, and groups of them: warnings first, then the most frequent."""

    events: int
    warnings: int
    groups: tuple[EventGroup, ...]


class RolloutsArgs(EntityRange):
    """Revisions that began in a stretch of time and before it."""

    lookback_s: int = Field(default=86_400, ge=0, le=31 * 86_400, description="how far before the start to look")
    limit: int = Field(default=8, ge=1, le=40)


class RevisionSeen(Result):
    """One revision of a workload; values of variables are never told."""

    entity: _Name
    kind: Annotated[OutsideText, OneLine(10)]
    name: Annotated[OutsideText, OneLine(40)] = Field(description="namespace/name of the workload")
    revision: int
    at: AwareDatetime
    before_start_s: int = Field(description="seconds from it to the start of the window; below zero if inside it")
    is_back: bool = Field(description="an older revision that was taken up again")
    replicas: int | None = Field(description="pods of it that are wanted now")
    images: tuple[Annotated[OutsideText, OneLine(30)], ...]
    changed: tuple[Annotated[OutsideText, OneLine(40)], ...] = Field(description="against the revision before")


class RolloutsResult(Result):
    """How many revisions there are, the newest first."""

    workloads: int = Field(description="with revisions in this time")
    revisions: int
    in_window: int
    newest: tuple[RevisionSeen, ...]


class NodesArgs(Args):
    """How the nodes are, all or those on which some entities run."""

    entities: _Entities = Field(default=(), strict=False)
    limit: int = Field(default=6, ge=1, le=40)


class TenantSeen(Result):
    """An entity with pods on a node."""

    entity: _Name
    pods: int


class NodeSeen(Result):
    """One node; what is asked for is the sum of what its pods request."""

    name: Annotated[OutsideText, OneLine(40)]
    trouble: NodeTrouble | None
    conditions: tuple[Annotated[OutsideText, OneLine(16)], ...] = Field(description="those that are not as they should")
    is_cordoned: bool
    taints: tuple[Annotated[OutsideText, OneLine(20)], ...]
    cpu: float = Field(description="cores that pods can have")
    cpu_asked: float
    memory_gb: float
    memory_asked_gb: float
    accelerators: float
    accelerators_asked: float
    pods: int
    most_pods: int
    tenants: tuple[TenantSeen, ...]


class NodesResult(Result):
    """How many nodes there are and are in trouble, those in trouble first, then the fullest."""

    nodes: int
    in_trouble: int
    by_trouble: dict[NodeTrouble, int]
    shown: tuple[NodeSeen, ...]
