"""Nothing is wrong, and yet somebody was called."""

from __future__ import annotations

from ..forces import bump
from ..scene import Page, RuleName, Scene, Strike

_CALLED_FOR: tuple[tuple[RuleName, str], ...] = (
    ("LatencyHigh", "ledger-service"),
    ("LatencyHigh", "rules-engine"),
    ("LatencyHigh", "feature-server"),
    ("CpuHigh", "checkout-api"),
    ("CpuHigh", "provider-router"),
    ("TrafficHigh", "edge-gateway"),
)


def healthy(scene: Scene) -> Strike:
    """A false alarm: two or three samples over a tight limit, over before anybody looks."""
    rule, entity = _CALLED_FOR[int(scene.rng.integers(len(_CALLED_FOR)))]
    width_s = 1.1 * scene.timeline.step_s
    blip = bump(scene.timeline, centre_s=2.0 * width_s, width_s=width_s, level=scene.between(0.2, 0.3))
    if rule == "LatencyHigh":
        scene.forces.add("tail", entity, 2.0 * blip)
    elif rule == "CpuHigh":
        scene.forces.add("cpu", entity, blip)
    return Strike(None, None, None, Page(rule, entity))
