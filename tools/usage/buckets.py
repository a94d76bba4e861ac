"""Logarithmic buckets: every value up to 5 % more than the lower edge of its bucket shares it.

Growth as in the recommender of the Kubernetes Vertical Pod Autoscaler (exponential histogram, ratio 1.05). Bucket 0
holds everything up to `first`; bucket b holds `(first × 1.05^(b-1), first × 1.05^b]`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..fleets.schema import USAGE_RESOURCES, UsageResource

GROWTH = 1.05
PER_LOG = 1 / math.log(GROWTH)
"""Buckets per unit of the natural logarithm."""
EDGE = 1e-9
"""In buckets: how far above an edge a value still counts as lying on it; floating point is no better than that."""
LAST_BUCKET = 2_000
"""What is larger than 2e42 times `first` shares it; no unit comes near."""

FIRST: dict[UsageResource, float] = {
    "cpu": 0.001,
    "memory": 1_048_576.0,
    "gpu": 0.001,
    "gpu_sm": 0.001,
    "gpu_memory": 1_048_576.0,
    "requests": 0.001,
    "network": 1.0,
    "latency_p99": 0.000_1,
}
"""Upper edge of bucket 0 by resource: a millicore, a MiB, a thousandth of a GPU, …"""

FIRST_BY_PLACE: npt.NDArray[np.float64] = np.array([FIRST[resource] for resource in USAGE_RESOURCES])
"""The same, by the place of the resource in `USAGE_RESOURCES`."""


def upper_edges(resource: UsageResource, count: int) -> npt.NDArray[np.float64]:
    """Upper edges of the first `count` buckets."""
    return FIRST[resource] * np.power(GROWTH, np.arange(count))


def places_of(resource: UsageResource, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where values lie on the axis of buckets, as real numbers: at 2.5 half of bucket 3 is below it."""
    with np.errstate(divide="ignore"):
        places = np.log(values / FIRST[resource]) * PER_LOG
    return np.where(values > FIRST[resource], places, values / FIRST[resource] - 1.0)
