"""Metrics of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...snapshots.store import SnapshotStore
from ..series import SeriesKey, SeriesSet

_SAMPLE_LIMIT = 20_000_000

_SELECTED = """
    FROM metrics
    WHERE ts >= $start AND ts < $end AND isfinite(value)
      AND (len($entities::VARCHAR[]) = 0 OR list_contains($entities::VARCHAR[], entity))
      AND ($metric::VARCHAR IS NULL OR metric = $metric)
"""
_SAMPLES = f"SELECT hash(entity, metric, kind, unit, labels) AS h, epoch_us(ts) AS us, value {_SELECTED} ORDER BY h, us"
_INDEX = f"""
    SELECT hash(entity, metric, kind, unit, labels) AS h, any_value(entity) AS entity, any_value(metric) AS metric,
           any_value(kind) AS kind, any_value(unit) AS unit, any_value(labels) AS labels
    {_SELECTED} GROUP BY h ORDER BY h
"""
_COUNT = f"SELECT count(*) AS n {_SELECTED}"


class SnapshotMetrics:
    """Reads `metrics.parquet`; implements `MetricsBackend`."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

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
        empty = SeriesSet((), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0))
        if not self._store.has("metrics"):
            return empty
        where = {"start": start, "end": end, "entities": list(entities), "metric": metric}
        if self._store.query(_COUNT, where, deadline)["n"][0].as_py() > _SAMPLE_LIMIT:
            raise BackendError(
                f"more than {_SAMPLE_LIMIT} samples match", remedy="ask for a shorter window or fewer entities"
            )
        index = self._store.query(_INDEX, where, deadline)
        keys = [
            SeriesKey(entity or "", name or "", kind or "gauge", unit, _pairs(pairs))
            for entity, name, kind, unit, pairs in zip(
                *(index[column].to_pylist() for column in ("entity", "metric", "kind", "unit", "labels")), strict=True
            )
        ]
        samples = self._store.query(_SAMPLES, where, deadline)
        hashes = samples["h"].to_numpy()
        bounds = (
            np.concatenate([[0], np.flatnonzero(np.diff(hashes)) + 1, [len(hashes)]]) if len(hashes) else np.zeros(1)
        )
        found = SeriesSet(tuple(keys), bounds.astype(np.int64), samples["us"].to_numpy(), samples["value"].to_numpy())
        return _with_labels(found, labels) if labels else found


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
