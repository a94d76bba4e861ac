"""`metrics.exemplars`: from a metric's bad time to traces of requests that it was bad for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import pyarrow as pa
from pydantic import AwareDatetime, Field

from ...core.errors import ToolRetry
from ..spec import AnyTool, OneLine, Output, OutsideText, Result, Scope, TimeRange, Tool, ToolContext
from ..windows import from_us
from .backends.types import EXEMPLAR_COLUMNS, Exemplifying
from .indicators import harmful_direction


class ExemplarsArgs(TimeRange):
    """One metric of one entity."""

    entity: str = Field(min_length=1, max_length=512)
    metric: str = Field(min_length=1, max_length=256)
    limit: int = Field(default=8, ge=1, le=50)


class Exemplar(Result):
    """One observation; its trace can be read with `traces.read`."""

    ts: AwareDatetime
    value: float
    labels: OutsideText
    trace_id: Annotated[OutsideText, OneLine(128)]


class ExemplarsResult(Result):
    """The worst observations, each trace once: the smallest of a metric that is bad when it falls, else the largest."""

    exemplars_found: int
    traces: int
    worst: tuple[Exemplar, ...]


def exemplars_tool(systems: Sequence[Exemplifying], environment: str) -> AnyTool:
    """The tool over the systems of one environment that keep exemplars."""

    def find(args: ExemplarsArgs, context: ToolContext) -> Output[ExemplarsResult]:
        if not systems:
            raise ToolRetry("no system here keeps exemplars", remedy="use traces.read with an entity and a time")
        asked = [
            system.exemplars(args.entity, args.metric, args.start, args.end, context.deadline) for system in systems
        ]
        found = pa.concat_tables([table for table, _ in asked], promote_options="none").cast(EXEMPLAR_COLUMNS)
        scope = Scope(
            environment=environment,
            start=args.start,
            end=args.end,
            filters={"entity": args.entity, "metric": args.metric},
        )
        if not found.num_rows:
            return Output("no_data", scope, note="no exemplar names a trace in this time range")
        sign = 1 if harmful_direction(args.metric) == "down" else -1
        rows = sorted(found.to_pylist(), key=lambda row: (sign * row["value"], row["ts_us"], row["trace_id"]))
        worst = {row["trace_id"]: row for row in reversed(rows)}
        shown = sorted(worst.values(), key=rows.index)[: args.limit]
        result = ExemplarsResult(
            exemplars_found=found.num_rows,
            traces=len(worst),
            worst=tuple(
                Exemplar(
                    ts=from_us(row["ts_us"]),
                    value=float(f"{row['value']:.4g}"),
                    labels=",".join(f"{name}={value}" for name, value in row["labels"]),
                    trace_id=row["trace_id"],
                )
                for row in shown
            ),
        )
        is_whole = all(whole for _, whole in asked)
        note = "" if is_whole else "more exemplars were found than are read"
        return Output("ok" if is_whole else "truncated", scope, result, artifact=found, note=note)

    return Tool(
        name="metrics.exemplars",
        effect="read",
        description="Single observations behind a metric, the worst first, with the ids of the traces they belong to.",
        args=ExemplarsArgs,
        result=ExemplarsResult,
        run=find,
        environment=environment,
        data_classes=frozenset({"operational"}),
        resource=lambda args: args.entity,
        summary_tokens=700,
        is_offered=bool(systems),
    )
