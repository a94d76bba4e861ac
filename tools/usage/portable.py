"""The same history as one expression for every engine that Ibis speaks: DuckDB, Spark, Trino, BigQuery, Snowflake.

For fleets whose samples lie in a warehouse: aggregations run there, and what comes back is a few rows by hour and by
bucket. Needs the extra `spark`, which brings Ibis.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from ...core.errors import ConfigError
from ..arrow import compute as pc
from ..fleets.schema import USAGE_RESOURCES
from .buckets import EDGE, FIRST, LAST_BUCKET, PER_LOG
from .cells import DAY_S, Cells, Collected, Counts, pack
from .finishing import Series, finished
from .history import History

Table: TypeAlias = Any
"""`ibis.expr.types.Table`, of an extra that need not be there where types are checked."""
_EPOCH = date(1970, 1, 1)


def _ibis() -> Any:
    import ibis  # noqa: PLC0415 - an extra

    return ibis


def cells_of(usage: Table) -> Table:
    """A row per workload, resource and hour of the epoch: first_s, last_s, n, total, most, most_s and repeated.

    Args:
        usage: with columns at_s (seconds since the epoch, whole), workload, resource and value.
    """
    ibis = _ibis()

    moments = _moments(usage)
    hours = moments.mutate(hour=(moments.at_s // 3_600).cast("int64"))
    return hours.group_by("workload", "resource", "hour").aggregate(
        first_s=hours.at_s.min(),
        last_s=hours.at_s.max(),
        n=ibis._.count(),
        total=hours.value.sum(),
        most=hours.value.max(),
        most_s=hours.at_s.argmax(hours.value),
        repeated=(hours.samples - 1).sum(),
    )


def buckets_of(usage: Table) -> Table:
    """A row per workload, resource, day of the epoch and bucket: n.

    Args:
        usage: as for `cells_of`.
    """
    ibis = _ibis()

    moments = _moments(usage)
    first = ibis.cases(*((moments.resource == name, ibis.literal(edge)) for name, edge in FIRST.items()), else_=1.0)
    # Spark may work out a column before it filters, and its `ceil` of an infinite number is an error.
    bounded = ibis.least(ibis.greatest(moments.value, 1e-300), 1e300)
    place = ((bounded.ln() - first.ln()) * PER_LOG - EDGE).ceil()
    bucket = place.clip(lower=0, upper=LAST_BUCKET).cast("int64")
    found = moments.mutate(day=(moments.at_s // DAY_S).cast("int64"), bucket=bucket)
    return found.group_by("workload", "resource", "day", "bucket").aggregate(n=ibis._.count())


def unusable_of(usage: Table) -> Table:
    """A row per workload, resource and day of the epoch on which samples cannot be used: n."""
    ibis = _ibis()

    bad = usage.filter(usage.workload.notnull(), usage.resource.isin(USAGE_RESOURCES), ~_usable(usage))
    found = bad.mutate(day=(bad.at_s // DAY_S).cast("int64"))
    return found.group_by("workload", "resource", "day").aggregate(n=ibis._.count())


def _usable(usage: Table) -> Any:
    """Whether a value is a number that is not negative.

    Engines either take NaN for larger than everything or for comparable to nothing; both leave it out of a range.
    """
    value = usage.value.fill_null(-1.0)
    return (value >= 0) & (value <= sys.float_info.max)


def _moments(usage: Table) -> Table:
    """Each moment of each series once, with the largest value."""
    ibis = _ibis()

    good = usage.filter(usage.workload.notnull(), usage.resource.isin(USAGE_RESOURCES), _usable(usage))
    return good.group_by("workload", "resource", "at_s").aggregate(value=good.value.max(), samples=ibis._.count())


def portable_history(usage: Table, first: date, last: date) -> History:
    """The history of some days of a table anywhere.

    Equal to the one that `build_history` makes, but for what depends on the order of samples (`disordered` is 0, and
    a peak that is reached twice may be told at its second time) and sums, which engines add up in different orders. Of
    logarithms the last digit differs between engines: a value within 1e-9 buckets of an edge may lie on either side.

    Args:
        usage: with columns at_s (seconds since the epoch, whole), workload, resource and value.
        first: the first day, in UTC.
        last: the last day, in UTC.

    Raises:
        ConfigError: the extra is missing.
    """
    try:
        import ibis  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("a history in a warehouse needs Ibis", remedy="pip install 'opswarden[spark]'") from error
    zero = (first - _EPOCH).days * DAY_S
    some = usage.filter(usage.at_s >= zero, usage.at_s < ((last - _EPOCH).days + 1) * DAY_S)
    cells = cells_of(some).to_pyarrow()
    buckets = buckets_of(some).to_pyarrow()
    unusable = unusable_of(some).to_pyarrow()
    keys = sorted(
        {
            (name, USAGE_RESOURCES.index(resource))
            for table in (cells, unusable)
            for name, resource in zip(table["workload"].to_pylist(), table["resource"].to_pylist(), strict=True)
        }
    )
    series = Series([name for name, _ in keys], np.array([place for _, place in keys], np.int64))
    return finished(_collected(cells, buckets, unusable, keys, zero), series, first)


def _collected(
    cells: pa.Table, buckets: pa.Table, unusable: pa.Table, keys: list[tuple[str, int]], zero: int
) -> Collected:
    number = {key: place for place, key in enumerate(keys)}

    def numbers(table: pa.Table) -> Any:
        pairs = zip(table["workload"].to_pylist(), table["resource"].to_pylist(), strict=True)
        return np.array([number[name, USAGE_RESOURCES.index(resource)] for name, resource in pairs], np.int32)

    def counts(table: pa.Table, bucket: str | None = None, n: str = "n") -> Counts:
        day = _whole(table, "day") - zero // DAY_S
        key = pack(numbers(table), day) | (_whole(table, bucket) if bucket else 0)
        order = np.argsort(key, kind="stable")
        return Counts(key[order], _whole(table, n)[order].astype(np.int32))

    series, first_s = numbers(cells), (_whole(cells, "first_s") - zero).astype(np.int32)
    order = np.lexsort((first_s, series, first_s // DAY_S))
    daily = pack(series, first_s // DAY_S)[order]
    repeated = _whole(cells, "repeated")[order]
    starts = np.flatnonzero(np.diff(daily, prepend=-1))
    again = np.add.reduceat(repeated, starts) if len(starts) else repeated
    some = again > 0
    nothing = Counts(np.zeros(0, np.int64), np.zeros(0, np.int32))
    return Collected(
        cells=Cells(
            series[order],
            first_s[order],
            (_whole(cells, "last_s") - zero).astype(np.int32)[order],
            _whole(cells, "n").astype(np.int32)[order],
            cells["total"].to_numpy()[order],
            cells["most"].to_numpy()[order],
            (_whole(cells, "most_s") - zero).astype(np.int32)[order],
        ),
        buckets=counts(buckets, "bucket"),
        unusable=counts(unusable),
        repeated=Counts(daily[starts][some], again[some].astype(np.int32)),
        disordered=nothing,
        overlapping=np.zeros(0, np.int64),
    )


def _whole(table: pa.Table, name: str) -> Any:
    return pc.cast(table[name], pa.int64()).to_numpy()
