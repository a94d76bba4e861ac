"""Faults of the data that features are made of."""

from __future__ import annotations

from ..platform_plan import CACHE_BACKING
from ..scene import CausingChange, Page, Scene, Strike
from ..signals import GROUPS


def stale_features(scene: Scene) -> Strike:
    """A pipeline hangs without an error; what it wrote last is served on and on."""
    pipeline = scene.pick("feature-stream", "feature-batch")
    scene.push("stalled", pipeline, 1.0)
    page = Page("ScoreMoved", "fraud-scorer")
    return Strike(pipeline, "feature_freshness_s", None, page, Page("FeaturesLate", pipeline))


def upstream_schema_change(scene: Scene) -> Strike:
    """A producer publishes events of another shape; a consumer cannot read most of them."""
    producer, consumer = scene.pick("payment-orchestrator", "ledger-service"), "feature-stream"
    if producer == "ledger-service":
        consumer = "settlement-worker"
    scene.push("payload", producer, scene.between(0.10, 0.22), rise_s=120)
    scene.push("rejects", consumer, scene.between(0.5, 0.7), rise_s=120, most=0.95)
    page = Page("NullRateHigh", "feature-server") if consumer == "feature-stream" else Page("RecordsRejected", consumer)
    change = CausingChange(producer, "schema", scene.between(30, 150))
    return Strike(producer, "event_bytes_mean", change, page)


def null_flood(scene: Scene) -> Strike:
    """A source answers in good form with nothing in it."""
    source = scene.pick("device-intel", "profile-db")
    scene.push("empties", source, scene.between(0.45, 0.7), rise_s=90, most=0.95)
    change = CausingChange(source, "data", scene.between(30, 200)) if source == "profile-db" else None
    return Strike(source, "empty_ratio", change, Page("ScoreMoved", "fraud-scorer"))


def cache_stampede(scene: Scene) -> Strike:
    """A cache answers less; the database behind it gets a multiple of its usual reads."""
    cache = scene.pick("profile-cache", "merchant-cache")
    scene.push("misses", cache, scene.between(0.25, 0.40), rise_s=60, most=0.9)
    # Many wait for the same few rows at once, so each read takes longer too.
    scene.push("slow", CACHE_BACKING[cache], scene.between(1.5, 2.5), rise_s=60)
    victim = "feature-server" if cache == "profile-cache" else "rules-engine"
    return Strike(
        cache, "cache_hit_ratio", CausingChange(cache, "config", scene.between(10, 90)), Page("LatencyHigh", victim)
    )


def feature_view_rollout(scene: Scene) -> Strike:
    """A new version of a feature view answers a part of the requests, and gives nothing for them."""
    group = GROUPS[int(scene.rng.integers(len(GROUPS)))]
    scene.push("view_nulls", group.name, scene.between(0.3, 0.5), rise_s=60, most=0.9)
    change = CausingChange("feature-server", "deploy", scene.between(10, 90))
    page = Page("ScoreMoved", "fraud-scorer")
    return Strike("feature-server", "null_rate", change, page, Page("NullRateHigh", "feature-server"))


def upstream_batch_delay(scene: Scene) -> Strike:
    """What a pipeline reads is not loaded in time, so the pipeline waits for it and writes nothing new."""
    scene.push("load_delay", "warehouse", 1.0)
    scene.push("stalled", "feature-batch", 1.0)
    return Strike("warehouse", "partition_age_s", None, Page("ScoreMoved", "payout-scorer"))
