"""The score of an answer, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.core.errors import InputError
from opswarden.evals.cases import Cause, Truth
from opswarden.evals.scoring.rca import RcaAnswer, answer_of, hit, mean_hit, score

RANKS = [
    ("first place", ("oven", "mixer"), {"oven"}, 1, 1, 1.0),
    ("second place", ("mixer", "oven"), {"oven"}, 0, 1, 0.8),
    ("third place", ("mixer", "till", "oven"), {"oven"}, 0, 1, 0.6),
    ("fourth place", ("mixer", "till", "door", "oven"), {"oven"}, 0, 0, 0.4),
    ("sixth place is too late", ("a", "b", "c", "d", "e", "oven"), {"oven"}, 0, 0, 0.0),
    ("absent", ("mixer", "till"), {"oven"}, 0, 0, 0.0),
    ("an empty ranking", (), {"oven"}, 0, 0, 0.0),
    ("a name said twice takes one place", ("mixer", "mixer", "till", "oven"), {"oven"}, 0, 1, 0.6),
    ("one of two true causes is enough", ("mixer", "till", "oven"), {"oven", "till"}, 0, 1, 0.8),
    ("another spelling is another name", ("Oven", "oven-1", "the oven"), {"oven"}, 0, 0, 0.0),
]


@pytest.mark.parametrize(
    ("ranking", "wanted", "top1", "top3", "avg5"), [r[1:] for r in RANKS], ids=[r[0] for r in RANKS]
)
def test_hits(ranking: tuple[str, ...], wanted: set[str], top1: int, top3: int, avg5: float) -> None:
    assert hit(ranking, wanted, 1) == top1
    assert hit(ranking, wanted, 3) == top3
    assert mean_hit(ranking, wanted) == pytest.approx(avg5)


OVEN = Cause(entity="oven", indicator="heat", change="c-2")
FULL = Truth(causes=(OVEN,), verdict="cause_found")
PLAIN = Truth(causes=(Cause(entity="oven"),), verdict="cause_found")
HEALTHY = Truth(verdict="healthy")


def answer(**parts: Any) -> RcaAnswer:
    return RcaAnswer(**{"entities": ("oven",), "indicators": (), "changes": (), "verdict": "cause_found"} | parts)


SCORES = [
    ("the indicator counts with its entity", FULL, answer(indicators=(("oven", "heat"),)), "indicator_top1", 1),
    ("the right indicator elsewhere is wrong", FULL, answer(indicators=(("mixer", "heat"),)), "indicator_top1", 0),
    ("only the first is asked", FULL, answer(indicators=(("till", "x"), ("oven", "heat"))), "indicator_top1", 0),
    ("a label without indicator asks for none", PLAIN, answer(indicators=(("oven", "heat"),)), "indicator_top1", None),
    ("the first change", FULL, answer(changes=("c-2", "c-1")), "change_top1", 1),
    ("the third change", FULL, answer(changes=("c-3", "c-1", "c-2")), "change_top1", 0),
    ("the third change within three", FULL, answer(changes=("c-3", "c-1", "c-2")), "change_top3", 1),
    ("no change named is a miss", FULL, answer(), "change_top3", 0),
    ("a method that knows no changes is not asked", FULL, answer(changes=None), "change_top1", None),
    ("a label without change asks for none", PLAIN, answer(changes=("c-2",)), "change_top1", None),
    ("an unsure verdict", FULL, answer(verdict="inconclusive"), "verdict_found", 0),
    ("an unsure verdict does not undo the ranking", FULL, answer(verdict="inconclusive"), "top1", 1),
    ("healthy and said so", HEALTHY, answer(entities=(), verdict="healthy"), "verdict_right", 1),
    ("healthy and accused", HEALTHY, answer(), "verdict_right", 0),
    ("healthy has no first place", HEALTHY, answer(), "top1", None),
    ("a sick system has no healthy verdict to get right", FULL, answer(), "verdict_right", None),
]


@pytest.mark.parametrize(("truth", "given", "metric", "value"), [r[1:] for r in SCORES], ids=[r[0] for r in SCORES])
def test_score(truth: Truth, given: RcaAnswer, metric: str, value: float | None) -> None:
    assert score(truth, given).get(metric) == value


def test_a_label_that_names_no_cause_is_refused() -> None:
    with pytest.raises(InputError, match="names no cause"):
        score(Truth(verdict="cause_found"), answer())


def test_a_report_is_read_in_its_order(report: Callable[..., TriageReport]) -> None:
    given = answer_of(report(("mixer", None, None), ("oven", "heat", "c-2"), ("till", "queue", "c-1")))
    assert given == RcaAnswer(
        entities=("mixer", "oven", "till"),
        indicators=(("mixer", None), ("oven", "heat"), ("till", "queue")),
        changes=("c-2", "c-1"),
        verdict="cause_found",
    )
