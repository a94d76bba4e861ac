"""When something is due: the five fields of cron, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MOST_DAYS = 366 * 5
"""Further back no occurrence is looked for; the 29th of February comes within that."""


@dataclass(frozen=True)
class Cron:
    """An expression, such as `15 3 * * *` for a quarter past three every day.

    Where both a day and a weekday are given, either of them makes it due, as everywhere with cron.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_any_day: bool
    is_any_weekday: bool

    def last(self, now: datetime) -> datetime | None:
        """When it was due last, not after now; `None` if never in the last five years."""
        now = now.astimezone(UTC)
        for back in range(_MOST_DAYS):
            day = (now - timedelta(days=back)).date()
            if not self._is_due(day):
                continue
            for hour in sorted(self.hours, reverse=True):
                for minute in sorted(self.minutes, reverse=True):
                    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if moment <= now:
                        return moment
        return None

    def _is_due(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.is_any_day or self.is_any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def parse_cron(expression: str) -> Cron:
    """Read an expression: numbers, `*`, `a-b`, `*/n`, `a-b/n`, and lists of them.

    Raises:
        ValueError: it is none.
    """
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        raise ValueError("cron has five fields: minute, hour, day, month, weekday")
    minutes, hours, days, months, weekdays = (
        _numbers(part, name, least, most) for part, (name, least, most) in zip(parts, _FIELDS, strict=True)
    )
    sundays = frozenset(number % 7 for number in weekdays)
    return Cron(minutes, hours, days, months, sundays, parts[2] == "*", parts[4] == "*")


def _numbers(text: str, name: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if slash and not _is_number(step):
            raise ValueError(f"the {name} of a cron expression has a step that is no number")
        if span == "*":
            start, end = least, most
        elif _is_number(first) and (_is_number(last) if dash else not slash):
            start, end = int(first), int(last) if dash else int(first)
        else:
            raise ValueError(f"the {name} of a cron expression cannot be read")
        if not least <= start <= end <= most or (slash and int(step) < 1):
            raise ValueError(f"the {name} of a cron expression is from {least} to {most}")
        found.update(range(start, end + 1, int(step) if slash else 1))
    return frozenset(found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
