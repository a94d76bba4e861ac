"""Drift is told by what it does to the model; figures against what can be worked out otherwise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from opswarden.tools.drift.comparing import Comparer, Comparison, Margins
from opswarden.tools.drift.domain import domain_auc
from opswarden.tools.drift.effects import effect, holm
from opswarden.tools.drift.performance import Calibration, Ranked, learn_expectation, realised
from opswarden.tools.drift.rows import Floats, ScoredRows, bins_of
from opswarden.tools.drift.seasons import at_same_hours


def brute_auc(scores: Floats, positive: Floats, negative: Floats) -> float:
    above = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
    weights = positive[:, None] * negative[None, :]
    return float((above * weights).sum() / weights.sum())


def column(values: object) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, from_pandas=True)])


@pytest.mark.parametrize("seed", range(4))
def test_weighted_areas_and_their_slopes_are_those_of_all_pairs(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, 12, 80) / 12
    positive, negative = draw.random(80), draw.random(80)
    ranked = Ranked(scores)
    area = brute_auc(scores, positive, negative)
    assert ranked.auc(positive, negative) == pytest.approx(area)
    pull = ranked.influence(positive, negative)
    for row in (0, 17, 79):
        bumped = np.ones(80)
        bumped[row] += 1e-6
        moved = brute_auc(scores, positive * bumped, negative * bumped)
        assert (moved - area) / 1e-6 == pytest.approx(pull[row], abs=1e-6)


def test_a_calibration_is_monotone_and_has_the_shares_of_the_labels() -> None:
    draw = np.random.default_rng(1)
    scores = draw.random(20_000)
    labels = (draw.random(20_000) < scores**2).astype(float)
    found = Calibration(scores, labels)(np.linspace(0, 1, 101))
    assert (np.diff(found) >= 0).all()
    assert np.abs(found - np.linspace(0, 1, 101) ** 2).max() < 0.05


def period(draw: np.random.Generator, rows: int, *, spread: float = 1.0, age: float = 0.0) -> tuple[ScoredRows, Floats]:
    """A model of one feature that matters, `amount`, beside `age`, which does not."""
    amount = draw.normal(size=rows) * spread
    scores = 1 / (1 + np.exp(-2 * amount))
    labels = (draw.random(rows) < scores).astype(float)
    kind = draw.choice(["a", "b"], rows)
    features = {"amount": column(amount), "age": column(draw.normal(size=rows) + age), "kind": column(kind)}
    return ScoredRows(features, scores, segments={"kind": column(kind)}), labels


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    rows, labels = period(np.random.default_rng(0), 30_000)
    return Comparer(ScoredRows(rows.features, rows.scores, labels, rows.segments))


def compared(comparer: Comparer, **changes: float) -> tuple[Comparison, float]:
    rows, labels = period(np.random.default_rng(9), 8_000, **changes)
    assert rows.scores is not None
    real = realised(rows.scores, labels)
    assert real is not None
    return comparer.compare(rows), real.auc


def test_where_nothing_happened_nothing_is_said(comparer: Comparer) -> None:
    found, real = compared(comparer)
    assert not found.falls
    assert not any(each.is_alarm or each.has_moved for each in found.features)
    assert found.expected is not None
    assert found.expected.auc == pytest.approx(real, abs=0.01)
    assert found.domain < 0.53
    assert not any(each.is_alarm for each in found.segments)


def test_harder_rows_harm_and_are_expected_to(comparer: Comparer) -> None:
    found, real = compared(comparer, spread=0.5)
    assert found.falls
    assert found.features[0].name == "amount"
    assert found.features[0].is_alarm
    assert [each.name for each in found.features if each.is_alarm] == ["amount"]
    assert found.expected is not None
    assert found.before is not None
    assert found.expected.auc == pytest.approx(real, abs=0.015)
    # What reweighting the reference says is what happens.
    assert found.features[0].harm is not None
    assert found.before + found.features[0].harm.change == pytest.approx(real, abs=0.02)
    assert found.segments[0].is_alarm


def test_what_the_model_does_not_use_may_move_as_far_as_it_likes(comparer: Comparer) -> None:
    found, _ = compared(comparer, age=0.7)
    moved = next(each for each in found.features if each.name == "age")
    assert moved.has_moved
    assert moved.harm is not None
    assert moved.harm.change > -0.005
    assert not found.falls
    assert found.domain > 0.6


def test_values_never_seen_alarm_and_take_the_expectation_its_word(comparer: Comparer) -> None:
    rows, _ = period(np.random.default_rng(3), 4_000)
    strange = np.where(np.arange(4_000) % 5 == 0, "z", "a")
    found = comparer.compare(ScoredRows({**rows.features, "kind": column(strange)}, rows.scores), with_domain=False)
    alarmed = next(each for each in found.features if each.is_alarm)
    assert alarmed.name == "kind"
    assert alarmed.harm is not None
    assert alarmed.harm.unseen == pytest.approx(0.2)
    assert not found.holds


def test_a_feature_that_is_gone_counts_as_null(comparer: Comparer) -> None:
    rows, _ = period(np.random.default_rng(4), 4_000)
    found = comparer.compare(ScoredRows({"age": rows.features["age"]}, rows.scores), with_domain=False)
    gone = next(each for each in found.features if each.name == "amount")
    assert gone.effect.nulls_after == 1.0
    assert gone.is_alarm


def test_without_scores_or_labels_it_says_what_it_can() -> None:
    rows, labels = period(np.random.default_rng(5), 8_000)
    bare = Comparer(ScoredRows(rows.features)).compare(ScoredRows(rows.features))
    assert (bare.expected, bare.before, bare.falls) == (None, None, False)
    assert all(each.harm is None and not each.is_alarm for each in bare.features)
    unlabelled = Comparer(ScoredRows(rows.features, rows.scores)).compare(
        ScoredRows(rows.features, rows.scores, labels)
    )
    assert unlabelled.expected is None
    assert unlabelled.realised is not None
    with pytest.raises(ValueError, match="rows"):
        Comparer(ScoredRows(rows.features)).compare(ScoredRows({"amount": column([1.0])}))


def test_a_margin_is_what_people_care_about() -> None:
    rows, labels = period(np.random.default_rng(0), 30_000)
    strict = Comparer(ScoredRows(rows.features, rows.scores, labels), Margins(auc=0.2))
    window, _ = period(np.random.default_rng(9), 8_000, spread=0.5)
    assert not strict.compare(window, with_domain=False).falls


def test_columns_of_any_kind_have_bins() -> None:
    numbers = bins_of(column([1.0, 2.0, float("nan"), None, float("inf")]))
    assert numbers.codes(column([0.0, 1.0, 2.0, 3.0, None])).tolist() == [0, 1, 2, 3, numbers.count - 2]
    words = bins_of(column(["a", "b", None, "a"]))
    assert words.codes(column(["b", "c", None])).tolist() == [1, words.count - 1, words.count - 2]
    many = bins_of(column([f"w{number}" for number in range(500)]))
    assert many.count < 100
    assert bins_of(column(np.zeros(0))).codes(column(np.ones(2))).tolist() == [0, 0]
    # A name in the data that looks like one of ours is a value like any other.
    assert bins_of(column(["\x00null", "x"])).codes(column(["x", "\x00null", None])).tolist()[2] == 2


def test_known_figures() -> None:
    same = effect(np.array([50, 50, 0, 0]), np.array([500, 500, 0, 0]), is_ordered=True)
    assert (round(same.psi, 6), round(same.distance, 6)) == (0.0, 0.0)
    assert same.p > 0.9
    other = effect(np.array([400, 100, 0, 0]), np.array([100, 400, 0, 0]), is_ordered=True)
    assert other.distance == pytest.approx(0.6)
    assert other.p < 1e-12
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    draw = np.random.default_rng(0)
    first, second = draw.integers(0, 4, 5_000), draw.integers(0, 4, 5_000)
    assert domain_auc([first], [second], [4]) == pytest.approx(0.5, abs=0.03)
    assert domain_auc([first], [np.full(5_000, 3)], [4]) > 0.85


def test_expectations_need_a_reference_that_can_teach_them() -> None:
    draw = np.random.default_rng(0)
    scores = draw.random(10_000)
    assert learn_expectation(scores, np.zeros(10_000)) is None
    assert learn_expectation(scores[:500], (draw.random(500) < 0.5).astype(float)) is None
    assert learn_expectation(scores, np.full(10_000, np.nan)) is None


def test_a_short_window_is_compared_with_the_same_hours_of_the_week() -> None:
    draw = np.random.default_rng(2)
    hour = 3_600_000_000
    times = np.arange(4 * 168 * 40, dtype=np.int64) * hour // 40
    is_night = (times // hour) % 24 < 6
    amount = np.where(is_night, 5.0, 0.0) + draw.normal(size=len(times))
    reference = ScoredRows({"amount": column(amount)}, times_us=times)
    window = ScoredRows({"amount": column(amount[is_night][:2_000])}, times_us=times[is_night][:2_000])
    plain = Comparer(reference).compare(window, with_domain=False).features[0].effect.psi
    seasonal = Comparer(at_same_hours(reference, window)).compare(window, with_domain=False).features[0].effect.psi
    assert plain > 1.0
    assert seasonal < 0.05
    assert at_same_hours(reference, reference) is reference
