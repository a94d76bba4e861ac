"""Nothing is wrong, and yet somebody was called."""

from __future__ import annotations

from dataclasses import replace

from ..forces import bump
from ..scene import CausingChange, Page, RuleName, Scene, Strike

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


def healthy_peak(scene: Scene) -> Strike:
    """A sale brings a fifth more customers, and the platform copes."""
    for country in scene.platform.countries:
        scene.push("surge", country.code, scene.between(0.14, 0.2), rise_s=600, most=0.25)
    return Strike(None, None, None, Page("TrafficHigh", "edge-gateway"))


def healthy_deploy(scene: Scene) -> Strike:
    """A false alarm right after a deployment that changed nothing anybody could feel."""
    strike = healthy(scene)
    deployed = strike.page.entity if strike.page.entity != "edge-gateway" else "checkout-api"
    return replace(strike, change=CausingChange(deployed, "deploy", scene.between(30, 240)))


def healthy_flapping(scene: Scene) -> Strike:
    """A limit so tight that its alert comes and goes all day."""
    strike = healthy(scene)
    return replace(strike, flaps=True)


def healthy_maintenance(scene: Scene) -> Strike:
    """Reports are paused as announced; an alert blinks somewhere else in the meantime."""
    strike = healthy(scene)
    scene.push("stalled", "report-builder", 1.0, most=1.0)
    return replace(strike, change=CausingChange("report-builder", "maintenance", scene.between(30, 240)))
