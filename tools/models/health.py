"""One model: its scores against their past, and its versions against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..steps import first_of_step
from .backends.types import UNSCORED
from .drift import BINS, LEAST, Drift, Floats, Sample, drift

_BLOCK = 4
"""Buckets per block of the quiet time: a third of the window."""
_SLIGHT = 0.02


@dataclass(frozen=True)
class Gap:
    """The newest version against the older ones; `gap` in standard deviations, `score` in wobbles."""

    newest: str
    older: str
    at_once: bool
    mean_newest: float
    mean_older: float
    gap: float
    score: float
    since_us: int


@dataclass(frozen=True)
class Version:
    """Predictions of one version; `first_us` is its first prediction in either window."""

    name: str
    before: float
    after: float
    first_us: int
    mean_after: float | None
    decided: float | None


@dataclass(frozen=True)
class Health:
    """What is known of a model at an entity."""

    entity: str
    model: str
    before: float
    after: float
    mean_before: float | None
    mean_after: float | None
    drift: Drift | None
    unscored: tuple[float, float]
    decided: tuple[float | None, float | None]
    versions: tuple[Version, ...]
    gap: Gap | None
    onset_us: int | None

    @property
    def score(self) -> float:
        """The strongest of its scores."""
        return max(self.drift.score if self.drift else 0.0, self.gap.score if self.gap else 0.0)


@dataclass(frozen=True)
class Clock:
    """Starts of the two windows and the length of a bucket, in microseconds."""

    baseline_us: int
    start_us: int
    bucket_us: int


def healths(bins: pa.Table, clock: Clock) -> list[Health]:
    """Every model at every entity, the one that changed most first."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(bins["entity"].to_pylist(), bins["model"].to_pylist(), strict=True)):
        grouped.setdefault(key, []).append(row)
    found = [_health(entity, model, _Rows(bins.take(rows)), clock) for (entity, model), rows in grouped.items()]
    return sorted(found, key=lambda one: (-one.score, one.entity, one.model))


class _Rows:
    """The columns of one model."""

    def __init__(self, table: pa.Table) -> None:
        self.version = np.array(table["version"].to_pylist(), dtype=object)
        self.after = np.asarray(table["is_after"].to_numpy(zero_copy_only=False), bool)
        self.bucket = np.asarray(table["bucket"].to_numpy(), np.int64)
        self.bin = np.asarray(table["bin"].to_numpy(), np.int64)
        self.first_us = np.asarray(table["first_us"].to_numpy(), np.int64)
        names = ("n", "total", "squares", "decisions", "positive")
        self.n, self.total, self.squares, self.decisions, self.positive = (
            np.asarray(table[name].to_numpy(), np.float64) for name in names
        )

    def sample(self, wanted: Floats | np.ndarray, block: int) -> Sample:
        """The scored rows that are wanted, in blocks of so many buckets."""
        rows = np.flatnonzero(wanted & (self.bin != UNSCORED))
        place = self.bucket[rows] // block
        different, where = np.unique(place, return_inverse=True)
        counts, sums, squares = np.zeros((len(different), BINS)), np.zeros(len(different)), np.zeros(len(different))
        np.add.at(counts, (where, np.clip(self.bin[rows], 0, BINS - 1)), self.n[rows])
        np.add.at(sums, where, self.total[rows])
        np.add.at(squares, where, self.squares[rows])
        return Sample(counts, sums, squares)

    def share(self, part: Floats, whole: Floats, wanted: np.ndarray) -> float | None:
        """A share over some rows; `None` over none."""
        total = float(whole[wanted].sum())
        return float(part[wanted].sum()) / total if total else None


def _health(entity: str, model: str, rows: _Rows, clock: Clock) -> Health:
    quiet, window = rows.sample(~rows.after, _BLOCK), rows.sample(rows.after, 1)
    unscored = np.where(rows.bin == UNSCORED, rows.n, 0.0)
    versions = _versions(rows)
    return Health(
        entity=entity,
        model=model,
        before=float(rows.n[~rows.after].sum()),
        after=float(rows.n[rows.after].sum()),
        mean_before=quiet.mean if quiet.size else None,
        mean_after=window.mean if window.size else None,
        drift=drift(quiet, window, _centres(rows, quiet)),
        unscored=(rows.share(unscored, rows.n, ~rows.after) or 0.0, rows.share(unscored, rows.n, rows.after) or 0.0),
        decided=(
            rows.share(rows.positive, rows.decisions, ~rows.after),
            rows.share(rows.positive, rows.decisions, rows.after),
        ),
        versions=versions,
        gap=_gap(rows, versions, quiet),
        onset_us=_onset(rows, quiet, clock),
    )


