"""Off-windows from a map of hours, and the on-windows that are left, as cron and as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import Bools
from .hours import HOURS_OF_WEEK, HourMap

LEAST_WEEKS = 4
"""An hour counts as idle after four weeks of it: a habit of every second week has then shown twice."""
LEAST_HOURS = 4
"""Shorter windows save less than stopping, starting and being late cost."""
GUARD_HOURS = 1
"""Hours that stay on before and after every hour of use: people come earlier and stay longer than before."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WINDOW = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:-(Mon|Tue|Wed|Thu|Fri|Sat|Sun))? (\d\d):00-(\d\d):00")


@dataclass(frozen=True)
class OnWindow:
    """Hours in which a workload is on, in local time.

    Args:
        days: weekdays on which the window begins, 0 is Monday; adjacent ones.
        start_hour: 0 to 23.
        hours: how long it lasts, 1 to 168; it may go on into the next day.
    """

    days: tuple[int, ...]
    start_hour: int
    hours: int

    @property
    def text(self) -> str:
        """As people read it: `Mon-Fri 08:00-20:00`; a window that goes on has `+1d` and so on behind it."""
        first, last = _DAYS[self.days[0]], _DAYS[self.days[-1]]
        name = first if first == last else f"{first}-{last}"
        over, end = divmod(self.start_hour + self.hours, 24)
        if end == 0:
            over, end = over - 1, 24
        return f"{name} {self.start_hour:02d}:00-{end:02d}:00" + (f"+{over}d" if over else "")

    @property
    def crons(self) -> tuple[tuple[str, str], ...]:
        """Start and end as cron expressions in local time, as KEDA's cron scaler takes them."""
        over, end = divmod(self.start_hour + self.hours, 24)
        starts = ",".join(_cron_day(day) for day in self.days)
        ends = ",".join(_cron_day(day + over) for day in self.days)
        return ((f"0 {self.start_hour} * * {starts}", f"0 {end} * * {ends}"),)


def idle_hours(hours: HourMap, *, upto: int | None = None) -> Bools:
    """Hours of the week that were idle in every week that tells, and in at least `LEAST_WEEKS` of them.

    Args:
        hours: the map.
        upto: how many weeks are known; all of them unless given.
    """
    active, seen = hours.active[:upto], hours.seen[:upto]
    tells = seen & ~hours.holiday[:upto]
    return np.asarray((tells.sum(axis=0) >= LEAST_WEEKS) & ~active.any(axis=0))


def off_hours(idle: Bools) -> Bools:
    """The hours of the week that can be off: idle, away from use by `GUARD_HOURS`, `LEAST_HOURS` or more in a row."""
    near = ~idle
    for shift in range(1, GUARD_HOURS + 1):
        near = near | np.roll(~idle, shift) | np.roll(~idle, -shift)
    return np.asarray(_long(~near))


def on_windows(off: Bools) -> tuple[OnWindow, ...]:
    """The windows between the off hours; equal ones on adjacent days are one."""
    if off.all() or not off.any():
        return ()
    found = [OnWindow((start // 24,), start % 24, length) for start, length in _runs(~off)]
    merged: list[OnWindow] = []
    for window in sorted(found, key=lambda one: (one.start_hour, one.hours, one.days)):
        last = merged[-1] if merged else None
        is_next = last is not None and last.days[-1] + 1 == window.days[0]
        if last is not None and is_next and (last.start_hour, last.hours) == (window.start_hour, window.hours):
            merged[-1] = OnWindow((*last.days, *window.days), last.start_hour, last.hours)
        else:
            merged.append(window)
    return tuple(sorted(merged, key=lambda one: (one.days[0], one.start_hour)))


def windows_text(windows: tuple[OnWindow, ...]) -> str:
    """All windows on one line."""
    return "; ".join(window.text for window in windows)


def parse_windows(text: str) -> tuple[OnWindow, ...]:
    """The windows of a line that `windows_text` wrote.

    Raises:
        ValueError: it is none.
    """
    found = []
    for part in text.split("; "):
        plain, _, over = part.partition("+")
        match = _WINDOW.fullmatch(plain)
        if match is None or (over and not re.fullmatch(r"[1-7]d", over)):
            raise ValueError("these are no windows of hours")
        first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
        start, end = int(match[3]), int(match[4])
        hours = end - start + 24 * int(over[:-1] or 0)
        if not (0 <= start < 24 and first <= last and 1 <= hours <= HOURS_OF_WEEK):
            raise ValueError("a window of hours is out of range")
        found.append(OnWindow(tuple(range(first, last + 1)), start, hours))
    return tuple(found)


def _runs(wanted: Bools) -> list[tuple[int, int]]:
    """Start and length of every run of wanted hours, around the end of the week; not all of them are wanted."""
    begins = np.flatnonzero(wanted & ~np.roll(wanted, 1))
    ends = np.flatnonzero(wanted & ~np.roll(wanted, -1))
    found = []
    for start in begins:
        end = next((int(one) for one in ends if one >= start), int(ends[0]) + HOURS_OF_WEEK if ends.size else 0)
        found.append((int(start), end - int(start) + 1))
    return found


def _long(wanted: Bools) -> Bools:
    if wanted.all():
        return wanted
    kept = np.zeros(HOURS_OF_WEEK, bool)
    for start, length in _runs(wanted):
        if length >= LEAST_HOURS:
            kept[(start + np.arange(length)) % HOURS_OF_WEEK] = True
    return kept


def _cron_day(day: int) -> str:
    return str((day + 1) % 7)  # cron counts from Sunday
