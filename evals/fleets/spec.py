"""What to ask of an invented fleet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

SituationName = Literal[
    "oversized_gpu_serving",
    "nightly_idle",
    "dead_endpoint",
    "month_end_peak",
    "memory_leak",
    "autoscaler_owned",
    "telemetry_gap",
    "commitment_paid",
    "orphaned_volume",
    "shared_gpu",
    "start_burst",
    "currency_change",
]
SITUATIONS: tuple[SituationName, ...] = get_args(SituationName)

_FIRST_MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
_STARTS = 14
STEP_S = 300
SALES = datetime(2026, 11, 26, tzinfo=UTC)
"""When the yearly sales begin."""


class FleetSpec(BaseModel):
    """One invented fleet; the same spec gives the same values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0)
    weeks: int = Field(default=8, ge=6, le=10)
    workloads: int = Field(default=60, ge=40, le=120, description="with those of the planted situations")
    environment: str = Field(default="production", min_length=1, max_length=60)

    @property
    def start(self) -> datetime:
        """A Monday of the summer or autumn of 2026, so that some histories hold a change of clocks."""
        return _FIRST_MONDAY + timedelta(weeks=self.seed % _STARTS)

    @property
    def end(self) -> datetime:
        """The end of the history."""
        return self.start + timedelta(weeks=self.weeks)

    @property
    def is_before_sales(self) -> bool:
        """Whether the sales of November, of which the history holds no example, come within five weeks."""
        return timedelta(0) <= SALES - self.end <= timedelta(days=35)

    @property
    def samples(self) -> int:
        """Samples of a series without gaps."""
        return self.weeks * 7 * 86_400 // STEP_S
