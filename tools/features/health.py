"""One feature: nulls, constants, age, silence, values, skew; each is a check of its own, for none sees the others.

A stale feature has the same distribution as a fresh one, and a few nulls served as zeros hardly move it: so the checks
that need no distribution come first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..metrics.counts import count_shift
from ..models.drift import BINS, LEAST, Drift, Sample, drift, psi
from ..steps import first_of_step
from .backends.types import NULL, Served
from .types import Trouble

Floats = npt.NDArray[np.float64]
Key = tuple[str, str, str | None]

_BLOCK = 4
_STANDS_OUT = 3.0
_LEAST_BUCKETS = 4
_SLIGHT_AGE = 0.1
_SILENT_GAPS = 12.0
"""So many usual gaps without a value are silence."""
_SILENT_SHARE = 0.1
_BOUND = 1_000.0


@dataclass(frozen=True)
class Clock:
    """Start of the window, its end and the length of a bucket, in microseconds; buckets of both windows."""

    start_us: int
    end_us: int
    bucket_us: int
    quiet_buckets: int
    window_buckets: int


@dataclass(frozen=True)
class Top:
    """The value that is served most often in the window, and its share before and now."""

    value: float | None = None
    before: float = 0.0
    after: float = 0.0
    score: float = 0.0


@dataclass(frozen=True)
class Feature:
    """Everything known of a feature; `scores` has one for each kind of trouble that could be looked at."""

    entity: str
    feature: str
    view: str | None
    writer: str | None
    before: float
    after: float
    nulls: tuple[float | None, float | None]
    top: Top
    age_s: tuple[float | None, float | None]
    silent_s: float
    means: tuple[float | None, float | None]
    drift: Drift | None
    beyond: float
    skew: tuple[float | None, float | None]
    scores: dict[Trouble, float]
    onset_us: int | None

    @property
    def trouble(self) -> Trouble | None:
        """What moved most, if it stands out."""
        # One value for all moves every distribution too: then that is no trouble of its own.
        told: dict[Trouble, float] = dict(self.scores)
        if told.get("constant", 0.0) >= _STANDS_OUT:
            told = {name: score for name, score in told.items() if name not in ("values", "skew")}
        best = max(told.items(), key=lambda item: item[1], default=None)
        return best[0] if best is not None and best[1] >= _STANDS_OUT else None

    @property
    def score(self) -> float:
        """The largest of its scores."""
        return max(self.scores.values(), default=0.0)


def features_of(served: Served, clock: Clock) -> list[Feature]:
    """Every feature, the one that changed most first."""
    grouped: dict[Key, list[int]] = {}
    names = (served.bins[name].to_pylist() for name in ("entity", "feature", "view"))
    for row, (entity, feature, view) in enumerate(zip(*names, strict=True)):
        grouped.setdefault((entity, feature, view), []).append(row)
    tops = {(row["entity"], row["feature"], row["view"]): row for row in served.tops.to_pylist()}
    found = []
    for key, rows in grouped.items():
        columns = _Rows(served.bins.take(rows))
        if columns.n[~columns.training].sum():
            top = tops.get(key)
            found.append(_feature(key, columns, (top["value"], top["before"], top["after"]) if top else None, clock))
    return sorted(found, key=lambda one: (-one.score, one.entity, one.feature, one.view or ""))


class _Rows:
    """The columns of one feature."""

    def __init__(self, table: pa.Table) -> None:
        self.training = np.asarray(table["is_training"].to_numpy(zero_copy_only=False), bool)
        self.after = np.asarray(table["is_after"].to_numpy(zero_copy_only=False), bool)
        self.bucket, self.bin = (np.asarray(table[name].to_numpy(), np.int64) for name in ("bucket", "bin"))
        self.n, self.total, self.squares, self.beyond = (
            np.asarray(table[name].to_numpy(), np.float64) for name in ("n", "total", "squares", "beyond")
        )
        self.age_s = np.array([math.nan if age is None else age for age in table["age_s"].to_pylist()])
        self.last_us = np.asarray(table["last_us"].to_numpy(), np.int64)
        self.writer = next((name for name in table["writer"].to_pylist() if name), None)

    def sample(self, wanted: npt.NDArray[np.bool_], block: int) -> Sample:
        """The wanted rows with a value, in blocks of so many buckets."""
        rows = np.flatnonzero(wanted & (self.bin != NULL))
        different, where = np.unique(self.bucket[rows] // block, return_inverse=True)
        counts, sums, squares = np.zeros((len(different), BINS)), np.zeros(len(different)), np.zeros(len(different))
        np.add.at(counts, (where, np.clip(self.bin[rows], 0, BINS - 1)), self.n[rows])
        np.add.at(sums, where, self.total[rows])
        np.add.at(squares, where, self.squares[rows])
        return Sample(counts, sums, squares)

    def by_bucket(self, weights: Floats, wanted: npt.NDArray[np.bool_], buckets: int) -> Floats:
        """Sums per bucket."""
        rows = np.flatnonzero(wanted & (self.bucket < buckets))
        return np.bincount(self.bucket[rows], weights=weights[rows], minlength=buckets).astype(np.float64)


def _feature(key: Key, rows: _Rows, top: tuple[float, int, int] | None, clock: Clock) -> Feature:
    quiet_rows, window_rows = ~rows.training & ~rows.after, ~rows.training & rows.after
    quiet, window = rows.sample(quiet_rows, _BLOCK), rows.sample(window_rows, 1)
    before, after = float(rows.n[quiet_rows].sum()), float(rows.n[window_rows].sum())
    scores: dict[Trouble, float] = {}
    nulls, null_score = _nulls(rows, quiet_rows, window_rows, clock)
    scores["nulls"] = max(null_score, 0.0)
    constant = _top(top, quiet.size, window.size)
    scores["constant"] = constant.score
    ages, age_score, age_onset = _ages(rows, quiet_rows, window_rows, clock)
    if ages[1] is not None:
        scores["stale"] = age_score
    silent_s, scores["silent"] = _silence(rows, before, after, clock)
    moved = drift(quiet, window, np.arange(BINS, dtype=np.float64) / BINS * 3.5)
    scores["values"] = moved.score if moved else 0.0
    skew, skew_score = _skew(rows, quiet, window)
    if skew[1] is not None:
        scores["skew"] = skew_score
    worst = max(scores, key=lambda name: scores[name])
    onset = age_onset if worst == "stale" else _onset(rows, quiet, window_rows, worst, nulls[0], clock)
    return Feature(
        entity=key[0],
        feature=key[1],
        view=key[2],
        writer=rows.writer,
        before=before,
        after=after,
        nulls=nulls,
        top=constant,
        age_s=ages,
        silent_s=silent_s,
        means=(quiet.mean if quiet.size else None, window.mean if window.size else None),
        drift=moved,
        beyond=float(rows.beyond[window_rows].sum() / window.size) if window.size else 0.0,
        skew=skew,
        scores=scores,
        onset_us=onset,
    )


Wanted = npt.NDArray[np.bool_]


def _nulls(rows: _Rows, quiet: Wanted, window: Wanted, clock: Clock) -> tuple[tuple[float | None, float | None], float]:
    empty = np.where(rows.bin == NULL, rows.n, 0.0)
    blocks = [_blocked(rows.by_bucket(part, quiet, clock.quiet_buckets)) for part in (empty, rows.n)]
    nulls, whole = float(empty[window].sum()), float(rows.n[window].sum())
    total = float(blocks[1].sum())
    shares = (float(blocks[0].sum()) / total if total else None, nulls / whole if whole else None)
    score = count_shift(blocks[0][None], np.array([nulls]), blocks[1][None], np.array([whole]))
    return shares, float(score[0])


def _blocked(values: Floats) -> Floats:
    count = len(values) // _BLOCK
    return values[: count * _BLOCK].reshape(count, _BLOCK).sum(axis=1) if count >= 2 else values


def _top(top: tuple[float, int, int] | None, before: float, after: float) -> Top:
    """Whether one value crowds out the others; of a feature that always had few values nothing is said."""
    if top is None or not before or not after:
        return Top()
    value, quiet, now = top
    score = count_shift(np.array([[float(quiet)]]), np.array([float(now)]), np.array([[before]]), np.array([after]))
    # A few repeated values are rounding.
    return Top(value, quiet / before, now / after, max(float(score[0]), 0.0) if now >= 5 else 0.0)


def _ages(
    rows: _Rows, quiet: Wanted, window: Wanted, clock: Clock
) -> tuple[tuple[float | None, float | None], float, int | None]:
    """Median ages, the score of a rise, and when it began."""
    series = []
    for wanted in (quiet, window):
        known = wanted & np.isfinite(rows.age_s)
        buckets = np.unique(rows.bucket[known])
        series.append((buckets, np.array([np.median(rows.age_s[known & (rows.bucket == at)]) for at in buckets])))
    (_, before), (buckets, after) = series
    if not len(after) or len(before) < _LEAST_BUCKETS:
        return (None, None), 0.0, None
    quartiles = np.quantile(before, (0.25, 0.5, 0.75))
    usual = float(quartiles[1])
    spread = float(np.median(np.abs(before - usual))) * 1.4826
    # An age grows while nothing new is written, so the end of the window tells most.
    level = max(float(np.median(after)), float(np.median(after[-max(len(after) // 3, 1) :])))
    scale = max(float(quartiles[2] - quartiles[0]) / 1.349, spread, _SLIGHT_AGE * usual, 1.0)
    score = min(max((level - usual) / scale, 0.0), _BOUND)
    first = first_of_step(np.ones(len(after)), after - usual)
    onset = None if first is None or score < _STANDS_OUT else int(clock.start_us + buckets[first] * clock.bucket_us)
    return (usual, level), score, onset


def _silence(rows: _Rows, before: float, after: float, clock: Clock) -> tuple[float, float]:
    """Seconds from the last value to the end of the window, and the score of that gap against the usual one."""
    served = ~rows.training
    last = int(rows.last_us[served].max())
    length_us = clock.end_us - clock.start_us
    gap = (clock.end_us - last) / 1e6
    total = before + after
    usual = (clock.quiet_buckets * clock.bucket_us + length_us) / 1e6 / max(total, 1.0)
    if total < LEAST or gap < _SILENT_GAPS * usual or gap * 1e6 < _SILENT_SHARE * length_us:
        return gap, 0.0
    return gap, min(gap / usual / _SILENT_GAPS * _STANDS_OUT, _BOUND)


def _skew(rows: _Rows, quiet: Sample, window: Sample) -> tuple[tuple[float | None, float | None], float]:
    """PSI against the training values, before and now; a skew that was there before is no news."""
    training = rows.sample(rows.training, 1)
    if training.size < LEAST or window.size < LEAST:
        return (None, None), 0.0
    reference = training.counts.sum(axis=0)
    now = psi(reference, window.counts.sum(axis=0))
    if quiet.size < LEAST:
        return (None, now), 0.0
    usual = psi(reference, quiet.counts.sum(axis=0))
    found = drift(training, window, np.arange(BINS, dtype=np.float64))
    moved = drift(quiet, window, np.arange(BINS, dtype=np.float64))
    # Both must say so: away from the training, and away from what was served before.
    score = min(found.score if found else 0.0, moved.score if moved else 0.0) if now > usual else 0.0
    return (usual, now), score


def _onset(
    rows: _Rows, quiet: Sample, window: Wanted, worst: Trouble, null_rate: float | None, clock: Clock
) -> int | None:
    """The bucket of the window that splits its two levels best."""
    n = rows.by_bucket(rows.n, window, clock.window_buckets)
    if worst == "nulls":
        moved = rows.by_bucket(np.where(rows.bin == NULL, rows.n, 0.0), window, clock.window_buckets)
        moved = moved - (null_rate or 0.0) * n
    elif quiet.size and quiet.spread > 0:
        scored = np.where(rows.bin == NULL, 0.0, rows.n)
        n = rows.by_bucket(scored, window, clock.window_buckets)
        moved = (rows.by_bucket(rows.total, window, clock.window_buckets) - quiet.mean * n) / quiet.spread
    else:
        return None
    first = first_of_step(n, moved)
    return None if first is None else clock.start_us + first * clock.bucket_us
