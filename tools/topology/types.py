"""Arguments and results of the topology tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import Args, OneLine, OutsideText, Result

Direction = Literal["callers", "callees", "both"]
EdgeSource = Literal["declared", "spans", "metrics"]
"""`declared`: the system says so, at least of some edges. `spans`: they are seen in traces, as nothing is declared.
`metrics`: they are counted by a service mesh or out of spans, and nothing else is known.
"""


class GraphArgs(Args):
    """Nothing to choose: the whole call graph."""


class GraphResult(Result):
    """The size and the ends of the call graph; roots are called by nobody, leaves call nobody."""

    entities: int = Field(description="entities named anywhere in the data")
    connected: int = Field(description="entities with at least one edge")
    edges: int
    edges_learned: int = Field(description="seen in spans, labels or counts of calls, and not declared")
    source: EdgeSource | None
    roots: int
    leaves: int
    some_roots: tuple[Annotated[OutsideText, OneLine(40)], ...]
    some_leaves: tuple[Annotated[OutsideText, OneLine(40)], ...]


class EntitiesArgs(Args):
    """Nothing to choose: all entities."""


class EntitiesResult(Result):
    """How many entities there are; their names are in the artifact alone."""

    entities: int


class NeighboursArgs(Args):
    """Who calls an entity and whom it calls, up to three steps away."""

    entity: str = Field(min_length=1, max_length=512)
    depth: int = Field(default=1, ge=1, le=3)
    direction: Direction = "both"


class Neighbour(Result):
    """One entity within reach."""

    entity: Annotated[OutsideText, OneLine(40)]
    direction: Literal["callers", "callees"]
    distance: int
    via: Annotated[OutsideText, OneLine(40)] | None = Field(
        description="the neighbour it is reached through, one step nearer; null if direct"
    )
    kind: Annotated[OutsideText, OneLine(20)] | None


class NeighboursResult(Result):
    """The entities within reach, the nearest first."""

    callers: int
    callees: int
    source: EdgeSource
    neighbours: tuple[Neighbour, ...]
