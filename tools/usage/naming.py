"""Which series a relation holds. Samples are told apart by a hash that DuckDB makes of workload and resource."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import InputError
from ..fleets.schema import USAGE_RESOURCES
from .finishing import Series

if TYPE_CHECKING:
    import duckdb

_MOST_SERIES = 200_000

Hashes = npt.NDArray[np.uint64]
NO_HASHES: Hashes = np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Named:
    """What some hashes stand for.

    Args:
        series: in the order in which they first appear: files keep one, and whatever follows it needs no sorting.
        strangers: of rows without a workload or a resource, or of a resource that there is not.
    """

    series: Series
    strangers: Hashes


def samples(relation: str, of: Hashes | None = None) -> tuple[str, dict[str, list[int]]]:
    """A query for the samples from `$first` until `$end`, of all series or of some, and its further parameters."""
    sql = (
        f"SELECT hash(workload, resource) AS series, epoch_us(ts) AS at_us, value FROM {relation}"  # noqa: S608 - names of ours
        " WHERE ts >= $first AND ts < $end"
    )
    if of is None:
        return sql, {}
    return f"{sql} AND hash(workload, resource) IN (SELECT unnest($of::UBIGINT[]))", {"of": of.tolist()}


def named(cursor: duckdb.DuckDBPyConnection, relation: str, days: tuple[date, date], of: Hashes | None = None) -> Named:
    """The series that some days hold, both included: all of them, or those of some hashes."""
    picked = "" if of is None else " AND hash(workload, resource) IN (SELECT unnest($of::UBIGINT[]))"
    given = {"first": moment(days[0]), "end": moment(days[1] + timedelta(days=1))}
    # By the hash alone: to tell pairs of texts apart costs half as much again.
    found = cursor.execute(
        "SELECT any_value(workload), any_value(resource), key, min(place) AS place FROM ("  # noqa: S608 - names of ours
        f"SELECT workload, resource, hash(workload, resource) AS key, row_number() OVER () AS place FROM {relation}"
        f" WHERE ts >= $first AND ts < $end{picked}) GROUP BY key ORDER BY place",
        given if of is None else {**given, "of": of.tolist()},
    ).fetchall()
    place_of = {name: place for place, name in enumerate(USAGE_RESOURCES)}
    known = [
        (name, place_of[resource], key) for name, resource, key, _ in found if name is not None and resource in place_of
    ]
    strange = [key for name, resource, key, _ in found if name is None or resource not in place_of]
    return Named(
        series_of([name for name, _, _ in known], [place for _, place, _ in known], [key for _, _, key in known]),
        np.sort(np.array(strange, np.uint64)),
    )


def series_of(names: list[str], resources: list[int], hashes: list[int]) -> Series:
    """Series, numbered in this order.

    Raises:
        InputError: they are more than can be held.
    """
    if len(names) > _MOST_SERIES:
        raise InputError(
            f"usage has more than {_MOST_SERIES} series", remedy="split the fleet, by team or by cluster for example"
        )
    keys = np.array(hashes, np.uint64)
    order = np.argsort(keys)
    return Series(names, np.array(resources, np.int64), keys[order], order.astype(np.int32))


def both(some: Series, others: Series) -> Series:
    """The series of both, which have none in common."""
    hashes = np.empty(len(some.names) + len(others.names), np.uint64)
    hashes[some.order] = some.hashes
    hashes[others.order + len(some.names)] = others.hashes
    resources = [*some.resources.tolist(), *others.resources.tolist()]
    return series_of(some.names + others.names, resources, hashes.tolist())


def moment(day: date) -> datetime:
    """The beginning of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
