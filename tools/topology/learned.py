"""Edges that spans and labels show beside those that are declared.

Who is called without having spans of its own (a database, a queue, a provider) becomes an entity by the name that its
callers give it; a host name of a known entity (`till.shop.svc`) is that entity. Declared edges stay as they are. Where
a caller's callees are declared, nobody unknown is added to them: it would be one of them by another name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import pyarrow as pa

from .backends.types import EDGE_COLUMNS

Learned = tuple[str, str, str, bool, int]
"""Caller, callee, kind, whether the callee has spans of its own, spans that crossed the edge."""

RUNS_ON = "runs_on"


def with_learned(
    declared: pa.Table, learned: Iterable[Learned], hosts: Iterable[tuple[str, str, int]], known: Collection[str]
) -> pa.Table:
    """All edges, in the order of caller and callee.

    Args:
        declared: `EDGE_COLUMNS`.
        learned: calls that spans show.
        hosts: entity, node, how often it was named; a node that one entity alone names is left out unless it is known.
        known: the entities of all tables.
    """
    rows = {(row["caller"], row["callee"]): row for row in declared.to_pylist()}
    has_declared = {caller for caller, _ in rows}
    names = {name.lower(): name for name in sorted(known)}
    for caller, callee, kind, has_spans, calls in learned:
        target = callee if has_spans else _entity_of(callee, names)
        if target is None and caller in has_declared:
            continue
        _add(rows, caller, target or callee, kind, calls)
    tenants: dict[str, set[str]] = defaultdict(set)
    hosts = list(hosts)
    for entity, node, _ in hosts:
        tenants[node].add(entity)
    for entity, node, calls in hosts:
        if len(tenants[node]) > 1 or node in known:
            _add(rows, entity, node, RUNS_ON, calls)
    ordered = [rows[pair] for pair in sorted(rows)]
    return pa.Table.from_pylist(ordered, schema=EDGE_COLUMNS)


def _add(rows: dict[tuple[str, str], dict[str, object]], caller: str, callee: str, kind: str, calls: int) -> None:
    pair = (caller, callee)
    if caller == callee:
        return
    if pair not in rows:
        rows[pair] = {"caller": caller, "callee": callee, "kind": kind, "source": "spans", "calls": calls}
    elif rows[pair]["source"] == "spans":
        rows[pair]["calls"] = int(str(rows[pair]["calls"] or 0)) + calls


def _entity_of(name: str, names: dict[str, str]) -> str | None:
    """The known entity that an address or a name means: itself, without its port, or the first part of a host name."""
    lower = name.lower()
    host = lower.partition(":")[0]
    for candidate in (lower, host, host.partition(".")[0], lower.rpartition("/")[2], lower.rpartition(".")[2]):
        if candidate in names:
            return names[candidate]
    return None
