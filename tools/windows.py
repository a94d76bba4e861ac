"""Two stretches of time that are compared: the one to explain, and a quiet one before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from .spec import Args, TimeRange

_LONGEST_S = 31 * 86_400
_EPOCH = datetime.fromtimestamp(0, UTC)


class EntityRange(TimeRange):
    """A stretch of time, over every entity or over some."""

    entities: tuple[str, ...] = Field(default=(), max_length=200, strict=False)


class ComparedWindows(Args):
    """Compare `[start, end)` with the quiet time `[baseline_start, baseline_end)`, over every entity or over some."""

    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    baseline_start: AwareDatetime = Field(strict=False)
    baseline_end: AwareDatetime = Field(strict=False)
    entities: tuple[str, ...] = Field(default=(), max_length=200, strict=False)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.length_s <= 0 or self.baseline_s <= 0:
            raise ValueError("a window ends after it starts")
        if to_us(self.baseline_end) > to_us(self.start):
            raise ValueError("the baseline ends before the window starts")
        if max(self.length_s, self.baseline_s) > _LONGEST_S:
            raise ValueError("a window lasts at most 31 days")
        return self

    @property
    def length_s(self) -> float:
        """Seconds of the window."""
        return (to_us(self.end) - to_us(self.start)) / 1e6

    @property
    def baseline_s(self) -> float:
        """Seconds of the quiet time."""
        return (to_us(self.baseline_end) - to_us(self.baseline_start)) / 1e6


def entity_filter(entities: tuple[str, ...]) -> dict[str, str]:
    """How a scope names the entities asked for: one by its name, several by their number."""
    if not entities:
        return {}
    return {"entities": entities[0] if len(entities) == 1 else f"{len(entities)} named"}


def to_us(moment: datetime) -> int:
    """Whole microseconds since the epoch."""
    # Two moments of one zone would be subtracted as wall-clock times, an hour off across a change of the clocks.
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(since_epoch_us: int) -> datetime:
    """The moment so many microseconds after the epoch."""
    return _EPOCH + timedelta(microseconds=since_epoch_us)
