"""What was altered in a cluster, as far as its objects tell: rollouts, scales, configurations, machines taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..json_parts import listed, moment, number, part, text
from .objects import WORKLOADS, Object, Touch
from .revisions import Revision, revisions_of

NEEDED = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", "ReplicaSet", "ControllerRevision")
"""Kinds without which nothing can be told."""
BESIDE = ("HorizontalPodAutoscaler", "ConfigMap", "Node")
"""Kinds that tell of more."""
_SUMMARY_LIMIT = 1_024
_TOGETHER = timedelta(minutes=2)
"""An alteration of a workload this close to a revision of it is that revision."""
_UNSCHEDULABLE = "node.kubernetes.io/unschedulable"


def alterations(objects: Iterable[Object]) -> list[dict[str, Any]]:
    """Rows of `RECORDED_COLUMNS` for everything whose moment is known, in no order.

    Args:
        objects: of the kinds `NEEDED` and `BESIDE`.
    """
    objects = list(objects)
    revisions = revisions_of(objects)
    began: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    for revision in revisions:
        if revision.at is not None:
            began[revision.kind, revision.namespace, revision.workload].append(revision.at)
    rows = [row for revision in revisions for row in _rollout(revision)]
    by_place = {one.place: one for one in objects}
    for one in objects:
        if one.kind in WORKLOADS:
            rows += _own(one, began[one.place])
        elif one.kind == "HorizontalPodAutoscaler":
            rows += _autoscaler(one, by_place)
        elif one.kind == "Node":
            rows += _machine(one)
    return rows + list(_configurations(objects))


def _row(at: datetime, entity: str, kind: str, name: str, summary: str, author: str, **more: str) -> dict[str, Any]:
    return {
        "ts": at,
        "entity": entity,
        "kind": kind,
        "id": name,
        "summary": summary[:_SUMMARY_LIMIT],
        "author": author[:128],
        "attributes": [(key, value) for key, value in more.items() if value],
    }


def _rollout(revision: Revision) -> Iterator[dict[str, Any]]:
    if revision.at is None:
        return
    what = f"{revision.kind} {revision.workload}"
    told = "; ".join(revision.changed) or ("first known revision" if revision.is_first else "no visible difference")
    back = "back to an earlier revision: " if revision.is_back else ""
    yield _row(
        revision.at,
        revision.entity,
        "rollback" if revision.is_back else "deploy",
        revision.name,
        f"{what} revision {revision.number}: {back}{told}",
        revision.author,
        namespace=revision.namespace,
        images="\n".join(revision.images),
    )


def _own(one: Object, began: Sequence[datetime]) -> Iterator[dict[str, Any]]:
    """What was altered of a workload without a new revision."""
    replicas = part(one.manifest, "spec", "replicas")
    for touch in one.touched:
        if any(abs(touch.at - at) <= _TOGETHER for at in began) or one.created == touch.at:
            continue
        if touch.is_scaling or touch.fields == {"spec.replicas"}:
            told = f"{one.kind} {one.name} scaled to {number(replicas)}"
            yield _row(touch.at, one.entity, "scale", one.name, told, touch.manager, namespace=one.namespace)
        elif fields := sorted(name.removeprefix("spec.") for name in touch.fields if name.startswith("spec.")):
            told = f"{one.kind} {one.name} set again, none of its pods renewed: {', '.join(fields[:12])}"
            yield _row(touch.at, one.entity, "config", one.name, told, touch.manager, namespace=one.namespace)
    aborted = moment(one.manifest, "status", "abortedAt")
    if one.kind == "Rollout" and aborted is not None:
        told = f"Rollout {one.name} aborted: {text(one.manifest, 'status', 'message')}"
        yield _row(aborted, one.entity, "rollback", one.name, told, "", namespace=one.namespace)


def _autoscaler(one: Object, by_place: dict[tuple[str, str, str], Object]) -> Iterator[dict[str, Any]]:
    spec, status = part(one.manifest, "spec"), part(one.manifest, "status")
    kind, name = text(spec, "scaleTargetRef", "kind"), text(spec, "scaleTargetRef", "name")
    target = by_place.get((kind, one.namespace, name))
    entity = target.entity if target is not None else name or one.name
    limits = f"between {max(number(spec, 'minReplicas'), 1)} and {number(spec, 'maxReplicas')}"
    at = moment(status, "lastScaleTime")
    if at is not None:
        told = f"{kind} {name} scaled by its autoscaler to {number(status, 'desiredReplicas')} ({limits})"
        yield _row(at, entity, "scale", one.name, told, "autoscaler", namespace=one.namespace)
    for touch in one.touched:
        if touch.at != one.created and any(field.startswith("spec.") for field in touch.fields):
            told = f"autoscaler of {kind} {name} set again: {limits}"
            yield _row(touch.at, entity, "config", one.name, told, touch.manager, namespace=one.namespace)


def _machine(one: Object) -> Iterator[dict[str, Any]]:
    if part(one.manifest, "spec", "unschedulable") is not True:
        return
    taints = listed(one.manifest, "spec", "taints")
    added = next((moment(taint, "timeAdded") for taint in taints if text(taint, "key") == _UNSCHEDULABLE), None)
    touch = _newest(one, "spec.unschedulable")
    at = touch.at if touch is not None else added
    if at is not None:
        author = touch.manager if touch is not None else ""
        yield _row(at, one.entity, "node", one.name, f"Node {one.name} cordoned: it takes no new pods", author)


def _configurations(objects: Sequence[Object]) -> Iterator[dict[str, Any]]:
    """ConfigMaps that workloads use, once for each of them; what no workload names is the cluster's own bookkeeping."""
    users: dict[tuple[str, str], list[Object]] = defaultdict(list)
    for one in objects:
        if one.kind in WORKLOADS:
            configs = part(one.manifest, "spec", "template", "configs")
            for name in configs if isinstance(configs, list) else ():
                users[one.namespace, str(name)].append(one)
    for one in objects:
        if one.kind != "ConfigMap" or (one.namespace, one.name) not in users:
            continue
        touches = [touch for touch in one.touched if touch.fields & {"data", "binaryData"}]
        touch = touches[0] if touches else None
        at = touch.at if touch is not None else one.created
        word = "made" if touch is None or touch.at == one.created else "changed"
        if at is None:
            continue
        for user in users[one.namespace, one.name]:
            author = touch.manager if touch is not None else ""
            told = f"ConfigMap {one.name} {word}; {user.kind} {user.name} uses it"
            yield _row(at, user.entity, "config", one.name, told, author, namespace=one.namespace)


def _newest(one: Object, field: str) -> Touch | None:
    return next((touch for touch in one.touched if field in touch.fields), None)
