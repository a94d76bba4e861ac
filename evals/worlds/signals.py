"""Features, scores and cut-offs: how a fault in the data reaches a decision without any request failing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .forces import Forces, pair
from .rhythm import memory_over, red_noise
from .simulation import State, normal_above
from .streams import Array, Streams
from .timeline import Timeline
from .topology import Platform

SCORE_SPREAD = 1.15
TRIAL_SHARE = 0.2
"""Share of the predictions that a model version on trial makes."""
_SCORE_CENTRE = -2.3
BATCH_PERIOD_S = 600.0
ROOM = 1.35
"""How much more than the busiest quiet minute a consumer of a queue can do."""


@dataclass(frozen=True)
class FeatureGroup:
    """Features that one source feeds. `weights`: shift of a scorer's log-odds when all of them are null, per scorer."""

    name: str
    source: str
    feature: str
    centre: float
    spread: float
    usual_null: float
    weights: tuple[tuple[str, float], ...]


GROUPS: tuple[FeatureGroup, ...] = (
    FeatureGroup(
        "card_velocity", "feature-stream", "card_attempts_1h", 2.4, 0.9, 0.004,
        (("fraud-scorer", 1.25), ("payout-scorer", 0.7)),
    ),
    FeatureGroup(
        "merchant_profile", "feature-batch", "merchant_refund_share_30d", 0.031, 0.012, 0.008,
        (("fraud-scorer", 0.9), ("payout-scorer", 1.2)),
    ),
    FeatureGroup(
        "device_reputation", "device-intel", "device_risk_points", 34.0, 11.0, 0.021,
        (("fraud-scorer", 1.1), ("payout-scorer", 0.8)),
    ),
    FeatureGroup(
        "customer_profile", "profile-db", "customer_age_days", 410.0, 160.0, 0.006,
        (("fraud-scorer", 1.0), ("payout-scorer", 1.1)),
    ),
)  # fmt: skip

RULES_OF = {"fraud-scorer": "rules-engine", "payout-scorer": "payout-rules"}


@dataclass(frozen=True)
class Signals:
    """Curves of shape (T,) by name.

    `age_s` seconds since a pipeline last finished, `nulls` and `values` per feature group (share, mean of the group's
    feature), `centre` mean log-odds per scorer, `cut` log-odds above which a rules engine declines, `declined` share of
    requests it declines, by (rules engine, country).
    """

    age_s: dict[str, Array]
    nulls: dict[str, Array]
    values: dict[str, Array]
    centre: dict[str, Array]
    cut: dict[str, Array]
    declined: dict[tuple[str, str], Array]


def read_signals(
    platform: Platform, timeline: Timeline, forces: Forces, streams: Streams, state: State | None
) -> Signals:
    """Signals under the forces; with a state, failed calls show up as nulls and as fallbacks."""
    age_s = {name: _age_s(name, timeline, forces, streams) for name in ("feature-stream", "feature-batch")}
    nulls = {group.name: _nulls(group, platform, timeline, forces, streams, state) for group in GROUPS}
    values = {group.name: _values(group, nulls[group.name], timeline, forces, streams) for group in GROUPS}
    centre: dict[str, Array] = {}
    cut: dict[str, Array] = {}
    declined: dict[tuple[str, str], Array] = {}
    for scorer, rules in RULES_OF.items():
        centre[scorer] = _centre(scorer, age_s, nulls, timeline, forces, streams)
        rng = streams.of("cut", rules)
        sigmas = float(rng.uniform(1.6, 1.85))
        cut[rules] = _SCORE_CENTRE + sigmas * SCORE_SPREAD - forces.of("strictness", rules)
        fallback = _fallback(scorer, platform, state)
        for country in platform.countries:
            offset = float(streams.of("offset", scorer, country.code).normal(0.0, 0.08))
            stricter = forces.of("country_strict", pair(rules, country.code))
            above = normal_above((cut[rules] - stricter - centre[scorer] - offset) / SCORE_SPREAD)
            declined[rules, country.code] = (1.0 - fallback) * above + fallback * 0.14
    return Signals(age_s, nulls, values, centre, cut, declined)


