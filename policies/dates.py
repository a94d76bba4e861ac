"""Days and times of day that stand in a text, in the spellings people use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero janeiro",
            "february feb febrero fevereiro",
            "march mar marzo março",
            "april apr abril",
            "may mayo maio",
            "june jun junio junho",
            "july jul julio julho",
            "august aug agosto",
            "september sep sept septiembre setembro",
            "october oct octubre outubro",
            "november nov noviembre novembro",
            "december dec diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d-])")
_MONTH_FIRST = re.compile(
    rf"\b(?P<name>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|º)?\s+(?:of\s+|de\s+)?(?P<name>{_MONTH})\b"
    r"(?:,?\s+(?:de\s+)?(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])(?:[:h](?P<minute>[0-5]\d))?\s*(?P<half>[ap]\.?m\.?)?(?![\d:])", re.I
)


@dataclass(frozen=True)
class NamedDay:
    """A day as somebody wrote it; without a year where they left it out."""

    year: int | None
    month: int
    day: int


def dates_in(text: str) -> frozenset[NamedDay]:
    """Every day that a text names: ISO, or with the name of the month in English, Spanish or Portuguese."""
    found = set()
    for match in _ISO.finditer(text):
        found.add(NamedDay(int(match["year"]), int(match["month"]), int(match["day"])))
    for pattern in (_MONTH_FIRST, _DAY_FIRST):
        for match in pattern.finditer(text):
            year = int(match["year"]) if match["year"] else None
            found.add(NamedDay(year, _MONTHS[match["name"].casefold()], int(match["day"])))
    return frozenset(day for day in found if 1 <= day.month <= 12 and 1 <= day.day <= 31)


def times_in(text: str) -> frozenset[time]:
    """Every time of day that a text names with minutes (`10:30`, `10h30`) or with a half of the day (`10 am`)."""
    found = set()
    for match in _CLOCK.finditer(text):
        if match["minute"] is None and match["half"] is None:
            continue
        hour = int(match["hour"])
        if match["half"]:
            if not 1 <= hour <= 12:
                continue
            hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
        found.add(time(hour, int(match["minute"] or 0)))
    return frozenset(found)
