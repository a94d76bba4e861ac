"""What the live systems say is there, for what pages are aimed at: asked through the gate, each at most once.

Slack alone is asked as the connector that it is, for the names of its public channels: no tool reads them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.canonical import JsonValue
from ...core.errors import OpswardenError
from ...policies.types import CallResult
from ...tools.runbooks.checks.findings import Cluster
from ...tools.runbooks.page import Page
from .opened import OpenRunbooks


def targets_of(runbooks: OpenRunbooks, pages: Sequence[Page]) -> dict[str, Any]:
    """The facts of `Platform` about targets, by name; what no system tells, or not whole, is left out.

    Args:
        runbooks: whose gate asks. Without live systems nothing is asked: a snapshot keeps what an incident needed.
        pages: asked is only for what their words could be held against.
    """
    if not runbooks.is_live:
        return {}
    asks = _Asking(runbooks)
    words = "\n".join(page.runbook.text for page in pages)
    found: dict[str, Any] = {"model_versions": _Versions(asks).of}
    if "kubectl" in words:
        found["cluster"] = _cluster(asks)
    if "airflow" in words:
        found["pipelines"] = asks.names("pipelines.status", "pipeline")
    if "feast" in words:
        found["views"] = asks.names("features.views", "view")
    if pages:
        found["archived"] = _archived(runbooks)
    return found


class _Asking:
    """Calls of the tools that are there."""

    def __init__(self, runbooks: OpenRunbooks) -> None:
        self._runbooks = runbooks
        self._tools = {tool.name for tool in runbooks.tools if tool.is_offered}

    def call(self, tool: str, args: Mapping[str, JsonValue]) -> CallResult | None:
        """The result; `None` where there is no such tool, a policy refuses, or the system does not answer."""
        if tool not in self._tools:
            return None
        call_id = ".".join(("check.targets", tool, *(str(value)[:64] for value in args.values())))
        try:
            found = self._runbooks.gate.call(tool, args, call_id=call_id)
        except OpswardenError:
            return None
        return found if found.status in ("ok", "truncated", "no_data") else None

    def rows(self, found: CallResult | None) -> list[dict[str, Any]] | None:
        """The rows of a full result; `None` where there is none."""
        if found is None or found.artifact_id is None:
            return None
        run, artifacts = self._runbooks.gate.run, self._runbooks.installation.artifacts
        try:
            table = artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
        except OpswardenError:
            return None
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def names(self, tool: str, column: str) -> frozenset[str] | None:
        """What a column of a full result holds; `None` where nothing is told."""
        rows = self.rows(self.call(tool, {}))
        return frozenset(str(row[column]) for row in rows) if rows else None

    @property
    def read_namespaces(self) -> frozenset[str] | None:
        """The only namespaces that the settings let us read; `None` where a cluster is read whole."""
        systems = self._runbooks.installation.settings.systems.values()
        read = [each.namespaces for each in systems if each.kind == "kubernetes"]
        return None if not all(read) else frozenset(name for names in read for name in names)


def _cluster(asks: _Asking) -> Cluster | None:
    found = asks.call("kubernetes.workloads", {"limit": 1})
    rows = asks.rows(found)
    summary = found.summary if found is not None and isinstance(found.summary, Mapping) else {}
    if not rows or summary.get("is_whole") is not True:
        return None
    workloads: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        # Where there are several clusters, a namespace says which one it is in.
        workloads[row["kind"]].add((str(row["namespace"]).rpartition(":")[2], row["name"]))
    whole = {kind: frozenset(names) for kind, names in workloads.items()}
    return Cluster(whole, asks.names("kubernetes.nodes", "entity"), asks.read_namespaces)


class _Versions:
    """Versions of models, by one call for each model that a page names."""

    def __init__(self, asks: _Asking) -> None:
        self._asks = asks
        self._known: dict[str, frozenset[int] | None] = {}

    def of(self, model: str) -> frozenset[int] | None:
        """None at all where the registry does not know the model; `None` where it says nothing."""
        if model not in self._known:
            self._known[model] = self._asked(model)
        return self._known[model]

    def _asked(self, model: str) -> frozenset[int] | None:
        found = self._asks.call("models.history", {"model": model})
        if found is None:
            return None
        if found.status == "no_data":
            return frozenset()
        versions = found.summary.get("versions") if isinstance(found.summary, Mapping) else None
        return frozenset(map(int, versions)) if isinstance(versions, list | tuple) and versions else None


def _archived(runbooks: OpenRunbooks) -> frozenset[str] | None:
    """Names of closed channels, where Slack is configured and says so."""
    if not runbooks.installation.settings.slack.channels:
        return None
    from ..slack.archived import archived_channels  # noqa: PLC0415 - only where Slack is configured

    try:
        return archived_channels(runbooks.installation)
    except OpswardenError:
        return None