def _centres(rows: _Rows, quiet: Sample) -> Floats:
    """Mean of each bin over both windows, in quiet standard deviations, growing."""
    sums, counts = np.zeros(BINS), np.zeros(BINS)
    scored = rows.bin != UNSCORED
    place = np.clip(rows.bin[scored], 0, BINS - 1)
    np.add.at(sums, place, rows.total[scored])
    np.add.at(counts, place, rows.n[scored])
    spread = quiet.spread if quiet.size and quiet.spread > 0 else 1.0
    means = np.divide(sums, counts, out=np.full(BINS, np.nan), where=counts > 0) / spread
    # An empty bin lies where the last one was: nothing moves through it.
    filled = np.where(np.isnan(means), -np.inf, means)
    growing = np.maximum.accumulate(filled)
    lowest = means[~np.isnan(means)].min() if (~np.isnan(means)).any() else 0.0
    return np.where(np.isinf(growing), lowest, growing)


def _versions(rows: _Rows) -> tuple[Version, ...]:
    found = []
    for name in sorted(set(rows.version.tolist())):
        mine = rows.version == name
        sample = rows.sample(mine & rows.after, 1)
        found.append(
            Version(
                name=name,
                before=float(rows.n[mine & ~rows.after].sum()),
                after=float(rows.n[mine & rows.after].sum()),
                first_us=int(rows.first_us[mine].min()),
                mean_after=sample.mean if sample.size else None,
                decided=rows.share(rows.positive, rows.decisions, mine & rows.after),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.first_us, one.name)))


def _gap(rows: _Rows, versions: tuple[Version, ...], quiet: Sample) -> Gap | None:
    """The newest version against the others: in the same buckets if both answered there, else around the change."""
    if len(versions) < 2 or not quiet.size or not quiet.spread > 0:
        return None
    newest = versions[-1]
    if newest.first_us == versions[0].first_us:
        return None  # all began together: which one is new cannot be told
    mine, others = rows.version == newest.name, rows.version != newest.name
    moment = rows.bucket + rows.after * (1 + int(rows.bucket.max()))
    shared = np.intersect1d(moment[mine & (rows.bin >= 0)], moment[others & (rows.bin >= 0)])
    in_shared = np.isin(moment, shared)
    at_once = min(float(rows.n[mine & in_shared].sum()), float(rows.n[others & in_shared].sum())) >= LEAST
    if at_once:
        difference, error, means = _stratified(rows, mine & in_shared, others & in_shared, moment, quiet.spread)
    else:
        old, new = rows.sample(others, 1), rows.sample(mine, 1)
        if min(old.size, new.size) < LEAST:
            return None
        difference = (new.mean - old.mean) / quiet.spread
        error = math.sqrt(1 / old.size + 1 / new.size + _wander(rows.sample(others, _BLOCK), quiet.spread))
        means = (new.mean, old.mean)
    older = max(versions[:-1], key=lambda one: (one.before + one.after, one.name))
    score = min(abs(difference) / math.sqrt(error**2 + _SLIGHT**2), 1_000.0)
    return Gap(newest.name, older.name, at_once, means[0], means[1], difference, score, newest.first_us)


def _stratified(
    rows: _Rows, mine: np.ndarray, others: np.ndarray, moment: np.ndarray, spread: float
) -> tuple[float, float, tuple[float, float]]:
    """Difference of means within the same buckets, in standard deviations, its error, and the two overall means."""
    difference = weights = 0.0
    for at in np.unique(moment[mine]).tolist():
        new, old = rows.sample(mine & (moment == at), 1), rows.sample(others & (moment == at), 1)
        if new.size and old.size:
            weight = new.size * old.size / (new.size + old.size)
            difference += weight * (new.mean - old.mean)
            weights += weight
    new, old = rows.sample(mine, 1), rows.sample(others, 1)
    return difference / weights / spread, 1 / math.sqrt(weights), (new.mean, old.mean)


def _wander(sample: Sample, spread: float) -> float:
    """Variance of block means beyond chance, in squared standard deviations."""
    sizes = sample.counts.sum(axis=1)
    used = sizes >= 2
    if used.sum() < 3:
        return 0.0
    moved = (sample.sums[used] / sizes[used] - sample.mean) / spread
    return max(float((moved**2).sum() / (used.sum() - 1) - (1 / sizes[used]).mean()), 0.0)


def _onset(rows: _Rows, quiet: Sample, clock: Clock) -> int | None:
    """The start of the bucket of the window from which the mean stays moved; the best split of two levels."""
    window = rows.sample(rows.after, 1)
    if not quiet.size or not window.size or not quiet.spread > 0:
        return None
    buckets = np.unique(rows.bucket[rows.after & (rows.bin != UNSCORED)])
    sizes = window.counts.sum(axis=1)
    moved = (window.sums - quiet.mean * sizes) / quiet.spread
    first = first_of_step(sizes, moved)
    return None if first is None else int(clock.start_us + buckets[first] * clock.bucket_us)
