"""The times of a fleet and its rhythms: by hour, weekday and day of the month, in the clocks of each country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from ..worlds.streams import Array, Counts, Mask
from .spec import STEP_S, FleetSpec

ZONES = {
    "BR": "America/Sao_Paulo",
    "MX": "America/Mexico_City",
    "NG": "Africa/Lagos",
    "ID": "Asia/Jakarta",
    "IN": "Asia/Kolkata",
    "KE": "Africa/Nairobi",
    "CO": "America/Bogota",
    "EG": "Africa/Cairo",
    "TR": "Europe/Istanbul",
}
OFFICE = "Europe/Lisbon"
"""Where the teams sit: clocks change there."""

_STEPS_PER_HOUR = 3600 // STEP_S
_MONTH_END_DAYS = 2


@dataclass(frozen=True)
class Local:
    """The samples in one timezone: hour of the day with fractions, weekday (0 is Monday), hour of the week."""

    hour: Array
    weekday: Counts
    hour_of_week: Counts


class Clockwork:
    """Times of the samples, and what they are called in a timezone."""

    def __init__(self, spec: FleetSpec) -> None:
        self.start = spec.start
        self.n = spec.samples
        self.ts_us: Counts = int(spec.start.timestamp()) * 1_000_000 + np.arange(self.n, dtype=np.int64) * (
            STEP_S * 1_000_000
        )
        self._locals: dict[str, Local] = {}

    def local(self, zone: str) -> Local:
        """The samples in a timezone, with its changes of clocks."""
        if zone not in self._locals:
            info = ZoneInfo(zone)
            hours = self.ts_us[::_STEPS_PER_HOUR] // 1_000_000
            offsets = np.array([_offset_s(info, int(second)) for second in hours], np.int64)
            seconds = self.ts_us // 1_000_000 + np.repeat(offsets, _STEPS_PER_HOUR)[: self.n]
            days = seconds // 86_400
            weekday = (days + 3) % 7  # the epoch was a Thursday
            hour = (seconds % 86_400) / 3600
            self._locals[zone] = Local(hour, weekday, weekday * 24 + hour.astype(np.int64))
        return self._locals[zone]

    @cached_property
    def days(self) -> Counts:
        """Days since the epoch in UTC, of every sample."""
        return self.ts_us // 86_400_000_000

    @cached_property
    def is_month_end(self) -> Mask:
        """Whether a sample lies in the last two days of its month, UTC."""
        day = self.days.astype("datetime64[D]")
        later = (day + _MONTH_END_DAYS).astype("datetime64[M]")
        return np.asarray(later > day.astype("datetime64[M]"))


def _offset_s(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def payments(local: Local, rng: np.random.Generator) -> Array:
    """How busy payments are, 0 to about 1: a trough before dawn, an evening peak, weekends a little lower."""
    shift = rng.uniform(-0.7, 0.7)
    day = 0.5 - 0.5 * np.cos((local.hour - 3.5 - shift) * np.pi / 12)
    evening = np.exp(-(((local.hour - 19.5 - shift) / 2.2) ** 2))
    level = 0.12 + 0.58 * day + 0.3 * evening
    return np.asarray(level * np.where(local.weekday >= 5, rng.uniform(0.75, 0.95), 1.0))


def office(local: Local, first: float, last: float) -> Mask:
    """Whether people work: Monday to Friday, from `first` to `last`."""
    return np.asarray((local.weekday < 5) & (local.hour >= first) & (local.hour < last))


def wander(rng: np.random.Generator, n: int, sigma: float, hold: int = 12) -> Array:
    """A slow and a fast noise around 1: the slow one keeps for `hold` samples."""
    slow = np.repeat(rng.normal(0, sigma, -(-n // hold)), hold)[:n]
    return np.asarray(np.exp(slow + rng.normal(0, sigma / 2, n)))
