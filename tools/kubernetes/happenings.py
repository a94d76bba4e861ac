"""What a cluster says happened: its events, and containers that ended badly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..json_parts import listed, moment, number, part, text
from .objects import Object

_MESSAGE_LIMIT = 1_024
# What is appended to the name of a workload: hashes of a replica set and a pod, a place, a random end.
_ENDS = (
    re.compile(r"-[a-z0-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$"),
    re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}$"),
    re.compile(r"-[0-9]{1,4}$"),
    re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}$"),
)


def event_rows(events: Iterable[Mapping[str, Any]], objects: Iterable[Object]) -> list[dict[str, Any]]:
    """Rows (`NOTICE_COLUMNS`) of events in their JSON (core/v1); one without a time or a reason is none.

    Args:
        events: anything in them may be missing or of another type.
        objects: tell the entities of what events are about.
    """
    entities = {one.place: one.entity for one in objects}
    by_name = {(namespace, name): entity for (_, namespace, name), entity in entities.items()}
    rows = []
    for event in events:
        about = part(event, "involvedObject")
        kind, namespace, name = text(about, "kind"), text(about, "namespace"), text(about, "name")
        at = next(
            filter(
                None,
                (
                    moment(event, "series", "lastObservedTime"),
                    moment(event, "lastTimestamp"),
                    moment(event, "eventTime"),
                    moment(event, "metadata", "creationTimestamp"),
                ),
            ),
            None,
        )
        reason = text(event, "reason")
        if at is None or not reason or not name:
            continue
        entity = entities.get((kind, namespace, name)) or _by_name(kind, namespace, name, by_name)
        said = text(event, "message")
        rows.append(
            {
                "ts": at,
                "entity": entity,
                "kind": "Warning" if text(event, "type") == "Warning" else "Normal",
                "reason": reason[:128],
                "message": f"{kind} {name}: {said}"[:_MESSAGE_LIMIT],
                "count": max(number(event, "series", "count"), number(event, "count"), 1),
            }
        )
    return rows


def _by_name(kind: str, namespace: str, name: str, by_name: Mapping[tuple[str, str], str]) -> str:
    """The entity of something that is gone: what is left of its name without what was appended to it."""
    if kind not in ("Pod", "ReplicaSet", "Job"):
        return by_name.get((namespace, name), name)
    for end in _ENDS:
        workload = end.sub("", name)
        if workload != name and (namespace, workload) in by_name:
            return by_name[namespace, workload]
    return next((end.sub("", name) for end in _ENDS if end.search(name)), name)


def ended_containers(objects: Iterable[Object]) -> list[dict[str, Any]]:
    """Rows of containers whose last end was none of their own will: no event says that memory was short."""
    rows = []
    for pod in objects:
        if pod.kind != "Pod":
            continue
        for container in listed(pod.manifest, "status", "containerStatuses"):
            for state in ("state", "lastState"):
                ended = part(container, state, "terminated")
                at, code = moment(ended, "finishedAt"), number(ended, "exitCode")
                if at is not None and code != 0:
                    rows.append(
                        {
                            "ts": at,
                            "entity": pod.entity,
                            "kind": "Warning",
                            "reason": text(ended, "reason")[:128] or "Error",
                            "message": f"Pod {pod.name}: container {text(container, 'name')} ended with {code}",
                            "count": 1,
                        }
                    )
    return rows
