"""What a model was served against what it was, or will be, trained on.

Three ways, the most exact one that the data allow: rows joined by the id of a request; values recomputed offline as of
the moment of each request; and, where nothing joins, the distributions of each feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from ..drift.effects import effect
from ..drift.rows import bins_of
from .backends.store import CREATED, EVENT, KEY, Kind, kind_of
from .cells import Bools, Cells, Places, cells, differ, in_common, is_number

SkewFault = Literal[
    "value", "default", "precision", "stale", "not_yet_written", "type", "column_missing", "distribution", "unmatched"
]
Way = Literal["request", "recomputed", "distribution"]

REQUEST, AT = "request", "at_us"
"""Columns of logged rows: the id of the request, and its moment in microseconds."""

_STEPS_BACK = 3
_DISTANCE = 0.05
"""Of two distributions; a difference that is smaller does not show in a model (docs/drift.md measures harm)."""
_NULLS = 0.01
_KS_99 = 1.63
"""Kolmogorov's 99 % point: two samples of one distribution lie so many sqrt(1/n + 1/m) apart."""


@dataclass(frozen=True)
class Skewed:
    """One difference between serving and training.

    Args:
        count: rows that it concerns.
        share: of the rows that were compared.
    """

    fault: SkewFault
    feature: str | None
    count: int
    share: float
    cause: str


@dataclass(frozen=True)
class Skew:
    """What was compared, how, and what differs, the largest first."""

    way: Way
    rows: int
    matched: int
    differing: int
    found: tuple[Skewed, ...]


def by_request(features: Mapping[str, Kind], logged: pa.Table, training: pa.Table) -> Skew:
    """Compare rows of one request with one another.

    Args:
        features: that are compared.
        logged: `request` and the features as they were served.
        training: `request` and the features as a model gets them for training.
    """
    places = pc.index_in(logged[REQUEST], value_set=training[REQUEST].combine_chunks())
    at = np.asarray(pc.fill_null(places, -1).to_numpy(), np.int64)
    rows = np.flatnonzero(at >= 0)
    found = _columns(features, logged, training)
    values, wrong = _values(features, logged, training, rows, at[rows])
    found += values
    if not len(rows):
        found.append(Skewed("unmatched", None, logged.num_rows, 1.0, "no request is in the training rows"))
    return _skew("request", logged.num_rows, len(rows), int(wrong.sum()), found)


def by_time(features: Mapping[str, Kind], logged: pa.Table, history: pa.Table, ttl_s: float | None) -> Skew:
    """Compare what was served with what the offline side says of the moment of each request.

    Args:
        features: that are compared.
        logged: `key`, `at_us` and the features as they were served.
        history: offline rows of those keys.
        ttl_s: as the view's: an older row counts as nulls in training.
    """
    keys = pc.unique(pa.chunked_array([*history[KEY].chunks, *logged[KEY].chunks], pa.string()))
    codes, event, created = _codes(history[KEY], keys), _moments(history[EVENT]), _moments(history[CREATED])
    order = np.lexsort((created, event, codes))
    codes, event, created = codes[order], event[order], created[order]
    history = history.take(pa.array(order))
    own, at = _codes(logged[KEY], keys), _moments(logged[AT])
    latest = _last_at(codes, event, own, at)
    limit = np.inf if ttl_s is None else ttl_s * 1e6
    safe = np.maximum(latest, 0)
    alive = (latest >= 0) & (at - event[safe] <= limit) if len(event) else np.zeros(len(own), bool)
    rows = np.flatnonzero(alive)
    found = _columns(features, logged, history)
    fine = _same(features, logged, history, rows, latest[rows])
    left = rows[~fine]
    unseen = created[latest[left]] > at[left]
    earlier = np.zeros(len(left), bool)
    for back in range(1, _STEPS_BACK + 1):
        before = np.maximum(latest[left] - back, 0)
        there = (latest[left] >= back) & (codes[before] == codes[latest[left]])
        earlier |= there & _same(features, logged, history, left, before)
    late, stale = unseen & earlier, ~unseen & earlier
    share = 1 / max(len(rows), 1)
    if late.any():
        cause = "training sees rows that were not written yet when the request was served"
        found.append(Skewed("not_yet_written", None, int(late.sum()), float(late.sum()) * share, cause))
    if stale.any():
        cause = "an earlier row of the key was served"
        found.append(Skewed("stale", None, int(stale.sum()), float(stale.sum()) * share, cause))
    rest = left[~earlier]
    found += [
        Skewed(each.fault, each.feature, each.count, each.count * share, each.cause)
        for each in _values(features, logged, history, rest, latest[rest])[0]
    ]
    if not len(rows):
        found.append(Skewed("unmatched", None, logged.num_rows, 1.0, "no request has an offline row of its time"))
    return _skew("recomputed", logged.num_rows, len(rows), len(left), found)


