"""The tables of a fleet: names, columns and types. Times are UTC microseconds, days are dates.

A fleet is a folder that holds what there is to know of the workloads of one environment over weeks: usage, sizes, what
happened to them, who owns them, what they cost. The bill itself lies beside the tables, in `bill/`, as FOCUS files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import pyarrow as pa

FleetTable = Literal[
    "usage", "sizes", "workloads", "happenings", "inventory", "prices", "rates", "business", "calendar", "llm_usage"
]

UsageResource = Literal["cpu", "memory", "gpu", "gpu_sm", "gpu_memory", "requests", "network", "latency_p99"]
"""What is measured, with its unit.

`cpu`: cores. `memory`: bytes of working set. `gpu`: GPUs kept busy (engine activity × devices, 0 to their number).
`gpu_sm`: GPUs' worth of active multiprocessors. `gpu_memory`: bytes of framebuffer. `requests`: per second. `network`:
bytes per second, both ways. `latency_p99`: seconds. A value is the mean over the time since the sample before, except
for memory, which is what it was at that time. What has a size of one replica (cpu, memory and the three of GPUs) is
that of the busiest replica; `requests`, `network` and `latency_p99` are of the whole workload.
"""
USAGE_RESOURCES: tuple[UsageResource, ...] = get_args(UsageResource)

WorkloadKind = Literal["serving", "training", "batch", "notebook", "pipeline", "store", "other"]
Criticality = Literal["payment_path", "high", "normal", "low"]
HappeningKind = Literal["oom", "throttled", "restart", "start", "deploy", "resize", "evicted", "slo_breach"]
InventoryKind = Literal[
    "endpoint", "notebook", "model_version", "feature_view", "volume", "snapshot", "experiment", "dashboard", "pipeline"
]

_TS = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_PAIRS = pa.map_(pa.string(), pa.string())
_NUMBER = pa.float64()

FLEET_TABLES: dict[FleetTable, pa.Schema] = {
    "usage": pa.schema([("ts", _TS), ("workload", _TEXT), ("resource", _TEXT), ("value", _NUMBER)]),
    "sizes": pa.schema(
        [
            ("ts", _TS),  # from when it holds
            ("workload", _TEXT),
            (
                "resource",
                _TEXT,
            ),  # cpu (cores), memory (bytes), gpu (devices), all of one replica; or replicas
            ("value", _NUMBER),  # what is reserved and paid: the request
            ("most", _NUMBER),  # the limit; null without one
            ("set_by", _TEXT),  # person, autoscaler, recommendation; null if not known
        ]
    ),
    "workloads": pa.schema(
        [
            ("workload", _TEXT),
            ("kind", _TEXT),  # WorkloadKind
            ("team", _TEXT),
            ("owner", _TEXT),  # a person or a channel; null if nobody is known
            ("criticality", _TEXT),  # Criticality
            ("region", _TEXT),
            ("country", _TEXT),  # whose payments it serves; null for all
            ("timezone", _TEXT),  # IANA; null: UTC
            ("model", _TEXT),
            ("instance_type", _TEXT),
            ("capacity_type", _TEXT),  # on_demand, spot, committed
            ("gpu_type", _TEXT),
            ("gpu_partition", _TEXT),  # MIG profile (3g.40gb), or shared; null: whole devices
            ("autoscaler", _TEXT),  # hpa, keda, vpa, cluster; null: none
            ("autoscales", _TEXT),  # the resource it acts on
            ("autoscaler_target", _NUMBER),  # share of the request (0 to 1), or a value per replica
            ("replicas_least", pa.int64()),
            ("replicas_most", pa.int64()),
            ("spare_replicas", pa.int64()),  # how many may fail at peak: 1 for N+1
            ("spare_regions", pa.int64()),  # how many regions may fail
            ("latency_budget_ms", _NUMBER),
            ("runtime", _TEXT),  # jvm, python, triton, vllm, …
            ("resource_id", _TEXT),  # as the bill names it
            ("attributes", _PAIRS),
        ]
    ),
    "happenings": pa.schema(
        [("ts", _TS), ("workload", _TEXT), ("kind", _TEXT), ("value", _NUMBER), ("attributes", _PAIRS)]
    ),
    "inventory": pa.schema(
        [
            ("id", _TEXT),
            ("kind", _TEXT),  # InventoryKind
            ("team", _TEXT),
            ("owner", _TEXT),
            ("created", _TS),
            ("last_used", _TS),  # null: not once while anybody looked
            ("watched_since", _TS),  # since when uses would have been seen; null: nobody watches
            ("attached_to", _TEXT),  # null: to nothing
            ("needed_by", pa.list_(_TEXT)),  # ids and workloads that would miss it
            ("size_bytes", _NUMBER),
            ("workload", _TEXT),  # what it runs as, if it runs
            ("resource_id", _TEXT),  # as the bill names it
            ("attributes", _PAIRS),
        ]
    ),
    "prices": pa.schema(
        [
            ("region", _TEXT),
            (
                "sku",
                _TEXT,
            ),  # an instance type, or cpu (core), memory (GiB), gpu:TYPE (device), volume:CLASS (GiB)
            ("capacity_type", _TEXT),
            ("unit", _TEXT),  # Hour, GiB-Hour, GiB-Month
            ("price", _NUMBER),
            ("currency", _TEXT),
            ("since", pa.date32()),
            ("source", _TEXT),
        ]
    ),
    "rates": pa.schema(
        [("day", pa.date32()), ("base", _TEXT), ("quote", _TEXT), ("rate", _NUMBER), ("source", _TEXT)]
    ),  # one unit of `base` is `rate` of `quote`
    "business": pa.schema(
        [
            ("day", pa.date32()),
            ("measure", _TEXT),  # scored, approved_payments, …
            ("model", _TEXT),
            ("country", _TEXT),
            ("count", _NUMBER),
        ]
    ),
    "calendar": pa.schema(
        [
            ("first", pa.date32()),
            ("last", pa.date32()),  # inclusive
            ("name", _TEXT),
            ("kind", _TEXT),  # peak, holiday, freeze
            ("country", _TEXT),  # null: all
            ("yearly", pa.bool_()),
        ]
    ),
    "llm_usage": pa.schema(
        [
            ("ts", _TS),
            ("team", _TEXT),
            ("use", _TEXT),
            ("model", _TEXT),
            ("requests", pa.int64()),
            ("tokens_in", pa.int64()),
            ("tokens_cached", pa.int64()),
            ("tokens_out", pa.int64()),
            ("cost_microusd", pa.int64()),
            ("repeated", pa.int64()),  # requests equal to an earlier one of the same team and use
        ]
    ),
}

REQUIRED_COLUMNS: dict[FleetTable, frozenset[str]] = {
    "usage": frozenset(("ts", "workload", "resource", "value")),
    "sizes": frozenset(("ts", "workload", "resource", "value")),
    "workloads": frozenset(("workload",)),
    "happenings": frozenset(("ts", "workload", "kind")),
    "inventory": frozenset(("id", "kind")),
    "prices": frozenset(("sku", "unit", "price", "currency")),
    "rates": frozenset(("day", "base", "quote", "rate")),
    "business": frozenset(("day", "measure", "count")),
    "calendar": frozenset(("first", "last", "name", "kind")),
    "llm_usage": frozenset(("ts", "team", "use", "model", "requests", "tokens_in", "tokens_out")),
}
"""Columns that a file must have. It may lack the others, which are then read as null: not known."""

TIME_COLUMNS: dict[FleetTable, str] = {name: "ts" for name, schema in FLEET_TABLES.items() if "ts" in schema.names}

REQUIRED_FLEET_TABLES: tuple[FleetTable, ...] = ("usage", "sizes", "workloads")
BILL_FOLDER = "bill"


def fleet_rows(table: FleetTable, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table with all the columns of its schema; what a row does not have is null."""
    schema = FLEET_TABLES[table]
    columns = {part.name: pa.array([row.get(part.name) for row in rows], part.type) for part in schema}
    return pa.table(columns, schema=schema)
