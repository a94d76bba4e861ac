"""The one place that knows all the parts: a triage is handed its gate; callables, credentials and sockets stay here."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..agents.triage.parts import TriageParts
from ..agents.triage.prompt_files import prompt_book
from ..core.errors import ConfigError, RedactionError, ToolRetry
from ..policies.artifacts import ArtifactStore
from ..policies.budgets import Limits
from ..policies.day_budgets import DayBudget, DayBudgets
from ..policies.engine import CedarEngine
from ..policies.freezes import Freezes
from ..policies.gate import LocalGateFactory, RunGate
from ..policies.services import GateRules
from ..policies.stage_records import RecordedStages, StageBook
from ..policies.stages import Stages
from ..policies.surroundings import Surroundings
from ..policies.types import Audience, ModelTransport, Principal, Run, Sender
from ..redaction.join_tokens import JoinTokens
from ..redaction.types import Redactor
from ..tools.alerts.backends.snapshot import SnapshotAlerts
from ..tools.alerts.tools import alerts_tools
from ..tools.attribution.tools import attribution_tools
from ..tools.changes.backends.snapshot import SnapshotChanges, SnapshotNotices
from ..tools.changes.backends.types import ChangesBackend
from ..tools.changes.tools import changes_tools
from ..tools.features.backends.snapshot import SnapshotFeatures
from ..tools.features.tools import features_tools
from ..tools.incidents.backends.documents import Postmortems, SeveralPasts
from ..tools.incidents.backends.types import PastReader
from ..tools.incidents.similar import similar_tool
from ..tools.incidents.tools import incident_tools
from ..tools.kubernetes.backends.snapshot import SnapshotCluster
from ..tools.kubernetes.tools import kubernetes_tools
from ..tools.logs.backends.snapshot import SnapshotLogs
from ..tools.logs.tools import logs_tools
from ..tools.metrics.backends.snapshot import SnapshotMetrics
from ..tools.metrics.exemplars_tool import exemplars_tool
from ..tools.metrics.onset_tool import onset_tool
from ..tools.metrics.promql_tool import promql_tool
from ..tools.metrics.tools import metrics_tools
from ..tools.models.backends.snapshot import SnapshotModels
from ..tools.models.promotion_tools import promotion_tools
from ..tools.models.tools import models_tools
from ..tools.outcomes.backends.snapshot import SnapshotOutcomes
from ..tools.outcomes.tools import outcomes_tools
from ..tools.owners.backends.snapshot import SnapshotOwners, catalogue_of
from ..tools.owners.catalogue import Catalogue, merged
from ..tools.owners.tools import owners_tools
from ..tools.pipelines.backends.held_jobs import HeldJobs
from ..tools.pipelines.place import PipelinePlace
from ..tools.pipelines.tools import pipeline_tools
from ..tools.rollouts.tools import RolloutPlace, rollout_tools
from ..tools.runbooks.backends.snapshot import SnapshotRunbooks
from ..tools.runbooks.follow_tool import runbook_follow_tool
from ..tools.runbooks.library import RunbookLibrary
from ..tools.runbooks.match_tool import runbook_match_tool
from ..tools.runbooks.tools import runbooks_tools
from ..tools.slo.backends.snapshot import SnapshotSlos
from ..tools.slo.tools import slo_tools
from ..tools.snapshots.schema import TableName
from ..tools.snapshots.store import SnapshotStore
from ..tools.spec import OWN_RECORDS, AnyTool
from ..tools.topology.backends.snapshot import SnapshotTopology
from ..tools.topology.backends.traffic import SnapshotTraffic
from ..tools.topology.blast_tool import blast_radius_tool
from ..tools.topology.tools import topology_tools
from ..tools.traces.backends.snapshot import SnapshotTraces
from ..tools.traces.tools import traces_tools
from .boundaries import boundaries_of, usual_environment
from .catalogue import declared_by_name, with_the_rest
from .evaluation.reliability import local_reliability
from .installation import Installation
from .past_runs import PastRuns
from .people.roles import requester_roles
from .people.tickets import ticket_check
from .platform.registries import promotion_place
from .runbooks.library import library_of

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

_NAMES_LIMIT = 20_000
_NAMING_COLUMNS: tuple[tuple[TableName, str], ...] = (
    ("topology", "caller"),
    ("topology", "callee"),
    ("metrics", "entity"),
    ("spans", "entity"),
)


_DOMAINS = (
    "metrics",
    "logs",
    "traces",
    "topology",
    "changes",
    "alerts",
    "outcomes",
    "models",
    "features",
    "pipelines",
    "kubernetes",
    "notices",
    "runbooks",
    "slo",
    "owners",
)


def snapshot_tools(
    store: SnapshotStore,
    runbooks: RunbookLibrary | None = None,
    backends: Mapping[str, Any] | None = None,
    catalogue: Catalogue | None = None,
    past: PastReader | None = None,
) -> tuple[AnyTool, ...]:
    """Every tool over one snapshot.

    Args:
        store: the snapshot.
        runbooks: the installation's, which win over those in the snapshot.
        backends: per domain, what a package puts in the place of the snapshot.
        catalogue: the operator's service catalogue; it wins over the one in the snapshot.
        past: who keeps past incidents; nobody unless given.
    """
    chosen = dict(backends or {})
    metrics, logs = chosen.get("metrics") or SnapshotMetrics(store), chosen.get("logs") or SnapshotLogs(store)
    topology = chosen.get("topology") or SnapshotTopology(store)
    entries = [*(catalogue.entries if catalogue else ()), *catalogue_of(store).entries]
    declared = [slo for entry in entries for slo in entry.slos]
    own = RunbookLibrary(
        SnapshotRunbooks(store), catalogue=merged([*([catalogue] if catalogue else []), catalogue_of(store)])
    )
    pages = RunbookLibrary(chosen["runbooks"], catalogue=catalogue) if "runbooks" in chosen else runbooks or own
    return (
        *incident_tools(store),
        similar_tool(past or SeveralPasts(()), store.manifest.environment),
        *metrics_tools(metrics),
        onset_tool(metrics),
        *expression_tools(metrics),
        exemplars_tool(chosen.get("exemplars") or (), metrics.environment),
        *logs_tools(logs),
        *traces_tools(chosen.get("traces") or SnapshotTraces(store)),
        *topology_tools(topology),
        blast_radius_tool(topology, chosen.get("traffic") or SnapshotTraffic(store)),
        *changes_tools(
            chosen.get("changes") or SnapshotChanges(store),
            chosen.get("notices") or SnapshotNotices(store),
            metrics,
            logs,
        ),
        *alerts_tools(chosen.get("alerts") or SnapshotAlerts(store)),
        *outcomes_tools(chosen.get("outcomes") or SnapshotOutcomes(store)),
        *pipeline_tools(chosen.get("pipelines") or _held_pipelines(store, chosen.get("changes"))),
        *models_tools(chosen.get("models") or SnapshotModels(store)),
        *features_tools(chosen.get("features") or SnapshotFeatures(store)),
        *kubernetes_tools(chosen.get("kubernetes") or SnapshotCluster(store)),
        *runbooks_tools(pages),
        runbook_match_tool(pages),
        runbook_follow_tool(pages),
        *slo_tools(chosen.get("slo") or _slos(SnapshotSlos(store, declared), chosen), metrics),
        *owners_tools(chosen.get("owners") or SnapshotOwners(store, catalogue)),
        *attribution_tools(store.manifest.environment),
    )


def _slos(declared: SnapshotSlos, chosen: Mapping[str, Any]) -> Any:
    """What is declared, and what live systems record beside it."""
    if not chosen.get("recorded_slos"):
        return declared
    from ..tools.slo.backends.prometheus import JoinedSlos  # noqa: PLC0415 - only a live run has any

    return JoinedSlos(declared, chosen["recorded_slos"])


def _held_pipelines(store: SnapshotStore, changes: ChangesBackend | None) -> PipelinePlace:
    """The pipelines of a snapshot, as they were at the end of its window."""
    environment, end = store.manifest.environment, store.manifest.window.end
    if not store.has("jobs"):
        return PipelinePlace(environment)
    jobs = HeldJobs(store, environment, "the snapshot", end)
    return PipelinePlace(environment, lambda: jobs, changes=changes or SnapshotChanges(store), now=lambda: end)


def expression_tools(metrics: Any) -> tuple[AnyTool, ...]:
    """`metrics.promql`: known to policies everywhere, offered where a system computes expressions."""
    from ..tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415 - only a live run has one

    systems = metrics.evaluating if isinstance(metrics, JoinedMetrics) else {}
    return (promql_tool(systems, metrics.environment),)


def tools_of(
    installation: Installation,
    store: SnapshotStore | None,
    audience_team: str | None = None,
    live: Mapping[str, Any] | None = None,
) -> tuple[AnyTool, ...]:
    """The tools of a snapshot, where there is one, and those of the listed packages.

    Args:
        installation: whose settings and packages count.
        store: the snapshot.
        audience_team: whose eyes the answers meet, where that is known; another team sees no past incident of ours.
        live: per domain, the system that is asked instead of the snapshot.

    Raises:
        ConfigError: `backends` names a domain or a backend that does not exist, or the service catalogue is wrong.
    """
    own = tuple(installation.registry.tools.values())
    if store is None:
        return own
    backends = dict(live or {})
    for domain, name in installation.settings.backends.items():
        if domain not in _DOMAINS:
            raise ConfigError(f"`backends` names a domain {domain!r}", remedy=f"domains: {', '.join(_DOMAINS)}")
        factory = installation.registry.backends.get(name)
        if factory is None:
            raise ConfigError(f"no listed package adds a backend {name!r}", remedy="correct `backends` or `packages`")
        backends[domain] = factory()
    past = past_of(installation, store) if audience_team in (None, installation.settings.team) else None
    return (
        *snapshot_tools(
            store, library_of(installation, store.manifest.environment), backends, installation.catalogue, past
        ),
        *promotion_tools(promotion_place(installation, store.manifest.environment)),
        *rollout_tools(RolloutPlace(store.manifest.environment)),
        *own,
    )


def past_of(installation: Installation, store: SnapshotStore) -> PastReader:
    """Past incidents of the team: its triages, its postmortems, and those that came with the snapshot."""
    settings = installation.settings
    folders = [folder for folder in (settings.postmortems, store.folder / "postmortems") if folder is not None]
    documents = [Postmortems(folder, settings.team) for folder in folders]
    return SeveralPasts([PastRuns(installation.database), *documents])


def names_of(installation: Installation, store: SnapshotStore) -> tuple[str, ...]:
    """What passes redaction in a triage: `known_names`, and those of the operator's service catalogue."""
    more = installation.catalogue.known_names() if installation.catalogue is not None else ()
    return tuple(dict.fromkeys((*known_names(store), *more)))


