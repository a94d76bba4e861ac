"""How the metrics of a CloudWatch are configured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from ....core.systems.aws_api import AwsSettings

Statistic = Literal["Average", "Sum", "Maximum", "Minimum", "p50", "p90", "p99"]


class CloudwatchSettings(AwsSettings):
    """The metrics of a CloudWatch in one region."""

    kind: Literal["cloudwatch"] = "cloudwatch"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    namespaces: tuple[str, ...] = Field(
        min_length=1, max_length=50, description="whose metrics are read, such as `AWS/ECS`"
    )
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=10, description="dimensions that every metric read must have, with values"
    )
    entity_dimensions: tuple[str, ...] = Field(
        default=("ServiceName", "Service", "service", "FunctionName", "TargetGroup", "LoadBalancer", "QueueName"),
        min_length=1,
        description="dimensions that name the entity; the first one wins",
    )
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="pattern of what it says: the entity; the first that fits; a `*` there is what `*` matched",
    )
    statistics: dict[str, tuple[Statistic, ...]] = Field(
        default_factory=dict,
        max_length=100,
        description="pattern of metric names: what is asked of them, before the usual",
    )
    period_s: int = Field(default=60, ge=60, le=3_600, multiple_of=60, description="what one value stands for")
    lag_s: int = Field(
        default=120, ge=0, le=3_600, description="how long values of a period still grow; younger ones are not read"
    )
    most_series: int = Field(
        default=2_000, ge=1, le=50_000, description="more series than that are not read; Amazon charges each"
    )

    @classmethod
    def host_part(cls) -> str:
        """`monitoring`."""
        return "monitoring"

    @field_validator("namespaces")
    @classmethod
    def _are_namespaces(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not 0 < len(name) <= 255 or name.startswith(":") or not name.isprintable():
                raise ValueError(f"{name[:64]!r} is no namespace")
        return names
