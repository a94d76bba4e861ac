"""Faults of models, releases and decision rules."""

from __future__ import annotations

from ..scene import CausingChange, Page, Scene, Strike
from ..signals import GROUPS

CANARY_SHARE = 0.2
"""Share of the traffic that a version under trial gets."""

# Parts whose callers do not try again: a second attempt would land on the stable version and hide the trouble.
_CANARIES = (
    "checkout-api", "payment-links-api", "payment-orchestrator", "rules-engine", "provider-router", "feature-server",
    "three-ds",
)  # fmt: skip


def _approvals_fall(scene: Scene) -> Page:
    """Paged for one of the two largest countries, where small changes stand out from the noise."""
    by_size = sorted(scene.platform.countries, key=lambda country: -country.requests_per_s)
    return Page("ApprovalRateLow", "payment-orchestrator", scene.pick(by_size[0].code, by_size[1].code))


def bad_model_promotion(scene: Scene) -> Strike:
    """A new model version scores everybody higher; nothing fails, approvals fall."""
    scorer = scene.pick("fraud-scorer", "payout-scorer")
    scene.push("score_shift", scorer, scene.between(0.55, 0.8), rise_s=120)
    page = _approvals_fall(scene) if scorer == "fraud-scorer" else Page("DeclineRateHigh", "payouts-api")
    change = CausingChange(scorer, "model_promotion", scene.between(20, 150))
    return Strike(scorer, "score_mean", change, page, Page("ScoreMoved", scorer))


def bad_canary(scene: Scene) -> Strike:
    """A version that takes a fifth of the traffic fails often; the service as a whole looks only a little worse."""
    entity = scene.pick(*_CANARIES)
    fail, slow = scene.between(0.3, 0.5), scene.between(0.6, 1.5)
    scene.push("canary_fail", entity, fail, most=0.95)
    scene.push("canary_slow", entity, slow)
    scene.push("fail", entity, CANARY_SHARE * fail, most=CANARY_SHARE * 0.95)
    scene.push("tail", entity, slow)
    callers = scene.platform.callers_of(entity)
    change = CausingChange(entity, "deploy", scene.between(10, 60), is_canary=True)
    return Strike(entity, "error_rate", change, Page("ErrorRateHigh", callers[0]), Page("ErrorRateHigh", entity))


def training_serving_skew(scene: Scene) -> Strike:
    """A feature is computed differently from how the model was trained on it, by the server or by a pipeline."""
    group = GROUPS[int(scene.rng.integers(len(GROUPS)))]
    entity = scene.pick("feature-server", group.source) if group.source.startswith("feature-") else "feature-server"
    shift = scene.between(1.4, 2.0)
    scene.push("value_shift", group.name, shift, rise_s=60)
    if entity != "feature-server":
        scene.push("written_shift", entity, shift, rise_s=60)
    change = CausingChange(entity, "deploy", scene.between(30, 200))
    return Strike(entity, "feature_value_mean", change, _approvals_fall(scene))


def threshold_misconfiguration(scene: Scene) -> Strike:
    """A cut-off was moved; scores are what they were, more of them are declined."""
    rules = scene.pick("rules-engine", "payout-rules")
    scene.push("strictness", rules, scene.between(0.6, 0.9), rise_s=30)
    page = _approvals_fall(scene) if rules == "rules-engine" else Page("DeclineRateHigh", "payouts-api")
    change = CausingChange(rules, "config", scene.between(10, 90))
    return Strike(rules, "decline_rate", change, page, Page("DeclineRateHigh", rules))


def model_trial(scene: Scene) -> Strike:
    """A model version on trial scores its fifth of the payments far too high; the scorer as a whole moves a little."""
    scorer = scene.pick("fraud-scorer", "payout-scorer")
    scene.push("trial_shift", scorer, scene.between(1.6, 2.2), rise_s=60)
    change = CausingChange(scorer, "model_promotion", scene.between(20, 90), is_canary=True)
    return Strike(scorer, "score_mean", change, Page("ScoreMoved", scorer))
