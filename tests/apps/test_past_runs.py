"""What finished triages leave behind for the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import Action, Cost, Evidence, Incident, ModelUse, RankedCause, TriageReport
from opswarden.apps import past_runs
from opswarden.apps.past_runs import NOTHING_WRONG, PastRuns
from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tools.incidents.past import PastIncident, feature, joined

START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def report(run_id: str = "run_1", **changed: Any) -> TriageReport:
    patterns = [{"template": "gas * is out", "kind": "new"}, {"template": "all is well", "kind": "steady"}, "cut"]
    newest = [{"id": "chg-1", "kind": "config"}, {"id": "chg-2", "kind": "deploy"}]
    evidence = (
        Evidence(id="E1", tool="logs.patterns", scope={}, status="ok", summary={"top": patterns}),
        Evidence(id="E2", tool="changes.recent", scope={}, status="ok", summary={"newest": newest}),
    )
    given: dict[str, Any] = {
        "run_id": run_id,
        "incident": Incident(title="Cold bread", environment="bakery", start=START.isoformat(), end=START.isoformat(),
                             alert_name="ColdBread", alert_entity="shop"),
        "verdict": "cause_found",
        "summary": "The data points to oven (heat).",
        "ranking": (RankedCause(entity="oven", indicator="heat", change="chg-1", score=1.0, evidence=("E1",)),),
        "claims": (),
        "evidence": evidence,
        "cost": Cost(),
        "model": ModelUse(used=False),
    }  # fmt: skip
    return TriageReport(**(given | changed))


@pytest.fixture
def runs(tmp_path: Path) -> PastRuns:
    return PastRuns(SqliteDatabase(tmp_path / "state.sqlite"))


@pytest.fixture
def past(runs: PastRuns) -> Callable[[str], list[Any]]:
    return lambda team: list(runs.past(team, Deadline(FixedClock(START), 5)))


def test_a_triage_is_kept_with_what_it_shares(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    runs.remember(report(), "bakers")
    (found,) = past("bakers")
    assert (found.id, found.source, found.at, found.cause) == ("run_1", "run", START, "The data points to oven (heat).")
    assert (found.is_confirmed, found.resolution) == (False, "")
    assert found.features == {
        feature("alert", "ColdBread"), feature("entity", "oven"), feature("entity", "shop"),
        feature("indicator", "heat"), feature("log", "gas * is out"), feature("change", "config"),
    }  # fmt: skip


def test_another_team_sees_none_of_it(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    runs.remember(report(), "bakers")
    assert past("millers") == []


def test_once_and_what_could_not_tell_too(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    runs.remember(report(), "bakers")
    runs.remember(report(summary="another"), "bakers")
    runs.remember(report("run_3", verdict="inconclusive"), "bakers")
    assert {(one.id, one.cause) for one in past("bakers")} == {
        ("run_1", "The data points to oven (heat)."), ("run_3", ""),
    }  # fmt: skip


def test_a_healthy_run_is_kept_with_its_alert_and_with_what_people_say_it_was(
    runs: PastRuns, past: Callable[[str], list[Any]]
) -> None:
    runs.remember(report(verdict="healthy"), "bakers")
    (found,) = past("bakers")
    assert (found.nothing_wrong, found.cause) == ("triage", "")
    assert found.features == {feature("alert", "ColdBread"), feature("entity", "shop")}
    runs.said_cause("run_1", [])
    (found,) = past("bakers")
    assert (found.nothing_wrong, found.report_was) == ("people", "right")
    runs.said_cause("run_1", ["mill"], "chg-7")
    (found,) = past("bakers")
    assert (found.nothing_wrong, found.cause, found.report_was) == (None, "mill, change chg-7", "wrong")
    assert feature("entity", "mill") in found.features


def test_a_report_that_could_not_tell_is_partly_right_if_it_names_the_cause(
    runs: PastRuns, past: Callable[[str], list[Any]]
) -> None:
    runs.remember(report(verdict="inconclusive"), "bakers")
    for cause, opinion in (("oven", "partly"), ("mill", "wrong")):
        runs.said_cause("run_1", [cause])
        assert past("bakers")[0].report_was == opinion


def test_an_alert_that_flaps_pushes_no_incident_out(
    runs: PastRuns, past: Callable[[str], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_runs, "_MOST_RUNS", 2)
    runs.remember(report("run_old"), "bakers")
    for number in range(3):
        later = (START + timedelta(hours=number)).isoformat()
        incident = Incident(title="Cold bread", environment="bakery", start=later, end=later)
        runs.remember(report(f"run_{number}", verdict="healthy", incident=incident), "bakers")
    assert [one.id for one in past("bakers")] == ["run_old", "run_2", "run_1"]


def test_what_was_done_with_leave_is_what_solved_it(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    actions = tuple(Action(tool=f"oven.{status}", args={}, decision="x", status=status) for status in ("ok", "denied"))
    runs.remember(report(actions=actions), "bakers")
    assert past("bakers")[0].resolution == "oven.ok was run from this triage"


def test_no_time_is_no_answer(runs: PastRuns) -> None:
    clock = FixedClock(START)
    deadline = Deadline(clock, 1)
    clock.advance(timedelta(seconds=2).total_seconds())
    with pytest.raises(BackendError):
        runs.past("bakers", deadline)


def test_what_people_say_of_a_triage_goes_with_it(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    runs.remember(report(), "bakers")
    runs.said_solved("run_1", "the gas valve was\n opened again")
    (found,) = past("bakers")
    assert (found.resolution, found.is_confirmed, found.report_was) == ("the gas valve was opened again", False, None)
    runs.said_of_report("run_1", "partly")
    assert past("bakers")[0].report_was == "partly"
    runs.said_cause("run_1", ["oven"], "chg-1")
    (found,) = past("bakers")
    assert (found.cause, found.is_confirmed, found.report_was) == ("oven, change chg-1", True, "right")
    runs.said_cause("run_1", ["ove"])  # a part of the name is another entity
    (found,) = past("bakers")
    assert (found.cause, found.report_was) == ("ove", "wrong")
    runs.said_cause("run_1", [])
    assert past("bakers")[0].cause == NOTHING_WRONG


def test_what_is_said_of_no_triage_is_kept_nowhere(runs: PastRuns, past: Callable[[str], list[Any]]) -> None:
    runs.said_cause("run_9", ["oven"])
    runs.said_of_report("run_9", "wrong")
    runs.said_solved("", "magic")
    assert past("bakers") == []


def test_a_postmortem_wins_over_what_was_said_but_keeps_the_opinion(
    runs: PastRuns, past: Callable[[str], list[Any]]
) -> None:
    runs.remember(report(), "bakers")
    runs.said_cause("run_1", ["mill"])
    written = PastIncident("p.md", "postmortem", None, "", frozenset(), cause="oven", is_confirmed=True, run_id="run_1")
    (found,) = joined([*past("bakers"), written])
    assert (found.cause, found.report_was) == ("oven", "wrong")
