"""`topology.blast_radius`."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from ...core.errors import BackendError
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.traffic import Passing, TrafficBackend
from .backends.types import TopologyBackend, missed_by
from .blast_radius import Reached, dependents, state_of
from .blast_types import BlastRadiusArgs, BlastRadiusResult, Dependent
from .harm import Harms, harms

_TOKENS = 500
_SHOWN_ENTRIES = 4
_SOURCES: tuple[Literal["shifts", "latency", "alerts"], ...] = ("shifts", "latency", "alerts")
AFFECTED_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("state", pa.string()),
        ("symptom", pa.string()),
        ("distance", pa.int64()),
        ("via", pa.string()),
        ("relation", pa.string()),
        ("is_entry", pa.bool_()),
    ]
)
"""Columns of the artifact of `topology.blast_radius`: a row per dependent, the hurt first, then the nearest."""


def blast_radius_tool(backend: TopologyBackend, traffic: TrafficBackend) -> AnyTool:
    """The tool over one call graph and the requests that run through it."""

    def find(args: BlastRadiusArgs, context: ToolContext) -> Output[BlastRadiusResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        edges = context.artifacts.read(args.graph) if args.graph else backend.edges(context.deadline)
        known = {*edges["caller"].to_pylist(), *edges["callee"].to_pylist()}
        lost = missed_by(edges)
        if known.isdisjoint(args.entities) and lost:
            raise BackendError("; ".join(lost), remedy="look into the system, or ask again later")
        if known.isdisjoint(args.entities):
            return Output("no_data", scope, note="none of these entities is part of the call graph")
        reached = dependents(edges, args.entities)
        named = {source: getattr(args, source) for source in _SOURCES}
        tables = {source: context.artifacts.read(name) if name else None for source, name in named.items()}
        hurt = harms([one.entity for one in reached], **tables)
        rows = sorted((_dependent(one, hurt) for one in reached), key=_order)
        passing, missed = Passing(0, 0), ""
        try:
            passing = traffic.passing(args.entities, args.start, args.end, context.deadline)
        except BackendError:
            # Who depends is worth telling without knowing how much of the traffic that is.
            missed = "the share of the traffic is not known: the traces were not counted in time"
        shown = first_that_fit(rows, _TOKENS) if rows else ()
        result = _result(rows, shown, passing, tuple(source for source in _SOURCES if not named[source]))
        rest = len(rows) - len(shown)
        notes = [
            *([f"{rest} dependents farther away are left out"] if rest else []),
            *([missed] if missed else []),
            *lost,
        ]
        table = pa.Table.from_pylist([row.model_dump() for row in rows], schema=AFFECTED_COLUMNS)
        return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))

    return Tool(
        name="topology.blast_radius",
        effect="read",
        description="Who depends on an entity, up to the users, which of them show harm, and how much traffic passes.",
        args=BlastRadiusArgs,
        result=BlastRadiusResult,
        run=find,
        environment=backend.environment,
        data_classes=frozenset({"operational"}),
        summary_tokens=750,
    )


def _dependent(one: Reached, hurt: Harms) -> Dependent:
    harm = hurt.worst.get(one.entity)
    return Dependent(
        entity=one_line(one.entity),
        state=state_of(one.entity, hurt),
        symptom=one_line(harm.text) if harm else "",
        distance=one.distance,
        via=one_line(one.via),
        relation=one.relation,
        is_entry=one.is_entry,
    )


def _order(row: Dependent) -> tuple[bool, int, str]:
    return row.state != "harmed", row.distance, row.entity


def _result(
    rows: list[Dependent],
    shown: tuple[Dependent, ...],
    passing: Passing,
    missing: tuple[Literal["shifts", "latency", "alerts"], ...],
) -> BlastRadiusResult:
    states = [row.state for row in rows]
    return BlastRadiusResult(
        dependents=len(rows),
        harmed=states.count("harmed"),
        unharmed=states.count("unharmed"),
        unknown=states.count("unknown"),
        entries=tuple(row.entity for row in rows if row.is_entry and row.state == "harmed")[:_SHOWN_ENTRIES],
        entries_reached=sum(row.is_entry for row in rows),
        traces=passing.traces,
        traces_passing=passing.passing,
        evidence_missing=missing,
        affected=shown,
    )
