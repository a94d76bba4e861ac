"""Faults of what others depend on."""

from __future__ import annotations

from ..platform_plan import GENERAL_HOSTS
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


def database_locks(scene: Scene) -> Strike:
    """A migration holds locks; statements wait for it, and some give up."""
    database = scene.pick("ledger-db", "vault-db", "merchant-db")
    scene.push("locks", database, scene.between(0.4, 0.6), rise_s=90, most=0.9)
    change = CausingChange(database, "schema", scene.between(10, 90))
    return Strike(database, "lock_wait_ratio", change, Page("LatencyHigh", scene.platform.callers_of(database)[0]))


def machine_failure(scene: Scene) -> Strike:
    """A machine loses its network again and again; whatever runs on it fails in part and is started anew."""
    machine = scene.pick(*GENERAL_HOSTS)
    share = scene.between(0.25, 0.4)
    scene.push("down", machine, share, rise_s=60, most=0.9)
    tenants = scene.platform.hosted_on(machine)
    for tenant in tenants:
        scene.push("fail", tenant, 0.5 * share, rise_s=60, most=0.45)
        scene.push("restarts", tenant, 1 / 400, rise_s=60)
    called = [name for name in scene.platform.callers_first if name in tenants and scene.platform.callers_of(name)]
    return Strike(machine, "heartbeats_missed_ratio", None, Page("ErrorRateHigh", called[0] if called else tenants[0]))