def _age_s(name: str, timeline: Timeline, forces: Forces, streams: Streams) -> Array:
    """Seconds since the last finished run: a saw for the batch pipeline, a small lag for the stream."""
    rng = streams.of("age", name)
    noise = np.exp(red_noise(rng, (timeline.steps,), sigma=0.15, memory=memory_over(timeline.step_s, 120)))
    if name == "feature-batch":
        phase_s = float(rng.uniform(0, BATCH_PERIOD_S))
        usual = (timeline.elapsed_s + phase_s) % BATCH_PERIOD_S + 45.0 * noise
    else:
        # Seconds that the events wait in line: what comes in faster than it is worked off.
        behind = np.maximum(0.0, 1.0 - ROOM * (1.0 - forces.of("drag", name)))
        usual = 5.0 * noise + np.cumsum(np.where(forces.of("drag", name) > 0, behind, 0.0)) * timeline.step_s
    stalled = forces.of("stalled", name) > 0
    if not stalled.any():
        return np.asarray(usual)
    first = int(np.argmax(stalled))
    grown = usual[max(first - 1, 0)] + np.cumsum(stalled * float(timeline.step_s))
    return np.asarray(np.where(stalled, grown, usual))


def _nulls(
    group: FeatureGroup,
    platform: Platform,
    timeline: Timeline,
    forces: Forces,
    streams: Streams,
    state: State | None,
) -> Array:
    noise = red_noise(
        streams.of("nulls", group.name), (timeline.steps,), sigma=0.16, memory=memory_over(timeline.step_s, 300)
    )
    present = 1.0 - group.usual_null * np.exp(noise)
    present = present * (1.0 - forces.of("empties", group.source)) * (1.0 - 0.85 * forces.of("rejects", group.source))
    present = present * (1.0 - forces.of("view_nulls", group.name))
    if state is not None:
        for row in platform.calls_of["feature-server"]:
            edge = platform.waiting[row]
            reads_source = edge.callee == group.source
            reads_store = edge.callee == "feature-store" and group.source.startswith("feature-")
            if reads_source or reads_store:
                share = min(1.0, edge.per_request) if reads_source else 1.0
                present = present * (1.0 - share * state.lost[row])
    return np.asarray(np.clip(1.0 - present, 0.0, 1.0))


def _values(group: FeatureGroup, nulls: Array, timeline: Timeline, forces: Forces, streams: Streams) -> Array:
    """Mean of the group's feature; nulls are not counted in it, only thin it out a little."""
    noise = red_noise(
        streams.of("values", group.name), (timeline.steps,), sigma=0.035, memory=memory_over(timeline.step_s, 400)
    )
    drift = group.spread * (noise * 2.0 + forces.of("value_shift", group.name) - 0.15 * nulls)
    return np.asarray(group.centre + drift)


def _centre(
    scorer: str,
    age_s: dict[str, Array],
    nulls: dict[str, Array],
    timeline: Timeline,
    forces: Forces,
    streams: Streams,
) -> Array:
    """Mean log-odds of a scorer: its own shift plus what nulls, stale and displaced features do to it."""
    noise = red_noise(
        streams.of("centre", scorer), (timeline.steps,), sigma=0.03, memory=memory_over(timeline.step_s, 600)
    )
    centre = _SCORE_CENTRE + noise + forces.of("score_shift", scorer)
    centre = centre + TRIAL_SHARE * forces.of("trial_shift", scorer)
    for group in GROUPS:
        weight = dict(group.weights)[scorer]
        excess = nulls[group.name] - group.usual_null
        centre = centre + weight * (excess + 0.45 * forces.of("value_shift", group.name))
        if group.source in age_s:
            patience_s = 60.0 if group.source == "feature-stream" else 1.3 * BATCH_PERIOD_S
            overdue = np.maximum(0.0, age_s[group.source] - patience_s)
            centre = centre + 0.42 * weight * np.log1p(overdue / 420.0)
    return np.asarray(centre)


def loaded_age_s(timeline: Timeline, forces: Forces, streams: Streams, name: str) -> Array:
    """Seconds since the newest partition of a database was loaded; one comes every ten minutes."""
    phase_s = float(streams.of("loads", name).uniform(0, BATCH_PERIOD_S))
    usual = (timeline.elapsed_s + phase_s) % BATCH_PERIOD_S + 20.0
    late = forces.of("load_delay", name) > 0
    if not late.any():
        return np.asarray(usual)
    first = int(np.argmax(late))
    grown = usual[max(first - 1, 0)] + np.cumsum(late * float(timeline.step_s))
    return np.asarray(np.where(late, grown, usual))


def _fallback(scorer: str, platform: Platform, state: State | None) -> Array | float:
    """Share of requests decided without a score."""
    if state is None:
        return 0.0
    rows = [row for row, edge in enumerate(platform.waiting) if edge.callee == scorer]
    return np.asarray(np.clip(np.max(state.lost[rows], axis=0), 0.0, 1.0))
