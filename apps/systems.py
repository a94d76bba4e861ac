"""The systems an installation reads live: what the configuration lists, as one backend per domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ..core.clock import Clock
from ..core.errors import ConfigError
from ..core.state import StateDirectory
from ..tools.alerts.backends.settings import AlertmanagerSettings
from ..tools.changes.backends.settings import GitSettings
from ..tools.metrics.backends.settings import PrometheusSettings
from ..tools.snapshots.schema import TableName

SystemSettings = Annotated[
    PrometheusSettings | AlertmanagerSettings | GitSettings,
    Field(discriminator="kind"),
]
"""One system, by its `kind`."""

TABLE_OF: Mapping[str, TableName] = {
    "metrics": "metrics",
    "logs": "logs",
    "traces": "spans",
    "topology": "topology",
    "changes": "changes",
    "alerts": "alerts",
}
"""The table of a snapshot that a domain's system stands for."""


def environment_of(systems: Mapping[str, SystemSettings], named: str | None) -> str:
    """The environment of a live run: the one that is named, or the only one that systems reach.

    Raises:
        ConfigError: there is none, or it has to be chosen.
    """
    known = sorted({system.environment for system in systems.values()})
    if not known:
        raise ConfigError("no system is configured", remedy="list one under `[systems.NAME]`, or name a snapshot")
    if named is not None:
        if named not in known:
            raise ConfigError("no system reaches that environment", remedy=f"environments: {', '.join(known)}")
        return named
    if len(known) > 1:
        raise ConfigError("systems reach several environments", remedy=f"`--environment` one of {', '.join(known)}")
    return known[0]


def live_backends(
    systems: Mapping[str, SystemSettings], environment: str, state: StateDirectory, clock: Clock
) -> dict[str, Any]:
    """One backend per domain that a system of the environment serves.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    from ..core.systems.client import SystemClient  # noqa: PLC0415 - only a live run needs them
    from ..tools.alerts.backends.alertmanager import AlertmanagerAlerts  # noqa: PLC0415 - the same
    from ..tools.alerts.backends.joined import JoinedAlerts  # noqa: PLC0415 - the same
    from ..tools.changes.backends.git_log import GitChanges  # noqa: PLC0415 - the same
    from ..tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415 - the same
    from ..tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415 - the same
    from ..tools.metrics.backends.prometheus import PrometheusMetrics  # noqa: PLC0415 - the same

    metrics, alerts, changes = [], [], []
    for name, settings in sorted(systems.items()):
        if settings.environment != environment:
            continue
        if isinstance(settings, GitSettings):
            changes.append(GitChanges(settings))
        elif isinstance(settings, PrometheusSettings):
            metrics.append(PrometheusMetrics(SystemClient(name, settings, state.locks, clock=clock), settings))
        else:
            client = SystemClient(name, settings, state.locks, clock=clock)
            alerts.append(AlertmanagerAlerts(client, settings, clock))
    found: dict[str, Any] = {}
    if metrics:
        found["metrics"] = JoinedMetrics(metrics)
    if alerts:
        found["alerts"] = JoinedAlerts(alerts)
    if changes:
        found["changes"] = JoinedChanges(changes)
    return found
