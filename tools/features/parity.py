"""Online against offline, key by key and as of the moment that online was written for.

What online should hold is the newest offline row at that moment. A key that has an older one is stale; unless the newer
row was written only after the materialization, which is late data and nobody's wrong value. Only rows of the same event
are compared value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from .backends.store import CREATED, EVENT, KEY, Kind, Online, View, kind_of
from .cells import Bools, Cells, Places, cells, differ, in_common, is_number
from .gaps import gaps

Fault = Literal[
    "missing_online",
    "missing_offline",
    "stale",
    "late",
    "event_time",
    "value",
    "default",
    "precision",
    "type",
    "column_missing",
]

_QUARTER_US = 15 * 60 * 1_000_000
_LEAST = 5
_NEARLY_ALL = 0.9
_EXAMPLES = 3
_EVENT_BITS = 41
_NONE = -1


@dataclass(frozen=True)
class Difference:
    """What is wrong with some keys of a sample.

    Args:
        feature: that it concerns; `None` for whole rows.
        count: keys of the sample.
        examples: some of the keys.
    """

    fault: Fault
    feature: str | None
    count: int
    cause: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What came of a sample: how many keys were on either side, and every difference, the largest first."""

    keys: int
    online: int
    offline: int
    differing: int
    differences: tuple[Difference, ...]


def compare(view: View, history: pa.Table, online: Online, at_us: int) -> Compared:
    """Compare the sampled keys of both sides.

    Args:
        view: whose they are.
        history: offline rows of the sampled keys, several for a key.
        online: what is served for them.
        at_us: the moment that online was written for.
    """
    sides = _Sides(view, history, online, at_us)
    found: list[Difference] = []
    wrong = np.zeros(len(sides.keys), bool)
    for name, declared in view.features.items():
        now = view.offline.get(name)
        if now is None:
            found.append(Difference("column_missing", name, len(sides.keys), "the offline source has no such column"))
        elif now != declared and not (is_number(now) and is_number(declared)):
            found.append(Difference("type", name, len(sides.keys), f"declared {declared}, offline has {now}"))
    if found:
        wrong[:] = True
    for fault, codes, cause in sides.whole_rows():
        wrong[codes] = True
        found.append(Difference(fault, None, len(codes), cause, sides.some(codes)))
    for difference, codes in sides.single_values():
        wrong[codes] = True
        found.append(difference)
    found.sort(key=lambda each: (-each.count, each.fault, each.feature or ""))
    return Compared(
        len(sides.keys), sides.is_online.sum().item(), sides.is_offline.sum().item(), int(wrong.sum()), tuple(found)
    )


