"""Versions: what runs, and what is being tried on a fifth of the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .faults.models import CANARY_SHARE
from .scene import Strike
from .streams import Streams
from .timeline import SECOND_US, Timeline
from .topology import DEPLOYED, Platform

_UNDER_TRIAL = 2


@dataclass(frozen=True)
class Rollout:
    """A new version beside the stable one since `start_us`; `share` is what it gets of the traffic."""

    stable: str
    fresh: str
    start_us: int
    share: float = CANARY_SHARE


def version_of(name: str, streams: Streams) -> tuple[str, str]:
    """The version that runs, and the one after it."""
    rng = streams.of("version", name)
    minor, patch = int(rng.integers(2, 40)), int(rng.integers(0, 20))
    return f"4.{minor}.{patch}", f"4.{minor}.{patch + 1}"


def plan_rollouts(platform: Platform, timeline: Timeline, strike: Strike, streams: Streams) -> Mapping[str, Rollout]:
    """Two harmless trials in every world, and the faulty one where there is one; nothing marks which is which."""
    rng = streams.of("rollouts")
    names = [node.name for node in platform.nodes if node.kind in DEPLOYED and node.kind not in ("batch", "stream")]
    change = strike.change
    faulty = change.entity if change is not None and change.is_canary and change.kind == "deploy" else None
    picked = [names[int(row)] for row in rng.permutation(len(names))]
    trials = [name for name in picked if name not in (faulty, strike.entity)][:_UNDER_TRIAL]
    starts: dict[str, int] = {}
    for name in trials:
        near_us = int(float(rng.uniform(-1.2, 0.25)) * timeline.window_length_s * SECOND_US)
        starts[name] = max(timeline.start_us, timeline.onset_us + near_us)
    if faulty is not None and strike.change is not None:
        starts[faulty] = timeline.onset_us - int(strike.change.lead_s * SECOND_US)
    rollouts = {}
    for name in sorted(starts):
        stable, fresh = version_of(name, streams)
        rollouts[name] = Rollout(stable, fresh, starts[name])
    return rollouts
