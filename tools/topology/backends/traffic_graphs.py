"""Which metrics count calls between two named ends, and under which labels the ends stand."""

from __future__ import annotations

from pydantic import Field, field_validator

from ....core.config import Section
from ...metrics.backends.promql import LABEL_NAME, METRIC_NAME


class TrafficGraph(Section):
    """A counter of calls with both ends in its labels; asked for only where the metric exists."""

    metric: str = Field(max_length=200, description="name of the counter")
    callers: tuple[str, ...] = Field(min_length=1, max_length=8, description="labels of the caller; the first one wins")
    callees: tuple[str, ...] = Field(min_length=1, max_length=8, description="labels of the callee; the first one wins")
    where: dict[str, str] = Field(default_factory=dict, max_length=8, description="labels with the values to count")
    kind: str = Field(default="call", min_length=1, max_length=64, description="what the edges are called")
    kind_label: str | None = Field(default=None, description="label that tells databases and queues from services")

    @field_validator("metric")
    @classmethod
    def _metric_name(cls, name: str) -> str:
        if not METRIC_NAME.fullmatch(name):
            raise ValueError(f"{name[:64]!r} is no name of a metric")
        return name

    @field_validator("callers", "callees", "where")
    @classmethod
    def _label_names(cls, names: tuple[str, ...] | dict[str, str]) -> tuple[str, ...] | dict[str, str]:
        for name in names:
            if not LABEL_NAME.fullmatch(name):
                raise ValueError(f"{name[:64]!r} is no name of a label")
        return names

    @field_validator("kind_label")
    @classmethod
    def _label_name(cls, name: str | None) -> str | None:
        if name is not None and not LABEL_NAME.fullmatch(name):
            raise ValueError(f"{name[:64]!r} is no name of a label")
        return name


def known_graphs() -> tuple[TrafficGraph, ...]:
    """The counters that service meshes and span processors keep under names of their own.

    Sources: Grafana Tempo "Service graph metrics", OpenTelemetry's `servicegraphconnector`; Istio "Standard metrics";
    Linkerd "Proxy metrics"; Cilium "Hubble metrics" with workloads in `labelsContext`.
    """
    callers = ("source_canonical_service", "source_app", "source_workload")
    callees = ("destination_canonical_service", "destination_service_name", "destination_workload")
    return (
        TrafficGraph(
            metric="traces_service_graph_request_total",
            callers=("client",),
            callees=("server",),
            kind_label="connection_type",
        ),
        TrafficGraph(metric="istio_requests_total", callers=callers, callees=callees),
        TrafficGraph(metric="istio_tcp_connections_opened_total", callers=callers, callees=callees),
        TrafficGraph(
            metric="request_total",
            callers=("deployment", "statefulset", "daemonset"),
            callees=("dst_deployment", "dst_statefulset", "dst_daemonset", "dst_service"),
            where={"direction": "outbound"},
        ),
        TrafficGraph(
            metric="hubble_http_requests_total",
            callers=("source_app", "source_workload"),
            callees=("destination_app", "destination_workload"),
        ),
    )
