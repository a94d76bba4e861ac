"""`traces.calls`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from ..metrics.series import Floats
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import TracesBackend
from .calls import compare_calls, weight_of
from .forest import Bools, plant
from .requests import requests_of
from .spans import Spans, thinned
from .types import CallsArgs, CallsResult, CallStep, RetryStorm

_STANDS_OUT = 3.0
_TELLING = 1.5
"""A step of half the largest size that stands out."""
_TOKENS = 850
_STORM = 0.1
"""Repetitions in a request from which they are a storm and not the usual second try: SRE's retry budget of a tenth."""
_MOST_STORMS = 3


def calls_tool(backend: TracesBackend) -> AnyTool:
    """`traces.calls` over one backend."""

    def calls(args: CallsArgs, context: ToolContext) -> Output[CallsResult]:
        spans = backend.spans(args, context.deadline, with_lines=True)
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        if not spans.rows.num_rows:
            return Output("no_data", scope, note="no span starts in the window or its baseline")
        forest = plant(spans.rows)
        table = compare_calls(forest, requests_of(forest, spans), args)
        if args.entities:
            table = table.filter(pc.is_in(table["entity"], pa.array(args.entities, pa.string())))
        if not table.num_rows:
            return Output("no_data", scope, note="no operation has requests in both windows", artifact=table)
        note = "; ".join(filter(None, (thinned(spans), spans.without_lines)))
        return Output(
            "truncated" if note else "ok", scope, _calls_result(table, spans, args), artifact=table, note=note
        )

    return Tool(
        name="traces.calls",
        effect="read",
        description=(
            "What operations do within a request that they did not do in a quiet time, or do no more: calls to "
            "others, steps inside, log lines; how often in one request, and retries."
        ),
        args=CallsArgs,
        result=CallsResult,
        run=calls,
        environment=backend.environment,
        timeout_s=60,
        summary_tokens=1_100,
    )


def _calls_result(table: pa.Table, spans: Spans, args: CallsArgs) -> CallsResult:
    operations = table.group_by(["entity", "name"], use_threads=False).aggregate(
        [("requests_before", "max"), ("requests_after", "max")]
    )
    before, after = (np.asarray(table[name].to_numpy()) for name in ("with_before", "with_after"))
    outstanding = table.filter(pa.array(weight_of(table) >= _TELLING))
    return CallsResult(
        requests_before=int(pc.sum(operations["requests_before_max"]).as_py()),
        requests_after=int(pc.sum(operations["requests_after_max"]).as_py()),
        operations=operations.num_rows,
        events=table.num_rows,
        events_vanished=int(np.count_nonzero((after == 0) & _clear(table, -1))),
        events_new=int(np.count_nonzero((before == 0) & _clear(table, 1))),
        log_lines=spans.lines.num_rows,
        steps=first_that_fit([_step(row) for row in outstanding.slice(0, args.limit).to_pylist()], _TOKENS),
        retry_storms=tuple(_storms(table)),
    )


def _storms(table: pa.Table) -> list[RetryStorm]:
    """Calls that are repeated far more often than before, the most repeated first."""
    rows = [
        row
        for row in table.filter(pc.greater_equal(table["retry_score"], _STANDS_OUT)).to_pylist()
        if row["kind"] == "call" and row["retries_after"] >= _STORM * row["requests_after"]
    ]
    rows.sort(key=lambda row: (-row["retries_after"], row["entity"], row["name"], row["event"]))
    return [
        RetryStorm(
            entity=one_line(row["entity"]),
            name=one_line(row["name"]),
            target=None if row["target"] is None else one_line(row["target"]),
            event=one_line(row["event"]),
            retry_score=round(row["retry_score"], 1),
            **{name: row[name] for name in ("requests_before", "requests_after", "retries_before", "retries_after")},
        )
        for row in rows[:_MOST_STORMS]
    ]


def _clear(table: pa.Table, sign: int) -> Bools:
    score: Floats = np.asarray(table["share_score"].to_numpy(), np.float64)
    return score * sign >= _STANDS_OUT


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _step(row: dict[str, Any]) -> CallStep:
    return CallStep(
        entity=one_line(row["entity"]),
        name=one_line(row["name"]),
        kind=row["kind"],
        target=None if row["target"] is None else one_line(row["target"]),
        event=one_line(row["event"]),
        requests_before=row["requests_before"],
        requests_after=row["requests_after"],
        share_before=round(row["share_before"], 3),
        share_after=round(row["share_after"], 3),
        share_score=round(row["share_score"], 1),
        size=round(row["size"], 2),
        times_before=_rounded(row["times_before"]),
        times_after=_rounded(row["times_after"]),
        times_score=round(row["times_score"], 1),
        retries_before=row["retries_before"],
        retries_after=row["retries_after"],
    )
