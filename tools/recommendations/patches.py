"""A recommendation as files that its owner's tools understand: values, patches, variables. Nothing is applied here.

Texts in a fleet come from outside, so every name is written by a serialiser, and no name becomes a path as it is. A
workload whose name cannot be one of Kubernetes gets no manifest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..schedules.windows import parse_windows
from .types import Patch, Recommendation

_KUBERNETES_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_TERRAFORM_NAME = re.compile(r"[^A-Za-z0-9_]+")
_PATH_PART = re.compile(r"[^A-Za-z0-9._-]+")
_MEBI = 2**20
_GRACE_DAYS = 14
_WHOLE = "whole"
_NO_VARIABLES = frozenset({"share", "cards"})
"""What a proposal says beside the sizes themselves."""
_RUNNING = frozenset({"endpoint", "notebook", "pipeline"})
CUSTODIAN_KINDS: Mapping[str, str] = {
    "endpoint": "aws.sagemaker-endpoint",
    "notebook": "aws.sagemaker-notebook",
    "volume": "aws.ebs",
    "snapshot": "aws.ebs-snapshot",
}
"""What Cloud Custodian calls the things of the inventory. Source: its reference of AWS resources."""


def patches_of(recommendation: Recommendation) -> tuple[Patch, ...]:
    """The change in every format that can say it; those that the analysis brought along go first."""
    made = [patch for make in _MAKERS for patch in make(recommendation)]
    known = {(patch.format, patch.path) for patch in recommendation.patches}
    return (*recommendation.patches, *(patch for patch in made if (patch.format, patch.path) not in known))


def taken_back(recommendation: Recommendation) -> Recommendation:
    """The way back as a recommendation of its own content: from what was proposed to what was before."""
    return recommendation.model_copy(
        update={
            "current": recommendation.proposed,
            "proposed": recommendation.current,
            "patches": (),
            "why": f"takes back {recommendation.id}",
        }
    )


def folder_of(name: str) -> str:
    """A part of a path that holds nothing but letters, digits, dots, dashes and underscores, and is no `..`."""
    return _PATH_PART.sub("-", name).strip("-.")[:80] or "unnamed"


def cores(value: float) -> str:
    """A CPU quantity of Kubernetes, rounded up to a thousandth: `1250m`."""
    return f"{max(math.ceil(value * 1000 - 1e-9), 1)}m"


def mebibytes(value: float) -> str:
    """A memory quantity of Kubernetes, rounded up: `1536Mi`."""
    return f"{max(math.ceil(value / _MEBI), 1)}Mi"


def _requests(sizes: Mapping[str, float | str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(cpu := sizes.get("cpu"), int | float):
        found["cpu"] = cores(cpu)
    memory = sizes.get("memory")
    if isinstance(memory, int | float):
        found["memory"] = mebibytes(memory)
    if isinstance(gpu := sizes.get("gpu"), int | float) and float(gpu).is_integer():
        found["nvidia.com/gpu"] = int(gpu)
    partition = sizes.get("gpu_partition", sizes.get("partition"))
    if isinstance(partition, str) and partition != _WHOLE and "/" not in partition:
        found.pop("nvidia.com/gpu", None)
        found[f"nvidia.com/mig-{_PATH_PART.sub('-', partition)}"] = 1
    return found


def _changed(recommendation: Recommendation) -> dict[str, float | str]:
    before = recommendation.current
    return {name: value for name, value in recommendation.proposed.items() if before.get(name) != value}


def _resources(recommendation: Recommendation) -> dict[str, Any]:
    """Requests, and limits that are equal: of memory, so that nothing is killed on a full node, and of GPUs."""
    requests = _requests(_changed(recommendation))
    limits = {name: value for name, value in requests.items() if name != "cpu"}
    found: dict[str, Any] = {"requests": requests}
    return {**found, **({"limits": limits} if limits else {})} if requests else {}


def _replicas(recommendation: Recommendation) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in ("replicas", "replicas_least", "replicas_most"):
        value = _changed(recommendation).get(name)
        if isinstance(value, int | float):
            found[name] = math.ceil(value)
    return found


def _is_workload(recommendation: Recommendation) -> bool:
    return bool(_KUBERNETES_NAME.fullmatch(recommendation.subject))


def _helm(recommendation: Recommendation) -> list[Patch]:
    if recommendation.kind not in ("rightsize", "replicas") or not _is_workload(recommendation):
        return []
    values: dict[str, Any] = {}
    if resources := _resources(recommendation):
        values["resources"] = resources
    replicas = _replicas(recommendation)
    if "replicas" in replicas:
        values["replicaCount"] = replicas["replicas"]
    scaling: dict[str, Any] = {}
    for ours, theirs in (("replicas_least", "minReplicas"), ("replicas_most", "maxReplicas")):
        if ours in replicas:
            scaling[theirs] = replicas[ours]
    target = recommendation.proposed.get("autoscaler_target")
    if isinstance(target, int | float) and 0 < target <= 1:
        scaling["targetCPUUtilizationPercentage"] = round(target * 100)
    if scaling:
        values["autoscaling"] = scaling
    return [_yaml("helm", recommendation, "values.yaml", values)] if values else []


def _kustomize(recommendation: Recommendation) -> list[Patch]:
    if not _is_workload(recommendation):
        return []
    name, spec = recommendation.subject, dict[str, Any]()
    if recommendation.kind == "rightsize" and (resources := _resources(recommendation)):
        spec["template"] = {"spec": {"containers": [{"name": name, "resources": resources}]}}
    replicas = _replicas(recommendation)
    if recommendation.kind == "replicas" and "replicas" in replicas:
        spec["replicas"] = replicas["replicas"]
    if recommendation.kind == "decommission" and recommendation.current.get("kind") in _RUNNING:
        spec["replicas"] = 0  # the first step stops it and deletes nothing
    found: list[Patch] = []
    if spec:
        manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
        found.append(_yaml("kustomize", recommendation, "deployment-patch.yaml", manifest))
    if recommendation.kind == "replicas" and "replicas_least" in replicas:
        bounds = {"minReplicas": replicas["replicas_least"]}
        if "replicas_most" in replicas:
            bounds["maxReplicas"] = replicas["replicas_most"]
        scaler = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": name},
            "spec": bounds,
        }
        found.append(_yaml("kustomize", recommendation, "autoscaler-patch.yaml", scaler))
    return found


def _vpa(recommendation: Recommendation) -> list[Patch]:
    """An autoscaler object that only says what it would do, bounded below by the proposal."""
    sizes = {name: value for name, value in _requests(_changed(recommendation)).items() if name in ("cpu", "memory")}
    if recommendation.kind != "rightsize" or not sizes or not _is_workload(recommendation):
        return []
    manifest = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": recommendation.subject},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": recommendation.subject},
            "updatePolicy": {"updateMode": "Off"},
            "resourcePolicy": {
                "containerPolicies": [
                    {
                        "containerName": "*",
                        "minAllowed": sizes,
                        "controlledResources": sorted(sizes),
                    }
                ]
            },
        },
    }
    return [_yaml("vpa", recommendation, "vertical-pod-autoscaler.yaml", manifest)]


def _keda(recommendation: Recommendation) -> list[Patch]:
    """On by the clock: a cron trigger for each stretch of hours that is needed, and nothing in between."""
    windows = crons_of(recommendation)
    if recommendation.kind != "schedule" or not _is_workload(recommendation):
        return []
    if not windows:
        return _always_on(recommendation)
    zone = str(recommendation.proposed.get("timezone") or "UTC")
    replicas = recommendation.proposed.get("replicas_on", recommendation.current.get("replicas", 1))
    wanted = str(max(math.ceil(replicas), 1)) if isinstance(replicas, int | float) else "1"
    outside = recommendation.proposed.get("replicas", 0)
    triggers = [
        {"type": "cron", "metadata": {"timezone": zone, "start": start, "end": end, "desiredReplicas": wanted}}
        for start, end in windows
    ]
    manifest = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": recommendation.subject},
        "spec": {
            "scaleTargetRef": {"name": recommendation.subject},
            "minReplicaCount": math.ceil(outside) if isinstance(outside, int | float) else 0,
            "maxReplicaCount": int(wanted),
            "triggers": triggers,
        },
    }
    return [_yaml("keda", recommendation, "scaled-object.yaml", manifest)]


def _always_on(recommendation: Recommendation) -> list[Patch]:
    """The way back of a schedule: its scaler is paused at the replicas of before.

    Source: KEDA's page on pausing autoscaling; the annotation holds until somebody removes it.
    """
    replicas = recommendation.proposed.get("replicas")
    if recommendation.proposed.get("on") != "always" or not isinstance(replicas, int | float) or replicas < 1:
        return []
    annotations = {"autoscaling.keda.sh/paused-replicas": str(math.ceil(replicas))}
    manifest = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": recommendation.subject, "annotations": annotations},
    }
    return [_yaml("keda", recommendation, "scaled-object.yaml", manifest)]


def _custodian(recommendation: Recommendation) -> list[Patch]:
    """Decommissioning in two steps, as Custodian does it: mark now, act after a time of grace."""
    kind = CUSTODIAN_KINDS.get(str(recommendation.current.get("kind", "")))
    if kind is None or recommendation.kind not in ("decommission", "schedule"):
        return []
    name = folder_of(f"opswarden-{recommendation.kind}-{recommendation.id}").lower()
    only_this: dict[str, Any] = {"type": "value", "key": "tag:Name", "value": recommendation.subject}
    if recommendation.kind == "decommission":
        grace = recommendation.proposed.get("grace_days", _GRACE_DAYS)
        days = max(math.ceil(grace), 1) if isinstance(grace, int | float) else _GRACE_DAYS
        policy: dict[str, Any] = {
            "name": name,
            "resource": kind,
            "filters": [only_this, {"tag:custodian_stop": "absent"}],
            "actions": [{"type": "mark-for-op", "tag": "custodian_stop", "op": "delete", "days": days}],
        }
        return [_yaml("custodian", recommendation, "mark-for-delete.yaml", {"policies": [policy]})]
    zone = str(recommendation.proposed.get("timezone") or "UTC")
    off = {"type": "offhour", "default_tz": zone, "offhour": 20, "weekends": True, "opt-out": True}
    policies = [{"name": name, "resource": kind, "filters": [only_this, off], "actions": ["stop"]}]
    return [_yaml("custodian", recommendation, "offhours.yaml", {"policies": policies})]


def _terraform(recommendation: Recommendation) -> list[Patch]:
    sizes = {name: value for name, value in _changed(recommendation).items() if name not in _NO_VARIABLES}
    if recommendation.kind not in ("rightsize", "replicas") or not sizes:
        return []
    variable = _TERRAFORM_NAME.sub("_", recommendation.subject).strip("_").lower() or "workload"
    variable = variable if variable[0].isalpha() else f"w_{variable}"
    named = {f"{variable}_{_TERRAFORM_NAME.sub('_', name)}": value for name, value in sizes.items()}
    path = f"{folder_of(recommendation.subject)}.auto.tfvars"
    return [_patch("terraform", recommendation, path, _said(recommendation) + hcl_variables(named))]


_MAKERS: tuple[Callable[[Recommendation], list[Patch]], ...] = (_helm, _kustomize, _vpa, _keda, _custodian, _terraform)


def crons_of(recommendation: Recommendation) -> list[tuple[str, str]]:
    """Start and end of every stretch of needed hours as cron, in the workload's own clock, from `proposed.on`."""
    text = recommendation.proposed.get("on")
    if not isinstance(text, str):
        return []
    try:
        return [cron for window in parse_windows(text) for cron in window.crons]
    except ValueError:
        return []


