"""The tools as policies see them: declared, and connected to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from ..core.errors import BackendError
from ..tools.alerts.tools import alerts_tools
from ..tools.attribution.tools import attribution_tools
from ..tools.backfills.tools import BackfillPlace, backfill_tools
from ..tools.changes.tools import changes_tools
from ..tools.costs.tools import costs_tools
from ..tools.documents.tools import documents_tools
from ..tools.drift.tools import drift_tools
from ..tools.features.skew_tool import skew_tool
from ..tools.features.store_tools import StorePlace, store_tools, views_tool
from ..tools.features.tools import features_tools
from ..tools.incidents.similar import similar_tool
from ..tools.incidents.tools import incident_tools
from ..tools.issues.tools import issues_tools
from ..tools.kubernetes.tools import kubernetes_tools
from ..tools.logs.tools import logs_tools
from ..tools.metrics.exemplars_tool import exemplars_tool
from ..tools.metrics.onset_tool import onset_tool
from ..tools.metrics.promql_tool import promql_tool
from ..tools.metrics.tools import metrics_tools
from ..tools.models.promotion_tools import PromotionPlace, promotion_tools
from ..tools.models.tools import models_tools
from ..tools.outcomes.return_tools import return_tools
from ..tools.outcomes.tools import outcomes_tools
from ..tools.owners.tools import owners_tools
from ..tools.pipelines.place import PipelinePlace
from ..tools.pipelines.tools import pipeline_tools
from ..tools.quality.tools import quality_tools
from ..tools.recommendations.tools import Whose, analysis_tool, backtest_tool, recommendations_tools
from ..tools.rollouts.tools import RolloutPlace, rollout_tools
from ..tools.runbooks.follow_tool import runbook_follow_tool
from ..tools.runbooks.library import RunbookLibrary
from ..tools.runbooks.match_tool import runbook_match_tool
from ..tools.runbooks.publish_tool import runbook_publish_tool
from ..tools.runbooks.tools import runbooks_tools
from ..tools.slo.tools import slo_tools
from ..tools.spec import AnyTool
from ..tools.topology.blast_tool import blast_radius_tool
from ..tools.topology.tools import topology_tools
from ..tools.traces.tools import traces_tools
from ..tools.usage.pull_tool import pull_tool
from ..tools.usage.pulling import Pulled
from ..tools.usage.tools import usage_tools
from .finops.fleet import ANALYSES
from .installation import Installation


def _recommending(nothing: Any, environment: str) -> tuple[AnyTool, ...]:
    """The tools of the cost agent that no other domain declares."""
    whose = Whose(environment, "EUR")

    def look(_context: object) -> Any:
        raise BackendError("this tool is declared only; no backend is connected")

    return (
        *(analysis_tool(each.tool, each.description, whose, look) for each in ANALYSES),
        backtest_tool(whose, look),
        *recommendations_tools(nothing, whose, team="", by="", costs=look),
    )


class _Unconnected:
    """Stands where a backend would: it has an environment and answers nothing."""

    def __init__(self, environment: str, *, is_remote: bool = False) -> None:
        self.environment = environment
        self.is_remote = is_remote
        self.manifest = SimpleNamespace(environment=environment)

    def __getattr__(self, name: str) -> Any:
        raise BackendError("this tool is declared only; no backend is connected")


def _never_pulled(_first: date, _last: date) -> Pulled:
    raise BackendError("this tool is declared only; no backend is connected")


def declared_tools(installation: Installation, environment: str) -> tuple[AnyTool, ...]:
    """Every tool of opswarden and of the listed packages, for checking and explaining policies."""
    nothing: Any = _Unconnected(environment)
    settings = installation.settings
    # Whether branches are pushed decides whether these tools write or send.
    pages: Any = _Unconnected(environment, is_remote=settings.runbook_proposals.pull_request is not None)
    patches: Any = _Unconnected(environment, is_remote=settings.finops.proposals.pull_request is not None)
    return (
        *incident_tools(nothing),
        similar_tool(nothing, environment),
        *metrics_tools(nothing),
        onset_tool(nothing),
        promql_tool({}, environment),
        exemplars_tool((), environment),
        *logs_tools(nothing),
        *traces_tools(nothing),
        *topology_tools(nothing),
        blast_radius_tool(nothing, nothing),
        *changes_tools(nothing, nothing, nothing, nothing),
        *alerts_tools(nothing),
        *outcomes_tools(nothing),
        *return_tools(nothing),
        *models_tools(nothing),
        *promotion_tools(PromotionPlace(environment)),
        *rollout_tools(RolloutPlace(environment)),
        *features_tools(nothing),
        *store_tools(StorePlace(environment)),
        views_tool(StorePlace(environment)),
        skew_tool(StorePlace(environment)),
        *backfill_tools(BackfillPlace(StorePlace(environment))),
        *pipeline_tools(PipelinePlace(environment)),
        *drift_tools(nothing),
        *quality_tools(nothing),
        *kubernetes_tools(nothing),
        *runbooks_tools(RunbookLibrary(nothing)),
        runbook_match_tool(RunbookLibrary(nothing)),
        runbook_follow_tool(RunbookLibrary(nothing)),
        runbook_publish_tool(pages, two_person=installation.settings.runbook_proposals.two_person),
        *slo_tools(nothing, nothing),
        *owners_tools(nothing),
        *attribution_tools(environment),
        *costs_tools(nothing),
        *usage_tools(nothing),
        pull_tool(_never_pulled, environment),
        *documents_tools(patches),
        *issues_tools(nothing),
        *_recommending(nothing, environment),
        *installation.registry.tools.values(),
    )


def declared_by_name(installation: Installation) -> Mapping[str, AnyTool]:
    """Every tool there is by its name, for lines of the configuration that speak of one."""
    return {tool.name: tool for tool in declared_tools(installation, "default")}


def with_the_rest(installation: Installation, environment: str, tools: Sequence[AnyTool]) -> tuple[AnyTool, ...]:
    """Some connected tools, and every other one declared only, so that policies may speak of it."""
    connected = {tool.name for tool in tools}
    return (*tools, *(tool for tool in declared_tools(installation, environment) if tool.name not in connected))
