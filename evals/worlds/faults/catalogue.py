"""All faults by name."""

from __future__ import annotations

from ..scene import Fault
from ..spec import FaultName
from .capacity import gpu_out_of_memory, gpu_throttling, noisy_neighbour, quota_exhausted, slow_consumer
from .dependencies import database_locks, expired_certificate, machine_failure, slow_dependency
from .features import (
    cache_stampede,
    feature_view_rollout,
    null_flood,
    stale_features,
    upstream_batch_delay,
    upstream_schema_change,
)
from .healthy import healthy, healthy_deploy, healthy_flapping, healthy_maintenance, healthy_peak
from .models import bad_canary, bad_model_promotion, model_trial, threshold_misconfiguration, training_serving_skew
from .payments import card_testing, issuer_decline_wave, provider_outage_one_country
from .releases import dependency_bump, flag_in_one_country, two_at_once

FAMILIES: dict[str, dict[FaultName, Fault]] = {
    "none": {
        "healthy": healthy,
        "healthy_peak": healthy_peak,
        "healthy_deploy": healthy_deploy,
        "healthy_flapping": healthy_flapping,
        "healthy_maintenance": healthy_maintenance,
    },
    "models": {
        "bad_model_promotion": bad_model_promotion,
        "bad_canary": bad_canary,
        "training_serving_skew": training_serving_skew,
        "threshold_misconfiguration": threshold_misconfiguration,
        "model_trial": model_trial,
    },
    "features": {
        "stale_features": stale_features,
        "upstream_schema_change": upstream_schema_change,
        "null_flood": null_flood,
        "cache_stampede": cache_stampede,
        "feature_view_rollout": feature_view_rollout,
        "upstream_batch_delay": upstream_batch_delay,
    },
    "capacity": {
        "gpu_out_of_memory": gpu_out_of_memory,
        "noisy_neighbour": noisy_neighbour,
        "quota_exhausted": quota_exhausted,
        "gpu_throttling": gpu_throttling,
        "slow_consumer": slow_consumer,
    },
    "dependencies": {
        "expired_certificate": expired_certificate,
        "slow_dependency": slow_dependency,
        "database_locks": database_locks,
        "machine_failure": machine_failure,
    },
    "releases": {
        "flag_in_one_country": flag_in_one_country,
        "dependency_bump": dependency_bump,
        "two_at_once": two_at_once,
    },
    "payments": {
        "provider_outage_one_country": provider_outage_one_country,
        "issuer_decline_wave": issuer_decline_wave,
        "card_testing": card_testing,
    },
}
"""Faults by family; a score can be broken down by it."""

FAULTS: dict[FaultName, Fault] = {name: fault for family in FAMILIES.values() for name, fault in family.items()}
FAMILY_OF: dict[FaultName, str] = {name: family for family, faults in FAMILIES.items() for name in faults}
