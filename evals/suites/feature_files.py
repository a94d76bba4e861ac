"""An invented feature view as plain files, as a feature store of files has it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ...core.clock import to_iso
from ...tools.arrow import compute as pc
from ...tools.features.backends.settings import ViewSettings
from ...tools.features.backends.store import CREATED, EVENT, KEY
from .feature_worlds import FeatureWorld


def write_files(world: FeatureWorld, folder: Path, *, unit: str = "ns") -> ViewSettings:
    """Write both sides of a world, as pandas would: times in nanoseconds with a zone.

    Args:
        world: to write.
        folder: where to; its files are replaced.
        unit: of the times.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(_named(world.history, unit), folder / "offline.parquet")
    pq.write_table(_named(world.served, unit), folder / "online.parquet")
    pairs = [[to_iso(datetime.fromtimestamp(at / 1e6, UTC)) for at in pair] for pair in world.view.intervals]
    (folder / "materialized.json").write_text(json.dumps(pairs), encoding="utf-8")
    return ViewSettings(
        keys=("card",),
        offline=(folder / "offline.parquet",),
        online=folder / "online.parquet",
        created="written_at",
        features={name: kind for name, kind in world.view.features.items() if kind != "other"},
        ttl_s=world.view.ttl_s,
        materialized=folder / "materialized.json",
    )


def _named(rows: pa.Table, unit: str) -> pa.Table:
    names = {KEY: "card", EVENT: "event_time", CREATED: "written_at"}
    for name in (EVENT, CREATED):
        if name in rows.column_names:
            moments = pc.cast(pc.cast(rows[name], pa.timestamp("us", "UTC")), pa.timestamp(unit, "UTC"))
            rows = rows.set_column(rows.column_names.index(name), name, moments)
    return rows.rename_columns([names.get(name, name) for name in rows.column_names])
