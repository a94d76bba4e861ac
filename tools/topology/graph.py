"""The call graph: its ends, and what lies within some steps of an entity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Side = Literal["callers", "callees"]


@dataclass(frozen=True)
class Step:
    """An entity that is reached.

    Args:
        via: the entity one step nearer.
        kind: the kind of the edge between the two.
    """

    entity: str
    side: Side
    distance: int
    via: str
    kind: str | None


class CallGraph:
    """Directed edges from caller to callee; an entity that calls itself is no edge.

    Args:
        edges: a table with `caller`, `callee`, `kind`; rows without a caller or a callee are left out.
    """

    def __init__(self, edges: pa.Table) -> None:
        self._next: Mapping[Side, dict[str, dict[str, str | None]]] = {
            "callers": defaultdict(dict),
            "callees": defaultdict(dict),
        }
        for caller, callee, kind in zip(*(edges[n].to_pylist() for n in ("caller", "callee", "kind")), strict=True):
            if caller and callee and caller != callee:
                self._next["callees"][caller].setdefault(callee, kind)
                self._next["callers"][callee].setdefault(caller, kind)

    @property
    def entities(self) -> frozenset[str]:
        """Everything with an edge."""
        return frozenset(self._next["callees"]) | frozenset(self._next["callers"])

    @property
    def edges(self) -> int:
        """Pairs of caller and callee."""
        return sum(map(len, self._next["callees"].values()))

    @property
    def roots(self) -> tuple[str, ...]:
        """Entities that nobody calls, by name."""
        return tuple(sorted(self.entities - frozenset(self._next["callers"])))

    @property
    def leaves(self) -> tuple[str, ...]:
        """Entities that call nobody, by name."""
        return tuple(sorted(self.entities - frozenset(self._next["callees"])))

    def within(self, entity: str, depth: int, sides: Sequence[Side]) -> tuple[Step, ...]:
        """What is reached in at most `depth` steps, each entity once per side, the nearest first, then by name."""
        found: list[Step] = []
        for side in sides:
            seen, frontier = {entity}, [entity]
            for distance in range(1, depth + 1):
                reached: list[Step] = []
                for near in frontier:
                    for far, kind in sorted(self._next[side].get(near, {}).items()):
                        if far not in seen:
                            seen.add(far)
                            reached.append(Step(far, side, distance, near, kind))
                found += reached
                frontier = sorted(step.entity for step in reached)
        return tuple(sorted(found, key=lambda step: (step.distance, step.side, step.entity)))
