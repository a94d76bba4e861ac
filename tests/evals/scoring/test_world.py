"""The score of an answer to a sandbox incident."""

from __future__ import annotations

import pytest

from opswarden.evals.cases import Cause, Truth
from opswarden.evals.scoring.rca import RcaAnswer
from opswarden.evals.scoring.world import score_world

ONE = Truth(causes=(Cause(entity="oven", change="c-2"),), verdict="cause_found")
TWO = Truth(causes=(Cause(entity="oven"), Cause(entity="till")), verdict="cause_found")
NONE = Truth(verdict="healthy")


def test_a_cause_is_scored_like_any_other() -> None:
    answer = RcaAnswer(("mixer", "oven"), changes=("c-2",), verdict="cause_found")
    assert score_world(ONE, answer) == {"top1": 0.0, "top3": 1.0, "change_top1": 1.0, "verdict_found": 1.0}


@pytest.mark.parametrize(
    ("ranking", "both"), [(("oven", "a", "b", "c", "till"), 1.0), (("oven", "a", "b", "c", "d", "till"), 0.0)]
)
def test_of_two_causes_both_are_wanted_among_five(ranking: tuple[str, ...], both: float) -> None:
    assert score_world(TWO, RcaAnswer(ranking))["all_in_5"] == both


@pytest.mark.parametrize(("verdict", "value"), [("cause_found", 1.0), ("inconclusive", 0.0), ("healthy", 0.0)])
def test_a_cause_where_nothing_is_wrong_is_false(verdict: str, value: float) -> None:
    answer = RcaAnswer(("oven",), verdict=verdict)  # type: ignore[arg-type]  # one of the verdicts
    assert score_world(NONE, answer) == {"false_cause": value}
    assert score_world(NONE, RcaAnswer(("oven",))) == {}
