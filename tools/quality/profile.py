"""What one partition of a table is like: counts, shares and quantiles, small enough to be kept for every day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc

Floats = npt.NDArray[np.float64]
Kind = Literal["number", "word", "flag", "time", "other"]

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MOST_WORDS = 100
"""Of a column; one with more different values has no categories, and none of its values are kept."""
MOST_ROWS = 5_000_000
_HOURS = 24
_LEAST_LABELLED = 200


@dataclass(frozen=True)
class ColumnProfile:
    """One column of one partition.

    Args:
        arrow: its type, as Arrow writes it.
        nulls: share of nulls and values that are not finite, 0 to 1.
        zeros: share of zeros, of all rows.
        least: smallest number, or first moment in seconds; NaN for words.
        most: largest one.
        quantiles: of what is neither null nor zero, at `QUANTILES`; NaN where there is nothing.
        words: the values of a column of few and their shares of all rows; empty for a column of many.
        distinct: how many different values there are.
        tells_label: area under the curve with which it alone tells the label, 0.5 to 1; NaN without labels.
    """

    kind: Kind
    arrow: str
    nulls: float
    zeros: float
    least: float
    most: float
    quantiles: tuple[float, ...]
    words: tuple[tuple[str, float], ...]
    distinct: int
    tells_label: float


@dataclass(frozen=True)
class PartitionProfile:
    """One partition, usually a day.

    Args:
        name: of the partition, such as its date.
        duplicated: share of rows whose key another row has as well; NaN without a key.
        lag_s: median seconds from the event to its arrival; NaN where one of the times is not known.
        late: share of rows whose event lies more than a day before the newest one.
        hours: share of events in each hour of the day, UTC; empty without event times.
        newest_s: seconds since 1970 of the newest event; NaN without.
        orphans: by reference, the share of rows whose value is not there.
    """

    name: str
    rows: int
    columns: dict[str, ColumnProfile]
    duplicated: float
    lag_s: float
    late: float
    hours: tuple[float, ...]
    newest_s: float
    orphans: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Roles:
    """What columns of a table are.

    Args:
        key: columns that together name a row; empty if none do.
        event: when it happened.
        arrival: when it was written.
        label: 0 or 1, what a model is to predict.
        references: column: values that it may have, which stand in another table.
    """

    key: tuple[str, ...] = ()
    event: str | None = None
    arrival: str | None = None
    label: str | None = None
    references: dict[str, pa.Array] = field(default_factory=dict)


def profile(name: str, table: pa.Table, roles: Roles) -> PartitionProfile:
    """The profile of a partition.

    Args:
        name: of the partition.
        table: its rows, at most `MOST_ROWS`.
        roles: of its columns; one that is missing is no error, its figures are NaN.
    """
    label = _label(table, roles.label)
    columns = {
        column: _column(table[column], None if column == roles.label else label) for column in table.column_names
    }
    event, arrival = (_seconds(table, each) for each in (roles.event, roles.arrival))
    newest = float(np.nanmax(event)) if event is not None and np.isfinite(event).any() else float("nan")
    return PartitionProfile(
        name=name,
        rows=table.num_rows,
        columns=columns,
        duplicated=_duplicated(table, roles.key),
        lag_s=_median(arrival - event) if event is not None and arrival is not None else float("nan"),
        late=float(np.mean(event < newest - 86_400)) if event is not None and event.size else float("nan"),
        hours=_hours(event),
        newest_s=newest,
        orphans={
            column: _orphans(table[column], values)
            for column, values in roles.references.items()
            if column in table.column_names
        },
    )


def without_personal(day: PartitionProfile, is_clean: Callable[[str], bool]) -> PartitionProfile:
    """The profile without the values of any column of which one is personal data or a secret.

    Args:
        day: whose values are to be written down.
        is_clean: whether redaction leaves a value as it is.
    """
    columns = {
        name: column if all(is_clean(word) for word, _ in column.words) else replace(column, words=())
        for name, column in day.columns.items()
    }
    return replace(day, columns=columns)


def _column(column: pa.ChunkedArray, label: Floats | None) -> ColumnProfile:
    kind, size = _kind(column.type), max(len(column), 1)
    if kind in ("number", "time"):
        values = _numbers(column) if kind == "number" else _moments(column)
        known = values[np.isfinite(values)]
        some = known[known != 0] if kind == "number" else known
        return ColumnProfile(
            kind=kind,
            arrow=str(column.type),
            nulls=1.0 - len(known) / size,
            zeros=float((known == 0).sum() / size) if kind == "number" else 0.0,
            least=float(known.min()) if len(known) else float("nan"),
            most=float(known.max()) if len(known) else float("nan"),
            quantiles=tuple(np.quantile(some, QUANTILES).tolist()) if len(some) else (float("nan"),) * len(QUANTILES),
            words=(),
            distinct=len(np.unique(known)),
            tells_label=_telling(values, label) if kind == "number" else float("nan"),
        )
    words, distinct = _words(column, size) if kind in ("word", "flag") else ((), 0)
    return ColumnProfile(
        kind, str(column.type), column.null_count / size, 0.0, float("nan"), float("nan"), (), words, distinct,
        _telling_words(column, label) if kind in ("word", "flag") and distinct <= MOST_WORDS else float("nan"),
    )  # fmt: skip


def _kind(kind: pa.DataType) -> Kind:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind):
        return "flag"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "word"
    return "time" if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else "other"


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan")).to_numpy(), np.float64)


def _moments(column: pa.ChunkedArray) -> Floats:
    us = pc.cast(pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None))), pa.int64())
    return np.asarray(pc.fill_null(pc.cast(us, pa.float64()), float("nan")).to_numpy(), np.float64) / 1e6


def _seconds(table: pa.Table, name: str | None) -> Floats | None:
    if name is None or name not in table.column_names or _kind(table.schema.field(name).type) != "time":
        return None
    return _moments(table[name])


def _words(column: pa.ChunkedArray, size: int) -> tuple[tuple[tuple[str, float], ...], int]:
    counted = pc.value_counts(pc.drop_null(pc.cast(column, pa.string()))).to_pylist()
    rows: list[dict[str, Any]] = sorted(counted, key=lambda row: (-row["counts"], str(row["values"])))
    # Names, addresses and numbers of people are many; what is written down is the names of kinds.
    kept = rows if len(rows) <= MOST_WORDS else []
    return tuple((str(row["values"]), row["counts"] / size) for row in kept), len(rows)


def _duplicated(table: pa.Table, key: tuple[str, ...]) -> float:
    if not key or any(name not in table.column_names for name in key) or not table.num_rows:
        return float("nan")
    groups = table.group_by(list(key)).aggregate([([], "count_all")])
    return float(1.0 - groups.num_rows / table.num_rows)


def _orphans(column: pa.ChunkedArray, values: pa.Array) -> float:
    known = pc.is_in(pc.cast(column, pa.string()), value_set=pc.cast(values, pa.string()))
    strangers = pc.and_(pc.invert(known), pc.is_valid(column))
    return float(pc.sum(pc.cast(strangers, pa.int64())).as_py() or 0) / max(len(column), 1)


def _hours(event: Floats | None) -> tuple[float, ...]:
    if event is None or not np.isfinite(event).any():
        return ()
    known = event[np.isfinite(event)]
    counts = np.bincount((known // 3_600 % _HOURS).astype(np.int64), minlength=_HOURS)
    return tuple((counts / len(known)).tolist())


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _label(table: pa.Table, name: str | None) -> Floats | None:
    if name is None or name not in table.column_names or _kind(table.schema.field(name).type) not in ("number", "flag"):
        return None
    return _numbers(pc.cast(table[name], pa.int64()) if pa.types.is_boolean(table[name].type) else table[name])


def _telling(values: Floats, label: Floats | None) -> float:
    """The area under the curve of one column, whichever way round."""
    if label is None:
        return float("nan")
    known = np.isfinite(values) & np.isin(label, (0.0, 1.0))
    values, truth = values[known], label[known]
    ups = float(truth.sum())
    downs = len(truth) - ups
    if min(ups, downs) < 10 or len(truth) < _LEAST_LABELLED:
        return float("nan")
    distinct, places = np.unique(values, return_inverse=True)
    up = np.bincount(places, truth, len(distinct))
    down = np.bincount(places, 1 - truth, len(distinct))
    area = float((up * (np.cumsum(down) - down / 2)).sum() / (ups * downs))
    return float(max(area, 1 - area))


def _telling_words(column: pa.ChunkedArray, label: Floats | None) -> float:
    """The same of words, each standing for the share of positives that it has."""
    if label is None:
        return float("nan")
    encoded = pc.dictionary_encode(pc.cast(column, pa.string())).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        if not encoded.num_chunks:
            return float("nan")
        encoded = encoded.chunk(0)
    places = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    truth = np.nan_to_num(label)
    counts = np.bincount(places)
    rates = np.bincount(places, truth) / np.maximum(counts, 1)
    return _telling(rates[places], label)
