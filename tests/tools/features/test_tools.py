"""`features.health` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from opswarden.tools.features.backends.snapshot import SnapshotFeatures
from opswarden.tools.features.tools import FEATURE_COLUMNS, features_tools
from opswarden.tools.features.types import FeatureHealth, HealthResult
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output

Health = Callable[..., Output[HealthResult]]
EDGES = [
    {"caller": "oven", "callee": "pantry-server", "kind": "calls"},
    {"caller": "miller", "callee": "shelf", "kind": "writes"},
]


@pytest.fixture
def health(
    call: Callable[..., Output[Any]], make_store: Callable[..., SnapshotStore], windows: dict[str, datetime]
) -> Health:
    def ask(rows: list[dict[str, Any]]) -> Output[HealthResult]:
        backend = SnapshotFeatures(make_store(features=rows, topology=EDGES))
        output: Output[HealthResult] = call(features_tools(backend), "features.health", **windows)
        return output

    return ask


def value(ts: datetime, number: float | None, **labels: str) -> dict[str, Any]:
    return {"ts": ts, "entity": "pantry-server", "feature": "flour_g", "value": number, "labels": list(labels.items())}


def served(
    start: datetime,
    number: Callable[[float, float], float | None] = lambda _minute, draw: draw,
    age_s: Callable[[float], float] | None = None,
    *,
    seed: int = 5,
    count: int = 800,
) -> list[dict[str, Any]]:
    """Values over two quiet hours and half an hour; `number` gets the minute and a draw around 100."""
    rng = np.random.default_rng(seed)
    rows = []
    for minute in np.sort(rng.uniform(-120, 30, count)).tolist():
        ts = start + timedelta(minutes=minute)
        labels = {"view": "pantry", "written_by": "miller", "source": "serving"}
        if age_s is not None:
            labels["event_time"] = (ts - timedelta(seconds=age_s(minute))).isoformat()
        rows.append(value(ts, number(minute, float(rng.normal(100, 20))), **labels))
    return rows


def trained(start: datetime, mean: float = 100) -> list[dict[str, Any]]:
    rng = np.random.default_rng(9)
    at = start - timedelta(minutes=60)
    return [value(at, float(rng.normal(mean, 20)), view="pantry", source="training") for _ in range(300)]


def only(output: Output[HealthResult]) -> FeatureHealth:
    assert output.summary is not None
    (feature,) = output.summary.shown
    return feature


def test_quiet_features_have_no_trouble(health: Health, start: datetime) -> None:
    for seed in range(8):
        feature = only(health(served(start, age_s=lambda _minute: 30.0, seed=seed) + trained(start)))
        assert feature.trouble is None, (seed, feature)
        assert feature.consumers == ("oven",)
        assert feature.view == "pantry"


@pytest.mark.parametrize(
    ("trouble", "number"),
    [
        ("nulls", lambda minute, draw: None if minute > 0 and draw > 105 else draw),
        ("constant", lambda minute, draw: 0.0 if minute > 0 and draw > 105 else draw),
        ("values", lambda minute, draw: draw * 1.5 if minute > 0 else draw),
    ],
)
def test_each_trouble_has_its_name(
    health: Health, start: datetime, trouble: str, number: Callable[[float, float], float | None]
) -> None:
    output = health(served(start, number))
    feature = only(output)
    assert feature.trouble == trouble
    assert feature.score > 3
    assert output.artifact is not None
    assert output.artifact.schema == FEATURE_COLUMNS
    assert output.artifact["writer"].to_pylist() == ["miller"]


def test_a_stale_feature_has_the_same_values_and_an_older_event(health: Health, start: datetime) -> None:
    feature = only(health(served(start, age_s=lambda minute: 30.0 + 60.0 * max(minute, 0.0))))
    assert feature.trouble == "stale"
    assert feature.value_score < 3
    assert feature.age_before_s == pytest.approx(30, abs=2)
    assert feature.age_after_s is not None
    assert feature.age_after_s > 900


def test_a_feature_that_is_served_no_more_is_silent(health: Health, start: datetime) -> None:
    rows = [row for row in served(start) if row["ts"] < start + timedelta(minutes=10)]
    feature = only(health(rows))
    assert feature.trouble == "silent"
    assert feature.silent_s == pytest.approx(1_200, abs=60)


def test_a_skew_that_was_always_there_is_no_news(health: Health, start: datetime) -> None:
    feature = only(health(served(start) + trained(start, mean=160)))
    assert feature.trouble is None
    assert feature.skew_after is not None
    assert feature.skew_after > 0.5


def test_values_that_leave_the_training_are_told(health: Health, start: datetime) -> None:
    feature = only(health(served(start, lambda minute, draw: draw + (60 if minute > 0 else 0)) + trained(start)))
    assert feature.trouble in ("values", "skew")
    assert feature.skew_before is not None
    assert feature.skew_after is not None
    assert feature.skew_after > 5 * feature.skew_before
    assert feature.out_of_range > 0.05


@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_handful_of_values_says_nothing(health: Health, start: datetime, count: int) -> None:
    assert only(health(served(start, count=count))).trouble is None


def test_odd_values_do_not_break_it(health: Health, start: datetime) -> None:
    rows = served(start)
    rows += [value(start, float("nan")), value(start, float("inf")), value(start, None)]
    rows += [value(start, 1.0, event_time="yesterday", age_s="old", view="pantry")]
    rows.append({"ts": start, "entity": None, "feature": None, "value": 1.0, "labels": None})
    output = health(rows)
    assert output.status == "ok"


def test_nothing_is_no_data(health: Health) -> None:
    output = health([])
    assert (output.status, output.summary) == ("no_data", None)


def test_without_a_quiet_time_nothing_is_compared(health: Health, start: datetime) -> None:
    output = health([row for row in served(start) if row["ts"] >= start])
    assert output.status == "truncated"
    assert only(output).trouble is None
