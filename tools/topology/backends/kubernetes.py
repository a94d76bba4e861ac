"""Where workloads run, and which service leads to which of them, as a cluster says."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from ....core.clock import Deadline
from ...json_parts import text, texts
from ...kubernetes.backends.types import KubernetesBackend
from ...kubernetes.objects import WORKLOADS, Object
from ..learned import RUNS_ON
from .types import EDGE_COLUMNS, MOST_EDGES, without

_LEADS_TO = "call"
_OVER = ("Succeeded", "Failed")


class KubernetesTopology:
    """Implements `TopologyBackend` over a cluster's pods and services."""

    def __init__(self, cluster: KubernetesBackend) -> None:
        self._cluster = cluster

    @property
    def environment(self) -> str:
        """The environment of the cluster."""
        return self._cluster.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """Entities and the nodes that they run on; services and the entities they lead to, where their names differ."""
        found = self._cluster.objects(("Pod", "Service"), deadline)
        pods = [
            one for one in found.objects if one.kind == "Pod" and text(one.manifest, "status", "phase") not in _OVER
        ]
        pairs = {(pod.entity, node, RUNS_ON) for pod in pods if (node := text(pod.manifest, "spec", "nodeName"))}
        for service in found.objects:
            if service.kind == "Service":
                pairs |= {(service.name, entity, _LEADS_TO) for entity in _behind(service, pods)}
        rows = [
            {"caller": caller, "callee": callee, "kind": kind, "source": "declared", "calls": None}
            for caller, callee, kind in sorted(pairs)[:MOST_EDGES]
            if caller != callee
        ]
        missed = () if found.is_whole else ("not all objects of the cluster can be read",)
        return without(pa.Table.from_pylist(rows, schema=EDGE_COLUMNS), missed)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """Workloads, nodes and services."""
        found = self._cluster.objects(("Pod", "Service", *WORKLOADS), deadline).objects
        names = {service.name if service.kind == "Service" else service.entity for service in found}
        nodes = {text(pod.manifest, "spec", "nodeName") for pod in found if pod.kind == "Pod"}
        return tuple(sorted((names | nodes) - {""}))


def _behind(service: Object, pods: Sequence[Object]) -> set[str]:
    """Entities of the pods that a service selects."""
    chosen = set(texts(service.manifest, "spec", "selector").items())
    if not chosen:
        return set()
    return {pod.entity for pod in pods if pod.namespace == service.namespace and chosen <= set(pod.labels.items())}
