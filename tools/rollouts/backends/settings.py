"""What shifts the traffic of models, and how much of that goes without a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section
from .kubernetes_traffic import KubernetesTrafficSettings


class SagemakerEndpointSettings(Section):
    """Endpoints of an account, whose variants share the requests."""

    kind: Literal["sagemaker-endpoint"]
    environment: str = Field(min_length=1, max_length=64, description="that the credential reaches")
    region: str = Field(min_length=1, max_length=32)
    profile: str | None = Field(default=None, description="of the AWS configuration; the usual chain if absent")
    endpoint: str | None = Field(default=None, description="another address of the service")
    timeout_s: float = Field(default=20.0, gt=0, le=300)
    champion_variant: str = Field(default="champion", min_length=1, max_length=63)


TrafficSettings: TypeAlias = Annotated[
    KubernetesTrafficSettings | SagemakerEndpointSettings, Field(discriminator="kind")
]


class RolloutSettings(Section):
    """How rollouts are judged, and what the guard may do by itself."""

    rules: Path | None = Field(default=None, description="a folder of rules, `MODEL.yaml`")
    aborts_a_day: int = Field(default=3, ge=0, le=50, description="how often the traffic of a model may be given back")
