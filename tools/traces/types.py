"""Arguments and results of the trace tools."""

from __future__ import annotations

from typing import Annotated

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
