"""Days of an invented feature table, and mistakes as they are made: each day has at most one, and its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from ...tools.arrow import compute as pc
from ...tools.quality.profile import Roles

_FIRST = datetime(2031, 3, 3, tzinfo=UTC)
_ROWS = 4_000
_COUNTRIES = ("BR", "MX", "IN", "NG", "PH")
_METHODS = ("card", "pix", "upi", "wallet", "boleto")

Spoil = Callable[[pa.Table, pa.Table, np.random.Generator], pa.Table]


@dataclass(frozen=True)
class QualityDay:
    """A day to judge.

    Args:
        table: as it came.
        fault: its name; empty where nothing is wrong.
        columns: that it concerns, in any order; empty for the table.
    """

    table: pa.Table
    fault: str = ""
    columns: tuple[str, ...] = ()


class QualityTable:
    """A table of card features that grows day by day.

    Args:
        seed: of everything.
    """

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._weights = self._draw.dirichlet(np.full(len(_METHODS), 6.0))
        self._scale = self._draw.uniform(20, 60)
        self._days = 0
        self.merchants = pa.array([f"m{number:04d}" for number in range(300)])

    @property
    def roles(self) -> Roles:
        """What its columns are."""
        return Roles(("payment",), "event_time", "written_at", "fraud", {"merchant": self.merchants})

    def day(self) -> pa.Table:
        """The next day, as it should be."""
        draw, start = self._draw, _FIRST + timedelta(days=self._days)
        self._days += 1
        weekend = 0.7 if start.weekday() >= 5 else 1.0
        rows = int(_ROWS * weekend * draw.uniform(0.95, 1.05))
        hours = np.clip(draw.normal(15, 4.5, rows) % 24, 0, 23.999)
        event_us = (int(start.timestamp()) * 1_000_000 + np.sort(hours) * 3.6e9).astype(np.int64)
        lag_us = (draw.gamma(3.0, 100.0, rows) * 1e6).astype(np.int64)
        amount = np.exp(draw.normal(np.log(self._scale), 0.9, rows))
        velocity = draw.gamma(2.0, 1.5, rows)
        age_days = draw.gamma(4.0, 60.0, rows)
        score = -3.2 + 0.5 * np.log(amount / self._scale) + 0.3 * velocity
        moments = (
            pa.array(event_us, pa.timestamp("us", "UTC")),
            pa.array(event_us + lag_us, pa.timestamp("us", "UTC")),
        )
        distance = np.where(draw.random(rows) < 0.05, np.nan, draw.gamma(1.2, 80.0, rows))
        return pa.table(
            {
                "payment": pa.array([f"p{self._days:03d}-{number:06d}" for number in range(rows)]),
                "event_time": moments[0],
                "written_at": moments[1],
                "merchant": self.merchants.take(pa.array(draw.integers(0, len(self.merchants), rows))),
                "country": draw.choice(_COUNTRIES, rows),
                "method": draw.choice(_METHODS, rows, p=self._weights),
                "amount": amount,
                "velocity_1h": velocity,
                "account_age_days": age_days,
                "distance_km": pa.array(distance, from_pandas=True),
                "is_new_device": draw.random(rows) < 0.12,
                "score_share": draw.beta(2, 8, rows),
                "fraud": (draw.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64),
            }
        )


def _put(table: pa.Table, name: str, values: Any) -> pa.Table:
    array = values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values, from_pandas=True)
    return table.set_column(table.column_names.index(name), name, array)


def _numbers(table: pa.Table, name: str) -> Any:
    return pc.cast(table[name], pa.float64()).to_numpy(zero_copy_only=False)


def _shifted(table: pa.Table, hours: float) -> pa.Table:
    moved = pa.array(
        pc.cast(table["event_time"], pa.int64()).to_numpy() + int(hours * 3.6e9), pa.timestamp("us", "UTC")
    )
    return _put(table, "event_time", moved)


def _zeroed(share: float) -> Spoil:
    def spoil(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
        lost = draw.random(table.num_rows) < share
        return _put(table, "velocity_1h", np.where(lost, 0.0, _numbers(table, "velocity_1h")))

    return spoil


def _lost(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
    lost = draw.random(table.num_rows) < 0.08
    return _put(table, "amount", np.where(lost, np.nan, _numbers(table, "amount")))


def _renamed_category(table: pa.Table, _before: pa.Table, _draw: np.random.Generator) -> pa.Table:
    words = ["Boleto" if word == "boleto" else word for word in table["method"].to_pylist()]
    return _put(table, "method", words)


def _new_category(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
    strange = draw.random(table.num_rows) < 0.04
    words = [("crypto" if odd else word) for odd, word in zip(strange, table["method"].to_pylist(), strict=True)]
    return _put(table, "method", words)


def _joined_twice(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
    again = np.sort(np.concatenate([np.arange(table.num_rows), np.flatnonzero(draw.random(table.num_rows) < 0.3)]))
    return table.take(pa.array(again))


def _leaked(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
    return _put(table, "velocity_1h", _numbers(table, "fraud") * 6 + draw.random(table.num_rows))


def _swapped(table: pa.Table, _before: pa.Table, _draw: np.random.Generator) -> pa.Table:
    return _put(_put(table, "amount", table["account_age_days"]), "account_age_days", table["amount"])


def _stale(table: pa.Table, before: pa.Table, _draw: np.random.Generator) -> pa.Table:
    # A job that did not compute: yesterday's features under today's keys and times.
    rows = before.num_rows
    fresh = table.take(pa.array(np.arange(rows) % table.num_rows))
    for name in ("amount", "velocity_1h", "account_age_days", "distance_km", "score_share"):
        fresh = _put(fresh, name, before[name])
    names = pa.array([f"s{number:06d}" for number in range(rows)])
    return _put(fresh, "payment", names)


def _orphaned(table: pa.Table, _before: pa.Table, draw: np.random.Generator) -> pa.Table:
    strange = draw.random(table.num_rows) < 0.1
    words = [("m9999" if odd else word) for odd, word in zip(strange, table["merchant"].to_pylist(), strict=True)]
    return _put(table, "merchant", words)


FAULTS: tuple[tuple[str, tuple[str, ...], Spoil], ...] = (
    ("zeros_for_nulls", ("velocity_1h",), _zeroed(0.05)),
    ("nulls", ("amount",), _lost),
    ("time_zone_shifted", (), lambda table, _before, _draw: _shifted(table, -3.0)),
    ("time_zone_shifted", (), lambda table, _before, _draw: _shifted(table, 5.5)),
    ("unit_changed", ("amount",), lambda table, _b, _d: _put(table, "amount", _numbers(table, "amount") * 100)),
    ("unit_changed", ("account_age_days",), lambda table, _b, _d: _put(
        table, "account_age_days", _numbers(table, "account_age_days") * 24)),
    ("category_renamed", ("method",), _renamed_category),
    ("new_category", ("method",), _new_category),
    ("rows_duplicated", (), _joined_twice),
    ("label_leaks", ("velocity_1h",), _leaked),
    ("columns_swapped", ("amount", "account_age_days"), _swapped),
    ("column_missing", ("distance_km",), lambda table, _b, _d: table.drop_columns(["distance_km"])),
    ("column_renamed", ("amount", "amount_minor"), lambda table, _b, _d: table.rename_columns(
        ["amount_minor" if name == "amount" else name for name in table.column_names])),
    ("type_changed", ("amount",), lambda table, _b, _d: _put(table, "amount", pc.cast(table["amount"], pa.string()))),
    ("day_repeated", (), _stale),
    ("orphans", ("merchant",), _orphaned),
    ("volume", (), lambda table, _b, _d: table.slice(0, table.num_rows // 2).take(
        pa.array(np.arange(0, table.num_rows // 2, 2)))),
    ("out_of_range", ("score_share",), lambda table, _b, draw: _put(table, "score_share", np.where(
        draw.random(table.num_rows) < 0.01, 7.5, _numbers(table, "score_share")))),
)  # fmt: skip
"""Name of the fault, the columns that it concerns, and how it is made out of a good day and the day before."""
PAST_DAYS = 28


def quality_days(seed: int) -> tuple[Roles, list[pa.Table], list[QualityDay]]:
    """A past, and the days to judge it by: three good ones, and one for every fault."""
    source = QualityTable(seed)
    past = [source.day() for _ in range(PAST_DAYS)]
    days = [QualityDay(source.day()) for _ in range(3)]
    draw = np.random.default_rng((seed, 1))
    for fault, columns, spoil in FAULTS:
        days.append(QualityDay(spoil(source.day(), past[-1], draw), fault, columns))
    return source.roles, past, days
