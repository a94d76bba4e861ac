"""Metrics of a snapshot."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...snapshots.store import SnapshotStore
from ..series import Floats, SeriesKey, SeriesSet, Times

_Asked = tuple[datetime, datetime, tuple[str, ...], str | None]

_SAMPLE_LIMIT = 20_000_000
_KEPT_SAMPLES = 5_000_000
"""80 MB: what was read last stays, since the tools of a survey ask for the same samples."""

_SELECTED = """
    FROM metrics
    WHERE ts >= $start AND ts < $end AND isfinite(value)
      AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
      AND ($metric::VARCHAR IS NULL OR metric = $metric)
"""
_SERIES = "hash(entity, metric, kind, unit, labels)"
_SAMPLES = f"SELECT {_SERIES} AS h, epoch_us(ts) AS us, value {_SELECTED}"
_INDEX = f"""
    SELECT {_SERIES} AS h, count(*) AS samples, any_value(entity) AS entity, any_value(metric) AS metric,
           any_value(kind) AS kind, any_value(unit) AS unit, any_value(labels) AS labels
    {_SELECTED} GROUP BY h ORDER BY h
"""
_COUNT = f"SELECT count(*) AS n {_SELECTED}"


class SnapshotMetrics:
    """Reads `metrics.parquet`; implements `MetricsBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._last: tuple[_Asked, SeriesSet] | None = None

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self._store.manifest.environment

    def series(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        metric: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> SeriesSet:
        """The samples that match, at most 20 million.

        Raises:
            BackendError: too many samples, no time left, or DuckDB failed.
        """
        if not self._store.has("metrics"):
            return SeriesSet((), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0))
        asked = (start, end, tuple(entities), metric)
        with self._lock:
            if self._last is None or self._last[0] != asked:
                self._last = None
                self._last = (asked, self._read(asked, deadline))
            found = self._last[1]
            if len(found.values) > _KEPT_SAMPLES:
                self._last = None
        return _with_labels(found, labels) if labels else found

    def _read(self, asked: _Asked, deadline: Deadline) -> SeriesSet:
        start, end, entities, metric = asked
        where: dict[str, Any] = {"start": start, "end": end, "entities": list(entities), "metric": metric}
        if self._store.query(_COUNT, where, deadline)["n"][0].as_py() > _SAMPLE_LIMIT:
            raise BackendError(
                f"more than {_SAMPLE_LIMIT} samples match", remedy="ask for a shorter window or fewer entities"
            )
        index = self._store.query(_INDEX, where, deadline)
        keys = tuple(
            SeriesKey(entity or "", name or "", kind or "gauge", unit, _pairs(pairs))
            for entity, name, kind, unit, pairs in zip(
                *(index[column].to_pylist() for column in ("entity", "metric", "kind", "unit", "labels")), strict=True
            )
        )
        bounds = np.concatenate([[0], np.cumsum(index["samples"].to_numpy())]).astype(np.int64)
        times_us, values = np.empty(bounds[-1], np.int64), np.empty(bounds[-1])
        hashes, free = index["h"].to_numpy(), bounds[:-1].copy()
        for batch in self._store.batches(_SAMPLES, where, deadline):
            owners = np.searchsorted(hashes, batch["h"].to_numpy())
            order = np.argsort(owners, kind="stable")
            owners = owners[order]
            begins = np.flatnonzero(np.diff(owners, prepend=-1))
            sizes = np.diff(begins, append=len(owners))
            places = np.repeat(free[owners[begins]] - begins, sizes) + np.arange(len(owners))
            free[owners[begins]] += sizes
            times_us[places], values[places] = batch["us"].to_numpy()[order], batch["value"].to_numpy()[order]
        _sort_by_time(bounds, times_us, values)
        for shared in (bounds, times_us, values):
            shared.setflags(write=False)
        return SeriesSet(keys, bounds, times_us, values)


def _sort_by_time(bounds: npt.NDArray[np.int64], times_us: Times, values: Floats) -> None:
    """Sort the samples of each series where they stand; most are recorded in their order."""
    falls = np.flatnonzero(times_us[1:] < times_us[:-1]) + 1
    owners = np.searchsorted(bounds, falls, side="right") - 1
    for owner in np.unique(owners[bounds[owners] != falls]).tolist():
        part = slice(int(bounds[owner]), int(bounds[owner + 1]))
        order = np.argsort(times_us[part], kind="stable")
        times_us[part], values[part] = times_us[part][order], values[part][order]


def _pairs(labels: list[tuple[str, str | None]] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value or "") for name, value in labels or ()))


def _with_labels(found: SeriesSet, labels: Mapping[str, str]) -> SeriesSet:
    wanted = set(labels.items())
    places = [place for place, key in enumerate(found.keys) if wanted <= set(key.labels)]
    parts = [slice(int(found.bounds[place]), int(found.bounds[place + 1])) for place in places]
    return SeriesSet(
        tuple(found.keys[place] for place in places),
        np.concatenate([[0], np.cumsum([part.stop - part.start for part in parts])]).astype(np.int64),
        np.concatenate([found.times_us[part] for part in parts]) if parts else found.times_us[:0],
        np.concatenate([found.values[part] for part in parts]) if parts else found.values[:0],
    )
