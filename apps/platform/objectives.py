"""Error budgets now, read through the gate from live systems or a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ...core.canonical import JsonValue
from ...core.clock import Deadline, to_iso
from ...core.errors import BackendError, ConfigError
from ...tools.metrics.backends.snapshot import SnapshotMetrics
from ...tools.owners.backends.snapshot import catalogue_of
from ...tools.slo.backends.declared import DeclaredSlos
from ...tools.slo.backends.prometheus import JoinedSlos
from ...tools.slo.backends.snapshot import SnapshotSlos
from ...tools.slo.backends.types import Slo
from ...tools.slo.conditions import Budgets
from ...tools.slo.tools import burns_of, slo_tools
from ...tools.slo.types import BurnArgs, BurnResult, SloBurn
from ...tools.snapshots.store import SnapshotStore
from ...tools.spec import AnyTool
from ..installation import Installation, current_person, open_installation
from ..live.systems import environment_of, live_backends, surroundings_of
from ..single_call import called_once

_RECENT = timedelta(minutes=30)


def declared_slos(installation: Installation) -> tuple[Slo, ...]:
    """The objectives of the operator's service catalogue, by entity and name."""
    entries = installation.catalogue.entries if installation.catalogue is not None else ()
    return tuple(sorted((slo for entry in entries for slo in entry.slos), key=lambda slo: (slo.entity, slo.name)))


def budgets_in(installation: Installation, environment: str) -> Budgets | None:
    """What tells of the error budgets in an environment; `None` where no system holds metrics or none is declared.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    systems, declared = installation.settings.systems, declared_slos(installation)
    if not declared or not any(one.environment == environment for one in systems.values()):
        return None
    live = live_backends(systems, environment, surroundings_of(installation))
    if "metrics" not in live:
        return None
    slos, metrics = DeclaredSlos(environment, declared), live["metrics"]

    def budgets(entities: Sequence[str], at: datetime, deadline: Deadline) -> Sequence[SloBurn]:
        return burns_of(slos, metrics, BurnArgs(start=at - _RECENT, end=at, entities=tuple(entities)), deadline)

    return budgets


def error_budgets(
    installation: Installation, snapshot: Path | None, environment: str | None, by: str, entities: Sequence[str] = ()
) -> BurnResult | None:
    """How fast each error budget burns; `None` where no objective is declared.

    Args:
        installation: whose catalogue and systems count.
        snapshot: is read instead of live systems.
        environment: of the live systems; their only one if absent.
        by: who asks, `person:<name>` or `system:<name>`.
        entities: of which; all if empty.

    Raises:
        BackendError: a system did not answer.
        CallDenied: policies do not let it be read.
        ConfigError: no live system holds metrics.
    """
    if snapshot is not None:
        store = SnapshotStore(snapshot)
        try:
            more = [slo for entry in catalogue_of(store).entries for slo in entry.slos]
            slos = SnapshotSlos(store, [*declared_slos(installation), *more])
            tools = slo_tools(slos, SnapshotMetrics(store))
            window = store.manifest.window
            return _asked(
                installation,
                tools,
                store.manifest.environment,
                (to_iso(window.start), to_iso(window.end)),
                by,
                entities,
            )
        finally:
            store.close()
    where = environment_of(installation.settings.systems, environment)
    live = live_backends(installation.settings.systems, where, surroundings_of(installation))
    if "metrics" not in live:
        raise ConfigError("no configured system holds metrics", remedy="list one under `systems`, or name a snapshot")
    now = installation.clock.now()
    joined = JoinedSlos(DeclaredSlos(where, declared_slos(installation)), live.get("recorded_slos", ()))
    tools = slo_tools(joined, live["metrics"])
    return _asked(installation, tools, where, (to_iso(now - _RECENT), to_iso(now)), by, entities)


def _asked(
    installation: Installation,
    tools: tuple[AnyTool, ...],
    environment: str,
    window: tuple[str, str],
    by: str,
    entities: Sequence[str],
) -> BurnResult | None:
    args: dict[str, JsonValue] = {"start": window[0], "end": window[1], "entities": list(entities)}
    found = called_once(installation, tools, "slo.burn", args, by=by, environment=environment, role="triage")
    return None if found is None else BurnResult.model_validate(found)


def check_objectives(environment: str | None = None, *entities: str, snapshot: Path | None = None) -> bool:
    """For pipelines (Airflow, CI): whether no error budget burns too fast; recorded like any other call.

    Raises:
        BackendError: an objective has no data or cannot be read, or there is none. That is no pass.
        OpswardenError: they could not be asked.
    """
    with open_installation() as installation:
        found = error_budgets(installation, snapshot, environment, f"person:{current_person()}", entities)
    if found is None or found.without_data + found.unreadable:
        raise BackendError("an objective could not be read", remedy="`opswarden slo burn` says which")
    return found.paging + found.ticketing == 0
