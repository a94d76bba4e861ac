"""Spec, time axis, rhythm, noise and routes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from opswarden.evals.worlds.countries import COUNTRIES
from opswarden.evals.worlds.rhythm import day_shape, local_clock, red_noise, traffic_of, usual_peak, week_shape
from opswarden.evals.worlds.series import Series, measure
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.streams import Streams
from opswarden.evals.worlds.timeline import build_timeline
from opswarden.evals.worlds.topology import build_platform

BAD = [
    ("shorter than ten minutes", {"duration_s": 300}),
    ("longer than thirty days", {"duration_s": 31 * 86_400, "step_s": 3_600}),
    ("more than 50 million lines", {"log_lines": 50_000_001}),
    ("a window of more than half", {"duration_s": 3_600, "window_s": 2_400}),
    ("a window of too few samples", {"duration_s": 3_600, "step_s": 600}),
    ("too many samples", {"duration_s": 30 * 86_400, "step_s": 10}),
    ("an unknown fault", {"fault": "gremlins"}),
    ("an unknown field", {"colour": "red"}),
    ("a negative seed", {"seed": -1}),
]


@pytest.mark.parametrize("fields", [fields for _, fields in BAD], ids=[name for name, _ in BAD])
def test_a_world_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WorldSpec.model_validate({"seed": 1, **fields})


@pytest.mark.parametrize("duration_s", [600, 24_300, 86_400, 30 * 86_400])
def test_any_duration_has_quiet_time_window_and_onset(duration_s: int) -> None:
    spec = WorldSpec(seed=3, duration_s=duration_s, step_s=30)
    timeline = build_timeline(spec, Streams(3))
    assert timeline.steps == duration_s // 30
    assert timeline.start_us < timeline.window_us < timeline.onset_us < timeline.end_us
    assert timeline.window.start == timeline.baseline.end
    assert 0 <= spec.window_length_s - timeline.window_length_s < 30
    assert 0.07 < (timeline.onset_us - timeline.window_us) / (timeline.end_us - timeline.window_us) < 0.21


def test_a_day_is_low_before_dawn_and_high_in_the_evening_of_the_place() -> None:
    spec = WorldSpec(seed=4, duration_s=3 * 86_400, step_s=300)
    timeline = build_timeline(spec, Streams(4))
    for country in COUNTRIES:
        rate = traffic_of(country, timeline, Streams(4))
        hour, _ = local_clock(timeline, country.utc_offset_h)
        night, evening = rate[(hour > 2.5) & (hour < 4.5)], rate[(hour > 18.5) & (hour < 20.5)]
        assert np.median(evening) > 3 * np.median(night)
    assert week_shape(np.array([6.0]))[0] < week_shape(np.array([4.0]))[0]
    assert day_shape(np.linspace(0, 24, 500)).mean() == pytest.approx(1.0, abs=0.15)


def test_the_weekday_is_right() -> None:
    timeline = build_timeline(WorldSpec(seed=8), Streams(8))
    _, weekday = local_clock(timeline, 0.0)
    assert weekday[0] == timeline.baseline.start.weekday()


@given(memory=st.floats(0.0, 0.97), sigma=st.floats(0.01, 2.0), seed=st.integers(0, 2**32), rows=st.integers(1, 3))
def test_red_noise_is_the_recursion_it_says(memory: float, sigma: float, seed: int, rows: int) -> None:
    noise = red_noise(np.random.default_rng(seed), (rows, 300), sigma=sigma, memory=memory)
    shocks = np.random.default_rng(seed).standard_normal((rows, 300))
    expected = np.empty_like(shocks)
    expected[:, 0] = shocks[:, 0]
    for step in range(1, 300):
        expected[:, step] = memory * expected[:, step - 1] + math.sqrt(1 - memory**2) * shocks[:, step]
    assert noise == pytest.approx(expected * sigma, abs=1e-5 * sigma)


def test_the_peak_of_a_day_is_above_its_mean() -> None:
    assert usual_peak(COUNTRIES) > sum(country.requests_per_s for country in COUNTRIES)


@pytest.mark.parametrize("seed", range(8))
def test_routes_are_complete(seed: int) -> None:
    platform = build_platform(Streams(seed))
    assert len(platform.countries) == 5
    for country in platform.countries:
        providers, issuers = platform.provider_share[country.code], platform.issuer_share[country.code]
        assert 2 <= len(providers) <= 3
        assert sum(providers.values()) == pytest.approx(1.0)
        assert max(providers.values()) > 0.27
        assert len(issuers) == 2
    served = {name for shares in platform.provider_share.values() for name in shares}
    assert served == set(platform.of_kind("provider"))
    assert len(served) >= 3
    assert platform.callers_first.index("edge-gateway") < platform.callers_first.index("ledger-db")
    hosts = {node.host for node in platform.nodes if node.host}
    assert hosts == set(platform.of_kind("node"))
    assert all(edge.timeout_ms >= 50 for edge in platform.waiting)


def test_a_share_of_few_events_jumps_and_of_many_does_not() -> None:
    timeline = build_timeline(WorldSpec(seed=1), Streams(1))
    level = np.full(timeline.steps, 0.1)

    def spread(events: float) -> float:
        series = Series(
            "x", "m", "ratio", level, measured="as_share", sigma=0.0, events=np.full(timeline.steps, events)
        )
        return float(np.nanstd(measure(series, timeline, np.random.default_rng(1))))

    assert spread(20) > 5 * spread(2_000)
    nothing = Series("x", "m", "ratio", level, measured="as_share", events=np.zeros(timeline.steps))
    assert np.isnan(measure(nothing, timeline, np.random.default_rng(1))).all()
    with pytest.raises(ValueError, match="number of its events"):
        measure(Series("x", "m", "ratio", level, measured="as_share"), timeline, np.random.default_rng(1))
