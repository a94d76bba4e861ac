"""Times for people: always UTC, the date once, lengths in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def parse(text: object) -> datetime | None:
    """The moment that an ISO 8601 text names, in UTC; without a zone it counts as UTC. Nothing if it names none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < _LATEST else None


def day(moment: datetime | date) -> str:
    """`23 Nov 2026`, whatever the locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def clock(moment: datetime) -> str:
    """`14:05`, with seconds if there are any."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def length(seconds: float) -> str:
    """`45 s`, `12 min`, `6 h 10 min`, `2 d 3 h`: the two largest units; days alone from ten on."""
    total = round(abs(seconds))
    if total < 60:
        return f"{total} s"
    minutes = round(total / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 10 else f"{days:,} d"


def offset(moment: datetime, start: datetime) -> str:
    """How far a moment lies from the start of the incident: `12 min before`."""
    seconds = (moment - start).total_seconds()
    if abs(seconds) < 1:
        return "at the start"
    return f"{length(seconds)} {'before' if seconds < 0 else 'after'}"


def span(start: datetime, end: datetime) -> str:
    """`23 Nov 2026, 14:05 to 14:35 UTC (30 min)`; the date again only where it changes."""
    until = clock(end) if start.date() == end.date() else f"{day(end)}, {clock(end)}"
    return f"{day(start)}, {clock(start)} to {until} UTC ({length((end - start).total_seconds())})"


@dataclass(frozen=True)
class Windows:
    """The incident, and the quiet time it is compared with."""

    start: datetime
    end: datetime
    quiet_start: datetime | None = None
    quiet_end: datetime | None = None


@dataclass(frozen=True)
class Calendar:
    """Writes moments beside one another: what shares the day of the incident needs no date."""

    today: date | None

    def moment(self, moment: datetime) -> str:
        """`14:05`, `22 Nov 23:50`, or with the year if that differs too."""
        if self.today is None:
            return f"{day(moment)} {clock(moment)}"
        if moment.date() == self.today:
            return clock(moment)
        text = day(moment) if moment.year != self.today.year else day(moment).rpartition(" ")[0]
        return f"{text} {clock(moment)}"

    def span(self, start: datetime, end: datetime) -> str:
        """`14:05 to 14:35`."""
        if start.date() == end.date():
            return f"{self.moment(start)} to {clock(end)}"
        always = Calendar(date(start.year, 1, 1) if self.today and self.today.year == start.year == end.year else None)
        return f"{always.moment(start)} to {always.moment(end)}"


def time_ticks(start: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    """Round moments from `start` to `end`, at most `most` + 1 of them, with their labels; midnights show the date."""
    seconds = max((end - start).total_seconds(), 1.0)
    step = next((size for size in _STEPS_S if seconds / size <= most), 0)
    if not step:
        step = 86_400 * (int(seconds // (86_400 * most)) + 1)
    place = math.ceil(start.timestamp() / step) * step
    ticks: list[tuple[datetime, str]] = []
    while place <= end.timestamp() and len(ticks) <= most:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=place)
        is_midnight = place % 86_400 == 0
        ticks.append((moment, day(moment).rpartition(" ")[0] if is_midnight else clock(moment)))
        place += step
    return ticks


_STEPS_S = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800)
