"""`features.parquet` and `predictions.parquet`: a sample of what was served and scored."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .changes import Change, first_model_version
from .columns import TIME, pairs_pool, picked_column
from .log_sources import MODEL_OF
from .model import World
from .signals import GROUPS, SCORE_SPREAD
from .streams import Counts

_PER_HOUR = 240
_FEWEST = 200
_MOST = 20_000


def _moments(world: World, rng: np.random.Generator) -> Counts:
    hours = world.spec.duration_s / 3_600
    count = int(np.clip(_PER_HOUR * hours, _FEWEST, _MOST))
    return np.sort(rng.integers(world.timeline.start_us, world.timeline.end_us, size=count))


def write_features(world: World, writer: SnapshotWriter) -> None:
    """Single served values of each group's feature; a null is a row without a value."""
    for group in GROUPS:
        rng = world.streams.of("feature-samples", group.name)
        ts = _moments(world, rng)
        steps = world.timeline.step_of(ts)
        # Served values scatter around the mean of the moment; a log-normal keeps them positive and skewed.
        spread = np.sqrt(np.log1p((group.spread / group.centre) ** 2))
        values = world.signals.values[group.name][steps] * np.exp(spread * rng.standard_normal(len(ts)) - spread**2 / 2)
        is_null = rng.random(len(ts)) < world.signals.nulls[group.name][steps]
        same = np.zeros(len(ts), dtype=np.int64)
        writer.write(
            "features",
            {
                "ts": pa.array(ts, type=TIME),
                "entity": picked_column(("feature-server",), same),
                "feature": picked_column((group.feature,), same),
                "value": pa.array(np.round(np.maximum(values, 0.0), 5), mask=is_null),
                "labels": pairs_pool([{"group": group.name}]).take(pa.array(same)),
            },
        )


def write_predictions(world: World, writer: SnapshotWriter, changes: tuple[Change, ...]) -> None:
    """Single scores of each scorer with the model version of the moment."""
    pool = pairs_pool([{"country": country.code} for country in world.platform.countries])
    for scorer, model in MODEL_OF.items():
        rng = world.streams.of("prediction-samples", scorer)
        ts = _moments(world, rng)
        steps = world.timeline.step_of(ts)
        log_odds = world.signals.centre[scorer][steps] + SCORE_SPREAD * rng.standard_normal(len(ts))
        promotions = [one.ts_us for one in changes if one.entity == scorer and one.kind == "model_promotion"]
        first = first_model_version(world, scorer)
        version = np.searchsorted(np.array(promotions, dtype=np.int64), ts, side="right")
        writer.write(
            "predictions",
            {
                "ts": pa.array(ts, type=TIME),
                "entity": picked_column((scorer,), np.zeros(len(ts), dtype=np.int64)),
                "model": picked_column((model,), np.zeros(len(ts), dtype=np.int64)),
                "version": picked_column([str(first + row) for row in range(len(promotions) + 1)], version),
                "score": pa.array(np.round(1.0 / (1.0 + np.exp(-log_odds)), 5)),
                "labels": pool.take(pa.array(rng.integers(len(world.platform.countries), size=len(ts)))),
            },
        )
