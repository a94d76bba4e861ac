"""How old the rows are that a view serves, by the time of the event and not by what the store calls present.

Stores serve rows past their time to live (Feast's online read marks them present), so ages are counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from .backends.store import CREATED, EVENT, KEY, Online, View
from .cells import Places

Trouble = Literal["expired", "never_written", "not_materialized", "source_silent", "feature_behind", "future_events"]

_QUANTILES = (0.5, 0.9, 0.99, 1.0)
_MISSED = 3.0
"""A view is late once so many usual steps went by: two runs were missed."""
_AHEAD_US = 300 * 1_000_000
"""Clocks of machines differ by less."""
_QUARTER_US = 900 * 1_000_000
_LEAST = 5
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class FeatureAge:
    """One feature: the median age of the events behind it, and the share of rows without a value."""

    feature: str
    age_s: float
    nulls: float


@dataclass(frozen=True)
class Stale:
    """One thing that is wrong with the ages of a view.

    Args:
        count: rows or keys that it concerns, of the sample.
        share: of those that it could concern.
    """

    trouble: Trouble
    feature: str | None
    count: int
    share: float
    cause: str


@dataclass(frozen=True)
class Ages:
    """How fresh a view is.

    Args:
        rows: served rows of the sample.
        keys: of the sample, on either side.
        ages_s: median, 90 and 99 percent, and the oldest; empty without rows.
        usual_s: between two materializations; `None` if nobody knows.
        behind_s: since the end of the last one, or since the newest event that is served.
    """

    rows: int
    keys: int
    ages_s: tuple[float, ...]
    expired: int
    never_written: int
    usual_s: float | None
    behind_s: float | None
    features: tuple[FeatureAge, ...]
    found: tuple[Stale, ...]


def ages(view: View, history: pa.Table, online: Online, now_us: int) -> Ages:
    """The ages of the sampled rows of a view.

    Args:
        view: whose they are.
        history: offline rows of the sampled keys up to now.
        online: what is served for them.
        now_us: the present.
    """
    events = _moments(online.rows[EVENT])
    age_s = (now_us - events) / 1e6
    limit = view.ttl_s if view.ttl_s is not None else np.inf
    expired = int((age_s > limit).sum())
    written = _never_written(view, history, online, now_us)
    usual, behind = _pace(view), None
    if view.intervals or len(events):
        behind = (now_us - (view.intervals[-1][1] if view.intervals else int(events.max()))) / 1e6
    found = [*_expired(expired, len(events), view), *written[1]]
    found += _late(view, history, events, now_us, usual, behind)
    found += _ahead(history, events, now_us)
    features = _features(view, online, now_us)
    found += _behind(online, len(events))
    return Ages(
        rows=len(events),
        keys=written[2],
        ages_s=tuple(float(each) for each in np.quantile(age_s, _QUANTILES)) if len(events) else (),
        expired=expired,
        never_written=written[0],
        usual_s=usual,
        behind_s=behind,
        features=features,
        found=tuple(sorted(found, key=lambda each: (-each.share, each.trouble))),
    )


def _expired(count: int, rows: int, view: View) -> list[Stale]:
    if not count or view.ttl_s is None:
        return []
    cause = f"served past the time to live of {view.ttl_s / 3600:g} h"
    return [Stale("expired", None, count, count / rows, cause)]


def _never_written(view: View, history: pa.Table, online: Online, now_us: int) -> tuple[int, list[Stale], int]:
    """Keys that are due online and not there."""
    newest = history.group_by(KEY).aggregate([(EVENT, "max")])
    upto = view.intervals[-1][1] if view.intervals else now_us
    first = history.filter(pc.less_equal(history[EVENT], upto))
    due = first.group_by(KEY).aggregate([(EVENT, "max")])
    if view.ttl_s is not None:
        due = due.filter(pc.greater_equal(due[f"{EVENT}_max"], int(now_us - view.ttl_s * 1e6)))
    away = int(pc.sum(pc.invert(pc.is_in(due[KEY], value_set=online.rows[KEY].combine_chunks()))).as_py() or 0)
    keys = newest.num_rows + int(
        pc.sum(pc.invert(pc.is_in(online.rows[KEY], value_set=newest[KEY].combine_chunks()))).as_py() or 0
    )
    found = []
    if away:
        found.append(Stale("never_written", None, away, away / due.num_rows, "offline has rows that are due online"))
    return away, found, keys


def _pace(view: View) -> float | None:
    """Seconds between two materializations."""
    if view.refresh_s is not None:
        return view.refresh_s
    ends = np.array([end for _, end in view.intervals], np.float64)
    return float(np.median(np.diff(ends))) / 1e6 if len(ends) > _MISSED else None


def _late(
    view: View, history: pa.Table, events: Places, now_us: int, usual: float | None, behind: float | None
) -> list[Stale]:
    if usual is None:
        return []
    found = []
    offline = _moments(history[EVENT])
    offline = offline[offline <= now_us + _AHEAD_US]
    source_s = (now_us - int(offline.max())) / 1e6 if len(offline) else None
    is_silent = source_s is not None and source_s > _MISSED * usual
    if behind is not None and behind > _MISSED * usual:
        cause = f"last materialized {behind / 3600:.3g} h ago, usually every {usual / 3600:.3g} h"
        if is_silent:
            cause += "; the offline source has nothing newer either"
        found.append(Stale("not_materialized", None, len(events), 1.0, cause))
    elif is_silent and source_s is not None:
        cause = f"the newest offline event is {source_s / 3600:.3g} h old: look upstream of the source"
        found.append(Stale("source_silent", None, len(events), 1.0, cause))
    return found


def _ahead(history: pa.Table, events: Places, now_us: int) -> list[Stale]:
    """Events that have not happened yet, or are older than their own writing allows: a clock of another zone."""
    found = []
    future = events[events > now_us + _AHEAD_US]
    if len(future):
        cause = "events that have not happened yet: local times written as UTC, or a wrong clock"
        found.append(Stale("future_events", None, len(future), len(future) / len(events), cause))
    created, event = _moments(history[CREATED]), _moments(history[EVENT])
    known = created > 0
    before = known & (created < event - _AHEAD_US)
    if not found and before.sum() >= _LEAST:
        steps = (event - created)[before]
        share = float(before.sum() / known.sum())
        cause = f"rows were written {np.median(steps) / 3.6e9:.3g} h before their events: event times of another zone"
        found.append(Stale("future_events", None, int(before.sum()), share, cause))
    return found


def _features(view: View, online: Online, now_us: int) -> tuple[FeatureAge, ...]:
    found = []
    for name in view.features:
        if name not in online.rows.column_names or not online.rows.num_rows:
            continue
        moments = _moments(online.events.get(name, online.rows[EVENT]))
        age = float(np.median(now_us - moments)) / 1e6
        found.append(FeatureAge(name, age, online.rows[name].null_count / online.rows.num_rows))
    return tuple(sorted(found, key=lambda each: (-each.age_s, -each.nulls, each.feature)))


def _behind(online: Online, rows: int) -> list[Stale]:
    """Features whose events are older than those of their neighbours in the same row."""
    found = []
    events = {name: _moments(column) for name, column in online.events.items()}
    if len(events) < 2:
        return []
    newest = np.max(np.stack(list(events.values())), axis=0)
    for name, own in events.items():
        lag = (newest - own) / 1e6
        is_behind = lag > 1.0
        if is_behind.any():
            cause = f"written {np.median(lag[is_behind]) / 3600:.3g} h before the rest of its row"
            found.append(Stale("feature_behind", name, int(is_behind.sum()), float(is_behind.mean()), cause))
    return found if rows else []


def _moments(column: pa.ChunkedArray) -> Places:
    return np.asarray(pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
