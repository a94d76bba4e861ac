"""The numbers of a rollout, from a file: one row per look, side and metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...parquet_tables import refuse_more_rows
from ..evidence import Floats
from ..judging import Series

REQUESTS = "requests"
"""The metric whose `n` are the requests of a side, for the split."""
_MOST_LOOKS = 20_000
_SIZE_LIMIT_BYTES = 200_000_000
_MOST_ROWS = 20_000_000


@dataclass(frozen=True)
class Numbers:
    """The numbers of a rollout, look by look."""

    requests: tuple[Floats, Floats]
    series: Mapping[str, Series] = field(default_factory=dict)


class NumbersReader(Protocol):
    """A system that counts what both sides answered."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def numbers(self, model: str, start: datetime, end: datetime, deadline: Deadline) -> Numbers | None:
        """The looks in `[start, end)`, and those before of the champion as its history; `None` if there are none.

        Raises:
            BackendError: they cannot be read.
        """
        ...


class SeriesFile:
    """A Parquet or CSV file with the columns `ts`, `side` (champion, canary), `metric`, `n`, `total` and `squares`.

    Of a rate, `total` are the events; of a quantile, the requests beyond the champion's quantile; of paired requests,
    the pairs that the side won. `squares` is needed for means alone. Rows before `start` are the champion's history.

    Args:
        path: of the file.
        environment: whose traffic it tells of.
    """

    def __init__(self, path: Path, environment: str) -> None:
        self._path = path
        self.environment = environment

    def numbers(self, model: str, start: datetime, end: datetime, deadline: Deadline) -> Numbers | None:
        """What the file holds of the time; the model is whichever it was written for."""
        table = self._table()
        ts = _column(table, "ts", pa.timestamp("us", tz="UTC")).astype("datetime64[us]")
        begin, stop = (np.datetime64(moment.replace(tzinfo=None), "us") for moment in _utc(start, end))
        sides = np.asarray(_column(table, "side", pa.string()), dtype=object)
        names = np.asarray(_column(table, "metric", pa.string()), dtype=object)
        values = np.stack([_column(table, name, pa.float64()).astype(np.float64) for name in ("n", "total", "squares")])
        looks = np.unique(ts[(ts >= begin) & (ts < stop)])
        if not looks.size:
            return None
        if looks.size > _MOST_LOOKS:
            raise BackendError("the file has more looks than are read", remedy="give longer ones, or a shorter time")
        past = np.unique(ts[ts < begin])[-_MOST_LOOKS:]

        def of(metric: str, side: str, at: np.ndarray) -> tuple[Floats, Floats, Floats]:
            rows = (names == metric) & (sides == side) & np.isin(ts, at)
            found = np.full((3, at.size), np.nan)
            found[:, np.searchsorted(at, ts[rows])] = values[:, rows]
            return found[0], found[1], found[2]

        series = {}
        for metric in sorted(set(names.tolist()) - {REQUESTS, None}):
            history = of(metric, "champion", past) if past.size else None
            series[metric] = Series(of(metric, "champion", looks), of(metric, "canary", looks), history)
        requests = (of(REQUESTS, "champion", looks)[0], of(REQUESTS, "canary", looks)[0])
        return Numbers(requests, series)

    def _table(self) -> pa.Table:
        try:
            if self._path.stat().st_size > _SIZE_LIMIT_BYTES:
                raise BackendError("the file of numbers is larger than is read", remedy="give longer looks")
            if self._path.suffix != ".csv":
                refuse_more_rows(self._path, _MOST_ROWS)
            table = pa_csv.read_csv(self._path) if self._path.suffix == ".csv" else pq.read_table(self._path)
        except (OSError, pa.ArrowException) as error:
            raise BackendError(
                f"the file of numbers cannot be read ({type(error).__name__})", remedy="see docs/rollouts.md"
            ) from None
        if "squares" not in table.column_names and "total" in table.column_names:
            table = table.append_column("squares", table["total"])
        missing = {"ts", "side", "metric", "n", "total"} - set(table.column_names)
        if missing:
            raise BackendError(
                f"the file of numbers has no column {sorted(missing)[0]!r}", remedy="see docs/rollouts.md"
            )
        return table


def _column(table: pa.Table, name: str, kind: pa.DataType) -> np.ndarray:
    try:
        found = table[name].cast(kind)
        if pa.types.is_timestamp(kind):
            return found.cast(pa.timestamp("us")).to_numpy()  # type: ignore[no-any-return]
        return found.to_numpy()  # type: ignore[no-any-return]
    except (pa.ArrowException, ValueError, TypeError):
        raise BackendError(
            f"the column {name!r} of the file of numbers cannot be read", remedy="see docs/rollouts.md"
        ) from None


def _utc(*moments: datetime) -> list[datetime]:
    return [moment.astimezone(UTC) for moment in moments]
