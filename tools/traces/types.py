"""Arguments and results of the trace tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import OneLine, OutsideText, Result
from ..windows import ComparedWindows


class LatencyArgs(ComparedWindows):
    """Compare how long operations took and how often they failed with a quiet time before."""

    limit: int = Field(default=8, ge=1, le=50)


class OperationShift(Result):
    """One operation of one entity, before and in the window.

    Scores count usual wobbles, without a unit, above zero for slower and for more errors; null where nothing is known
    of the past. *Self time* is what no child span covers. Errors *originate* where no child failed.
    """

    entity: Annotated[OutsideText, OneLine(40)]
    name: Annotated[OutsideText, OneLine(40)]
    spans_before: int
    spans_after: int
    p50_before_ms: float | None
    p50_after_ms: float | None
    p95_before_ms: float | None
    p95_after_ms: float | None
    self_p95_before_ms: float | None
    self_p95_after_ms: float | None
    error_rate_before: float | None
    error_rate_after: float | None
    error_origin: float | None = Field(description="share of the window's error spans without a failing child")
    duration_score: float | None
    self_score: float | None
    error_score: float | None


class LatencyResult(Result):
    """The operations that changed most, and how many there are."""

    spans_before: int
    spans_after: int
    operations: int
    operations_slower: int
    operations_failing_more: int
    shifts: tuple[OperationShift, ...]


class CallsArgs(ComparedWindows):
    """Compare what operations do within a request with a quiet time before: calls, own operations, log lines."""

    limit: int = Field(default=8, ge=1, le=50)


class CallStep(Result):
    """One event of one operation: in how many of its requests it happens, before and in the window.

    Scores count usual wobbles, above zero for more. `size` is the size of the step in the share, from 0 to 1.
    """

    entity: Annotated[OutsideText, OneLine(40)]
    name: Annotated[OutsideText, OneLine(40)]
    kind: Literal["call", "inside", "line"]
    target: Annotated[OutsideText, OneLine(40)] | None = Field(description="the entity that is called")
    event: Annotated[OutsideText, OneLine(60)]
    requests_before: int
    requests_after: int
    share_before: float
    share_after: float
    share_score: float
    size: float
    times_before: float | None = Field(description="events in a request that has any")
    times_after: float | None
    times_score: float
    retries_before: int
    retries_after: int


class CallsResult(Result):
    """The steps that say most, and how many operations were compared."""

    requests_before: int
    requests_after: int
    operations: int = Field(description="operations that both windows hold")
    events: int
    events_vanished: int = Field(description="events of the quiet time that happen no more although the operation runs")
    events_new: int
    log_lines: int = Field(description="lines that name a span")
    steps: tuple[CallStep, ...]
