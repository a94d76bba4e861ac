"""Training-serving skew: by request, recomputed as of each request, and by distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.evals.suites.feature_worlds import FeatureWorld, clean_world
from opswarden.tools.arrow import compute as pc
from opswarden.tools.features.backends.store import CREATED, EVENT, KEY
from opswarden.tools.features.skew import AT, REQUEST, Skew, by_distribution, by_request, by_time

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def world() -> FeatureWorld:
    return clean_world(6, keys=1_500)


def served(world: FeatureWorld) -> pa.Table:
    """A request of each key two hours after its newest row, with the values of that row."""
    rows = world.served
    moments = pc.add(rows[EVENT], 2 * HOUR_US)
    names = pa.array([f"r{number}" for number in range(rows.num_rows)])
    return rows.drop_columns([EVENT]).append_column(AT, moments).append_column(REQUEST, names)


def changed(rows: pa.Table, name: str, some: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> pa.Table:
    column = np.asarray(rows[name].to_numpy(), float).copy()
    column[some] = values[some] if len(values) == len(column) else values
    return rows.set_column(rows.column_names.index(name), name, pa.array(column, from_pandas=True))


def told(found: Skew) -> list[tuple[str, str | None, int]]:
    return [(each.fault, each.feature, each.count) for each in found.found]


def test_rows_of_one_request_are_compared_exactly(world: FeatureWorld) -> None:
    logged, features = served(world), world.view.features
    training = logged.take(pa.array(np.random.default_rng(1).permutation(logged.num_rows)[:1_000]))
    found = by_request(features, logged, training)
    assert (found.found, found.matched, found.way) == ((), 1_000, "request")
    spend = np.asarray(training["spend_7d"].to_numpy(), float)
    some = np.flatnonzero(np.isfinite(spend))[:80]
    found = by_request(features, logged, changed(training, "spend_7d", some, spend * 100))
    assert (told(found), found.differing) == ([("value", "spend_7d", 80)], 80)
    assert found.found[0].cause == "0.01 times the training value"
    assert told(by_request(features, logged.drop_columns(["risk"]), training)) == [("column_missing", "risk", 1_500)]
    other = training.set_column(training.column_names.index(REQUEST), REQUEST, pa.array(["x"] * 1_000))
    assert told(by_request(features, logged, other)) == [("unmatched", None, 1_500)]


def test_what_was_served_is_compared_with_the_offline_side_of_that_moment(world: FeatureWorld) -> None:
    logged, features = served(world), world.view.features
    assert told(by_time(features, logged, world.history, world.view.ttl_s)) == []
    # What happened after all requests is of no concern to them.
    newer = world.history.set_column(1, EVENT, pc.add(world.history[EVENT], 1_000 * HOUR_US))
    both = pa.concat_tables([world.history, changed(newer, "risk", np.arange(newer.num_rows), np.array([9.0]))])
    assert told(by_time(features, logged, both, world.view.ttl_s)) == []
    # Rows that came to the offline side after the request, for events before it.
    at = logged[AT].take(pa.array(range(90)))
    late = world.served.take(pa.array(range(90)))
    late = late.set_column(1, EVENT, pc.subtract(at, HOUR_US)).add_column(2, CREATED, pc.add(at, HOUR_US))
    late = changed(late, "risk", np.arange(90), np.array([0.5]))
    assert late.select([KEY]).num_rows == 90
    found = by_time(features, logged, pa.concat_tables([world.history, late]), world.view.ttl_s)
    assert told(found) == [("not_yet_written", None, 90)]
    early = late.set_column(2, CREATED, pc.subtract(at, HOUR_US // 2))
    assert told(by_time(features, logged, pa.concat_tables([world.history, early]), None)) == [("stale", None, 90)]
    values = np.asarray(logged["risk"].to_numpy(), float)
    cut = changed(logged, "risk", np.arange(len(values)), np.round(values, 1))
    ((fault, feature, count),) = told(by_time(features, cut, world.history, world.view.ttl_s))
    assert (fault, feature, count > 1_400) == ("precision", "risk", True)
    found = by_time(features, logged, world.history.slice(0, 0), None)
    assert told(found) == [("unmatched", None, 1_500)]


def test_where_nothing_joins_distributions_tell(world: FeatureWorld) -> None:
    draw = np.random.default_rng(4)
    logged, features = served(world), world.view.features
    halves = draw.permutation(logged.num_rows)
    one, two = (logged.take(pa.array(part)) for part in np.array_split(halves, 2))
    assert told(by_distribution(features, one, two)) == []
    lost = np.asarray(one["orders"].to_numpy(), float)
    empty = changed(one, "orders", np.arange(0, len(lost), 8), np.array([np.nan]))
    assert told(by_distribution(features, empty, two)) == [("distribution", "orders", 750)]
    cents = changed(one, "spend_7d", np.arange(750), np.asarray(one["spend_7d"].to_numpy(), float) * 100)
    (found,) = by_distribution(features, cents, two).found
    assert (found.feature, found.share > 0.8) == ("spend_7d", True)
