"""A history says what the samples say, whatever order and state they are in."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.core.errors import InputError
from opswarden.tools.in_memory import in_memory
from opswarden.tools.usage.buckets import FIRST
from opswarden.tools.usage.building import Built, build_history
from opswarden.tools.usage.history import History, united
from opswarden.tools.usage.naming import Named, named

FIRST_DAY = date(2031, 5, 6)
ZERO = datetime(2031, 5, 6, tzinfo=UTC)
US = round(ZERO.timestamp() * 1e6)
DAYS = 4
Sample = tuple[int, str, str, float]
"""Seconds since the first day, workload, resource, value."""


def table(samples: list[Sample]) -> pa.Table:
    return pa.table(
        {
            "ts": pa.array([US + at * 1_000_000 for at, *_ in samples], pa.timestamp("us", tz="UTC")),
            "workload": pa.array([workload for _, workload, _, _ in samples], pa.string()),
            "resource": pa.array([resource for _, _, resource, _ in samples], pa.string()),
            "value": pa.array([value for *_, value in samples], pa.float64()),
        }
    )


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    connection = in_memory(2)
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


def build(database: Any, samples: list[Sample] | pa.Table, **more: Any) -> Built:
    database.register("given", samples if isinstance(samples, pa.Table) else table(samples))
    return build_history(database, "given", FIRST_DAY, FIRST_DAY + timedelta(days=DAYS - 1), **more)


def regular(
    workload: str = "oven", resource: str = "cpu", every: int = 300, days: int = DAYS, seed: int = 1
) -> list[Sample]:
    values = np.random.default_rng(seed).lognormal(0, 1, days * 86_400 // every)
    return [(place * every, workload, resource, float(value)) for place, value in enumerate(values)]


@pytest.fixture(scope="module")
def messy() -> list[Sample]:
    """Two resources of three workloads at different intervals, with repetitions, holes and nonsense, in no order."""
    random = np.random.default_rng(7)
    samples = regular("oven") + regular("mixer", every=60, days=2, seed=2) + regular("till", every=900, seed=3)
    samples += [(at, "oven", "memory", value * 1e9) for at, _, _, value in regular(seed=4)]
    samples = [sample for sample in samples if not 90_000 < sample[0] < 110_000]
    samples += [(at, name, kind, value * 2) for at, name, kind, value in samples[100:400]]
    samples += [(at, "oven", "cpu", bad) for at, bad in ((5, math.nan), (7, -1.0), (9, math.inf), (200_000, -3.0))]
    samples += [(11, "oven", "cpu", 0.0), (13, "oven", "cpu", 1e30), (86_400, "till", "cpu", 1e-12)]
    return [samples[place] for place in random.permutation(len(samples))]


def kept(samples: list[Sample]) -> dict[tuple[str, str], dict[int, float]]:
    """What counts, by hand."""
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for at, workload, resource, value in samples:
        if math.isfinite(value) and value >= 0:
            series = found[workload, resource]
            series[at] = max(value, series.get(at, 0.0))
    return found


@pytest.mark.parametrize("cells", [3_000_000, 24], ids=["at once", "day by day"])
def test_it_counts_what_a_person_would_count(database: Any, messy: list[Sample], cells: int) -> None:
    built = build(database, messy, cells=cells)
    history, rows = built.history, built.history.rows
    right = kept(messy)
    assert built.source.outside == 0
    assert history.workloads == ("mixer", "oven", "till")
    assert int(rows.samples.sum()) == sum(len(series) for series in right.values())
    assert int(rows.unusable.sum()) == 4
    assert int(rows.repeated.sum()) == len(messy) - 4 - int(rows.samples.sum())
    for (workload, resource), series in right.items():
        row = history.names(resource).index(workload)  # type: ignore[arg-type]
        for day in range(DAYS):
            values = {at: value for at, value in series.items() if at // 86_400 == day}
            most = history.daily_most(resource)[row, day]  # type: ignore[arg-type]
            mean = history.daily_mean(resource)[row, day]  # type: ignore[arg-type]
            assert history.samples(resource)[row, day] == len(values)  # type: ignore[arg-type]
            if values:
                assert most == max(values.values())
                assert mean == pytest.approx(sum(values.values()) / len(values), rel=1e-5)


def test_buckets_hours_and_peaks_are_those_of_the_samples(database: Any, messy: list[Sample]) -> None:
    rows = (history := build(database, messy).history).rows
    right = kept(messy)["oven", "cpu"]
    for place in np.flatnonzero((rows.workload == history.workloads.index("oven")) & (rows.resource == 0)).tolist():
        day = int(rows.day[place]) - (FIRST_DAY - date(1970, 1, 1)).days
        values = {at - day * 86_400: value for at, value in right.items() if at // 86_400 == day}
        entries = slice(int(rows.buckets_at[place]), int(rows.buckets_at[place + 1]))
        wanted = Counter(
            0
            if value <= FIRST["cpu"]
            else min(2_000, math.ceil(math.log(value / FIRST["cpu"]) / math.log(1.05) - 1e-9))
            for value in values.values()
        )
        assert dict(zip(rows.bucket[entries].tolist(), rows.count[entries].tolist(), strict=True)) == wanted
        assert values[int(rows.most_s[place])] == rows.most[place]
        by_hour = [[value for at, value in values.items() if at // 3_600 == hour] for hour in range(24)]
        assert rows.hour_n[place].tolist() == [len(hour) for hour in by_hour]
        largest = [max(hour) for hour in by_hour if hour]
        assert rows.second[place] == pytest.approx(sorted(largest)[-2])
        assert (rows.first_s[place], rows.last_s[place]) == (min(values), max(values))


def test_the_order_of_the_samples_changes_nothing_but_what_is_said_of_it(database: Any, messy: list[Sample]) -> None:
    shuffled, ordered = build(database, messy).history, build(database, sorted(messy, key=lambda one: one[:3])).history
    by_series = build(database, sorted(messy, key=lambda one: (one[1], one[2], one[0]))).history
    for other in (ordered, by_series):
        for name in (
            "workload",
            "resource",
            "day",
            "samples",
            "unusable",
            "most",
            "most_s",
            "bucket",
            "count",
            "hour_n",
        ):
            assert np.array_equal(getattr(shuffled.rows, name), getattr(other.rows, name)), name
    assert shuffled.rows.disordered.sum() > 500
    assert by_series.rows.disordered.sum() == 0
    assert by_series.rows.repeated.sum() == shuffled.rows.repeated.sum() == 301


def test_samples_that_lie_apart_in_a_file_are_still_seen_twice(database: Any) -> None:
    samples = [sample for name in range(60) for sample in regular(f"w{name:02d}", every=60, seed=name)]
    twice = pa.concat_tables([table(samples), table(samples)])
    built = build(database, twice)
    assert built.history.rows.repeated.sum() == len(samples) == built.history.rows.samples.sum()
    assert np.array_equal(built.history.rows.count, build(database, samples).history.rows.count)


def test_quantiles_lie_within_a_bucket_of_the_exact_ones(database: Any) -> None:
    samples = regular() + regular("mixer", seed=5)
    history = build(database, samples).history
    asked = [0.05, 0.5, 0.9, 0.99, 0.995, 1.0]
    found = history.quantiles("cpu", asked)
    for row, name in enumerate(history.names("cpu")):
        values = [value for _, workload, _, value in samples if workload == name]
        exact = np.quantile(values, asked, method="inverted_cdf")
        assert found[row] == pytest.approx(exact, rel=0.05)
        assert found[row, -1] == max(values)
        for limit in (0.0005, 0.3, 1.0, 4.0, max(values)):
            share = float(np.mean(np.array(values) > limit))
            assert history.share_above("cpu", np.full(2, limit))[row] == pytest.approx(share, abs=0.02)
    assert history.share_above("cpu", found[:, -1]).tolist() == [0.0, 0.0]
    day = np.array([value for at, name, _, value in samples if name == "oven" and at < 86_400])
    assert history.daily_quantiles("cpu", 0.95)[1, 0] == pytest.approx(np.quantile(day, 0.95), rel=0.06)


def test_days_are_weighed_and_left_out(database: Any) -> None:
    samples = [(day * 86_400 + at, "oven", "cpu", float(10**day)) for day in range(3) for at in range(0, 86_400, 300)]
    history = build(database, samples).history
    assert history.quantiles("cpu", [1.0], np.array([1.0, 1.0, 0.0]))[0, 0] == 10.0
    assert history.quantiles("cpu", [0.5], np.array([0.1, 0.1, 1.0]))[0, 0] == pytest.approx(100, rel=0.05)
    assert history.quantiles("cpu", [0.5], np.array([[1.0, 0.2, 0.2]]))[0, 0] == pytest.approx(1, rel=0.05)
    assert np.isnan(history.quantiles("cpu", [0.5], np.zeros(3))[0, 0])
    assert history.between(FIRST_DAY, FIRST_DAY).quantiles("cpu", [1.0])[0, 0] == 1.0
    assert history.only(["nobody"]).names("cpu") == ()


def test_a_day_that_is_measured_more_densely_does_not_weigh_more(database: Any) -> None:
    dense = [(at, "oven", "cpu", 1.0) for at in range(0, 86_400, 60)]
    sparse = [(day * 86_400 + at, "oven", "cpu", 5.0) for day in (1, 2) for at in range(0, 86_400, 900)]
    history = build(database, dense + sparse).history
    assert history.interval_s("cpu").tolist() == [[60.0, 900.0, 900.0]]
    assert history.quantiles("cpu", [0.5])[0, 0] == pytest.approx(5.0, rel=0.05)
    assert history.coverage("cpu").tolist() == [[1.0, 1.0, 1.0]]


def test_gaps_and_coverage_tell_what_is_missing(database: Any) -> None:
    samples = [one for one in regular() if not 3_600 <= one[0] < 14_400 and not 86_400 <= one[0] < 2 * 86_400]
    rows = (history := build(database, samples).history).rows
    assert (rows.gap_from_s.tolist(), rows.gap_to_s.tolist()) == ([3_300], [14_400])
    assert history.coverage("cpu")[0] == pytest.approx([21 / 24, 0, 1, 1], abs=1e-6)
    assert np.isnan(history.daily_most("cpu")[0, 1])
    sparse = build(database, regular(every=3_600)).history
    assert sparse.interval_s("cpu")[0].tolist() == [3_600.0] * DAYS
    assert sparse.coverage("cpu")[0].tolist() == [1.0] * DAYS
    assert len(sparse.rows.gap_from_s) == 0


def test_what_was_read_in_pieces_is_merged(database: Any, messy: list[Sample]) -> None:
    whole = build(database, messy).history
    days = [build(database, [one for one in messy if one[0] // 86_400 == day]).history for day in range(DAYS)]
    halves = [build(database, [one for one in messy if (one[0] < 130_000) == first]).history for first in (True, False)]
    for parts in (days, list(reversed(days)), halves):
        found = united([part for part in parts if len(part.rows)])
        assert found.workloads == whole.workloads
        for name in ("workload", "resource", "day", "samples", "most", "most_s", "bucket", "count", "hour_n", "second"):
            assert np.array_equal(getattr(found.rows, name), getattr(whole.rows, name)), name
    merged = days[0].merge(days[1]).merge(days[2].merge(days[3]))
    assert np.allclose(merged.quantiles("cpu", [0.5, 0.99]), whole.quantiles("cpu", [0.5, 0.99]))


def test_hours_are_in_order_and_unknown_where_nothing_was_measured(database: Any) -> None:
    samples = [(hour * 3_600 + at, "oven", "cpu", float(hour)) for hour in (0, 1, 30) for at in range(0, 3_600, 600)]
    most, mean = build(database, samples).history.hours("cpu")
    assert most.shape == (1, 48)
    assert np.flatnonzero(np.isfinite(most[0])).tolist() == [0, 1, 30]
    assert (most[0, 30], mean[0, 1]) == (30.0, 1.0)


def test_what_cannot_be_read_is_told(database: Any) -> None:
    samples = [
        *regular(days=1),
        (5, "oven", "colour", 1.0),
        (6, "oven", "'; DROP TABLE x; --", 1.0),
        (-5, "oven", "cpu", 1.0),
    ]
    odd = pa.concat_tables(
        [
            table(samples),
            pa.table({"ts": [None], "workload": ["oven"], "resource": ["cpu"], "value": [1.0]}).cast(
                table(samples).schema
            ),
            pa.table({"ts": [ZERO], "workload": [None], "resource": ["cpu"], "value": [1.0]}).cast(
                table(samples).schema
            ),
        ]
    )
    source = build(database, odd).source
    assert (source.rows, source.unknown, source.nameless, source.outside) == (
        len(samples) + 2,
        {"'; DROP TABLE x; --": 1, "colour": 1},
        1,
        2,
    )
    nothing = build(database, table([]))
    assert (nothing.history.workloads, len(nothing.history.days), nothing.history.names("cpu")) == ((), 0, ())
    assert nothing.history.quantiles("cpu", [0.5]).shape == (0, 1)
    assert nothing.history.daily_most("cpu").shape == (0, 0)
    with pytest.raises(InputError):
        united([])
    with pytest.raises(InputError, match="at least one day"):
        build_history(database, "given", FIRST_DAY, FIRST_DAY - timedelta(days=1))


@pytest.mark.parametrize("cells", [3_000_000, 24, 100], ids=["at once", "day by day", "a few days at once"])
def test_what_appears_on_a_later_day_is_read_whole(database: Any, cells: int) -> None:
    day = 86_400
    samples = [
        *((at, "till", "colour", 1.0) for at in range(0, DAYS * day, 3_600)),
        *(sample for sample in regular("mixer", seed=2) if sample[0] >= day),
        *(sample for sample in regular("", "memory", seed=3) if sample[0] >= day + 500),
        *(sample for sample in regular("anvil", seed=4) if sample[0] >= 3 * day),
        *((2 * day + at, "anvil", "cpu", 2.0) for at in (40_000, 20_000, 30_000, 20_000)),
    ]
    built = build(
        database, [samples[place] for place in np.random.default_rng(3).permutation(len(samples))], cells=cells
    )
    right = kept([sample for sample in samples if sample[2] != "colour"])
    rows, names = built.history.rows, built.history.workloads
    assert names == ("", "anvil", "mixer")
    assert built.source.unknown == {"colour": DAYS * 24}
    assert (built.source.nameless, built.source.outside) == (0, 0)
    counted: Counter[tuple[str, int]] = Counter()
    for place, since, n in zip(rows.workload, rows.day, rows.samples, strict=True):
        counted[names[place], int(since - rows.day.min())] += int(n)
    first = min(at for series in right.values() for at in series) // day
    assert counted == Counter((name, at // day - first) for (name, _), series in right.items() for at in series)
    order = list(zip(rows.day, rows.workload, rows.resource, strict=True))
    assert order == sorted(order)
    assert rows.repeated.sum() == 1


def test_names_are_looked_up_for_the_first_day_and_for_what_is_new(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[date, date, int | None]] = []

    def watched(cursor: Any, relation: str, days: tuple[date, date], of: Any = None) -> Named:
        asked.append((*days, None if of is None else len(of)))
        return named(cursor, relation, days, of)

    monkeypatch.setattr("opswarden.tools.usage.building.named", watched)
    new = [sample for sample in regular("mixer", seed=2) if sample[0] >= 2 * 86_400]
    build(database, regular("oven") + regular("oven", "colour") + new, cells=24)
    assert asked == [(FIRST_DAY, FIRST_DAY, None), (FIRST_DAY + timedelta(days=2), FIRST_DAY + timedelta(days=2), 1)]


def test_a_day_with_nonsense_only_is_known_of(database: Any) -> None:
    history = build(
        database, [(5, "oven", "cpu", math.nan), *((86_400 + at, "oven", "cpu", 1.0) for at in range(0, 86_400, 300))]
    ).history
    assert isinstance(history, History)
    assert history.rows.unusable.tolist() == [1, 0]
    assert history.samples("cpu").tolist() == [[0.0, 288.0]]
    assert np.isnan(history.daily_most("cpu")[0, 0])
    assert history.quantiles("cpu", [1.0]).tolist() == [[1.0]]
