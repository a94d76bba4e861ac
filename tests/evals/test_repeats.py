"""Several answers to one case: the mean counts, the spread is told, lost answers are counted apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.core.errors import InputError, ModelError
from opswarden.evals.cases import Case
from opswarden.evals.repeats import lost, merge, pooled_spread
from opswarden.evals.running import run_cases
from opswarden.evals.scoring.rca import SUITE
from opswarden.evals.suite import CaseScore, NothingScored, SuiteResult, Unanswered
from opswarden.evals.summary import estimate, summarise

Answers = list[float | Exception]


def case(number: int) -> Case:
    return Case(id=f"case-{number:04d}", folder=Path("nowhere"), set_name="bakery", problem="")


def run(answers: list[Answers], repeats: int) -> SuiteResult:
    """One case per list; each answer is a value of top1, or an error that is raised."""
    left = {f"case-{number:04d}": iter(found) for number, found in enumerate(answers)}

    def score(asked: Case) -> CaseScore:
        found = next(left[asked.id])
        if isinstance(found, Exception):
            raise found
        return CaseScore(id=asked.id, set_name="bakery", metrics={"top1": found}, cost={"usd": 0.5}, models=("m",))

    scores = run_cases(SUITE, [case(number) for number in range(len(answers))], score, repeats=repeats)
    return summarise(SUITE, scores, seed=0)


def test_the_mean_counts_and_the_spread_is_told() -> None:
    found = run([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], 3)
    assert [one.metrics["top1"] for one in found.cases] == pytest.approx([2 / 3, 1.0])
    assert [one.spread["top1"] for one in found.cases] == pytest.approx([(1 / 3) ** 0.5, 0.0])
    assert found.spread["top1"] == pytest.approx((1 / 6) ** 0.5)
    assert (found.repeats, found.n, found.metrics["top1"].n) == (3, 2, 2)
    assert found.cost == {"usd": 3.0}
    assert [one.metrics for one in found.cases[0].repeats] == [{"top1": 1.0}, {"top1": 0.0}, {"top1": 1.0}]


def test_an_endpoint_that_is_down_is_no_wrong_answer() -> None:
    down = Unanswered("endpoint 'house' did not answer in time", cost={"usd": 0.25})
    found = run([[1.0, down, 1.0], [down, down, ModelError("no")], [down, InputError("damaged"), down]], 3)
    whole, dark, broken = found.cases
    assert (whole.metrics, whole.error, whole.is_infrastructure) == ({"top1": 1.0}, None, False)
    assert [one.is_infrastructure for one in whole.repeats] == [False, True, False]
    assert (dark.is_infrastructure, dark.metrics) == (True, {})
    assert dark.error == "Unanswered: endpoint 'house' did not answer in time"
    assert (broken.is_infrastructure, broken.error) == (False, "InputError: damaged")
    assert (found.n, found.errors, found.infrastructure_errors, found.lost_repeats) == (1, 2, 1, 1)
    assert whole.cost == {"usd": 1.25}


def test_nothing_is_tried_again() -> None:
    with pytest.raises(NothingScored) as caught:
        run([[Unanswered("down"), 1.0]], 1)
    assert (caught.value.result.infrastructure_errors, caught.value.result.repeats) == (1, 1)


def test_repeats_make_no_interval_narrower() -> None:
    once = run([[float(number % 2)] for number in range(8)], 1).metrics["top1"]
    thrice = run([[float(number % 2)] * 3 for number in range(8)], 3).metrics["top1"]
    assert (thrice.low, thrice.high, thrice.n) == (once.low, once.high, once.n)


def test_progress_counts_answers() -> None:
    told: list[tuple[int, int]] = []
    score: Callable[[Case], CaseScore] = lambda asked: CaseScore(id=asked.id, metrics={"top1": 1.0})  # noqa: E731
    run_cases(SUITE, [case(1), case(2)], score, lambda done, all_: told.append((done, all_)), repeats=2)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with pytest.raises(InputError, match="repeats is below 1"):
        run_cases(SUITE, [case(1)], score, repeats=0)


def test_a_single_answer_is_itself() -> None:
    one = CaseScore(id="a", metrics={"top1": 1.0})
    assert merge([one]) is one
    assert (pooled_spread([one]), lost([one])) == ({}, 0)
    with pytest.raises(ValueError, match="without an answer"):
        merge([])


CLUSTERS = [
    ("few sub-sets are so many draws", [0.0, 1.0] * 20, [f"g{n % 4}" for n in range(40)], 4),
    ("one sub-set is one draw", [0.0, 1.0] * 20, ["g"] * 40, 1),
    ("sub-sets that all agree are no certainty", [1.0] * 40, [f"g{n % 20}" for n in range(40)], 20),
]


@pytest.mark.parametrize(("values", "clusters", "draws"), [row[1:] for row in CLUSTERS], ids=[r[0] for r in CLUSTERS])
def test_sub_sets_as_draws(values: list[float], clusters: list[str], draws: int) -> None:
    found = estimate("proportion", values, seed=0, clusters=clusters)
    plain = estimate("proportion", values, seed=0)
    alone = estimate("proportion", [found.value] * draws, seed=0)
    assert (found.value, found.n) == (plain.value, 40)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))
    assert found.high - found.low > plain.high - plain.low


def test_whole_sub_sets_are_drawn_where_there_are_enough() -> None:
    values = [float(n // 4 % 2) for n in range(80)]
    found = estimate("proportion", values, seed=0, clusters=[f"g{n // 4}" for n in range(80)])
    plain = estimate("proportion", values, seed=0)
    assert 1.5 < (found.high - found.low) / (plain.high - plain.low) < 2.5
