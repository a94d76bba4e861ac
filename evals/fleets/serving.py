"""A service under load: what its replicas use and how long it takes, from requests per second."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..worlds.streams import Array
from .clockwork import wander
from .draft import GIB

BUDGET_AT = 0.75
"""Share of a replica's capacity at which the latency budget is used up."""


@dataclass(frozen=True)
class Service:
    """How one replica answers requests.

    Args:
        carries: requests per second that saturate one replica.
        cores: that a replica uses when saturated.
        base_ms: 99th percentile of the latency without load.
        memory_gib: working set without load; load adds up to a quarter.
    """

    carries: float
    cores: float
    base_ms: float
    memory_gib: float

    @property
    def budget_ms(self) -> float:
        """The latency budget: what it takes at `BUDGET_AT` of its capacity, in round numbers."""
        return math.ceil(self.base_ms * _slowed(BUDGET_AT))

    def replicas_for(self, peak: float, spare: int) -> int:
        """How many carry a peak within the budget, with so many to spare."""
        return math.ceil(peak / (self.carries * BUDGET_AT)) + spare

    def series(self, load: Array, replicas: Array, rng: np.random.Generator) -> dict[str, Array]:
        """What is measured: `load` in requests per second of the whole service."""
        share = np.minimum(load / (replicas * self.carries), 0.99)
        busiest = np.minimum(share * wander(rng, load.size, 0.03), 0.99)
        slowed = 1 + 0.5 * share / (1 - share)
        return {
            "requests": load,
            "cpu": 0.02 + self.cores * busiest,
            "memory": GIB * self.memory_gib * (1 + 0.25 * busiest) * wander(rng, load.size, 0.02),
            "network": 2_000 * load,
            "latency_p99": self.base_ms / 1000 * slowed * wander(rng, load.size, 0.02),
        }


def _slowed(share: float) -> float:
    return 1 + 0.5 * share / (1 - share)


def gpu_series(
    load: Array, replicas: Array, per_request_s: float, occupancy: float, rng: np.random.Generator
) -> dict[str, Array]:
    """Engine and SM activity of the busiest replica with one device.

    Args:
        load: requests per second of the whole service.
        replicas: how many devices share it.
        per_request_s: seconds that a request keeps the engine busy.
        occupancy: share of the multiprocessors that are active while the engine is.
        rng: of its noise.
    """
    engine = np.minimum(load / replicas * per_request_s * wander(rng, load.size, 0.04), 1.0)
    return {"gpu": engine, "gpu_sm": engine * occupancy}
