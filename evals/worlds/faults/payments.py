"""Faults that come from the world outside: providers, issuers, attackers."""

from __future__ import annotations

from ..forces import pair
from ..scene import Page, Scene, Strike

_SHARE_THAT_HURTS = 0.27
"""Two or three providers serve a country, so at least one has more than this."""


def provider_outage_one_country(scene: Scene) -> Strike:
    """A provider fails in one of the countries it serves and is fine in the others."""
    country = scene.pick(*(c.code for c in scene.platform.countries))
    shares = scene.platform.provider_share[country]
    provider = scene.pick(*(name for name, share in shares.items() if share >= _SHARE_THAT_HURTS))
    scene.push("pair_fail", pair(provider, country), scene.between(0.6, 0.85), rise_s=60, most=0.97)
    scene.push("pair_slow", pair(provider, country), scene.between(0.5, 2.5), rise_s=60)
    page = Page("ApprovalRateLow", "payment-orchestrator", country)
    return Strike(provider, "error_rate", None, page, Page("ErrorRateHigh", provider, country))


def issuer_decline_wave(scene: Scene) -> Strike:
    """A bank declines much more than it used to, whichever provider the attempt comes from."""
    issuer = scene.pick(*scene.platform.of_kind("issuer"))
    scene.push("decline", issuer, scene.between(0.4, 0.6), rise_s=120, most=0.97)
    country = scene.platform.by_name[issuer].country
    page = Page("ApprovalRateLow", "payment-orchestrator", country)
    return Strike(issuer, "approval_rate", None, page, Page("ApprovalRateLow", issuer))


def card_testing(scene: Scene) -> Strike:
    """Somebody tries stolen cards with tiny amounts through one door, in one country."""
    door = scene.pick("checkout-api", "payment-links-api", "subscriptions-api")
    country = scene.pick(*(c.code for c in scene.platform.countries))
    usual = scene.platform.country(country).requests_per_s
    scene.push("attack", pair(door, country), usual * scene.between(1.0, 1.8), rise_s=90)
    page = Page("ApprovalRateLow", "payment-orchestrator", country)
    return Strike(door, "small_amount_ratio", None, page, Page("TrafficHigh", door))
