"""`kubernetes.workloads`, `kubernetes.events`, `kubernetes.rollouts` and `kubernetes.nodes`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from ..changes.backends.types import NOTICE_COLUMNS
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter
from .backends.types import MOST_EVENTS, FoundObjects, KubernetesBackend
from .machines import Machine, NodeTrouble, machines_of
from .objects import REVISIONS, WORKLOADS
from .revisions import Revision, revisions_of
from .types import (
    EventGroup,
    EventsArgs,
    EventsResult,
    NodesArgs,
    NodeSeen,
    NodesResult,
    RevisionSeen,
    RolloutsArgs,
    RolloutsResult,
    TenantSeen,
    WorkloadsArgs,
    WorkloadSeen,
    WorkloadsResult,
)
from .workloads import Workload, workloads_of

_TOKENS = 700
_SUMMARY_TOKENS = 1_000
_SHOWN_PARTS, _SHOWN_TENANTS = 3, 5
_MB, _GB = 1e6, 1e9
_LEFT_OUT = "not all objects of the cluster can be read, so counts are too low"

WORKLOAD_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("namespace", pa.string()),
        ("name", pa.string()),
        ("trouble", pa.string()),
        ("desired", pa.int64()),
        ("ready", pa.int64()),
        ("restarts", pa.int64()),
        ("ended_because", pa.string()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("text", pa.string()),
    ]
)
"""Columns of the artifact of `kubernetes.workloads`; `since` and `text` say since when it is in trouble, and how."""
REVISION_COLUMNS = pa.schema(
    [
        ("ts", pa.timestamp("us", tz="UTC")),
        ("entity", pa.string()),
        ("kind", pa.string()),
        ("workload", pa.string()),
        ("revision", pa.int64()),
        ("images", pa.list_(pa.string())),
        ("changed", pa.list_(pa.string())),
    ]
)
"""Columns of the artifact of `kubernetes.rollouts`."""
NODE_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("trouble", pa.string()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("text", pa.string()),
        ("tenants", pa.list_(pa.string())),
    ]
)
"""Columns of the artifact of `kubernetes.nodes`; `tenants` are the entities that run there, the most pods first."""


def kubernetes_tools(backend: KubernetesBackend) -> tuple[AnyTool, ...]:
    """The tools over one cluster."""

    def read(name: str, description: str, args: Any, result: Any, run: Any) -> AnyTool:
        return Tool(
            name=name,
            effect="read",
            description=description,
            args=args,
            result=result,
            run=run,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=_SUMMARY_TOKENS,
            data_classes=frozenset({"operational"}),
        )

    return (
        read(
            "kubernetes.workloads",
            "How workloads are: ready and wanted pods, restarts, why containers ended or wait, images, resources.",
            WorkloadsArgs,
            WorkloadsResult,
            partial(_workloads, backend),
        ),
        read(
            "kubernetes.events",
            "What a cluster said happened in a window and shortly before it, grouped by entity and reason.",
            EventsArgs,
            EventsResult,
            partial(_events, backend),
        ),
        read(
            "kubernetes.rollouts",
            "Revisions of workloads that began in a window or before it, and what each of them changed.",
            RolloutsArgs,
            RolloutsResult,
            partial(_rollouts, backend),
        ),
        read(
            "kubernetes.nodes",
            "How nodes are: conditions, pressure, taints, what they have to give, accelerators included, and who runs "
            "there.",
            NodesArgs,
            NodesResult,
            partial(_nodes, backend),
        ),
    )


def _workloads(backend: KubernetesBackend, args: WorkloadsArgs, context: ToolContext) -> Output[WorkloadsResult]:
    found = backend.objects((*WORKLOADS, "Pod"), context.deadline)
    every = [each for each in workloads_of(found.objects, found.at) if _wanted(args.entities, each.entity)]
    scope = Scope(environment=backend.environment, end=found.at, filters=entity_filter(args.entities))
    if not every:
        return Output("no_data", scope, note=_nothing(found, "no workload is known"))
    shown = first_that_fit([_workload(each) for each in every[: args.limit]], _TOKENS)
    result = WorkloadsResult(
        workloads=len(every),
        in_trouble=sum(each.trouble is not None for each in every),
        pods=sum(each.pods for each in every),
        shown=shown,
        is_whole=found.is_whole,
    )
    notes = _notes(found, len(every) - len(shown), "workloads")
    table = _workload_table(every)
    return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))


def _events(backend: KubernetesBackend, args: EventsArgs, context: ToolContext) -> Output[EventsResult]:
    first = _earlier(args.start, args.lookback_s)
    table = backend.events(first, args.end, context.deadline)
    filters = entity_filter(args.entities)
    if args.reasons:
        filters["reasons"] = ",".join(args.reasons)
    scope = Scope(environment=backend.environment, start=first, end=args.end, filters=filters)
    reasons = {reason.lower() for reason in args.reasons}
    rows = [
        row
        for row in table.to_pylist()
        if _wanted(args.entities, row["entity"] or "") and (not reasons or (row["reason"] or "").lower() in reasons)
    ]
    is_cut = table.num_rows >= MOST_EVENTS
    if not rows:
        more = f" among the newest {MOST_EVENTS} events" if is_cut else ""
        return Output("no_data", scope, note=f"the cluster says nothing of this kind about this time{more}")
    groups = _groups(rows)
    shown = first_that_fit(groups[: args.limit], _TOKENS)
    result = EventsResult(events=len(rows), warnings=sum(row["kind"] == "Warning" for row in rows), groups=tuple(shown))
    notes = [f"{len(groups) - len(shown)} more groups are left out"] if len(groups) > len(shown) else []
    notes += [f"only the newest {MOST_EVENTS} events are looked at"] if is_cut else []
    artifact = pa.Table.from_pylist(rows, schema=NOTICE_COLUMNS)
    return Output("truncated" if notes else "ok", scope, result, artifact=artifact, note="; ".join(notes))


def _rollouts(backend: KubernetesBackend, args: RolloutsArgs, context: ToolContext) -> Output[RolloutsResult]:
    first = _earlier(args.start, args.lookback_s)
    found = backend.objects(("Deployment", "StatefulSet", "DaemonSet", "Rollout", *REVISIONS), context.deadline)
    scope = Scope(environment=backend.environment, start=first, end=args.end, filters=entity_filter(args.entities))
    every = [
        (each.at, each)
        for each in revisions_of(found.objects)
        if each.at is not None and first <= each.at < args.end and _wanted(args.entities, each.entity)
    ]
    if not every:
        return Output("no_data", scope, note=_nothing(found, "no revision began in this time"))
    every.sort(key=lambda pair: (-pair[0].timestamp(), pair[1].namespace, pair[1].workload, -pair[1].number))
    shown = first_that_fit([_revision(each, at, args.start) for at, each in every[: args.limit]], _TOKENS)
    result = RolloutsResult(
        workloads=len({(each.kind, each.namespace, each.workload) for _, each in every}),
        revisions=len(every),
        in_window=sum(at >= args.start for at, _ in every),
        newest=shown,
    )
    notes = _notes(found, len(every) - len(shown), "older revisions")
    table = _revision_table([each for _, each in every])
    return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))


def _nodes(backend: KubernetesBackend, args: NodesArgs, context: ToolContext) -> Output[NodesResult]:
    found = backend.objects(("Node", "Pod"), context.deadline)
    scope = Scope(environment=backend.environment, end=found.at, filters=entity_filter(args.entities))
    every = [
        each
        for each in machines_of(found.objects)
        if not args.entities or {each.name, *(name for name, _ in each.tenants)} & set(args.entities)
    ]
    if not every:
        return Output("no_data", scope, note=_nothing(found, "no node is known"))
    shown = first_that_fit([_node(each) for each in every[: args.limit]], _TOKENS)
    troubles: Counter[NodeTrouble] = Counter(each.trouble for each in every if each.trouble is not None)
    result = NodesResult(nodes=len(every), in_trouble=sum(troubles.values()), by_trouble=dict(troubles), shown=shown)
    notes = _notes(found, len(every) - len(shown), "nodes")
    return Output("truncated" if notes else "ok", scope, result, artifact=_node_table(every), note="; ".join(notes))


def _wanted(entities: Sequence[str], entity: str) -> bool:
    return not entities or entity in entities


def _nothing(found: FoundObjects, note: str) -> str:
    return note if found.is_whole else f"{note}; {_LEFT_OUT}"


def _notes(found: FoundObjects, rest: int, what: str) -> list[str]:
    return [*([f"{rest} {what} are left out"] if rest else []), *([] if found.is_whole else [_LEFT_OUT])]


def _earlier(moment: datetime, seconds: int) -> datetime:
    try:
        return moment.astimezone(UTC) - timedelta(seconds=seconds)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _lines(texts: Iterable[str], most: int = _SHOWN_PARTS) -> tuple[str, ...]:
    return tuple(one_line(text) for text in list(texts)[:most])


def _size(value: float, unit: float = 1.0) -> float | None:
    return float(f"{value / unit:.4g}") if value else None


def _workload(each: Workload) -> WorkloadSeen:
    ended, room = each.ended, each.room
    return WorkloadSeen(
        entity=one_line(each.entity),
        kind=one_line(each.kind),
        name=one_line(f"{each.namespace}/{each.name}"),
        trouble=each.trouble,
        desired=each.desired,
        ready=each.ready,
        updated=each.updated,
        restarts=each.restarts,
        ended_at=ended.at if ended else None,
        ended_because=one_line(ended.reason) if ended else "",
        exit_code=ended.exit_code if ended else None,
        waiting=_lines(f"{reason} ({count})" for reason, count in each.waiting.items()),
        conditions=_lines(each.conditions),
        images=_lines(each.images),
        cpu_request=_size(room.cpu_request),
        cpu_limit=_size(room.cpu_limit),
        memory_request_mb=_size(room.memory_request, _MB),
        memory_limit_mb=_size(room.memory_limit, _MB),
        accelerators=_size(room.accelerators),
        nodes=len(each.nodes),
    )


def _workload_table(every: Sequence[Workload]) -> pa.Table:
    rows = [
        {
            "entity": each.entity,
            "kind": each.kind,
            "namespace": each.namespace,
            "name": each.name,
            "trouble": each.trouble,
            "desired": each.desired,
            "ready": each.ready,
            "restarts": each.restarts,
            "ended_because": each.ended.reason if each.ended else None,
            "since": each.since,
            "text": _told(each),
        }
        for each in every
    ]
    return pa.Table.from_pylist(rows, schema=WORKLOAD_COLUMNS)


def _told(each: Workload) -> str:
    """One line on a workload in trouble."""
    if each.trouble is None:
        return ""
    parts = [f"{each.kind} {each.name}: {each.ready} of {each.desired} ready"]
    if each.ended is not None:
        parts.append(f"a container ended with {each.ended.reason} ({each.ended.exit_code})")
    parts += [f"{count} wait for {reason}" for reason, count in each.waiting.items()]
    return ", ".join([*parts, *each.conditions])


def _groups(rows: Sequence[dict[str, Any]]) -> list[EventGroup]:
    """Events by entity and reason."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["entity"] or "", row["reason"] or ""), []).append(row)
    groups = [
        EventGroup(
            entity=one_line(entity),
            reason=one_line(reason),
            is_warning=any(row["kind"] == "Warning" for row in members),
            times=sum(row["count"] or 1 for row in members),
            first=min(row["ts"] for row in members),
            last=max(row["ts"] for row in members),
            message=one_line(max(members, key=lambda row: row["ts"])["message"]),
        )
        for (entity, reason), members in found.items()
    ]
    return sorted(groups, key=lambda group: (not group.is_warning, -group.times, group.entity, group.reason))


