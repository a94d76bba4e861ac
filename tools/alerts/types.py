"""Arguments and results of the alert tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import OneLine, OutsideText, Result
from ..windows import EntityRange


class ActiveArgs(EntityRange):
    """Alerts that fired at some moment of a time range."""

    limit: int = Field(default=10, ge=1, le=50)


class AlertGroup(Result):
    """All firing alerts of one name."""

    name: Annotated[OutsideText, OneLine(40)]
    severity: Annotated[OutsideText, OneLine(10)]
    alerts: int = Field(description="alerts of this name that fired, told apart by entity and labels")
    still_firing: int = Field(description="of these, how many at the end of the range")
    first_fired: AwareDatetime
    entities: tuple[Annotated[OutsideText, OneLine(40)], ...]
    summary: Annotated[OutsideText, OneLine(60)] = Field(description="of the one that fired first")


class ActiveResult(Result):
    """How many alerts fired, and the groups by name, the most severe and the earliest first."""

    alerts: int
    still_firing: int
    groups: tuple[AlertGroup, ...]
