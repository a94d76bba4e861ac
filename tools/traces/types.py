"""Arguments and results of the trace tools."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ..spec import Args, OneLine, OutsideText, Result
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


class RetryStorm(Result):
    """A call that is made again and again: as many attempts more as the callee has to bear."""

    entity: Annotated[OutsideText, OneLine(40)] = Field(description="who tries again")
    name: Annotated[OutsideText, OneLine(40)]
    target: Annotated[OutsideText, OneLine(40)] | None = Field(description="the entity that is called")
    event: Annotated[OutsideText, OneLine(60)]
    requests_before: int
    requests_after: int
    retries_before: int
    retries_after: int
    retry_score: float


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
    retry_storms: tuple[RetryStorm, ...] = Field(
        default=(), description="calls repeated in a tenth of the requests or more, and clearly more than before"
    )


class PathsArgs(ComparedWindows):
    """Compare whose time the answers of root operations waited for with a quiet time before.

    With `entities`, a request is followed from where it reaches one of them instead of from its root.
    """

    limit: int = Field(default=3, ge=1, le=20, description="how many root operations")


class Contribution(Result):
    """What one operation adds to the average request: its own time on the critical path."""

    entity: Annotated[OutsideText, OneLine(40)]
    name: Annotated[OutsideText, OneLine(40)]
    own_before_ms: float
    own_after_ms: float
    added_share: float | None = Field(description="of what requests became slower by; null if they did not")
    on_path_after: float = Field(description="share of requests with it on the critical path")


class RootOperation(Result):
    """A root operation and the contributors that added most."""

    entity: Annotated[OutsideText, OneLine(40)]
    name: Annotated[OutsideText, OneLine(40)]
    requests_before: int
    requests_after: int
    mean_before_ms: float
    mean_after_ms: float
    spans_before: float = Field(description="spans in a request, on average")
    spans_after: float
    contributions: tuple[Contribution, ...]


class PathsResult(Result):
    """The root operations that cost most additional time in all."""

    operations: int = Field(description="root operations that both windows hold")
    spans: int
    spans_skewed: int = Field(description="whose clocks were set right")
    spans_without_parent: int = Field(description="whose parent is not in the data")
    paths: tuple[RootOperation, ...]


class TraceArgs(Args):
    """Read one trace: by its id, or the slowest or slowest failed one of an entity in a time range."""

    trace_id: str | None = Field(default=None, min_length=1, max_length=256)
    start: AwareDatetime | None = Field(default=None, strict=False)
    end: AwareDatetime | None = Field(default=None, strict=False)
    entity: str | None = Field(default=None, min_length=1, max_length=512)
    name: str | None = Field(default=None, max_length=512, description="an operation of the entity")
    failed: bool = Field(default=False, description="the slowest failed span instead of the slowest")
    limit: int = Field(default=20, ge=1, le=100, description="how many spans to show")

    @model_validator(mode="after")
    def _either(self) -> Self:
        by_place = (self.start, self.end, self.entity)
        if (self.trace_id is None) == (None in by_place):
            raise ValueError("give either a trace_id, or start, end and entity")
        if self.trace_id is not None and any(value is not None for value in (*by_place, self.name)):
            raise ValueError("a trace_id needs neither time, entity nor name")
        if self.start is not None and self.end is not None and not self.start < self.end:
            raise ValueError("a time range must be longer than nothing")
        return self


class TreeSpan(Result):
    """One span of the tree, with `depth` spans above it; `span_id` is what its log lines name."""

    depth: int
    entity: Annotated[OutsideText, OneLine(30)]
    name: Annotated[OutsideText, OneLine(30)]
    span_id: Annotated[OutsideText, OneLine(20)] | None
    offset_ms: float = Field(description="from the begin of the trace")
    duration_ms: float
    own_ms: float = Field(description="own time on the critical path; of a tree they add up to its root's duration")
    failed: bool
    hidden: int = Field(description="spans below it that are not shown")


class TraceResult(Result):
    """A trace as a tree in reading order, without the spans that say least."""

    trace_id: Annotated[OutsideText, OneLine(40)]
    start: AwareDatetime
    spans: int
    entities: int
    spans_failed: int
    spans_skewed: int = Field(description="whose clocks were set right")
    spans_without_parent: int
    tree: tuple[TreeSpan, ...]
