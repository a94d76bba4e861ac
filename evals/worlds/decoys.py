"""A wiggle that has nothing to do with the incident: a real swing on a part that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .forces import ForceName, bump
from .scene import Scene, Strike

_SHARE = 0.35
_HARMLESS: tuple[tuple[ForceName, str, float], ...] = (
    ("slow", "notification-worker", 1.6),
    ("slow", "merchant-webhooks", 1.4),
    ("cpu", "settlement-worker", 0.3),
    ("memory", "merchant-webhooks", 0.22),
    ("memory", "report-builder", 0.25),
    ("slow", "warehouse", 1.5),
    ("tail", "model-registry", 2.0),
    ("memory", "session-cache", 0.2),
)


@dataclass(frozen=True)
class Wiggle:
    """Where a decoy swings."""

    force: ForceName
    entity: str


def add_wiggle(scene: Scene, strike: Strike, rng: np.random.Generator, *, wanted: bool | None) -> Wiggle | None:
    """Add a decoy to about a third of the worlds, never at the entity at fault, more often near the onset than not."""
    lottery = float(rng.uniform()) < _SHARE
    if not (lottery if wanted is None else wanted):
        return None
    options = [option for option in _HARMLESS if option[1] not in (strike.entity, strike.page.entity)]
    force, entity, level = options[int(rng.integers(len(options)))]
    window_s = scene.timeline.window_length_s
    width_s = window_s * float(rng.uniform(0.06, 0.12))
    centre_s = window_s * float(rng.uniform(-1.0, 0.7))
    scene.forces.add(force, entity, bump(scene.timeline, centre_s=centre_s, width_s=width_s, level=level))
    return Wiggle(force, entity)