class _Sides:
    """Both sides of a sample with keys as numbers; rows of the history in order of key, event and writing."""

    def __init__(self, view: View, history: pa.Table, online: Online, at_us: int) -> None:
        self.view = view
        self.at_us = at_us
        self.step_us = online.step_us
        history = history.filter(pc.less_equal(history[EVENT], at_us))
        seen_us = view.intervals[-1][1] if view.intervals else at_us
        self.keys = pc.unique(pa.chunked_array([*history[KEY].chunks, *online.rows[KEY].chunks], pa.string()))
        codes = _codes(history[KEY], self.keys)
        event = _moments(history[EVENT])
        created = _moments(history[CREATED])
        order = np.lexsort((created, event, codes))
        self.codes, self.event, self.created = codes[order], event[order], created[order]
        self.history = history.take(pa.array(order))
        self.rows = online.rows
        self.row_codes, self.row_event = _codes(online.rows[KEY], self.keys), _moments(online.rows[EVENT])
        total = len(self.keys)
        self.is_offline, self.is_online = np.zeros(total, bool), np.zeros(total, bool)
        self.is_offline[self.codes] = True
        self.is_online[self.row_codes] = True
        # Later rows overwrite earlier ones, so the last of each key stays.
        self.latest = np.full(total, _NONE, np.int64)
        self.latest[self.codes] = np.arange(len(self.codes))
        in_time = np.flatnonzero(self.created <= seen_us)
        self.known = np.full(total, _NONE, np.int64)
        self.known[self.codes[in_time]] = in_time
        self.features = self._comparable()
        self._sort_rows()

    def _comparable(self) -> dict[str, tuple[Cells, Cells]]:
        """Online and offline cells of the features that both sides have in one kind."""
        found = {}
        for name in self.view.features:
            if name not in self.rows.column_names or name not in self.history.column_names:
                continue
            kinds: list[Kind] = [kind_of(table[name].type) for table in (self.rows, self.history)]
            numbers = is_number(kinds[0]) and is_number(kinds[1])
            if numbers or kinds[0] == kinds[1]:
                found[name] = tuple(cells(table[name], as_numbers=numbers) for table in (self.rows, self.history))
        return found  # type: ignore[return-value]  # two of each

    def _is_same(self, rows: Places, places: Places) -> Bools:
        """(n,) whether online rows have the values of rows of the history."""
        same = np.ones(len(rows), bool)
        for online, offline in self.features.values():
            same &= ~differ(online.take(rows), offline.take(places))
        return same

    def _sort_rows(self) -> None:
        """What each online row is, beside the history of its key."""
        rows = np.flatnonzero(self.is_offline[self.row_codes])
        step = self.step_us
        codes, event = self.row_codes[rows], self.row_event[rows] // step
        latest, known = self.latest[codes], self.known[codes]
        match = self._row_of_event(codes, event)
        safe = np.maximum(known, 0)
        is_latest = (self.event[latest] // step == event) & self._is_same(rows, latest)
        is_known = (known >= 0) & (self.event[safe] // step == event) & self._is_same(rows, safe) & ~is_latest
        is_older = (match >= 0) & ~is_latest & ~is_known
        older_same = (
            is_older & self._is_same(rows, np.maximum(match, 0)) & (match < np.where(known >= 0, known, latest))
        )
        left = ~is_latest & ~is_known & ~older_same
        values = left & (match >= 0)
        moved = left & ~values & self._is_same(rows, latest)
        self.late, self.stale, self.moved = codes[is_known], codes[older_same], rows[moved]
        # Compared value by value with the row of the same event that came last.
        self.value_rows, self.value_places = rows[values], match[values]
        self.unknown = np.concatenate(
            [codes[left & ~values & ~moved], self.row_codes[~self.is_offline[self.row_codes]]]
        )

    def _row_of_event(self, codes: Places, event: Places) -> Places:
        """(n,) the last row of a key with this event, or -1."""
        if not len(self.event):
            return np.full(len(codes), _NONE, np.int64)
        base = int(min(self.event.min() // self.step_us, event.min())) if len(event) else 0
        most = 2**_EVENT_BITS - 1
        ours = (self.codes << _EVENT_BITS) | np.clip(self.event // self.step_us - base, 0, most)
        theirs = (codes << _EVENT_BITS) | np.clip(event - base, 0, most)
        places = np.searchsorted(ours, theirs, side="right") - 1
        found = (places >= 0) & (ours[np.maximum(places, 0)] == theirs)
        return np.asarray(np.where(found, places, _NONE), np.int64)

    def whole_rows(self) -> list[tuple[Fault, Places, str]]:
        """Keys that one side lacks, and keys whose row is another one."""
        found: list[tuple[Fault, Places, str]] = []
        away = np.flatnonzero(self.is_offline & ~self.is_online)
        came_late = away[self.known[away] < 0]
        away = away[self.known[away] >= 0]
        if self.view.ttl_s is not None:
            away = away[self.event[self.known[away]] >= self.at_us - self.view.ttl_s * 1e6]
        found += self._by_gap("missing_online", away, "not online, though offline has it")
        found += self._by_gap("stale", self.stale, "online has an earlier row of the key")
        late = np.concatenate([self.late, came_late])
        if len(late):
            found.append(("late", late, "written offline only after the materialization"))
        if len(self.moved):
            codes = self.row_codes[self.moved]
            found.append(("event_time", codes, self._shift(codes, self.row_event[self.moved])))
        if len(self.unknown):
            only = int((~self.is_offline[self.unknown]).sum())
            both = "the key is offline, this row is not"
            cause = "the key is not offline at all" if only == len(self.unknown) else both
            found.append(("missing_offline", self.unknown, cause))
        return found

    def _by_gap(self, fault: Fault, codes: Places, otherwise: str) -> list[tuple[Fault, Places, str]]:
        """Told apart: what lies in an interval that nobody materialized, and the rest."""
        if not len(codes):
            return []
        event = self.event[np.where(self.known[codes] >= 0, self.known[codes], self.latest[codes])]
        never = np.zeros(len(codes), bool)
        if self.view.intervals:
            begin = int(min(event.min(), self.view.intervals[0][0]))
            for start, end in gaps(self.view.intervals, begin, self.at_us):
                never |= (event >= start) & (event < end)
        parts: tuple[tuple[Bools, str], ...] = (
            (never, "its row lies in an interval that was never materialized"),
            (~never, otherwise),
        )
        return [(fault, codes[part], cause) for part, cause in parts if part.any()]

    def _shift(self, codes: Places, event: Places) -> str:
        steps = event - self.event[self.latest[codes]]
        middle = int(np.round(np.median(steps) / _QUARTER_US)) * _QUARTER_US
        is_one = (np.abs(steps - middle) < 1_000_000).mean() >= _NEARLY_ALL
        if middle and is_one and len(steps) >= _LEAST:
            return f"another time zone: online is {middle / 3.6e9:+g} h against offline"
        return "the same values under other event times"

    def single_values(self) -> list[tuple[Difference, Places]]:
        """Values that differ in rows of the same event, by feature and what they have in common."""
        found: list[tuple[Difference, Places]] = []
        for name in self.view.features:
            if name not in self.features:
                continue
            online, offline = self.features[name]
            one, other = online.take(self.value_rows), offline.take(self.value_places)
            places = np.flatnonzero(differ(one, other))
            for common in in_common(one.take(places), other.take(places)):
                codes = self.row_codes[self.value_rows[places[common.of]]]
                found.append((Difference(common.fault, name, len(codes), common.cause, self.some(codes)), codes))
        for name in self._of_other_kind():
            kinds: list[Kind] = [kind_of(table[name].type) for table in (self.rows, self.history)]
            difference = Difference(
                "type",
                name,
                len(self.rows),
                f"online has {kinds[0]}, offline has {kinds[1]}",
                self.some(self.row_codes),
            )
            found.append((difference, self.row_codes))
        return found

    def _of_other_kind(self) -> Sequence[str]:
        return [
            name
            for name in self.view.features
            if name not in self.features
            and name in self.rows.column_names
            and name in self.history.column_names
            # Said already where the offline side is not as declared.
            and kind_of(self.history[name].type) == self.view.features[name]
        ]

    def some(self, codes: Places) -> tuple[str, ...]:
        """A few of the keys."""
        return tuple(self.keys[int(code)].as_py() for code in codes[:_EXAMPLES])


def _codes(column: pa.ChunkedArray, keys: pa.Array) -> Places:
    return np.asarray(pc.index_in(column, value_set=keys).to_numpy(zero_copy_only=False), np.int64)


def _moments(column: pa.ChunkedArray) -> Places:
    """Moments; where nobody knows, long ago."""
    return np.asarray(pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy(zero_copy_only=False), np.int64)
