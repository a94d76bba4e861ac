"""The systems an installation reads live: what the configuration lists, as one backend per domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, SecretStr

from ...core.clock import Clock
from ...core.systems.kept_answers import AnswerFolder
from ...core.systems.settings import HttpSettings
from ...tools.alerts.backends.settings import AlertmanagerSettings, GrafanaSettings
from ...tools.changes.backends.delivery_settings import ArgocdSettings, GithubSettings, GitlabSettings
from ...tools.changes.backends.settings import GitSettings
from ...tools.kubernetes.backends.settings import KubernetesSettings
from ...tools.logs.backends.cloudwatch_settings import CloudwatchLogsSettings
from ...tools.logs.backends.settings import ElasticsearchSettings, FilesSettings, JournaldSettings, LokiSettings
from ...tools.metrics.backends.cloudwatch_settings import CloudwatchSettings
from ...tools.metrics.backends.settings import OpenmetricsSettings, PrometheusSettings
from ...tools.snapshots.schema import TableName
from ...tools.traces.backends.settings import JaegerSettings, OtlpFilesSettings, TempoSettings
from ..chosen import Choice

if TYPE_CHECKING:
    from ...core.systems.aws_api import AwsSettings
    from ...core.systems.client import SystemClient
    from ...tools.owners.catalogue import Catalogue
    from ...tools.snapshots.manifest import Manifest, Window
    from ..installation import Installation

SystemSettings = Annotated[
    PrometheusSettings
    | OpenmetricsSettings
    | AlertmanagerSettings
    | LokiSettings
    | ElasticsearchSettings
    | CloudwatchSettings
    | CloudwatchLogsSettings
    | FilesSettings
    | JournaldSettings
    | TempoSettings
    | JaegerSettings
    | OtlpFilesSettings
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
    "traffic": "spans",
    "changes": "changes",
    "alerts": "alerts",
    "notices": "events",
    "kubernetes": "objects",
    "recorded_slos": "slos",
    "exemplars": "metrics",
    "pipelines": "jobs",
}
"""The table of a snapshot that a domain's system stands for."""


TESTED_REAL = frozenset({"prometheus", "openmetrics", "alertmanager", "files", "otlp-files", "git"})
"""Kinds that tests run against the real product. Every other kind was tested on a double only; until conformance has
passed on a system of such a kind, nothing but reading goes through it."""


_ENVIRONMENTS = Choice(
    "no system is configured",
    "list one under `[systems.NAME]`, or name a snapshot",
    "no system reaches that environment",
    "systems reach several environments",
    "--environment",
)


def environment_of(systems: Mapping[str, SystemSettings], named: str | None) -> str:
    """The environment of a live run: the one that is named, or the only one that systems reach.

    Raises:
        ConfigError: there is none, or it has to be chosen.
    """
    return _ENVIRONMENTS.of((system.environment for system in systems.values()), named)


@dataclass(frozen=True)
class Surroundings:
    """What every system is made with.

    Args:
        locks: folder in which processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        team: of the run, for systems that tell teams apart.
        incident: what is looked at; `None` outside of a run.
        catalogue: the operator's service catalogue.
        answers: where processes share what systems answer; none without it.
        clients: those that were made so far, in order.
    """

    locks: Path
    clock: Clock
    team: str = ""
    incident: Manifest | None = None
    catalogue: Catalogue | None = None
    answers: AnswerFolder | None = None
    clients: list[SystemClient] = field(default_factory=list)

    @property
    def stretch(self) -> Window | None:
        """The time that is looked at, quiet time and window."""
        if self.incident is None:
            return None
        from ...tools.snapshots.manifest import Window  # noqa: PLC0415

        window, baseline = self.incident.window, self.incident.baseline
        return Window(start=(baseline or window).start, end=window.end)


