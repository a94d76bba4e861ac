"""Who calls whom, as it was last known: the service catalogue, and the call graph that live systems have shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ...core.errors import OpswardenError
from ...policies.types import Principal, Run
from ...tools.owners.catalogue import Catalogue
from ...tools.topology.tools import topology_tools
from ..installation import Installation
from ..live.systems import live_backends, surroundings_of
from ..wiring import gate_factory

REFRESH_S = 600.0
_Graph = dict[str, set[str]]


class CallGraphs:
    """The call graphs of the environments.

    Args:
        installation: whose systems and catalogue are asked.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._graphs: dict[str, _Graph] = {}
        self._read_at: dict[str, float] = {}
        self._declared = graph_of(_declared(installation.catalogue) if installation.catalogue else ())

    def neighbours(self, environment: str, entity: str) -> frozenset[str]:
        """Entities with an edge to or from one."""
        learned = self._graphs.get(environment, {})
        return frozenset(self._declared.get(entity, set()) | learned.get(entity, set()))

    def refresh(self, environments: Iterable[str]) -> None:
        """Read the graphs that are old; one that cannot be read stays as it was."""
        for environment in environments:
            now = self._installation.clock.monotonic()
            if now - self._read_at.get(environment, float("-inf")) >= REFRESH_S:
                self._read_at[environment] = now
                try:
                    self._graphs[environment] = graph_of(self._read(environment))
                except OpswardenError:
                    continue

    def _read(self, environment: str) -> list[tuple[str, str]]:
        """The edges, by a call through the gate in a run of its own."""
        installation = self._installation
        live = live_backends(installation.settings.systems, environment, surroundings_of(installation))
        if "topology" not in live:
            return []
        team = installation.settings.team
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal("triage", "system:service", team),
            trigger="service",
            environment=environment,
            audience_team=team,
        )
        gate = gate_factory(installation, topology_tools(live["topology"])).open_run(run)
        found = gate.call("topology.graph", {}, call_id="graph")
        gate.end("reported")
        if found.artifact_id is None:
            return []
        table = installation.artifacts.read(found.artifact_id, run_id=run.id, team=team)
        return list(zip(table["caller"].to_pylist(), table["callee"].to_pylist(), strict=True))


def graph_of(edges: Iterable[tuple[str, str]]) -> _Graph:
    """Both ends of every edge, by each of them."""
    graph: _Graph = defaultdict(set)
    for caller, callee in edges:
        graph[caller].add(callee)
        graph[callee].add(caller)
    return dict(graph)


def _declared(catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    for entry in catalogue.entries:
        for other in entry.depends_on:
            for name in (entry.name, *entry.aliases):
                yield name, other
