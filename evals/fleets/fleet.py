"""Invent a fleet, and write it as a folder with its labels beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...core.errors import InputError
from ...tools.fleets.manifest import FleetManifest
from ...tools.fleets.schema import FLEET_TABLES, FleetTable
from ...tools.fleets.writer import FleetWriter
from .bill import bill_files
from .company import business_rows, calendar_rows, llm_rows
from .draft import Draft, Workload
from .labels import FLEET_FOLDER, Label, Labels, Said, write_labels
from .prices import CURRENCY, LIST_USD, NEW_CURRENCY, PriceList, price_list, price_rows, rate_rows
from .roster import add_clean
from .situations import PLANTERS
from .spec import FleetSpec

SOURCE = "opswarden invented fleet (synthetic)"
LICENCE = "Apache-2.0"
_HOURS_OF_MONTH = 730


@dataclass(frozen=True)
class InventedFleet:
    """A fleet in memory: what `write_fleet` writes.

    Args:
        manifest: of the fleet.
        tables: by name, as `tools.fleets.schema` has them.
        bill: FOCUS files by name.
        labels: what is right to say of it.
    """

    manifest: FleetManifest
    tables: Mapping[FleetTable, pa.Table]
    bill: Mapping[str, bytes]
    labels: Labels


def invent_fleet(spec: FleetSpec) -> InventedFleet:
    """The fleet of a spec; the same spec gives the same values."""
    draft = Draft.of(spec)
    for plant in PLANTERS.values():
        plant(draft)
    add_clean(draft, spec.workloads - len(draft.workloads))
    prices = price_list(draft)
    tables: dict[FleetTable, pa.Table] = {
        "usage": _usage(draft),
        "sizes": _sizes(draft),
        "workloads": _table("workloads", [workload.row for workload in draft.workloads]),
        "happenings": _table("happenings", sorted(draft.happenings, key=lambda row: row["ts"])),
        "inventory": _table("inventory", draft.inventory),
        "prices": _table("prices", price_rows(prices)),
        "rates": _table("rates", rate_rows(prices)),
        "business": _table("business", business_rows(draft)),
        "calendar": _table("calendar", calendar_rows(draft)),
        "llm_usage": _table("llm_usage", llm_rows(draft)),
    }
    manifest = FleetManifest(
        title=f"payments company, seed {spec.seed} (synthetic)",
        environment=spec.environment,
        start=spec.start,
        end=spec.end,
        currency=CURRENCY,
        source=SOURCE,
        licence=LICENCE,
    )
    return InventedFleet(manifest, tables, bill_files(draft, prices), _labels(draft, prices))


def write_fleet(spec: FleetSpec, dest: Path) -> Path:
    """Write `dest/fleet/` and `dest/labels.json`; returns the fleet's folder.

    Raises:
        InputError: `dest` holds a fleet already.
    """
    folder = dest / FLEET_FOLDER
    if folder.exists():
        raise InputError(f"{dest.name!r} holds a fleet already", remedy="choose another destination")
    fleet = invent_fleet(spec)
    dest.mkdir(parents=True, exist_ok=True)
    with FleetWriter(folder, fleet.manifest) as writer:
        for name, table in fleet.tables.items():
            writer.write(name, table)
        for file, content in fleet.bill.items():
            writer.write_bill(file, content)
    write_labels(dest, fleet.labels)
    return folder


def _table(name: FleetTable, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=FLEET_TABLES[name])


def _usage(draft: Draft) -> pa.Table:
    """Every series without the samples that are not there."""
    names, resources, lengths, times, values = [], [], [], [], []
    for workload in draft.workloads:
        for resource, series in sorted(workload.series.items()):
            is_there = np.isfinite(series)
            names.append(workload.name)
            resources.append(resource)
            lengths.append(int(is_there.sum()))
            times.append(draft.clock.ts_us[is_there])
            values.append(series[is_there])
    which = np.repeat(np.arange(len(names), dtype=np.int32), lengths)
    schema = FLEET_TABLES["usage"]
    columns = [
        pa.array(np.concatenate(times), pa.int64()).cast(schema.field("ts").type),
        pa.DictionaryArray.from_arrays(pa.array(which), pa.array(names)).cast(pa.string()),
        pa.DictionaryArray.from_arrays(pa.array(which), pa.array(resources)).cast(pa.string()),
        pa.array(np.concatenate(values), pa.float64()),
    ]
    return pa.table(columns, schema=schema)


def _sizes(draft: Draft) -> pa.Table:
    """Sizes since before the history, and the number of replicas whenever it changed."""
    since = draft.spec.start - timedelta(days=45)
    rows = []
    for workload in draft.workloads:
        for resource, size in workload.sizes.items():
            rows.append({"ts": since, "workload": workload.name, "resource": resource, "value": size.value,
                         "most": size.most, "set_by": "person"})  # fmt: skip
        rows += [
            {"ts": at, "workload": workload.name, "resource": "replicas", "value": number, "most": None, "set_by": by}
            for at, number, by in _replica_changes(draft, workload, since)
        ]
    return _table("sizes", rows)


def _replica_changes(draft: Draft, workload: Workload, since: datetime) -> list[tuple[datetime, float, str]]:
    by = "autoscaler" if workload.row.get("autoscaler") else "person"
    changes = [(since, float(workload.replicas[0]), "person")]
    for sample in np.flatnonzero(np.diff(workload.replicas)) + 1:
        at = datetime.fromtimestamp(int(draft.clock.ts_us[sample]) / 1e6, UTC)
        changes.append((at, float(workload.replicas[sample]), by))
    return changes


def _labels(draft: Draft, prices: PriceList) -> Labels:
    planted = {label.subject for label in draft.planted}
    of_planted = planted | {
        str(item["workload"]) for item in draft.inventory if item["id"] in planted and item.get("workload")
    }
    subjects = [workload.name for workload in draft.workloads] + [str(item["id"]) for item in draft.inventory]
    clean = tuple(subject for subject in subjects if subject not in of_planted)
    return Labels(
        planted=tuple(_priced(draft, prices, label) for label in draft.planted),
        clean=clean,
        watchful=draft.watchful,
    )


def _priced(draft: Draft, prices: PriceList, label: Label) -> Label:
    """What stopping a workload saves at the list prices and the rate of the last day, within 3 %."""
    if label.said != (Said(kind="decommission"),) or label.saving is not None:
        return label
    item = next(item for item in draft.inventory if item["id"] == label.subject)
    workload = next(one for one in draft.workloads if one.name == item["workload"])
    day = draft.spec.end.date() - timedelta(days=1)
    region = workload.row["region"]
    total = 0.0
    for resource, size in workload.sizes.items():
        sku = f"gpu:{workload.row['gpu_type']}" if resource == "gpu" else resource
        units = size.value / 2**30 if LIST_USD[sku][0] == "GiB-Hour" else size.value
        total += units * prices.price(region, sku, "on_demand", day)
    if prices.currency(region, day) == NEW_CURRENCY:
        total *= prices.usd_per_eur[day]
    month = total * float(workload.replicas[-1]) * _HOURS_OF_MONTH
    return label.model_copy(update={"saving": (month * 0.97, month * 1.03)})
