"""Change freezes: times in which nothing is changed in some environments, whoever agrees, but for who manages them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from ..core.config import Section

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOMENT = re.compile(rf"({'|'.join(_DAYS)}) ([01][0-9]|2[0-3]):([0-5][0-9])")
_WEEK = timedelta(days=7)


class Weekly(Section):
    """A stretch of every week, from one moment to the next time the other comes round: `fri 16:00` to `mon 08:00`."""

    start: str = Field(description="day and local time at which it begins, such as `fri 16:00`")
    end: str = Field(description="day and local time at which it ends")

    @field_validator("start", "end")
    @classmethod
    def _is_moment(cls, text: str) -> str:
        if _MOMENT.fullmatch(text) is None:
            raise ValueError("a moment of the week is written like `fri 16:00`")
        return text

    @model_validator(mode="after")
    def _has_length(self) -> Weekly:
        if self.start == self.end:
            raise ValueError("a weekly freeze begins and ends at different moments")
        return self


class Freeze(Section):
    """One freeze: once, from `start` to `end`, or every week."""

    name: str = Field(min_length=1, max_length=80, description="what people call it: `month end`")
    start: AwareDatetime | None = Field(default=None, description="when it begins")
    end: AwareDatetime | None = Field(default=None, description="when it is over; this moment is free again")
    weekly: Weekly | None = Field(default=None, description="every week, instead of `start` and `end`")
    timezone: str = Field(default="UTC", description="whose local time `weekly` is: `Africa/Lagos`")
    environments: tuple[str, ...] = Field(
        default=("production",), description="where nothing is changed; none: nowhere"
    )
    teams: tuple[str, ...] = Field(default=(), description="whose runs it binds; none: everybody's")

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("there is no such time zone; names are like `America/Sao_Paulo`") from error
        return name

    @model_validator(mode="after")
    def _has_one_time(self) -> Freeze:
        once = (self.start is None) + (self.end is None)
        if (self.weekly is None and once) or (self.weekly is not None and once < 2):
            raise ValueError("a freeze has `start` and `end`, or `weekly`")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("a freeze ends after it begins")
        return self

    def binds(self, *, team: str, environment: str, now: datetime) -> bool:
        """Whether runs of the team may change nothing in the environment at a moment."""
        if environment not in self.environments or (self.teams and team not in self.teams):
            return False
        if self.weekly is not None:
            return _is_inside(self.weekly, now.astimezone(ZoneInfo(self.timezone)))
        return self.start is not None and self.end is not None and self.start <= now < self.end


class Freezes:
    """All freezes of an installation."""

    def __init__(self, freezes: Sequence[Freeze] = ()) -> None:
        self._freezes = tuple(freezes)

    def binding(self, *, team: str, environment: str, now: datetime) -> tuple[str, ...]:
        """The names of the freezes that bind, in the order in which they are written."""
        return tuple(
            freeze.name for freeze in self._freezes if freeze.binds(team=team, environment=environment, now=now)
        )


def _is_inside(weekly: Weekly, local: datetime) -> bool:
    """By the clock on the wall: where an hour is skipped or doubled in a night, its name counts."""
    at = timedelta(days=local.weekday(), hours=local.hour, minutes=local.minute, seconds=local.second)
    start, end = _since_monday(weekly.start), _since_monday(weekly.end)
    return (at - start) % _WEEK < (end - start) % _WEEK


def _since_monday(moment: str) -> timedelta:
    day, hour, minute = moment[:3], int(moment[4:6]), int(moment[7:])
    return timedelta(days=_DAYS.index(day), hours=hour, minutes=minute)