def surroundings_of(installation: Installation, incident: Manifest | None = None) -> Surroundings:
    """Those of an installation, and of an incident where there is one."""
    settings = installation.settings
    answers = AnswerFolder(installation.state.answers, installation.keys.secret("answers"), installation.clock)
    return Surroundings(
        installation.state.locks, installation.clock, settings.team, incident, installation.catalogue, answers
    )


def live_backends(
    systems: Mapping[str, SystemSettings], environment: str, surroundings: Surroundings
) -> dict[str, Any]:
    """One backend per domain that a system of the environment serves.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    found: dict[str, list[Any]] = {}
    for name, settings in sorted(systems.items()):
        if settings.environment == environment:
            for domain, backend in made(name, settings, surroundings).items():
                found.setdefault(domain, []).append(backend)
    graphs, naming = found.pop("topology", []), found.pop("names", [])
    topology = _topology(environment, graphs, naming, surroundings.catalogue)
    joined = {domain: _JOINED[domain](backends) for domain, backends in found.items()}
    if "traces" in joined:
        joined["traces"].logs = joined.get("logs")
    return {**joined, **topology}


def made(name: str, settings: SystemSettings, surroundings: Surroundings) -> dict[str, Any]:
    """The backends of one system, one for each domain that it serves.

    Raises:
        ConfigError: it cannot be used as it is configured.
    """
    return _MADE[settings.kind](name, settings, surroundings)


# Everything below imports what it makes only when a run is live.


def _prometheus(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.alerts.backends.prometheus import PrometheusAlerts  # noqa: PLC0415
    from ...tools.metrics.backends.exemplars import PrometheusExemplars  # noqa: PLC0415
    from ...tools.metrics.backends.prometheus import PrometheusMetrics  # noqa: PLC0415
    from ...tools.metrics.backends.prometheus_api import PrometheusApi  # noqa: PLC0415
    from ...tools.slo.backends.prometheus import PrometheusSlos  # noqa: PLC0415
    from ...tools.topology.backends.prometheus import PrometheusTopology  # noqa: PLC0415

    own = settings.confined_to(surroundings.team)
    client = _client(name, own, surroundings)
    metrics = PrometheusMetrics(client, own)
    topology = PrometheusTopology(client, own, metrics, surroundings.clock, surroundings.stretch)
    alerts = {"alerts": PrometheusAlerts(client, own)} if own.evaluates_alerts else {}
    at = surroundings.stretch.end if surroundings.stretch else None
    slos = PrometheusSlos(PrometheusApi(client), own, surroundings.clock, at) if own.records_objectives else None
    recorded = {"recorded_slos": slos} if slos else {}
    exemplars = {"exemplars": PrometheusExemplars(PrometheusApi(client), own)} if own.keeps_exemplars else {}
    return {"metrics": metrics, "topology": topology, **alerts, **recorded, **exemplars}


def _openmetrics(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.metrics.backends.openmetrics import ScrapedMetrics  # noqa: PLC0415

    metrics = ScrapedMetrics(_client(name, settings, surroundings), settings, surroundings.clock)
    return {"metrics": metrics, "names": metrics}


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.alerts.backends.alertmanager import AlertmanagerAlerts  # noqa: PLC0415

    return {"alerts": AlertmanagerAlerts(_client(name, settings, surroundings), settings, surroundings.clock)}


def _loki(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.logs.backends.loki import LokiLogs  # noqa: PLC0415
    from ...tools.logs.backends.loki_api import CATEGORIZED  # noqa: PLC0415

    asked = settings.model_copy(update={"headers": {**settings.headers, **CATEGORIZED}})
    return {"logs": LokiLogs(_client(name, asked, surroundings), settings)}


def _elasticsearch(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.logs.backends.elasticsearch import ElasticsearchLogs  # noqa: PLC0415

    return {"logs": ElasticsearchLogs(_client(name, settings, surroundings), settings)}


def _cloudwatch(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.metrics.backends.cloudwatch import CloudwatchMetrics  # noqa: PLC0415

    client = signed_client_of(name, settings, surroundings, "monitoring")
    metrics = CloudwatchMetrics(client, settings, surroundings.clock)
    return {"metrics": metrics, "names": metrics}


def _cloudwatch_logs(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.logs.backends.cloudwatch import InsightsLogs  # noqa: PLC0415
    from ...tools.logs.backends.cloudwatch_events import EventLines, InsightsOrEvents  # noqa: PLC0415
    from ...tools.logs.backends.streamed import StreamedLogs  # noqa: PLC0415

    client = signed_client_of(name, settings, surroundings, "logs")
    events = StreamedLogs(EventLines(client, settings))
    if settings.reads == "events":
        return {"logs": events}
    return {"logs": InsightsOrEvents(InsightsLogs(client, settings, surroundings.clock), events)}


def _files(name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.logs.backends.files import FileLines  # noqa: PLC0415
    from ...tools.logs.backends.streamed import StreamedLogs  # noqa: PLC0415

    return {"logs": StreamedLogs(FileLines(name, settings))}


def _journald(name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.logs.backends.journald import JournalLines  # noqa: PLC0415
    from ...tools.logs.backends.streamed import StreamedLogs  # noqa: PLC0415

    return {"logs": StreamedLogs(JournalLines(name, settings))}


def _tempo(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.traces.backends.tempo import TempoReader  # noqa: PLC0415

    return _traced(TempoReader(_client(name, settings, surroundings), settings), surroundings)


def _jaeger(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.traces.backends.jaeger import JaegerReader  # noqa: PLC0415

    return _traced(JaegerReader(_client(name, settings, surroundings), settings), surroundings)


def _otlp_files(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.traces.backends.otlp_files import OtlpFileReader  # noqa: PLC0415

    return _traced(OtlpFileReader(name, settings), surroundings)


def _traced(reader: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.topology.backends.traced import TracedTopology, TracedTraffic  # noqa: PLC0415
    from ...tools.traces.backends.sampled import SampledTraces  # noqa: PLC0415

    traces = SampledTraces(reader)
    graph = TracedTopology(traces, surroundings.clock, surroundings.incident)
    return {"traces": traces, "topology": graph, "traffic": TracedTraffic(graph)}


def _grafana(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.alerts.backends.alertmanager import GRAFANA, AlertmanagerAlerts  # noqa: PLC0415

    client = _client(name, settings, surroundings)
    return {"alerts": AlertmanagerAlerts(client, settings, surroundings.clock, GRAFANA)}


def _git(_name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.changes.backends.git_log import GitChanges  # noqa: PLC0415

    return {"changes": GitChanges(settings)}


def _argocd(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.changes.backends.argocd import ArgocdChanges  # noqa: PLC0415

    return {"changes": ArgocdChanges(_client(name, settings, surroundings), settings)}


def _github(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.changes.backends.github import GithubChanges  # noqa: PLC0415

    return {"changes": GithubChanges(_client(name, settings, surroundings), settings)}


def _gitlab(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.changes.backends.gitlab import GitlabChanges  # noqa: PLC0415

    return {"changes": GitlabChanges(_client(name, settings, surroundings), settings)}


def _kubernetes(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ...tools.changes.backends.kubernetes import KubernetesChanges, KubernetesNotices  # noqa: PLC0415
    from ...tools.kubernetes.backends.access import reached  # noqa: PLC0415
    from ...tools.kubernetes.backends.live import LiveCluster  # noqa: PLC0415
    from ...tools.topology.backends.kubernetes import KubernetesTopology  # noqa: PLC0415

    asked, proof = reached(name, settings)
    client = _client(name, asked, surroundings, proof)
    cluster = LiveCluster(client, asked, surroundings.clock)
    return {
        "kubernetes": cluster,
        "changes": KubernetesChanges(cluster),
        "notices": KubernetesNotices(cluster),
        "topology": KubernetesTopology(cluster),
    }


def client_of(
    name: str,
    settings: HttpSettings,
    surroundings: Surroundings,
    proof: Callable[[], SecretStr | None] | None = None,
) -> SystemClient:
    """What asks a system over HTTP."""
    return _client(name, settings, surroundings, proof)


def signed_client_of(name: str, settings: AwsSettings, surroundings: Surroundings, service: str) -> SystemClient:
    """What asks a service of Amazon."""
    from ...core.systems.aws_api import AwsSigning, is_busy  # noqa: PLC0415
    from ...core.systems.client import SystemClient  # noqa: PLC0415

    clock = surroundings.clock
    signing = AwsSigning(name, settings, service, clock.now)
    client = SystemClient(
        name, settings, surroundings.locks, clock=clock, answers=surroundings.answers, signing=signing, is_busy=is_busy
    )
    surroundings.clients.append(client)
    return client


def _client(
    name: str,
    settings: HttpSettings,
    surroundings: Surroundings,
    proof: Callable[[], SecretStr | None] | None = None,
) -> SystemClient:
    from ...core.systems.client import SystemClient  # noqa: PLC0415

    clock, answers = surroundings.clock, surroundings.answers
    client = SystemClient(name, settings, surroundings.locks, clock=clock, proof=proof, answers=answers)
    surroundings.clients.append(client)
    return client


def _topology(
    environment: str, backends: Sequence[Any], naming: Sequence[Any], catalogue: Catalogue | None
) -> dict[str, Any]:
    if not backends and not naming and (catalogue is None or not any(entry.depends_on for entry in catalogue.entries)):
        return {}
    from ...tools.topology.backends.joined import JoinedTopology  # noqa: PLC0415

    return {"topology": JoinedTopology(environment, backends, catalogue, naming)}


def _metrics(backends: Sequence[Any]) -> Any:
    from ...tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415

    return JoinedMetrics(backends)


def _alerts(backends: Sequence[Any]) -> Any:
    from ...tools.alerts.backends.joined import JoinedAlerts  # noqa: PLC0415

    return JoinedAlerts(backends)


def _logs(backends: Sequence[Any]) -> Any:
    from ...tools.logs.backends.joined import JoinedLogs  # noqa: PLC0415

    return JoinedLogs(backends)


def _traces(backends: Sequence[Any]) -> Any:
    from ...tools.traces.backends.sampled import JoinedReader, SampledTraces  # noqa: PLC0415

    return backends[0] if len(backends) == 1 else SampledTraces(JoinedReader([each.reader for each in backends]))


def _traffic(backends: Sequence[Any]) -> Any:
    from ...tools.topology.backends.traffic import JoinedTraffic  # noqa: PLC0415

    return JoinedTraffic(backends)


def _changes(backends: Sequence[Any]) -> Any:
    from ...tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415

    return JoinedChanges(backends)


def _notices(backends: Sequence[Any]) -> Any:
    from ...tools.changes.backends.joined_notices import JoinedNotices  # noqa: PLC0415

    return JoinedNotices(backends)


def _clusters(backends: Sequence[Any]) -> Any:
    from ...tools.kubernetes.backends.joined import JoinedClusters  # noqa: PLC0415

    return JoinedClusters(backends)


_MADE: Mapping[str, Callable[[str, Any, Surroundings], dict[str, Any]]] = {
    "prometheus": _prometheus,
    "openmetrics": _openmetrics,
    "alertmanager": _alertmanager,
    "loki": _loki,
    "elasticsearch": _elasticsearch,
    "cloudwatch": _cloudwatch,
    "cloudwatch-logs": _cloudwatch_logs,
    "files": _files,
    "journald": _journald,
    "tempo": _tempo,
    "jaeger": _jaeger,
    "otlp-files": _otlp_files,
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
    "recorded_slos": list,
    "exemplars": list,
    "logs": _logs,
    "traces": _traces,
    "traffic": _traffic,
    "alerts": _alerts,
    "changes": _changes,
    "notices": _notices,
    "kubernetes": _clusters,
}
"""By domain: what reads several systems as one."""

KINDS = tuple(_MADE)
"""Every kind of system, in the order of `docs/live.md`."""
