"""What is asked where."""

from __future__ import annotations

import pytest

from opswarden.agents.triage.plan import rank_calls, survey_calls
from opswarden.agents.triage.types import Incident

QUIET = {"baseline_start": "2030-01-02T10:00:00Z", "baseline_end": "2030-01-02T12:00:00Z"}


def incident(*tables: str, **more: str) -> Incident:
    times = {"start": "2030-01-02T12:00:00Z", "end": "2030-01-02T12:30:00Z"}
    return Incident(title="t", environment="bakery", tables=tables, **times, **more)


@pytest.mark.parametrize(
    ("table", "tool"),
    [("outcomes", "outcomes.segments"), ("predictions", "models.health"), ("features", "features.health")],
)
def test_what_a_platform_does_not_keep_is_not_asked_for(table: str, tool: str) -> None:
    asked = [call.tool for call in survey_calls(incident(table, **QUIET))]
    assert asked.count(tool) == 1
    assert tool not in [call.tool for call in survey_calls(incident("metrics", **QUIET))]
    assert not survey_calls(incident(table))


def test_the_ranking_gets_what_there_is() -> None:
    artifacts = {"survey.metrics": "a1", "survey.outcomes": "a2", "survey.predictions": "a3", "survey.features": None}
    calls = rank_calls(incident(**QUIET), artifacts)
    assert [call.tool for call in calls] == ["attribution.rank", "attribution.changes"]
    for call in calls:
        assert (call.args["shifts"], call.args["outcomes"], call.args["models"]) == ("a1", "a2", "a3")
        assert "features" not in call.args


def test_a_cluster_is_looked_at_where_there_is_one() -> None:
    asked = {call.tool: call.args for call in survey_calls(incident("objects", **QUIET))}
    assert set(asked) >= {"kubernetes.workloads", "kubernetes.rollouts", "kubernetes.nodes"}
    assert set(asked["kubernetes.rollouts"]) == {"start", "end"}
    assert not [call for call in survey_calls(incident("events", **QUIET)) if call.tool.startswith("kubernetes")]
