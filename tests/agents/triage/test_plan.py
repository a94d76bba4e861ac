"""What is asked where."""

from __future__ import annotations

import pytest

from opswarden.agents.triage.plan import onset_call, rank_calls, survey_calls
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


@pytest.mark.parametrize(
    ("alert", "is_asked"),
    [
        ({"alert_metric": "decline_rate"}, True),
        ({"alert_entity": "card-gateway"}, True),
        ({"alert_name": "ApprovalRateLow"}, True),
        ({"alert_name": "QueueDeep", "alert_entity": "mailer", "alert_metric": "queue_depth"}, False),
        ({}, False),
    ],
)
def test_payments_are_explained_where_the_alert_is_about_them(alert: dict[str, str], is_asked: bool) -> None:
    artifacts = {"survey.outcomes": "a2", "survey.features": "a4", "scope.notices": None}
    asked = {call.tool: call.args for call in rank_calls(incident(**QUIET, **alert), artifacts)}
    assert ("outcomes.explain" in asked) is is_asked
    if is_asked:
        args = asked["outcomes.explain"]
        assert (args["features"], args["baseline_end"], "notices" in args) == ("a4", QUIET["baseline_end"], False)
    assert "outcomes.explain" not in {call.tool for call in rank_calls(incident(**QUIET, **alert), {})}


def test_a_cluster_is_looked_at_where_there_is_one() -> None:
    asked = {call.tool: call.args for call in survey_calls(incident("objects", **QUIET))}
    assert set(asked) >= {"kubernetes.workloads", "kubernetes.rollouts", "kubernetes.nodes"}
    assert set(asked["kubernetes.rollouts"]) == {"start", "end"}
    assert not [call for call in survey_calls(incident("events", **QUIET)) if call.tool.startswith("kubernetes")]


def test_everything_is_compared_from_the_beginning_by_the_data() -> None:
    told = incident(**QUIET)
    asked = onset_call(told)
    assert asked is not None
    assert (asked.args["start"], asked.args["baseline_end"]) == (told.start, told.baseline_end)
    began = {"began": "2030-01-02T12:02:00Z", "quiet_until": "2030-01-02T12:01:30Z"}
    known = told.model_copy(update=began)
    windows = [call.args for call in survey_calls(known) if "baseline_end" in call.args]
    assert len(windows) > 4
    assert {(args["start"], args["baseline_end"]) for args in windows} == {tuple(began.values())}
    assert {call.args["start"] for call in rank_calls(known, {})} == {began["began"]}
    assert known.start == told.start, "what was told stays what it was"


def test_without_a_quiet_time_nobody_can_say_when_it_began() -> None:
    assert onset_call(incident()) is None
