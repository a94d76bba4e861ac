"""Numbers and moments in a sentence against those in evidence: within rounding, in the same unit, at the same time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from .rows import Figure, figures, moment
from .types import Evidence

_NUMBER = re.compile(
    r"(?<![\w.·])(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"(?P<unit> ?(?:%|per ?cent\b|(?:[numµ]?s|[kmgt]i?b|bytes|b|min|m|h|d|x|k|pp|rps|qps"
    r"|milliseconds?|seconds?|minutes?|hours?|days?|times)(?![\w·])))?(?![\w·]|\.\d)",
    re.IGNORECASE,
)
"""A number and perhaps its unit; not the digits of names, versions and addresses."""
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_EVIDENCE_ID = re.compile(r"\bE\d+\b")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_CLOCK = re.compile(r"(?<![\d:.])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?:\.\d+)?Z?(?![\d:])")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_SMALL_COUNTS = frozenset(str(number) for number in range(11))
"""Counting words in digits ("2 services") need no source; a small number with a unit does."""

_TIME, _SIZE, _SHARE = "time", "size", "share"
_UNITS: dict[str, tuple[str, float]] = {
    "ns": (_TIME, 1e-9), "us": (_TIME, 1e-6), "µs": (_TIME, 1e-6), "ms": (_TIME, 1e-3), "millisecond": (_TIME, 1e-3),
    "s": (_TIME, 1.0), "sec": (_TIME, 1.0), "second": (_TIME, 1.0), "min": (_TIME, 60.0), "minute": (_TIME, 60.0),
    "h": (_TIME, 3600.0), "hour": (_TIME, 3600.0), "d": (_TIME, 86_400.0), "day": (_TIME, 86_400.0),
    "b": (_SIZE, 1.0), "byte": (_SIZE, 1.0), "kb": (_SIZE, 1e3), "mb": (_SIZE, 1e6), "gb": (_SIZE, 1e9),
    "tb": (_SIZE, 1e12), "kib": (_SIZE, 2.0**10), "mib": (_SIZE, 2.0**20), "gib": (_SIZE, 2.0**30),
    "tib": (_SIZE, 2.0**40), "%": (_SHARE, 0.01), "percent": (_SHARE, 0.01), "per cent": (_SHARE, 0.01),
    "pp": (_SHARE, 0.01), "share": (_SHARE, 1.0), "ratio": (_SHARE, 1.0), "x": ("times", 1.0), "time": ("times", 1.0),
}  # fmt: skip


def wrong_number(text: str, evidence: Sequence[Evidence]) -> str:
    """What is wrong with the numbers of a sentence; empty if all stand in the evidence."""
    rest = _DAY.sub(" ", _CLOCK.sub(" ", _ISO.sub(" ", _EVIDENCE_ID.sub(" ", text))))
    wanted = [
        (match["number"], _unit(match["unit"]))
        for match in _NUMBER.finditer(rest)
        if match["unit"] or match["number"] not in _SMALL_COUNTS
    ]
    if not wanted:
        return ""
    known = [figure for item in evidence for figure in figures(item)]
    written = [Figure(_value(match)) for match in _PLAIN.findall(_strings(evidence))]
    for number, unit in wanted:
        if not any(_agrees(number, unit, figure) for figure in (*known, *written)):
            is_there = any(_agrees(number, "", Figure(figure.value)) for figure in known)
            return "a number has another unit in the cited evidence" if is_there else (
                "a number is not in the cited evidence"
            )  # fmt: skip
    return ""


def wrong_moment(text: str, evidence: Sequence[Evidence]) -> str:
    """What is wrong with the times of a sentence; empty if all stand in the evidence, to the minute or the second."""
    stated = [*_ISO.findall(text), *_DAY.findall(_ISO.sub(" ", text))]
    clocks = list(_CLOCK.finditer(_ISO.sub(" ", text)))
    if not stated and not clocks:
        return ""
    whole = "\n".join(_text(item) for item in evidence)
    known = [found.astimezone(UTC) for each in _ISO.findall(whole) if (found := moment(each)) is not None]
    written = {match[0] for match in _CLOCK.finditer(_ISO.sub(" ", whole))}
    for each in stated:
        at = moment(each)
        is_there = _near(at, known, timedelta(seconds=1)) if at is not None else each in whole
        if not is_there:
            return "a time is not in the cited evidence"
    for clock in clocks:
        if clock[0] not in written and not any(_is_at(clock, at) for at in known):
            return "a time is not in the cited evidence"
    return ""


def _is_at(clock: re.Match[str], at: datetime) -> bool:
    """Whether a time of day is this moment, cut or rounded to what is stated."""
    hour, minute = int(clock["h"]), int(clock["m"])
    if clock["s"] is not None:
        rounded = at + timedelta(microseconds=500_000)
        return any((one.hour, one.minute, one.second) == (hour, minute, int(clock["s"])) for one in (at, rounded))
    return any((one.hour, one.minute) == (hour, minute) for one in (at, at + timedelta(seconds=30)))


def _near(at: datetime, known: Iterable[datetime], within: timedelta) -> bool:
    return any(abs(at - one) < within for one in known)


def _agrees(stated: str, unit: str, figure: Figure) -> bool:
    """Whether `stated` is the figure rounded to the digits it shows, in its unit."""
    dimension, scale = _UNITS.get(unit, ("", 1.0))
    its_dimension, its_scale = _UNITS.get(figure.unit, ("", 1.0))
    if unit == "k":
        return _rounds(stated, figure.value, 1_000.0)
    if unit == "m":
        return its_dimension in ("", _TIME) and (
            _rounds(stated, figure.value * its_scale, 60.0 if its_dimension else 1.0)
            or (not its_dimension and _rounds(stated, figure.value, 1e6))
        )
    if not dimension:
        # Without a unit the number is that of the evidence; shares are often said as percentages of nothing named.
        return _rounds(stated, figure.value, 1.0)
    if not its_dimension:
        # Nothing says its unit, so the number alone is compared; a percentage may be a share there.
        return _rounds(stated, figure.value, 1.0) or (dimension == _SHARE and _rounds(stated, figure.value, scale))
    if dimension != its_dimension:
        return False
    return _rounds(stated, figure.value * its_scale, scale)


def _rounds(stated: str, value: float, scale: float) -> bool:
    """Whether a stated number times a scale is a value, within half of its last digit or a thousandth."""
    number = _value(stated)
    if not math.isfinite(number * scale) or not math.isfinite(value):
        return False
    mantissa, _, exponent = stated.casefold().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half_step = 0.5 * 10.0 ** -min(max(decimals, -300), 300) + 1e-9
    # 1.0 per mille: a model that writes 1,203 for 1203.4 is right, one that writes 1,300 is not.
    return abs(abs(number * scale) - abs(value)) <= max(half_step * scale, abs(value) * 0.001)


def _unit(text: str | None) -> str:
    unit = (text or "").strip().casefold()
    return unit.removesuffix("s") if len(unit) > 3 and unit != "percents" else unit


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _strings(evidence: Sequence[Evidence]) -> str:
    """The texts of evidence, without those numbers whose unit is known."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(_ISO.sub(" ", value))
        elif isinstance(value, dict):
            for key, item in value.items():
                found.append(str(key))
                walk(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)

    for item in evidence:
        walk(json.loads(_text(item)))
    return "\n".join(found)


def _text(item: Evidence) -> str:
    return json.dumps({"scope": item.scope, "summary": item.summary}, ensure_ascii=False, default=str)
