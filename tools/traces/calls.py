"""What operations do now that they did not do before, and what they do no more.

An operation that returns early or throws need not become slow or fail: it just does less. So for each operation the
share of its requests with a certain event (`requests.py`) is compared with the quiet time, and how many times the
event happens in a request that has it: one query per item instead of one for all.

Requests that went wrong in the quiet time are no model of what an operation does. They count only for events that speak
of failure themselves, unless the operation has no others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..metrics.counts import count_shift
from ..metrics.series import Floats
from ..windows import ComparedWindows, to_us
from .forest import Bools, Forest, Ints
from .requests import CALL, KINDS, LINE, Requests
from .shares import share_shift, share_wobble, size_of_shift

CALL_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("name", pa.string()),  # the operation by which a request reaches the entity
        ("kind", pa.string()),  # call: of another entity; inside: an operation of its own; line: a kind of log line
        ("target", pa.string()),  # the entity that is called; of lines null
        ("event", pa.string()),  # the operation that is called or run, or the template of the line
        ("level", pa.string()),  # of a line
        ("is_trouble", pa.bool_()),  # speaks of failure
        ("requests_before", pa.int64()),
        ("requests_after", pa.int64()),
        ("with_before", pa.int64()),  # requests with the event
        ("with_after", pa.int64()),
        ("share_before", pa.float64()),
        ("share_after", pa.float64()),
        ("share_score", pa.float64()),  # > 0: more of the requests have it
        ("share_wobble", pa.float64()),  # how far the share wanders in the quiet time, beyond chance
        ("size", pa.float64()),  # of the step between the shares, from 0 to 1
        ("times_before", pa.float64()),  # events in a request that has any
        ("times_after", pa.float64()),
        ("times_score", pa.float64()),
        ("retries_before", pa.int64()),  # repetitions by the same span after a failed one, or that say so themselves
        ("retries_after", pa.int64()),
        ("retry_score", pa.float64()),
        ("onset_us", pa.int64()),
    ]
)
"""Columns of the artifact of `traces.calls`: a row per operation and event, the largest steps first.

