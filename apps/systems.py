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
from ..tools.alerts.backends.settings import AlertmanagerSettings
from ..tools.changes.backends.settings import GitSettings
from ..tools.logs.backends.settings import ElasticsearchSettings, FilesSettings, JournaldSettings, LokiSettings
from ..tools.metrics.backends.settings import PrometheusSettings
from ..tools.snapshots.schema import TableName
from ..tools.traces.backends.settings import JaegerSettings, TempoSettings

if TYPE_CHECKING:
    from ..core.systems.client import SystemClient
    from ..tools.snapshots.manifest import Manifest

SystemSettings = Annotated[
    PrometheusSettings
    | AlertmanagerSettings
    | LokiSettings
    | ElasticsearchSettings
    | FilesSettings
    | JournaldSettings
    | TempoSettings
    | JaegerSettings
    | GitSettings,
    Field(discriminator="kind"),
]
"""One system, by its `kind`."""

TABLE_OF: Mapping[str, TableName] = {
    "metrics": "metrics",
    "logs": "logs",
    "traces": "spans",
    "topology": "topology",
    "traffic": "spans",
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


@dataclass(frozen=True)
class Surroundings:
    """What every system is made with.

    Args:
        locks: folder in which processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        incident: what is looked at, where that is known.
    """

    locks: Path
    clock: Clock
    incident: Manifest | None = None


def live_backends(
    systems: Mapping[str, SystemSettings],
    environment: str,
    state: StateDirectory,
    clock: Clock,
    incident: Manifest | None = None,
) -> dict[str, Any]:
    """One backend per domain that a system of the environment serves.

    Args:
        systems: by name.
        environment: whose systems count.
        state: where processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        incident: whose windows the call graph is learned from; without one it is the last hour.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    surroundings = Surroundings(state.locks, clock, incident)
    found: dict[str, list[Any]] = {}
    for name, settings in sorted(systems.items()):
        if settings.environment == environment:
            for domain, backend in _MADE[settings.kind](name, settings, surroundings).items():
                found.setdefault(domain, []).append(backend)
    return {domain: _JOINED[domain](backends) for domain, backends in found.items()}


# Everything below imports what it makes only when a run is live.


def _prometheus(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.metrics.backends.prometheus import PrometheusMetrics  # noqa: PLC0415

    return {"metrics": PrometheusMetrics(_client(name, settings, surroundings), settings)}


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.alerts.backends.alertmanager import AlertmanagerAlerts  # noqa: PLC0415

    return {"alerts": AlertmanagerAlerts(_client(name, settings, surroundings), settings, surroundings.clock)}


def _loki(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.logs.backends.loki import CATEGORIZED, LokiLogs  # noqa: PLC0415

    asked = settings.model_copy(update={"headers": {**settings.headers, **CATEGORIZED}})
    return {"logs": LokiLogs(_client(name, asked, surroundings), settings)}


def _elasticsearch(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.logs.backends.elasticsearch import ElasticsearchLogs  # noqa: PLC0415

    return {"logs": ElasticsearchLogs(_client(name, settings, surroundings), settings)}


def _files(name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.logs.backends.files import FileLines  # noqa: PLC0415
    from ..tools.logs.backends.streamed import StreamedLogs  # noqa: PLC0415

    return {"logs": StreamedLogs(FileLines(name, settings))}


def _journald(name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.logs.backends.journald import JournalLines  # noqa: PLC0415
    from ..tools.logs.backends.streamed import StreamedLogs  # noqa: PLC0415

    return {"logs": StreamedLogs(JournalLines(name, settings))}


def _tempo(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.traces.backends.tempo import TempoReader  # noqa: PLC0415

    return _traced(TempoReader(_client(name, settings, surroundings), settings), surroundings)


def _jaeger(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.traces.backends.jaeger import JaegerReader  # noqa: PLC0415

    return _traced(JaegerReader(_client(name, settings, surroundings), settings), surroundings)


def _traced(reader: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.topology.backends.traced import TracedTopology, TracedTraffic  # noqa: PLC0415
    from ..tools.traces.backends.sampled import SampledTraces  # noqa: PLC0415

    traces = SampledTraces(reader)
    graph = TracedTopology(traces, surroundings.clock, surroundings.incident)
    return {"traces": traces, "topology": graph, "traffic": TracedTraffic(graph)}


def _git(_name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.git_log import GitChanges  # noqa: PLC0415

    return {"changes": GitChanges(settings)}


def _client(name: str, settings: HttpSettings, surroundings: Surroundings) -> SystemClient:
    from ..core.systems.client import SystemClient  # noqa: PLC0415

    return SystemClient(name, settings, surroundings.locks, clock=surroundings.clock)


def _metrics(backends: Sequence[Any]) -> Any:
    from ..tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415

    return JoinedMetrics(backends)


def _alerts(backends: Sequence[Any]) -> Any:
    from ..tools.alerts.backends.joined import JoinedAlerts  # noqa: PLC0415

    return JoinedAlerts(backends)


def _logs(backends: Sequence[Any]) -> Any:
    from ..tools.logs.backends.joined import JoinedLogs  # noqa: PLC0415

    return JoinedLogs(backends)


def _traces(backends: Sequence[Any]) -> Any:
    from ..tools.traces.backends.sampled import JoinedReader, SampledTraces  # noqa: PLC0415

    return backends[0] if len(backends) == 1 else SampledTraces(JoinedReader([each.reader for each in backends]))


def _topology(backends: Sequence[Any]) -> Any:
    from ..tools.topology.backends.joined import JoinedTopology  # noqa: PLC0415

    return JoinedTopology(backends)


def _traffic(backends: Sequence[Any]) -> Any:
    from ..tools.topology.backends.traffic import JoinedTraffic  # noqa: PLC0415

    return JoinedTraffic(backends)


def _changes(backends: Sequence[Any]) -> Any:
    from ..tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415

    return JoinedChanges(backends)


_MADE: Mapping[str, Callable[[str, Any, Surroundings], dict[str, Any]]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "loki": _loki,
    "elasticsearch": _elasticsearch,
    "files": _files,
    "journald": _journald,
    "tempo": _tempo,
    "jaeger": _jaeger,
    "git": _git,
}
"""By kind: what makes the backends of a system, one for each domain that it serves."""

_JOINED: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "metrics": _metrics,
    "logs": _logs,
    "traces": _traces,
    "topology": _topology,
    "traffic": _traffic,
    "alerts": _alerts,
    "changes": _changes,
}
"""By domain: what reads several systems as one."""
