"""The suite `rollouts` on a sample of its rollouts; the whole of it is what `opswarden eval run rollouts` runs."""

from __future__ import annotations

import pytest

from opswarden.evals.suites.rollouts import run_rollouts


@pytest.mark.soak
def test_the_targets_hold_on_other_seeds() -> None:
    for seed in (11, 12):
        cells = run_rollouts(seed=seed).groups["simulated"].groups
        assert cells["rate 2.0 % = 2.0 %"].metrics["false_alarm"].value <= 0.02
        assert cells["rate, lag-1 correlation 0.7"].metrics["false_alarm"].value <= 0.02
        assert cells["rate 2.0 % to 2.6 %"].metrics["power"].value >= 0.92


def test_correlated_minutes_cost_the_usual_tests_more_than_ours() -> None:
    result = run_rollouts(limit=60)
    cells, looks = result.groups["simulated"].groups, {case.id: case.details["median_look"] for case in result.cases}
    alike = cells["rate, lag-1 correlation 0.7"]
    assert alike.metrics["false_alarm"].value <= 0.05
    assert alike.baseline["msprt"]["false_alarm"].value >= 0.1
    assert alike.baseline["mann_whitney"]["false_alarm"].value >= 0.1
    assert cells["rate 2.0 % = 2.0 %"].metrics["false_alarm"].value <= 0.07
    assert cells["rate 2.0 % = 2.0 %"].baseline["z_peek"]["false_alarm"].value >= 0.15
    assert cells["rate 2.0 % to 2.6 %"].metrics["power"].value >= 0.85
    assert looks["rate 2.0 % to 2.6 %"]["opswarden"] <= 30
    assert result.metrics["false_pass"].value <= 0.05
