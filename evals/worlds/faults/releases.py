"""Faults that a release brings: a flag for one country, a library, and what else happens at the same time."""

from __future__ import annotations

from dataclasses import replace

from ..forces import pair
from ..scene import CausingChange, Fault, Page, Scene, Strike
from .capacity import gpu_throttling
from .features import stale_features
from .payments import provider_outage_one_country


def flag_in_one_country(scene: Scene) -> Strike:
    """A flag makes the rules stricter in one country; everywhere else nothing changes."""
    by_size = sorted(scene.platform.countries, key=lambda country: -country.requests_per_s)
    country = scene.pick(*(country.code for country in by_size[:3]))
    scene.push("country_strict", pair("rules-engine", country), scene.between(0.9, 1.2), rise_s=30)
    change = CausingChange("rules-engine", "flag", scene.between(10, 90))
    page = Page("ApprovalRateLow", "payment-orchestrator", country)
    return Strike("rules-engine", "decline_rate", change, page, Page("DeclineRateHigh", "rules-engine", country))


def dependency_bump(scene: Scene) -> Strike:
    """A newer library takes more time and memory in every request."""
    entity = scene.pick("provider-router", "token-vault", "rules-engine", "feature-server", "ledger-service")
    scene.push("slow", entity, scene.between(1.6, 2.6), rise_s=90)
    scene.push("memory", entity, 0.12, rise_s=900, most=0.25)
    scene.push("cpu", entity, 0.12, rise_s=90, most=0.3)
    change = CausingChange(entity, "deploy", scene.between(20, 120))
    caller = scene.platform.callers_of(entity)[0]
    # Of the orchestrator's time most is the providers': nobody is called for a few milliseconds more.
    page = Page("LatencyHigh", entity if caller == "payment-orchestrator" else caller)
    return Strike(entity, "latency_ms", change, page, Page("LatencyHigh", entity))


_BESIDE: tuple[Fault, ...] = (stale_features, gpu_throttling, dependency_bump)


def two_at_once(scene: Scene) -> Strike:
    """A provider fails in one country while something of ours is out of order too, and neither causes the other."""
    first = provider_outage_one_country(scene)
    second = _BESIDE[int(scene.rng.integers(len(_BESIDE)))](scene)
    return replace(first, also=(second,), page_at_cause=None)
