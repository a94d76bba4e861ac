"""Arguments and results of the backfill tools."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from ..features.store_types import ViewName
from ..spec import Args, DerivedText, KeptText, Result


class PlanArgs(Args):
    """What some views lack of an interval, and how to write it."""

    views: tuple[ViewName, ...] = Field(min_length=1, max_length=50, strict=False)
    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    chunk_s: int = Field(default=86_400, ge=60, le=31 * 86_400, description="longest interval that is written at once")
    pause_s: float = Field(default=0.0, ge=0, le=3_600, description="between two chunks, so that others get through")

    def model_post_init(self, _context: object) -> None:
        """Refuse an empty interval."""
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")


class RunArgs(PlanArgs):
    """Write what a plan says, from where it was left."""

    digest: str = Field(pattern=r"^[0-9a-f]{32}$", description="of the plan")


class StatusArgs(Args):
    """How backfills stand."""

    limit: int = Field(default=10, ge=1, le=50)


class ViewPlan(Result):
    """What is written of one view."""

    view: KeptText
    gaps: int
    chunks: int
    again: int = Field(description="chunks that follow a gap, in a store where an older write wins")
    rows: int
    first: str
    last: str


class PlanResult(Result):
    """A plan: its digest names it."""

    digest: KeptText
    views: tuple[ViewPlan, ...] = Field(description="in the order in which they are written")
    chunks: int
    rows: int
    empty: tuple[DerivedText, ...] = Field(description="gaps without an offline row: no backfill mends these")
    seconds: tuple[float, float, float] | None = Field(description="low, middle, high, from past chunks")
    past_chunks: int
    cost: float | None = Field(description="the middle estimate, in the currency of `cost_per_hour`")


class Verified(Result):
    """Both sides of a view after it was written."""

    view: KeptText
    looked_at: int
    differing: int
    agrees: bool


class RunResult(Result):
    """How far a backfill has come."""

    digest: KeptText
    state: Literal["open", "done", "differs"]
    done: int
    chunks: int
    written: int
    verified: tuple[Verified, ...] = ()


class StatusResult(Result):
    """Backfills, the newest first."""

    backfills: tuple[RunResult, ...]
