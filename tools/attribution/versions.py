"""Two versions side by side: does the newer one do worse than the older one at the same time?

A canary is a natural experiment: both versions see the same load in the same minutes, so their difference is not
explained by the hour or by an upstream.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa

from ..metrics.indicators import harmful_direction
from .evidence import Evidence, Sign

_VERSION_LABELS = ("version", "revision", "release", "model_version", "track", "deployment", "image", "build")
_RELATIVE_FLOOR = 0.02
_MIN_SAMPLES = 3


def read_versions(table: pa.Table, evidence: Evidence) -> None:
    """Add a `version` sign to every entity whose newest version differs harmfully from the one before.

    Args:
        table: the artifact of `metrics.shifts`.
        evidence: receives the signs.
    """
    names = (
        "entity",
        "metric",
        "labels",
        "first_us",
        "samples",
        "window_low",
        "window_median",
        "window_high",
        "before",
    )
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], dict[str, list[tuple[int, float, float]]]] = {}
    for entity, metric, labels, first, samples, low, middle, high, _ in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        tags = dict(labels or ())
        label = next((name for name in _VERSION_LABELS if name in tags), None)
        if label is None or samples < _MIN_SAMPLES or not entity:
            continue
        # Instances differ between versions by nature; everything else must be the same to be compared.
        rest = tuple(
            sorted((k, v) for k, v in tags.items() if k not in (label, "pod", "instance", "replica", "host", "node"))
        )
        by_version = groups.setdefault((entity, metric, rest), defaultdict(list))
        by_version[tags[label]].append((first, middle, (high - low) / 1.349))
    for (entity, metric, _), by_version in groups.items():
        if len(by_version) >= 2:
            sign = _compare(metric, by_version)
            if sign is not None:
                evidence[entity].add(sign)


def _compare(metric: str, by_version: dict[str, list[tuple[int, float, float]]]) -> Sign | None:
    order = sorted(by_version, key=lambda name: (min(row[0] for row in by_version[name]), name))
    newest, older = order[-1], order[:-1]
    if min(row[0] for row in by_version[newest]) == min(row[0] for name in older for row in by_version[name]):
        return None  # all began together: which one is new cannot be told
    old_rows = [row for name in older for row in by_version[name]]
    old_level = float(np.median([row[1] for row in old_rows]))
    new_level = float(np.median([row[1] for row in by_version[newest]]))
    direction = "up" if new_level >= old_level else "down"
    if harmful_direction(metric) != direction:
        return None  # better, or of a kind (its share of the traffic) in which versions differ by nature
    spread = float(np.std([row[1] for row in old_rows])) if len(old_rows) > 1 else 0.0
    scale = max(float(np.median([row[2] for row in old_rows])), spread, abs(old_level) * _RELATIVE_FLOOR)
    difference = abs(new_level - old_level)
    if difference == 0:
        return None
    score = min(difference / scale, 1_000.0) if scale > 0 else 12.0
    text = f"{metric} of the newer version is {new_level:.4g}, of the older one {old_level:.4g} at the same time"
    return Sign("version", metric, score, text)