def by_distribution(features: Mapping[str, Kind], logged: pa.Table, training: pa.Table) -> Skew:
    """Compare how each feature is distributed, where no row can be found on the other side."""
    found = _columns(features, logged, training)
    n, m = logged.num_rows, training.num_rows
    noise = _KS_99 * np.sqrt(1 / max(n, 1) + 1 / max(m, 1))
    for name in _shared(features, logged, training):
        bins = bins_of(training[name])
        counts = [np.bincount(bins.codes(side[name]), minlength=bins.count) for side in (training, logged)]
        moved = effect(*counts, is_ordered=bins.edges is not None)
        nulls = moved.nulls_after - moved.nulls_before
        if abs(nulls) > max(_NULLS, noise):
            cause = f"nulls: {moved.nulls_before:.2%} in training, {moved.nulls_after:.2%} served"
        elif moved.distance > max(_DISTANCE, noise):
            worst = int(np.argmax(np.abs(counts[1] / n - counts[0] / m)))
            cause = f"{moved.distance:.3f} apart (PSI {moved.psi:.3f}), most in {_bin(bins.edges, bins.shown(worst))}"
        else:
            continue
        found.append(Skewed("distribution", name, n, max(abs(nulls), moved.distance), cause))
    return _skew("distribution", n, 0, 0, found)


def _bin(edges: object, shown: str) -> str:
    """The bin of a number in words; a word of the data is not repeated."""
    return shown if edges is not None else "one of its words"


def _skew(way: Way, rows: int, matched: int, differing: int, found: list[Skewed]) -> Skew:
    ordered = sorted(found, key=lambda each: (-each.share, each.fault, each.feature or ""))
    return Skew(way, rows, matched, differing, tuple(ordered))


def _columns(features: Mapping[str, Kind], logged: pa.Table, other: pa.Table) -> list[Skewed]:
    """Features that one side lacks, or has in another kind."""
    found = []
    for name in features:
        there = [name in table.column_names for table in (logged, other)]
        if not all(there):
            where = "was not logged" if not there[0] else "is not in the training rows"
            found.append(Skewed("column_missing", name, logged.num_rows, 1.0, f"the feature {where}"))
            continue
        kinds: list[Kind] = [kind_of(table[name].type) for table in (logged, other)]
        if kinds[0] != kinds[1] and not all(map(is_number, kinds)):
            cause = f"served as {kinds[0]}, trained on {kinds[1]}"
            found.append(Skewed("type", name, logged.num_rows, 1.0, cause))
    return found


def _shared(features: Mapping[str, Kind], logged: pa.Table, other: pa.Table) -> list[str]:
    bad = {each.feature for each in _columns(features, logged, other)}
    return [name for name in features if name not in bad]


def _sides(name: str, logged: pa.Table, other: pa.Table) -> tuple[Cells, Cells]:
    numbers = all(is_number(kind_of(table[name].type)) for table in (logged, other))
    return cells(logged[name], as_numbers=numbers), cells(other[name], as_numbers=numbers)


def _same(features: Mapping[str, Kind], logged: pa.Table, other: pa.Table, rows: Places, places: Places) -> Bools:
    same = np.ones(len(rows), bool)
    for name in _shared(features, logged, other):
        one, two = _sides(name, logged, other)
        same &= ~differ(one.take(rows), two.take(places))
    return same


def _values(
    features: Mapping[str, Kind], logged: pa.Table, other: pa.Table, rows: Places, places: Places
) -> tuple[list[Skewed], Bools]:
    """What differs in rows that belong together, and in which of them anything does."""
    found: list[Skewed] = []
    wrong = np.zeros(len(rows), bool)
    for name in _shared(features, logged, other):
        one, two = _sides(name, logged, other)
        one, two = one.take(rows), two.take(places)
        apart = differ(one, two)
        wrong |= apart
        at = np.flatnonzero(apart)
        for common in in_common(one.take(at), two.take(at)):
            count = int(common.of.sum())
            cause = common.cause.replace("online", "served").replace("offline", "training")
            found.append(Skewed(common.fault, name, count, count / max(len(rows), 1), cause))
    return found, wrong


def _last_at(codes: Places, event: Places, own: Places, at: Places) -> Places:
    """(n,) the last row of a key at or before a moment, or -1; rows are in order of code and event."""
    if not len(codes):
        return np.full(len(own), -1, np.int64)
    moments = np.unique(np.concatenate([event, at]))
    width = np.int64(len(moments) + 1)
    ours = codes * width + np.searchsorted(moments, event)
    theirs = own * width + np.searchsorted(moments, at)
    places = np.searchsorted(ours, theirs, side="right") - 1
    return np.asarray(np.where((places >= 0) & (codes[np.maximum(places, 0)] == own), places, -1), np.int64)


def _codes(column: pa.ChunkedArray, keys: pa.Array) -> Places:
    return np.asarray(pc.index_in(column, value_set=keys).to_numpy(zero_copy_only=False), np.int64)


def _moments(column: pa.ChunkedArray) -> Places:
    return np.asarray(pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
