"""`features.parquet` and `predictions.parquet`: a sample of what was served and scored."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .changes import Change, first_model_version
from .columns import PAIRS, TIME, pairs_pool, picked_column
from .log_sources import MODEL_OF
from .model import World
from .signals import GROUPS, SCORE_SPREAD, TRIAL_SHARE, FeatureGroup
from .streams import Array, Counts, Mask
from .timeline import SECOND_US

_TRAINED = 400
_PER_HOUR = 240
_FEWEST = 200
_MOST = 20_000


def _moments(world: World, rng: np.random.Generator) -> Counts:
    hours = world.spec.duration_s / 3_600
    count = int(np.clip(_PER_HOUR * hours, _FEWEST, _MOST))
    return np.sort(rng.integers(world.timeline.start_us, world.timeline.end_us, size=count))


def write_features(world: World, writer: SnapshotWriter) -> None:
    """Single served values of each group's feature, and some that models were trained on; a null has no value."""
    for group in GROUPS:
        rng = world.streams.of("feature-samples", group.name)
        ts = _moments(world, rng)
        steps = world.timeline.step_of(ts)
        values = world.signals.values[group.name][steps] * _scatter(group, rng, len(ts))
        is_null = rng.random(len(ts)) < world.signals.nulls[group.name][steps]
        age_s = _age_s(world, group, rng, steps)
        event_us = ts - (age_s * SECOND_US).astype(np.int64)
        seconds = pa.array(event_us, type=TIME).cast(pa.string())
        served = [("source", "serving"), ("view", group.name), ("written_by", group.source)]
        labels = [[("event_time", at), *served] for at in seconds.to_pylist()]
        _write_values(writer, group, ts, pa.array(_rounded(values), mask=is_null), pa.array(labels, type=PAIRS))

        rng = world.streams.of("training-samples", group.name)
        ts = np.sort(rng.integers(world.timeline.start_us, world.timeline.window_us, size=_TRAINED))
        trained = pairs_pool([{"source": "training", "view": group.name}]).take(pa.array(np.zeros(_TRAINED, np.int64)))
        is_null = rng.random(_TRAINED) < group.usual_null
        values = group.centre * _scatter(group, rng, _TRAINED)
        _write_values(writer, group, ts, pa.array(_rounded(values), mask=is_null), trained)


def _write_values(writer: SnapshotWriter, group: FeatureGroup, ts: Counts, values: pa.Array, labels: pa.Array) -> None:
    same = np.zeros(len(ts), dtype=np.int64)
    writer.write(
        "features",
        {
            "ts": pa.array(ts, type=TIME),
            "entity": picked_column(("feature-server",), same),
            "feature": picked_column((group.feature,), same),
            "value": values,
            "labels": labels,
        },
    )


def _scatter(group: FeatureGroup, rng: np.random.Generator, count: int) -> Array:
    """Values scatter around the mean of the moment; a log-normal keeps them positive and skewed."""
    spread = np.sqrt(np.log1p((group.spread / group.centre) ** 2))
    return np.asarray(np.exp(spread * rng.standard_normal(count) - spread**2 / 2))


def _rounded(values: Array) -> Array:
    return np.asarray(np.round(np.maximum(values, 0.0), 5), np.float64)


def _age_s(world: World, group: FeatureGroup, rng: np.random.Generator, steps: Counts) -> Array:
    """Seconds since the event behind each value: since the pipeline's last run, or a little for a source read live."""
    live = 20.0 * np.exp(0.6 * rng.standard_normal(len(steps)))
    written = world.signals.age_s.get(group.source)
    return live if written is None else np.asarray(written[steps] + live)


def write_predictions(world: World, writer: SnapshotWriter, changes: tuple[Change, ...]) -> None:
    """Single scores of each scorer with the model version of the moment."""
    pool = pairs_pool([{"country": country.code} for country in world.platform.countries])
    for scorer, model in MODEL_OF.items():
        rng = world.streams.of("prediction-samples", scorer)
        ts = _moments(world, rng)
        steps = world.timeline.step_of(ts)
        names, version, is_faulty = _versions(world, rng, scorer, changes, ts)
        shift = world.forces.of("trial_shift", scorer)[steps]
        usual = world.signals.centre[scorer][steps] - TRIAL_SHARE * shift
        log_odds = usual + shift * is_faulty + SCORE_SPREAD * rng.standard_normal(len(ts))
        writer.write(
            "predictions",
            {
                "ts": pa.array(ts, type=TIME),
                "entity": picked_column((scorer,), np.zeros(len(ts), dtype=np.int64)),
                "model": picked_column((model,), np.zeros(len(ts), dtype=np.int64)),
                "version": picked_column(names, version),
                "score": pa.array(np.round(1.0 / (1.0 + np.exp(-log_odds)), 5)),
                "labels": pool.take(pa.array(rng.integers(len(world.platform.countries), size=len(ts)))),
            },
        )


def _versions(
    world: World, rng: np.random.Generator, scorer: str, changes: tuple[Change, ...], ts: Counts
) -> tuple[list[str], Counts, Mask]:
    """Names of the versions, which of them made each prediction, and whether that is the one at fault on trial.

    A version on trial answers its share until the next promotion of its scorer.
    """
    promoted = [one for one in changes if one.entity == scorer and one.kind == "model_promotion"]
    names = [str(first_model_version(world, scorer)), *(one.attributes["version"] for one in promoted)]
    version = np.zeros(len(ts), dtype=np.int64)
    is_faulty = np.zeros(len(ts), dtype=bool)
    draft, stable = world.strike.change, 0
    for place, one in enumerate(promoted, start=1):
        later = ts >= one.ts_us
        if "weight" not in one.attributes:
            stable = place
            version[later] = place
            continue
        version[later] = stable
        chosen = later & (rng.random(len(ts)) < TRIAL_SHARE)
        version[chosen] = place
        if draft is not None and draft.entity == scorer and draft.is_canary:
            lead_us = int(draft.lead_s * SECOND_US)
            is_faulty |= chosen & (one.ts_us == world.timeline.onset_us - lead_us)
    return names, version, is_faulty
