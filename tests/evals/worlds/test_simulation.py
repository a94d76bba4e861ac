"""The causal core: waiting adds up towards callers, failures pass thinned, load follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from opswarden.evals.worlds.forces import ForceName, Forces, bump, pair, ramp
from opswarden.evals.worlds.payments import PaymentModel
from opswarden.evals.worlds.signals import Signals, read_signals
from opswarden.evals.worlds.simulation import Simulation, State, normal_above
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.streams import Array, Streams
from opswarden.evals.worlds.timeline import build_timeline
from opswarden.evals.worlds.topology import Platform, build_platform, quiet_latency_ms

SPEC = WorldSpec(seed=5, duration_s=5_400, window_s=1_800, step_s=60)
STREAMS = Streams(SPEC.seed)
TIMELINE = build_timeline(SPEC, STREAMS)
PLATFORM: Platform = build_platform(STREAMS)
LATE = TIMELINE.elapsed_s > 700
QUIET = TIMELINE.elapsed_s < 0

Push = tuple[ForceName, str, float]


def settle(*pushes: Push) -> tuple[State, Signals, PaymentModel]:
    forces = Forces(TIMELINE.steps)
    for name, key, level in pushes:
        forces.add(name, key, ramp(TIMELINE, level=level, rise_s=60))
    simulation = Simulation(PLATFORM, TIMELINE, forces, STREAMS)
    payments = PaymentModel(PLATFORM, TIMELINE, forces, STREAMS)
    first = simulation.settle(payments.flow(read_signals(PLATFORM, TIMELINE, forces, STREAMS, None)))
    signals = read_signals(PLATFORM, TIMELINE, forces, STREAMS, first)
    return simulation.settle(payments.flow(signals)), signals, payments


CALM, CALM_SIGNALS, CALM_PAYMENTS = settle()


def late(array: Array, name: str) -> float:
    return float(np.median(array[PLATFORM.index[name]][LATE]))


def change(of: Callable[[State], Array], name: str, *pushes: Push) -> float:
    """Factor by which the late median of a node grows under the pushes."""
    return late(of(settle(*pushes)[0]), name) / late(of(CALM), name)


def test_waiting_adds_up_towards_the_callers_and_thins_out() -> None:
    push: Push = ("slow", "ledger-db", 2.0)
    factors = [
        change(lambda state: state.p50_ms, name, push)
        for name in ("ledger-db", "ledger-service", "payment-orchestrator")
    ]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == pytest.approx(3.0, rel=0.05)
    assert factors[-1] > 1.02
    assert change(lambda state: state.p50_ms, "edge-gateway", push) > 1.02
    assert change(lambda state: state.p50_ms, "fraud-scorer", push) == pytest.approx(1.0, abs=0.02)


def test_failures_pass_upwards_thinned_by_fallbacks() -> None:
    state = settle(("fail", "inference-gpu-a", 0.5))[0]
    lost = [late(state.failed, name) for name in ("inference-gpu-a", "fraud-scorer", "payment-orchestrator")]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 0.45
    assert 0.02 < lost[2] < 0.1


def test_retries_put_more_load_on_a_part_that_fails() -> None:
    assert 1.2 < change(lambda state: state.load, "inference-gpu-a", ("fail", "inference-gpu-a", 0.5)) < 1.6


def test_a_server_nobody_reaches_sees_no_errors_and_no_load() -> None:
    state = settle(("blocked", "token-vault", 0.97))[0]
    assert late(state.failed, "token-vault") == pytest.approx(late(CALM.failed, "token-vault"), rel=0.2)
    assert late(state.load, "token-vault") < 0.15 * late(CALM.load, "token-vault")
    assert late(state.failed, "payment-orchestrator") > 0.8
    assert late(state.load, "ledger-db") < 0.3 * late(CALM.load, "ledger-db"), "what comes after is never called"


def test_a_cache_that_misses_drowns_the_database_behind_it() -> None:
    push: Push = ("misses", "merchant-cache", 0.5)
    assert change(lambda state: state.load, "merchant-db", push) > 5
    assert change(lambda state: state.p50_ms, "merchant-db", push) > 2
    assert change(lambda state: state.load, "profile-db", push) == pytest.approx(1.0, abs=0.05)


def test_a_used_up_quota_turns_requests_away() -> None:
    state = settle(("quota", "fx-rates", 1.5))[0]
    assert float(np.median(state.quota_use["fx-rates"][LATE])) > 1.4
    assert float(np.median(CALM.quota_use["fx-rates"])) < 0.9
    assert late(state.failed, "fx-rates") > 0.2


def test_shares_and_latencies_stay_in_range_under_heavy_trouble() -> None:
    state, _, payments = settle(
        ("fail", "feature-store", 5.0),
        ("slow", "ledger-db", 80.0),
        ("blocked", "three-ds", 1.0),
        ("slow", "fraud-scorer", 40.0),
    )
    for shares in (state.failed, state.own_failed, state.call_failed, state.lost, state.late, state.reached):
        assert np.isfinite(shares).all()
        assert shares.min() >= 0.0
        assert shares.max() <= 1.0
    assert (state.load >= 0).all()
    assert np.isfinite(state.p50_ms).all()
    assert payments.demand.usual.min() > 0


def test_quiet_times_are_quiet() -> None:
    entry = PLATFORM.index["edge-gateway"]
    assert CALM.failed[entry].max() < 0.02
    usual_ms = quiet_latency_ms(PLATFORM)["edge-gateway"]
    assert np.median(CALM.p50_ms[entry]) == pytest.approx(usual_ms, rel=0.35)
    assert CALM.busy.max() < 0.95


def test_old_and_missing_features_raise_scores_and_declines() -> None:
    for push in (
        ("stalled", "feature-stream", 1.0),
        ("empties", "profile-db", 0.6),
        ("value_shift", "card_velocity", 1.5),
    ):
        signals = settle(push)[1]
        assert (
            np.median(signals.centre["fraud-scorer"][LATE]) > np.median(CALM_SIGNALS.centre["fraud-scorer"][LATE]) + 0.2
        )
        code = PLATFORM.countries[0].code
        assert np.median(signals.declined["rules-engine", code][LATE]) > 1.3 * np.median(
            CALM_SIGNALS.declined["rules-engine", code][LATE]
        )


def test_a_stalled_pipeline_ages_second_by_second() -> None:
    age = settle(("stalled", "feature-batch", 1.0))[1].age_s["feature-batch"]
    steps = np.diff(age[LATE])
    assert steps == pytest.approx(np.full(len(steps), TIMELINE.step_s))


def test_a_stricter_cut_declines_more_at_the_same_scores() -> None:
    signals = settle(("strictness", "rules-engine", 0.8))[1]
    assert (signals.centre["fraud-scorer"] == CALM_SIGNALS.centre["fraud-scorer"]).mean() > 0.99
    code = PLATFORM.countries[0].code
    assert np.median(signals.declined["rules-engine", code][LATE]) > 1.5 * np.median(
        CALM_SIGNALS.declined["rules-engine", code][QUIET]
    )


def test_a_provider_that_fails_in_one_country_loses_traffic_there_only() -> None:
    country, other = PLATFORM.countries[0].code, PLATFORM.countries[1].code
    provider = next(iter(PLATFORM.provider_share[country]))
    state, signals, model = settle(("pair_fail", pair(provider, country), 0.8))
    hit, calm = model.outcome(signals, state), CALM_PAYMENTS.outcome(CALM_SIGNALS, CALM)
    column = hit.providers.index(provider)
    here, there = hit.countries.index(country), hit.countries.index(other)
    assert np.median(hit.share[here, column][LATE]) < 0.85 * np.median(calm.share[here, column][LATE])
    assert (hit.share[there] == calm.share[there]).all()
    assert np.median(hit.approval[here][LATE]) < np.median(calm.approval[here][LATE]) - 0.05
    assert hit.share.sum(axis=1) == pytest.approx(np.ones_like(hit.share.sum(axis=1)))


def test_normal_above_matches_the_error_function() -> None:
    import math

    sigmas = np.linspace(-4, 4, 81)
    exact = np.array([0.5 * math.erfc(value / math.sqrt(2)) for value in sigmas])
    assert np.abs(normal_above(sigmas) - exact).max() < 2e-4


def test_forces_add_up_and_start_at_the_onset() -> None:
    forces = Forces(TIMELINE.steps)
    curve = ramp(TIMELINE, level=2.0, rise_s=300)
    forces.add("slow", "x", curve)
    forces.add("slow", "x", curve)
    assert forces.of("slow", "x").max() == pytest.approx(4.0)
    assert (forces.of("slow", "x")[TIMELINE.elapsed_s < -TIMELINE.step_s] == 0).all()
    assert (np.diff(curve) >= 0).all()
    assert not forces.acts("slow", "y")
    assert (forces.of("slow", "y") == 0).all()
    assert bump(TIMELINE, centre_s=0, width_s=60, level=1.0).max() <= 1.0
