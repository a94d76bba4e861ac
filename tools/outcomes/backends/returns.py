"""What came back of payments, day by day, out of rows of outcomes: in a snapshot, or in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import InputError
from ...snapshots.schema import OPTIONAL_COLUMNS, TABLES, TIME_COLUMN
from ...table_folder import TableFolder
from ..types import OutcomeClass
from ..vocabulary import class_of

PAID_AT = "paid_at"
"""The label of what came back that says when it was paid, RFC 3339 or a date."""
DAY_US = 86_400_000_000
_COLUMNS = ("entity", "country", "issuer", "provider")
_MOST_DIMENSIONS = 12
_MOST_VALUES = 200
_MOST_FILES = 1_000

_PAYMENT_COLUMNS = pa.schema([("value", pa.string()), ("day", pa.int64()), ("payments", pa.int64())])
_RETURN_COLUMNS = pa.schema(
    [
        ("value", pa.string()),
        ("day", pa.int64()),
        ("came", pa.int64()),
        ("currency", pa.string()),
        ("payments", pa.int64()),
        ("amount_minor", pa.int64()),
    ]
)


@dataclass(frozen=True)
class ReturnsAsked:
    """Which payments are meant.

    Args:
        first: the first day, counted from the epoch.
        until: the day after the last.
        counts: classes of outcomes that come back.
        where: dimension: values of which one has to be met, of payments and of what came back.
        only: the same of what came back alone.
        without: dimension: values that keep out what came back.
        by: the dimension by whose values it is told apart; all in one if empty.
    """

    first: int
    until: int
    counts: Sequence[OutcomeClass]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    by: str = ""


@dataclass(frozen=True)
class Returns:
    """Days counted from the epoch, in UTC.

    Args:
        payments: `value`, `day`, `payments`: what was approved.
        returned: `value`, `day` of the payment (null if nobody kept it), `came` on that day, `currency`, `payments`,
            `amount_minor`.
    """

    payments: pa.Table
    returned: pa.Table


class ReturnsBackend(Protocol):
    """A system that knows payments for months, and what came back of them. Methods raise `BackendError`."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def newest(self, until: int, deadline: Deadline) -> int | None:
        """The last day before `until` with a payment; `None` if there is none."""
        ...

    def oldest(self, kind: OutcomeClass, until: int, deadline: Deadline) -> int | None:
        """The first day with such an outcome; `None` if there is none."""
        ...

    def dimensions(self, first: int, until: int, deadline: Deadline) -> Mapping[str, int]:
        """What payments can be told apart by, and how many values each has."""
        ...

    def unnamed(self, asked: ReturnsAsked, deadline: Deadline) -> Mapping[str, float]:
        """Share of what came back that has no value of a dimension it is chosen by, by dimension."""
        ...

    def returns(self, asked: ReturnsAsked, deadline: Deadline) -> Returns:
        """What was paid and what came back."""
        ...


class Tables(Protocol):
    """What can be queried: a snapshot, a folder."""

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table: ...


