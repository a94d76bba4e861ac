"""The whole run: figures, baselines beside them, and errors kept apart from wrong answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.core.errors import BackendError, InputError
from opswarden.evals.cases import Case, Truth
from opswarden.evals.scoring.baselines import Baseline
from opswarden.evals.scoring.rca import RcaAnswer
from opswarden.evals.scoring.view import CaseView
from opswarden.evals.suite import NothingScored, SuiteResult
from opswarden.evals.suites.rca import run_rca

Triage = Callable[[Case], TriageReport]


@pytest.fixture
def cases(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Callable[..., Truth]
) -> tuple[Case, ...]:
    """Four cases of two sub-sets; the metrics point to the true cause in the first three."""
    plan = [("oven", "hot", "oven"), ("oven", "hot", "oven"), ("mixer", "cold", "mixer"), ("till", "cold", "oven")]
    made = []
    for number, (cause, group, loudest) in enumerate(plan, start=1):
        rows = [
            series(name, "load", [8, 9, 10, 11, 12], [10, 40] if name == loudest else [10, 11])
            for name in ("oven", "mixer", "till", "door")
        ]
        truth = blame(cause, indicator="load", change=f"c-{cause}", group=group)
        folder = tmp_path / f"case-{number:04d}"
        made.append(write_case(folder, truth, rows, alert_entity="door", changes=[(-5, "oven", "c-oven")]))
    return tuple(made)


@pytest.fixture
def always_oven(report: Callable[..., TriageReport]) -> Triage:
    return lambda case: report(("oven", "load", "c-oven"), ("mixer", "load", None))


def test_the_figures(cases: tuple[Case, ...], always_oven: Triage) -> None:
    result = run_rca(cases, always_oven, seed=5)
    assert (result.n, result.errors, result.seed, result.suite) == (4, 0, 5, "rca")
    values = {name: estimate.value for name, estimate in result.metrics.items()}
    assert values == pytest.approx(
        {
            "top1": 0.5,
            "top3": 0.75,
            "avg5": (1 + 1 + 0.8 + 0) / 4,
            "indicator_top1": 0.5,
            "change_top1": 0.5,
            "change_top3": 0.5,
            "verdict_found": 1.0,
        }
    )
    for estimate in result.metrics.values():
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.low < estimate.high  # four cases never give certainty


def test_baselines_stand_beside_every_figure(cases: tuple[Case, ...], always_oven: Triage) -> None:
    result = run_rca(cases, always_oven)
    top1 = {name: metrics["top1"].value for name, metrics in result.baseline.items()}
    assert top1 == pytest.approx(
        {
            "constant": 0.5,  # oven twice in its own sub-set; in the other each names the other one
            "constant_hindsight": 0.5,
            "alert": 0.0,
            "recent_change": 0.5,
            "random": 0.25,
            "nsigma": 0.75,
            "baro": 0.75,
        }
    )
    assert set(result.baseline["nsigma"]) == {"top1", "top3", "avg5", "indicator_top1"}  # it answers no more than that
    assert {estimate.n for estimate in result.baseline["random"].values()} == {4}


def test_sets_and_sub_sets_have_their_own_figures(cases: tuple[Case, ...], always_oven: Triage) -> None:
    moved = tuple(case.model_copy(update={"set_name": "kiosk"}) if case.id == "case-0004" else case for case in cases)
    result = run_rca(moved, always_oven)
    assert list(result.groups) == ["bakery", "kiosk"]
    bakery, kiosk = result.groups["bakery"], result.groups["kiosk"]
    assert (bakery.n, bakery.metrics["top1"].value) == (3, pytest.approx(2 / 3))
    assert (kiosk.n, kiosk.metrics["top1"].value, kiosk.baseline["nsigma"]["top1"].value) == (1, 0.0, 0.0)
    assert {name: group.metrics["top1"].value for name, group in bakery.groups.items()} == {"hot": 1.0, "cold": 0.0}
    assert kiosk.groups == {}  # one sub-set is the set
    assert "constant" not in kiosk.baseline  # there was no other case to learn from: no figure rather than 0


def test_the_json_is_the_contract(cases: tuple[Case, ...], always_oven: Triage) -> None:
    result = run_rca(cases, always_oven, seed=5)
    told = json.loads(result.model_dump_json())
    assert {"suite", "n", "metrics", "baseline", "cases", "errors", "seed", "version"} <= set(told)
    assert (told["suite"], told["n"], told["errors"], told["seed"], told["version"]) == ("rca", 4, 0, 5, 1)
    assert {"value", "low", "high"} <= set(told["metrics"]["top1"])
    assert {"value", "low", "high"} <= set(told["baseline"]["constant"]["top1"])
    assert [case["id"] for case in told["cases"]] == [f"case-{number:04d}" for number in range(1, 5)]
    assert told["models"] == ["tiny/model"]
    assert told["circumstances"]["prompts"] == {"diagnose": "0a1b"}
    assert told["cost"]["usd"] == pytest.approx(1.0)
    assert SuiteResult.model_validate_json(result.model_dump_json()) == result


def test_the_same_seed_gives_the_same_result(cases: tuple[Case, ...], always_oven: Triage) -> None:
    assert run_rca(cases, always_oven, seed=5) == run_rca(cases[::-1], always_oven, seed=5)


def broken(case: Case) -> TriageReport:
    raise BackendError("the snapshot could not answer a query")


def crashing(case: Case) -> TriageReport:
    raise KeyError("secret-from-the-data")


BREAKS: list[tuple[str, Triage, str]] = [
    ("an error of ours tells its reason", broken, "BackendError: the snapshot could not answer a query"),
    ("any other tells its class and nothing it may quote", crashing, "unexpected KeyError"),
]


@pytest.mark.parametrize(("breaks", "reason"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_a_broken_case_is_no_wrong_answer(
    breaks: Triage, reason: str, cases: tuple[Case, ...], always_oven: Triage
) -> None:
    result = run_rca(cases, lambda case: breaks(case) if case.id == "case-0004" else always_oven(case))
    assert (result.n, result.errors) == (3, 1)
    assert result.metrics["top1"].value == pytest.approx(2 / 3)
    assert result.metrics["top1"].n == result.baseline["nsigma"]["top1"].n == 3
    last = result.cases[-1]
    assert (last.error, last.metrics, last.group) == (reason, {}, "cold")
    assert "secret-from-the-data" not in result.model_dump_json()


def test_a_wrong_answer_is_no_error(cases: tuple[Case, ...], report: Callable[..., TriageReport]) -> None:
    result = run_rca(cases, lambda case: report(verdict="inconclusive"))
    assert (result.n, result.errors) == (4, 0)
    assert result.metrics["top3"].value == result.metrics["verdict_found"].value == 0.0


def test_a_known_problem_and_a_lost_label_are_errors(cases: tuple[Case, ...], always_oven: Triage) -> None:
    (cases[1].folder / "truth.json").write_text("{}")
    given = (cases[0].model_copy(update={"problem": "its metrics are empty"}), *cases[1:])
    result = run_rca(given, always_oven)
    assert (result.n, result.errors) == (2, 2)
    assert result.cases[0].error == "InputError: its metrics are empty"
    assert "truth.json" in (result.cases[1].error or "")


@pytest.mark.parametrize("value", [float("nan"), 1.5, -0.1])
def test_a_broken_scorer_is_an_error(value: float, cases: tuple[Case, ...], always_oven: Triage) -> None:
    def scorer(truth: Truth, answer: RcaAnswer, /) -> Mapping[str, float]:
        return {"top1": value if truth.causes[0].entity == "till" else 1.0}

    result = run_rca(cases, always_oven, scorer=scorer)
    assert (result.n, result.errors, result.metrics["top1"].value) == (3, 1, 1.0)
    assert "impossible value" in (result.cases[-1].error or "")


def test_a_broken_baseline_leaves_the_score_and_has_no_value_itself(
    cases: tuple[Case, ...], always_oven: Triage
) -> None:
    def breaks(view: CaseView) -> Any:
        raise ZeroDivisionError

    result = run_rca(cases, always_oven, baselines=(Baseline("odd", "breaks", breaks),))
    assert (result.n, result.errors, result.baseline) == (4, 0, {})
    assert {case.baseline_errors["odd"] for case in result.cases} == {"unexpected ZeroDivisionError"}


def test_a_run_in_which_everything_broke_gives_no_score(cases: tuple[Case, ...]) -> None:
    with pytest.raises(NothingScored, match="all 4 cases broke") as caught:
        run_rca(cases, broken)
    assert caught.value.exit_code == 1
    assert (caught.value.result.n, caught.value.result.errors, caught.value.result.metrics) == (0, 4, {})


def test_healthy_cases_count_for_specificity_only(
    tmp_path: Path, cases: tuple[Case, ...], write_case: Callable[..., Case], series: Any, always_oven: Triage
) -> None:
    quiet = write_case(tmp_path / "case-0009", Truth(verdict="healthy"), [series("oven", "load", [8, 12], [9, 11])])
    result = run_rca((*cases, quiet), always_oven)
    assert result.n == 5
    assert (result.metrics["verdict_right"].n, result.metrics["verdict_right"].value) == (1, 0.0)
    assert result.metrics["top1"].n == 4
    assert result.baseline["random"]["verdict_right"].value == pytest.approx(1 / 3)


def test_a_limit_takes_the_same_few_of_every_set(cases: tuple[Case, ...], always_oven: Triage) -> None:
    named = tuple(case.model_copy(update={"set_name": "kiosk"}) if case.id > "case-0002" else case for case in cases)
    result = run_rca(named, always_oven, limit=1, seed=3)
    assert {name: group.n for name, group in result.groups.items()} == {"bakery": 1, "kiosk": 1}
    assert result == run_rca(named[::-1], always_oven, limit=1, seed=3)
    drawn = {tuple(case.id for case in run_rca(named, always_oven, limit=1, seed=seed).cases) for seed in range(12)}
    assert len(drawn) > 1


def test_progress_counts_every_case(cases: tuple[Case, ...]) -> None:
    seen: list[tuple[int, int]] = []
    with pytest.raises(NothingScored):
        run_rca(cases, broken, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_unusable_runs_are_refused(cases: tuple[Case, ...], always_oven: Triage) -> None:
    with pytest.raises(InputError, match="no case"):
        run_rca((), always_oven)
    with pytest.raises(InputError, match="same id"):
        run_rca((cases[0], cases[0]), always_oven)
    with pytest.raises(InputError, match="below 1"):
        run_rca(cases, always_oven, limit=0)


def test_with_its_start_moved_an_incident_is_compared_with_itself(
    cases: tuple[Case, ...], report: Callable[..., TriageReport]
) -> None:
    case = cases[0]
    moved = [case.model_copy(update={"id": f"{case.id}{name}"}) for name in ("@start-2m", "@start+2m")]
    entities = {case.id: "oven", moved[0].id: "oven", moved[1].id: "mill"}
    result = run_rca([*moved, case], lambda one: report((entities[one.id], None, None)))
    found = {one.id: one.metrics for one in result.cases}
    assert (found[moved[0].id], found[moved[1].id]) == ({"same_first": 1.0}, {"same_first": 0.0})
    assert "same_first" not in found[case.id]
    assert result.metrics["same_first"].n == 2
    alone = run_rca([*moved, cases[1]], lambda one: report(("oven", None, None)))
    assert alone.errors == 2, "without the incident itself there is nothing to compare with"
