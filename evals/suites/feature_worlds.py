"""A feature view of an invented card issuer on both its sides, and faults as they happen: one in each world."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from ...tools.arrow import compute as pc
from ...tools.features.backends.store import CREATED, EVENT, KEY, Kind, Online, View

NOW = datetime(2031, 3, 17, 6, tzinfo=UTC)
DAYS = 14
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_FEATURES: dict[str, Kind] = {
    "spend_7d": "float",
    "orders": "integer",
    "home": "text",
    "risk": "float",
    "is_new": "boolean",
}
_HOMES = ("BR", "MX", "IN", "NG", "PH", "")


@dataclass(frozen=True)
class FeatureWorld:
    """Both sides of a view.

    Args:
        history: every offline row.
        served: the online rows.
        expected: the fault and feature that have to be named; nothing where all is well.
        reach: keys that it concerns.
        check: which of the checks has to name it.
    """

    view: View
    history: pa.Table
    served: pa.Table
    now_us: int
    fault: str = ""
    expected: tuple[str, str | None] | None = None
    reach: int = 0
    check: str = "parity"
    events: dict[str, pa.ChunkedArray] = field(default_factory=dict)

    @property
    def online(self) -> Online:
        """What the online side answers."""
        return Online(self.served, self.events)

    @property
    def at_us(self) -> int:
        """The end of the last materialization."""
        return self.view.intervals[-1][1]


def clean_world(seed: int, keys: int = 5_000) -> FeatureWorld:
    """A view of which every key has an event a day or so, materialized each night at six."""
    draw = np.random.default_rng(seed)
    now_us = round(NOW.timestamp() * 1e6)
    start_us = now_us - DAYS * _DAY_US
    names = np.array([f"card{number:05d}" for number in draw.choice(90_000, keys, replace=False)])
    # Every key has an event on each of the last two days, so that nothing is past its time to live of two days.
    days = np.concatenate([draw.integers(0, DAYS - 2, keys * 3), np.repeat([DAYS - 2, DAYS - 1], keys)])
    who = np.concatenate([draw.integers(0, keys, keys * 3), np.tile(np.arange(keys), 2)])
    event = start_us + days * _DAY_US + draw.integers(0, _DAY_US - 3 * _HOUR_US, len(days))
    created = event + draw.integers(60_000_000, _HOUR_US, len(days))
    rows = len(days)
    risk = np.round(draw.beta(2, 8, rows), 9)
    history = pa.table(
        {
            KEY: pa.array(names[who]),
            EVENT: pa.array(event, pa.int64()),
            CREATED: pa.array(created, pa.int64()),
            "spend_7d": pa.array(draw.lognormal(3, 1.2, rows), mask=draw.random(rows) < 0.03),
            "orders": pa.array(draw.poisson(4, rows), pa.int64()),
            "home": pa.array(draw.choice(_HOMES, rows)),
            "risk": pa.array(risk),
            "is_new": pa.array(draw.random(rows) < 0.1),
        }
    )
    ends = [start_us + day * _DAY_US for day in range(DAYS + 1)]
    intervals = tuple(itertools.pairwise(ends))
    view = View("card", ("card",), dict(_FEATURES), dict(_FEATURES), 2 * 86_400.0, intervals, has_created=True)
    return FeatureWorld(view, history, newest(history, intervals[-1][1]), now_us)


def newest(history: pa.Table, upto_us: int) -> pa.Table:
    """The last row of each key up to a moment, as a store would serve it: floats in 32 bits."""
    rows = history.filter(pc.less_equal(history[EVENT], upto_us)).sort_by(
        [(EVENT, "ascending"), (CREATED, "ascending")]
    )
    rows = rows.append_column("place", pa.array(range(rows.num_rows)))
    last = rows.group_by(KEY, use_threads=False).aggregate([("place", "last")])
    rows = rows.take(last["place_last"]).drop_columns(["place", CREATED])
    short = pc.cast(pc.cast(rows["spend_7d"], pa.float32()), pa.float64())
    return rows.set_column(rows.column_names.index("spend_7d"), "spend_7d", short)


Plant = Callable[[FeatureWorld, np.random.Generator], FeatureWorld]


def planted(fault: str, seed: int, keys: int = 5_000) -> FeatureWorld:
    """A world with one fault."""
    return replace(FAULTS[fault](clean_world(seed, keys), np.random.default_rng(seed + 1)), fault=fault)


def _some(world: FeatureWorld, draw: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.sort(draw.choice(world.served.num_rows, count, replace=False))


def _changed(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _deleted(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    kept = np.ones(world.served.num_rows, bool)
    kept[_some(world, draw, 60)] = False
    return replace(world, served=world.served.filter(pa.array(kept)), expected=("missing_online", None), reach=60)


def _on_some(name: str, count: int, change: Callable[[float], float | None], named: str) -> Plant:
    def plant(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
        values = world.served[name].to_pylist()
        full = [place for place in draw.permutation(len(values)) if values[place]][:count]
        for place in full:
            values[place] = change(values[place])
        served = _changed(world.served, name, pa.array(values, world.served[name].type))
        return replace(world, served=served, expected=(named, name), reach=len(full))

    return plant


def _orphans(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    gone = pa.array(np.unique(world.served[KEY].to_numpy(zero_copy_only=False))[_some(world, draw, 40)])
    history = world.history.filter(pc.invert(pc.is_in(world.history[KEY], value_set=gone)))
    return replace(world, history=history, expected=("missing_offline", None), reach=40)


def _stale(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    """The last night of some keys was never written."""
    old = newest(world.history, world.view.intervals[-2][1])
    chosen = _some(world, draw, 200)
    names = world.served[KEY].take(pa.array(chosen)).combine_chunks()
    kept = world.served.filter(pc.invert(pc.is_in(world.served[KEY], value_set=names)))
    served = pa.concat_tables([kept, old.filter(pc.is_in(old[KEY], value_set=names))])
    return replace(world, served=served, expected=("stale", None), reach=200)


def _late(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    """Rows of before the last materialization that were written after it."""
    chosen = world.served.take(pa.array(_some(world, draw, 120)))
    event = np.asarray(chosen[EVENT].to_numpy(), np.int64) + 60_000_000
    late = chosen.set_column(1, EVENT, pa.array(event)).add_column(
        2, CREATED, pa.array(np.full(len(event), world.at_us + 1_800_000_000))
    )
    late = _changed(late, "orders", pc.add(late["orders"], 1))
    return replace(world, history=pa.concat_tables([world.history, late]), expected=("late", None), reach=120)


def _zone(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    served = _changed(world.served, EVENT, pc.subtract(world.served[EVENT], 3 * _HOUR_US))
    return replace(world, served=served, expected=("event_time", None), reach=served.num_rows)


def _schema(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    view = replace(world.view, offline={**world.view.offline, "spend_7d": "text"})
    history = _changed(world.history, "spend_7d", pc.cast(world.history["spend_7d"], pa.string()))
    return replace(world, view=view, history=history, expected=("type", "spend_7d"), reach=world.served.num_rows)


def _column(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    offline = {name: kind for name, kind in world.view.offline.items() if name != "risk"}
    world = replace(world, view=replace(world.view, offline=offline), history=world.history.drop_columns(["risk"]))
    return replace(world, expected=("column_missing", "risk"), reach=world.served.num_rows)


def _gap(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    """The last but one night was not materialized, and some keys had no event after it."""
    start, end = world.view.intervals[-1]
    names = pc.unique(world.history[KEY]).slice(0, 300)
    of_them = pc.is_in(world.history[KEY], value_set=names)
    history = world.history.filter(pc.invert(pc.and_(of_them, pc.greater_equal(world.history[EVENT], start))))
    intervals = (*world.view.intervals[:-2], (start, end))
    before = newest(history.filter(pc.less(history[EVENT], intervals[-2][1])), end)
    last = newest(history, end)
    in_gap = pc.and_(pc.greater_equal(last[EVENT], intervals[-2][1]), pc.less(last[EVENT], start))
    behind = last.filter(in_gap)[KEY].combine_chunks()
    served = pa.concat_tables([last.filter(pc.invert(in_gap)), before.filter(pc.is_in(before[KEY], value_set=behind))])
    return replace(
        world,
        history=history,
        served=served,
        view=replace(world.view, intervals=intervals),
        expected=("stale", None),
        reach=len(behind),
    )


def _expired(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    """Keys without an event for three days and more, still served."""
    names = world.served[KEY].take(pa.array(_some(world, draw, 150))).combine_chunks()
    recent = pc.greater_equal(world.history[EVENT], world.now_us - 3 * _DAY_US)
    of_them = pc.is_in(world.history[KEY], value_set=names)
    history = world.history.filter(pc.invert(pc.and_(recent, of_them)))
    served = newest(history, world.at_us)
    reach = int(pc.sum(pc.is_in(served[KEY], value_set=names)).as_py())
    return replace(world, history=history, served=served, expected=("expired", None), reach=reach, check="freshness")


def _stopped(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    """Nothing was materialized for four days."""
    intervals = world.view.intervals[:-4]
    served = newest(world.history, intervals[-1][1])
    world = replace(world, served=served, view=replace(world.view, ttl_s=None, intervals=intervals))
    return replace(world, expected=("not_materialized", None), reach=served.num_rows, check="freshness")


def _silent(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    """Materialized every night, from a source that has had nothing new for four days."""
    history = world.history.filter(pc.less(world.history[EVENT], world.now_us - 4 * _DAY_US))
    served = newest(history, world.at_us)
    world = replace(world, history=history, served=served, view=replace(world.view, ttl_s=None))
    return replace(world, expected=("source_silent", None), reach=served.num_rows, check="freshness")


def _ahead(world: FeatureWorld, _draw: np.random.Generator) -> FeatureWorld:
    """The pipeline before both sides writes local times five and a half hours ahead as if they were UTC."""
    history = _changed(world.history, EVENT, pc.add(world.history[EVENT], 11 * _HOUR_US // 2))
    served = newest(history, world.now_us + _DAY_US)
    reach = int(pc.sum(pc.greater(served[EVENT], world.now_us + 300_000_000)).as_py())
    return replace(
        world, history=history, served=served, expected=("future_events", None), reach=reach, check="freshness"
    )


def _one_feature(world: FeatureWorld, draw: np.random.Generator) -> FeatureWorld:
    """One feature of some rows was written a day before the rest."""
    chosen = _some(world, draw, 400)
    own = np.asarray(world.served[EVENT].to_numpy(), np.int64).copy()
    own[chosen] -= _DAY_US
    events = dict.fromkeys(world.view.features, world.served[EVENT]) | {"risk": pa.chunked_array([pa.array(own)])}
    return replace(world, events=events, expected=("feature_behind", "risk"), reach=400, check="freshness")


FAULTS: dict[str, Plant] = {
    "rows_deleted": _deleted,
    "values_altered": _on_some("spend_7d", 150, lambda value: value * 1.5, "value"),
    "nulls_as_zero": _on_some("orders", 200, lambda _value: 0, "default"),
    "values_lost": _on_some("spend_7d", 200, lambda _value: None, "default"),
    "rounded": _on_some("risk", 5_000, lambda value: round(value, 2), "precision"),
    "keys_only_online": _orphans,
    "night_missed": _stale,
    "late_rows": _late,
    "time_zone": _zone,
    "type_changed_upstream": _schema,
    "column_dropped_upstream": _column,
    "interval_skipped": _gap,
    "expired_served": _expired,
    "materialization_stopped": _stopped,
    "source_stopped": _silent,
    "local_time_upstream": _ahead,
    "one_feature_behind": _one_feature,
}
"""What can be planted, by name."""
