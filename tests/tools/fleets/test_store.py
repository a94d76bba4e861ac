"""What is written as a fleet is read again; whatever else a folder holds ends in an error that names what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.tools.fleets.manifest import FleetManifest
from opswarden.tools.fleets.schema import FLEET_TABLES, REQUIRED_COLUMNS, REQUIRED_FLEET_TABLES
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.writer import FleetWriter

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
MANIFEST = FleetManifest(
    title="a bakery", environment="bakery", start=NOON, end=NOON + timedelta(days=28), currency="EUR"
)
USAGE = {"ts": [NOON, NOON + timedelta(minutes=5)], "workload": ["oven"] * 2, "resource": ["cpu"] * 2, "value": [1, 2]}
Open = Callable[[Path], FleetStore]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with FleetWriter(tmp_path / "fleet", MANIFEST) as writer:
        writer.write("usage", USAGE)
        writer.write("workloads", {"workload": ["oven"], "attributes": [{"floor": "2"}], "replicas_least": [2]})
        writer.write("rates", {"day": [date(2031, 5, 6)], "base": ["USD"], "quote": ["EUR"], "rate": [0.9]})
        writer.write("inventory", {"id": ["v1"], "kind": ["volume"], "needed_by": [["oven", "shop"]]})
        writer.write_bill("2031-05.csv", b"BilledCost\n1\n")
        assert not (tmp_path / "fleet").exists()
    return tmp_path / "fleet"


@pytest.fixture
def open_store() -> Iterator[Open]:
    opened: list[FleetStore] = []

    def open_it(folder: Path) -> FleetStore:
        opened.append(FleetStore(folder))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


def change(path: Path, name: str, column: pa.Array | None) -> None:
    table = pq.read_table(path)
    place = table.schema.get_field_index(name)
    table = table.remove_column(place) if column is None else table.set_column(place, name, column)
    pq.write_table(table, path)


def test_what_is_written_is_read_again(folder: Path, open_store: Open) -> None:
    store = open_store(folder)
    assert store.manifest == MANIFEST
    assert store.environment == "bakery"
    assert store.span("usage").rows == 2
    assert (store.span("usage").first, store.span("usage").last) == (NOON, NOON + timedelta(minutes=5))
    assert store.query("SELECT sum(value) AS n FROM usage WHERE ts > $t", {"t": NOON})["n"].to_pylist() == [2.0]
    row = store.rows("workloads").to_pylist()[0]
    assert (row["attributes"], row["replicas_least"], row["owner"]) == ([("floor", "2")], 2, None)
    assert store.rows("rates")["day"].to_pylist() == [date(2031, 5, 6)]
    assert store.rows("inventory")["needed_by"].to_pylist() == [["oven", "shop"]]
    assert [path.name for path in store.bills()] == ["2031-05.csv"]


def test_every_table_can_be_asked_whether_it_is_there_or_not(folder: Path, open_store: Open) -> None:
    store = open_store(folder)
    for name, schema in FLEET_TABLES.items():
        assert store.rows(name).schema.equals(schema)
        assert store.has(name) == (name in ("usage", "workloads", "rates", "inventory"))
        assert REQUIRED_COLUMNS[name] <= set(schema.names)


def test_a_table_may_lie_in_parts(tmp_path: Path, open_store: Open) -> None:
    with FleetWriter(tmp_path / "f", MANIFEST) as writer:
        writer.write("usage", USAGE, part="2031-05-06")
        writer.write("usage", {**USAGE, "ts": [ts + timedelta(days=1) for ts in USAGE["ts"]]}, part="2031-05-07")
        with pytest.raises(InputError, match="part name"):
            writer.write("usage", USAGE, part="../x")
    assert open_store(tmp_path / "f").span("usage").rows == 4
    change(tmp_path / "f" / "usage" / "2031-05-07.parquet", "value", pa.array([1, 2]))
    with pytest.raises(InputError, match=r"usage/2031-05-07\.parquet: its columns"):
        FleetStore(tmp_path / "f")
    (tmp_path / "f" / "usage.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"both usage\.parquet and a folder"):
        FleetStore(tmp_path / "f")


def test_columns_that_are_not_known_may_be_left_out(folder: Path, open_store: Open) -> None:
    pq.write_table(pa.table({"workload": ["oven"], "team": pa.nulls(1)}), folder / "workloads.parquet")
    row = open_store(folder).rows("workloads").to_pylist()[0]
    assert row["workload"] == "oven"
    assert row["spare_replicas"] is None


@pytest.mark.parametrize(
    ("table", "column", "values", "message"),
    [
        ("usage", "value", None, "no column 'value'"),
        ("usage", "value", pa.array(["1", "2"]), "'value' is string"),
        ("usage", "ts", pa.array([1, 2], pa.timestamp("us")), "'ts' is timestamp"),
        ("usage", "workload", pa.array([1, 2]), "'workload' is int64"),
        ("workloads", "replicas_least", pa.array([2.5]), "'replicas_least' is double"),
        ("workloads", "attributes", pa.array([{"a": "b"}]), "'attributes' is struct"),
        ("rates", "day", pa.array(["2031-05-06"]), "'day' is string"),
        ("inventory", "needed_by", pa.array(["oven"]), "'needed_by' is string"),
        ("inventory", "needed_by", pa.array([[1]]), "'needed_by' is list"),
    ],
)
def test_a_wrong_column_is_named(folder: Path, table: str, column: str, values: pa.Array | None, message: str) -> None:
    change(folder / f"{table}.parquet", column, values)
    with pytest.raises(InputError, match=message) as caught:
        FleetStore(folder)
    assert f"{table}.parquet" in caught.value.message
    assert caught.value.remedy


def damage(folder: Path, kind: str) -> None:
    usage = folder / "usage.parquet"
    match kind:
        case "cut off":
            usage.write_bytes(usage.read_bytes()[:100])
        case "empty":
            usage.write_bytes(b"")
        case "missing":
            usage.unlink()
        case "linked":
            usage.rename(folder.parent / "usage.parquet")
            usage.symlink_to(folder.parent / "usage.parquet")
        case "linked parts":
            usage.unlink()
            (folder.parent / "parts").mkdir()
            (folder / "usage").symlink_to(folder.parent / "parts")
        case "manifest":
            (folder / "fleet.json").write_text('{"version": 2}')
        case "no manifest":
            (folder / "fleet.json").unlink()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("cut off", r"usage\.parquet is damaged"),
        ("empty", r"usage\.parquet is damaged"),
        ("missing", r"has no usage\.parquet"),
        ("linked", r"usage\.parquet is a link"),
        ("linked parts", "usage is a link"),
        ("manifest", r"fleet\.json cannot be used: version"),
        ("no manifest", "is no fleet"),
    ],
)
def test_a_damaged_folder_is_refused(folder: Path, kind: str, message: str) -> None:
    damage(folder, kind)
    with pytest.raises(InputError, match=message):
        FleetStore(folder)


def test_a_link_among_the_bills_is_refused(folder: Path, open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a")
    (folder / "bill" / "x.csv").symlink_to(tmp_path / "x.csv")
    with pytest.raises(InputError, match=r"x\.csv is a link"):
        open_store(folder).bills()


def test_a_query_reaches_nothing_but_the_folder_and_ends_in_time(
    folder: Path, open_store: Open, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    store = open_store(folder)
    with pytest.raises(BackendError, match="fleet 'fleet' could not answer"):
        store.query(f"SELECT * FROM read_csv('{tmp_path}/secret.csv')")
    clock = FixedClock(NOON)
    late = Deadline(clock, 1)
    clock.advance(2)
    with pytest.raises(BackendError, match="no time was left to ask the fleet"):
        store.query("SELECT 1", (), late)
    with pytest.raises(InputError, match="more than 1 rows"):
        store.rows("usage", most=1)


def test_a_fleet_appears_whole_or_not_at_all(tmp_path: Path, open_store: Open) -> None:
    with pytest.raises(RuntimeError), FleetWriter(tmp_path / "f", MANIFEST) as writer:
        writer.write("usage", USAGE)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with FleetWriter(tmp_path / "f", MANIFEST) as writer:
        with pytest.raises(KeyError, match="flavour"):
            writer.write("usage", {"flavour": ["rye"]})
        with pytest.raises(pa.ArrowException):
            writer.write("usage", {"ts": ["noon"]})
        with pytest.raises(InputError, match="plain"):
            writer.write_bill("../bill.csv", b"")
    store = open_store(tmp_path / "f")
    assert all(store.span(name).rows == 0 for name in REQUIRED_FLEET_TABLES)
    with pytest.raises(InputError, match="exists already"):
        FleetWriter(tmp_path / "f", MANIFEST)


def test_garbage_in_the_manifest_never_raises_anything_else(folder: Path) -> None:
    bad: list[Any] = [b"", b"{", b"\xff", b"[]", b"null", b'{"title": "' + b"x" * 1_000_001 + b'"}']
    for content in bad:
        (folder / "fleet.json").write_bytes(content)
        with pytest.raises(InputError, match=r"fleet\.json"):
            FleetStore(folder)
