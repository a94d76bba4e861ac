"""Who can be hurt by an entity, and who is.

Harm travels from a callee to its callers, and from whoever publishes or writes to whoever reads the same thing: queue,
topic, store.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from .harm import Harms

Relation = Literal["calls", "data"]
State = Literal["harmed", "unharmed", "unknown"]

_FORWARD = frozenset(
    ("publish", "publishes", "published", "produce", "produces", "write", "writes", "emit", "emits", "feeds", "sends")
)
"""Words for edges along which data flow from caller to callee."""
_FETCHING = frozenset(("consume", "consumes", "consumed", "subscribe", "subscribes", "poll", "polls", "pull", "pulls"))
"""Words for edges by which an entity fetches its work itself."""
_MOST_STEPS = 12
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Reached:
    """An entity that depends on a suspect.

    Args:
        distance: steps to the nearest suspect.
        via: the entity one step nearer.
        relation: `calls` if it is reached by calls alone, `data` if what was written or published is part of the way.
        is_entry: nobody calls it and it fetches no work itself: users, or a schedule, meet the platform there.
    """

    entity: str
    distance: int
    via: str
    relation: Relation
    is_entry: bool


def dependents(edges: pa.Table, suspects: Sequence[str]) -> tuple[Reached, ...]:
    """Everything within twelve steps of the suspects, the nearest first, then by name; suspects are not among them.

    Args:
        edges: with `caller`, `callee` and `kind`.
        suspects: where harm starts.
    """
    back: dict[str, dict[str, Relation]] = defaultdict(dict)
    inner: set[str] = set()
    for caller, callee, kind in zip(*(edges[name].to_pylist() for name in ("caller", "callee", "kind")), strict=True):
        if not caller or not callee or caller == callee:
            continue
        words = frozenset(_WORD.findall((kind or "").casefold()))
        inner.add(caller if words & _FETCHING else callee)
        back[callee][caller] = "calls"
        if words & _FORWARD:
            back[caller].setdefault(callee, "data")
    found: dict[str, Reached] = {}
    frontier: dict[str, Relation] = dict.fromkeys(suspects, "calls")
    for distance in range(1, _MOST_STEPS + 1):
        reached: dict[str, Relation] = {}
        for near, way in sorted(frontier.items()):
            for far, step in sorted(back[near].items()):
                if far in found or far in suspects:
                    continue
                relation: Relation = "data" if "data" in (way, step) else "calls"
                found[far] = Reached(far, distance, near, relation, far not in inner)
                reached[far] = relation
        frontier = reached
    return tuple(sorted(found.values(), key=lambda one: (one.distance, one.entity)))


def state_of(entity: str, harms: Harms) -> State:
    """Whether an entity shows harm, shows none, or nothing of it would show any."""
    if entity in harms.worst:
        return "harmed"
    return "unharmed" if entity in harms.measured else "unknown"
