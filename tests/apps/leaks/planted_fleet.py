"""A fleet in which workloads, teams, owners and charges are named after customers and their secrets."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from opswarden.evals.fleets.fleet import write_fleet
from opswarden.evals.fleets.spec import FleetSpec
from opswarden.tests.redaction.planting import Planted, plant

NAMED = tuple(plant(kind, "fleet") for kind in ("email", "card visa", "iban", "github", "jwt", "dsn", "phone br"))
"""Each in the place of workloads and owners, wherever these are named. All speak for themselves: a name has no key."""


def write_planted_fleet(folder: Path) -> Path:
    """Write the fleet; every workload that something can be saved on bears a planted name."""
    fleet = write_fleet(FleetSpec(seed=7, weeks=6, workloads=40), folder / "fleet")
    workloads = pq.read_table(fleet / "workloads.parquet")
    names = _renamed(workloads["workload"], NAMED)
    owners = _renamed(workloads["owner"], NAMED[::-1])
    for path in sorted(fleet.rglob("*.parquet")):
        table = pq.read_table(path)
        for place, column in enumerate(table.column_names):
            if pa.types.is_string(table.schema.field(column).type):
                changed = owners if column == "owner" else names
                table = table.set_column(place, table.schema.field(place), _replaced(table[column], changed))
        pq.write_table(table, path)
    return fleet


def _renamed(column: pa.ChunkedArray, planted: tuple[Planted, ...]) -> dict[str, str]:
    known = sorted({name for name in column.to_pylist() if name})
    return {
        name: planted[place % len(planted)].value + f"-{place}" * (place >= len(planted))
        for place, name in enumerate(known)
    }


def _replaced(column: pa.ChunkedArray, names: dict[str, str]) -> pa.ChunkedArray:
    coded = column.combine_chunks().dictionary_encode() if not isinstance(column, pa.DictionaryArray) else column
    values = pa.array([names.get(each, each) for each in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([pc.take(values, coded.indices)])
