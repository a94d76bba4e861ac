"""The inventory, and how long nothing must have been seen of a thing before its absence says something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from ..fleets.schema import InventoryKind
from ..fleets.subjects import rhythm_days
from ..recommendations.types import Reversal

MONTH_AND_MORE = 35.0
"""Days: whatever runs at the end of months has then had one, with a few days to be late."""
QUARTER_AND_MORE = 100.0
"""Days: the same for quarters."""
LATER = 1.1
"""How much later than its rhythm a use may come."""


@dataclass(frozen=True)
class Ending:
    """How a kind of thing ends.

    Args:
        absence_days: without a use, before it is idle. What people open by hand or serves requests shows within a
            month; what is kept for a report or a comparison comes back with a quarter.
        stop: what stopping it is.
        grace_days: from stopping to deleting.
        reversal: of the deletion.
        effort_hours: that it takes.
    """

    absence_days: float
    stop: str
    grace_days: int
    reversal: Reversal
    effort_hours: float


ENDINGS: Mapping[InventoryKind, Ending] = {
    "endpoint": Ending(MONTH_AND_MORE, "scale it to zero and keep its definition", 14, "with_a_restart", 2.0),
    "notebook": Ending(MONTH_AND_MORE, "stop it and keep its disk", 14, "with_a_restart", 0.5),
    "pipeline": Ending(QUARTER_AND_MORE, "pause its schedule", 30, "at_once", 1.0),
    "model_version": Ending(QUARTER_AND_MORE, "archive it in the registry", 30, "from_a_backup", 0.5),
    "feature_view": Ending(QUARTER_AND_MORE, "stop materialising it", 30, "with_a_restart", 2.0),
    "volume": Ending(MONTH_AND_MORE, "take a snapshot of it", 14, "from_a_backup", 0.5),
    "snapshot": Ending(QUARTER_AND_MORE, "mark it for deletion", 30, "never", 0.5),
    "experiment": Ending(QUARTER_AND_MORE, "move its artefacts to an archive", 30, "from_a_backup", 0.5),
    "dashboard": Ending(QUARTER_AND_MORE, "hide it", 30, "at_once", 0.5),
}

KEPT_STAGES = frozenset({"production", "champion", "previous", "rollback"})
"""Stages of a model version that serves, or that a rollback goes back to."""


@dataclass(frozen=True)
class Item:
    """One thing of the inventory; times in days before today, `None` where there is none."""

    id: str
    kind: str
    team: str = ""
    owner: str | None = None
    age_days: float | None = None
    unused_days: float | None = None
    watched_days: float | None = None
    attached_to: str | None = None
    needed_by: tuple[str, ...] = ()
    size_bytes: float | None = None
    workload: str | None = None
    resource_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def absence_days(self, ending: Ending) -> float:
        """How long nothing must have been seen: the kind's time, or its own rhythm and a tenth."""
        return max(ending.absence_days, LATER * rhythm_days(self.attributes))


def items_of(inventory: pa.Table, today: datetime) -> tuple[Item, ...]:
    """The inventory as of today; what comes twice counts once."""
    found: dict[str, Item] = {}
    for row in inventory.to_pylist():
        if not row["id"] or not row["kind"] or row["id"] in found:
            continue
        found[row["id"]] = Item(
            id=row["id"],
            kind=row["kind"],
            team=row["team"] or "",
            owner=row["owner"],
            age_days=_days(row["created"], today),
            unused_days=_days(row["last_used"], today),
            watched_days=_days(row["watched_since"], today),
            attached_to=row["attached_to"] or None,
            needed_by=tuple(one for one in row["needed_by"] or () if one),
            size_bytes=row["size_bytes"],
            workload=row["workload"] or None,
            resource_id=row["resource_id"],
            attributes={key: value for key, value in row["attributes"] or () if value is not None},
        )
    return tuple(found.values())


def _days(at: datetime | None, today: datetime) -> float | None:
    return None if at is None else (today - at.astimezone(UTC)).total_seconds() / 86_400
