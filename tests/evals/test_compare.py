"""Two results on the same cases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.compare import against_baseline, compare, sign_test
from opswarden.evals.scoring.rca import SUITE
from opswarden.evals.suite import CaseScore, Circumstances, Repeat, SuiteResult
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
    one, other = result([1.0, None, 1.0, 0.0]), result([1.0, 1.0, None])
    with pytest.raises(InputError, match="3 are in both, 1 in one"):
        compare(one, other)
    found = compare(one, other, common_only=True)
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


def test_a_call_needs_more_than_a_few_flips() -> None:
    few = compare(result([0.0] * 20), result([1.0] * 4 + [0.0] * 16))
    assert (few.metrics["top1"].call, few.call) == ("cannot tell", "cannot tell")
    many = compare(result([0.0] * 20), result([1.0] * 8 + [0.0] * 12))
    assert (many.metrics["top1"].call, many.call) == ("better", "better")
    assert compare(result([1.0] * 20), result([0.0] * 8 + [1.0] * 12)).call == "worse"
    assert [flip.case for flip in many.flips] == [f"case-{number:04d}" for number in range(8)]
    assert all(flip.is_better for flip in many.flips)


def test_lower_can_be_better() -> None:
    one, other = (
        found.model_copy(update={"lower_is_better": ("top1",)}) for found in (result([0.0] * 20), result([1.0] * 20))
    )
    found = compare(one, other)
    assert (found.call, found.metrics["top1"].better, found.metrics["top1"].worse) == ("worse", 0, 20)
    assert not any(flip.is_better for flip in found.flips)
    assert compare(other, one).call == "better"


def test_several_metrics_are_paid_for() -> None:
    def with_more(found: SuiteResult, values: Sequence[float]) -> SuiteResult:
        cases = tuple(
            case.model_copy(update={"metrics": {**case.metrics, "top3": value, "avg5": value}})
            for case, value in zip(found.cases, values, strict=True)
        )
        return found.model_copy(update={"cases": cases})

    same = [0.5] * 20
    one, other = with_more(result([0.0] * 20), same), with_more(result([1.0] * 6 + [0.0] * 14), same)
    found = compare(one, other)
    assert found.metrics["top1"].p_value == pytest.approx(2 / 64)
    assert found.metrics["top1"].p_adjusted == pytest.approx(6 / 64)
    assert found.call == "cannot tell"
    assert compare(one, other, metrics=["top1"]).call == "better"
    with pytest.raises(InputError, match="no case of the two results has a metric 'top9'"):
        compare(one, other, metrics=["top9"])


def test_means_are_tested_by_their_size() -> None:
    found = compare(result([0.5] * 12), result([0.7] * 12)).metrics["top1"]
    assert (found.test, found.call) == ("sign flip", "better")
    assert found.p_value == pytest.approx(2 / 2**12)


def test_what_changed_is_named() -> None:
    def under(prompts: dict[str, str], versions: dict[str, str]) -> SuiteResult:
        told = Circumstances(prompts=prompts, versions=versions, configuration="c" * 64)
        return result([1.0, 0.0]).model_copy(update={"circumstances": told})

    before = under({"system": "a" * 64, "repair": "r" * 64}, {"numpy": "2.0"})
    after = under({"system": "b" * 64, "repair": "r" * 64}, {"numpy": "2.1"})
    changed = [(item.what, item.before, item.after) for item in compare(before, after).changed]
    assert changed == [("prompt system", "a" * 12, "b" * 12), ("version of numpy", "2.0", "2.1")]
    assert compare(before, before).changed == ()


def test_cost_is_for_one_answer() -> None:
    def costing(usd: float, repeats: int) -> SuiteResult:
        found = result([1.0])
        answers = tuple(Repeat(metrics={"top1": 1.0}) for _ in range(repeats))
        case = found.cases[0].model_copy(update={"cost": {"usd": usd}, "repeats": answers})
        return found.model_copy(update={"cases": (case,)})

    assert compare(costing(0.5, 1), costing(1.2, 3)).costs == {"usd": (0.5, pytest.approx(0.4))}
