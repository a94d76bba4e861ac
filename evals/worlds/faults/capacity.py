"""Faults of room: memory, processors, quotas."""

from __future__ import annotations

import numpy as np

from ..platform_plan import BATCH_TENANTS
from ..scene import CausingChange, ChangeKind, Page, Scene, Strike


def gpu_out_of_memory(scene: Scene) -> Strike:
    """Inference fills the memory of its GPU, fails some batches and restarts."""
    pool = scene.pick("inference-gpu-a", "inference-gpu-b")
    scorer = "fraud-scorer" if pool == "inference-gpu-a" else "payout-scorer"
    scene.push("gpu_memory", pool, 0.36, rise_s=240, most=0.37)
    scene.push("fail", pool, scene.between(0.2, 0.35), rise_s=300, most=0.9)
    scene.push("slow", pool, scene.between(0.3, 0.7), rise_s=300)
    scene.push("restarts", pool, 1 / 240, rise_s=300)
    change = CausingChange(pool, "config", scene.between(60, 240))
    return Strike(pool, "gpu_memory_usage", change, Page("ErrorRateHigh", scorer), Page("ErrorRateHigh", pool))


def noisy_neighbour(scene: Scene) -> Strike:
    """A job takes the processors of its machine; whoever shares the machine slows down."""
    tenant = scene.pick(*BATCH_TENANTS, "model-trainer")
    host = scene.platform.by_name[tenant].host or ""
    victims = [
        name for name in scene.platform.callers_first if name in scene.platform.hosted_on(host) and name != tenant
    ]
    scene.push("cpu", tenant, scene.between(0.40, 0.5), rise_s=120, most=0.6)
    for victim in victims:
        scene.push("slow", victim, scene.between(1.2, 2.2), rise_s=150)
        scene.push("tail", victim, scene.between(0.5, 1.2), rise_s=150)
    kind: ChangeKind = "config" if tenant.endswith("worker") else "pipeline_run"
    paged = next(name for name in victims if scene.platform.callers_of(name) or name == "edge-gateway")
    change = CausingChange(tenant, kind, scene.between(20, 120))
    return Strike(tenant, "cpu_usage", change, Page("LatencyHigh", paged), Page("CpuHigh", tenant))


def quota_exhausted(scene: Scene) -> Strike:
    """An outside service turns requests away because the account has used up what it may."""
    service = scene.pick("device-intel", "fx-rates")
    scene.push("quota", service, scene.between(1.0, 1.4), rise_s=180)
    page = Page("NullRateHigh", "feature-server")
    if service == "fx-rates":
        page = Page("ErrorRateHigh", "payment-orchestrator")
    return Strike(service, "quota_usage", None, page, Page("ErrorRateHigh", service))


def gpu_throttling(scene: Scene) -> Strike:
    """A GPU gets too hot and lowers its clock; inference takes longer and nothing fails at first."""
    pool = scene.pick("inference-gpu-a", "inference-gpu-b")
    scorer = "fraud-scorer" if pool == "inference-gpu-a" else "payout-scorer"
    scene.push("throttled", pool, scene.between(0.45, 0.6), rise_s=240, most=0.75)
    return Strike(pool, "gpu_temperature_celsius", None, Page("LatencyHigh", scorer), Page("LatencyHigh", pool))


def slow_consumer(scene: Scene) -> Strike:
    """A consumer works off less than comes in, and its queue grows."""
    consumer = scene.pick("feature-stream", "settlement-worker", "notification-worker")
    queue = "settlement-events" if consumer == "settlement-worker" else "payment-events"
    scene.push("drag", consumer, scene.between(0.6, 0.75), rise_s=60, most=0.85)
    change = CausingChange(consumer, scene.rng.choice(np.array(["config", "deploy"])).item(), scene.between(20, 120))
    return Strike(consumer, "latency_ms", change, Page("QueueDeep", queue), Page("LatencyHigh", consumer))
