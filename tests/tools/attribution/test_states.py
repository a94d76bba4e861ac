"""What a cluster says is in trouble speaks of the entity, unless it was so before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa

from opswarden.tests.tools.kubernetes.bakery import NOW, bakery
from opswarden.tools.attribution.evidence import new_evidence
from opswarden.tools.attribution.states import read_states
from opswarden.tools.attribution.tools import Tables, rank_tables
from opswarden.tools.kubernetes.machines import machines_of
from opswarden.tools.kubernetes.objects import read_object
from opswarden.tools.kubernetes.tools import WORKLOAD_COLUMNS
from opswarden.tools.kubernetes.workloads import workloads_of
from opswarden.tools.windows import to_us

QUIET = NOW - timedelta(hours=6)


def row(entity: str, trouble: str | None, hours_ago: float | None = 0.5, text: str = "it") -> dict[str, Any]:
    since = NOW - timedelta(hours=hours_ago) if hours_ago is not None else None
    return {"entity": entity, "kind": "Deployment", "trouble": trouble, "since": since, "text": text}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=WORKLOAD_COLUMNS)


def test_what_is_in_trouble_since_the_quiet_time_is_a_sign() -> None:
    evidence = new_evidence()
    rows = [row("oven", "crashing"), row("mill", "crashing", 9), row("till", None), row("shop", "unready", None)]
    read_states(table(*rows, row("", "crashing"), row("yard", "tainted")), to_us(QUIET), evidence)
    assert {(name, found.signs["state"].score) for name, found in evidence.items()} == {("oven", 6.0), ("shop", 4.0)}
    oven = evidence["oven"].signs["state"]
    assert (oven.indicator, oven.onset_us, oven.source) == ("crashing", to_us(NOW - timedelta(hours=0.5)), "workloads")


def test_it_leads_the_ranking_over_what_is_quiet_and_is_explained_by_what_it_calls() -> None:
    edges = [("shop", "till"), ("till", "oven"), ("till", "n1")]
    kinds = ["call", "call", "runs_on"]
    columns = {"caller": [a for a, _ in edges], "callee": [b for _, b in edges], "kind": kinds}
    tables = Tables(workloads=table(row("till", "out_of_memory")), graph=pa.table(columns))
    ranked, _, _ = rank_tables(tables, NOW - timedelta(hours=1), "shop", None, end=NOW, since=QUIET)
    assert (ranked[0].entity, ranked[0].lead.indicator if ranked[0].lead else "") == ("till", "out of memory")
    assert ranked[0].sources == ("workloads",)


def test_since_when_is_read_from_conditions() -> None:
    held = bakery()
    condition = held["Deployment"][0]["status"]["conditions"][0]
    condition["lastTransitionTime"] = (NOW - timedelta(minutes=21)).isoformat()
    pressure = held["Node"][0]["status"]["conditions"][1]
    pressure["lastTransitionTime"] = (NOW - timedelta(minutes=9)).isoformat()
    objects = [read_object(kind, one, ("app",)) for kind in ("Deployment", "Pod", "Node") for one in held[kind]]
    assert workloads_of(objects, NOW)[0].since == NOW - timedelta(minutes=21)
    assert machines_of(objects)[0].since == NOW - timedelta(minutes=9)
    condition.pop("lastTransitionTime")
    objects = [read_object(kind, one, ("app",)) for kind in ("Deployment", "Pod") for one in held[kind]]
    assert workloads_of(objects, NOW)[0].since == NOW - timedelta(minutes=2)