def _revision(each: Revision, at: datetime, start: datetime) -> RevisionSeen:
    return RevisionSeen(
        entity=one_line(each.entity),
        kind=one_line(each.kind),
        name=one_line(f"{each.namespace}/{each.workload}"),
        revision=each.number,
        at=at,
        before_start_s=round((start - at).total_seconds()),
        is_back=each.is_back,
        replicas=each.replicas,
        images=_lines(each.images),
        changed=_lines(each.changed, 5),
    )


def _revision_table(every: Sequence[Revision]) -> pa.Table:
    rows = [
        {
            "ts": each.at,
            "entity": each.entity,
            "kind": each.kind,
            "workload": f"{each.namespace}/{each.workload}",
            "revision": each.number,
            "images": list(each.images),
            "changed": list(each.changed),
        }
        for each in every
    ]
    return pa.Table.from_pylist(rows, schema=REVISION_COLUMNS)


def _node(each: Machine) -> NodeSeen:
    return NodeSeen(
        name=one_line(each.name),
        trouble=each.trouble,
        conditions=_lines(each.conditions),
        is_cordoned=each.is_cordoned,
        taints=_lines(each.taints),
        cpu=round(each.allocatable.cpu_request, 2),
        cpu_asked=round(each.asked.cpu_request, 2),
        memory_gb=round(each.allocatable.memory_request / _GB, 2),
        memory_asked_gb=round(each.asked.memory_request / _GB, 2),
        accelerators=each.allocatable.accelerators,
        accelerators_asked=each.asked.accelerators,
        pods=each.pods,
        most_pods=each.most_pods,
        tenants=tuple(TenantSeen(entity=one_line(name), pods=n) for name, n in each.tenants[:_SHOWN_TENANTS]),
    )


def _node_table(every: Sequence[Machine]) -> pa.Table:
    rows = [
        {
            "entity": each.name,
            "trouble": each.trouble,
            "since": each.since,
            "text": f"Node {each.name}: {', '.join(each.conditions)}" if each.conditions else "",
            "tenants": [name for name, _ in each.tenants],
        }
        for each in every
    ]
    return pa.Table.from_pylist(rows, schema=NODE_COLUMNS)