Scores count usual wobbles; null where one of the windows has no request.
"""

_LEAD_US = 120 * 1_000_000
"""By how much an incident may have begun before its window: people and alerts notice late."""

_BLOCKS = 12
_PARTS = 6
MAX_EVENTS = 20_000
"""Pairs of operation and event that are compared, those of most requests."""

_CLEARLY = 3.0


@dataclass(frozen=True)
class _Tally:
    """Which block of time a span belongs to: `_BLOCKS` of the quiet time, one for the lead, `_PARTS` of the window.

    Spans of neither window have the block -1.
    """

    block: Ints

    def count(self, codes: Ints, rows: Ints, size: int, weights: Ints | None = None) -> tuple[Floats, Floats]:
        """Counts (size, `_BLOCKS` + 1) before and (size, `_PARTS`) in the window."""
        wide = _BLOCKS + 1 + _PARTS
        flat = np.bincount(codes * wide + self.block[rows], weights=weights, minlength=size * wide)
        table = flat.reshape(size, wide).astype(np.float64)
        return table[:, : _BLOCKS + 1], table[:, _BLOCKS + 1 :]


def compare_calls(forest: Forest, requests: Requests, windows: ComparedWindows) -> pa.Table:
    """Score every event of every operation.

    Returns:
        `CALL_COLUMNS`, without operations that one of the windows does not hold.
    """
    tally = _Tally(_blocks(forest.begin_us, windows))
    entry = np.flatnonzero((requests.owner == np.arange(len(forest))) & (tally.block >= 0))
    operation = np.full(len(forest), -1, np.int64)
    codes, places = np.unique(forest.entity[entry] * len(forest.names) + forest.name[entry], return_inverse=True)
    operation[entry] = places
    of = _counted_requests(tally, forest, requests, operation, entry, len(codes))
    both = (of.every[0].sum(axis=1) > 0) & (of.every[1].sum(axis=1) > 0)
    known = operation[requests.event_owner] >= 0
    known[known] = both[operation[requests.event_owner[known]]]
    owner, key, row = (values[known] for values in (requests.event_owner, requests.event_key, requests.event_row))
    if not len(owner):
        return CALL_COLUMNS.empty_table()
    pairs, pair = _most_frequent(operation[owner] * len(requests.keys) + key)
    pair_operation, pair_key = np.divmod(pairs, len(requests.keys))
    is_line = np.array([which == LINE for which, *_ in requests.keys])[pair_key]
    on_all = requests.is_trouble[pair_key] | ~of.has_good[pair_operation]
    kept = pair >= 0
    kept[kept] = on_all[pair[kept]] | ~of.set_aside[owner[kept]]
    owner, row, pair = owner[kept], row[kept], pair[kept]
    retried = _repeats_an_attempt(forest)[row] & ~is_line[pair]
    once, times = np.unique(owner * len(pairs) + pair, return_counts=True)
    owner_once, pair_once = np.divmod(once, len(pairs))
    counts = _Counts(
        of=(
            np.where(on_all[:, None], of.every[0][pair_operation], of.good_before[pair_operation]),
            of.every[1][pair_operation],
        ),
        having=tally.count(pair_once, owner_once, len(pairs)),
        times=tally.count(pair_once, owner_once, len(pairs), times),
        retries=tally.count(pair[retried], owner[retried], len(pairs)),
    )
    return _table(forest, requests, codes, pairs, counts, windows)


@dataclass(frozen=True)
class _Of:
    """Requests by operation and block.

    Args:
        every: before and in the window.
        good_before: before, without those that went wrong.
        has_good: which operations have any of these.
        set_aside: (n,) entry spans of requests of the quiet time that went wrong.
    """

    every: tuple[Floats, Floats]
    good_before: Floats
    has_good: Bools
    set_aside: Bools


def _counted_requests(
    tally: _Tally, forest: Forest, requests: Requests, operation: Ints, entry: Ints, size: int
) -> _Of:
    every = tally.count(operation[entry], entry, size)
    set_aside = requests.went_wrong(forest) & (tally.block <= _BLOCKS)
    good = entry[~set_aside[entry]]
    good_before, _ = tally.count(operation[good], good, size)
    return _Of(every, good_before, good_before.sum(axis=1) > 0, set_aside)


@dataclass(frozen=True)
class _Counts:
    """Counts before and in the window, by pair of operation and event and by block.

    Args:
        of: requests of the operation that the event is counted over.
        having: requests with the event.
        times: events.
        retries: events that repeat a failed one.
    """

    of: tuple[Floats, ...]
    having: tuple[Floats, Floats]
    times: tuple[Floats, Floats]
    retries: tuple[Floats, Floats]


def _blocks(begin_us: Ints, windows: ComparedWindows) -> Ints:
    start, end = to_us(windows.start), to_us(windows.end)
    quiet_start, quiet_end = to_us(windows.baseline_start), to_us(windows.baseline_end)
    lead_from = quiet_end - min(_LEAD_US, (quiet_end - quiet_start) // 4)
    block = np.full(len(begin_us), -1, np.int64)
    quiet = (begin_us >= quiet_start) & (begin_us < lead_from)
    block[quiet] = (begin_us[quiet] - quiet_start) * _BLOCKS // (lead_from - quiet_start)
    block[(begin_us >= lead_from) & (begin_us < quiet_end)] = _BLOCKS
    within = (begin_us >= start) & (begin_us < end)
    block[within] = _BLOCKS + 1 + (begin_us[within] - start) * _PARTS // (end - start)
    return block


def _most_frequent(codes: Ints) -> tuple[Ints, Ints]:
    """The most frequent codes, and per code its place among them or -1."""
    values, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if len(values) <= MAX_EVENTS:
        return values, place
    kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_EVENTS])
    moved = np.full(len(values), -1, np.int64)
    moved[kept] = np.arange(len(kept))
    return values[kept], moved[place]


def _repeats_an_attempt(forest: Forest) -> Bools:
    """Spans that say so, or begin after the end of a failed sibling of the same entity and operation."""
    again = forest.is_again.copy()
    order = np.lexsort((forest.begin_us, forest.name, forest.entity, forest.parent))
    earlier, later = order[:-1], order[1:]
    same = forest.parent[later] >= 0
    for column in (forest.parent, forest.entity, forest.name):
        same &= column[later] == column[earlier]
    again[later] |= same & forest.failed[earlier] & (forest.begin_us[later] >= forest.end_us[earlier])
    return again


@dataclass(frozen=True)
class _Shares:
    """What stood beside what, by pair: counts of the quiet time that was compared with, and the score."""

    having: Floats
    of: Floats
    score: Floats

    @property
    def before(self) -> Floats:
        """The share in that quiet time; 0 without a request."""
        return np.divide(self.having, self.of, out=np.zeros_like(self.of), where=self.of > 0)


def _compared(
    shift: Callable[[Floats, Floats, Floats, Floats], Floats], part: tuple[Floats, ...], whole: tuple[Floats, ...]
) -> _Shares:
    """The larger of two steps: against all of the quiet time, and against all but its last minutes.

    If the incident began before its window, the last minutes of the quiet time belong to it. They would hide the step
    twice: in the level before, and in how much that seems to wander. The larger step is the one of which significance
    times distance is larger.
    """
    after, of_after = part[1].sum(axis=1), whole[1].sum(axis=1)
    sides = []
    for blocks in (_BLOCKS + 1, _BLOCKS):
        having, of = part[0][:, :blocks], whole[0][:, :blocks]
        score = shift(having, after, of, of_after)
        sides.append(_Shares(having.sum(axis=1), of.sum(axis=1), score))
    now = np.divide(after, of_after, out=np.zeros_like(after), where=of_after > 0)
    telling = [np.abs(side.score) * np.abs(side.before - now) for side in sides]
    early = telling[1] > telling[0]
    parts = ((side.having, side.of, side.score) for side in sides)
    return _Shares(*(np.where(early, second, first) for first, second in zip(*parts, strict=True)))


def _table(
    forest: Forest, requests: Requests, codes: Ints, pairs: Ints, counts: _Counts, windows: ComparedWindows
) -> pa.Table:
    entity, name = np.divmod(codes[pairs // len(requests.keys)], len(forest.names))
    keys = [requests.keys[place] for place in (pairs % len(requests.keys)).tolist()]
    of_after, with_after = counts.of[1].sum(axis=1), counts.having[1].sum(axis=1)
    share, times = _compared(share_shift, counts.having, counts.of), _compared(count_shift, counts.times, counts.having)
    share_after = with_after / of_after
    size = size_of_shift(share.before, share_after)
    times_after = _mean(counts.times[1].sum(axis=1), with_after)
    table = pa.table(
        {
            "entity": [forest.entities[place] for place in entity.tolist()],
            "name": [forest.names[place] for place in name.tolist()],
            "kind": [KINDS[which] for which, *_ in keys],
            "target": [who if which == CALL else None for which, who, *_ in keys],
            "event": [what for _, _, what, _ in keys],
            "level": [level for *_, level in keys],
            "is_trouble": requests.is_trouble[pairs % len(requests.keys)],
            "requests_before": share.of.astype(np.int64),
            "requests_after": of_after.astype(np.int64),
            "with_before": share.having.astype(np.int64),
            "with_after": with_after.astype(np.int64),
            "share_before": share.before,
            "share_after": share_after,
            "share_score": share.score,
            "share_wobble": share_wobble(counts.having[0][:, :_BLOCKS], counts.of[0][:, :_BLOCKS]),
            "size": size,
            "times_before": pa.array(_mean(times.having, times.of), from_pandas=True),
            "times_after": pa.array(times_after, from_pandas=True),
            "times_score": times.score,
            "retries_before": counts.retries[0].sum(axis=1).astype(np.int64),
            "retries_after": counts.retries[1].sum(axis=1).astype(np.int64),
            "retry_score": count_shift(counts.retries[0], counts.retries[1].sum(axis=1), counts.of[0], of_after),
            "onset_us": _onsets(counts, share, share_after, windows),
        },
        schema=CALL_COLUMNS,
    )
    return table.take(pa.array(_order(table)))


def weight_of(table: pa.Table) -> Floats:
    """How much each step says, in wobbles: significance times size, whether in the share or in how many times.

    Args:
        table: `CALL_COLUMNS`.
    """
    share = np.abs(_floats(table, "share_score")) * _floats(table, "size")
    times = np.abs(_floats(table, "times_score")) * times_size(table)
    weight: Floats = np.maximum(np.maximum(share, times), np.maximum(_floats(table, "retry_score"), 0))
    return weight


def times_size(table: pa.Table) -> Floats:
    """How large the step in the number of times is, from 0 to 1: nine in ten are new for ten times as many."""
    before, after = _floats(table, "times_before"), _floats(table, "times_after")
    low, high = np.minimum(before, after), np.maximum(before, after)
    found: Floats = np.where(low > 0, 1 - np.divide(low, high, out=np.ones_like(low), where=high > 0), 0.0)
    return found


def _order(table: pa.Table) -> list[int]:
    weight = weight_of(table)
    often = np.asarray(table["with_before"].to_numpy()) + np.asarray(table["with_after"].to_numpy())
    names = zip(*(table[name].to_pylist() for name in ("entity", "name", "kind", "event")), strict=True)
    keys = [(-round(w, 6), -n, *map(str, labels)) for w, n, labels in zip(weight, often, names, strict=True)]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _floats(table: pa.Table, name: str) -> Floats:
    values: Floats = np.nan_to_num(np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64))
    return values


def _mean(total: Floats, count: Floats) -> Floats:
    mean: Floats = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return mean


def _onsets(counts: _Counts, share: _Shares, share_after: Floats, windows: ComparedWindows) -> list[int | None]:
    """The start of the first part of the window whose share is nearer to the window's than to the one before."""
    start, part = to_us(windows.start), (to_us(windows.end) - to_us(windows.start)) // _PARTS
    having, of = counts.having[1], counts.of[1]
    each = np.divide(having, of, out=np.zeros_like(of), where=of > 0)
    nearer: Bools = (of > 0) & (np.abs(each - share_after[:, None]) < np.abs(each - share.before[:, None]))
    first: list[int] = np.argmax(nearer, axis=1).tolist()
    clear: list[bool] = (np.any(nearer, axis=1) & (np.abs(share.score) >= _CLEARLY)).tolist()
    return [start + place * part if shown else None for place, shown in zip(first, clear, strict=True)]
