"""Who can suffer from whom: dependencies made of the edges of the topology.

A caller suffers from its callee. But trouble travels along other edges as well, and along some of them the other way:
who reads a store suffers from who writes to it, a machine is busy because of its tenants and makes the others slow, and
a part that is overloaded suffers from whoever sends the load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Through = Literal["call", "content", "machine", "tenant", "load", "request", "sibling", "drain"]
"""How trouble travels.

`call`: waiting and failures of a callee. `content`: bad data of a writer. `machine`: a machine that is busy.
`tenant`: a tenant that keeps its machine busy. `load`: more requests of a caller. `request`: other requests of it.
`sibling`: more requests because another callee of the same caller does its part no more (a cache). `drain`: a consumer
that takes less out of a queue.
"""

_WRITING = frozenset("writes write publishes publish produces produce emits emit sends feeds populates".split())
_HOSTING = frozenset("runs_on runs-on runs hosted_on hosted deployed_on scheduled_on located_on placed_on node".split())

_TAKING = frozenset("consumes consume consumes_from subscribes subscribes_to polls pulls drains dequeues".split())

_MOST_PAIRS = 2_500


@dataclass(frozen=True, order=True)
class Dependency:
    """`dependent` can be in trouble because of `source`."""

    dependent: str
    source: str
    through: Through


def dependencies(edges: Iterable[tuple[str, str, str]]) -> tuple[Dependency, ...]:
    """All dependencies that the edges give, sorted.

    Args:
        edges: (caller, callee, kind); an unknown kind counts as a call.
    """
    found: set[Dependency] = set()
    writers: dict[str, set[str]] = defaultdict(set)
    readers: dict[str, set[str]] = defaultdict(set)
    callers: dict[str, set[str]] = defaultdict(set)
    callees: dict[str, set[str]] = defaultdict(set)
    for caller, callee, kind in edges:
        if caller == callee or not caller or not callee:
            continue
        if kind in _HOSTING:
            found |= {Dependency(caller, callee, "machine"), Dependency(callee, caller, "tenant")}
            continue
        found.add(Dependency(caller, callee, "call"))
        if kind in _TAKING:
            found.add(Dependency(callee, caller, "drain"))
        (writers if kind in _WRITING else readers)[callee].add(caller)
        callers[callee].add(caller)
        callees[caller].add(callee)
    for store, writing in writers.items():
        # Where everybody writes and reads, nobody is tied to anybody.
        if len(writing) * len(readers[store]) > _MOST_PAIRS:
            continue
        # The store shows nothing of what is wrong in it, so its readers are tied to its writers directly.
        for writer in writing:
            found.add(Dependency(store, writer, "content"))
            found |= {Dependency(reader, writer, "content") for reader in readers[store] if reader != writer}
    for callee, calling in callers.items():
        for caller in calling:
            found |= {Dependency(callee, caller, "load"), Dependency(callee, caller, "request")}
            if len(callees[caller]) ** 2 <= _MOST_PAIRS:
                found |= {Dependency(callee, other, "sibling") for other in callees[caller] if other != callee}
    return tuple(sorted(found))
