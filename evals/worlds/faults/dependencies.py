"""Faults of what others depend on."""

from __future__ import annotations

from ..scene import CausingChange, ChangeKind, Page, Scene, Strike


def expired_certificate(scene: Scene) -> Strike:
    """New connections to a server break; the server itself sees nothing but fewer requests.

    Connections that are open live on, so it takes some minutes until everything has failed.
    """
    server = scene.pick("token-vault", "ledger-service", "three-ds", "ledger-db", "feature-store", "checkout-api")
    scene.push("certificate", server, 1.0)
    scene.push("blocked", server, 0.9, rise_s=300, most=0.97)
    return Strike(server, "certificate_days_left", None, Page("ErrorRateHigh", scene.platform.callers_of(server)[0]))


def slow_dependency(scene: Scene) -> Strike:
    """Something far down answers late; waiting adds up towards the callers."""
    slow = scene.pick("ledger-db", "feature-store", "vault-db", "three-ds", "device-intel")
    scene.push("slow", slow, scene.between(5.0, 8.0), rise_s=150)
    kinds: dict[str, ChangeKind] = {"ledger-db": "schema", "feature-store": "config", "vault-db": "config"}
    change = CausingChange(slow, kinds[slow], scene.between(20, 150)) if slow in kinds else None
    page = Page("LatencyHigh", scene.platform.callers_of(slow)[0])
    return Strike(slow, "latency_ms", change, page, Page("LatencyHigh", slow))
