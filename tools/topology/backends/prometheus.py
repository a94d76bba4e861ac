"""The call graph that counters of calls show: service graphs out of spans, service meshes.

API: Prometheus documentation, "HTTP API" (v1). One question tells which of the counters exist; each of those is asked
once, for how much it grew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ...metrics.backends.promql import Matcher, duration, one_of, selector
from ...metrics.backends.settings import PrometheusSettings
from ...metrics.backends.types import Naming
from ...snapshots.manifest import Window
from ...windows import to_us
from .traffic_graphs import TrafficGraph
from .types import EDGE_COLUMNS, MOST_EDGES

_LONGEST_S = 7_200.0
"""Who calls whom hardly changes, and reading how counters grew over a long time is dear."""
_USUAL = timedelta(hours=1)
_NOBODY = frozenset(("", "unknown", "user", "-", "BlackHoleCluster", "PassthroughCluster", "InboundPassthroughCluster"))
"""What stands for an end that a counter could not name; `user` is Tempo's for whoever calls from outside, the clusters
are Istio's.
"""
_KINDS = {"database": "query", "messaging_system": "publishes"}


class PrometheusTopology:
    """Implements `TopologyBackend`.

    Args:
        client: asks the system.
        settings: of the system.
        names: tells the entities of its series.
        clock: says what now is, where no stretch is given.
        stretch: when the calls were made, in the quiet time or in the trouble; the last hour unless given.
    """

    def __init__(
        self,
        client: SystemClient,
        settings: PrometheusSettings,
        names: Naming,
        clock: Clock,
        stretch: Window | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._names = names
        self._clock = clock
        self._stretch = stretch
        self._scope = tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items()))

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """Who called whom, as often as the counters say; of an edge that several show, the largest count."""
        found: dict[tuple[str, str], tuple[str, int]] = {}
        for graph in self._there(deadline):
            for labels, calls in self._grown(graph, deadline):
                ends = _first(labels, graph.callers), _first(labels, graph.callees)
                if "" in ends or ends[0] == ends[1]:
                    continue
                kind, most = found.get(ends, (_KINDS.get(labels.get(graph.kind_label or "", ""), graph.kind), 0))
                found[ends] = kind, max(most, round(calls))
        rows = [
            {"caller": caller, "callee": callee, "kind": kind, "source": "metrics", "calls": calls}
            for (caller, callee), (kind, calls) in sorted(found.items())[:MOST_EDGES]
        ]
        return pa.Table.from_pylist(rows, schema=EDGE_COLUMNS)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The ends of calls, and what the series are about."""
        edges = self.edges(deadline)
        ends = {*edges["caller"].to_pylist(), *edges["callee"].to_pylist()}
        return tuple(sorted(ends.union(self._names.entities(deadline))))

    def _there(self, deadline: Deadline) -> list[TrafficGraph]:
        """The graphs whose counters exist."""
        graphs = self._settings.graphs
        if not graphs:
            return []
        start, end = self._times()
        metrics = sorted({graph.metric for graph in graphs})
        select = selector((*self._scope, one_of("__name__", metrics)))
        params = [("match[]", select), ("start", _seconds(start)), ("end", _seconds(end))]
        found = self._data("/api/v1/label/__name__/values", params, deadline)
        there = set(found) if isinstance(found, list) and all(isinstance(name, str) for name in found) else set()
        return [graph for graph in graphs if graph.metric in there]

    def _grown(self, graph: TrafficGraph, deadline: Deadline) -> list[tuple[Mapping[str, str], float]]:
        """The ends of calls, and by how much their counter grew."""
        start, end = self._times()
        length_s = min((end - start).total_seconds(), _LONGEST_S)
        by = (*graph.callers, *graph.callees, *([graph.kind_label] if graph.kind_label else []))
        where = [Matcher(name, "=", value) for name, value in sorted(graph.where.items())]
        select = selector((*self._scope, Matcher("__name__", "=", graph.metric), *where))
        query = f"topk({MOST_EDGES},sum by({','.join(by)})(increase({select}[{duration(length_s)}]))>0)"
        params = [("query", query), ("time", _seconds(end)), ("partial_response", "false")]
        data = self._data("/api/v1/query", params, deadline)
        if not isinstance(data, dict) or data.get("resultType") != "vector":
            raise BackendError(f"{self._client.name} answered something else than counts", remedy="check its `url`")
        return [_counted(row) for row in data.get("result", ())]

    def _times(self) -> tuple[datetime, datetime]:
        if self._stretch is not None:
            return self._stretch.start, self._stretch.end
        # On the minute, so that whoever asks within it asks the same.
        now = self._clock.now().replace(second=0, microsecond=0)
        return now - _USUAL, now

    def _data(self, path: str, params: Params, deadline: Deadline) -> Any:
        answer = self._client.get(path, params, deadline, is_lasting=True)
        if answer.status in (400, 422, 503):
            raise refusal(self._client.name, answer.status)
        document = json_of(self._client, answer)
        if not isinstance(document, dict) or document.get("status") != "success":
            raise BackendError(f"{self._client.name} is no Prometheus API", remedy="check its `url`")
        return document.get("data")


def _first(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((labels[name] for name in names if labels.get(name, "") not in _NOBODY), "")


def _counted(row: Any) -> tuple[Mapping[str, str], float]:
    try:
        labels, value = row["metric"], float(row["value"][1])
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise BackendError("a count is no number", remedy="check the version of the system") from error
    if not isinstance(labels, dict):
        raise BackendError("a count has no labels", remedy="check the version of the system")
    return {name: text for name, text in labels.items() if isinstance(text, str)}, value


def _seconds(moment: datetime) -> str:
    return f"{to_us(moment) / 1e6:.3f}"
