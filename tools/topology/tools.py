"""`topology.graph`, `topology.neighbours` and `topology.entities`."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from ...core.errors import BackendError
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.types import EDGE_COLUMNS, TopologyBackend, missed_by, without
from .graph import CallGraph, Side, Step
from .types import (
    Direction,
    EdgeSource,
    EntitiesArgs,
    EntitiesResult,
    GraphArgs,
    GraphResult,
    Neighbour,
    NeighboursArgs,
    NeighboursResult,
)

NAME_COLUMNS = pa.schema([("entity", pa.string())])
"""Columns of the artifact of `topology.entities`."""

_SHOWN_ENDS = 8
_MOST_NAMES = 20_000
_NAMES_TIMEOUT_S = 10.0
_TOKENS = 600
_SIDES: dict[Direction, tuple[Side, ...]] = {
    "callers": ("callers",),
    "callees": ("callees",),
    "both": ("callers", "callees"),
}


def topology_tools(backend: TopologyBackend) -> tuple[AnyTool, ...]:
    """The topology tools over one backend."""
    return (
        _graph_tool(backend),
        _neighbours_tool(backend),
        _entities_tool(backend),
    )


def _graph_tool(backend: TopologyBackend) -> AnyTool:
    def graph(_args: GraphArgs, context: ToolContext) -> Output[GraphResult]:
        scope = Scope(environment=backend.environment)
        edges, entities = backend.edges(context.deadline), backend.entities(context.deadline)
        missed = missed_by(edges)
        if not entities and not missed:
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
        if missed:
            return Output("truncated", scope, result, artifact=without(edges, ()), note="; ".join(missed))
        if not calls.edges:
            return Output("no_data", scope, result, artifact=edges, note="no edge is declared and no span crosses one")
        return Output("ok", scope, result, artifact=edges)

    return Tool(
        name="topology.graph",
        effect="read",
        description="The size of the call graph, and the entities at its ends.",
        args=GraphArgs,
        result=GraphResult,
        run=graph,
        environment=backend.environment,
        data_classes=frozenset({"operational"}),
    )


def _entities_tool(backend: TopologyBackend) -> AnyTool:
    def name(_args: EntitiesArgs, context: ToolContext) -> Output[EntitiesResult]:
        scope, names = Scope(environment=backend.environment), backend.entities(context.deadline)
        if not names:
            return Output("no_data", scope, note="no entity is known")
        kept = names[:_MOST_NAMES]
        table = pa.Table.from_pydict({"entity": list(kept)}, schema=NAME_COLUMNS)
        result, rest = EntitiesResult(entities=len(names)), len(names) - len(kept)
        note = f"{rest} names are left out" if rest else ""
        return Output("truncated" if rest else "ok", scope, result, artifact=table, note=note)

    return Tool(
        name="topology.entities",
        effect="read",
        description="How many entities there are; with their names a run learns what redaction lets pass.",
        args=EntitiesArgs,
        result=EntitiesResult,
        run=name,
        environment=backend.environment,
        timeout_s=_NAMES_TIMEOUT_S,
        data_classes=frozenset({"operational"}),
    )


def _neighbours_tool(backend: TopologyBackend) -> AnyTool:
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
            return Output("no_data", scope, note=_sure(note, edges))
        steps = calls.within(args.entity, args.depth, _SIDES[args.direction])
        if not steps:
            return Output("no_data", scope, note=_sure("nothing lies within reach in this direction", edges))
        shown = first_that_fit([_neighbour(step) for step in steps], _TOKENS)
        result = NeighboursResult(
            callers=sum(step.side == "callers" for step in steps),
            callees=sum(step.side == "callees" for step in steps),
            source=source,
            neighbours=shown,
        )
        rest = len(steps) - len(shown)
        left_out = f"{rest} farther neighbours are left out; ask for a smaller depth or one direction"
        notes = [*([left_out] if rest else []), *missed_by(edges)]
        return Output(
            "truncated" if notes else "ok",
            scope,
            result,
            artifact=_crossed(edges, args.entity, steps),
            note="; ".join(notes),
        )

    return Tool(
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
    )


def _sure(note: str, edges: pa.Table) -> str:
    """What is not there, unless it may be in what could not be asked.

    Raises:
        BackendError: a source did not answer.
    """
    if missed := missed_by(edges):
        raise BackendError("; ".join(missed), remedy="look into the system, or ask again later")
    return note


def _source(edges: pa.Table) -> EdgeSource | None:
    named = set(edges["source"].to_pylist())
    order: tuple[EdgeSource, ...] = ("declared", "spans", "metrics")
    return next((source for source in order if source in named), None)


def _learned(edges: pa.Table) -> int:
    """Edges that nobody declared."""
    return sum(source != "declared" for source in edges["source"].to_pylist())


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
