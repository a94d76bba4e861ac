"""Changes as suspects: what was altered on an entity shortly before it went out of order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

_HALF_LIFE_S = 3_600.0
"""A change an hour before the trouble is half as suspect as one right before it."""
_GRACE_S = 300.0
"""Clocks and roll-outs are not exact: a change up to five minutes after the onset may still be its cause."""


@dataclass(frozen=True)
class Suspect:
    """A change and how well its time fits.

    Args:
        closeness: 0 to 1; 1 is right before the onset.
        gap_s: seconds from the change to the onset; negative if it came after.
    """

    entity: str
    id: str
    kind: str
    closeness: float
    gap_s: float


def suspects_by_entity(
    table: pa.Table | None, onsets_us: Mapping[str, int], default_onset_us: int
) -> dict[str, list[Suspect]]:
    """The changes of each entity, most suspect first.

    Args:
        table: the artifact of `changes.recent` with `ts`, `entity`, `id`, `kind`.
        onsets_us: when an entity went out of order, where that is known.
        default_onset_us: the onset of the incident, for the others.
    """
    found: dict[str, list[Suspect]] = {}
    if table is None:
        return found
    moments = [None if ts is None else round(ts.timestamp() * 1e6) for ts in table["ts"].to_pylist()]
    columns = (table[name].to_pylist() for name in ("entity", "id", "kind"))
    for moment, entity, change_id, kind in zip(moments, *columns, strict=True):
        if moment is None or not entity or not change_id:
            continue
        gap_s = (onsets_us.get(entity, default_onset_us) - moment) / 1e6
        if gap_s < -_GRACE_S:
            continue  # after the trouble began: an answer to it, not its cause
        closeness = math.pow(0.5, max(gap_s, 0.0) / _HALF_LIFE_S)
        found.setdefault(entity, []).append(Suspect(entity, change_id, kind or "change", closeness, gap_s))
    for changes in found.values():
        changes.sort(key=lambda suspect: (-suspect.closeness, suspect.id))
    return found
