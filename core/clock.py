"""Time as something that is passed in."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time of day, and a monotonic count for durations."""

    def now(self) -> datetime:
        """The current moment, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The current moment, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is moved; makes records reproducible.

    Args:
        start: the moment it shows first; must carry a time zone.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a time zone")
        self._now = start.astimezone(UTC)
        self._elapsed_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move both readings forward."""
        self._now += timedelta(seconds=seconds)
        self._elapsed_s += seconds

    def now(self) -> datetime:
        """The moment it was set to, plus what it was advanced by."""
        return self._now

    def monotonic(self) -> float:
        """Seconds it was advanced by."""
        return self._elapsed_s


class Deadline:
    """A moment after which work is of no use any more.

    Args:
        seconds: time left from now; must be positive.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        if seconds <= 0:
            raise ValueError("a deadline lies in the future")
        self._clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - self._clock.monotonic())

    def earlier(self, share: float) -> Deadline:
        """The moment at which that share of the time that is left is over; at once if none is."""
        return Deadline(self._clock, max(self.left_s * share, 1e-6))

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.left_s == 0.0


def to_iso(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`, the one way times are written in records."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The moment that `to_iso` wrote; a text without a time zone is refused.

    Raises:
        ValueError: no RFC 3339 time, or no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return moment.astimezone(UTC)
