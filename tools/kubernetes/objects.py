"""Objects of a cluster as the analyses see them: what they need, and no value that may be a secret.

Values of variables, arguments and commands are replaced by keyed hashes as an object is read; the key is made anew in
every process. So two revisions can be compared, and nothing can be read out of them. Messages in a status are left out,
because a container's last words may be the end of its log. Of a ConfigMap nothing but its metadata is kept, and a
Secret is never taken.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..json_parts import listed, moment, part, text, texts

_KEY = secrets.token_bytes(32)
_JOB_END = re.compile(r"-[0-9]{6,12}$")
_HASHES = (("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout"))
_MOST_STEPS = 8
KEPT = "kept"
"""Where the hashes of values stand in a manifest that was kept, in the order of `env`; see `kept`."""
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", "Job")
"""Kinds that pods belong to, in the end."""
REVISIONS = ("ReplicaSet", "ControllerRevision")
"""Kinds that hold what a workload was before."""
OTHERS = ("Pod", "Node", "HorizontalPodAutoscaler", "Service", "ConfigMap")
KINDS = (*WORKLOADS, *REVISIONS, *OTHERS)
"""All kinds that are ever read."""


@dataclass(frozen=True)
class Touch:
    """When somebody last set some fields of an object.

    Args:
        manager: who, by the name of their program.
        fields: paths of the fields, one or two steps deep: `spec.replicas`, `data`.
        is_scaling: whether it was set by its scale alone, as autoscalers do.
    """

    manager: str
    at: datetime
    fields: frozenset[str]
    is_scaling: bool = False


@dataclass(frozen=True)
class Owner:
    """The object that another one belongs to."""

    kind: str
    name: str
    uid: str = ""


@dataclass(frozen=True)
class Object:
    """One object.

    Args:
        entity: what the telemetry calls it, or what it belongs to.
        manifest: `metadata` left out; see the module for what else is.
        touched: the newest first.
    """

    kind: str
    namespace: str
    name: str
    entity: str
    uid: str = ""
    created: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    touched: tuple[Touch, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str, str]:
        """What names it within its cluster."""
        return self.kind, self.namespace, self.name


def read_object(kind: str, value: Mapping[str, Any], entity_labels: Sequence[str], entity: str = "") -> Object:
    """An object out of its JSON.

    Args:
        kind: of `KINDS`.
        value: as the API has it; anything in it may be missing or of another type.
        entity_labels: labels that name the entity; the first one wins, the workload's name without any.
        entity: what it is called, where that is known already.
    """
    metadata = part(value, "metadata")
    labels, owner = texts(metadata, "labels"), _owner(metadata)
    name = text(metadata, "name")
    # What pods carry is what telemetry sees.
    own = {**labels, **texts(value, "spec", "template", "metadata", "labels")}
    if not entity and kind not in ("Node", "HorizontalPodAutoscaler"):
        entity = next((own[label] for label in entity_labels if own.get(label)), "")
    return Object(
        kind=kind,
        namespace=text(metadata, "namespace"),
        name=name,
        entity=entity or workload_of(kind, name, labels, owner)[1],
        uid=text(metadata, "uid"),
        created=moment(metadata, "creationTimestamp"),
        labels=labels,
        annotations={key: note for key, note in texts(metadata, "annotations").items() if key in _ANNOTATIONS},
        owner=owner,
        touched=_touched(metadata),
        manifest=_kept(kind, value),
    )


_ANNOTATIONS = frozenset(
    (
        "deployment.kubernetes.io/revision",
        "rollout.argoproj.io/revision",
        "control-plane.alpha.kubernetes.io/leader",
    )
)


def workload_of(kind: str, name: str, labels: Mapping[str, str], owner: Owner | None) -> tuple[str, str]:
    """Kind and name of the workload that an object belongs to; its own where it belongs to none."""
    if kind == "Pod" and owner is not None and owner.kind == "ReplicaSet":
        for label, top in _HASHES:
            if labels.get(label) and owner.name.endswith(f"-{labels[label]}"):
                return top, owner.name.removesuffix(f"-{labels[label]}")
    if owner is not None and owner.kind == "Job" and _JOB_END.search(owner.name):
        return "CronJob", _JOB_END.sub("", owner.name)
    return (owner.kind, owner.name) if owner is not None else (kind, name)


def _owner(metadata: Any) -> Owner | None:
    for reference in listed(metadata, "ownerReferences"):
        if reference.get("controller") is True:
            return Owner(text(reference, "kind"), text(reference, "name"), text(reference, "uid"))
    return None


def _touched(metadata: Any) -> tuple[Touch, ...]:
    found = []
    for entry in listed(metadata, "managedFields"):
        at, within = moment(entry, "time"), part(entry, "fieldsV1")
        if at is None or text(entry, "subresource") == "status" or not isinstance(within, Mapping):
            continue
        fields = frozenset(_fields(within))
        if any(name.startswith("status") for name in fields) and not any(name.startswith("spec") for name in fields):
            continue
        found.append(Touch(text(entry, "manager"), at, fields, text(entry, "subresource") == "scale"))
    return tuple(sorted(found, key=lambda touch: touch.at, reverse=True))


def _fields(within: Mapping[str, Any]) -> Iterable[str]:
    for outer, below in within.items():
        name = str(outer).removeprefix("f:")
        if name in ("data", "binaryData"):
            yield name
        elif name in ("spec", "status") and isinstance(below, Mapping):
            yield from (f"{name}.{inner.removeprefix('f:')}" for inner in below if isinstance(inner, str))


def _kept(kind: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind == "ConfigMap":
        return {}
    if kind == "ControllerRevision":
        template = part(value, "data", "spec", "template")
        return {"revision": value.get("revision"), "template": _template(template)}
    kept = {"spec": _spec(kind, part(value, "spec")), "status": _status(kind, part(value, "status"))}
    return {name: each for name, each in kept.items() if each is not None}


def _status(kind: str, status: Any) -> Any:
    """A status without what containers wrote last: a message may be the end of a log."""
    found = _without_messages(status, _MOST_STEPS)
    if kind == "Rollout" and isinstance(found, dict):
        found["message"] = text(status, "message")
    return found


def _without_messages(value: Any, steps: int) -> Any:
    if isinstance(value, Mapping):
        below = {name: each for name, each in value.items() if name != "message"}
        return {name: _without_messages(each, steps - 1) for name, each in below.items()} if steps else None
    if isinstance(value, list):
        return [_without_messages(each, steps - 1) for each in value] if steps else None
    return value


def _spec(kind: str, spec: Any) -> Any:
    if not isinstance(spec, Mapping):
        return None
    if kind == "Pod":
        return {**{name: spec.get(name) for name in ("nodeName", "priorityClassName")}, "containers": _containers(spec)}
    kept = {name: below for name, below in spec.items() if name not in ("template", "jobTemplate")}
    if "template" in spec:
        kept["template"] = _template(spec["template"])
    return kept


def _template(template: Any) -> Mapping[str, Any]:
    spec = part(template, "spec")
    return {
        "containers": _containers(spec),
        "configs": sorted(_configs(spec)),
        "rest": _rest(spec),
        "restarted": text(template, "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"),
    }


def _containers(spec: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for field_name in ("initContainers", "containers"):
        for container in listed(spec, field_name):
            env, kept = list(listed(container, "env")), container.get(KEPT)
            beside = kept if isinstance(kept, list) and len(kept) == len(env) else [None] * len(env)
            variables = {text(each, "name"): hashed([each, more]) for each, more in zip(env, beside, strict=True)}
            sources = {f"from {number}": hashed(each) for number, each in enumerate(listed(container, "envFrom"), 1)}
            found.append(
                {
                    "name": text(container, "name"),
                    "image": text(container, "image"),
                    "resources": part(container, "resources"),
                    "env": variables | sources,
                    "started": hashed([container.get("command"), container.get("args")]),
                    "probes": hashed([container.get(f"{kind}Probe") for kind in ("liveness", "readiness", "startup")]),
                    "is_init": field_name == "initContainers",
                }
            )
    return found


def _configs(spec: Any) -> set[str]:
    """The ConfigMaps that a template names."""
    found = {text(volume, "configMap", "name") for volume in listed(spec, "volumes")}
    for volume in listed(spec, "volumes"):
        found.update(text(source, "configMap", "name") for source in listed(volume, "projected", "sources"))
    for field_name in ("initContainers", "containers"):
        for container in listed(spec, field_name):
            found.update(text(each, "configMapRef", "name") for each in listed(container, "envFrom"))
            found.update(text(each, "valueFrom", "configMapKeyRef", "name") for each in listed(container, "env"))
    return found - {""}


def _rest(spec: Any) -> str:
    if not isinstance(spec, Mapping):
        return ""
    return hashed({name: below for name, below in spec.items() if name not in ("containers", "initContainers")})


def hashed(value: Any) -> str:
    """A hash that tells equal from different within this process, and nothing else."""
    written = json.dumps(value, sort_keys=True, default=str).encode()
    return hashlib.blake2b(written, key=_KEY, digest_size=6).hexdigest()
