"""`fleet.json`: what a fleet says of itself."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

FLEET_MANIFEST = "fleet.json"


class FleetManifest(BaseModel):
    """What a fleet covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    title: str = Field(max_length=200)
    environment: str = Field(min_length=1, max_length=60)
    start: AwareDatetime
    end: AwareDatetime
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217; what reports are written in")
    source: str = Field(default="", max_length=500)
    licence: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a fleet ends after it starts")
        return self
