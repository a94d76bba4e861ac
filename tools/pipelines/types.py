"""Arguments and results of the pipeline tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ...core.config import Section
from ..logs.families import Family
from ..spec import Args, DerivedText, KeptText, OneLine, OutsideText, Result

PipelineName = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^\x00-\x1f\x7f]+$")]
RunId = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^\x00-\x1f\x7f]+$")]

Cause = Literal[
    "upstream_failed",
    "upstream_late",
    "too_slow",
    "resources",
    "killed",
    "credential",
    "dependency",
    "code_changed",
    "input_changed",
    "own_error",
    "unknown",
]
UpstreamState = Literal["well", "failed", "late"]
Timeliness = Literal["done", "on_time", "at_risk", "will_be_late", "late", "not_started", "stuck", "failed", "paused"]
"""`at_risk`: later than its deadline in more than half of the cases. `will_be_late`: in all but one of twenty.
`stuck`: it takes longer than any run before. `not_started`: due, and it did not begin."""

TROUBLE: frozenset[Timeliness] = frozenset(("will_be_late", "late", "not_started", "stuck", "failed"))
"""What a check says no to."""


class PipelineRule(Section):
    """What people know of one pipeline that its system does not."""

    deadline_s: float | None = Field(
        default=None, gt=0, le=31 * 86_400, description="when it has to be done, after the moment it was due"
    )
    safe_to_retry: tuple[str, ...] = Field(
        default=(), max_length=500, description="tasks that may run twice with the same outcome; `*` for all"
    )
    writes: tuple[str, ...] = Field(
        default=(), max_length=200, description="feature views, or their sources, that it writes"
    )
    trains: tuple[str, ...] = Field(default=(), max_length=200, description="models that it trains or scores with")


class StatusArgs(Args):
    """How the newest runs of all pipelines ended."""

    limit: int = Field(default=20, ge=1, le=200)


class PipelineStanding(Result):
    """The newest run of a pipeline."""

    pipeline: KeptText
    run: KeptText
    state: Literal["queued", "running", "success", "failed", "other"]
    due: AwareDatetime
    began: AwareDatetime | None
    ended: AwareDatetime | None
    is_paused: bool
    failed_in_a_row: int = Field(description="newest runs that failed without one that succeeded between")


class StatusResult(Result):
    """Pipelines, those that failed first."""

    pipelines: int
    failed: int
    running: int
    never_ran: int
    shown: tuple[PipelineStanding, ...]


class WhyArgs(Args):
    """Why a run of a pipeline failed."""

    pipeline: PipelineName | None = Field(default=None, description="the one that failed last if absent")
    run: RunId | None = Field(default=None, description="the newest that failed if absent")


class Tried(Result):
    """One attempt of the task that failed first."""

    attempt: int
    line: Annotated[OutsideText, OneLine(60)] | None
    family: Family | None
    is_same: bool | None = Field(description="whether it says what the newest attempt says; null if it says nothing")


class Altered(Result):
    """Something that changed between the last good run and this one."""

    ts: AwareDatetime
    entity: Annotated[OutsideText, OneLine(20)]
    kind: Annotated[OutsideText, OneLine(12)]
    summary: Annotated[OutsideText, OneLine(40)]


class RootFailure(Result):
    """Where a chain of failures began."""

    pipeline: KeptText
    run: KeptText
    task: KeptText
    cause: Cause
    line: Annotated[OutsideText, OneLine(60)] | None


class WhyResult(Result):
    """Why a run failed: the task that failed first, what it says, and what that comes down to."""

    pipeline: KeptText
    run: KeptText
    cause: Cause
    why: DerivedText
    task: KeptText
    failed_at: AwareDatetime | None
    line: Annotated[OutsideText, OneLine(80)] | None
    said: Annotated[OutsideText, OneLine(60)] | None = Field(description="what the system itself says of it")
    family: Family | None
    thrown: Annotated[OutsideText, OneLine(30)] | None
    is_new: bool | None = Field(description="whether the last good run wrote no such line; null without its log")
    attempts: tuple[Tried, ...] = Field(description="of this task, the newest first")
    is_intermittent: bool = Field(description="attempts of this run ended differently from each other")
    also_failed: tuple[KeptText, ...] = Field(description="other tasks that failed on their own")
    consequences: int = Field(description="tasks that did not run because of these")
    chain: tuple[KeptText, ...] = Field(description="pipelines that it waits for, up to the one where it began")
    root: RootFailure | None = Field(description="of the last of these; null if it did not fail")
    good_run: KeptText | None
    good_at: AwareDatetime | None
    version: KeptText
    version_before: KeptText | None
    changes: tuple[Altered, ...]
    not_looked_at: tuple[DerivedText, ...]


class LateArgs(Args):
    """Which pipelines are late, or will be."""

    pipelines: tuple[PipelineName, ...] = Field(default=(), max_length=200, strict=False)
    limit: int = Field(default=20, ge=1, le=200)


class PipelineTiming(Result):
    """When a pipeline is expected to be done."""

    pipeline: KeptText
    run: KeptText | None
    state: Timeliness
    due: AwareDatetime | None
    deadline: AwareDatetime | None
    expected_low: AwareDatetime | None
    expected: AwareDatetime | None
    expected_high: AwareDatetime | None
    confidence: float | None = Field(description="with which it is done between low and high")
    past_runs: int
    late_chance: float | None = Field(description="of being done after the deadline")
    late_s: float | None = Field(description="seconds past the deadline, or past the moment it should have begun")


class LateResult(Result):
    """Pipelines by how late they are, the worst first."""

    pipelines: int
    in_trouble: int
    without_history: int
    shown: tuple[PipelineTiming, ...]


class ImpactArgs(Args):
    """What rests on a pipeline."""

    pipeline: PipelineName


class ViewHit(Result):
    """A feature view that a pipeline feeds."""

    view: KeptText
    through: KeptText | None = Field(description="the view that it is made from; null if the pipeline writes it itself")
    features: int
    data_until: AwareDatetime | None = Field(description="the moment that the last good run covers")
    expires_at: AwareDatetime | None = Field(description="when its rows get older than they may be served")
    is_expired: bool


class ModelHit(Result):
    """A model that a pipeline feeds or trains."""

    model: KeptText
    by: Literal["features", "training"]
    views: tuple[KeptText, ...]
    inputs: int = Field(description="of its inputs, those that come from these views")
    entity: KeptText | None
    callers: tuple[KeptText, ...]


class ImpactResult(Result):
    """What a late or failed pipeline does to features and models."""

    pipeline: KeptText
    last_good: AwareDatetime | None
    views: tuple[ViewHit, ...]
    models: tuple[ModelHit, ...]
    not_looked_at: tuple[DerivedText, ...]


class RetryArgs(Args):
    """Run a failed task again, and what failed or never ran behind it."""

    pipeline: PipelineName
    run: RunId
    task: RunId
    attempt: int = Field(ge=1, le=10_000, description="the attempt that failed, as `pipelines.why` tells it")


class Retried(Result):
    """What was cleared, so that it runs again."""

    pipeline: KeptText
    run: KeptText
    tasks: tuple[KeptText, ...]
    attempt: int = Field(description="of the task, when it was read back")
    state: Literal["waiting", "queued", "running", "retrying", "success", "failed", "upstream_failed", "skipped"]
