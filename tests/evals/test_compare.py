"""Two results on the same cases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.compare import against_baseline, compare, sign_test
from opswarden.evals.scoring.rca import SUITE
from opswarden.evals.suite import CaseScore, SuiteResult
from opswarden.evals.summary import summarise


def result(values: Sequence[float | None], *, label: str = "oven", baseline: float = 0.0) -> SuiteResult:
    """One case per value; `None` broke."""
    scores = [
        CaseScore(id=f"case-{number:04d}", set_name="bakery", group=f"g{number % 3}", error="BackendError: broke")
        if value is None
        else CaseScore(
            id=f"case-{number:04d}",
            set_name="bakery",
            group=f"g{number % 3}",
            metrics={"top1": value},
            baseline={"alert": {"top1": baseline}},
            details={"truth": {"causes": [{"entity": label}]}},
        )
        for number, value in enumerate(values)
    ]
    return summarise(SUITE, scores, seed=0)


SIGN_TESTS = [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (0, 6, 2 / 64), (8, 2, 112 / 1024), (3, 3, 1.0)]


@pytest.mark.parametrize(("better", "worse", "p_value"), SIGN_TESTS)
def test_sign_test(better: int, worse: int, p_value: float) -> None:
    assert sign_test(better, worse) == pytest.approx(p_value)


def test_the_second_is_better() -> None:
    found = compare(result([0.0] * 10 + [1.0] * 10), result([1.0] * 20))
    top1 = found.metrics["top1"]
    assert (found.n, found.broken, found.unpaired) == (20, 0, 0)
    assert (top1.value, top1.better, top1.worse, top1.n) == (0.5, 10, 0, 20)
    assert 0 < top1.low < 0.5 < top1.high
    assert top1.p_value == pytest.approx(2 / 1024)


def test_pairing_sees_what_two_means_cannot() -> None:
    same = compare(result([0.0, 1.0] * 10), result([1.0, 0.0] * 10)).metrics["top1"]
    assert (same.value, same.better, same.worse, same.p_value) == (0.0, 10, 10, 1.0)
    assert same.low < 0 < same.high


def test_a_result_does_not_differ_from_itself() -> None:
    one = result([0.0, 1.0, 1.0, None])
    found = compare(one, one)
    assert (found.n, found.broken) == (3, 1)
    assert (found.metrics["top1"].low, found.metrics["top1"].high) == (0.0, 0.0)


def test_broken_and_missing_cases_are_in_no_pair() -> None:
    found = compare(result([1.0, None, 1.0, 0.0]), result([1.0, 1.0, None]))
    assert (found.n, found.broken, found.unpaired) == (1, 2, 1)


def test_clusters_make_the_interval_wider() -> None:
    before, after = [0.0] * 30, [1.0 if number % 3 == 0 else 0.0 for number in range(30)]
    plain = compare(result(before), result(after)).metrics["top1"]
    clustered = compare(result(before), result(after), clustered=True).metrics["top1"]
    assert clustered.high - clustered.low > 1.5 * (plain.high - plain.low)


def test_against_a_baseline_of_the_same_run() -> None:
    found = against_baseline(result([1.0] * 6 + [None]), "alert")
    assert (found.n, found.broken) == (6, 1)
    assert found.metrics["top1"].value == 1.0
    with pytest.raises(InputError, match="no such baseline"):
        against_baseline(result([1.0]), "oracle")


def test_what_cannot_be_compared_is_refused() -> None:
    one = result([1.0, 0.0])
    with pytest.raises(InputError, match="different suites"):
        compare(one, one.model_copy(update={"suite": "other"}))
    with pytest.raises(InputError, match="different labels"):
        compare(one, result([1.0, 0.0], label="till"))
    renamed = one.model_copy(update={"cases": tuple(c.model_copy(update={"id": f"x-{c.id}"}) for c in one.cases)})
    with pytest.raises(InputError, match="no case in common"):
        compare(one, renamed)
