"""The snapshot that texts are planted in: a small incident of the sandbox world, with its personal data and secrets."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ...core.errors import InputError
from ...tools.snapshots.manifest import MANIFEST_NAME, Manifest
from ..worlds.planted import planted
from ..worlds.spec import WorldSpec
from ..worlds.world import write_case
from .vectors import Base

_KEPT_ENTITIES = 4
_UNSEARCHED = frozenset({"ip"})
"""Kinds of planted values that the profile `payments` lets through on purpose."""


def make_base(folder: Path, seed: int) -> tuple[Base, tuple[str, ...]]:
    """Write the snapshot, and say which values are planted in it.

    Args:
        folder: is made; must not exist.
        seed: of the incident and the values.

    Returns:
        The base, and every planted value that must not come out.
    """
    spec = WorldSpec(
        seed=seed, fault="bad_model_promotion", log_lines=600, spans=150, series=60, duration_s=3600, window_s=900
    )
    case = write_case(spec, folder)
    manifest = Manifest.model_validate_json((case.snapshot / MANIFEST_NAME).read_bytes())
    if manifest.alert is None or manifest.alert.entity is None or manifest.baseline is None:
        raise InputError("the sandbox world made an incident without an alert", remedy="choose another seed")
    _thin(case.snapshot / "metrics.parquet", manifest.alert.entity)
    base = Base(
        folder=case.snapshot,
        entity=manifest.alert.entity,
        start=manifest.window.start,
        end=manifest.window.end,
        before=manifest.baseline.start,
        log_lines=pq.read_metadata(case.snapshot / "logs.parquet").num_rows,
    )
    return base, tuple(dict.fromkeys(item.value for item in planted(spec) if item.kind not in _UNSEARCHED))


def _thin(path: Path, entity: str) -> None:
    """Keep the series of a few entities: what is attacked here is the text, and a case takes a third of the time.

    The series with planted labels stay.
    """
    table = pq.read_table(path)
    names = sorted(set(table["entity"].to_pylist()) - {entity})
    labelled = {
        name
        for name, labels in zip(table["entity"].to_pylist(), table["labels"].to_pylist(), strict=True)
        if any(key in ("contact", "card", "api_key") for key, _ in labels or ())
    }
    kept = {entity, *labelled, *names[:_KEPT_ENTITIES]}
    pq.write_table(table.filter(pa.array([name in kept for name in table["entity"].to_pylist()])), path)
