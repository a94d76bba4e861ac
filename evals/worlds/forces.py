"""What a fault or a decoy does to the world: named curves over time that the simulation reads.

Every force is additive and zero means no effect, so several may act on the same node.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from .streams import Array, Mask
from .timeline import Timeline

ForceName = Literal[
    "slow",  # node: own time grows by this factor (1 = doubled)
    "tail",  # node: only the slowest requests grow by this factor
    "fail",  # node: share of its requests that fail inside
    "blocked",  # node: share of connections to it that break before a request is sent
    "cpu",  # node: added share of its processor limit
    "memory",  # node: added share of its memory limit
    "gpu_memory",  # node: added share of GPU memory
    "restarts",  # node: restarts per second
    "misses",  # cache: added share of lookups that miss
    "empties",  # database or external: share of answers that are well formed and empty
    "quota",  # external: requests of other users of the same quota, as a share of it
    "payload",  # service: relative growth of the events it publishes
    "rejects",  # pipeline: share of records it cannot read
    "stalled",  # pipeline: > 0 while nothing is finished
    "score_shift",  # scorer: shift of its scores on the log-odds scale
    "value_shift",  # feature group: shift of its values in usual standard deviations
    "written_shift",  # pipeline: shift of the values it writes, in usual standard deviations
    "strictness",  # rules: log-odds by which the cut-off moved towards declining
    "canary_fail",  # node: share of failing requests among those of the new version
    "canary_slow",  # node: factor on the time of the new version
    "pair_fail",  # provider/country: share of failing attempts
    "pair_slow",  # provider/country: factor on time
    "decline",  # issuer: share of attempts it declines beyond its habit
    "attack",  # door/country: added requests per second
    "throttled",  # GPU: share of its clock that is lost
    "drag",  # consumer of a queue: share of its capacity that is lost
    "locks",  # database: share of statements that wait for a lock
    "down",  # machine: share of its capacity that is gone
    "load_delay",  # database: > 0 while what it should load does not come
    "country_strict",  # rules/country: log-odds by which the cut-off moved towards declining there
    "view_nulls",  # feature group: share of requests served by a version of its view that gives no value
    "trial_shift",  # scorer: shift of the scores of the version on trial, on the log-odds scale
    "surge",  # country: honest demand beyond the usual, as a share of it
    "certificate",  # node: its certificate ends at the onset (any value)
]


class Forces:
    """All curves of one world, each of shape (T,)."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._curves: dict[tuple[ForceName, str], Array] = {}

    def add(self, name: ForceName, key: str, curve: Array) -> None:
        """Add a curve to what acts already."""
        known = self._curves.get((name, key))
        self._curves[name, key] = curve.copy() if known is None else known + curve

    def of(self, name: ForceName, key: str) -> Array:
        """The curve, zeros if nothing acts. Not to be written to."""
        curve = self._curves.get((name, key))
        return np.zeros(self._steps) if curve is None else curve

    def acts(self, name: ForceName, key: str) -> bool:
        """Whether anything was added under this name and key."""
        return (name, key) in self._curves

    def keys(self, name: ForceName) -> Iterable[str]:
        """Keys that something acts on, in the order of adding."""
        return [key for known, key in self._curves if known == name]


def pair(first: str, second: str) -> str:
    """The key of a force on a pair, such as a provider in a country."""
    return f"{first}/{second}"


def ramp(
    timeline: Timeline, *, level: float, rise_s: float, delay_s: float = 0.0, lasts_s: float | None = None
) -> Array:
    """Zero until onset plus delay, then up to `level` over `rise_s`, until the end or for `lasts_s`.

    Rise and delay are cut down in windows too short for them, so that the effect always fills most of the window.
    """
    longest = 0.12 * timeline.window_length_s
    since = timeline.elapsed_s - min(delay_s, longest)
    curve = level * np.clip((since + timeline.step_s) / max(min(rise_s, longest), timeline.step_s), 0.0, 1.0)
    if lasts_s is not None:
        curve = np.where(since > lasts_s, 0.0, curve)
    return np.where(since < -timeline.step_s / 2, 0.0, curve)


def bump(timeline: Timeline, *, centre_s: float, width_s: float, level: float) -> Array:
    """A smooth rise and fall around `centre_s` seconds after the onset."""
    return level * np.exp(-0.5 * ((timeline.elapsed_s - centre_s) / width_s) ** 2)


def since_onset(timeline: Timeline) -> Mask:
    """Which samples lie after the onset."""
    return timeline.elapsed_s >= 0
