"""Kubernetes workloads in a Prometheus-compatible system: cAdvisor, kube-state-metrics and the DCGM exporter.

Questions are ranges cut in pieces. Samples of pods are made samples of workloads by the owner of each pod: of usage the
busiest replica counts, because a size is that of one replica; of requests the sum. Metric names: the exporters'
documentation, and configurable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...fleets.schema import FLEET_TABLES, UsageResource, fleet_rows
from ...metrics.backends.prometheus_api import AskedWindow, PrometheusApi, range_params, samples_of
from ...metrics.backends.promql import quoted
from ...windows import to_us
from .settings import PrometheusSource
from .types import UsageBackend

_MIB = 1_048_576.0
_THROTTLED = 0.25
"""Share of periods from which on throttling is told: the threshold of `CPUThrottlingHigh` in kubernetes-mixin."""
_SIZES_STEP_S = 300.0
_HOUR_S = 3_600
_REPLICA_HASH = re.compile(r"-[a-z0-9]{5,10}$")
_KINDS = {"Job": "batch", "CronJob": "batch", "Deployment": "serving", "ReplicaSet": "serving"}
_MOST_SERIES = 100_000

Labels = Mapping[str, str]
Series = tuple[Labels, np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]


class PrometheusUsage(UsageBackend):
    """Asks one system.

    Args:
        api: of the system.
        source: what it is asked for.
        environment: what its credential reaches.
    """

    def __init__(self, api: PrometheusApi, source: PrometheusSource, environment: str) -> None:
        self._api = api
        self._source = source
        self._environment = environment
        self._missing: dict[str, None] = {}
        self._owners: dict[tuple[datetime, datetime], dict[tuple[str, str], tuple[str, str]]] = {}

    @property
    def environment(self) -> str:
        """What the credential reaches."""
        return self._environment

    def notes(self) -> tuple[str, ...]:
        """Metrics of which nothing was there."""
        return tuple(self._missing)

    @property
    def days_at_once(self) -> int:
        """A day at a time: what was pulled stays."""
        return 1

    def usage(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[pa.Table]:
        """Samples of workloads, resource by resource and piece by piece."""
        for resource, expression, merge in self._expressions():
            seen = False
            for window in self._pieces(start, end):
                series = self._asked(expression, window, deadline)
                owners = self._owners_of(window.start, window.end, deadline)
                found = _by_workload(series, partial(self._workload, owners=owners), merge)
                seen = seen or bool(found)
                if found:
                    yield _usage_table(found, resource)
            if not seen:
                self._missing[f"no {resource} was read: {_metric_of(self._source, resource)} has no samples"] = None

    def sizes(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Requests and limits of one replica, and the number of replicas: what held at the start, and every change."""
        requests = self._reserved(self._source.requests, start, end, deadline)
        limits = self._reserved(self._source.limits, start, end, deadline)
        rows: list[dict[str, Any]] = []
        for (workload, resource), (times, values) in sorted(requests.items()):
            limit_times, limit_values = limits.get((workload, resource), (np.zeros(0, np.int64), np.zeros(0)))
            place = np.searchsorted(limit_times, times, side="right") - 1
            most = (
                np.where(place >= 0, limit_values[np.maximum(place, 0)], np.nan)
                if len(limit_values)
                else values * np.nan
            )
            changed = np.flatnonzero(
                (np.diff(values, prepend=-1.0) != 0) | (np.diff(np.nan_to_num(most), prepend=-1.0) != 0)
            )
            for step in changed.tolist():
                rows.append(
                    {
                        "ts": _moment(times[step]),
                        "workload": workload,
                        "resource": resource,
                        "value": float(values[step]),
                        "most": float(most[step]) if np.isfinite(most[step]) else None,
                    }
                )
        rows += self._replicas(start, end, deadline)
        return fleet_rows("sizes", rows)

    def happenings(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """Restarts and out-of-memory kills as they are counted; hours in which a quarter of periods was throttled."""
        rows: list[dict[str, Any]] = []
        restarts = self._growth(self._source.restarts, start, end, deadline)
        last = {}
        for labels, times, values in self._all(self._last_reason(), start, end, deadline):
            last.update({(_pod_key(labels), int(at)): value > 0 for at, value in zip(times, values, strict=True)})
        for labels, workload, at, grown in restarts:
            kind = "oom" if last.get((_pod_key(labels), at)) else "restart"
            rows.append({"ts": _moment(at), "workload": workload, "kind": kind, "value": grown})
        killed = {(row["workload"], row["ts"]) for row in rows if row["kind"] == "oom"}
        for _, workload, at, grown in self._growth(self._source.oom, start, end, deadline):
            if (workload, _moment(at)) not in killed:
                rows.append({"ts": _moment(at), "workload": workload, "kind": "oom", "value": grown})
        rows += self._throttling(start, end, deadline)
        rows.sort(key=lambda row: (row["ts"], row["workload"], row["kind"]))
        return fleet_rows("happenings", rows)

    def workloads(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What owns the pods, and the autoscalers that act on it."""
        owners: dict[tuple[str, str], tuple[str, str]] = {}
        containers: set[tuple[str, str, str]] = set()
        for window in self._pieces(start, end, 86_400):
            owners |= self._owners_of(window.start, window.end, deadline)
            for labels, *_ in self._asked(self._reserved_text(self._source.requests), window, deadline):
                containers.add((labels.get("namespace", ""), labels.get("pod", ""), labels.get("container", "")))
        scaled = self._autoscalers(start, end, deadline)
        found: dict[str, dict[str, Any]] = {}
        for namespace, pod, container in sorted(containers):
            kind, name = owners.get((namespace, pod), ("", _REPLICA_HASH.sub("", pod)))
            workload = self._named(namespace, name, container)
            found[workload] = {
                "workload": workload,
                "kind": _KINDS.get(kind, "other"),
                "attributes": [("namespace", namespace), ("owner_kind", kind), ("container", container)],
                **scaled.get((namespace, name), {}),
            }
        return fleet_rows("workloads", [found[name] for name in sorted(found)])

    # Questions

    def _expressions(self) -> Iterator[tuple[UsageResource, str, str]]:
        """What is measured, the expression for it by pod and container, and how replicas are put together."""
        source, step = self._source, f"[{self._source.step_s}s]"
        select = self._selector(source.namespace_label, f'{source.container_label}!="",{source.container_label}!="POD"')
        by = self._by(source.namespace_label, source.pod_label, source.container_label)
        yield "cpu", f"sum by ({by}) (rate({source.cpu}{select}{step}))", "most"
        yield "memory", f"sum by ({by}) (max_over_time({source.memory}{select}{step}))", "most"
        select = self._selector(source.gpu_namespace_label, f'{source.gpu_pod_label}!=""')
        by = self._by(source.gpu_namespace_label, source.gpu_pod_label, source.gpu_container_label)
        yield "gpu", f"sum by ({by}) (avg_over_time({source.gpu}{select}{step}))", "most"
        yield "gpu_sm", f"sum by ({by}) (avg_over_time({source.gpu_sm}{select}{step}))", "most"
        yield "gpu_memory", f"{_MIB:.0f} * sum by ({by}) (max_over_time({source.gpu_memory}{select}{step}))", "most"
        if source.served is not None:
            select = self._selector(source.namespace_label, f'{source.pod_label}!=""')
            by = self._by(source.namespace_label, source.pod_label, source.container_label)
            yield "requests", f"sum by ({by}) (rate({source.served}{select}{step}))", "sum"

    def _selector(self, namespace: str, more: str = "") -> str:
        pattern = f"{namespace}=~{quoted(self._source.namespaces)}"
        return "{" + (f"{pattern},{more}" if more else pattern) + "}"

    def _by(self, namespace: str, pod: str, container: str) -> str:
        return f"{namespace}, {pod}" + (f", {container}" if self._source.by == "container" else "")

    def _pieces(self, start: datetime, end: datetime, length_s: int | None = None) -> Iterator[AskedWindow]:
        begin, step = start, timedelta(seconds=length_s or self._source.piece_s)
        while begin < end:
            yield AskedWindow(begin, min(begin + step, end), float(self._source.step_s))
            begin += step

    def _asked(self, expression: str, window: AskedWindow, deadline: Deadline) -> list[Series]:
        data = self._api.matrix("/api/v1/query_range", range_params(expression, window), deadline)
        result = data.get("result")
        if not isinstance(result, list) or len(result) > _MOST_SERIES:
            raise BackendError(
                f"{self._api.client.name} answered too many series", remedy="narrow `namespaces` in the sources"
            )
        found: list[Series] = []
        for one in result:
            labels, values = one.get("metric"), one.get("values")
            if not isinstance(labels, dict) or not isinstance(values, list):
                raise BackendError(f"{self._api.client.name} is no Prometheus API", remedy="check its `url`")
            found.append((labels, *samples_of(values, window)))
        return found

    def _all(self, expression: str, start: datetime, end: datetime, deadline: Deadline) -> Iterator[Series]:
        for window in self._pieces(start, end):
            yield from self._asked(expression, window, deadline)

    # Owners

    def _owners_of(self, start: datetime, end: datetime, deadline: Deadline) -> dict[tuple[str, str], tuple[str, str]]:
        """Kind and name of what owns each pod; a ReplicaSet is looked through to its Deployment."""
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        key = (day, max(end, day + timedelta(days=1)))
        if key not in self._owners:
            # One hour more: each point tells of the hour before it.
            window = AskedWindow(day, key[1] + timedelta(hours=1), float(_HOUR_S))
            select = self._selector("namespace")
            sets = {
                (labels.get("namespace", ""), labels.get("replicaset", "")): (
                    labels.get("owner_kind", ""),
                    labels.get("owner_name", ""),
                )
                for labels, *_ in self._asked(
                    "group by (namespace, replicaset, owner_kind, owner_name)"
                    f" (last_over_time(kube_replicaset_owner{select}[1h]))",
                    window,
                    deadline,
                )
            }
            found = {}
            for labels, *_ in self._asked(
                f"group by (namespace, pod, owner_kind, owner_name) (last_over_time(kube_pod_owner{select}[1h]))",
                window,
                deadline,
            ):
                namespace = labels.get("namespace", "")
                owner = (labels.get("owner_kind", ""), labels.get("owner_name", ""))
                if owner[0] == "ReplicaSet":
                    owner = sets.get((namespace, owner[1]), (owner[0], _REPLICA_HASH.sub("", owner[1])))
                elif owner[0] == "Job":
                    # A CronJob names each of its jobs anew, after the minute: they are one workload.
                    owner = ("Job", re.sub(r"-[0-9]{8,10}$", "", owner[1]))
                found[namespace, labels.get("pod", "")] = owner
            if not found:
                self._missing["kube_pod_owner has no samples: workloads are named after their pods"] = None
            self._owners = {key: found}
        return self._owners[key]

    def _workload(self, labels: Labels, owners: Mapping[tuple[str, str], tuple[str, str]]) -> str | None:
        source = self._source
        namespace = (
            labels.get("namespace") or labels.get(source.namespace_label) or labels.get(source.gpu_namespace_label)
        )
        pod = labels.get(source.gpu_pod_label) if source.gpu_pod_label in labels else labels.get(source.pod_label)
        pod = pod or labels.get("pod")
        container = (
            labels.get("container") or labels.get(source.container_label) or labels.get(source.gpu_container_label)
        )
        if not namespace or not pod:
            return None
        _, name = owners.get((namespace, pod), ("", _REPLICA_HASH.sub("", _REPLICA_HASH.sub("", pod))))
        return self._named(namespace, name, container or "")

    def _named(self, namespace: str, name: str, container: str) -> str:
        if self._source.by == "container" and container:
            return f"{namespace}/{name}/{container}"
        return f"{namespace}/{name}"

    # Sizes and happenings

    def _reserved_text(self, metric: str) -> str:
        by = "namespace, pod, resource" + (", container" if self._source.by == "container" else "")
        return f"sum by ({by}) ({metric}{self._selector('namespace')})"

    def _reserved(
        self, metric: str, start: datetime, end: datetime, deadline: Deadline
    ) -> dict[tuple[str, str], tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]]:
        names = {"cpu": "cpu", "memory": "memory", self._source.gpu_resource: "gpu"}
        parts: dict[tuple[str, str], dict[int, float]] = {}
        for window in self._pieces(start, end):
            owners = self._owners_of(window.start, window.end, deadline)
            for labels, times, values in self._asked(self._reserved_text(metric), window, deadline):
                workload, resource = self._workload(labels, owners), names.get(labels.get("resource", ""))
                if workload is None or resource is None:
                    continue
                kept = parts.setdefault((workload, resource), {})
                for at, value in zip(times.tolist(), values.tolist(), strict=True):
                    # While a rollout runs, replicas have two sizes: the larger one is still paid.
                    kept[at] = max(value, kept.get(at, 0.0))
        if not parts:
            self._missing[f"{metric} has no samples"] = None
        return {
            key: (np.array(sorted(kept), np.int64), np.array([kept[at] for at in sorted(kept)]))
            for key, kept in parts.items()
        }

    def _replicas(self, start: datetime, end: datetime, deadline: Deadline) -> list[dict[str, Any]]:
        """How many pods of a workload had a request, by the hour."""
        counted: dict[str, dict[int, set[str]]] = {}
        for window in self._pieces(start, end):
            owners = self._owners_of(window.start, window.end, deadline)
            hourly = AskedWindow(window.start, window.end, float(max(_HOUR_S, self._source.step_s)))
            for labels, times, _ in self._asked(self._reserved_text(self._source.requests), hourly, deadline):
                workload = self._workload(labels, owners)
                if workload is not None:
                    for at in times.tolist():
                        counted.setdefault(workload, {}).setdefault(at, set()).add(labels.get("pod", ""))
        rows = []
        for workload in sorted(counted):
            before = -1
            for at in sorted(counted[workload]):
                if len(counted[workload][at]) != before:
                    before = len(counted[workload][at])
                    rows.append(
                        {"ts": _moment(at), "workload": workload, "resource": "replicas", "value": float(before)}
                    )
        return rows

    def _growth(
        self, metric: str, start: datetime, end: datetime, deadline: Deadline
    ) -> list[tuple[Labels, str, int, float]]:
        """By how much a counter of containers grew, wherever it did; beginning anew counts as growth from zero."""
        expression = f"sum by (namespace, pod, container) ({metric}{self._selector('namespace')})"
        # One step earlier, so that growth at the very start is seen.
        begin = start - timedelta(seconds=self._source.step_s)
        before: dict[tuple[str, str, str], float] = {}
        found = []
        for window in self._pieces(begin, end):
            owners = self._owners_of(max(window.start, start), window.end, deadline)
            for labels, times, values in self._asked(expression, window, deadline):
                workload, key = self._workload(labels, owners), _pod_key(labels)
                for at, value in zip(times.tolist(), values.tolist(), strict=True):
                    known = before.get(key)
                    grown = 0.0 if known is None else value - known if value >= known else value
                    before[key] = value
                    if grown > 0 and workload is not None and at >= to_us(start):
                        found.append((labels, workload, at, grown))
        return found

    def _last_reason(self) -> str:
        select = self._selector("namespace", 'reason="OOMKilled"')
        return f"max by (namespace, pod, container) ({self._source.terminated}{select})"

    def _throttling(self, start: datetime, end: datetime, deadline: Deadline) -> list[dict[str, Any]]:
        source = self._source
        select = self._selector(source.namespace_label, f'{source.container_label}!=""')
        by = self._by(source.namespace_label, source.pod_label, source.container_label)
        expression = (
            f"sum by ({by}) (increase({source.throttled}{select}[1h]))"
            f" / sum by ({by}) (increase({source.periods}{select}[1h])) >= {_THROTTLED}"
        )
        worst: dict[tuple[str, int], float] = {}
        for window in self._pieces(start, end):
            owners = self._owners_of(window.start, window.end, deadline)
            hourly = AskedWindow(window.start, window.end, float(_HOUR_S))
            for labels, times, values in self._asked(expression, hourly, deadline):
                workload = self._workload(labels, owners)
                for at, value in zip(times.tolist(), values.tolist(), strict=True):
                    if workload is not None:
                        worst[workload, at] = max(value, worst.get((workload, at), 0.0))
        return [
            {"ts": _moment(at), "workload": workload, "kind": "throttled", "value": share}
            for (workload, at), share in worst.items()
        ]

    def _autoscalers(self, start: datetime, end: datetime, deadline: Deadline) -> dict[tuple[str, str], dict[str, Any]]:
        """What an autoscaler does with a workload, by namespace and name."""
        window = AskedWindow(max(start, end - timedelta(days=1)), end, float(_HOUR_S))
        select, autoscaler = self._selector("namespace"), "horizontalpodautoscaler"

        def asked(metric: str) -> list[Series]:
            return self._asked(f"last_over_time(kube_{autoscaler}_{metric}{select}[1h])", window, deadline)

        found: dict[tuple[str, str], dict[str, Any]] = {}
        for labels, *_ in asked("info"):
            key = (labels.get("namespace", ""), labels.get(autoscaler, ""))
            found[key] = {"name": labels.get("scaletargetref_name", ""), "columns": {"autoscaler": "hpa"}}
        for metric, column in (("spec_min_replicas", "replicas_least"), ("spec_max_replicas", "replicas_most")):
            for labels, _, values in asked(metric):
                one = found.get((labels.get("namespace", ""), labels.get(autoscaler, "")))
                if one is not None and len(values):
                    one["columns"][column] = int(values[-1])
        for labels, _, values in asked("spec_target_metric"):
            one = found.get((labels.get("namespace", ""), labels.get(autoscaler, "")))
            if one is not None and len(values):
                is_share = labels.get("metric_target_type") == "utilization"
                one["columns"]["autoscales"] = labels.get("metric_name", "")
                one["columns"]["autoscaler_target"] = float(values[-1]) / (100 if is_share else 1)
        return {(key[0], one["name"]): one["columns"] for key, one in found.items()}


def _metric_of(source: PrometheusSource, resource: UsageResource) -> str:
    names = {"cpu": source.cpu, "memory": source.memory, "gpu": source.gpu, "gpu_sm": source.gpu_sm}
    return {**names, "gpu_memory": source.gpu_memory, "requests": source.served or ""}.get(resource, "")


def _by_workload(
    series: Sequence[Series], named: Callable[[Labels], str | None], merge: str
) -> dict[str, tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]]:
    """Samples of replicas as samples of workloads: the largest of each moment, or the sum."""
    parts: dict[str, list[Series]] = {}
    for one in series:
        workload = named(one[0])
        if workload is not None and len(one[1]):
            parts.setdefault(workload, []).append(one)
    found = {}
    for workload, replicas in parts.items():
        times = np.concatenate([times for _, times, _ in replicas])
        values = np.concatenate([values for *_, values in replicas])
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
        starts = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(np.diff(times)) + 1))
        joined = (np.add if merge == "sum" else np.maximum).reduceat(values, starts)
        found[workload] = (times[starts], joined)
    return found


def _usage_table(
    found: Mapping[str, tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.float64]]], resource: str
) -> pa.Table:
    names = sorted(found)
    lengths = [len(found[name][0]) for name in names]
    place = np.repeat(np.arange(len(names)), lengths)
    return pa.table(
        {
            "ts": pa.array(np.concatenate([found[name][0] for name in names])).cast(pa.timestamp("us", tz="UTC")),
            "workload": pa.array(names, pa.string()).take(pa.array(place)),
            "resource": pa.repeat(resource, int(sum(lengths))),
            "value": np.concatenate([found[name][1] for name in names]),
        },
        schema=FLEET_TABLES["usage"],
    )


def _pod_key(labels: Labels) -> tuple[str, str, str]:
    return labels.get("namespace", ""), labels.get("pod", ""), labels.get("container", "")


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(at_us))