def known_names(store: SnapshotStore) -> tuple[str, ...]:
    """Names of entities: they are the diagnosis and pass redaction unchanged.

    Only the call graph, the entities of metrics and spans, and the service catalogue count, which whoever operates the
    platform names; log lines and labels, which others can write, do not.
    """
    own = catalogue_of(store).known_names()
    selects = [
        f"SELECT {column} AS name FROM {table}"  # noqa: S608 - both are constants
        for table, column in (
            ("topology", "caller"),
            ("topology", "callee"),
            ("metrics", "entity"),
            ("spans", "entity"),
        )
        if store.has(table)  # type: ignore[arg-type]  # the names above are table names
    ]
    if not selects:
        return own
    union = " UNION ".join(selects)
    sql = f"SELECT DISTINCT name FROM ({union}) WHERE name <> '' ORDER BY name LIMIT {_NAMES_LIMIT}"  # noqa: S608 - ours
    found = store.query(sql)
    return tuple(dict.fromkeys((*found["name"].to_pylist(), *own[:_NAMES_LIMIT])))


def learn_live_names(gate: RunGate, artifacts: ArtifactStore, live: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of entities that live systems know, learned by a call of the run's own; none where it brings none.

    The call is decided and recorded like any other, and a run that goes on has the names that it learned first.
    """
    if "topology" not in live:
        return ()
    run = gate.run
    try:
        found = gate.call("topology.entities", {}, call_id="names")
        if found.artifact_id is None:
            return ()
        table = artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
    except (RedactionError, ToolRetry):
        return ()
    names: tuple[str, ...] = tuple(table["entity"].to_pylist())
    gate.learn_names(names)
    return names


@dataclass(frozen=True)
class TriageRequest:
    """What a triage is asked for.

    Args:
        run_id: of the run to start or to go on with.
        on_behalf_of: `person:<name>` or `system:<trigger>`.
        trigger: `cli`, `eval`, `demo`, …
        audience: who is told.
        senders: how the audience is reached.
        transports: model endpoints in order; with none, no model takes part.
        ask: what the person asks for, in their own words; of a run that goes on, the gate knows it.
        is_own: whether these are the words of the person on whose behalf the run works; others' give no leave.
        live: per domain, the system that is asked instead of the snapshot.
        is_apart: whether the graph, and with it the chat model, is made in another process.
    """

    run_id: str
    on_behalf_of: str
    trigger: str
    audience: Audience
    senders: Mapping[str, Sender]
    transports: Sequence[ModelTransport] = ()
    ask: str = ""
    is_own: bool = True
    live: Mapping[str, Any] = field(default_factory=dict)
    is_apart: bool = False


@dataclass(frozen=True)
class OpenTriage:
    """A triage ready to run, its gate as whoever opened it has it, and how its end is recorded."""

    parts: TriageParts
    gate: RunGate
    end: Callable[[str], int]


def open_triage(installation: Installation, store: SnapshotStore, request: TriageRequest) -> OpenTriage:
    """Open a gate for one triage of a snapshot.

    Raises:
        ConfigError: a policy, a stage or a package is wrong.
    """
    known = names_of(installation, store)
    factory = gate_factory(
        installation,
        tools_of(installation, store, request.audience.team, request.live),
        transports=request.transports,
        senders=request.senders,
    )
    run = Run(
        id=request.run_id,
        principal=Principal("triage", request.on_behalf_of, installation.settings.team),
        trigger=request.trigger,
        known_names=known,
        request=request.ask,
        requester_roles=requester_roles(installation, request.run_id, request.on_behalf_of, request.ask)
        if request.is_own
        else frozenset(),
        environment=store.manifest.environment,
        audience_team=request.audience.team,
    )
    gate = factory.open_run(run)
    learned = learn_live_names(gate, installation.artifacts, request.live)
    chat: BaseChatModel | None = None
    if request.transports and not request.is_apart:
        from ..agents.model.chat import GatedChatModel  # noqa: PLC0415 - a second of imports that only a model needs

        chat = GatedChatModel(gate=gate, endpoint_names=tuple(item.endpoint.name for item in request.transports))
    parts = TriageParts(
        gate=gate,
        clock=installation.clock,
        audience=request.audience,
        nonce=fence_of(installation, run.id),
        chat=chat,
        known_names=tuple(dict.fromkeys((*known, *learned))),
        prompts=prompt_book(installation.settings.models.prompts),
        reliability=local_reliability(installation),
    )
    return OpenTriage(parts, gate, gate.end)


def fence_of(installation: Installation, run_id: str) -> str:
    """What fences outside text in this run's prompts: unknown to whoever wrote the text, the same after a resume."""
    return hmac.new(installation.keys.secret("fences"), run_id.encode(), "sha256").hexdigest()[:12]


def gate_factory(
    installation: Installation,
    tools: Sequence[AnyTool],
    *,
    transports: Sequence[ModelTransport] = (),
    senders: Mapping[str, Sender] | None = None,
    engine: CedarEngine | None = None,
    limits: Limits | None = None,
    budgets: Sequence[DayBudget] = (),
    redact_for: Callable[[Run], Redactor] | None = None,
) -> LocalGateFactory:
    """The gates of an installation over a set of tools; an `engine` made for them decides instead of the policies.

    `limits` of a run and `redact_for` stand in for what the settings say; `budgets` come beside theirs.

    Raises:
        ConfigError: a policy or a stage is wrong, two tools have one name, or as `boundaries_of`.
    """
    named = {tool.name: tool for tool in tools}
    if len(named) < len(tools):
        raise ConfigError("a package adds a tool whose name exists already", remedy="rename the package's tool")
    settings, redaction = installation.settings, installation.redaction
    boundaries = boundaries_of(installation, tools)

    def usual_redactor(run: Run) -> Redactor:
        joins = JoinTokens(redaction, installation.keys, run.principal.team)
        redactor = redaction.for_run(run.id, vault=installation.vault, known_names=run.known_names, joins=joins)
        return redactor.under(f"team:{run.principal.team}")

    telemetry = installation.telemetry
    return LocalGateFactory(
        tools,
        engine or policy_engine(installation, tools),
        redact_for or usual_redactor,
        redaction.scrub,
        installation.ledger,
        installation.database,
        installation.keys,
        installation.clock,
        installation.ids,
        artifacts=installation.artifacts,
        fallback=installation.fallback,
        transports=transports,
        senders=senders,
        tracer=telemetry.get_tracer("opswarden") if telemetry else None,
        has_traced_content=settings.telemetry.content,
        rules=GateRules(
            limits=limits or settings.gate.limits,
            days=DayBudgets(settings.gate.storm.with_others((*settings.gate.budgets, *budgets))),
            # Lines about tools that other gates have are no mistake.
            stages=recorded_stages(installation, {**declared_by_name(installation), **named}),
            freezes=Freezes(settings.gate.freezes),
            surroundings=Surroundings(
                emergencies=installation.emergencies, tickets=ticket_check(installation), stop=installation.stop
            ),
            owners=settings.gate.owners,
            local_audiences=settings.gate.local_audiences,
            approval_ttl_s=settings.gate.approval_ttl_s,
            prompt_timeout_s=settings.gate.prompt_timeout_s,
            tell_timeout_s=settings.gate.tell_timeout_s,
            threads=settings.gate.threads,
            residency=boundaries.residency,
            environments=boundaries.environments,
            credentials=boundaries.credentials,
            embedding=installation.embedding,
        ),
    )


def recorded_stages(installation: Installation, tools: Mapping[str, AnyTool]) -> RecordedStages:
    """The stages of some tools: what the configuration says, and the recorded steps.

    Raises:
        ConfigError: the configuration names a tool that does not exist, or raises one that takes a recorded step.
    """
    gate = installation.settings.gate
    stages = Stages(tools, gate.stages, only_recorded=gate.raise_stages == "recorded")
    return RecordedStages(stages, StageBook(installation.database, installation.keys))


def policy_engine(installation: Installation, tools: Sequence[AnyTool]) -> CedarEngine:
    """The built-in policies, those of packages, and those of the operator, checked against every tool there is.

    Runs that are handed different tools are decided by one set of policies and one schema, so that its hash says
    whether anything but the tools at hand differs.
    """
    folders = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
    environment = next((tool.environment for tool in tools if tool.environment != OWN_RECORDS), None)
    where = environment or usual_environment(installation.settings.gate)
    return CedarEngine.load(with_the_rest(installation, where, tools), folders)
