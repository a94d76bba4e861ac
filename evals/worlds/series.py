"""A series: the clean curve of an indicator, and how it comes out of a noisy measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .rhythm import memory_over, red_noise
from .streams import Array, Mask
from .timeline import Timeline

Kind = Literal["gauge", "counter", "histogram"]
Measured = Literal["exactly", "relatively", "as_share", "as_count", "absolutely"]


@dataclass(frozen=True)
class Series:
    """One metric of one entity under one set of labels, without noise.

    `measured` says what noise it gets: `relatively` by a factor with the given sigma; `absolutely` by adding;
    `as_share` as that share of the `events` of a sample, so that small numbers jump; `as_count` the running total of
    Poisson events with `clean` as their rate per second.
    """

    entity: str
    metric: str
    unit: str
    clean: Array
    kind: Kind = "gauge"
    labels: Mapping[str, str] = field(default_factory=dict)
    measured: Measured = "relatively"
    sigma: float = 0.03
    events: Array | None = None
    decimals: int = 4
    present: Mask | None = None

    @property
    def key(self) -> str:
        """Names the series within its entity."""
        return "\x1f".join((self.metric, *(f"{name}={value}" for name, value in sorted(self.labels.items()))))


def measure(series: Series, timeline: Timeline, rng: np.random.Generator) -> Array:
    """The values as scraped, rounded; shape (T,). A sample of no events at all is NaN."""
    clean = series.clean
    memory = memory_over(timeline.step_s, 90)
    if series.measured == "exactly":
        values = clean
    elif series.measured == "relatively":
        values = clean * np.exp(red_noise(rng, clean.shape, sigma=series.sigma, memory=memory))
    elif series.measured == "absolutely":
        values = clean + red_noise(rng, clean.shape, sigma=series.sigma, memory=memory)
    elif series.measured == "as_count":
        values = np.cumsum(rng.poisson(np.maximum(clean, 0.0) * timeline.step_s)).astype(np.float64)
    else:
        values = _as_share(series, rng)
    if series.unit == "ratio":
        values = np.clip(values, 0.0, 1.0)
    return np.asarray(np.round(values, series.decimals))


def _as_share(series: Series, rng: np.random.Generator) -> Array:
    if series.events is None:
        raise ValueError(f"series {series.metric!r} of {series.entity!r} needs the number of its events")
    # A scrape's own extra scatter: requests come in bursts, so shares vary more than independent draws would.
    noise = red_noise(rng, series.clean.shape, sigma=series.sigma, memory=0.5)
    shares = np.clip(series.clean * np.exp(noise), 0.0, 1.0)
    counts = np.round(np.maximum(series.events, 0.0)).astype(np.int64)
    hits = rng.binomial(counts, shares)
    return np.asarray(np.where(counts > 0, hits / np.maximum(counts, 1), np.nan))


def scraped(timeline: Timeline, rng: np.random.Generator) -> Mask:
    """Which scrapes of an entity arrived: single ones are lost now and then, sometimes a few minutes in a row."""
    arrived = rng.random(timeline.steps) >= 0.006
    if float(rng.uniform()) < 0.12 and timeline.steps > 60:
        first = int(rng.integers(timeline.steps - 10))
        arrived[first : first + int(rng.integers(2, 7))] = False
    return np.asarray(arrived)
