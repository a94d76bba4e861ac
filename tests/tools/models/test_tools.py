"""`models.health` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.models.backends.snapshot import SnapshotModels
from opswarden.tools.models.tools import MODEL_COLUMNS, models_tools
from opswarden.tools.models.types import HealthArgs, HealthResult
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output

Health = Callable[[list[dict[str, Any]]], Output[HealthResult]]


@pytest.fixture
def health(
    call: Callable[..., Output[Any]], make_store: Callable[..., SnapshotStore], windows: dict[str, datetime]
) -> Health:
    return lambda rows: call(models_tools(SnapshotModels(make_store(predictions=rows))), "models.health", **windows)


def predictions(
    start: datetime,
    mean: Callable[[float, str], float] = lambda _minute, _version: 0.0,
    version: Callable[[float, float], str] = lambda _minute, _draw: "7",
    *,
    seed: int = 3,
    count: int = 900,
    entity: str = "oven",
) -> list[dict[str, Any]]:
    """Scores around a mean (in standard deviations) over two quiet hours and half an hour."""
    rng = np.random.default_rng(seed)
    rows = []
    for minute in np.sort(rng.uniform(-120, 30, count)).tolist():
        name = version(minute, float(rng.uniform()))
        score = 0.5 + 0.1 * (mean(minute, name) + float(rng.normal()))
        row = {"ts": start + timedelta(minutes=minute), "entity": entity, "model": "crust", "version": name}
        rows.append(row | {"score": score, "labels": [("country", "AA")]})
    return rows


def test_quiet_scores_stay_within_their_wobble(health: Health, start: datetime) -> None:
    for seed in range(10):
        output = health(predictions(start, seed=seed))
        assert output.status == "ok"
        assert output.summary is not None
        assert output.summary.models_changed == 0, seed


def test_scores_that_move_are_told_with_effect_sizes(health: Health, start: datetime) -> None:
    output = health(predictions(start, lambda minute, _version: 1.0 if minute > 5 else 0.0))
    assert output.summary is not None
    (model,) = output.summary.shown
    assert output.summary.models_changed == 1
    assert model.score is not None
    assert model.score > 6
    assert model.mean_move == pytest.approx(0.83, abs=0.2)
    assert model.wasserstein == pytest.approx(0.83, abs=0.3)
    assert model.psi is not None
    assert model.psi > 0.3
    assert model.newest is None
    assert output.artifact is not None
    assert output.artifact.schema == MODEL_COLUMNS
    onset = output.artifact["onset_us"].to_pylist()[0]
    assert abs(onset / 1e6 - (start + timedelta(minutes=5)).timestamp()) <= 150


def test_a_version_on_trial_is_compared_in_the_same_minutes(health: Health, start: datetime) -> None:
    rows = predictions(
        start,
        lambda _minute, version: 1.2 if version == "8" else 0.0,
        lambda minute, draw: "8" if minute > -10 and draw < 0.3 else "7",
    )
    output = health(rows)
    assert output.summary is not None
    gap = output.summary.shown[0].newest
    assert gap is not None
    assert (gap.newest, gap.older, gap.at_once) == ("8", "7", True)
    assert gap.gap == pytest.approx(1.2, abs=0.3)
    assert gap.score > 5
    shares = {one.version: one for one in output.summary.shown[0].versions}
    assert shares["8"].share_after == pytest.approx(0.3, abs=0.1)
    assert shares["8"].since is not None
    assert shares["7"].since is None


def test_the_hour_does_not_speak_against_a_version_on_trial(health: Health, start: datetime) -> None:
    """Both versions score higher in the window: no difference between them."""
    rows = predictions(
        start,
        lambda minute, _version: 1.5 if minute > 0 else 0.0,
        lambda minute, draw: "8" if minute > -10 and draw < 0.4 else "7",
    )
    output = health(rows)
    assert output.summary is not None
    gap = output.summary.shown[0].newest
    assert gap is not None
    assert gap.at_once
    assert gap.score < 3


def test_a_version_that_took_over_is_said_to_have(health: Health, start: datetime) -> None:
    rows = predictions(
        start, lambda minute, _version: 1.0 if minute > 2 else 0.0, lambda minute, _draw: "8" if minute > 2 else "7"
    )
    summary = health(rows).summary
    assert summary is not None
    gap = summary.shown[0].newest
    assert gap is not None
    assert not gap.at_once
    assert gap.score > 4


def test_decisions_and_missing_scores_are_shares(health: Health, start: datetime) -> None:
    rows = predictions(start)
    for place, row in enumerate(rows):
        row["labels"] = [("decision", "declined" if row["score"] > 0.6 else "approved")]
        if row["ts"] >= start and place % 2:
            row["score"] = None
    summary = health(rows).summary
    assert summary is not None
    (model,) = summary.shown
    assert model.decided_before == pytest.approx(0.16, abs=0.05)
    assert model.unscored_before == 0
    assert model.unscored_after == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_handful_of_scores_says_nothing(health: Health, start: datetime, count: int) -> None:
    rows = predictions(start, count=count)
    summary = health(rows).summary
    assert summary is not None
    assert summary.shown[0].psi is None
    assert summary.models_changed == 0


def test_constant_odd_and_missing_values(health: Health, start: datetime) -> None:
    rows = predictions(start)
    for row in rows:
        row["score"] = 0.5
    rows += [{"ts": start, "entity": None, "model": None, "version": None, "score": float("nan"), "labels": None}]
    rows += [{"ts": start, "entity": "oven", "model": "crust", "version": "9", "score": float("inf"), "labels": []}]
    summary = health(rows).summary
    assert summary is not None
    assert summary.models_changed == 0


def test_nothing_is_no_data(health: Health) -> None:
    output = health([])
    assert (output.status, output.summary) == ("no_data", None)


def test_without_a_quiet_time_nothing_is_compared(health: Health, start: datetime) -> None:
    output = health([row for row in predictions(start) if row["ts"] >= start])
    assert output.status == "truncated"
    assert output.summary is not None
    assert output.summary.shown[0].score is None


def test_a_late_answer_is_an_error(
    make_store: Callable[..., SnapshotStore], start: datetime, passed: Deadline, windows: dict[str, Any]
) -> None:
    backend = SnapshotModels(make_store(predictions=predictions(start, count=3)))
    with pytest.raises(BackendError):
        backend.binned(HealthArgs(**windows), passed)
