from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from opswarden.evals.cases import Cause, Truth
from opswarden.evals.scoring.changes import BASELINES, ChangesAnswer, answer_of, score
from opswarden.evals.scoring.view import CaseView, ChangeSeen

WITH = Truth(causes=(Cause(entity="oven", change="c1"),), verdict="cause_found")
WITHOUT = Truth(causes=(Cause(entity="oven"),), verdict="cause_found")
HEALTHY = Truth(verdict="healthy")


@pytest.mark.parametrize(
    ("truth", "answer", "expected"),
    [
        (WITH, ChangesAnswer("c1", ("c1", "c2")), {"right": 1, "decoy_named": 0, "hr1": 1, "hr3": 1, "mrr": 1}),
        (WITH, ChangesAnswer("c2", ("c2", "c1")), {"right": 0, "decoy_named": 1, "hr1": 0, "hr3": 1, "mrr": 0.5}),
        (WITH, ChangesAnswer(None, ("c2",)), {"right": 0, "decoy_named": 0, "hr1": 0, "hr3": 0, "mrr": 0}),
        (WITHOUT, ChangesAnswer(None, ("c2",)), {"right": 1, "decoy_named": 0, "none_right": 1}),
        (WITHOUT, ChangesAnswer("c2", ("c2",)), {"right": 0, "decoy_named": 1, "none_right": 0}),
        (HEALTHY, ChangesAnswer(None, ()), {"right": 1, "decoy_named": 0, "none_right": 1}),
    ],
)
def test_scores(truth: Truth, answer: ChangesAnswer, expected: dict[str, float]) -> None:
    assert score(truth, answer) == expected


def report(ranking: list[str | None], judged: list[tuple[str, float]] | None) -> Any:
    rows = [{"change": change, "probability": value} for change, value in judged or ()]
    evidence = [
        SimpleNamespace(tool="changes.recent", summary={"changes": 3}),
        SimpleNamespace(tool="attribution.changes", summary=None if judged is None else {"changes": rows}),
    ]
    return SimpleNamespace(ranking=[SimpleNamespace(change=change) for change in ranking], evidence=evidence)


def test_the_answer_is_the_first_change_of_the_ranking_and_the_order_of_the_judgement() -> None:
    found = answer_of(report([None, "c2", "c9"], [("c1", 0.4), ("c2", 0.3), ("c3", 0.0)]))
    assert found == ChangesAnswer("c2", ("c2", "c1"))
    assert answer_of(report([None], [("c1", 0.1)])) == ChangesAnswer(None, ("c1",))
    assert answer_of(report([], None)) == ChangesAnswer(None, ())


def view(truth: Truth, *changes: tuple[str, str]) -> CaseView:
    seen = tuple(ChangeSeen(datetime(2030, 1, 1, tzinfo=UTC), entity, id) for entity, id in changes)
    made: Any = SimpleNamespace(truth=truth, changes=seen, alert_entity="oven")
    return made


def values(name: str, seen: CaseView) -> dict[str, float]:
    return dict(next(item for item in BASELINES if item.name == name).measure(seen).values)


def test_the_baselines_name_what_they_say() -> None:
    seen = view(WITH, ("till", "c2"), ("oven", "c1"))
    assert values("latest", seen)["right"] == 0
    assert values("latest", seen)["hr3"] == 1
    assert values("alert_latest", seen)["right"] == 1
    assert values("always_none", seen) == {"right": 0, "decoy_named": 0, "hr1": 0, "hr3": 0, "mrr": 0}
    assert values("always_none", view(WITHOUT, ("oven", "c1")))["none_right"] == 1


def test_a_random_answer_is_computed() -> None:
    seen = values("random", view(WITH, ("till", "c2"), ("oven", "c1")))
    assert seen["right"] == seen["decoy_named"] == pytest.approx(1 / 3)
    assert (seen["hr1"], seen["hr3"], seen["mrr"]) == (0.5, 1, pytest.approx(0.75))
    assert values("random", view(WITHOUT, ("oven", "c1")))["none_right"] == 0.5
    assert values("random", view(WITHOUT))["right"] == 1
