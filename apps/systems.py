"""The systems an installation reads live: what the configuration lists, as one backend per domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..core.clock import Clock
from ..core.errors import ConfigError
from ..core.state import StateDirectory
from ..core.systems.settings import HttpSettings
from ..tools.alerts.backends.settings import AlertmanagerSettings, GrafanaSettings
from ..tools.changes.backends.delivery_settings import ArgocdSettings, GithubSettings, GitlabSettings
from ..tools.changes.backends.settings import GitSettings
from ..tools.kubernetes.backends.settings import KubernetesSettings
from ..tools.metrics.backends.settings import PrometheusSettings
from ..tools.snapshots.schema import TableName

if TYPE_CHECKING:
    from ..core.systems.client import SystemClient
    from ..tools.owners.catalogue import Catalogue
    from ..tools.snapshots.manifest import Window

SystemSettings = Annotated[
    PrometheusSettings
    | AlertmanagerSettings
    | GitSettings
    | KubernetesSettings
    | ArgocdSettings
    | GithubSettings
    | GitlabSettings
    | GrafanaSettings,
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
    "notices": "events",
    "kubernetes": "objects",
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


@dataclass(frozen=True)
class Surroundings:
    """What every system is made with.

    Args:
        locks: folder in which processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        stretch: the time that the run is about, quiet time and window; `None` outside of a run.
        catalogue: the operator's service catalogue.
    """

    locks: Path
    clock: Clock
    stretch: Window | None = None
    catalogue: Catalogue | None = None


def live_backends(
    systems: Mapping[str, SystemSettings],
    environment: str,
    state: StateDirectory,
    clock: Clock,
    *,
    stretch: Window | None = None,
    catalogue: Catalogue | None = None,
) -> dict[str, Any]:
    """One backend per domain that a system of the environment serves; for the rest see `Surroundings`.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    surroundings = Surroundings(state.locks, clock, stretch, catalogue)
    found: dict[str, list[Any]] = {}
    for name, settings in sorted(systems.items()):
        if settings.environment == environment:
            for domain, backend in _MADE[settings.kind](name, settings, surroundings).items():
                found.setdefault(domain, []).append(backend)
    topology = _topology(environment, found.pop("topology", []), catalogue)
    return {**{domain: _JOINED[domain](backends) for domain, backends in found.items()}, **topology}


# Everything below imports what it makes only when a run is live.


def _prometheus(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.alerts.backends.prometheus import PrometheusAlerts  # noqa: PLC0415
    from ..tools.metrics.backends.prometheus import PrometheusMetrics  # noqa: PLC0415
    from ..tools.topology.backends.prometheus import PrometheusTopology  # noqa: PLC0415

    client = _client(name, settings, surroundings)
    metrics = PrometheusMetrics(client, settings)
    topology = PrometheusTopology(client, settings, metrics, surroundings.clock, surroundings.stretch)
    alerts = {"alerts": PrometheusAlerts(client, settings)} if settings.evaluates_alerts else {}
    return {"metrics": metrics, "topology": topology, **alerts}


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.alerts.backends.alertmanager import AlertmanagerAlerts  # noqa: PLC0415

    return {"alerts": AlertmanagerAlerts(_client(name, settings, surroundings), settings, surroundings.clock)}


def _grafana(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.alerts.backends.alertmanager import GRAFANA, AlertmanagerAlerts  # noqa: PLC0415

    client = _client(name, settings, surroundings)
    return {"alerts": AlertmanagerAlerts(client, settings, surroundings.clock, GRAFANA)}


def _git(_name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.git_log import GitChanges  # noqa: PLC0415

    return {"changes": GitChanges(settings)}


def _argocd(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.argocd import ArgocdChanges  # noqa: PLC0415

    return {"changes": ArgocdChanges(_client(name, settings, surroundings), settings)}


def _github(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.github import GithubChanges  # noqa: PLC0415

    return {"changes": GithubChanges(_client(name, settings, surroundings), settings)}


def _gitlab(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.gitlab import GitlabChanges  # noqa: PLC0415

    return {"changes": GitlabChanges(_client(name, settings, surroundings), settings)}


def _kubernetes(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..core.systems.client import SystemClient  # noqa: PLC0415
    from ..tools.changes.backends.kubernetes import KubernetesChanges, KubernetesNotices  # noqa: PLC0415
    from ..tools.kubernetes.backends.access import reached  # noqa: PLC0415
    from ..tools.kubernetes.backends.live import LiveCluster  # noqa: PLC0415
    from ..tools.topology.backends.kubernetes import KubernetesTopology  # noqa: PLC0415

    asked, proof = reached(name, settings)
    client = SystemClient(name, asked, surroundings.locks, clock=surroundings.clock, proof=proof)
    cluster = LiveCluster(client, asked, surroundings.clock)
    return {
        "kubernetes": cluster,
        "changes": KubernetesChanges(cluster),
        "notices": KubernetesNotices(cluster),
        "topology": KubernetesTopology(cluster),
    }


def _client(name: str, settings: HttpSettings, surroundings: Surroundings) -> SystemClient:
    from ..core.systems.client import SystemClient  # noqa: PLC0415

    return SystemClient(name, settings, surroundings.locks, clock=surroundings.clock)


def _topology(environment: str, backends: Sequence[Any], catalogue: Catalogue | None) -> dict[str, Any]:
    if not backends and (catalogue is None or not any(entry.depends_on for entry in catalogue.entries)):
        return {}
    from ..tools.topology.backends.joined import JoinedTopology  # noqa: PLC0415

    return {"topology": JoinedTopology(environment, backends, catalogue)}


def _metrics(backends: Sequence[Any]) -> Any:
    from ..tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415

    return JoinedMetrics(backends)


def _alerts(backends: Sequence[Any]) -> Any:
    from ..tools.alerts.backends.joined import JoinedAlerts  # noqa: PLC0415

    return JoinedAlerts(backends)


def _changes(backends: Sequence[Any]) -> Any:
    from ..tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415

    return JoinedChanges(backends)


def _notices(backends: Sequence[Any]) -> Any:
    from ..tools.changes.backends.joined_notices import JoinedNotices  # noqa: PLC0415

    return JoinedNotices(backends)


def _clusters(backends: Sequence[Any]) -> Any:
    from ..tools.kubernetes.backends.joined import JoinedClusters  # noqa: PLC0415

    return JoinedClusters(backends)


_MADE: Mapping[str, Callable[[str, Any, Surroundings], dict[str, Any]]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "git": _git,
    "kubernetes": _kubernetes,
    "argocd": _argocd,
    "github": _github,
    "gitlab": _gitlab,
    "grafana": _grafana,
}
"""By kind: what makes the backends of a system, one for each domain that it serves."""

_JOINED: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "metrics": _metrics,
    "alerts": _alerts,
    "changes": _changes,
    "notices": _notices,
    "kubernetes": _clusters,
}
"""By domain: what reads several systems as one."""
