"""`traces.latency`, and all trace tools together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import TracesBackend
from .call_tool import calls_tool
from .latency import compare, strongest
from .operations import MAX_OPERATIONS, OTHER
from .path_tools import paths_tool, read_tool
from .spans import SOME_READ
from .types import LatencyArgs, LatencyResult, OperationShift

_STANDS_OUT = 3.0
_TOKENS = 1_000


def traces_tools(backend: TracesBackend) -> tuple[AnyTool, ...]:
    """The trace tools over one backend."""

    def latency(args: LatencyArgs, context: ToolContext) -> Output[LatencyResult]:
        found = backend.operations(args, context.deadline)
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        if not found.quantiles.num_rows:
            return Output("no_data", scope, note="no span starts in the window or its baseline")
        table = compare(found, args)
        before, after = (int(pc.sum(table[name]).as_py()) for name in ("spans_before", "spans_after"))
        if not after:
            return Output(
                "no_data", scope, artifact=table, note=f"no span starts in the window, {before} in the baseline"
            )
        changed = _standing_out(table) if before else table
        result = LatencyResult(
            spans_before=before,
            spans_after=after,
            operations=table.num_rows,
            operations_slower=_number_of(table, "duration_score"),
            operations_failing_more=_number_of(table, "error_score"),
            shifts=first_that_fit([_shift(row) for row in changed.slice(0, args.limit).to_pylist()], _TOKENS),
        )
        notes = [] if before else ["the baseline holds no span, so nothing is compared"]
        if not found.complete:
            notes.append(f"operations beyond the {MAX_OPERATIONS} most frequent ones are counted as {OTHER}")
        if found.is_part:
            notes.append(SOME_READ)
        return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))

    return (
        Tool(
            name="traces.latency",
            effect="read",
            description=(
                "Which operations became slower or failed more than in a quiet time, and whether the time or the error "
                "is their own or their callees'."
            ),
            args=LatencyArgs,
            result=LatencyResult,
            run=latency,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_100,
        ),
        calls_tool(backend),
        paths_tool(backend),
        read_tool(backend),
    )


def _standing_out(table: pa.Table) -> pa.Table:
    """Operations that changed, and those without a past that fail."""
    is_new = np.asarray(table["spans_before"].to_numpy()) == 0
    fails = np.asarray(table["errors_after"].to_numpy()) > 0
    return table.filter(pa.array((strongest(table) >= _STANDS_OUT) | (is_new & fails)))


def _number_of(table: pa.Table, column: str) -> int:
    return int(np.count_nonzero(np.nan_to_num(np.asarray(table[column].to_numpy(), np.float64)) >= _STANDS_OUT))


def _ms(duration_us: float | None) -> float | None:
    return None if duration_us is None else float(f"{duration_us / 1_000:.3g}")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _shift(row: dict[str, Any]) -> OperationShift:
    return OperationShift(
        entity=one_line(row["entity"]),
        name=one_line(row["name"]),
        spans_before=row["spans_before"],
        spans_after=row["spans_after"],
        p50_before_ms=_ms(row["p50_before_us"]),
        p50_after_ms=_ms(row["p50_after_us"]),
        p95_before_ms=_ms(row["p95_before_us"]),
        p95_after_ms=_ms(row["p95_after_us"]),
        self_p95_before_ms=_ms(row["self_p95_before_us"]),
        self_p95_after_ms=_ms(row["self_p95_after_us"]),
        error_rate_before=_rounded(row["error_rate_before"], 4),
        error_rate_after=_rounded(row["error_rate_after"], 4),
        error_origin=_rounded(row["error_origin"], 2),
        duration_score=_rounded(row["duration_score"], 1),
        self_score=_rounded(row["self_score"], 1),
        error_score=_rounded(row["error_score"], 1),
    )
