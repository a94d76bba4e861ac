"""Usage of CPU and memory from a fleet folder, by its compact history."""

from __future__ import annotations

from datetime import date, timedelta

from ...core.clock import Deadline
from ..fleets.store import FleetStore
from ..usage.building import build_history
from ..usage.history import History
from ..usage.sizes import Sizes
from .use import HistoryUse, SizedResource


def history_of(store: FleetStore, deadline: Deadline | None = None) -> History:
    """The compact history of a fleet's whole days.

    Raises:
        InputError: more series or days than can be held.
        BackendError: it cannot be read, or not in time.
    """
    first, last = whole_days(store)
    with store.asking(deadline) as cursor:
        return build_history(cursor, "usage", first, last).history


def whole_days(store: FleetStore) -> tuple[date, date]:
    """The first and the last day of UTC that the fleet covers."""
    manifest = store.manifest
    return manifest.start.date(), (manifest.end - timedelta(microseconds=1)).date()


def uses_of(store: FleetStore, history: History, deadline: Deadline | None = None) -> dict[SizedResource, HistoryUse]:
    """CPU and memory, as far as they were measured."""
    sizes = Sizes(store.rows("sizes", deadline=deadline))
    found: dict[SizedResource, HistoryUse] = {}
    resources: tuple[SizedResource, ...] = ("cpu", "memory")
    for resource in resources:
        names = history.names(resource)
        if names:
            found[resource] = HistoryUse(history, resource, sizes.daily(names, resource, history.days))
    return found