class HeldReturns:
    """Implements `ReturnsBackend` over the table `outcomes`.

    Args:
        tables: holds it.
        environment: of the payments.
    """

    def __init__(self, tables: Tables, environment: str) -> None:
        self._tables, self._environment = tables, environment

    @property
    def environment(self) -> str:
        """Where they were made."""
        return self._environment

    def newest(self, until: int, deadline: Deadline) -> int | None:
        """The last day with an approval."""
        return self._edge("max", ("approved",), until, deadline)

    def oldest(self, kind: OutcomeClass, until: int, deadline: Deadline) -> int | None:
        """The first day with an outcome of a class."""
        return self._edge("min", (kind,), until, deadline)

    def dimensions(self, first: int, until: int, deadline: Deadline) -> Mapping[str, int]:
        """Columns and labels of approved payments that have from two to so many values."""
        named = self._tables.query(_LABELS, self._between(first, until, ("approved",), deadline), deadline)
        labels = dict(zip(named["name"].to_pylist(), named["values"].to_pylist(), strict=True))
        labels = {name: values for name, values in labels.items() if name not in (*_COLUMNS, PAID_AT)}
        counted = ", ".join(f"count(DISTINCT {name}) AS {name}" for name in _COLUMNS)
        sql = f"SELECT {counted} FROM outcomes WHERE {_BETWEEN}"  # noqa: S608 - all parts are ours
        (row,) = self._tables.query(sql, self._between(first, until, ("approved",), deadline), deadline).to_pylist()
        found = {name: row[name] for name in _COLUMNS if 2 <= row[name] <= _MOST_VALUES} | labels
        return dict(list(found.items())[:_MOST_DIMENSIONS])

    def unnamed(self, asked: ReturnsAsked, deadline: Deadline) -> Mapping[str, float]:
        """One query for each dimension."""
        found = {}
        between = self._between(asked.first, asked.until, asked.counts, deadline)
        for dimension in sorted({*asked.where, *asked.only}):
            picked, own = _picked(dimension)
            share = f"sum(count) FILTER (coalesce({picked}, '') = '') / sum(count)"
            sql = f"SELECT coalesce({share}, 0) AS share FROM outcomes WHERE {_BETWEEN}"  # noqa: S608 - all parts are ours
            found[dimension] = float(self._tables.query(sql, between | own, deadline)["share"].to_pylist()[0])
        return found

    def returns(self, asked: ReturnsAsked, deadline: Deadline) -> Returns:
        """Two queries, one for each side."""
        conditions, values = _conditions(asked.where, "is")
        inside, wanted = _conditions(asked.only, "only")
        outside, unwanted = _conditions(asked.without, "not", negated=True)
        by, own = _picked(asked.by) if asked.by else ("''", {})
        paid = f"""
            SELECT coalesce({by}, '') AS value, epoch_us(ts) // {DAY_US} AS day, sum(count) AS payments FROM outcomes
            WHERE {" AND ".join((_BETWEEN, *conditions))} GROUP BY ALL ORDER BY ALL
        """  # noqa: S608 - all parts are ours
        came = f"""
            SELECT coalesce({by}, '') AS value,
                   datediff('day', DATE '1970-01-01', try_cast(left(labels['{PAID_AT}'], 10) AS DATE)) AS day,
                   epoch_us(ts) // {DAY_US} AS came, coalesce(currency, '') AS currency, sum(count) AS payments,
                   coalesce(sum(amount_minor), 0) AS amount_minor
            FROM outcomes WHERE {" AND ".join((_BETWEEN, *conditions, *inside, *outside))} GROUP BY ALL ORDER BY ALL
        """  # noqa: S608 - as above
        sides = []
        approved: Sequence[OutcomeClass] = ("approved",)
        for sql, kinds, given, schema in (
            (paid, approved, values | own, _PAYMENT_COLUMNS),
            (came, asked.counts, values | wanted | unwanted | own, _RETURN_COLUMNS),
        ):
            where = self._between(asked.first, asked.until, kinds, deadline) | given
            sides.append(self._tables.query(sql, where, deadline).cast(schema))
        return Returns(*sides)

    def _edge(self, which: str, kinds: Sequence[OutcomeClass], until: int, deadline: Deadline) -> int | None:
        sql = f"SELECT {which}(epoch_us(ts) // {DAY_US}) AS day FROM outcomes WHERE {_BETWEEN}"  # noqa: S608 - all parts are ours
        row = self._tables.query(sql, self._between(0, until, kinds, deadline), deadline).to_pylist()[0]
        day: int | None = row["day"]
        return day

    def _between(self, first: int, until: int, kinds: Sequence[OutcomeClass], deadline: Deadline) -> dict[str, Any]:
        """Parameters of a stretch of days and of what outcomes of these classes are called here."""
        called = self._tables.query(_CALLED, {}, deadline)["outcome"].to_pylist()
        outcomes = [each for each in called if class_of(each) in kinds]
        return {"first_us": first * DAY_US, "until_us": until * DAY_US, "outcomes": outcomes}


class FileReturns(HeldReturns):
    """The same from a folder of Parquet files with the columns of `outcomes`.

    Raises:
        InputError: it is no such folder, or a file cannot be used.
    """

    def __init__(self, folder: Path, environment: str) -> None:
        paths = sorted(folder.glob("*.parquet"))
        if not paths or len(paths) > _MOST_FILES:
            raise InputError(
                f"{folder.name} holds {len(paths)} Parquet files", remedy=f"1 to {_MOST_FILES} files with outcomes"
            )
        tables = TableFolder(folder, "folder", memory_limit_mb=800, threads=2)
        optional = frozenset(column for table, column in OPTIONAL_COLUMNS if table == "outcomes")
        tables.add("outcomes", paths, TABLES["outcomes"], optional=optional, time_column=TIME_COLUMN["outcomes"])
        super().__init__(tables, environment)


_CALLED = "SELECT DISTINCT outcome FROM outcomes WHERE outcome IS NOT NULL"
_BETWEEN = (
    "epoch_us(ts) >= $first_us AND epoch_us(ts) < $until_us AND count > 0 "
    "AND list_contains($outcomes::VARCHAR[], outcome)"
)
_LABELS = f"""
    SELECT name, count(DISTINCT labels[name]) AS values
    FROM (SELECT labels, unnest(map_keys(labels)) AS name FROM outcomes WHERE {_BETWEEN})
    GROUP BY name HAVING values BETWEEN 2 AND {_MOST_VALUES} ORDER BY count(*) DESC, name
"""  # noqa: S608 - all parts are ours


def _picked(dimension: str, place: str = "by") -> tuple[str, dict[str, Any]]:
    """An expression with the value of a dimension; what others named travels as a parameter."""
    if dimension in _COLUMNS:
        return dimension, {}
    return f"labels[$name_{place}]", {f"name_{place}": dimension}


def _conditions(
    wanted: Mapping[str, tuple[str, ...]], prefix: str, *, negated: bool = False
) -> tuple[list[str], dict[str, Any]]:
    found: list[str] = []
    values: dict[str, Any] = {}
    for number, (dimension, allowed) in enumerate(sorted(wanted.items())):
        place = f"{prefix}_{number}"
        expression, named = _picked(dimension, place)
        held = f"coalesce(list_contains($values_{place}::VARCHAR[], {expression}), false)"
        found.append(f"NOT {held}" if negated else held)
        values |= {**named, f"values_{place}": list(allowed)}
    return found, values
