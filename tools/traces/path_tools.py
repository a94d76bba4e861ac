"""`traces.paths` and `traces.read`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import TracesBackend
from .example import MAX_TRACE_SPANS, Node, tree_of
from .forest import Forest, plant
from .paths import compare_paths
from .requests import entries
from .spans import thinned
from .types import Contribution, PathsArgs, PathsResult, RootOperation, TraceArgs, TraceResult, TreeSpan

_CONTRIBUTIONS = 5
_PATH_TOKENS, _TREE_TOKENS = 900, 1_500
_EPOCH = datetime.fromtimestamp(0, UTC)


def paths_tool(backend: TracesBackend) -> AnyTool:
    """`traces.paths` over one backend."""

    def paths(args: PathsArgs, context: ToolContext) -> Output[PathsResult]:
        spans = backend.spans(args, context.deadline)
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        if not spans.rows.num_rows:
            return Output("no_data", scope, note="no span starts in the window or its baseline")
        forest = plant(spans.rows)
        table = compare_paths(_from(forest, spans.rows, args.entities) if args.entities else forest, args)
        if not table.num_rows:
            return Output("no_data", scope, note="no root operation has requests in both windows", artifact=table)
        groups = [
            list(rows) for _, rows in groupby(table.to_pylist(), lambda row: (row["root_entity"], row["root_name"]))
        ]
        result = PathsResult(
            operations=len(groups),
            spans=len(forest),
            spans_skewed=int(np.count_nonzero(forest.skewed)),
            spans_without_parent=forest.orphans,
            paths=first_that_fit([_root(rows) for rows in groups[: args.limit]], _PATH_TOKENS),
        )
        note = thinned(spans)
        return Output("truncated" if note else "ok", scope, result, artifact=table, note=note)

    return Tool(
        name="traces.paths",
        effect="read",
        description=(
            "Whose own time on the critical path made requests slower than in a quiet time: contributions per root "
            "operation that add up."
        ),
        args=PathsArgs,
        result=PathsResult,
        run=paths,
        environment=backend.environment,
        timeout_s=60,
        summary_tokens=1_100,
    )


def read_tool(backend: TracesBackend) -> AnyTool:
    """`traces.read` over one backend."""

    def read(args: TraceArgs, context: ToolContext) -> Output[TraceResult]:
        trace_id, filters = args.trace_id, {"trace_id": args.trace_id or ""}
        if args.start is not None and args.end is not None and args.entity is not None:
            filters = {"entity": args.entity, "failed": str(args.failed).lower()}
            filters |= {"name": args.name} if args.name is not None else {}
            trace_id = backend.example(
                args.start, args.end, context.deadline, entity=args.entity, name=args.name, failed=args.failed
            )
        scope = Scope(environment=backend.environment, start=args.start, end=args.end, filters=filters)
        rows = backend.trace(trace_id, context.deadline) if trace_id is not None else None
        if trace_id is None or rows is None or not rows.num_rows:
            return Output("no_data", scope, note="no such trace; ids and names match exactly")
        tree = tree_of(rows, args.limit)
        spans = rows.to_pylist()
        result = TraceResult(
            trace_id=one_line(trace_id),
            start=_EPOCH + timedelta(microseconds=min(row["begin_us"] for row in spans)),
            spans=len(spans),
            entities=len({row["entity"] for row in spans}),
            spans_failed=sum(row["failed"] for row in spans),
            spans_skewed=tree.skewed,
            spans_without_parent=tree.orphans,
            tree=first_that_fit([_span(node, spans[node.place]) for node in tree.nodes], _TREE_TOKENS),
        )
        is_cut = len(spans) >= MAX_TRACE_SPANS
        note = f"only the first {MAX_TRACE_SPANS} spans of the trace were read" if is_cut else ""
        return Output("truncated" if is_cut else "ok", scope, result, artifact=rows, note=note)

    return Tool(
        name="traces.read",
        effect="read",
        description=(
            "One trace as a tree: by its id, or the slowest or slowest failed one of an entity. Shows the critical "
            "path, where errors began, and the span ids that log lines name."
        ),
        args=TraceArgs,
        result=TraceResult,
        run=read,
        environment=backend.environment,
        summary_tokens=1_700,
    )


def _from(forest: Forest, rows: pa.Table, names: tuple[str, ...]) -> Forest:
    """The trees below where requests reach one of some entities."""
    wanted = np.array([name in names for name in forest.entities], np.bool_)
    inside = np.zeros(len(forest), np.bool_)
    starts = entries(forest) & wanted[forest.entity]
    for members in forest.levels:
        above = np.maximum(forest.parent[members], 0)
        # What comes back to the same entity belongs to the request that it is part of.
        starts[members] &= ~(inside[above] & (forest.parent[members] >= 0))
        inside[members] = starts[members] | (inside[above] & (forest.parent[members] >= 0))
    kept = np.flatnonzero(inside)
    moved = np.full(len(forest), -1, np.int64)
    moved[kept] = np.arange(len(kept))
    parent = np.where(starts[kept], -1, moved[forest.parent[kept]])
    part = rows.take(pa.array(kept))
    for name, values in (("parent", parent), ("begin_us", forest.begin_us[kept]), ("end_us", forest.end_us[kept])):
        part = part.set_column(part.schema.get_field_index(name), name, pa.array(values, pa.int64()))
    return plant(part)


def _ms(duration_us: float) -> float:
    return float(f"{duration_us / 1_000:.3g}")


def _root(rows: list[dict[str, Any]]) -> RootOperation:
    head = rows[0]
    return RootOperation(
        entity=one_line(head["root_entity"]),
        name=one_line(head["root_name"]),
        requests_before=head["requests_before"],
        requests_after=head["requests_after"],
        mean_before_ms=_ms(head["root_before_us"]),
        mean_after_ms=_ms(head["root_after_us"]),
        spans_before=round(head["spans_before"], 1),
        spans_after=round(head["spans_after"], 1),
        contributions=tuple(_contribution(row) for row in rows[:_CONTRIBUTIONS]),
    )


def _contribution(row: dict[str, Any]) -> Contribution:
    return Contribution(
        entity=one_line(row["entity"]),
        name=one_line(row["name"]),
        own_before_ms=_ms(row["own_before_us"]),
        own_after_ms=_ms(row["own_after_us"]),
        added_share=None if row["added_share"] is None else round(row["added_share"], 2),
        on_path_after=round(row["on_path_after"], 2),
    )


def _span(node: Node, row: dict[str, Any]) -> TreeSpan:
    return TreeSpan(
        depth=node.depth,
        entity=one_line(row["entity"]),
        name=one_line(row["name"]),
        span_id=one_line(row["span_id"]) or None,
        offset_ms=_ms(node.offset_us),
        duration_ms=_ms(row["end_us"] - row["begin_us"]),
        own_ms=_ms(node.own_us),
        failed=row["failed"],
        hidden=node.hidden,
    )
