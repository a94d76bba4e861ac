"""How the nodes of a cluster are, what they have to give, and what runs there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..json_parts import listed, moment, part, text
from .objects import Object
from .quantities import quantity
from .workloads import ACCELERATORS, Room, room_of

NodeTrouble = Literal["not_ready", "pressure", "cordoned", "tainted"]

_OVER = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Machine:
    """One node.

    Args:
        conditions: those that are not as they should be.
        since: since when the first of them is so.
        taints: `key=value:effect`.
        allocatable: what pods can have of it.
        asked: what the pods there ask for together.
        tenants: entities with the number of their pods there, the most first.
    """

    name: str
    trouble: NodeTrouble | None
    conditions: tuple[str, ...]
    since: datetime | None
    is_cordoned: bool
    taints: tuple[str, ...]
    allocatable: Room
    asked: Room
    pods: int
    most_pods: int
    tenants: tuple[tuple[str, int], ...]


def machines_of(objects: Iterable[Object]) -> list[Machine]:
    """The nodes, those in trouble first, then those with the least left.

    Args:
        objects: of the kinds Node and Pod.
    """
    pods: dict[str, list[Object]] = defaultdict(list)
    nodes = []
    for one in objects:
        if one.kind == "Node":
            nodes.append(one)
        elif one.kind == "Pod" and text(one.manifest, "status", "phase") not in _OVER:
            pods[text(one.manifest, "spec", "nodeName")].append(one)
    found = [_machine(node, pods.get(node.name, [])) for node in nodes]
    order: dict[NodeTrouble | None, int] = {"not_ready": 0, "pressure": 1, "cordoned": 2, "tainted": 3}
    return sorted(found, key=lambda each: (order.get(each.trouble, 4), -_fullness(each), each.name))


def _machine(node: Object, pods: list[Object]) -> Machine:
    bad = [
        each
        for each in listed(node.manifest, "status", "conditions")
        if (name := text(each, "type")) and text(each, "status") != ("True" if name == "Ready" else "False")
    ]
    conditions = [f"{text(each, 'type')}: {text(each, 'reason')}" for each in bad]
    taints = tuple(
        f"{text(taint, 'key')}={text(taint, 'value')}:{text(taint, 'effect')}"
        for taint in listed(node.manifest, "spec", "taints")
    )
    is_cordoned = part(node.manifest, "spec", "unschedulable") is True
    rooms = [room_of(list(listed(pod.manifest, "spec", "containers"))) for pod in pods]
    given = part(node.manifest, "status", "allocatable")
    trouble: NodeTrouble | None = None
    if any(each.startswith("Ready:") for each in conditions):
        trouble = "not_ready"
    elif conditions:
        trouble = "pressure"
    elif is_cordoned:
        trouble = "cordoned"
    elif any(":NoExecute" in taint for taint in taints):
        trouble = "tainted"
    return Machine(
        name=node.name,
        trouble=trouble,
        conditions=tuple(conditions),
        since=min(filter(None, (moment(each, "lastTransitionTime") for each in bad)), default=None),
        is_cordoned=is_cordoned,
        taints=taints,
        allocatable=Room(
            cpu_request=quantity(part(given, "cpu")),
            memory_request=quantity(part(given, "memory")),
            accelerators=sum(quantity(part(given, name)) for name in ACCELERATORS),
        ),
        asked=Room(
            cpu_request=sum(room.cpu_request for room in rooms),
            memory_request=sum(room.memory_request for room in rooms),
            accelerators=sum(room.accelerators for room in rooms),
        ),
        pods=len(pods),
        most_pods=round(quantity(part(given, "pods"))),
        tenants=tuple(sorted(Counter(pod.entity for pod in pods).items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _fullness(machine: Machine) -> float:
    """The share that is asked for of whatever is scarcest."""
    pairs = (
        (machine.asked.cpu_request, machine.allocatable.cpu_request),
        (machine.asked.memory_request, machine.allocatable.memory_request),
        (machine.asked.accelerators, machine.allocatable.accelerators),
    )
    return max((asked / given for asked, given in pairs if given > 0), default=0.0)
