"""Exchange at dated rates: the rate of the day, or of the last day before it that has one. Never a guess."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .lines import Line
from .money import EXACT

LONGEST_GAP = timedelta(days=7)
"""How far back the last rate may lie: central banks publish none on weekends and holidays, five days at most."""


@dataclass(frozen=True)
class Rate:
    """What one unit of `base` was worth in `quote`.

    Args:
        day: that the rate is of; the last one before the day asked for, if that has none.
        through: the currency in between, where there is no direct rate.
    """

    base: str
    quote: str
    value: Decimal
    day: date
    source: str
    through: str = ""


class Rates:
    """The rates of a table: rows of day, base, quote, rate, source."""

    def __init__(self, rows: Iterable[tuple[date, str, str, float | Decimal, str]] = ()) -> None:
        found: dict[tuple[str, str], dict[date, tuple[Decimal, str]]] = {}
        for day, base, quote, rate, source in rows:
            value = Decimal(str(rate))
            if value.is_finite() and value > 0:
                found.setdefault((base, quote), {})[day] = (value, source or "")
        self._values = found
        self._days = {pair: sorted(days) for pair, days in found.items()}
        self._currencies = sorted({currency for pair in found for currency in pair})

    def at(self, base: str, quote: str, day: date) -> Rate | None:
        """The rate of a day: stated, the inverse of a stated one, or through one third currency; `None` if unknown."""
        if base == quote:
            return Rate(base, quote, Decimal(1), day, "")
        direct = self._stated(base, quote, day)
        if direct is not None:
            return direct
        crosses = []
        for middle in self._currencies:
            first, second = self._stated(base, middle, day), self._stated(middle, quote, day)
            if middle not in (base, quote) and first is not None and second is not None:
                value = EXACT.multiply(first.value, second.value)
                crosses.append(Rate(base, quote, value, min(first.day, second.day), first.source, middle))
        return max(crosses, key=lambda rate: (rate.day, rate.through), default=None)

    def _stated(self, base: str, quote: str, day: date) -> Rate | None:
        found = []
        for pair in ((base, quote), (quote, base)):
            days = self._days.get(pair, [])
            place = bisect_right(days, day) - 1
            if place >= 0 and day - days[place] <= LONGEST_GAP:
                value, source = self._values[pair][days[place]]
                worth = value if pair == (base, quote) else EXACT.divide(Decimal(1), value)
                found.append(Rate(base, quote, worth, days[place], source))
        return max(found, key=lambda rate: rate.day, default=None)


@dataclass(frozen=True)
class Exchanged:
    """Lines in one currency, and what could not be turned into it.

    Args:
        lines: in the currency that was asked for, those of several days not yet added up.
        own: the same, as they were billed.
        missing: as they are, because there is no rate for their day.
        used: every rate that was used, once.
    """

    lines: tuple[Line, ...]
    own: tuple[Line, ...]
    missing: tuple[Line, ...]
    used: tuple[Rate, ...]


def exchanged(lines: Iterable[Line], currency: str, rates: Rates) -> Exchanged:
    """Every amount at the rate of the day on which it was charged; of the billing period's start without a day."""
    done: list[Line] = []
    own: list[Line] = []
    missing: list[Line] = []
    known: dict[tuple[str, date], Rate | None] = {}
    for line in lines:
        if line.currency == currency:
            done.append(line)
            own.append(line)
            continue
        day = line.day or line.period
        if (line.currency, day) not in known:
            known[line.currency, day] = rates.at(line.currency, currency, day)
        rate = known[line.currency, day]
        if rate is None:
            missing.append(line)
        else:
            done.append(_at(line, currency, rate))
            own.append(line)
    return Exchanged(tuple(done), tuple(own), tuple(missing), tuple(_used(known)))


def _at(line: Line, currency: str, rate: Rate) -> Line:
    def worth(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else EXACT.multiply(amount, rate.value)

    return replace(
        line,
        currency=currency,
        billed=EXACT.multiply(line.billed, rate.value),
        effective=EXACT.multiply(line.effective, rate.value),
        listed=worth(line.listed),
        contracted=worth(line.contracted),
    )


def _used(known: dict[tuple[str, date], Rate | None]) -> Iterator[Rate]:
    seen = set()
    for rate in known.values():
        if rate is not None and (rate.base, rate.day) not in seen:
            seen.add((rate.base, rate.day))
            yield rate
