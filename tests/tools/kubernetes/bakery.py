"""A small cluster in trouble, as its API has it: a shop that runs out of memory since its second revision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2031, 5, 6, 12, 30, tzinfo=UTC)
SECRET = "hunter2-of-the-bakery"
"""Stands in values of variables, arguments, a ConfigMap and a Secret; nothing that is read may hold it."""


def at(minutes_ago: float) -> str:
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def meta(name: str, minutes_ago: float = 600, *, owner: tuple[str, str] | None = None, **more: Any) -> dict[str, Any]:
    found = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "creationTimestamp": at(minutes_ago), **more}
    if owner:
        reference = {
            "apiVersion": "apps/v1",
            "kind": owner[0],
            "name": owner[1],
            "uid": f"uid-{owner[1]}",
            "controller": True,
        }
        found["ownerReferences"] = [reference]
    return found


def touched(manager: str, minutes_ago: float, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {
        "manager": manager, "operation": "Update", "apiVersion": "apps/v1", "time": at(minutes_ago),
        "fieldsType": "FieldsV1", "fieldsV1": fields, **more,
    }  # fmt: skip


def template(image: str, memory: str, **env: str) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": image,
        "args": ["--password", SECRET],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"requests": {"cpu": "250m", "memory": memory}, "limits": {"cpu": "1", "memory": memory}},
    }
    spec = {"containers": [container], "volumes": [{"name": "conf", "configMap": {"name": "prices"}}]}
    return {"metadata": {"labels": {"app": "till"}}, "spec": spec}


OLD = template("registry.example/till:1.4", "1Gi", TOKEN=SECRET, MODE="calm")
NEW = template("registry.example/till:1.5", "256Mi", TOKEN=f"{SECRET}2", MODE="calm", BATCH="64")


def pod(name: str, node: str, restarts: int = 0, *, ended: float | None = None, **status: Any) -> dict[str, Any]:
    state: dict[str, Any] = {"running": {"startedAt": at(5)}}
    last: dict[str, Any] = {}
    if ended is not None:
        killed = {
            "exitCode": 137,
            "reason": "OOMKilled",
            "message": f"password {SECRET}",
            "startedAt": at(ended + 3),
            "finishedAt": at(ended),
        }
        state, last = {"waiting": {"reason": "CrashLoopBackOff"}}, {"terminated": killed}
    container = {
        "name": "main", "image": "registry.example/till:1.5", "imageID": "sha256:1", "ready": ended is None,
        "restartCount": restarts, "state": state, "lastState": last,
    }  # fmt: skip
    ready = {"type": "Ready", "status": "True" if ended is None else "False"}
    return {
        "metadata": meta(
            name, 40, owner=("ReplicaSet", "till-bb2222222"), labels={"app": "till", "pod-template-hash": "bb2222222"}
        ),
        "spec": {**NEW["spec"], "nodeName": node},
        "status": {"phase": "Running", "conditions": [ready], "containerStatuses": [container], **status},
    }


def replicas(name: str, revision: str, minutes_ago: float, count: int, body: dict[str, Any]) -> dict[str, Any]:
    notes = {"deployment.kubernetes.io/revision": revision}
    return {
        "metadata": meta(name, minutes_ago, owner=("Deployment", "till"), annotations=notes, labels={"app": "till"}),
        "spec": {"replicas": count, "selector": {"matchLabels": {"app": "till"}}, "template": body},
        "status": {"replicas": count},
    }


def event(name: str, about: tuple[str, str], reason: str, minutes_ago: float, *, kind: str = "Warning", count: int = 1,
          message: str = "as it is") -> dict[str, Any]:  # fmt: skip
    return {
        "metadata": meta(name, minutes_ago),
        "involvedObject": {"kind": about[0], "namespace": "shop", "name": about[1]},
        "type": kind, "reason": reason, "message": message, "count": count,
        "firstTimestamp": at(minutes_ago + 5), "lastTimestamp": at(minutes_ago), "source": {"component": "kubelet"},
    }  # fmt: skip


def node(name: str, **more: Any) -> dict[str, Any]:
    conditions = [
        {"type": "Ready", "status": more.pop("ready", "True"), "reason": "KubeletReady"},
        {"type": "MemoryPressure", "status": more.pop("pressure", "False"), "reason": "KubeletHasMemory"},
    ]
    size = {"cpu": "4", "memory": "8Gi", "pods": "110", "nvidia.com/gpu": more.pop("gpu", "0")}
    metadata = meta(name, 9_000, **more.pop("metadata", {}))
    metadata.pop("namespace")
    return {
        "metadata": metadata,
        "spec": more,
        "status": {"conditions": conditions, "allocatable": size, "capacity": size},
    }


def bakery() -> dict[str, list[dict[str, Any]]]:
    """By kind."""
    labels = {"app": "till"}
    scaled = touched("kubectl", 100, {"f:spec": {"f:replicas": {}}}, subresource="scale")
    applied = touched("argocd-controller", 40, {"f:spec": {"f:template": {"f:spec": {}}}})
    unavailable = {
        "type": "Available",
        "status": "False",
        "reason": "MinimumReplicasUnavailable",
        "lastTransitionTime": at(38),
    }
    deployment = {
        "metadata": meta("till", 9_000, labels=labels, managedFields=[scaled, applied]),
        "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": NEW},
        "status": {
            "replicas": 3, "readyReplicas": 1, "updatedReplicas": 3,
            "conditions": [unavailable],
        },
    }  # fmt: skip
    gone = {"f:data": {".": {}, "f:prices.yaml": {}}}
    config = {
        "metadata": meta("prices", 9_000, managedFields=[touched("helm", 55, gone)]),
        "data": {"prices.yaml": SECRET},
    }
    leader = {"metadata": meta("leader", 9_000, managedFields=[touched("x", 1, gone)]), "data": {"a": SECRET}}
    scaler = {
        "metadata": meta("till", 9_000),
        "spec": {"minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": {"kind": "Deployment", "name": "till"}},
        "status": {"lastScaleTime": at(20), "currentReplicas": 2, "desiredReplicas": 3},
    }
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": at(15)}
    template_of = {
        "metadata": {"labels": {"app": "agent"}},
        "spec": {"containers": [{"name": "a", "image": "agent:2"}]},
    }
    daemon = {
        "metadata": meta("agent", 9_000, labels={"app": "agent"}),
        "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": template_of},
        "status": {
            "desiredNumberScheduled": 2, "numberReady": 2, "updatedNumberScheduled": 2, "currentNumberScheduled": 2,
            "numberMisscheduled": 0,
        },
    }  # fmt: skip
    revision = {
        "metadata": meta("agent-1", 9_000, owner=("DaemonSet", "agent")),
        "revision": 1,
        "data": {"spec": {"template": {**template_of, "$patch": "replace"}}},
    }
    return {
        "Deployment": [deployment],
        "ReplicaSet": [
            replicas("till-aa1111111", "1", 8_000, 0, OLD),
            replicas("till-bb2222222", "2", 40, 3, NEW),
        ],
        "StatefulSet": [],
        "DaemonSet": [daemon],
        "ControllerRevision": [revision],
        "Job": [],
        "CronJob": [],
        "Pod": [
            pod("till-bb2222222-aaaaa", "n1", 7, ended=2),
            pod("till-bb2222222-bbbbb", "n1", 6, ended=4),
            pod("till-bb2222222-ccccc", "n2"),
        ],
        "Node": [
            node("n1", pressure="True", gpu="2"),
            node("n2", unschedulable=True, taints=[taint]),
            node("n3"),
        ],
        "Service": [{"metadata": meta("checkout"), "spec": {"selector": {"app": "till"}, "ports": [{"port": 80}]}}],
        "HorizontalPodAutoscaler": [scaler],
        "ConfigMap": [config, leader],
        "Secret": [{"metadata": meta("key"), "data": {"key": SECRET}}],
        "Event": [
            event("e1", ("Pod", "till-bb2222222-aaaaa"), "BackOff", 2, count=12, message="Back-off restarting"),
            event("e2", ("Pod", "till-aa1111111-zzzzz"), "Unhealthy", 45, message="probe failed"),
            event("e3", ("Pod", "till-bb2222222-ccccc"), "Pulled", 40, kind="Normal"),
            event("e4", ("Node", "n1"), "NodeNotReady", 3, kind="Normal"),
            event("e5", ("Deployment", "till"), "ScalingReplicaSet", 40, kind="Normal"),
        ],
    }
