"""What to ask of a world: seed, fault, size."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

FaultName = Literal[
    "healthy",
    "bad_model_promotion",
    "stale_features",
    "training_serving_skew",
    "upstream_schema_change",
    "null_flood",
    "gpu_out_of_memory",
    "noisy_neighbour",
    "quota_exhausted",
    "bad_canary",
    "expired_certificate",
    "slow_dependency",
    "cache_stampede",
    "provider_outage_one_country",
    "issuer_decline_wave",
    "card_testing",
    "threshold_misconfiguration",
    "feature_view_rollout",
    "upstream_batch_delay",
    "model_trial",
    "gpu_throttling",
    "slow_consumer",
    "database_locks",
    "machine_failure",
    "flag_in_one_country",
    "dependency_bump",
    "two_at_once",
    "healthy_peak",
    "healthy_deploy",
    "healthy_flapping",
    "healthy_maintenance",
]

FAULT_NAMES: tuple[FaultName, ...] = get_args(FaultName)

DAY_S = 86_400
MIN_WINDOW_STEPS = 6
MAX_STEPS = 100_000


class WorldSpec(BaseModel):
    """One incident of the sandbox world. The same spec gives the same values.

    The seed alone settles platform, time of day, cause, decoys and planted values; the sizes only settle how much of
    it is written down.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0)
    fault: FaultName = "healthy"
    duration_s: int = Field(default=24_300, ge=600, le=30 * DAY_S, description="quiet time before, plus the window")
    window_s: int | None = Field(
        default=None,
        ge=120,
        description="time to explain, at the end of `duration_s`; default: a third, at most 45 min",
    )
    step_s: int = Field(default=30, ge=1, le=3600, description="time between two samples of a series")
    log_lines: int = Field(
        default=50_000, ge=500, le=50_000_000, description="about how many; they are drawn, not counted"
    )
    spans: int = Field(default=5_000, ge=100, le=5_000_000, description="about how many")
    series: int = Field(default=450, ge=1, le=100_000, description="pods are added until there are about as many")
    severity: float = Field(default=1.0, ge=0.25, le=4.0, description="how hard the fault hits; 1 is plain to see")
    plant_personal_data: bool = Field(
        default=True, description="write made-up e-mails, cards, tokens, names into texts"
    )
    decoy: bool | None = Field(default=None, description="an unrelated wiggle; absent: the seed decides (about 1 in 3)")

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.window_length_s > self.duration_s // 2:
            raise ValueError("window_s must leave at least half of duration_s as quiet time")
        if self.window_length_s // self.step_s < MIN_WINDOW_STEPS:
            raise ValueError(f"the window must hold {MIN_WINDOW_STEPS} samples: choose a shorter step_s")
        if self.duration_s // self.step_s > MAX_STEPS:
            raise ValueError(f"a series holds at most {MAX_STEPS} samples: choose a longer step_s")
        return self

    @property
    def window_length_s(self) -> int:
        """Length of the window in seconds."""
        return min(2_700, self.duration_s // 3) if self.window_s is None else self.window_s
