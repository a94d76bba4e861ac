"""All faults by name."""

from __future__ import annotations

from ..scene import Fault
from ..spec import FaultName
from .capacity import gpu_out_of_memory, noisy_neighbour, quota_exhausted
from .dependencies import expired_certificate, slow_dependency
from .features import cache_stampede, null_flood, stale_features, upstream_schema_change
from .healthy import healthy
from .models import bad_canary, bad_model_promotion, threshold_misconfiguration, training_serving_skew
from .payments import card_testing, issuer_decline_wave, provider_outage_one_country

FAMILIES: dict[str, dict[FaultName, Fault]] = {
    "none": {"healthy": healthy},
    "models": {
        "bad_model_promotion": bad_model_promotion,
        "bad_canary": bad_canary,
        "training_serving_skew": training_serving_skew,
        "threshold_misconfiguration": threshold_misconfiguration,
    },
    "features": {
        "stale_features": stale_features,
        "upstream_schema_change": upstream_schema_change,
        "null_flood": null_flood,
        "cache_stampede": cache_stampede,
    },
    "capacity": {
        "gpu_out_of_memory": gpu_out_of_memory,
        "noisy_neighbour": noisy_neighbour,
        "quota_exhausted": quota_exhausted,
    },
    "dependencies": {"expired_certificate": expired_certificate, "slow_dependency": slow_dependency},
    "payments": {
        "provider_outage_one_country": provider_outage_one_country,
        "issuer_decline_wave": issuer_decline_wave,
        "card_testing": card_testing,
    },
}
"""Faults by family; a score can be broken down by it."""

FAULTS: dict[FaultName, Fault] = {name: fault for family in FAMILIES.values() for name, fault in family.items()}
FAMILY_OF: dict[FaultName, str] = {name: family for family, faults in FAMILIES.items() for name in faults}