def hcl_variables(values: Mapping[str, float | str]) -> str:
    """Assignments in Terraform's language; names are plain, and no text can begin an expression.

    Source: the HCL native syntax specification: quoted templates, with `$${` and `%%{` for literal `${` and `%{`.
    """
    lines = []
    for name, value in values.items():
        if isinstance(value, str):
            lines.append(f"{name} = {_hcl_text(value)}")
        else:
            lines.append(f"{name} = {int(value) if float(value).is_integer() else repr(float(value))}")
    return "".join(f"{line}\n" for line in lines)


def _hcl_text(text: str) -> str:
    out = []
    for sign in text:
        if sign in '"\\':
            out.append(f"\\{sign}")
        elif sign in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[sign])
        elif ord(sign) < 32 or ord(sign) == 127:
            out.append(f"\\u{ord(sign):04x}")
        else:
            out.append(sign)
    return '"' + "".join(out).replace("${", "$${").replace("%{", "%%{") + '"'


def _said(recommendation: Recommendation) -> str:
    """What the file is for, in comments: ids and numbers of ours, and no text from outside."""
    saving = recommendation.saving.effective
    return (
        f"# opswarden {recommendation.kind} {recommendation.id}\n"
        f"# saves {saving.expected:,.2f} {saving.currency} a {saving.period} at effective cost"
        f" (90 % interval {saving.low:,.2f} to {saving.high:,.2f})\n"
    )


def _yaml(kind: str, recommendation: Recommendation, name: str, document: Mapping[str, Any]) -> Patch:
    import yaml  # noqa: PLC0415 - only patches need it

    text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, default_flow_style=False)
    return _patch(kind, recommendation, name, _said(recommendation) + text)


def _patch(kind: str, recommendation: Recommendation, name: str, text: str) -> Patch:
    path = f"{folder_of(recommendation.subject)}/{recommendation.id}/{kind}/{name}"
    return Patch.model_validate({"format": kind, "path": path, "text": text})


def by_owner(recommendations: Sequence[Recommendation]) -> dict[str, list[tuple[str, str]]]:
    """Owner's folder to the files in it: path and text. What nobody owns is under `unowned`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in recommendations:
        owner = folder_of(each.owner) if each.owner else "unowned"
        found.setdefault(owner, []).extend((f"{owner}/{patch.path}", patch.text) for patch in patches_of(each))
    return found
