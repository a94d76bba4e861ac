"""Objects of a cluster as rows of a snapshot: manifests that say as much to the tools as the objects did, and no more.

Where a value was replaced by a hash as the object was read, the hash stands in its place. So revisions of one snapshot
can be compared with each other, and not with anything outside of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from ...core.clock import to_iso
from ..json_parts import listed, part, texts
from ..snapshots.schema import TABLES
from .objects import KEPT, Object, Touch


def object_rows(objects: Iterable[Object], at: datetime) -> pa.Table:
    """Rows of the table `objects`.

    Args:
        objects: as a cluster gave them.
        at: when they were so.
    """
    rows = [
        {
            "ts": at,
            "entity": one.entity,
            "kind": one.kind,
            "name": one.name,
            "manifest": json.dumps(manifest_of(one), sort_keys=True),
        }
        for one in objects
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["objects"])


def manifest_of(one: Object) -> dict[str, Any]:
    """A manifest that is read as this object again."""
    metadata: dict[str, Any] = {
        "name": one.name,
        "namespace": one.namespace,
        "uid": one.uid,
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "managedFields": [_managed(touch) for touch in one.touched],
    }
    if one.created is not None:
        metadata["creationTimestamp"] = to_iso(one.created)
    if one.owner is not None:
        owner = {"kind": one.owner.kind, "name": one.owner.name, "uid": one.owner.uid, "controller": True}
        metadata["ownerReferences"] = [owner]
    found: dict[str, Any] = {"kind": one.kind, "metadata": metadata}
    if one.kind == "ControllerRevision":
        template = _template(part(one.manifest, "template"))
        return {**found, "revision": one.manifest.get("revision"), "data": {"spec": {"template": template}}}
    spec, status = part(one.manifest, "spec"), part(one.manifest, "status")
    if isinstance(spec, Mapping):
        found["spec"] = {name: below for name, below in spec.items() if name not in ("template", "containers")}
        if "template" in spec:
            found["spec"]["template"] = _template(spec["template"])
        if one.kind == "Pod":
            found["spec"] |= _containers(spec)
    if status is not None:
        found["status"] = status
    return found


def _managed(touch: Touch) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in touch.fields:
        outer, _, inner = name.partition(".")
        fields.setdefault(f"f:{outer}", {})
        if inner:
            fields[f"f:{outer}"][f"f:{inner}"] = {}
    scale = {"subresource": "scale"} if touch.is_scaling else {}
    return {"manager": touch.manager, "time": to_iso(touch.at), "fieldsV1": fields, **scale}


def _template(template: Any) -> dict[str, Any]:
    configs = part(template, "configs")
    volumes = [{"name": name, "configMap": {"name": name}} for name in configs] if isinstance(configs, list) else []
    metadata = {"annotations": {"kubectl.kubernetes.io/restartedAt": part(template, "restarted")}}
    return {"metadata": metadata, "spec": {**_containers(template), "volumes": volumes, "rest": part(template, "rest")}}


def _containers(within: Any) -> dict[str, Any]:
    every = list(listed(within, "containers"))
    return {
        "initContainers": [_container(each) for each in every if each.get("is_init")],
        "containers": [_container(each) for each in every if not each.get("is_init")],
    }


def _container(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": each.get("name"),
        "image": each.get("image"),
        "resources": each.get("resources"),
        "command": [each.get("started")],
        "livenessProbe": {"hash": each.get("probes")},
        # Apart from the names: beside one like TOKEN a hash would be taken out as what it is not.
        "env": [{"name": name} for name in texts(each, "env")],
        KEPT: list(texts(each, "env").values()),
    }
