"""`outcomes.segments` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from opswarden.tools.outcomes.analysis import SEGMENT_COLUMNS
from opswarden.tools.outcomes.backends.snapshot import SnapshotOutcomes
from opswarden.tools.outcomes.tools import outcomes_tools
from opswarden.tools.outcomes.types import SegmentsResult
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output

from .payments import payment, payments

Call = Callable[..., Output[Any]]
Segments = Callable[[list[dict[str, Any]]], Output[SegmentsResult]]


@pytest.fixture
def segments(call: Call, make_store: Callable[..., SnapshotStore], windows: dict[str, datetime]) -> Segments:
    def ask(rows: list[dict[str, Any]]) -> Output[SegmentsResult]:
        output: Output[SegmentsResult] = call(
            outcomes_tools(SnapshotOutcomes(make_store(outcomes=rows))), "outcomes.segments", **windows
        )
        return output

    return ask


def named(result: SegmentsResult | None) -> list[dict[str, str]]:
    assert result is not None
    return [{one.name: one.value for one in segment.conditions} for segment in result.segments]


def test_nothing_is_found_where_nothing_happened(segments: Segments, start: datetime) -> None:
    for seed in range(8):
        output = segments(payments(start, seed=seed))
        assert output.status == "ok"
        assert output.summary is not None
        assert (named(output.summary), output.summary.payments_lost, output.summary.bursts) == ([], 0, ())


def test_a_provider_that_fails_in_one_country_does_not_drown(segments: Segments, start: datetime) -> None:
    def rate(country: str, _issuer: str, provider: str, after: bool) -> float:
        return 0.2 if after and (country, provider) == ("BB", "till-y") else 0.8

    output = segments(payments(start, rate, code="91"))
    result = output.summary
    assert result is not None
    assert named(result) == [{"country": "BB", "provider": "till-y"}]
    (segment,) = result.segments
    assert (segment.direction, segment.measure, segment.is_attack) == ("fell", "approval", False)
    assert segment.rate_before == pytest.approx(0.8, abs=0.03)
    assert segment.rate_after == pytest.approx(0.2, abs=0.05)
    assert segment.payments_lost_low < 0.6 * segment.attempts < segment.payments_lost_high
    assert [(code.code, code.group) for code in segment.codes] == [("91", "technical")]
    assert [(money.currency, money.amount_minor) for money in segment.money_lost] == [
        ("EUR", pytest.approx(1_000 * segment.payments_lost, rel=0.01))
    ]
    assert segment.since == start
    assert result.payments_lost == segment.payments_lost
    assert output.artifact is not None
    assert output.artifact.schema == SEGMENT_COLUMNS
    assert output.artifact["reported"].to_pylist().count(True) == 1


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        (lambda c, i, p: i == "bank-2", {"issuer": "bank-2"}),
        (lambda c, i, p: c == "CC", {"country": "CC"}),
        (lambda c, i, p: True, {}),
        (
            lambda c, i, p: (c, i, p) == ("AA", "bank-1", "till-x"),
            {"country": "AA", "issuer": "bank-1", "provider": "till-x"},
        ),
    ],
    ids=["an issuer everywhere", "a whole country", "everything", "one of twelve"],
)
def test_no_parent_is_blamed_for_its_child_and_no_child_for_its_parent(
    segments: Segments, start: datetime, hit: Callable[[str, str, str], bool], expected: dict[str, str]
) -> None:
    output = segments(payments(start, lambda c, i, p, after: 0.45 if after and hit(c, i, p) else 0.8))
    assert named(output.summary) == [expected]


def test_two_troubles_are_two_segments(segments: Segments, start: datetime) -> None:
    def rate(country: str, issuer: str, provider: str, after: bool) -> float:
        if after and (country, issuer) == ("AA", "bank-1"):
            return 0.3
        return 0.4 if after and (country, provider) == ("CC", "till-x") else 0.8

    found = named(segments(payments(start, rate)).summary)
    assert len(found) == 2
    assert {"country": "AA", "issuer": "bank-1"} in found
    assert {"country": "CC", "provider": "till-x"} in found


def test_a_mix_that_shifts_is_no_rate_that_falls(segments: Segments, start: datetime) -> None:
    def rate(country: str, _issuer: str, _provider: str, _after: bool) -> float:
        return 0.5 if country == "CC" else 0.9

    result = segments(
        payments(start, rate, per_bin=lambda country, after: 240.0 if after and country == "CC" else 60.0)
    ).summary
    assert result is not None
    assert (result.why, result.segments) == ("mix", ())
    assert result.rate_after < result.rate_before - 0.1
    assert result.rate_at_old_rates == pytest.approx(result.rate_after, abs=0.02)
    assert result.mix_dimension is not None
    assert result.mix_dimension.startswith("country=CC")


def test_a_burst_of_small_declines_is_card_testing_and_costs_nothing(segments: Segments, start: datetime) -> None:
    rows = payments(start)
    for minute in range(10, 30, 5):
        burst = payment(start + timedelta(minutes=minute), "declined", "N7", 600, 5, country="BB", provider="till-y")
        rows.append(burst)
    result = segments(rows).summary
    assert result is not None
    (burst_found,) = result.bursts
    assert {one.name: one.value for one in burst_found.conditions}["country"] == "BB"
    assert burst_found.extra_declined_share > 0.9
    assert burst_found.amount_ratio < 0.1
    assert burst_found.since == start + timedelta(minutes=10)
    assert all(segment.is_attack for segment in result.segments)
    assert (result.payments_lost, result.money_lost) == (0, ())


def test_many_declines_instead_of_approvals_are_no_card_testing(segments: Segments, start: datetime) -> None:
    output = segments(payments(start, lambda c, i, p, after: 0.1 if after and i == "bank-1" else 0.8))
    assert output.summary is not None
    assert output.summary.bursts == ()


def test_chargebacks_are_compared_with_approvals(segments: Segments, start: datetime) -> None:
    rows = payments(start)
    for minute in range(-120, 30, 5):
        at = start + timedelta(minutes=minute)
        rows.append(payment(at, "chargeback", "", 30 if minute >= 0 else 1, provider="till-x"))
        rows.append(payment(at, "chargeback", "", 1, provider="till-y"))
    result = segments(rows).summary
    assert result is not None
    (segment,) = result.segments
    assert (segment.measure, segment.direction, segment.codes, segment.money_lost) == ("chargeback", "fell", (), ())
    assert {one.name for one in segment.conditions} <= {"country", "issuer", "provider"}


def test_labels_are_dimensions_and_ids_are_not(segments: Segments, start: datetime) -> None:
    rows = [
        row | {"labels": [("method", method), ("order", f"o-{place}-{method}")]}
        for method in ("card", "wallet")
        for place, row in enumerate(
            payments(
                start,
                lambda c, i, p, after, low=method == "wallet": 0.3 if after and low else 0.8,  # type: ignore[misc]
                seed=len(method),
            )
        )
    ]
    assert named(segments(rows).summary) == [{"method": "wallet"}]


def test_a_file_without_labels_is_read(
    call: Call, make_folder: Callable[..., Any], windows: dict[str, datetime], start: datetime
) -> None:
    import pyarrow.parquet as pq

    folder = make_folder(outcomes=payments(start), logs=[])
    path = folder / "outcomes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["labels"]), path)
    store = SnapshotStore(folder)
    assert call(outcomes_tools(SnapshotOutcomes(store)), "outcomes.segments", **windows).status == "ok"
    store.close()


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"outcome": "approved", "count": 0}],
        [{"outcome": "refund", "count": 5}],
        [{"minute": -60, "outcome": "approved", "count": 5}],
    ],
    ids=["no row", "no payment", "no attempt", "none in the window"],
)
def test_nothing_in_the_window_is_no_data(segments: Segments, start: datetime, rows: list[dict[str, Any]]) -> None:
    made = [
        payment(start + timedelta(minutes=row.get("minute", 1)), row["outcome"], count=row["count"]) for row in rows
    ]
    output = segments(made)
    assert (output.status, output.summary) == ("no_data", None)
    assert output.note


def test_without_a_quiet_time_nothing_is_found(segments: Segments, start: datetime) -> None:
    output = segments([row for row in payments(start) if row["ts"] >= start])
    assert output.status == "truncated"
    assert output.summary is not None
    assert (output.summary.segments, output.summary.payments_lost) == ((), 0)


def test_garbage_is_counted_as_far_as_it_can_be(segments: Segments, start: datetime) -> None:
    rows = payments(start)
    rows += [
        payment(start, None, None, 3, country=None, issuer=None, provider=None, currency=None),  # type: ignore[arg-type]
        payment(start, "\x00?", "??", -4),
        payment(start, count=1, amount_minor=None),
    ]
    output = segments(rows)
    assert output.status == "ok"
    assert named(output.summary) == []


def test_a_single_payment_on_either_side_is_no_finding(segments: Segments, start: datetime) -> None:
    rows = [payment(start - timedelta(minutes=5)), payment(start + timedelta(minutes=5), "declined", "05")]
    output = segments(rows)
    assert output.status == "ok"
    assert named(output.summary) == []
