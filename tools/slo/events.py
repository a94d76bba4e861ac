"""Good and bad out of series: what an indicator counts, moment by moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc
from ..metrics.series import Floats, SeriesKey, SeriesSet, Times, as_rate
from .query import Indicator, Matcher, Measure, Ratio, Share, Threshold

Basis = Literal["requests", "time"]
Series: TypeAlias = tuple[SeriesKey, Times, Floats]

_LONGEST_GAP_STEPS = 3.0
_PERCENT = frozenset(("%", "percent"))
_SLACK = 1e-6
"""Beyond 0 and 1 by no more than rounding."""


class NoShareError(ValueError):
    """The series cannot be read as the query says; the text says why."""


@dataclass(frozen=True)
class Events:
    """Bad and all, moment by moment.

    Args:
        times_us: ascending, of length n.
        bad: of length n.
        total: of length n, >= 0.
        step_us: the usual time between two samples of a series; 0 if none has two.
        basis: whether requests are counted or stretches of time.
    """

    times_us: Times
    bad: Floats
    total: Floats
    step_us: float
    basis: Basis

    def within(self, start_us: int, end_us: int) -> tuple[float, float, float]:
        """Bad, all, and the seconds of `[start, end)` from which samples came."""
        part = slice(*np.searchsorted(self.times_us, (start_us, end_us)))
        times = np.unique(self.times_us[part] // max(int(self.step_us), 1))
        covered_s = min(len(times) * self.step_us, end_us - start_us) / 1e6
        return float(self.bad[part].sum()), float(self.total[part].sum()), covered_s


def measures_of(indicator: Indicator) -> tuple[Measure, ...]:
    """The measures that an indicator reads."""
    return (indicator.part, indicator.total) if isinstance(indicator, Ratio) else (indicator.measure,)


def matching(series: SeriesSet, measure: Measure) -> list[Series]:
    """The series of a measure: those whose labels match, or of these the one that has no further label.

    A series without further labels is the total of those that have some; together they would count twice.
    """
    named = {matcher.label for matcher in measure.matchers}
    found = [
        one
        for one in series
        if one[0].metric == measure.metric and all(_fits(one[0], matcher) for matcher in measure.matchers)
    ]
    return [one for one in found if {label for label, _ in one[0].labels} <= named] or found


def _fits(key: SeriesKey, matcher: Matcher) -> bool:
    value = dict(key.labels).get(matcher.label, "")
    if matcher.kind in ("=", "!="):
        return (value == matcher.value) == (matcher.kind == "=")
    # Arrow's engine takes linear time whatever the pattern; patterns come from whoever wrote the snapshot.
    try:
        matches = pc.match_substring_regex(pa.array([value]), f"^(?:{matcher.value})$")[0].as_py()
    except pa.ArrowInvalid:
        raise NoShareError("a label is matched with an invalid regular expression") from None
    return bool(matches) == (matcher.kind == "=~")


def count(indicator: Indicator, parts: list[Series], totals: list[Series]) -> Events:
    """What an indicator counts over its series.

    Args:
        indicator: what to read.
        parts: the series of its first measure; at least one.
        totals: of a ratio, those of the second.

    Raises:
        NoShareError: the series are no share, or counts of different kinds.
    """
    if isinstance(indicator, Share):
        return _shares(indicator, parts)
    if isinstance(indicator, Threshold):
        return _kept(indicator, parts)
    return _counted(indicator, parts, totals)


def _shares(indicator: Share, parts: list[Series]) -> Events:
    if any(_is_total(key) for key, _, _ in parts):
        raise NoShareError("a counter is no share: divide it by the total")
    scaled = [values / 100 if (key.unit or "").casefold() in _PERCENT else values for key, _, values in parts]
    values = np.concatenate(scaled)
    if len(values) and (values.min() < -_SLACK or values.max() > 1 + _SLACK):
        raise NoShareError("a share has values outside of 0 to 1")
    values = np.clip(values, 0.0, 1.0)
    return _timed(parts, values if indicator.is_bad else 1.0 - values)


def _kept(indicator: Threshold, parts: list[Series]) -> Events:
    read = [(key, *as_rate(times, values)) if _is_total(key) else (key, times, values) for key, times, values in parts]
    values, limit = np.concatenate([values for _, _, values in read]), indicator.limit
    is_good = {"<": values < limit, "<=": values <= limit, ">": values > limit, ">=": values >= limit}
    return _timed(read, (~is_good[indicator.comparison]).astype(np.float64))


def _timed(parts: list[Series], bad: Floats) -> Events:
    """Every sample counts alike."""
    times = np.concatenate([times for _, times, _ in parts])
    order = np.argsort(times, kind="stable")
    return Events(times[order], bad[order], np.ones(len(times)), _step(parts), "time")


def _counted(indicator: Ratio, parts: list[Series], totals: list[Series]) -> Events:
    if len({_is_total(key) for key, _, _ in [*parts, *totals]}) > 1:
        raise NoShareError("one side of the ratio is a counter, the other a gauge")
    part_times, some = _increments(parts)
    total_times, every = _increments(totals)
    times = np.concatenate([part_times, total_times])
    # Of good counted, what is not good is bad: the total adds to it and the part takes away.
    bad = np.concatenate([some if indicator.is_bad else -some, np.zeros_like(every) if indicator.is_bad else every])
    total = np.concatenate([np.zeros_like(some), every])
    order = np.argsort(times, kind="stable")
    return Events(times[order], bad[order], total[order], _step([*parts, *totals]), "requests")


def _increments(parts: list[Series]) -> tuple[Times, Floats]:
    """What was counted between neighbouring samples, at the later one; a rate times the time it stood for."""
    times: list[Times] = [np.zeros(0, np.int64)]
    counts: list[Floats] = [np.zeros(0)]
    step_s = _step(parts) / 1e6
    for key, moments, values in parts:
        if _is_total(key):
            later, rates = as_rate(moments, values)
            elapsed_s = np.diff(moments)[np.diff(moments) > 0] / 1e6
            counts.append(rates * elapsed_s)
            times.append(later)
        else:
            # A gauge says nothing about a gap: it counts for three steps at most.
            elapsed_s = np.diff(moments, prepend=moments[:1] - int(step_s * 1e6)) / 1e6
            counts.append(np.maximum(values, 0.0) * np.minimum(elapsed_s, _LONGEST_GAP_STEPS * step_s))
            times.append(moments)
    return np.concatenate(times), np.concatenate(counts)


def _is_total(key: SeriesKey) -> bool:
    """Whether it only ever grows: a counter, or a bucket, a sum or a count of a histogram."""
    return key.kind == "counter" or (key.kind == "histogram" and "quantile" not in dict(key.labels))


def _step(parts: list[Series]) -> float:
    gaps: list[npt.NDArray[np.int64]] = [np.diff(times) for _, times, _ in parts if len(times) > 1]
    gaps = [gap[gap > 0] for gap in gaps]
    every = np.concatenate(gaps) if gaps else np.zeros(0, np.int64)
    return float(np.median(every)) if len(every) else 0.0
