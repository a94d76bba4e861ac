"""What every metrics backend has to do; `make` fills one with rows and returns it.

`OF_NOW` holds of whatever can be asked how things are, `OF_THE_PAST` of what keeps samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opswarden.core.clock import Deadline
from opswarden.tools.metrics.backends.types import MetricsBackend

Make = Callable[[Sequence[dict[str, Any]]], MetricsBackend]
MINUTE = timedelta(minutes=1)


def sample(at: datetime, value: float, entity: str = "oven", metric: str = "heat", **labels: str) -> dict[str, Any]:
    row = {"ts": at, "entity": entity, "metric": metric, "kind": "gauge", "value": value, "unit": "C"}
    return row | {"labels": sorted(labels.items())}


def check_samples_come_in_order_and_half_open(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [sample(at + step * MINUTE, float(step)) for step in (2, 0, 1, 3)]
    ((key, times, values),) = make(rows).series(at, at + 3 * MINUTE, deadline)
    assert (key.entity, key.metric, key.kind) == ("oven", "heat", "gauge")
    assert key.unit in ("C", None)  # not every system keeps units
    assert values.tolist() == [0.0, 1.0, 2.0]
    assert times.tolist() == [round((at + step * MINUTE).timestamp() * 1e6) for step in range(3)]


def check_series_that_are_recorded_side_by_side_come_apart(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [
        sample(at + step * MINUTE, 10.0 * step + place, f"oven-{place}") for step in (1, 0, 2) for place in (2, 0, 1)
    ]
    found = {key.entity: values.tolist() for key, _, values in make(rows).series(at, at + 3 * MINUTE, deadline)}
    assert found == {f"oven-{place}": [place, 10.0 + place, 20.0 + place] for place in range(3)}


def check_label_sets_are_series_of_their_own(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([sample(at, 1.0, zone="a"), sample(at, 2.0, zone="b"), sample(at, 3.0)])
    found = {key.labels: set(values.tolist()) for key, _, values in backend.series(at, at + MINUTE, deadline)}
    assert found == {(("zone", "a"),): {1.0}, (("zone", "b"),): {2.0}, (): {3.0}}
    picked = list(backend.series(at, at + MINUTE, deadline, labels={"zone": "b"}))
    assert [set(values.tolist()) for _, _, values in picked] == [{2.0}]
    assert len(backend.series(at, at + MINUTE, deadline, labels={"zone": "c"})) == 0


def check_entities_and_metric_narrow(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([sample(at, 1.0), sample(at, 2.0, "till"), sample(at, 3.0, metric="draught")])
    end = at + MINUTE
    assert len(backend.series(at, end, deadline)) == 3
    assert {key.entity for key in backend.series(at, end, deadline, entities=("till", "nobody")).keys} == {"till"}
    assert {key.metric for key in backend.series(at, end, deadline, metric="draught").keys} == {"draught"}


def check_what_is_no_number_is_left_out(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [sample(at, float("nan")), sample(at + MINUTE, float("inf")), sample(at + 2 * MINUTE, 4.0)]
    ((_, _, values),) = make(rows).series(at, at + 3 * MINUTE, deadline)
    assert values.tolist() == [4.0]


def check_a_series_without_a_number_is_none(make: Make, at: datetime, deadline: Deadline) -> None:
    rows = [sample(at, value, f"oven-{place}") for place, value in enumerate((float("nan"), float("-inf"), 4.0))]
    assert [key.entity for key in make(rows).series(at, at + MINUTE, deadline).keys] == ["oven-2"]


def check_what_a_series_is_called_stays_a_value(make: Make, at: datetime, deadline: Deadline) -> None:
    backend = make([sample(at, 1.0, 'oven"} or {a="b', zone='x"} 2\nheat 3'), sample(at, 2.0)])
    found = list(backend.series(at, at + MINUTE, deadline, entities=('oven"} or {a="b',)))
    assert [(key.labels, set(values.tolist())) for key, _, values in found] == [((("zone", 'x"} 2\nheat 3'),), {1.0})]
    assert len(backend.series(at, at + MINUTE, deadline, entities=(".*", 'x"} or {a=~".+'))) == 0
    assert len(backend.series(at, at + MINUTE, deadline, metric="heat|cool")) == 0


def check_nothing_is_an_empty_set(make: Make, at: datetime, deadline: Deadline) -> None:
    assert len(make([]).series(at, at + MINUTE, deadline)) == 0
    assert len(make([sample(at, 1.0)]).series(at + MINUTE, at + 2 * MINUTE, deadline)) == 0


OF_THE_PAST = (
    check_samples_come_in_order_and_half_open,
    check_series_that_are_recorded_side_by_side_come_apart,
    check_what_is_no_number_is_left_out,
)
OF_NOW = (
    check_label_sets_are_series_of_their_own,
    check_entities_and_metric_narrow,
    check_a_series_without_a_number_is_none,
    check_what_a_series_is_called_stays_a_value,
    check_nothing_is_an_empty_set,
)
CHECKS = (*OF_THE_PAST, *OF_NOW)
