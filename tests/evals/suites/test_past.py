"""Past incidents: labels from postmortems, evidence cut off, how early the true cause is pointed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.core.errors import InputError
from opswarden.evals.cases import Case, Truth
from opswarden.evals.cutting import front_matter
from opswarden.evals.past import PastIncident, find_incidents, truth_of
from opswarden.evals.suite import SuiteResult
from opswarden.evals.suites.past import points_of, run_past
from opswarden.tools.snapshots.store import SnapshotStore

Reports = Mapping[int, TriageReport]


@pytest.fixture
def folder(tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Callable[..., Truth]) -> Path:
    """Two incidents whose alert fired a minute after the start; heat rises three minutes later."""
    root = tmp_path / "incidents"
    root.mkdir()
    for name in ("one", "two"):
        rows = [series("oven", "heat", [1.0] * 30, [1.0] * 4 + [9.0] * 20)]
        write_case(root / name, blame("oven", change="c"), rows, alert_entity="door", changes=[(-2, "oven", "c")])
    return root


def seen_in(case: Case) -> float:
    store = SnapshotStore(case.snapshot)
    try:
        return float(store.query("SELECT max(value) AS most FROM metrics")["most"].to_pylist()[0])
    finally:
        store.close()


@pytest.fixture
def by_heat(report: Callable[..., TriageReport]) -> Callable[[Case], TriageReport]:
    """Names the oven once its heat can be seen, and the door before."""

    def triage(case: Case) -> TriageReport:
        if seen_in(case) > 1:
            return report(("oven", "heat", "c"), ("door", None, None))
        return report(("door", None, None), ("oven", None, None))

    return triage


def test_how_early_it_points_to_the_cause(folder: Path, by_heat: Callable[[Case], TriageReport]) -> None:
    result = run_past(find_incidents(folder), by_heat, minutes=(0, 2, 5))
    values = {name: found.value for name, found in result.metrics.items()}
    assert values == {
        "top1": 1.0,
        "top3": 1.0,
        "change_top1": 1.0,
        "verdict_found": 1.0,
        "wrong_cause": 1.0,  # before its heat could be seen, the door was named as the cause
        "first_by_0": 0.0,
        "among_three_by_0": 1.0,
        "first_by_2": 0.0,
        "among_three_by_2": 1.0,
        "first_by_5": 1.0,
        "among_three_by_5": 1.0,
    }
    (first, _) = result.cases
    assert (first.details["minutes_to_first"], first.details["minutes_to_three"]) == (5, 0)
    assert [look["ranking"][0] for look in first.details["looks"]] == ["door", "door", "oven"]
    assert first.cost["model_calls"] == 6
    assert "wrong_cause" in result.lower_is_better


def test_nothing_later_than_the_cut_reaches_the_triage(folder: Path, report: Callable[..., TriageReport]) -> None:
    lasts = []

    def triage(case: Case) -> TriageReport:
        assert not (case.snapshot.parent / "truth.json").exists()
        store = SnapshotStore(case.snapshot)
        alert = store.manifest.alert
        assert alert is not None
        assert alert.ts is not None
        last = store.span("metrics").last
        assert last is not None
        lasts.append((last - alert.ts).total_seconds() / 60)
        store.close()
        return report(("oven", "heat", None))

    run_past(find_incidents(folder), triage, minutes=(5, 0))
    assert lasts == [0, 5, 0, 5]


def test_a_broken_incident_is_an_error_and_no_wrong_answer(folder: Path, report: Callable[..., TriageReport]) -> None:
    (folder / "two" / "truth.json").write_text("{}")
    (folder / "three" / "postmortem.md").parent.mkdir()
    (folder / "three" / "postmortem.md").write_text("---\ncause: oven\n---\n")
    result = run_past(find_incidents(folder), lambda _: report(("oven", "heat", None)))
    assert (result.n, result.errors) == (1, 2)
    reasons = {case.id: case.error for case in result.cases}
    assert reasons["three"] == "InputError: the incident has no snapshot folder"
    assert "no usable truth.json" in str(reasons["two"])


def test_labels_from_postmortems(folder: Path, by_heat: Callable[[Case], TriageReport]) -> None:
    (folder / "one" / "truth.json").unlink()
    (folder / "one" / "postmortem.md").write_text("---\ncause: door\nverdict: cause_found\n---\nIt was the door.\n")
    (folder / "two" / "truth.json").unlink()
    (folder / "two" / "postmortem.md").write_text("---\nverdict: healthy\n---\nA false alarm.\n")
    incidents = find_incidents(folder)
    assert [incident.truth and incident.truth.verdict for incident in incidents] == ["cause_found", "healthy"]
    result = run_past(incidents, by_heat)
    assert result.metrics["verdict_right"].value == 0.0
    assert result.metrics["wrong_cause"].value == 1.0


FRONTS: list[tuple[dict[str, object], str]] = [
    ({}, "neither a cause nor a verdict"),
    ({"cause": 7}, "neither a name nor a list"),
    ({"cause": ["oven", 3]}, "neither a name nor a list"),
    ({"cause": "oven", "verdict": "healthy"}, "contradict"),
    ({"verdict": "cause_found"}, "contradict"),
    ({"cause": "oven", "verdict": "maybe"}, "does not fit"),
]


@pytest.mark.parametrize(("fields", "problem"), FRONTS)
def test_front_matter_that_says_nothing_usable(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        truth_of(fields)


BOMB = "\n".join([f"a0: &a0 [{'x,' * 10}]", *(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]" for n in range(1, 12))])


@pytest.mark.parametrize(
    "front",
    ["d: !!int x", f"d: {'9' * 6_000}", "[" * 3_000, f"{BOMB}\nindicator: *a11\ncause: oven", "a: [1"],
    ids=["no number", "endless number", "deep", "aliases of aliases", "cut"],
)
def test_front_matter_that_no_person_wrote_says_nothing(front: str) -> None:
    assert front_matter(f"---\n{front}\n---\n# A page\n") == {}


def test_front_matter() -> None:
    found = truth_of({"cause": ["oven", "mixer"], "change": 41, "title": "late bread", "group": "heat"})
    assert [(cause.entity, cause.change) for cause in found.causes] == [("oven", "41"), ("mixer", "41")]
    assert (found.verdict, found.group) == ("cause_found", "heat")


def test_points_for_the_curve(folder: Path, by_heat: Callable[[Case], TriageReport]) -> None:
    def points(result: SuiteResult) -> list[tuple[str, float, bool]]:
        return [(name, point.score, point.is_right) for name, point in points_of(result)]

    incidents = find_incidents(folder)
    assert points(run_past(incidents, by_heat)) == [("one", 1.0, True), ("two", 1.0, True)]
    assert points(run_past(incidents, by_heat, minutes=(0,))) == [("one", 1.0, False), ("two", 1.0, False)]
    calm = [PastIncident("calm", incidents[0].snapshot, Truth(verdict="healthy"))]
    assert points(run_past(calm, by_heat)) == [("calm", 1.0, False)]


def test_what_cannot_be_run(folder: Path, tmp_path: Path, by_heat: Callable[[Case], TriageReport]) -> None:
    with pytest.raises(InputError, match="no cut-off"):
        run_past(find_incidents(folder), by_heat, minutes=())
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="holds no incident"):
        find_incidents(empty)
    with pytest.raises(InputError, match="is no folder"):
        find_incidents(tmp_path / "none")
