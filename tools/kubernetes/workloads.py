"""How workloads are: what they should have and have, what ended and why, what they may use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ..json_parts import listed, moment, number, part, text
from .objects import WORKLOADS, Object, workload_of
from .quantities import quantity

Trouble = Literal[
    "image", "configuration", "out_of_memory", "crashing", "unschedulable", "evicted", "failed", "stuck", "unready"
]
"""`image`: it cannot be pulled. `configuration`: a container cannot be made. `stuck`: a rollout does not get on.
`unready`: fewer are ready than should be. Of several, the first of this list.
"""

_LATELY = timedelta(hours=1)
_WAITING: Mapping[str, Trouble] = {
    "ImagePullBackOff": "image",
    "ErrImagePull": "image",
    "InvalidImageName": "image",
    "CreateContainerConfigError": "configuration",
    "CreateContainerError": "configuration",
    "RunContainerError": "configuration",
    "CrashLoopBackOff": "crashing",
}
_ORDER: tuple[Trouble, ...] = (
    "image", "configuration", "out_of_memory", "crashing", "unschedulable", "evicted", "failed", "stuck", "unready",
)  # fmt: skip
ACCELERATORS = ("nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "google.com/tpu", "aws.amazon.com/neuron")


@dataclass(frozen=True)
class Ended:
    """How a container ended last."""

    at: datetime
    reason: str
    exit_code: int


@dataclass(frozen=True)
class Room:
    """What one pod asks for and may use at most; 0 where nothing is said."""

    cpu_request: float = 0.0
    cpu_limit: float = 0.0
    memory_request: float = 0.0
    memory_limit: float = 0.0
    accelerators: float = 0.0


@dataclass(frozen=True)
class Workload:
    """One workload and its pods.

    Args:
        owner: its own object; `None` where only pods of it are known.
        conditions: those that are not as they should be.
        since: since when it is in trouble, as far as it tells; `None` if it is in none.
        waiting: why containers do not run, with how many.
    """

    kind: str
    namespace: str
    name: str
    entity: str
    owner: Object | None
    desired: int
    ready: int
    updated: int
    pods: int
    restarts: int
    ended: Ended | None
    waiting: Mapping[str, int]
    conditions: tuple[str, ...]
    images: tuple[str, ...]
    room: Room
    nodes: tuple[str, ...]
    trouble: Trouble | None
    since: datetime | None


def workloads_of(objects: Iterable[Object], at: datetime) -> list[Workload]:
    """The workloads, those in trouble first.

    Args:
        objects: of the kinds `WORKLOADS` and `Pod`; others say nothing here.
        at: when they were so.
    """
    owners: dict[tuple[str, str, str], Object] = {}
    pods: dict[tuple[str, str, str], list[Object]] = defaultdict(list)
    objects = list(objects)
    for one in objects:
        if one.kind in WORKLOADS and not (one.kind == "Job" and one.owner is not None):
            owners[one.place] = one
    for one in objects:
        if one.kind == "Pod":
            kind, name = workload_of("Pod", one.name, one.labels, one.owner)
            pods[kind, one.namespace, name].append(one)
    found = [_workload(place, owners.get(place), pods.get(place, []), at) for place in sorted({*owners, *pods})]
    # A job that has ended well and a pod that has served its time are no news.
    found = [each for each in found if each.owner is not None or each.pods]
    rank: dict[Trouble | None, int] = {trouble: place for place, trouble in enumerate(_ORDER)}
    return sorted(found, key=lambda each: (rank.get(each.trouble, len(_ORDER)), each.namespace, each.name, each.kind))


def room_of(containers: Sequence[Mapping[str, Any]]) -> Room:
    """What the containers of one pod ask for together; those that only prepare it are left out."""
    usual = [container for container in containers if not container.get("is_init")]

    def total(side: str, *names: str) -> float:
        return sum(quantity(part(each, "resources", side, name)) for each in usual for name in names)

    return Room(
        total("requests", "cpu"),
        total("limits", "cpu"),
        total("requests", "memory"),
        total("limits", "memory"),
        total("limits", *ACCELERATORS),
    )


def _workload(place: tuple[str, str, str], owner: Object | None, pods: Sequence[Object], at: datetime) -> Workload:
    kind, namespace, name = place
    live = [pod for pod in pods if text(pod.manifest, "status", "phase") not in ("Succeeded",)]
    states = [state for pod in live for state in _states(pod)]
    waiting = Counter(reason for state in states if (reason := text(state, "state", "waiting", "reason")))
    ended = max(filter(None, map(_ended, states)), key=lambda each: each.at, default=None)
    desired, ready, updated = _counts(owner, live)
    conditions = tuple(_conditions(owner))
    containers = _containers(owner, live)
    trouble = _trouble(owner, live, waiting, ended, (desired, ready), at)
    return Workload(
        kind=kind,
        namespace=namespace,
        name=name,
        entity=owner.entity if owner is not None else pods[0].entity,
        owner=owner,
        desired=desired,
        ready=ready,
        updated=updated,
        pods=len(live),
        restarts=sum(number(state, "restartCount") for state in states),
        ended=ended,
        waiting=dict(waiting.most_common(4)),
        conditions=conditions,
        images=tuple(dict.fromkeys(str(each.get("image", "")) for each in containers if not each.get("is_init"))),
        room=room_of(containers),
        nodes=tuple(sorted({text(pod.manifest, "spec", "nodeName") for pod in live} - {""})),
        trouble=trouble,
        since=_since(owner, live, ended) if trouble is not None else None,
    )


def _states(pod: Object) -> Iterator[Mapping[str, Any]]:
    for name in ("initContainerStatuses", "containerStatuses"):
        yield from listed(pod.manifest, "status", name)


def _ended(state: Mapping[str, Any]) -> Ended | None:
    """The last end of a container that was none of its own will."""
    for name in ("state", "lastState"):
        ended = part(state, name, "terminated")
        at, code = moment(ended, "finishedAt"), number(ended, "exitCode")
        if at is not None and code != 0:
            return Ended(at, text(ended, "reason") or "Error", code)
    return None


def _counts(owner: Object | None, pods: Sequence[Object]) -> tuple[int, int, int]:
    """How many pods there should be, are ready, and are of the newest revision."""
    if owner is None:
        ready = sum(_is_true(pod, "Ready") for pod in pods)
        return len(pods), ready, len(pods)
    status = part(owner.manifest, "status")
    if owner.kind == "DaemonSet":
        names = ("desiredNumberScheduled", "numberReady", "updatedNumberScheduled")
        desired, ready, updated = (number(status, name) for name in names)
        return desired, ready, updated
    if owner.kind in ("Job", "CronJob"):
        active = number(status, "active") if owner.kind == "Job" else len(pods)
        return active, number(status, "ready") if owner.kind == "Job" else active, active
    replicas = part(owner.manifest, "spec", "replicas")
    desired = number(replicas) if replicas is not None else 1
    return desired, number(status, "readyReplicas"), number(status, "updatedReplicas")


def _is_true(one: Object, condition: str) -> bool:
    return any(
        text(each, "type") == condition and text(each, "status") == "True"
        for each in listed(one.manifest, "status", "conditions")
    )


def _conditions(owner: Object | None) -> Iterator[str]:
    """Conditions of a workload that are not as they should be."""
    for each in listed(owner.manifest, "status", "conditions") if owner is not None else ():
        name, status, reason = text(each, "type"), text(each, "status"), text(each, "reason")
        is_bad = status == "True" if name in ("ReplicaFailure", "Failed", "InvalidSpec") else status == "False"
        if is_bad and name not in ("Complete", "Completed", "Paused", "Suspended"):
            yield f"{name}: {reason}" if reason else name


def _since(owner: Object | None, pods: Sequence[Object], ended: Ended | None) -> datetime | None:
    """Since when a workload is not available, or the first of its pods not ready; else its last bad end."""
    moments = [
        at
        for each in (listed(owner.manifest, "status", "conditions") if owner is not None else ())
        if text(each, "type") == "Available" and text(each, "status") == "False"
        if (at := moment(each, "lastTransitionTime")) is not None
    ]
    moments = moments or [
        at
        for pod in pods
        for each in listed(pod.manifest, "status", "conditions")
        if text(each, "type") in ("Ready", "PodScheduled") and text(each, "status") == "False"
        if (at := moment(each, "lastTransitionTime")) is not None
    ]
    return min(moments, default=ended.at if ended is not None else None)


def _containers(owner: Object | None, pods: Sequence[Object]) -> list[Mapping[str, Any]]:
    declared = list(listed(owner.manifest, "spec", "template", "containers")) if owner is not None else []
    return declared or (list(listed(pods[0].manifest, "spec", "containers")) if pods else [])


def _trouble(
    owner: Object | None,
    pods: Sequence[Object],
    waiting: Mapping[str, int],
    ended: Ended | None,
    counts: tuple[int, int],
    at: datetime,
) -> Trouble | None:
    found: set[Trouble] = {_WAITING[reason] for reason in waiting if reason in _WAITING}
    if ended is not None and at - ended.at <= _LATELY:
        found.add("out_of_memory" if ended.reason == "OOMKilled" else "crashing")
    for pod in pods:
        if text(pod.manifest, "status", "reason") == "Evicted":
            found.add("evicted")
        for each in listed(pod.manifest, "status", "conditions"):
            if text(each, "type") == "PodScheduled" and text(each, "reason") == "Unschedulable":
                found.add("unschedulable")
    for each in listed(owner.manifest, "status", "conditions") if owner is not None else ():
        if text(each, "type") == "Progressing" and text(each, "reason") == "ProgressDeadlineExceeded":
            found.add("stuck")
        if text(each, "type") == "Failed" and text(each, "status") == "True":
            found.add("failed")
    if owner is not None and owner.kind == "Rollout" and text(owner.manifest, "status", "phase") == "Degraded":
        found.add("stuck")
    if counts[1] < counts[0]:
        found.add("unready")
    return next((trouble for trouble in _ORDER if trouble in found), None)
