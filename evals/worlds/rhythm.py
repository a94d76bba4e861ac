"""Daily and weekly rhythm of a market, and noise that remembers where it was."""

from __future__ import annotations

import math

import numpy as np

from .countries import Country
from .spec import DAY_S
from .streams import Array, Streams
from .timeline import SECOND_US, Timeline

_HOUR_S = 3600
# 1970-01-01 was a Thursday: day 4 after the Monday before it, counted from 0.
_EPOCH_WEEKDAY = 3


def red_noise(rng: np.random.Generator, shape: tuple[int, ...], *, sigma: float, memory: float) -> Array:
    """First-order autoregressive noise along the last axis with standard deviation `sigma`.

    `memory` is the correlation of neighbouring samples, in [0, 1).

    The recursion is unrolled by doubling, so no matrix product (whose last digits depend on the machine) is needed.
    """
    values = rng.standard_normal(shape)
    values[..., 1:] *= math.sqrt(1.0 - memory * memory)
    reach, weight = 1, memory
    while weight > 1e-7 and reach < shape[-1]:
        values[..., reach:] += weight * values[..., :-reach].copy()
        reach, weight = reach * 2, weight * weight
    return values * sigma


def memory_over(step_s: float, correlation_s: float) -> float:
    """Correlation of neighbouring samples for noise that forgets over `correlation_s` seconds."""
    return math.exp(-step_s / correlation_s)


def local_clock(timeline: Timeline, utc_offset_h: float) -> tuple[Array, Array]:
    """Local hour of the day in [0, 24) and weekday in [0, 7), Monday first; each of shape (T,)."""
    local_s = timeline.times_us / SECOND_US + utc_offset_h * _HOUR_S
    return (local_s % DAY_S) / _HOUR_S, np.floor(local_s / DAY_S + _EPOCH_WEEKDAY) % 7


def day_shape(hour: Array) -> Array:
    """How busy an hour is: low before dawn, a plateau over the day, a bump in the evening; its mean is near 1."""
    day = 1.0 - 0.62 * np.cos((hour - 3.5) / 24.0 * 2 * np.pi)
    evening = 0.28 * np.exp(-0.5 * ((hour - 19.5) / 1.8) ** 2)
    return np.maximum(0.12, day * 0.95 + evening)


def week_shape(weekday: Array) -> Array:
    """Weekends are quieter."""
    return np.array([1.0, 0.98, 1.0, 1.03, 1.10, 0.92, 0.80])[weekday.astype(np.int64)]


def usual_peak(countries: tuple[Country, ...]) -> float:
    """Requests per second of all countries together at the busiest time of an ordinary day."""
    utc_hour = np.arange(0.0, 24.0, 0.1)
    total = sum(one.requests_per_s * day_shape((utc_hour + one.utc_offset_h) % 24.0) for one in countries)
    return float(np.max(total))


def traffic_of(country: Country, timeline: Timeline, streams: Streams) -> Array:
    """Payment requests per second of a country; shape (T,)."""
    hour, weekday = local_clock(timeline, country.utc_offset_h)
    slow = red_noise(
        streams.of("traffic", country.code, "slow"),
        (timeline.steps,),
        sigma=0.05,
        memory=memory_over(timeline.step_s, 2_700),
    )
    fast = red_noise(
        streams.of("traffic", country.code, "fast"),
        (timeline.steps,),
        sigma=0.03,
        memory=memory_over(timeline.step_s, 120),
    )
    return country.requests_per_s * day_shape(hour) * week_shape(weekday) * np.exp(slow + fast)
