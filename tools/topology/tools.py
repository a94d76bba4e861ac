"""`topology.graph` and `topology.neighbours`."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.types import EDGE_COLUMNS, TopologyBackend
from .graph import CallGraph, Side, Step
from .types import (
    Direction,
    EdgeSource,
    GraphArgs,
    GraphResult,
    Neighbour,
    NeighboursArgs,
    NeighboursResult,
)

_SHOWN_ENDS = 8
_TOKENS = 600
_SIDES: dict[Direction, tuple[Side, ...]] = {
    "callers": ("callers",),
    "callees": ("callees",),
    "both": ("callers", "callees"),
}


def topology_tools(backend: TopologyBackend) -> tuple[AnyTool, ...]:
    """The topology tools over one backend."""

    def graph(_args: GraphArgs, context: ToolContext) -> Output[GraphResult]:
        scope = Scope(environment=backend.environment)
        edges, entities = backend.edges(context.deadline), backend.entities(context.deadline)
        if not entities:
            return Output("no_data", scope, note="no entity is known")
        calls = CallGraph(edges)
        result = GraphResult(
            entities=len(entities),
            connected=len(calls.entities),
            edges=calls.edges,
            edges_learned=_learned(edges),
            source=_source(edges),
            roots=len(calls.roots),
            leaves=len(calls.leaves),
            some_roots=_names(calls.roots),
            some_leaves=_names(calls.leaves),
        )
        if not calls.edges:
            return Output("no_data", scope, result, artifact=edges, note="no edge is declared and no span crosses one")
        return Output("ok", scope, result, artifact=edges)

    def neighbours(args: NeighboursArgs, context: ToolContext) -> Output[NeighboursResult]:
        scope = Scope(
            environment=backend.environment,
            filters={"entity": args.entity, "direction": args.direction, "depth": str(args.depth)},
        )
        edges = backend.edges(context.deadline)
        source, calls = _source(edges), CallGraph(edges)
        if source is None or args.entity not in calls.entities:
            is_known = args.entity in backend.entities(context.deadline)
            note = "the entity has no edge" if is_known else "no entity of this name is known; names match exactly"
            return Output("no_data", scope, note=note)
        steps = calls.within(args.entity, args.depth, _SIDES[args.direction])
        if not steps:
            return Output("no_data", scope, note="nothing lies within reach in this direction")
        shown = first_that_fit([_neighbour(step) for step in steps], _TOKENS)
        result = NeighboursResult(
            callers=sum(step.side == "callers" for step in steps),
            callees=sum(step.side == "callees" for step in steps),
            source=source,
            neighbours=shown,
        )
        rest = len(steps) - len(shown)
        return Output(
            "truncated" if rest else "ok",
            scope,
            result,
            artifact=_crossed(edges, args.entity, steps),
            note=f"{rest} farther neighbours are left out; ask for a smaller depth or one direction" if rest else "",
        )

    return (
        Tool(
            name="topology.graph",
            effect="read",
            description="The size of the call graph, and the entities at its ends.",
            args=GraphArgs,
            result=GraphResult,
            run=graph,
            environment=backend.environment,
            data_classes=frozenset({"operational"}),
        ),
        Tool(
            name="topology.neighbours",
            effect="read",
            description="Who calls an entity and whom it calls, up to three steps away.",
            args=NeighboursArgs,
            result=NeighboursResult,
            run=neighbours,
            environment=backend.environment,
            data_classes=frozenset({"operational"}),
            summary_tokens=700,
            resource=lambda args: args.entity,
        ),
    )


def _source(edges: pa.Table) -> EdgeSource | None:
    if not edges.num_rows:
        return None
    return "declared" if _learned(edges) < edges.num_rows else "spans"


def _learned(edges: pa.Table) -> int:
    """Edges that nobody declared."""
    learned: int = edges["source"].to_pylist().count("spans")
    return learned


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(one_line(name) for name in tuple(names)[:_SHOWN_ENDS])


def _neighbour(step: Step) -> Neighbour:
    return Neighbour(
        entity=one_line(step.entity),
        direction=step.side,
        distance=step.distance,
        via=one_line(step.via) if step.distance > 1 else None,
        kind=None if step.kind is None else one_line(step.kind),
    )


def _crossed(edges: pa.Table, entity: str, steps: tuple[Step, ...]) -> pa.Table:
    """The edges between the entity and everything within reach."""
    reached = {entity, *(step.entity for step in steps)}
    rows = [row for row in edges.to_pylist() if row["caller"] in reached and row["callee"] in reached]
    return pa.Table.from_pylist(rows, schema=EDGE_COLUMNS)
